// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The commands that change something: acts on messages, the profile chosen
 * by hand, the configuration read anew.
 */
#include <stdio.h>

#include "client/ctl-table.h"
#include "client/ctl.h"
#include "common/text.h"

/* (transfer full): the ids as the engine spells them; NULL: a slip. */
static char **
read_ids(char **words, GError **error)
{
	g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);

	for (char **word = words; *word; word++) {
		char buffer[TEXT_ID_SIZE];
		guint64 id;

		if (!text_parse_id(*word, &id)) {
			ctl_fail(error, EX_USAGE,
				 _("“%s” is no message id; masqctl queue "
				   "shows them"),
				 *word);
			return NULL;
		}
		g_ptr_array_add(ids, g_strdup(text_id(id, buffer)));
	}
	g_ptr_array_add(ids, NULL);
	return (char **)g_ptr_array_steal(ids, NULL);
}

static guint
print_refused(GVariant *outcome)
{
	g_autoptr(GVariant) refused =
		g_variant_lookup_value(outcome, "refused",
				       G_VARIANT_TYPE("a(ss)"));
	guint n = refused ? g_variant_n_children(refused) : 0;

	for (guint i = 0; i < n; i++) {
		const char *id, *sentence;
		g_autofree char *line = NULL, *harmless = NULL;

		g_variant_get_child(refused, i, "(&s&s)", &id, &sentence);
		line = g_strdup_printf("%s: %s", id, sentence);
		harmless = text_harmless(line);
		fprintf(stderr, "masqctl: %s\n", harmless);
	}
	return n;
}

static guint
count_done(GVariant *outcome)
{
	g_autoptr(GVariant) done =
		g_variant_lookup_value(outcome, "done", G_VARIANT_TYPE("as"));

	return done ? g_variant_n_children(done) : 0;
}

/* @past is what is said of those for whom it worked. */
static gboolean
report_outcome(Ctl *ctl, GVariant *outcome, const char *past, GError **error)
{
	guint done = count_done(outcome), refused;

	if (ctl->json)
		ctl_print_json(outcome);
	refused = print_refused(outcome);
	if (!ctl->json)
		printf(ngettext("%u message %s.\n", "%u messages %s.\n", done),
		       done, past);
	if (!refused)
		return TRUE;
	return ctl_fail(error, 1,
			ngettext("%u message stayed as it was",
				 "%u messages stayed as they were", refused),
			refused);
}

gboolean
ctl_act_on(Ctl *ctl, const char *verb, char **words, GVariantDict *options,
	   const char *past, GError **error)
{
	g_auto(GStrv) ids = read_ids(words, error);
	g_autoptr(GVariant) outcome = NULL;

	if (!ids)
		return FALSE;
	outcome = ctl_call(ctl, "Act",
			   g_variant_new("(s^as@a{sv})", verb, ids,
					 g_variant_dict_end(options)),
			   error);
	return outcome && report_outcome(ctl, outcome, past, error);
}

static gboolean
act(Ctl *ctl, const char *verb, const char *past, GError **error)
{
	g_auto(GVariantDict) options = G_VARIANT_DICT_INIT(NULL);

	return ctl_act_on(ctl, verb, ctl->arguments, &options, past, error);
}

gboolean
ctl_release(Ctl *ctl, GError **error)
{
	return act(ctl, "release", _("released"), error);
}

gboolean
ctl_delete(Ctl *ctl, GError **error)
{
	return act(ctl, "delete",
		   _("put into the trash; masqctl restore takes it "
		     "out again"),
		   error);
}

gboolean
ctl_restore(Ctl *ctl, GError **error)
{
	return act(ctl, "restore", _("restored"), error);
}

gboolean
ctl_bounce(Ctl *ctl, GError **error)
{
	return act(ctl, "bounce", _("returned"), error);
}

/* --- profile --- */

static void
add_profile(Table *table, GVariant *row)
{
	g_autofree char *routes = ctl_words(row, "routes");
	g_autofree char *score =
		g_strdup_printf("%d", (int)ctl_number(row, "score"));

	table_add(table, ctl_boolean(row, "active")    ? "*"
			 : ctl_boolean(row, "matched") ? "+"
						       : "");
	table_add(table, ctl_string(row, "name"));
	table_add(table, score);
	table_add(table, ctl_boolean(row, "trust") ? _("yes") : _("no"));
	table_add(table, routes);
	table_add(table, ctl_string(row, "recognised"));
	table_note(table, ctl_string(row, "error"));
}

static gboolean
print_profiles(Ctl *ctl, GError **error)
{
	const TableColumn columns[] = {
		{"", FALSE, FALSE},
		{_("PROFILE"), FALSE, FALSE},
		{_("SCORE"), TRUE, FALSE},
		{_("TRUST"), FALSE, FALSE},
		{_("ROUTES"), FALSE, TRUE},
		{_("RECOGNISED BY"), FALSE, TRUE},
		{NULL},
	};
	g_autoptr(GVariant) rows =
		ctl_call(ctl, "Profiles", g_variant_new("()"), error);
	g_autoptr(Table) table = table_new(columns);
	g_autofree char *text = NULL;

	if (!rows)
		return FALSE;
	if (ctl->json) {
		ctl_print_json(rows);
		return TRUE;
	}
	for (gsize i = 0; i < g_variant_n_children(rows); i++) {
		g_autoptr(GVariant) row = g_variant_get_child_value(rows, i);

		add_profile(table, row);
	}
	text = table_format(table, ctl->width);
	fputs(text, stdout);
	return TRUE;
}

/* What Profile's options say of the end of the pin; FALSE: a slip. */
static gboolean
read_until(Ctl *ctl, GVariantDict *options, GError **error)
{
	const char *until = ctl_option(ctl, "until");
	const char *time = ctl_option(ctl, "for");
	gboolean changed = ctl_option(ctl, "until-change") != NULL;
	gint64 seconds = 0;

	if ((until != NULL) + (time != NULL) + changed > 1)
		return ctl_fail(error, EX_USAGE,
				_("only one of --for, --until and "
				  "--until-change"));
	if (time && (!text_parse_duration(time, &seconds) || !seconds))
		return ctl_fail(error, EX_USAGE,
				_("“%s” is no duration such as 30m, 2h or 1d"),
				time);
	if (until && !g_str_equal(until, "network") &&
	    !g_str_equal(until, "changed"))
		return ctl_fail(error, EX_USAGE,
				_("--until takes network or changed, not "
				  "“%s”"),
				until);
	if (!until)
		until = time ? "time" : changed ? "changed" : "network";
	g_variant_dict_insert(options, "until", "s", until);
	if (time)
		g_variant_dict_insert(options, "seconds", "x", seconds);
	return TRUE;
}

gboolean
ctl_profile(Ctl *ctl, GError **error)
{
	g_auto(GVariantDict) options = G_VARIANT_DICT_INIT(NULL);
	const char *name = ctl->arguments[0];
	gboolean automatic = name && g_str_equal(name, "auto");
	g_autoptr(GVariant) reply = NULL;

	if (!read_until(ctl, &options, error))
		return FALSE;
	if (!name)
		return print_profiles(ctl, error);
	reply = ctl_call(ctl, "Profile",
			 g_variant_new("(s@a{sv})", automatic ? "" : name,
				       g_variant_dict_end(&options)),
			 error);
	if (!reply)
		return FALSE;
	if (ctl->json)
		return ctl_status(ctl, error);
	if (automatic)
		puts(_("The profile follows the network again."));
	else
		printf(_("The profile is %s now, chosen by hand.\n"), name);
	return TRUE;
}

gboolean
ctl_reload(Ctl *ctl, GError **error)
{
	g_autoptr(GVariant) wrong =
		ctl_call(ctl, "Reload", g_variant_new("()"), error);
	gsize n = wrong ? g_variant_n_children(wrong) : 0;

	if (!wrong)
		return FALSE;
	if (ctl->json)
		ctl_print_json(wrong);
	else if (!n)
		puts(_("The configuration was read anew."));
	for (gsize i = 0; i < n; i++) {
		g_autoptr(GVariant) one = g_variant_get_child_value(wrong, i);
		g_autofree char *line =
			text_harmless(g_variant_get_string(one, NULL));

		fprintf(stderr, "masqctl: %s\n", line);
	}
	return !n || ctl_fail(error, 1,
			      _("until that is put right, the settings of "
				"before hold"));
}
