// SPDX-License-Identifier: GPL-2.0-or-later
#include "common/aliases-private.h"

#include <string.h>

#include "common/address.h"
#include "common/text.h"

#define SHOWN_TARGET 60 /* characters of a target in a sentence */

static void
target_free(gpointer data)
{
	AliasTarget *target = data;

	g_free(target->text);
	g_free(target);
}

Alias *
alias_new(const char *name, guint line)
{
	Alias *alias = g_new0(Alias, 1);

	alias->name = g_strdup(name);
	alias->line = line;
	alias->targets = g_ptr_array_new_with_free_func(target_free);
	return alias;
}

void
alias_free(Alias *alias)
{
	if (!alias)
		return;
	g_free(alias->name);
	g_ptr_array_unref(alias->targets);
	g_free(alias->fault);
	g_free(alias);
}

/* --- one target ----------------------------------------------------------- */

void
alias_set_fault(Alias *alias, const char *format, ...)
{
	va_list arguments;

	if (alias->fault)
		return;
	va_start(arguments, format);
	alias->fault = g_strdup_vprintf(format, arguments);
	va_end(arguments);
}

/* @text without its backslashes. */
static char *
unquote(const char *text)
{
	GString *plain = g_string_new(NULL);

	for (; *text; text++) {
		if (*text == '\\' && text[1])
			text++;
		g_string_append_c(plain, *text);
	}
	return g_string_free(plain, FALSE);
}

/*
 * What stands between quotes, if they go around all of @token: "|a b" and
 * "a b", but not "a b"@host. (transfer full) (nullable)
 */
static char *
between_quotes(const char *token)
{
	const char *end;

	if (*token != '"')
		return NULL;
	for (end = token + 1; *end && *end != '"'; end++)
		if (*end == '\\' && end[1])
			end++;
	if (*end != '"' || end[1])
		return NULL;
	return g_strndup(token + 1, end - token - 1);
}

static void
add_target(Alias *alias, AliasKind kind, const char *text)
{
	AliasTarget *target;

	if (alias->targets->len >= ALIASES_MAX_TARGETS) {
		alias_set_fault(alias, "has more than %d targets",
				ALIASES_MAX_TARGETS);
		return;
	}
	target = g_new0(AliasTarget, 1);
	target->kind = kind;
	target->text = g_strdup(text);
	g_ptr_array_add(alias->targets, target);
}

static void
add_address(Alias *alias, AliasKind kind, const char *text)
{
	g_autofree char *shown = NULL;
	g_autofree char *simple = NULL;

	if (address_is_valid_or_local(text)) {
		simple = address_simplest(text);
		add_target(alias, kind, simple);
		return;
	}
	shown = text_harmless_clipped(text, SHOWN_TARGET);
	alias_set_fault(alias, "has the target \"%s\", which is no address",
			shown);
}

static gboolean
begins_with(const char *text, const char *word)
{
	return g_ascii_strncasecmp(text, word, strlen(word)) == 0;
}

/* :include:, :blackhole:, :fail: */
static void
add_special(Alias *alias, const char *text)
{
	g_autofree char *shown = NULL;
	const char *rest;

	if (begins_with(text, ":fail:")) {
		rest = text + strlen(":fail:");
		rest += strspn(rest, ALIAS_BLANKS);
		add_target(alias, ALIAS_FAIL, rest);
	} else if (g_ascii_strcasecmp(text, ":blackhole:") == 0) {
		add_target(alias, ALIAS_BLACKHOLE, "");
	} else if (begins_with(text, ":include:")) {
		rest = text + strlen(":include:");
		rest += strspn(rest, ALIAS_BLANKS);
		if (g_path_is_absolute(rest))
			add_target(alias, ALIAS_INCLUDE, rest);
		else
			alias_set_fault(alias, "has an :include: without an "
					"absolute path");
	} else {
		shown = text_harmless_clipped(text, SHOWN_TARGET);
		alias_set_fault(alias, "has the target \"%s\", which nobody "
				"knows", shown);
	}
}

/* A quoted name has to get its quotes back where an address needs them. */
static void
add_name(Alias *alias, AliasKind kind, const char *text, gboolean quoted)
{
	g_autofree char *joined = NULL;

	if (quoted && !strchr(text, '@'))
		joined = address_join(text, "");
	add_address(alias, kind, joined ? joined : text);
}

/* A file, or a Maildir if it ends in '/'. What goes to /dev/null is gone. */
static void
add_path(Alias *alias, const char *path)
{
	if (g_str_equal(path, "/dev/null"))
		add_target(alias, ALIAS_BLACKHOLE, "");
	else
		add_target(alias, ALIAS_PATH, path);
}

static void
add_command(Alias *alias, const char *plain)
{
	alias_check_command(alias, plain + 1);
	add_target(alias, ALIAS_COMMAND, plain);
}

static void
add_token(Alias *alias, const char *token)
{
	g_autofree char *inner = between_quotes(token);
	gboolean exact = (inner ? inner : token)[0] == '\\';
	g_autofree char *plain = inner ? unquote(inner) : g_strdup(token);

	if (exact)
		add_name(alias, ALIAS_EXACT, plain + (*plain == '\\'),
			 inner != NULL);
	else if (*plain == '|')
		add_command(alias, plain);
	else if (*plain == '/' ||
		 (alias->forward && g_str_has_prefix(plain, "~/")))
		add_path(alias, plain);
	else if (*plain == ':')
		add_special(alias, plain);
	else
		add_name(alias, ALIAS_ADDRESS, plain, inner != NULL);
}

/* --- lines ---------------------------------------------------------------- */

/* Where @stop is outside of quotes, or the end. */
static const char *
find_unquoted(const char *text, char stop)
{
	gboolean quoted = FALSE;

	for (; *text; text++) {
		if (*text == '\\' && text[1])
			text++;
		else if (*text == '"')
			quoted = !quoted;
		else if (*text == stop && !quoted)
			break;
	}
	return text;
}

void
alias_add_targets(Alias *alias, const char *text)
{
	while (*(text += strspn(text, ALIAS_BLANKS ","))) {
		const char *end = begins_with(text, ":fail:")
					  ? text + strlen(text)
					  : find_unquoted(text, ',');
		g_autofree char *token = g_strndup(text, end - text);

		add_token(alias, g_strstrip(token));
		text = end;
	}
	if (alias->targets->len == 0)
		alias_set_fault(alias, "has no target");
}

gboolean
alias_quotes_close(const char *text)
{
	gboolean quoted = FALSE;

	for (; *text; text++) {
		if (*text == '\\' && text[1])
			text++;
		else if (*text == '"')
			quoted = !quoted;
	}
	return !quoted;
}

void
alias_cut_comment(char *line)
{
	char *hash = line;

	while (*(hash = (char *)find_unquoted(hash, '#'))) {
		if (hash == line || strchr(ALIAS_BLANKS, hash[-1])) {
			*hash = '\0';
			return;
		}
		hash++;
	}
}

gboolean
alias_is_blank(const char *line)
{
	return line[strspn(line, ALIAS_BLANKS)] == '\0';
}

/* --- the file ------------------------------------------------------------- */

typedef struct {
	Aliases *aliases;
	GString *text; /* of the alias that is being gathered */
	guint line;    /* where that began; 0: none has yet */
} Parsing;

static void
add_fault(Aliases *aliases, guint line, const char *fault)
{
	if (aliases->faults->len >= ALIASES_MAX_FAULTS)
		aliases->more_faults++;
	else
		g_ptr_array_add(aliases->faults,
				g_strdup_printf("line %u %s", line, fault));
}

/* What a name is looked up by. (transfer full) */
static char *
fold_name(const char *name)
{
	return g_utf8_validate(name, -1, NULL) ? g_utf8_strdown(name, -1)
					       : g_ascii_strdown(name, -1);
}

/*
 * The name before the colon as it is looked up; "" when it is empty.
 * "@domain" is the usual way to write that domain's catch-all.
 */
static char *
parse_name(const char *text, gsize size)
{
	g_autofree char *name = g_strstrip(g_strndup(text, size));
	g_autofree char *inner = between_quotes(name);
	g_autofree char *plain = unquote(inner ? inner : name);
	g_autofree char *whole = NULL;

	g_strstrip(plain);
	whole = g_strconcat(*plain == '@' ? "*" : "", plain, NULL);
	return fold_name(whole);
}

static gboolean
is_pattern(const char *name)
{
	return strchr(name, '*') != NULL;
}

static void
check_name(Aliases *aliases, Alias *alias)
{
	const Alias *first = g_hash_table_lookup(aliases->names, alias->name);
	const char *at = strrchr(alias->name, '@');

	if (first)
		alias_set_fault(alias, "defines \"%s\" again, after line %u",
				alias->name, first->line);
	if (at && !is_pattern(at) &&
	    (!at[1] || address_scan_domain(at + 1) != strlen(at + 1)))
		alias_set_fault(alias, "has the name \"%s\", behind whose "
				"'@' is no domain", alias->name);
}

static void
add_alias(Aliases *aliases, Alias *alias)
{
	check_name(aliases, alias);
	if (g_hash_table_size(aliases->names) >= ALIASES_MAX)
		alias_set_fault(alias, "is one alias too many, after %d",
				ALIASES_MAX);
	if (alias->fault) {
		g_autofree char *fault = g_steal_pointer(&alias->fault);

		alias->fault = text_harmless(fault);
		add_fault(aliases, alias->line, alias->fault);
	}
	if (g_hash_table_size(aliases->names) >= ALIASES_MAX ||
	    g_hash_table_contains(aliases->names, alias->name)) {
		alias_free(alias);
		return;
	}
	g_hash_table_insert(aliases->names, alias->name, alias);
	if (is_pattern(alias->name))
		g_ptr_array_add(aliases->patterns, alias);
}

/* The lines gathered are whole: "name: targets". */
static void
finish_alias(Parsing *parsing)
{
	const char *text = parsing->text->str;
	const char *colon = find_unquoted(text, ':');
	g_autofree char *name = parse_name(text, colon - text);
	Alias *alias;

	if (alias_is_blank(text))
		return;
	if (!*colon) {
		add_fault(parsing->aliases, parsing->line,
			  "has no \"name:\"");
	} else if (!*name) {
		add_fault(parsing->aliases, parsing->line,
			  "has an empty name");
	} else {
		alias = alias_new(name, parsing->line);
		if (!alias_quotes_close(text))
			alias_set_fault(alias, "a quote is not closed");
		else if (!g_utf8_validate(text, -1, NULL))
			alias_set_fault(alias, "is no UTF-8");
		else
			alias_add_targets(alias, colon + 1);
		add_alias(parsing->aliases, alias);
	}
	g_string_truncate(parsing->text, 0);
}

static void
take_line(Parsing *parsing, char *line, guint number)
{
	gboolean continues = *line == ' ' || *line == '\t';

	alias_cut_comment(line);
	if (alias_is_blank(line))
		return;
	if (continues && parsing->line == 0) {
		add_fault(parsing->aliases, number,
			  "continues an alias that never began");
		return;
	}
	if (!continues) {
		finish_alias(parsing);
		parsing->line = number;
	}
	g_string_append(parsing->text, line);
}

Aliases *
aliases_parse(const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	g_autoptr(GString) gathered = g_string_new(NULL);
	Aliases *aliases = g_new0(Aliases, 1);
	Parsing parsing = { aliases, gathered, 0 };

	aliases->names = g_hash_table_new_full(
		g_str_hash, g_str_equal, NULL, (GDestroyNotify)alias_free);
	aliases->patterns = g_ptr_array_new();
	aliases->faults = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; lines[i]; i++)
		take_line(&parsing, lines[i], i + 1);
	finish_alias(&parsing);
	return aliases;
}

void
aliases_free(Aliases *aliases)
{
	if (!aliases)
		return;
	g_hash_table_unref(aliases->names);
	g_ptr_array_unref(aliases->patterns);
	g_ptr_array_unref(aliases->faults);
	g_free(aliases);
}

const Alias *
aliases_find(const Aliases *aliases, const char *name)
{
	g_autofree char *folded = fold_name(name);

	return g_hash_table_lookup(aliases->names, folded);
}

static const Alias *
find_among(const GPtrArray *patterns, const char *text, gboolean whole)
{
	for (guint i = 0; i < patterns->len; i++) {
		const Alias *alias = patterns->pdata[i];

		if ((strchr(alias->name, '@') != NULL) == whole &&
		    address_matches(text, alias->name))
			return alias;
	}
	return NULL;
}

const Alias *
aliases_find_pattern(const Aliases *aliases, const char *name,
		     const char *domain)
{
	g_autofree char *both = NULL;
	const Alias *alias;

	if (aliases->patterns->len == 0)
		return NULL;
	both = g_strconcat(name, "@", domain, NULL);
	alias = find_among(aliases->patterns, both, TRUE);
	return alias ? alias : find_among(aliases->patterns, name, FALSE);
}

char *
aliases_fault_text(const Aliases *aliases)
{
	GString *text;

	if (aliases->faults->len == 0)
		return NULL;
	text = g_string_new(NULL);
	for (guint i = 0; i < aliases->faults->len; i++)
		g_string_append_printf(text, "%s%s", i ? "; " : "",
				       (char *)aliases->faults->pdata[i]);
	if (aliases->more_faults)
		g_string_append(text, "; and more");
	return g_string_free(text, FALSE);
}
