// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * networks and explain: what is seen of the world, and what follows from it.
 */
#include <stdio.h>

#include "client/ctl-table.h"
#include "client/ctl.h"
#include "common/text.h"

static void
print_wrapped(Ctl *ctl, const char *text, guint indent)
{
	g_autoptr(GString) out = g_string_new(NULL);

	if (!*text)
		return;
	table_wrap(out, text, indent, ctl->width);
	fputs(out->str, stdout);
}

/* Rows of an aa{sv} in @dictionary, each given to @print. */
static void
for_each_row(Ctl *ctl, GVariant *dictionary, const char *key,
	     void (*print)(Ctl *, GVariant *))
{
	g_autoptr(GVariant) rows =
		g_variant_lookup_value(dictionary, key,
				       G_VARIANT_TYPE("aa{sv}"));

	for (gsize i = 0; rows && i < g_variant_n_children(rows); i++) {
		g_autoptr(GVariant) row = g_variant_get_child_value(rows, i);

		print(ctl, row);
	}
}

/* Nothing at all when there is no @value. */
static void
append_fact(GString *line, const char *before, const char *value,
	    const char *after)
{
	if (*value)
		g_string_append_printf(line, "%s%s%s", before, value, after);
}

static void
print_link(Ctl *ctl, GVariant *link)
{
	g_autoptr(GString) line = g_string_new(NULL);
	g_autofree char *addresses = ctl_words(link, "addresses");

	append_fact(line, "", ctl_string(link, "name"), ":");
	append_fact(line, " ", ctl_string(link, "kind"), "");
	g_string_append_printf(line, ", %s",
			       ctl_boolean(link, "up") ? _("up") : _("down"));
	append_fact(line, ", “", ctl_string(link, "ssid"), "”");
	append_fact(line, " (", ctl_string(link, "security"), ")");
	append_fact(line, _(", access point "), ctl_string(link, "bssid"), "");
	append_fact(line, ", ", addresses, "");
	append_fact(line, _(", gateway "), ctl_string(link, "gateway"), "");
	append_fact(line, " (", ctl_string(link, "gateway-mac"), ")");
	print_wrapped(ctl, line->str, 2);
}

static void
print_conditions(Ctl *ctl, GVariant *candidate)
{
	g_autoptr(GVariant) rows =
		g_variant_lookup_value(candidate, "conditions",
				       G_VARIANT_TYPE("a(sbi)"));

	for (gsize i = 0; rows && i < g_variant_n_children(rows); i++) {
		const char *words;
		gboolean matches;
		gint32 weight;
		g_autofree char *line = NULL;

		g_variant_get_child(rows, i, "(&sbi)", &words, &matches,
				    &weight);
		line = g_strdup_printf("%s %s (%d)", matches ? "+" : "-", words,
				       weight);
		print_wrapped(ctl, line, 6);
	}
}

static void
print_candidate(Ctl *ctl, GVariant *candidate)
{
	const char *fingerprint = ctl_string(candidate, "fingerprint");
	g_autoptr(GString) line = g_string_new(NULL);

	append_fact(line, "", ctl_string(candidate, "profile"), "");
	append_fact(line, " [", fingerprint, "]");
	g_string_append(line, ": ");
	if (ctl_boolean(candidate, "matched"))
		g_string_append_printf(line, _("matches, score %d"),
				       (int)ctl_number(candidate, "score"));
	else
		g_string_append(line, _("does not match"));
	print_wrapped(ctl, line->str, 2);
	print_conditions(ctl, candidate);
}

/* How often we were at a place, and when last. */
static void
print_known(Ctl *ctl, GVariant *known)
{
	const char *name = ctl_string(known, "name");
	gint64 last = ctl_number(known, "last-seen");
	g_autofree char *time = ctl_time(ctl, last);
	g_autoptr(GString) line = g_string_new(NULL);

	append_fact(line, "", ctl_string(known, "profile"), "");
	append_fact(line, " [", name, "]");
	if (ctl_number(known, "learned"))
		g_string_append(line, _(", learned"));
	append_fact(line, ": ", ctl_string(known, "recognised"), "");
	if (last)
		g_string_append_printf(line, _("; visits: %d, last %s"),
				       (int)ctl_number(known, "visits"), time);
	print_wrapped(ctl, line->str, 2);
}

static void
print_sentences(Ctl *ctl, GVariant *dictionary, const char *key, guint indent)
{
	g_autoptr(GVariant) rows =
		g_variant_lookup_value(dictionary, key, G_VARIANT_TYPE("as"));

	for (gsize i = 0; rows && i < g_variant_n_children(rows); i++) {
		g_autoptr(GVariant) one = g_variant_get_child_value(rows, i);

		print_wrapped(ctl, g_variant_get_string(one, NULL), indent);
	}
}

/* The candidates of @profile, each sign with its weight. */
static void
print_candidates_of(Ctl *ctl, GVariant *facts, const char *profile)
{
	g_autoptr(GVariant) rows = g_variant_lookup_value(
		facts, "candidates", G_VARIANT_TYPE("aa{sv}"));

	for (gsize i = 0; rows && i < g_variant_n_children(rows); i++) {
		g_autoptr(GVariant) row = g_variant_get_child_value(rows, i);

		if (g_str_equal(ctl_string(row, "profile"), profile))
			print_candidate(ctl, row);
	}
}

static void
print_supposed(Ctl *ctl, GVariant *row)
{
	g_autofree char *line = g_strdup_printf(
		_("If %s were chosen here: %d messages could go, %d would "
		  "wait."),
		ctl_string(row, "name"), (int)ctl_number(row, "would-go"),
		(int)ctl_number(row, "would-wait"));
	g_autofree char *way = g_strdup_printf(_("Its way out: %s."),
					       ctl_string(row, "summary"));

	print_wrapped(ctl, line, 0);
	print_wrapped(ctl, way, 2);
	print_wrapped(ctl, ctl_string(row, "error"), 2);
}

/* What would happen, were @profile chosen here; it may be "offline". */
static gboolean
suppose(Ctl *ctl, GVariant *facts, const char *profile, GError **error)
{
	g_autoptr(GVariant) rows =
		ctl_call(ctl, "Profiles", g_variant_new("()"), error);

	for (gsize i = 0; rows && i < g_variant_n_children(rows); i++) {
		g_autoptr(GVariant) row = g_variant_get_child_value(rows, i);

		if (!g_str_equal(ctl_string(row, "name"), profile))
			continue;
		print_supposed(ctl, row);
		print_candidates_of(ctl, facts, profile);
		return TRUE;
	}
	return rows && ctl_fail(error, EX_USAGE,
				_("there is no profile “%s”"), profile);
}

/* The place in short: what is seen, which signs decided, and why. */
static gboolean
print_place(Ctl *ctl, GError **error)
{
	g_autoptr(GVariant) facts =
		ctl_call(ctl, "Networks", g_variant_new("()"), error);

	if (!facts)
		return FALSE;
	puts(_("Here"));
	print_wrapped(ctl, ctl_string(facts, "description"), 2);
	print_sentences(ctl, facts, "why", 2);
	print_candidates_of(ctl, facts, ctl_string(facts, "chosen"));
	return !ctl_option(ctl, "profile") ||
	       suppose(ctl, facts, ctl_option(ctl, "profile"), error);
}

gboolean
ctl_networks(Ctl *ctl, GError **error)
{
	const char *profile = ctl_option(ctl, "profile");
	g_autoptr(GVariant) facts =
		ctl_call(ctl, "Networks", g_variant_new("()"), error);

	if (!facts)
		return FALSE;
	if (ctl->json) {
		ctl_print_json(facts);
		return TRUE;
	}
	if (profile)
		return suppose(ctl, facts, profile, error);
	print_wrapped(ctl, ctl_string(facts, "description"), 0);
	for_each_row(ctl, facts, "links", print_link);
	print_sentences(ctl, facts, "hints", 0);
	puts(_("Profiles"));
	for_each_row(ctl, facts, "candidates", print_candidate);
	puts(_("Known networks"));
	for_each_row(ctl, facts, "known", print_known);
	puts(_("Why"));
	print_sentences(ctl, facts, "why", 2);
	return TRUE;
}

/* --- explain --- */

static void
print_explanation(Ctl *ctl, GVariant *row)
{
	const char *route = ctl_string(row, "route");
	gint64 next = ctl_number(row, "next-try");
	g_autoptr(GString) line = g_string_new(NULL);
	g_autofree char *time = ctl_time(ctl, next);

	append_fact(line, "", ctl_string(row, "recipient"), "");
	if (*route)
		append_fact(line, _(": by route "), route, "");
	else
		g_string_append(line, _(": waits"));
	if (next > ctl->now)
		append_fact(line, _(", next try "), time, "");
	print_wrapped(ctl, line->str, 0);
	print_wrapped(ctl, ctl_string(row, "why"), 2);
	print_wrapped(ctl, ctl_string(row, "answer"), 2);
	print_sentences(ctl, row, "steps", 4);
}

/* What the supposed mail is like; FALSE: a slip. */
static gboolean
explain_options(Ctl *ctl, GVariantDict *options, GError **error)
{
	static const char *const names[][2] = {
		{"profile", "profile"},
		{"sender", "sender"},
		{"from", "authors"},
	};
	const char *size = ctl_option(ctl, "size");
	guint64 bytes = 0;

	for (guint i = 0; i < G_N_ELEMENTS(names); i++)
		if (ctl_option(ctl, names[i][0]))
			g_variant_dict_insert(options, names[i][1], "s",
					      ctl_option(ctl, names[i][0]));
	if (size && !text_parse_size(size, &bytes))
		return ctl_fail(error, EX_USAGE,
				_("“%s” is no size such as 200K or 3M"), size);
	g_variant_dict_insert(options, "size", "t", bytes);
	return TRUE;
}

gboolean
ctl_explain(Ctl *ctl, GError **error)
{
	g_auto(GVariantDict) options = G_VARIANT_DICT_INIT(NULL);
	g_autoptr(GVariant) rows = NULL;

	if (!explain_options(ctl, &options, error))
		return FALSE;
	rows = ctl_call(ctl, "Explain",
			g_variant_new("(s@a{sv})", ctl->arguments[0],
				      g_variant_dict_end(&options)),
			error);
	if (!rows)
		return FALSE;
	if (ctl->json) {
		ctl_print_json(rows);
		return TRUE;
	}
	for (gsize i = 0; i < g_variant_n_children(rows); i++) {
		g_autoptr(GVariant) row = g_variant_get_child_value(rows, i);

		print_explanation(ctl, row);
	}
	return print_place(ctl, error);
}
