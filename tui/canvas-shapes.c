// SPDX-License-Identifier: GPL-2.0-or-later
/* Lines, boxes, bars and broken lines: what is drawn from text alone. */
#include "tui/canvas.h"

#include <string.h>

#define SPARK_LEVELS 8

void
canvas_rule(Canvas *canvas, int row, int column, int width, const char *title,
	    const char *right)
{
	int end = column + width, used;

	canvas_repeat(canvas, row, column, width, INK_DIM, "─");
	if (title && width > 6) {
		used = canvas_text(canvas, row, column + 3, width - 6,
				   INK_PLAIN | STYLE_BOLD, title);
		canvas_text(canvas, row, column + 2, 1, INK_PLAIN, " ");
		canvas_text(canvas, row, column + 3 + used, 1, INK_PLAIN, " ");
		column += 4 + used;
	}
	if (!right || !*right)
		return;
	used = canvas_width(canvas, right);
	if (end - column < used + 5)
		return;
	canvas_text(canvas, row, end - used - 4, 1, INK_PLAIN, " ");
	canvas_text(canvas, row, end - used - 3, used, INK_PLAIN, right);
	canvas_text(canvas, row, end - 3, 1, INK_PLAIN, " ");
}

static void
box_edge(Canvas *canvas, int row, int column, int columns, const char *left,
	 const char *right, const char *text)
{
	canvas_text(canvas, row, column, 1, INK_ACCENT, left);
	canvas_repeat(canvas, row, column + 1, columns - 2, INK_ACCENT, "─");
	canvas_text(canvas, row, column + columns - 1, 1, INK_ACCENT, right);
	if (text && columns > 6)
		canvas_print(canvas, row, column + 2, columns - 4,
			     INK_PLAIN | STYLE_BOLD, " %s ", text);
}

void
canvas_box(Canvas *canvas, int row, int column, int rows, int columns,
	   const char *title, const char *foot)
{
	box_edge(canvas, row, column, columns, "┌", "┐", title);
	for (int i = 1; i < rows - 1; i++) {
		canvas_text(canvas, row + i, column, 1, INK_ACCENT, "│");
		canvas_repeat(canvas, row + i, column + 1, columns - 2,
			      INK_PLAIN, " ");
		canvas_text(canvas, row + i, column + columns - 1, 1,
			    INK_ACCENT, "│");
	}
	box_edge(canvas, row + rows - 1, column, columns, "└", "┘", foot);
}

char *
canvas_sparkline(const guint *values, guint n)
{
	GString *line = g_string_new(NULL);
	guint most = 1;

	for (guint i = 0; i < n; i++)
		most = MAX(most, values[i]);
	for (guint i = 0; i < n; i++)
		g_string_append_unichar(
			line, 0x2581 + (guint64)values[i] *
					       (SPARK_LEVELS - 1) / most);
	return g_string_free(line, FALSE);
}

char *
canvas_gauge(guint percent, guint width)
{
	GString *gauge = g_string_new(NULL);
	guint full = (MIN(percent, 100) * width + 50) / 100;

	for (guint i = 0; i < width; i++)
		g_string_append(gauge, i < full ? "█" : "░");
	return g_string_free(gauge, FALSE);
}

/* How many bytes of @text make one line of at most @width columns. */
static gsize
line_length(const Canvas *canvas, const char *text, int width)
{
	const char *at = text, *broken = NULL;
	int used = 0;

	while (*at) {
		const char *next = g_utf8_next_char(at);
		g_autofree char *one = g_strndup(at, next - at);

		if (*at == ' ')
			broken = at;
		used += canvas_width(canvas, one);
		if (used > width)
			return broken && broken > text ? broken - text
			       : at > text             ? at - text
						       : next - text;
		at = next;
	}
	return at - text;
}

GPtrArray *
canvas_wrap(const Canvas *canvas, const char *text, int width,
	    guint max_lines)
{
	GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);

	while (*text && lines->len + 1 < max_lines) {
		gsize length = line_length(canvas, text, MAX(width, 1));

		g_ptr_array_add(lines, g_strndup(text, length));
		text += length;
		text += strspn(text, " ");
	}
	if (*text && max_lines > 0)
		g_ptr_array_add(lines, g_strdup(text));
	return lines;
}
