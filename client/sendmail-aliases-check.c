// SPDX-License-Identifier: GPL-2.0-or-later
#include "client/sendmail-aliases-check.h"

#include <string.h>
#include <unistd.h>

#include "common/address.h"

#define LOOKED_MAX 1000 /* as the daemon has it */

typedef struct {
	const Aliases *aliases;
	const AliasesPlace *place;
	const Alias *alias;   /* whose line is looked at */
	GPtrArray *chain;     /* of Alias, borrowed: what led here */
	GPtrArray *faults;    /* of char * */
	guint looked;         /* targets seen from this line on */
} Check;

static void complain(Check *check, const char *format, ...)
	G_GNUC_PRINTF(2, 3);

static void
complain(Check *check, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list arguments;

	if (check->faults->len >= ALIASES_MAX_FAULTS)
		return;
	va_start(arguments, format);
	text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	g_ptr_array_add(check->faults,
			g_strdup_printf("line %u: \"%s\" %s",
					check->alias->line,
					check->alias->name, text));
}

/* --- names ---------------------------------------------------------------- */

static gboolean
is_ours(const Check *check, const char *domain)
{
	return !*domain || address_domain_in(
		domain, (const char *const *)check->place->domains);
}

static const Alias *
find_exact(const Check *check, const char *name, const char *domain)
{
	g_autofree char *both = g_strconcat(name, "@", domain, NULL);
	const Alias *alias = aliases_find(check->aliases, both);

	return alias ? alias : aliases_find(check->aliases, name);
}

/* "ada+x" is ada's; what is left of the first separator. */
static char *
before_separator(const Check *check, const char *name)
{
	gsize size = 1 + strcspn(name + 1, check->place->separators);

	return g_strndup(name, size);
}

/* (nullable): a mailbox, or nobody's; @ret_known says which. */
static const Alias *
find_name(const Check *check, const char *name, const char *domain,
	  gboolean *ret_known)
{
	g_autofree char *base = before_separator(check, name);
	const Alias *alias = find_exact(check, name, domain);

	*ret_known = TRUE;
	if (alias || check->place->is_user(name))
		return alias;
	alias = find_exact(check, base, domain);
	if (alias || check->place->is_user(base) ||
	    g_str_equal(base, "postmaster"))
		return alias;
	alias = aliases_find_pattern(check->aliases, name, domain);
	*ret_known = alias != NULL;
	return alias;
}

/* --- circles -------------------------------------------------------------- */

static void
complain_of_circle(Check *check, const Alias *again)
{
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; i < check->chain->len; i++)
		g_string_append_printf(
			text, "%s -> ",
			((Alias *)check->chain->pdata[i])->name);
	complain(check, "goes round in a circle: %s%s", text->str,
		 again->name);
}

static gboolean
is_on_chain(const Check *check, const Alias *alias)
{
	for (guint i = 0; i < check->chain->len; i++)
		if (check->chain->pdata[i] == alias)
			return TRUE;
	return FALSE;
}

static void follow(Check *check, const Alias *alias);

/* Of all lines only the first on the way complains of a name. */
static void
check_address(Check *check, const char *address)
{
	const char *domain = address_domain(address);
	g_autofree char *local = address_local(address);
	g_autofree char *name = g_utf8_strdown(local, -1);
	gboolean known;
	const Alias *next;

	if (!is_ours(check, domain) || !*name)
		return;
	next = find_name(check, name,
			 *domain ? domain : check->place->domains[0], &known);
	if (!known && check->chain->len == 1)
		complain(check, "leads to %s, whom nobody knows here", name);
	/* Who names themselves means their mailbox. */
	if (!next || next == check->chain->pdata[check->chain->len - 1])
		return;
	if (!is_on_chain(check, next))
		follow(check, next);
	else if (next == check->alias)
		complain_of_circle(check, next);
}

/* --- what is on disk ------------------------------------------------------ */

static void
check_command(Check *check, const char *command)
{
	g_auto(GStrv) words = NULL;
	g_autofree char *program = NULL;

	if (check->chain->len > 1 ||
	    !g_shell_parse_argv(command, NULL, &words, NULL))
		return;
	program = g_find_program_in_path(words[0]);
	if (!program)
		complain(check, "runs %s, which is not there", words[0]);
}

static void
check_path(Check *check, const char *path)
{
	gsize size = strlen(path);
	g_autofree char *plain =
		g_strndup(path, size - (path[size - 1] == '/'));
	g_autofree char *folder = g_path_get_dirname(plain);

	if (check->chain->len == 1 && access(folder, F_OK))
		complain(check, "writes to %s, but there is no %s", path,
			 folder);
}

static void
check_include(Check *check, const char *path)
{
	g_autofree char *text = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(Alias) list = NULL;

	if (!g_file_get_contents(path, &text, NULL, &error)) {
		if (check->chain->len == 1)
			complain(check, "includes what cannot be read: %s",
				 error->message);
		return;
	}
	list = alias_parse_list(text);
	if (list->fault && check->chain->len == 1)
		complain(check, "includes %s, whose %s", path, list->fault);
	for (guint i = 0; i < list->targets->len; i++)
		check_address(check,
			      ((AliasTarget *)list->targets->pdata[i])->text);
}

static void
check_target(Check *check, const AliasTarget *target)
{
	switch (target->kind) {
	case ALIAS_ADDRESS:
		check_address(check, target->text);
		break;
	case ALIAS_INCLUDE:
		check_include(check, target->text);
		break;
	case ALIAS_COMMAND:
		check_command(check, target->text + 1);
		break;
	case ALIAS_PATH:
		check_path(check, target->text);
		break;
	case ALIAS_EXACT:
	case ALIAS_BLACKHOLE:
	case ALIAS_FAIL:
		break;
	}
}

static void
follow(Check *check, const Alias *alias)
{
	if (check->chain->len >= ALIASES_CHECK_DEPTH) {
		complain(check, "leads through more than %d aliases",
			 ALIASES_CHECK_DEPTH);
		return;
	}
	g_ptr_array_add(check->chain, (gpointer)alias);
	for (guint i = 0; i < alias->targets->len &&
			  check->faults->len < ALIASES_MAX_FAULTS &&
			  check->looked++ < LOOKED_MAX; i++)
		check_target(check, alias->targets->pdata[i]);
	g_ptr_array_set_size(check->chain, check->chain->len - 1);
}

static int
compare_lines(gconstpointer a, gconstpointer b)
{
	const Alias *one = *(Alias *const *)a, *other = *(Alias *const *)b;

	return one->line < other->line ? -1 : one->line > other->line;
}

static GPtrArray *
sorted(const Aliases *aliases)
{
	GPtrArray *all = g_ptr_array_new();
	GHashTableIter iter;
	gpointer alias;

	g_hash_table_iter_init(&iter, aliases->names);
	while (g_hash_table_iter_next(&iter, NULL, &alias))
		g_ptr_array_add(all, alias);
	g_ptr_array_sort(all, compare_lines);
	return all;
}

GPtrArray *
aliases_check_meaning(const Aliases *aliases, const AliasesPlace *place)
{
	g_autoptr(GPtrArray) all = sorted(aliases);
	g_autoptr(GPtrArray) chain = g_ptr_array_new();
	Check check = { aliases, place, NULL, chain,
			g_ptr_array_new_with_free_func(g_free), 0 };

	for (guint i = 0; i < all->len; i++) {
		const char *at;

		check.alias = all->pdata[i];
		check.looked = 0;
		/* What cannot be read was told already. */
		if (check.alias->fault)
			continue;
		at = strrchr(check.alias->name, '@');
		if (at && !strchr(at, '*') && !is_ours(&check, at + 1))
			complain(&check, "is for %s, of which no mail comes "
				 "here; LocalHosts= would change that",
				 at + 1);
		follow(&check, check.alias);
	}
	return check.faults;
}
