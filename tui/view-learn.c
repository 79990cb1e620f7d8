// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Showing this network to the daemon, in three steps: the signs it is known
 * by, its name, its profile. The daemon says which signs there are and what
 * they could be confused with; nothing is kept before the last step.
 */
#include <libintl.h>
#include <string.h>

#include "tui/app.h"
#include "tui/list.h"
#include "tui/record.h"

#define _(text) gettext(text)
#define N_(text) text
#define BOX_COLUMNS 78
#define BOX_TOP 2
#define BOX_ROWS 18
#define MAX_SIGNS 32
#define MAX_NAME 40
#define HEAVIEST 32 /* points that fill the gauge */

typedef enum { STEP_SIGNS, STEP_NAME, STEP_PROFILE } Step;

typedef struct {
	Step step;
	List list;
	GVariant *signs;          /* a(ssbus); NULL: not heard yet */
	gboolean taken[MAX_SIGNS];
	gboolean any;
	GString *name;
	char **clashes;           /* (nullable) */
	guint score;
} Wizard;

static gpointer
wizard_new(App *app, gconstpointer argument)
{
	Wizard *wizard = g_new0(Wizard, 1);

	(void)app;
	(void)argument;
	wizard->name = g_string_new(NULL);
	return wizard;
}

static void
wizard_free(gpointer state)
{
	Wizard *wizard = state;

	g_clear_pointer(&wizard->signs, g_variant_unref);
	g_string_free(wizard->name, TRUE);
	g_strfreev(wizard->clashes);
	g_free(wizard);
}

static guint
count_signs(const Wizard *wizard)
{
	gsize n = wizard->signs ? g_variant_n_children(wizard->signs) : 0;

	return MIN(n, MAX_SIGNS);
}

static guint
count_profiles(const App *app)
{
	return app->profiles ? g_variant_n_children(app->profiles) : 0;
}

/* The signs, the name's one line, or the profiles twice: for good, once. */
static guint
count_rows(const App *app, const Wizard *wizard)
{
	switch (wizard->step) {
	case STEP_SIGNS:
		return count_signs(wizard);
	case STEP_NAME:
		return 1;
	case STEP_PROFILE:
		return count_profiles(app);
	}
	return 0;
}

/* --- asking the daemon ---------------------------------------------------- */

static GVariant *
taken_keys(const Wizard *wizard)
{
	GVariantBuilder keys;

	g_variant_builder_init(&keys, G_VARIANT_TYPE_STRING_ARRAY);
	for (guint i = 0; i < count_signs(wizard); i++) {
		const char *key;

		g_variant_get_child(wizard->signs, i, "(&s&sbu&s)", &key,
				    NULL, NULL, NULL, NULL);
		if (wizard->taken[i])
			g_variant_builder_add(&keys, "s", key);
	}
	return g_variant_builder_end(&keys);
}

static GVariant *
learn_body(const Wizard *wizard, const char *profile, gboolean try)
{
	GVariantDict options;

	g_variant_dict_init(&options, NULL);
	g_variant_dict_insert(&options, "try", "b", try);
	g_variant_dict_insert(&options, "any", "b", wizard->any);
	if (profile && *profile)
		g_variant_dict_insert(&options, "profile", "s", profile);
	if (wizard->signs)
		g_variant_dict_insert_value(&options, "signs",
					    taken_keys(wizard));
	return g_variant_new("(s@a{sv})", wizard->name->str,
			     g_variant_dict_end(&options));
}

/* The wizard in front, or NULL: it may have been left meanwhile. */
static Wizard *
wizard_in_front(App *app)
{
	View *view = app_front(app);

	return view->ops == &view_learn ? view->state : NULL;
}

static void
take_offer(Wizard *wizard, GVariant *reply)
{
	g_autofree char *name = record_text(reply, "name");

	wizard->signs = record_value(reply, "signs", "a(ssbus)");
	for (guint i = 0; i < count_signs(wizard); i++)
		g_variant_get_child(wizard->signs, i, "(&s&sbu&s)", NULL,
				    NULL, &wizard->taken[i], NULL, NULL);
	g_string_assign(wizard->name, name);
}

static void
hear_try(App *app, GVariant *body, gpointer data)
{
	g_autoptr(GVariant) reply = g_variant_get_child_value(body, 0);
	Wizard *wizard = wizard_in_front(app);

	(void)data;
	if (!wizard)
		return;
	if (!wizard->signs)
		take_offer(wizard, reply);
	g_strfreev(wizard->clashes);
	wizard->clashes = record_words(reply, "clashes");
	wizard->score = record_number(reply, "score");
	app_changed(app);
}

static void
try_it(App *app, Wizard *wizard)
{
	app_call(app, "Learn", learn_body(wizard, NULL, TRUE), hear_try, NULL,
		 NULL);
}

static void
wizard_show(App *app, gpointer state)
{
	app_refresh_profiles(app);
	try_it(app, state);
}

static void
hear_learned(App *app, GVariant *body, gpointer data)
{
	g_autoptr(GVariant) reply = g_variant_get_child_value(body, 0);
	g_autofree char *name = record_text(reply, "name");
	g_autofree char *profile = record_text(reply, "profile");
	g_autofree char *line = g_strdup_printf("masqctl learn %s --as %s",
						profile, name);

	(void)data;
	app_echo(app, line);
	app_toast(app, _("This network is known as %s now.  %s"), name, line);
	app_refresh_all(app);
}

/* --- drawing -------------------------------------------------------------- */

/* "███░░": how much a sign tells. (transfer full) */
static char *
gauge(guint weight)
{
	guint full = MIN((weight * 5 + HEAVIEST - 1) / HEAVIEST, 5);
	GString *bars = g_string_new(NULL);

	for (guint i = 0; i < 5; i++)
		g_string_append(bars, i < full ? "█" : "░");
	return g_string_free(bars, FALSE);
}

static void
draw_cursor(Canvas *canvas, int at, int left)
{
	canvas_text(canvas, at, left + 1, 1, INK_ACCENT | STYLE_BOLD, "▸");
	canvas_cursor(canvas, at, left + 3);
}

static void
draw_sign(const Wizard *wizard, Canvas *canvas, guint index, int at, int left,
	  int width)
{
	const char *key, *value, *note;
	g_autofree char *bars = NULL;
	guint32 weight;

	g_variant_get_child(wizard->signs, index, "(&s&sbu&s)", &key, &value,
			    NULL, &weight, &note);
	bars = gauge(weight);
	if (index == wizard->list.cursor)
		draw_cursor(canvas, at, left);
	canvas_text(canvas, at, left + 3, 3, INK_PLAIN,
		    wizard->taken[index] ? "[x]" : "[ ]");
	canvas_text(canvas, at, left + 7, 9, INK_PLAIN, key);
	canvas_text(canvas, at, left + 17, 28, INK_PLAIN, value);
	if (width < 60)
		return;
	canvas_text(canvas, at, left + 46, 5, INK_GOOD, bars);
	canvas_text(canvas, at, left + 52, width - 52, INK_DIM, note);
}

static void
draw_signs(Wizard *wizard, Canvas *canvas, int at, int rows, int left,
	   int width)
{
	guint n = count_signs(wizard);

	list_fit(&wizard->list, n, rows, at);
	if (n == 0)
		canvas_text(canvas, at, left + 3, width - 4, INK_PLAIN,
			    _("There is no network here to be learned."));
	for (int i = 0; i < rows && wizard->list.top + i < n; i++)
		draw_sign(wizard, canvas, wizard->list.top + i, at + i, left,
			  width);
}

static void
draw_name(Wizard *wizard, Canvas *canvas, int at, int left, int width)
{
	int end = canvas_print(canvas, at, left + 3, width - 4, INK_PLAIN,
			       "%s%s", _("Name: "), wizard->name->str);

	canvas_cursor(canvas, at, left + 3 + end);
	canvas_text(canvas, at + 2, left + 3, width - 4, INK_DIM,
		    _("Letters, digits, \"-\", \"_\" and \".\"."));
}

static void
draw_profiles(App *app, Wizard *wizard, Canvas *canvas, int at, int rows,
	      int left, int width)
{
	guint n = count_profiles(app);

	list_fit(&wizard->list, n, rows, at);
	for (int i = 0; i < rows && wizard->list.top + i < n; i++) {
		guint index = wizard->list.top + i;
		g_autoptr(GVariant) row =
			g_variant_get_child_value(app->profiles, index);
		g_autofree char *name = record_text(row, "name");
		g_autofree char *summary = record_text(row, "summary");

		if (index == wizard->list.cursor)
			draw_cursor(canvas, at + i, left);
		canvas_text(canvas, at + i, left + 3, 16, INK_PLAIN, name);
		canvas_text(canvas, at + i, left + 20, width - 21, INK_DIM,
			    summary);
	}
}

/* What the daemon says of the choice, as many lines as there are. */
static void
draw_check(const Wizard *wizard, Canvas *canvas, int at, int end, int left,
	   int width)
{
	if (!wizard->signs || count_signs(wizard) == 0)
		return;
	canvas_print(canvas, at++, left + 1, width - 2, INK_PLAIN,
		     _("Match %s   Score %u"),
		     wizard->any ? _("any one of them")
				 : _("all that are ticked"),
		     wizard->score);
	if (!wizard->clashes || !*wizard->clashes)
		canvas_text(canvas, at, left + 1, width - 2, INK_GOOD,
			    _("✓ Does not clash with the networks you "
			      "know."));
	for (char **one = wizard->clashes; one && *one && at < end; one++) {
		g_autoptr(GPtrArray) lines =
			canvas_wrap(canvas, *one, width - 4, end - at);

		for (guint i = 0; i < lines->len; i++)
			canvas_print(canvas, at++, left + 1, width - 2,
				     INK_WAIT, "%s %s", i ? " " : "!",
				     (char *)lines->pdata[i]);
	}
}

static const struct {
	const char *title, *foot;
} steps[] = {
	[STEP_SIGNS] = { N_("Learn this network: 1 of 3, how it is known"),
			 N_("Space tick · Tab all or any · Enter next · Esc "
			    "not now") },
	[STEP_NAME] = { N_("Learn this network: 2 of 3, its name"),
			N_("Enter next · Esc not now") },
	[STEP_PROFILE] = { N_("Learn this network: 3 of 3, its profile"),
			   N_("Enter learn · Space just once · Esc not now") },
};

static void
wizard_draw(App *app, gpointer state, Canvas *canvas)
{
	Wizard *wizard = state;
	int columns = MIN(BOX_COLUMNS, canvas->columns);
	int left = (canvas->columns - columns) / 2 + 1;
	int rows = MIN(BOX_ROWS, canvas->rows - BOX_TOP - 2);
	int list_rows = MAX(rows - 7, 1), at = BOX_TOP + 1;

	canvas_box(canvas, BOX_TOP, left - 1, rows, columns,
		   _(steps[wizard->step].title), _(steps[wizard->step].foot));
	columns -= 2;
	switch (wizard->step) {
	case STEP_SIGNS:
		draw_signs(wizard, canvas, at, list_rows, left, columns);
		break;
	case STEP_NAME:
		draw_name(wizard, canvas, at, left, columns);
		break;
	case STEP_PROFILE:
		draw_profiles(app, wizard, canvas, at, list_rows, left,
			      columns);
		break;
	}
	draw_check(wizard, canvas, BOX_TOP + rows - 5, BOX_TOP + rows - 1,
		   left, columns);
}

/* --- keys ----------------------------------------------------------------- */

static char *
profile_here(const App *app, const Wizard *wizard)
{
	g_autoptr(GVariant) row = NULL;

	if (wizard->list.cursor >= count_profiles(app))
		return g_strdup("");
	row = g_variant_get_child_value(app->profiles, wizard->list.cursor);
	return record_text(row, "name");
}

/* The last step: keep it, or choose the profile for this once. */
static void
finish(App *app, Wizard *wizard, gboolean once)
{
	g_autofree char *profile = profile_here(app, wizard);
	g_autoptr(GVariant) body =
		g_variant_ref_sink(learn_body(wizard, profile, FALSE));

	if (!*profile)
		return;
	app_close(app);
	if (once)
		app_pin(app, profile, "network", 0);
	else
		app_call(app, "Learn", body, hear_learned, NULL, NULL);
}

static void
next_step(App *app, Wizard *wizard)
{
	if (count_signs(wizard) == 0)
		return;
	if (wizard->step == STEP_PROFILE) {
		finish(app, wizard, FALSE);
		return;
	}
	wizard->step++;
	wizard->list.cursor = wizard->list.top = 0;
	try_it(app, wizard);
}

static gboolean
wizard_act(App *app, gpointer state, Action action)
{
	Wizard *wizard = state;

	if (list_act(&wizard->list, count_rows(app, wizard), action))
		return TRUE;
	switch ((int)action) {
	case ACTION_ACCEPT:
		next_step(app, wizard);
		return TRUE;
	case ACTION_CHOOSE:
		if (wizard->step == STEP_PROFILE)
			finish(app, wizard, TRUE);
		else if (wizard->list.cursor < count_signs(wizard)) {
			wizard->taken[wizard->list.cursor] ^= TRUE;
			try_it(app, wizard);
		}
		return TRUE;
	case ACTION_SECTION_NEXT:
	case ACTION_SECTION_BACK:
		wizard->any = !wizard->any;
		try_it(app, wizard);
		return TRUE;
	}
	return FALSE;
}

/* A name is typed: its letters are no commands. */
static gboolean
wizard_stroke(App *app, gpointer state, const Stroke *stroke)
{
	Wizard *wizard = state;
	GString *name = wizard->name;

	if (wizard->step != STEP_NAME)
		return list_click(&wizard->list, count_rows(app, wizard),
				  stroke);
	if (stroke->key == STROKE_BACKSPACE) {
		if (name->len)
			g_string_truncate(name, name->len - 1);
		return TRUE;
	}
	if (stroke->key >= 0x80 ||
	    (!g_ascii_isalnum(stroke->key) && !strchr("-_.", stroke->key)))
		return stroke->key > ' ' && stroke->key < 0x7f;
	if (name->len < MAX_NAME)
		g_string_append_c(name, stroke->key);
	return TRUE;
}

const ViewOps view_learn = {
	.title = N_("Learn this network"),
	.where = ON_PROFILE,
	.popup = TRUE,
	.new = wizard_new,
	.free = wizard_free,
	.show = wizard_show,
	.draw = wizard_draw,
	.act = wizard_act,
	.stroke = wizard_stroke,
};
