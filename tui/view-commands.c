// SPDX-License-Identifier: GPL-2.0-or-later
/* What was done here, as the masqctl lines that do the same. */
#include <libintl.h>

#include "tui/app.h"
#include "tui/list.h"

#define _(text) gettext(text)
#define N_(text) text
#define BOX_TOP 3

static gpointer
commands_new(App *app, gconstpointer argument)
{
	(void)app;
	(void)argument;
	return g_new0(List, 1);
}

/* The newest first. */
static const char *
line_at(const App *app, guint index)
{
	return app->commands->pdata[app->commands->len - 1 - index];
}

static void
commands_draw(App *app, gpointer state, Canvas *canvas)
{
	List *list = state;
	int left = app->compact ? 0 : 5, columns = canvas->columns - 2 * left;
	int rows = canvas->rows - BOX_TOP - 3, lines = MAX(rows - 2, 1);

	canvas_box(canvas, BOX_TOP, left, rows, columns,
		   _("What was done here"), _("Enter copies · Esc"));
	list_fit(list, app->commands->len, lines, BOX_TOP + 1);
	if (app->commands->len == 0)
		canvas_text(canvas, BOX_TOP + 1, left + 2, columns - 4,
			    INK_PLAIN, _("Nothing yet."));
	for (int i = 0; i < lines; i++) {
		guint index = list->top + i;

		if (index >= app->commands->len)
			break;
		canvas_text(canvas, BOX_TOP + 1 + i, left + 4, columns - 6,
			    INK_PLAIN, line_at(app, index));
		if (index != list->cursor)
			continue;
		canvas_text(canvas, BOX_TOP + 1 + i, left + 2, 1,
			    INK_ACCENT | STYLE_BOLD, "▸");
		canvas_cursor(canvas, BOX_TOP + 1 + i, left + 2);
	}
}

static gboolean
commands_act(App *app, gpointer state, Action action)
{
	List *list = state;

	if (list_act(list, app->commands->len, action))
		return TRUE;
	if (action != ACTION_ACCEPT || list->cursor >= app->commands->len)
		return FALSE;
	app->shell.copy(app->shell_data, line_at(app, list->cursor));
	app_toast(app, _("Copied to the clipboard."));
	return TRUE;
}

const ViewOps view_commands = {
	.title = N_("What was done here"),
	.where = ON_LIST,
	.popup = TRUE,
	.new = commands_new,
	.free = g_free,
	.draw = commands_draw,
	.act = commands_act,
};
