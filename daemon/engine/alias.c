// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A walk through the aliases, depth first. It ends at the first thing that
 * does not work: half an alias is none.
 *
 * A name that lists itself means its own mailbox ("ada: ada, bob@far"), as
 * with a backslash; a name that comes back by way of others is a loop.
 */
#include "daemon/engine/alias.h"

#include <string.h>

#include "common/address.h"
#include "common/own.h"
#include "common/text.h"

#define ROOT "root"
#define POSTMASTER "postmaster"
#define ALIAS_SHOWN 400 /* characters of an alias in a sentence */

typedef struct {
	const AliasWorld *world;
	AliasResult *result;
	GPtrArray *chain; /* of char *, borrowed: the names that led here */
	GPtrArray *steps; /* of char *; (nullable) */
	guint looked;
} Walk;

static void visit_name(Walk *walk, const char *name);

void
alias_result_free(AliasResult *result)
{
	if (!result)
		return;
	g_ptr_array_unref(result->targets);
	g_free(result->why);
	g_free(result);
}

/* --- how a walk ends ------------------------------------------------------ */

static gboolean
is_over(const Walk *walk)
{
	return walk->result->outcome == ALIAS_WAITS ||
	       walk->result->outcome == ALIAS_FAILS;
}

/* "list -> staff -> list"; @last (nullable) */
static char *
chain_text(const Walk *walk, const char *last)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < walk->chain->len; i++)
		g_string_append_printf(text, "%s%s", i ? " -> " : "",
				       (char *)walk->chain->pdata[i]);
	if (last)
		g_string_append_printf(text, "%s%s", text->len ? " -> " : "",
				       last);
	return g_string_free(text, FALSE);
}

static void end_walk(Walk *walk, AliasOutcome outcome, const char *enhanced,
		     const char *format, ...) G_GNUC_PRINTF(4, 5);

static void
end_walk(Walk *walk, AliasOutcome outcome, const char *enhanced,
	 const char *format, ...)
{
	g_autofree char *raw = NULL;
	va_list arguments;

	if (is_over(walk))
		return;
	walk->result->outcome = outcome;
	walk->result->enhanced = enhanced;
	g_free(walk->result->why);
	va_start(arguments, format);
	raw = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	walk->result->why = text_harmless(raw);
	g_ptr_array_set_size(walk->result->targets, 0);
	if (walk->steps)
		g_ptr_array_add(walk->steps, g_strdup(walk->result->why));
}

static void
fail_loop(Walk *walk, const char *name)
{
	g_autofree char *chain = chain_text(walk, name);

	end_walk(walk, ALIAS_FAILS, "5.4.6",
		 "The aliases of this machine go round in a circle: %s.",
		 chain);
}

static void
fail_depth(Walk *walk, const char *name)
{
	g_autofree char *chain = chain_text(walk, name);

	end_walk(walk, ALIAS_FAILS, "5.4.6",
		 "More than %d aliases of this machine lead to one another: "
		 "%s.", ALIAS_MAX_DEPTH, chain);
}

static void
fail_size(Walk *walk)
{
	g_autofree char *chain = chain_text(walk, NULL);

	end_walk(walk, ALIAS_FAILS, "5.4.6",
		 "The alias stands for more than %d addresses: %s.",
		 ALIAS_MAX_TARGETS, chain);
}

static void
wait_for_line(Walk *walk, const Alias *alias, const char *what)
{
	end_walk(walk, ALIAS_WAITS, "",
		 "%s, line %u: \"%s\" %s. The mail goes once that is "
		 "mended.", walk->world->path, alias->line, alias->name,
		 what);
}

/* --- what it comes to ----------------------------------------------------- */

static gboolean
is_local(const AliasWorld *world, const char *address)
{
	const OwnAddresses own = { world->local_names, world->also_local,
				   world->not_local };

	return own_has(&own, address);
}

/* The name an address of this machine is looked up by. (transfer full) */
static char *
name_of(const char *address)
{
	g_autofree char *local = address_local(address);

	return g_utf8_validate(local, -1, NULL) ? g_utf8_strdown(local, -1)
						: g_ascii_strdown(local, -1);
}

static void
add_target(Walk *walk, const char *address)
{
	GPtrArray *targets = walk->result->targets;

	for (guint i = 0; i < targets->len; i++)
		if (address_equal(targets->pdata[i], address))
			return;
	if (targets->len >= ALIAS_MAX_TARGETS)
		fail_size(walk);
	else
		g_ptr_array_add(targets, g_strdup(address));
}

static void
add_mailbox(Walk *walk, const char *name)
{
	g_autofree char *address = address_join(name, walk->world->host);

	add_target(walk, address);
}

/* Nothing is ever delivered as root: a human reads that mail. */
static void
visit_superuser(Walk *walk)
{
	const char *human = walk->world->human;

	if (!human) {
		end_walk(walk, ALIAS_WAITS, "",
			 "Nobody is known who reads root's mail. Write a "
			 "line \"root: NAME\" into %s, and it goes.",
			 walk->world->path);
		return;
	}
	if (walk->steps)
		g_ptr_array_add(walk->steps,
				g_strdup_printf("Root's mail goes to %s.",
						human));
	if (g_str_equal(human, ROOT))
		add_mailbox(walk, human);
	else
		visit_name(walk, human);
}

static void
visit_mailbox(Walk *walk, const char *name)
{
	if (g_str_equal(name, ROOT))
		visit_superuser(walk);
	else
		add_mailbox(walk, name);
}

static void
visit_address(Walk *walk, const char *address, gboolean exact)
{
	g_autofree char *name = NULL;

	if (!is_local(walk->world, address)) {
		add_target(walk, address);
		return;
	}
	name = name_of(address);
	if (exact)
		visit_mailbox(walk, name);
	else
		visit_name(walk, name);
}

/* --- the aliases ---------------------------------------------------------- */

static void
visit_list(Walk *walk, const Alias *alias, const char *path)
{
	const Alias *list = walk->world->lists
		? g_hash_table_lookup(walk->world->lists, path) : NULL;
	g_autofree char *what = NULL;

	if (!list)
		what = g_strdup_printf("includes %s, which cannot be read",
				       path);
	else if (list->fault)
		what = g_strdup_printf("includes %s, whose %s", path,
				       list->fault);
	if (what) {
		wait_for_line(walk, alias, what);
		return;
	}
	for (guint i = 0; i < list->targets->len && !is_over(walk); i++) {
		const AliasTarget *target = list->targets->pdata[i];

		if (++walk->looked > ALIAS_MAX_LOOKED)
			fail_size(walk);
		else
			visit_address(walk, target->text,
				      target->kind == ALIAS_EXACT);
	}
}

static void
fail_by_will(Walk *walk, const char *text)
{
	end_walk(walk, ALIAS_FAILS, "5.1.1", "%s",
		 *text ? text : "This address takes no mail.");
}

static void
visit_target(Walk *walk, const Alias *alias, const AliasTarget *target)
{
	if (++walk->looked > ALIAS_MAX_LOOKED) {
		fail_size(walk);
		return;
	}
	switch (target->kind) {
	case ALIAS_ADDRESS:
		visit_address(walk, target->text, FALSE);
		break;
	case ALIAS_EXACT:
		visit_address(walk, target->text, TRUE);
		break;
	case ALIAS_INCLUDE:
		visit_list(walk, alias, target->text);
		break;
	case ALIAS_BLACKHOLE:
		break;
	case ALIAS_FAIL:
		fail_by_will(walk, target->text);
		break;
	case ALIAS_COMMAND:
		wait_for_line(walk, alias, "leads to a command, which this "
			      "version of masqmail does not run");
		break;
	case ALIAS_PATH:
		wait_for_line(walk, alias, "leads to a file, which this "
			      "version of masqmail does not write");
		break;
	}
}

static const char *
kind_word(AliasKind kind)
{
	switch (kind) {
	case ALIAS_ADDRESS:
	case ALIAS_COMMAND:
	case ALIAS_PATH:
		return "";
	case ALIAS_EXACT:
		return "\\";
	case ALIAS_INCLUDE:
		return ":include:";
	case ALIAS_BLACKHOLE:
		return ":blackhole:";
	case ALIAS_FAIL:
		return ":fail: ";
	}
	return "";
}

static void
tell_alias(const Walk *walk, const Alias *alias)
{
	GString *text = g_string_new(NULL);
	g_autofree char *raw = NULL;

	g_string_append_printf(text, "%s is an alias (%s, line %u): ",
			       alias->name, walk->world->path, alias->line);
	for (guint i = 0; i < alias->targets->len; i++) {
		const AliasTarget *target = alias->targets->pdata[i];

		g_string_append_printf(text, "%s%s%s", i ? ", " : "",
				       kind_word(target->kind),
				       target->text);
	}
	raw = g_string_free(text, FALSE);
	g_ptr_array_add(walk->steps,
			text_harmless_clipped(raw, ALIAS_SHOWN));
}

static void
visit_alias(Walk *walk, const Alias *alias)
{
	if (alias->fault) {
		wait_for_line(walk, alias, alias->fault);
		return;
	}
	if (walk->steps)
		tell_alias(walk, alias);
	for (guint i = 0; i < alias->targets->len && !is_over(walk); i++)
		visit_target(walk, alias, alias->targets->pdata[i]);
}

/* Names without an alias: a mailbox, but for those two. */
static void
visit_unaliased(Walk *walk, const char *name)
{
	if (!g_str_equal(name, POSTMASTER)) {
		visit_mailbox(walk, name);
		return;
	}
	if (walk->steps)
		g_ptr_array_add(walk->steps,
				g_strdup("postmaster is root, as nothing "
					 "else is said."));
	visit_name(walk, ROOT);
}

static gboolean
is_on_chain(const Walk *walk, const char *name)
{
	for (guint i = 0; i < walk->chain->len; i++)
		if (g_str_equal(walk->chain->pdata[i], name))
			return TRUE;
	return FALSE;
}

static void
visit_name(Walk *walk, const char *name)
{
	GPtrArray *chain = walk->chain;
	const Alias *alias = walk->world->aliases
		? aliases_find(walk->world->aliases, name) : NULL;

	if (chain->len > 0 &&
	    g_str_equal(chain->pdata[chain->len - 1], name)) {
		visit_mailbox(walk, name);
		return;
	}
	if (is_on_chain(walk, name)) {
		fail_loop(walk, name);
		return;
	}
	if (chain->len >= ALIAS_MAX_DEPTH && alias) {
		fail_depth(walk, name);
		return;
	}
	g_ptr_array_add(chain, (gpointer)name);
	if (alias)
		visit_alias(walk, alias);
	else
		visit_unaliased(walk, name);
	g_ptr_array_set_size(chain, chain->len - 1);
}

/* --- what others ask ------------------------------------------------------ */

/* Nothing but itself: no expansion at all. */
static void
settle_outcome(AliasResult *result, const AliasWorld *world,
	       const char *name)
{
	g_autofree char *self = address_join(name, world->host);

	if (result->outcome != ALIAS_NONE)
		return;
	if (result->targets->len == 1 &&
	    address_equal(result->targets->pdata[0], self))
		g_ptr_array_set_size(result->targets, 0);
	else
		result->outcome = ALIAS_BECOMES;
}

AliasResult *
alias_resolve(const AliasWorld *world, const char *address, GPtrArray *steps)
{
	g_autofree char *name = name_of(address);
	g_autoptr(GPtrArray) chain = g_ptr_array_new();
	Walk walk = { .world = world, .chain = chain, .steps = steps };

	walk.result = g_new0(AliasResult, 1);
	walk.result->targets = g_ptr_array_new_with_free_func(g_free);
	walk.result->why = g_strdup("");
	walk.result->enhanced = "";
	if (world->fault)
		end_walk(&walk, ALIAS_WAITS, "", "%s", world->fault);
	else
		visit_name(&walk, name);
	settle_outcome(walk.result, world, name);
	return walk.result;
}

AliasOutcome
alias_outcome(const AliasWorld *world, const char *address)
{
	g_autofree char *name = NULL;
	g_autoptr(AliasResult) result = NULL;

	if (world->fault)
		return ALIAS_WAITS;
	name = name_of(address);
	if (!g_str_equal(name, ROOT) && !g_str_equal(name, POSTMASTER) &&
	    !(world->aliases && aliases_find(world->aliases, name)))
		return ALIAS_NONE;
	result = alias_resolve(world, address, NULL);
	return result->outcome;
}
