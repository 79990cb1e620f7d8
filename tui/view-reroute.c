// SPDX-License-Identifier: GPL-2.0-or-later
/* Another route for messages: the usual choice, and every route there is. */
#include <libintl.h>
#include <string.h>

#include "tui/app.h"
#include "tui/list.h"
#include "tui/record.h"

#define _(text) gettext(text)
#define N_(text) text
#define BOX_TOP 4
#define BOX_COLUMNS 64
#define MOST_LINES 12

typedef struct {
	List list; /* 0: the usual way; then the routes */
	char **ids;
	char *asked; /* what was chosen before for the first; "" */
} Reroute;

static gpointer
reroute_new(App *app, gconstpointer argument)
{
	Reroute *reroute = g_new0(Reroute, 1);

	(void)app;
	reroute->ids = g_strdupv((char **)argument);
	reroute->asked = g_strdup("");
	return reroute;
}

static void
reroute_free(gpointer state)
{
	Reroute *reroute = state;

	g_strfreev(reroute->ids);
	g_free(reroute->asked);
	g_free(reroute);
}

/*
 * The route at @index, 1 being the first; mailboxes are none. With @ret_n
 * (nullable): how many there are. (transfer full) (nullable)
 */
static GVariant *
find_route(const App *app, guint index, guint *ret_n)
{
	guint n = app->routes ? g_variant_n_children(app->routes) : 0;
	GVariant *found = NULL;
	guint seen = 0;

	for (guint i = 0; i < n; i++) {
		g_autoptr(GVariant) row =
			g_variant_get_child_value(app->routes, i);
		g_autofree char *kind = record_text(row, "kind");

		if (!g_str_equal(kind, "local") && ++seen == index)
			found = g_variant_ref(row);
	}
	if (ret_n)
		*ret_n = seen;
	return found;
}

static guint
count(const App *app)
{
	guint n;

	find_route(app, 0, &n);
	return 1 + n;
}

static GVariant *
row_at(const App *app, guint index)
{
	return find_route(app, index, NULL);
}

/* (transfer full): "" for the usual way. */
static char *
name_at(const App *app, guint index)
{
	g_autoptr(GVariant) row = row_at(app, index);

	return row ? record_text(row, "name") : g_strdup("");
}

/* What was chosen before: the cursor stands there, and undo goes there. */
static void
hear_message(App *app, GVariant *body, gpointer data)
{
	g_autoptr(GVariant) record = g_variant_get_child_value(body, 0);
	g_autoptr(GVariant) options =
		record_value(record, "options", "a{ss}");
	View *front = app_front(app);
	Reroute *reroute = front->state;
	const char *asked;

	if (front->ops != &view_reroute || !options ||
	    !g_str_equal(reroute->ids[0], data) ||
	    !g_variant_lookup(options, "reroute", "&s", &asked))
		return;
	g_free(reroute->asked);
	reroute->asked = g_strdup(asked);
	for (guint i = 0; i < count(app); i++) {
		g_autofree char *name = name_at(app, i);

		if (g_str_equal(name, asked))
			reroute->list.cursor = i;
	}
}

static void
reroute_show(App *app, gpointer state)
{
	const Reroute *reroute = state;

	app_call(app, "Show", g_variant_new("(s)", reroute->ids[0]),
		 hear_message, g_strdup(reroute->ids[0]), g_free);
}

static void
draw_line(App *app, const Reroute *reroute, Canvas *canvas, guint index,
	  int at, int left, int width)
{
	g_autoptr(GVariant) row = row_at(app, index);
	g_autofree char *name = name_at(app, index);
	g_autofree char *server = record_text(row, "server");
	gboolean chosen = index == reroute->list.cursor;
	guint style = chosen ? INK_PLAIN | STYLE_BOLD : INK_PLAIN;

	if (chosen) {
		canvas_text(canvas, at, left + 1, 1, INK_ACCENT | STYLE_BOLD,
			    "▸");
		canvas_cursor(canvas, at, left + 3);
	}
	canvas_text(canvas, at, left + 3, 16, style,
		    index ? name : _("Usual way"));
	canvas_text(canvas, at, left + 20, width - 21, style,
		    index ? server : _("as profile and routes say"));
}

static void
reroute_draw(App *app, gpointer state, Canvas *canvas)
{
	Reroute *reroute = state;
	int columns = MIN(BOX_COLUMNS, canvas->columns);
	int left = (canvas->columns - columns) / 2;
	int most = MAX(canvas->rows - BOX_TOP - 6, 1);
	int lines = MIN(MIN((int)count(app), MOST_LINES), most);
	g_autofree char *mails = words_mails(g_strv_length(reroute->ids));
	g_autofree char *title =
		g_strdup_printf(_("Another route for %s"), mails);

	canvas_box(canvas, BOX_TOP, left, lines + 2, columns, title,
		   _("↑↓ choose · Enter do it · Esc leave it"));
	list_fit(&reroute->list, count(app), lines, BOX_TOP + 1);
	for (int i = 0; i < lines; i++)
		if (reroute->list.top + i < count(app))
			draw_line(app, reroute, canvas,
				  reroute->list.top + i, BOX_TOP + 1 + i,
				  left, columns);
}

static GVariant *
to_route(const char *name)
{
	GVariantDict options;

	g_variant_dict_init(&options, NULL);
	g_variant_dict_insert(&options, "to", "s", name);
	return g_variant_dict_end(&options);
}

static gboolean
reroute_act(App *app, gpointer state, Action action)
{
	Reroute *reroute = state;
	g_autofree char *name = NULL;

	if (list_act(&reroute->list, count(app), action))
		return TRUE;
	if (action != ACTION_ACCEPT)
		return FALSE;
	name = name_at(app, reroute->list.cursor);
	app_act_with(app, "reroute", reroute->ids, to_route(name),
		     to_route(reroute->asked));
	app_close(app);
	return TRUE;
}

static gboolean
reroute_stroke(App *app, gpointer state, const Stroke *stroke)
{
	Reroute *reroute = state;

	return list_click(&reroute->list, count(app), stroke);
}

const ViewOps view_reroute = {
	.title = N_("Another route"),
	.where = ON_LIST,
	.popup = TRUE,
	.new = reroute_new,
	.free = reroute_free,
	.show = reroute_show,
	.draw = reroute_draw,
	.act = reroute_act,
	.stroke = reroute_stroke,
};
