// SPDX-License-Identifier: GPL-2.0-or-later
#include <libintl.h>
#include <string.h>

#include "tui/app.h"
#include "tui/list.h"
#include "tui/record.h"

#define _(text) gettext(text)
#define N_(text) text
#define BOX_COLUMNS 68
#define BOX_TOP 4
#define HOUR 3600
#define OFFLINE "offline"

/* How long a choice is kept, in the words of the wire. */
static const struct {
	const char *until, *words;
} spans[] = {
	{ "network", N_("until the network changes") },
	{ "time", N_("for 1 hour") },
	{ "changed", N_("until I change it") },
};

typedef struct {
	List list; /* 0: automatic; then the profiles; then offline */
	guint span;
} Chooser;

static GVariant *
profile_at(const App *app, guint index)
{
	guint n = app->profiles ? g_variant_n_children(app->profiles) : 0;

	return index > 0 && index <= n
		       ? g_variant_get_child_value(app->profiles, index - 1)
		       : NULL;
}

static char *
name_at(const App *app, guint index)
{
	g_autoptr(GVariant) row = profile_at(app, index);

	if (index == 0)
		return g_strdup("");
	return row ? record_text(row, "name") : g_strdup(OFFLINE);
}

/* With the two choices that are no profile, unless offline is one. */
static guint
count(const App *app)
{
	guint n = app->profiles ? g_variant_n_children(app->profiles) : 0;

	for (guint i = 1; i <= n; i++) {
		g_autofree char *name = name_at(app, i);

		if (g_str_equal(name, OFFLINE))
			return n + 1;
	}
	return n + 2;
}

static gpointer
chooser_new(App *app, gconstpointer argument)
{
	g_autofree char *pinned = record_text(app->status, "pinned");
	Chooser *chooser = g_new0(Chooser, 1);

	(void)argument;
	for (guint i = 0; i < count(app); i++) {
		g_autofree char *name = name_at(app, i);

		if (g_str_equal(name, pinned))
			chooser->list.cursor = i;
	}
	return chooser;
}

static void
chooser_show(App *app, gpointer state)
{
	(void)state;
	app_refresh_profiles(app);
}

static char *
automatic_words(const App *app)
{
	g_autofree char *chosen = record_text(app->networks, "chosen");

	return *chosen ? g_strdup_printf(_("follow the network, %s right "
					   "now"), chosen)
		       : g_strdup(_("follow the network, nothing known is "
				    "here"));
}

static char *
words_at(const App *app, guint index)
{
	g_autoptr(GVariant) row = profile_at(app, index);
	g_autofree char *summary = record_text(row, "summary");
	g_autofree char *error = record_text(row, "error");
	g_auto(GStrv) routes = record_words(row, "routes");

	if (index == 0)
		return automatic_words(app);
	if (!row)
		return g_strdup(_("keep everything here"));
	if (*error)
		return g_strdup_printf(_("broken: %s"), error);
	if (!*routes)
		return g_steal_pointer(&summary);
	return g_strjoinv(_(", then "), routes);
}

static void
draw_choice(App *app, Chooser *chooser, Canvas *canvas, guint index, int at,
	    int left, int width)
{
	g_autofree char *name = name_at(app, index);
	g_autofree char *words = words_at(app, index);
	gboolean chosen = index == chooser->list.cursor;
	guint style = chosen ? INK_PLAIN | STYLE_BOLD : INK_PLAIN;
	const char *shown = index == 0			 ? _("Automatic")
			    : g_str_equal(name, OFFLINE) ? _("Offline")
							 : name;

	if (chosen) {
		canvas_text(canvas, at, left + 1, 1, INK_ACCENT | STYLE_BOLD,
			    "▸");
		canvas_cursor(canvas, at, left + 4);
	}
	canvas_text(canvas, at, left + 3, 3, style, chosen ? "(•)" : "( )");
	canvas_text(canvas, at, left + 7, 12, style, shown);
	canvas_text(canvas, at, left + 20, width - 21, style, words);
}

static void
draw_spans(Chooser *chooser, Canvas *canvas, int at, int left)
{
	int column = left + 18;

	canvas_text(canvas, at, left + 1, 16, INK_PLAIN, _("Keep my choice"));
	for (guint i = 0; i < G_N_ELEMENTS(spans); i++) {
		gboolean chosen = i == chooser->span;

		column += canvas_print(canvas, at, column, -1,
				       chosen ? INK_PLAIN | STYLE_BOLD
					      : INK_PLAIN,
				       "(%s) %s", chosen ? "•" : " ",
				       _(spans[i].words)) + 3;
		if (i > 0)
			continue;
		column = left + 18;
		at++;
	}
}

/* What a switch would do to the mail that is here. (transfer full) */
static char *
consequence(const App *app, guint index)
{
	g_autoptr(GVariant) row = profile_at(app, index);
	g_autofree char *name = name_at(app, index);
	g_autofree char *go = NULL;
	guint goes = record_number(row, "would-go");
	guint waits = record_number(row, "would-wait");

	if (index == 0)
		return g_strdup(_("The profile changes by itself as you "
				  "move."));
	if (!row || g_str_equal(name, OFFLINE))
		return g_strdup(_("Mail for other machines waits here until "
				  "you switch back."));
	go = g_strdup_printf(ngettext("%u mail can go", "%u mails can go",
				      goes), goes);
	return g_strdup_printf(ngettext("If you switch to %s: %s, %u waits.",
					"If you switch to %s: %s, %u wait.",
					waits), name, go, waits);
}

static char *
looks_like(const App *app)
{
	g_autofree char *chosen = record_text(app->networks, "chosen");

	return g_strdup_printf(_("The network here looks like:  %s"),
			       *chosen ? chosen : _("nothing known"));
}

static void
draw_inside(App *app, Chooser *chooser, Canvas *canvas, int top, int left,
	    int rows, int width)
{
	int choices = MAX(rows - 9, 1), at = top + 3;
	g_autofree char *like = looks_like(app);
	g_autofree char *then = consequence(app, chooser->list.cursor);
	guint n = count(app);

	canvas_text(canvas, top + 1, left + 1, width - 2, INK_PLAIN, like);
	list_fit(&chooser->list, n, choices, at);
	for (int i = 0; i < choices && chooser->list.top + i < n; i++)
		draw_choice(app, chooser, canvas, chooser->list.top + i,
			    at + i, left, width);
	draw_spans(chooser, canvas, top + rows - 5, left);
	canvas_text(canvas, top + rows - 2, left + 1, width - 2, INK_PLAIN,
		    then);
}

static void
draw_inside_compact(App *app, Chooser *chooser, Canvas *canvas, int top,
		    int rows, int width)
{
	guint n = count(app);

	list_fit(&chooser->list, n, rows - 3, top + 1);
	for (int i = 0; i < rows - 3 && chooser->list.top + i < n; i++)
		draw_choice(app, chooser, canvas, chooser->list.top + i,
			    top + 1 + i, 1, width);
	canvas_text(canvas, top + rows - 2, 3, width - 3, INK_DIM,
		    _(spans[chooser->span].words));
}

static void
chooser_draw(App *app, gpointer state, Canvas *canvas)
{
	Chooser *chooser = state;
	int columns = MIN(BOX_COLUMNS, canvas->columns - 2);
	int left = (canvas->columns - columns) / 2, top = BOX_TOP, rows;

	if (app->compact) {
		rows = canvas->rows - 4;
		canvas_box(canvas, 2, 0, rows, canvas->columns,
			   _("Switch profile"), _("Space: how long"));
		draw_inside_compact(app, chooser, canvas, 2, rows,
				    canvas->columns - 2);
		return;
	}
	rows = MIN((int)count(app) + 9, canvas->rows - 2 - top - 1);
	canvas_box(canvas, top, left, rows, columns, _("Switch profile"),
		   _("↑↓ choose · Space how long · h an hour · Enter "
		     "switch"));
	draw_inside(app, chooser, canvas, top, left + 1, rows, columns - 2);
}

static void
accept(App *app, Chooser *chooser)
{
	g_autofree char *name = name_at(app, chooser->list.cursor);
	const char *until = spans[chooser->span].until;

	app_close(app);
	app_pin(app, name, until, HOUR);
}

static gboolean
chooser_act(App *app, gpointer state, Action action)
{
	Chooser *chooser = state;

	if (list_act(&chooser->list, count(app), action))
		return TRUE;
	switch ((int)action) {
	case ACTION_CHOOSE:
	case ACTION_SECTION_NEXT:
		chooser->span = (chooser->span + 1) % G_N_ELEMENTS(spans);
		return TRUE;
	case ACTION_SECTION_BACK:
		chooser->span = (chooser->span + G_N_ELEMENTS(spans) - 1) %
				G_N_ELEMENTS(spans);
		return TRUE;
	case ACTION_ACCEPT:
		accept(app, chooser);
		return TRUE;
	}
	return FALSE;
}

/* A digit chooses, h keeps the choice for an hour: both save keys. */
static gboolean
chooser_stroke(App *app, gpointer state, const Stroke *stroke)
{
	Chooser *chooser = state;

	if (stroke->key >= '0' && stroke->key <= '9') {
		guint index = stroke->key - '0';

		if (index < count(app))
			chooser->list.cursor = index;
		return TRUE;
	}
	if (stroke->key == 'h') {
		chooser->span = 1;
		accept(app, chooser);
		return TRUE;
	}
	return list_click(&chooser->list, count(app), stroke);
}

const ViewOps view_profile = {
	.title = N_("Switch profile"),
	.where = ON_PROFILE,
	.popup = TRUE,
	.new = chooser_new,
	.free = g_free,
	.show = chooser_show,
	.draw = chooser_draw,
	.act = chooser_act,
	.stroke = chooser_stroke,
};
