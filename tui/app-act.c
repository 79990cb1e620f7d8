// SPDX-License-Identifier: GPL-2.0-or-later
/* Changing messages and profiles, with undo and the echoed command. */
#include <libintl.h>
#include <string.h>

#include "common/text.h"
#include "tui/app.h"
#include "tui/record.h"

#define _(text) gettext(text)
#define ASK_ABOVE 10 /* messages deleted without a question */
#define ECHO_IDS 3   /* ids spelled out in a toast */

/* One Act on its way. */
typedef struct {
	char *verb, *line;
	GVariant *undo; /* options that take it back; (nullable) */
} Deed;

static void
deed_free(gpointer data)
{
	Deed *deed = data;

	g_free(deed->verb);
	g_free(deed->line);
	g_clear_pointer(&deed->undo, g_variant_unref);
	g_free(deed);
}

static const struct {
	const char *verb, *undo;
} reversible[] = {
	{ "hold", "release" },
	{ "release", "hold" },
	{ "delete", "restore" },
	{ "restore", "delete" },
};

static const char *
undo_of(const char *verb)
{
	for (guint i = 0; i < G_N_ELEMENTS(reversible); i++)
		if (g_str_equal(reversible[i].verb, verb))
			return reversible[i].undo;
	return NULL;
}

static void
keep_undo(App *app, const Deed *deed, char **done)
{
	const char *undo = deed->undo ? deed->verb : undo_of(deed->verb);

	if (!undo || !*done)
		return;
	g_clear_pointer(&app->undo_options, g_variant_unref);
	if (deed->undo)
		app->undo_options = g_variant_ref(deed->undo);
	g_free(app->undo_verb);
	g_strfreev(app->undo_ids);
	app->undo_verb = g_strdup(undo);
	app->undo_ids = g_strdupv(done);
}

static char *
sentence_for(const char *verb, guint n)
{
	g_autofree char *mails = words_mails(n);

	if (g_str_equal(verb, "hold"))
		return g_strdup_printf(_("Held %s."), mails);
	if (g_str_equal(verb, "release"))
		return g_strdup_printf(_("Released %s."), mails);
	if (g_str_equal(verb, "retry"))
		return g_strdup_printf(_("Trying %s now."), mails);
	if (g_str_equal(verb, "delete"))
		return g_strdup_printf(_("Deleted %s."), mails);
	if (g_str_equal(verb, "restore"))
		return g_strdup_printf(_("Brought back %s."), mails);
	if (g_str_equal(verb, "edit"))
		return g_strdup_printf(_("Changed who gets %s."), mails);
	if (g_str_equal(verb, "reroute"))
		return g_strdup_printf(_("Chose the route of %s."), mails);
	if (g_str_equal(verb, "undo"))
		return g_strdup_printf(_("Took back %s; it is held."), mails);
	return g_strdup_printf(_("Returned %s to the sender."), mails);
}

static void
hear_done(App *app, GVariant *body, gpointer data)
{
	g_autoptr(GVariant) record = g_variant_get_child_value(body, 0);
	g_auto(GStrv) done = record_words(record, "done");
	g_autoptr(GVariant) refused =
		record_value(record, "refused", "a(ss)");
	g_autofree char *sentence = NULL;
	const Deed *deed = data;
	const char *id, *why;

	app_echo(app, deed->line);
	keep_undo(app, deed, done);
	model_untag_all(app->model);
	if (refused && g_variant_n_children(refused)) {
		g_autofree char *harmless = NULL;

		g_variant_get_child(refused, 0, "(&s&s)", &id, &why);
		harmless = text_harmless(why);
		app_complain(app, "%s: %s", id, harmless);
		return;
	}
	sentence = sentence_for(deed->verb, g_strv_length(done));
	app_toast(app, "%s  %s", sentence, deed->line);
}

static void
append_ids(GString *line, char **ids)
{
	guint n = g_strv_length(ids);

	for (guint i = 0; i < MIN(n, ECHO_IDS); i++)
		g_string_append_printf(line, " %s", ids[i]);
	if (n > ECHO_IDS)
		g_string_append_printf(line, " … (%u)", n);
}

/* " --add a@b,c@d", or " --sender x": one option that is there. */
static void
append_option(GString *line, const char *name, GVariant *value)
{
	g_autofree char *text = NULL;
	g_autofree const char **words = NULL;

	if (g_variant_is_of_type(value, G_VARIANT_TYPE_STRING_ARRAY)) {
		words = g_variant_get_strv(value, NULL);
		text = g_strjoinv(",", (char **)words);
		if (!*text)
			return;
	} else {
		text = g_variant_dup_string(value, NULL);
	}
	g_string_append_printf(line, " --%s %s", name, *text ? text : "'<>'");
}

/* "masqctl hold 7KX2-9F"; many ids are counted. (transfer full) */
static char *
command_line(const char *verb, char **ids, GVariant *options)
{
	gboolean reroute = g_str_equal(verb, "reroute");
	GString *line = g_string_new("masqctl ");
	GVariantIter iter;
	const char *name;
	GVariant *value;

	g_string_append(line, g_str_equal(verb, "retry") ? "flush" : verb);
	if (reroute) {
		const char *to = "";

		g_variant_lookup(options, "to", "&s", &to);
		g_string_append_printf(line, " %s", *to ? to : "auto");
	}
	append_ids(line, ids);
	g_variant_iter_init(&iter, options);
	while (!reroute && g_variant_iter_loop(&iter, "{&sv}", &name, &value))
		append_option(line, name, value);
	return g_string_free(line, FALSE);
}

void
app_act_with(App *app, const char *verb, char **ids, GVariant *options,
	     GVariant *undo)
{
	g_autoptr(GVariant) owned = g_variant_ref_sink(options);
	Deed *deed = g_new0(Deed, 1);

	deed->verb = g_strdup(verb);
	deed->line = command_line(verb, ids, owned);
	deed->undo = undo ? g_variant_ref_sink(undo) : NULL;
	app_call(app, "Act", g_variant_new("(s^as@a{sv})", verb, ids, owned),
		 hear_done, deed, deed_free);
}

void
app_act(App *app, const char *verb, char **ids, const char *option,
	const char *value)
{
	GVariantDict options;

	g_variant_dict_init(&options, NULL);
	if (option)
		g_variant_dict_insert(&options, option, "s", value);
	app_act_with(app, verb, ids, g_variant_dict_end(&options), NULL);
}

gboolean
app_take_back(App *app, const Row *row)
{
	char *ids[] = { row ? row->id : NULL, NULL };

	if (!row || row->state != STATE_UNDO)
		return FALSE;
	app_act(app, "undo", ids, NULL, NULL);
	return TRUE;
}

/* "to:\"TEXT\"" of the filter language, and how masqctl says it. */
static void
retry_where(App *app, const char *key, const char *option, const char *text)
{
	g_autofree char *filter = g_strdup_printf("%s:\"%s\"", key, text);
	Deed *deed = g_new0(Deed, 1);
	const char *none[] = { NULL };
	GVariantBuilder options;

	deed->verb = g_strdup("retry");
	deed->line = g_strdup_printf("masqctl flush --%s %s", option, text);
	g_variant_builder_init(&options, G_VARIANT_TYPE_VARDICT);
	g_variant_builder_add(&options, "{sv}", "filter",
			      g_variant_new_string(filter));
	app_call(app, "Act",
		 g_variant_new("(s^as@a{sv})", "retry", none,
			       g_variant_builder_end(&options)),
		 hear_done, deed, deed_free);
}

void
app_retry_alike(App *app, Action action, const Row *row)
{
	const char *domain = row ? strrchr(row->to, '@') : NULL;

	if (!row)
		return;
	if (action == ACTION_RETRY_TO)
		retry_where(app, "to", "to", domain ? domain : row->to);
	else
		retry_where(app, "from", "sender", row->sender);
}

/* What waits for a yes. */
typedef struct {
	const char *verb;
	char **ids;
} Question;

static void
question_free(gpointer data)
{
	Question *question = data;

	g_strfreev(question->ids);
	g_free(question);
}

static void
on_yes(gpointer app, const char *text, gpointer data)
{
	Question *question = data;

	(void)text;
	app_act(app, question->verb, question->ids, NULL, NULL);
}

static void
act_if_yes(App *app, const char *verb, char **ids, const char *format)
{
	g_autofree char *mails = words_mails(g_strv_length(ids));
	g_auto(GStrv) parts = g_strsplit(format, "%s", 2);
	g_autofree char *text = g_strjoinv(mails, parts);
	Question *question = g_new0(Question, 1);

	question->verb = verb;
	question->ids = g_strdupv(ids);
	app_confirm(app, text, on_yes, question, question_free);
}

void
app_act_key(App *app, Action action, char **ids, const Row *row)
{
	if (!*ids)
		return;
	switch ((int)action) {
	case ACTION_RETRY:
		app_act(app, "retry", ids, NULL, NULL);
		break;
	case ACTION_HOLD:
		app_act(app,
			row && row->state == STATE_HELD ? "release" : "hold",
			ids, NULL, NULL);
		break;
	case ACTION_DELETE:
		if (row && row->state == STATE_TRASH)
			app_act(app, "restore", ids, NULL, NULL);
		else if (g_strv_length(ids) > ASK_ABOVE)
			act_if_yes(app, "delete", ids,
				   _("Delete %s? y or n"));
		else
			app_act(app, "delete", ids, NULL, NULL);
		break;
	case ACTION_EDIT:
		app_open(app, &view_edit, row ? row->id : ids[0]);
		break;
	case ACTION_REROUTE:
		app_open(app, &view_reroute, ids);
		break;
	case ACTION_BOUNCE:
		act_if_yes(app, "bounce", ids,
			   _("Return %s to the sender, for good? y or n"));
		break;
	}
}

void
app_undo(App *app)
{
	g_autofree char *verb = g_steal_pointer(&app->undo_verb);
	g_auto(GStrv) ids = g_steal_pointer(&app->undo_ids);
	g_autoptr(GVariant) options = g_steal_pointer(&app->undo_options);

	if (options)
		app_act_with(app, verb, ids, options, NULL);
	else
		app_act(app, verb, ids, NULL, NULL);
}

void
app_flush(App *app)
{
	char *none[] = { NULL };

	app_act(app, "retry", none, NULL, NULL);
}

static void
hear_pinned(App *app, GVariant *body, gpointer data)
{
	const char *line = data;

	(void)body;
	app_echo(app, line);
	app_toast(app, g_str_has_suffix(line, " auto")
			       ? _("The network chooses the profile.  %s")
			       : _("Switched.  %s"),
		  line);
	app_refresh_profiles(app);
}

static char *
pin_line(const char *profile, const char *until, gint64 seconds)
{
	if (!*profile)
		return g_strdup("masqctl profile auto");
	if (g_str_equal(until, "time"))
		return g_strdup_printf("masqctl profile %s --for %um", profile,
				       (guint)(seconds / 60));
	return g_strdup_printf("masqctl profile %s --until %s", profile,
			       until);
}

void
app_pin(App *app, const char *profile, const char *until, gint64 seconds)
{
	GVariantBuilder options;

	g_variant_builder_init(&options, G_VARIANT_TYPE_VARDICT);
	if (*profile)
		g_variant_builder_add(&options, "{sv}", "until",
				      g_variant_new_string(until));
	if (*profile && g_str_equal(until, "time"))
		g_variant_builder_add(&options, "{sv}", "seconds",
				      g_variant_new_int64(seconds));
	app_call(app, "Profile",
		 g_variant_new("(s@a{sv})", profile,
			       g_variant_builder_end(&options)),
		 hear_pinned, pin_line(profile, until, seconds), g_free);
}

void
app_toggle_offline(App *app)
{
	g_autofree char *pinned = record_text(app->status, "pinned");

	if (g_str_equal(pinned, "offline"))
		app_pin(app, "", "changed", 0);
	else
		app_pin(app, "offline", "changed", 0);
}
