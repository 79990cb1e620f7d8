// SPDX-License-Identifier: GPL-2.0-or-later
/* Any command of the screen below, by a part of its name. */
#include <libintl.h>
#include <string.h>

#include "tui/app.h"
#include "tui/list.h"

#define _(text) gettext(text)
#define N_(text) text
#define BOX_COLUMNS 56
#define BOX_TOP 3
#define WANTED_MAX 40 /* bytes */

typedef struct {
	List list;
	guint where;
	GString *wanted;
	GPtrArray *rows; /* of const KeyRow */
} Palette;

static gboolean
is_command(const Palette *palette, const KeyRow *row, guint have)
{
	g_autofree char *words = g_utf8_strdown(_(row->help), -1);
	g_autofree char *wanted = g_utf8_strdown(palette->wanted->str, -1);

	return row->where & palette->where && row->group != KEYS_MOVE &&
	       !(row->needs & ~have) && row->action != ACTION_PALETTE &&
	       strstr(words, wanted);
}

static void
collect(App *app, Palette *palette)
{
	View *below = app->over->len > 1
			      ? app->over->pdata[app->over->len - 2]
			      : &app->screens[app->screen];
	guint have = app_have(app);

	if (below->ops->have)
		have |= below->ops->have(app, below->state);
	g_ptr_array_set_size(palette->rows, 0);
	for (const KeyRow *row = keys_table; row->action; row++)
		if (is_command(palette, row, have))
			g_ptr_array_add(palette->rows, (gpointer)row);
}

static gpointer
palette_new(App *app, gconstpointer argument)
{
	const View *below = argument;
	Palette *palette = g_new0(Palette, 1);

	(void)app;
	palette->where = below->ops->where;
	palette->wanted = g_string_new(NULL);
	palette->rows = g_ptr_array_new();
	return palette;
}

static void
palette_free(gpointer state)
{
	Palette *palette = state;

	g_string_free(palette->wanted, TRUE);
	g_ptr_array_unref(palette->rows);
	g_free(palette);
}

static void
draw_command(const Palette *palette, Canvas *canvas, guint index, int at,
	     int left, int width)
{
	const KeyRow *row = palette->rows->pdata[index];
	g_autofree char *keys = keys_names(row);
	gboolean focus = index == palette->list.cursor;
	guint style = focus ? INK_PLAIN | STYLE_BOLD : INK_PLAIN;

	if (focus)
		canvas_text(canvas, at, left, 1, INK_ACCENT | STYLE_BOLD,
			    "▸");
	canvas_text(canvas, at, left + 2, width - 14, style, _(row->help));
	canvas_right(canvas, at, left + width - 12, 12, INK_DIM, keys);
}

static void
palette_draw(App *app, gpointer state, Canvas *canvas)
{
	Palette *palette = state;
	int columns = MIN(BOX_COLUMNS, canvas->columns - 2);
	int left = (canvas->columns - columns) / 2;
	int rows = canvas->rows - BOX_TOP - 3, lines = MAX(rows - 3, 1), used;

	collect(app, palette);
	canvas_box(canvas, BOX_TOP, left, rows, columns, _("Command"),
		   _("type a part of it · Enter does it · Esc"));
	used = canvas_print(canvas, BOX_TOP + 1, left + 2, columns - 4,
			    INK_ACCENT | STYLE_BOLD, ":%s",
			    palette->wanted->str);
	canvas_cursor(canvas, BOX_TOP + 1, left + 2 + used);
	list_fit(&palette->list, palette->rows->len, lines, BOX_TOP + 2);
	for (int i = 0; i < lines; i++)
		if (palette->list.top + i < palette->rows->len)
			draw_command(palette, canvas, palette->list.top + i,
				     BOX_TOP + 2 + i, left + 2, columns - 4);
}

static gboolean
palette_act(App *app, gpointer state, Action action)
{
	Palette *palette = state;
	const KeyRow *row;

	if (list_act(&palette->list, palette->rows->len, action))
		return TRUE;
	if (action != ACTION_ACCEPT)
		return FALSE;
	if (palette->list.cursor >= palette->rows->len)
		return TRUE;
	row = palette->rows->pdata[palette->list.cursor];
	app_close(app);
	app_do(app, row->action);
	return TRUE;
}

static gboolean
palette_stroke(App *app, gpointer state, const Stroke *stroke)
{
	Palette *palette = state;
	GString *wanted = palette->wanted;

	(void)app;
	if (stroke->key == STROKE_BACKSPACE && wanted->len) {
		const char *last = g_utf8_find_prev_char(
			wanted->str, wanted->str + wanted->len);

		g_string_truncate(wanted, last - wanted->str);
		return TRUE;
	}
	if (stroke->key < ' ' || stroke->key >= STROKE_SPECIAL ||
	    wanted->len >= WANTED_MAX)
		return FALSE;
	g_string_append_unichar(wanted, stroke->key);
	palette->list.cursor = 0;
	return TRUE;
}

const ViewOps view_palette = {
	.title = N_("Command"),
	.where = ON_LIST,
	.popup = TRUE,
	.new = palette_new,
	.free = palette_free,
	.draw = palette_draw,
	.act = palette_act,
	.stroke = palette_stroke,
};
