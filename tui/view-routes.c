// SPDX-License-Identifier: GPL-2.0-or-later
#include <libintl.h>
#include <string.h>

#include "tui/app.h"
#include "tui/list.h"
#include "tui/record.h"
#include "tui/view-routes-pane.h"

#define _(text) gettext(text)
#define N_(text) text
#define LIST_ROWS_MIN 3

typedef struct {
	List list;
	char *traced;  /* the address asked about; NULL: none yet */
	char *answer;  /* which way it goes */
} Routes;

static gpointer
routes_new(App *app, gconstpointer argument)
{
	(void)app;
	(void)argument;
	return g_new0(Routes, 1);
}

static void
routes_free(gpointer state)
{
	Routes *routes = state;

	g_free(routes->traced);
	g_free(routes->answer);
	g_free(routes);
}

static guint
count(const App *app)
{
	return app->routes ? g_variant_n_children(app->routes) : 0;
}

static GVariant *
row_of(const App *app, guint index)
{
	return index < count(app)
		       ? g_variant_get_child_value(app->routes, index)
		       : NULL;
}

static void
draw_titles(App *app, Canvas *canvas)
{
	guint style = INK_DIM | STYLE_BOLD;
	int right = canvas->columns;

	if (app->compact)
		return;
	canvas_text(canvas, 2, 4, 8, style, _("Route"));
	canvas_text(canvas, 2, 13, 10, style, _("Kind"));
	canvas_text(canvas, 2, 24, 28, style, _("Server"));
	canvas_text(canvas, 2, right - 26, 15, style, _("State"));
	canvas_right(canvas, 2, right - 13, 6, style, _("Sent"));
	canvas_right(canvas, 2, right - 6, 6, style, _("Queue"));
}

static const struct {
	const char *state, *words, *glyph;
	Ink ink;
} states[] = {
	{ "up", N_("up"), "●", INK_GOOD },
	{ "untried", N_("not tried yet"), "○", INK_PLAIN },
	{ "paused", N_("paused"), "○", INK_WAIT },
	{ "off", N_("off here"), "○", INK_DIM },
	{ "broken", N_("broken"), "!", INK_BAD },
};

static void
draw_state(Canvas *canvas, const char *state, int at, int column, int width)
{
	for (guint i = 0; i < G_N_ELEMENTS(states); i++)
		if (g_str_equal(states[i].state, state)) {
			canvas_print(canvas, at, column, width, states[i].ink,
				     "%s %s", states[i].glyph,
				     _(states[i].words));
			return;
		}
	canvas_text(canvas, at, column, width, INK_PLAIN, state);
}

static void
draw_row(App *app, Canvas *canvas, GVariant *row, int at)
{
	g_autofree char *name = record_text(row, "name");
	g_autofree char *kind = record_text(row, "kind");
	g_autofree char *server = record_text(row, "server");
	g_autofree char *state = record_text(row, "state");
	int right = canvas->columns;

	if (app->compact) {
		canvas_text(canvas, at, 2, 12, INK_PLAIN, name);
		draw_state(canvas, state, at, 15, right - 15 - 6);
		canvas_print(canvas, at, right - 5, 5, INK_PLAIN, "%u",
			     (guint)record_number(row, "queued"));
		return;
	}
	canvas_text(canvas, at, 4, 8, INK_PLAIN, name);
	canvas_text(canvas, at, 13, 10, INK_PLAIN, kind);
	canvas_text(canvas, at, 24, right - 26 - 26, INK_PLAIN, server);
	draw_state(canvas, state, at, right - 26, 15);
	{
		g_autofree char *sent = g_strdup_printf(
			"%u", (guint)record_number(row, "sent"));
		g_autofree char *queued = g_strdup_printf(
			"%u", (guint)record_number(row, "queued"));

		canvas_right(canvas, at, right - 11, 4, INK_PLAIN, sent);
		canvas_right(canvas, at, right - 6, 5, INK_PLAIN, queued);
	}
}

static void
draw_rows(App *app, Routes *routes, Canvas *canvas, int from, int rows)
{
	guint n = count(app);

	list_fit(&routes->list, n, rows, from);
	if (n == 0) {
		canvas_centre(canvas, from + rows / 2, INK_PLAIN,
			      app->routes ? _("No route yet: put one into "
					      "routes/, see "
					      "masqmail-route(5).")
					  : _("Nothing is known of the "
					      "routes yet."));
		return;
	}
	for (int i = 0; i < rows && routes->list.top + i < n; i++) {
		guint index = routes->list.top + i;
		g_autoptr(GVariant) row = row_of(app, index);

		draw_row(app, canvas, row, from + i);
		if (index != routes->list.cursor)
			continue;
		canvas_text(canvas, from + i, app->compact ? 0 : 1, 1,
			    INK_ACCENT | STYLE_BOLD, "▸");
		pane_embolden(canvas, from + i);
		canvas_cursor(canvas, from + i, app->compact ? 0 : 1);
	}
}

static void
draw_traced(Routes *routes, Canvas *canvas, int at)
{
	int used;

	if (!routes->traced) {
		canvas_text(canvas, at, 2, -1, INK_DIM,
			    _("Where would it go?  t asks for an address."));
		return;
	}
	used = canvas_print(canvas, at, 2, canvas->columns / 2, INK_PLAIN,
			    _("Where would it go?  ▏%s▕"), routes->traced);
	canvas_print(canvas, at, used + 4, -1, INK_ACCENT, "→ %s",
		     routes->answer ? routes->answer : "…");
}

static void
draw_keys(App *app, Canvas *canvas)
{
	if (!app->compact)
		canvas_text(canvas, canvas->rows - 2, 2, -1, INK_DIM,
			    app->read_only
				    ? _("t where would an address go")
				    : _("F try all mail of this route   "
					"t where would an address go"));
}

static void
routes_draw(App *app, gpointer state, Canvas *canvas)
{
	Routes *routes = state;
	g_autoptr(GVariant) focus = NULL;
	int from = app->compact ? 2 : 3, rows, pane, rules;

	rules = app->compact ? 0 : pane_rules(app);
	/* rule, four lines, blank; rule, rules, blank, trace, keys, footer */
	pane = canvas->rows - (app->compact ? 4 : 6 + 1 + rules + 4);
	pane = MAX(pane, from + LIST_ROWS_MIN);
	rows = pane - from - (app->compact ? 0 : 1);
	draw_titles(app, canvas);
	draw_rows(app, routes, canvas, from, MAX(rows, 1));
	focus = row_of(app, routes->list.cursor);
	if (app->compact) {
		pane_draw_compact(app, canvas, pane, focus);
		return;
	}
	pane_draw_route(app, canvas, pane, focus);
	pane_draw_rules(app, canvas, pane + 6);
	draw_traced(routes, canvas, canvas->rows - 3);
	draw_keys(app, canvas);
}

static void
hear_explained(App *app, GVariant *body, gpointer data)
{
	g_autoptr(GVariant) rows = g_variant_get_child_value(body, 0);
	g_autoptr(GVariant) row = g_variant_n_children(rows)
					  ? g_variant_get_child_value(rows, 0)
					  : NULL;
	g_autofree char *route = record_text(row, "route");
	g_autofree char *why = record_text(row, "why");
	Routes *routes = data;

	(void)app;
	g_free(routes->answer);
	if (*route && *why)
		routes->answer = g_strdup_printf("%s: %s", route, why);
	else
		routes->answer = g_strdup(*route ? route : why);
}

static void
on_trace(gpointer data, const char *text, gpointer unused)
{
	App *app = data;
	Routes *routes = app->screens[1].state;
	GVariantBuilder options;

	(void)unused;
	if (!*text)
		return;
	g_free(routes->traced);
	g_clear_pointer(&routes->answer, g_free);
	routes->traced = g_strdup(text);
	g_variant_builder_init(&options, G_VARIANT_TYPE_VARDICT);
	app_call(app, "Explain",
		 g_variant_new("(s@a{sv})", text,
			       g_variant_builder_end(&options)),
		 hear_explained, routes, NULL);
}

static void
flush_route(App *app, Routes *routes)
{
	g_autoptr(GVariant) row = row_of(app, routes->list.cursor);
	g_autofree char *name = record_text(row, "name");
	char *none[] = { NULL };

	app_act(app, "retry", none, "route", name);
}

static gboolean
routes_act(App *app, gpointer state, Action action)
{
	Routes *routes = state;

	if (list_act(&routes->list, count(app), action))
		return TRUE;
	switch ((int)action) {
	case ACTION_TRACE:
		app_ask(app, _("Where would mail go to:"), "", on_trace,
			NULL);
		return TRUE;
	case ACTION_FLUSH_ROUTE:
		flush_route(app, routes);
		return TRUE;
	case ACTION_LOOK_AGAIN:
		app_refresh_all(app);
		return TRUE;
	}
	return FALSE;
}

static guint
routes_have(App *app, gpointer state)
{
	(void)state;
	return count(app) ? NEEDS_ROW : 0;
}

static gboolean
routes_stroke(App *app, gpointer state, const Stroke *stroke)
{
	return list_click(&((Routes *)state)->list, count(app), stroke);
}

static char *
routes_corner(App *app, gpointer state)
{
	return view_queue.corner(app, state);
}

const ViewOps view_routes = {
	.title = N_("Routes"),
	.where = ON_ROUTES,
	.new = routes_new,
	.free = routes_free,
	.draw = routes_draw,
	.act = routes_act,
	.have = routes_have,
	.stroke = routes_stroke,
	.corner = routes_corner,
};
