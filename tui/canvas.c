// SPDX-License-Identifier: GPL-2.0-or-later
#include "tui/canvas.h"

#include <string.h>
#include <wchar.h>

#define REPLACEMENT 0xfffd
#define SPARK_LEVELS 8

/* What our own glyphs and the usual typography become in ASCII. */
static const struct {
	gunichar c;
	char ascii;
} plain_glyphs[] = {
	{ 0x00a0, ' ' }, /* no-break space */
	{ 0x00b7, '.' }, /* · */
	{ 0x2013, '-' }, /* – */
	{ 0x2014, '-' }, /* — */
	{ 0x2016, '=' }, /* ‖ */
	{ 0x2018, '\'' }, /* ‘ */
	{ 0x2019, '\'' }, /* ’ */
	{ 0x201c, '"' }, /* “ */
	{ 0x201d, '"' }, /* ” */
	{ 0x201e, '"' }, /* „ */
	{ 0x2022, '*' }, /* • */
	{ 0x2026, '~' }, /* … */
	{ 0x2039, '<' }, /* ‹ */
	{ 0x203a, '>' }, /* › */
	{ 0x2190, '<' }, /* ← */
	{ 0x2191, '^' }, /* ↑ */
	{ 0x2192, '>' }, /* → */
	{ 0x2193, 'v' }, /* ↓ */
	{ 0x21b6, '<' }, /* ↶ */
	{ 0x2212, '-' }, /* − */
	{ 0x2500, '-' }, /* ─ */
	{ 0x2502, '|' }, /* │ */
	{ 0x250c, '+' }, /* ┌ */
	{ 0x2510, '+' }, /* ┐ */
	{ 0x2514, '+' }, /* └ */
	{ 0x2518, '+' }, /* ┘ */
	{ 0x2581, '_' }, /* ▁ */
	{ 0x2582, '.' }, /* ▂ */
	{ 0x2583, ',' }, /* ▃ */
	{ 0x2584, '-' }, /* ▄ */
	{ 0x2585, '=' }, /* ▅ */
	{ 0x2586, '+' }, /* ▆ */
	{ 0x2587, '*' }, /* ▇ */
	{ 0x2588, '#' }, /* █ */
	{ 0x2591, '-' }, /* ░ */
	{ 0x258f, '[' }, /* ▏ */
	{ 0x2595, ']' }, /* ▕ */
	{ 0x25b2, '^' }, /* ▲ */
	{ 0x25b8, '>' }, /* ▸ */
	{ 0x25bc, 'v' }, /* ▼ */
	{ 0x25cb, 'o' }, /* ○ */
	{ 0x25cf, '*' }, /* ● */
	{ 0x2713, '+' }, /* ✓ */
	{ 0x00ab, '<' }, /* « */
	{ 0x00bb, '>' }, /* » */
	{ 0x00df, 's' }, /* ß */
};

Canvas *
canvas_new(int rows, int columns, gboolean ascii)
{
	Canvas *canvas = g_new0(Canvas, 1);

	canvas->rows = CLAMP(rows, 1, CANVAS_MAX_ROWS);
	canvas->columns = CLAMP(columns, 1, CANVAS_MAX_COLUMNS);
	canvas->ascii = ascii;
	canvas->cells = g_new0(Cell, canvas->rows * canvas->columns);
	canvas_clear(canvas);
	return canvas;
}

void
canvas_free(Canvas *canvas)
{
	if (!canvas)
		return;
	g_free(canvas->cells);
	g_free(canvas);
}

static Cell *
cell_at(const Canvas *canvas, int row, int column)
{
	return canvas->cells + row * canvas->columns + column;
}

const Cell *
canvas_cell(const Canvas *canvas, int row, int column)
{
	return cell_at(canvas, row, column);
}

static void
blank(Cell *cell)
{
	memset(cell, 0, sizeof(*cell));
	cell->chars[0] = ' ';
	cell->width = 1;
}

void
canvas_clear(Canvas *canvas)
{
	for (int i = 0; i < canvas->rows * canvas->columns; i++)
		blank(canvas->cells + i);
	canvas->cursor_row = canvas->cursor_column = 0;
}

static gunichar
ascii_for(gunichar c)
{
	gunichar parts[G_UNICHAR_MAX_DECOMPOSITION_LENGTH];

	if (c < 0x7f)
		return c;
	for (guint i = 0; i < G_N_ELEMENTS(plain_glyphs); i++)
		if (plain_glyphs[i].c == c)
			return plain_glyphs[i].ascii;
	g_unichar_fully_decompose(c, TRUE, parts, G_N_ELEMENTS(parts));
	return parts[0] >= 0x20 && parts[0] < 0x7f ? parts[0] : '?';
}

/*
 * Columns of one character, and what is shown in its place in *@shown.
 * ncurses goes by wcwidth, so we must too; without a UTF-8 locale it knows
 * nothing. Joiners and variation selectors change the width of what stands
 * before them differently in every terminal: they are left out.
 */
static int
measure(const Canvas *canvas, gunichar c, gunichar *shown)
{
	int width;

	*shown = c;
	if (c < 0x20 || (c >= 0x7f && c < 0xa0))
		*shown = canvas->ascii ? '?' : REPLACEMENT;
	if (c < 0xa0)
		return 1;
	if (canvas->ascii) {
		*shown = ascii_for(c);
		return g_unichar_iszerowidth(c) ? 0
		       : g_unichar_iswide(c)    ? 2
						: 1;
	}
	width = wcwidth((wchar_t)c);
	if (width < 0) {
		*shown = REPLACEMENT;
		return 1;
	}
	return width;
}

static gboolean
is_mark(gunichar c)
{
	return g_unichar_ismark(c) && !(c >= 0xfe00 && c <= 0xfe0f);
}

/* The next character of @at; invalid bytes count as one U+FFFD each. */
static const char *
next_char(const char *at, gunichar *ret_c)
{
	*ret_c = g_utf8_get_char_validated(at, -1);
	if (*ret_c >= (gunichar)-2) {
		*ret_c = REPLACEMENT;
		return at + 1;
	}
	return g_utf8_next_char(at);
}

int
canvas_width(const Canvas *canvas, const char *text)
{
	int width = 0;
	gunichar c, shown;

	while (*text) {
		text = next_char(text, &c);
		width += measure(canvas, c, &shown);
	}
	return width;
}

/* Half of a wide character must not stay behind. */
static void
free_cell(Canvas *canvas, int row, int column)
{
	Cell *cell = cell_at(canvas, row, column);

	if (cell->width == 0 && column > 0)
		blank(cell - 1);
	if (cell->width == 2 && column + 1 < canvas->columns)
		blank(cell + 1);
	blank(cell);
}

static void
put(Canvas *canvas, int row, int column, guint style, gunichar c, int width)
{
	Cell *cell;

	if (row < 0 || row >= canvas->rows || column < 0 ||
	    column + width > canvas->columns)
		return;
	if (canvas->ascii && width == 2) {
		put(canvas, row, column, style, c, 1);
		put(canvas, row, column + 1, style, c, 1);
		return;
	}
	for (int i = 0; i < width; i++)
		free_cell(canvas, row, column + i);
	cell = cell_at(canvas, row, column);
	cell->chars[0] = c;
	cell->width = width;
	cell->style = style;
	if (width == 2) {
		cell[1].chars[0] = 0;
		cell[1].width = 0;
		cell[1].style = style;
	}
}

static void
put_mark(Canvas *canvas, int row, int column, gunichar c)
{
	Cell *cell;

	if (canvas->ascii || row < 0 || row >= canvas->rows || column < 0 ||
	    column >= canvas->columns || !is_mark(c))
		return;
	cell = cell_at(canvas, row, column);
	if (cell->width == 0 && column > 0)
		cell--;
	for (guint i = 1; i <= CANVAS_MARKS; i++) {
		if (cell->chars[i])
			continue;
		cell->chars[i] = c;
		return;
	}
}

/* Whether all of @text fits @width; reads no further than needed. */
static gboolean
fits(const Canvas *canvas, const char *text, int width)
{
	gunichar c, shown;

	while (*text && width >= 0) {
		text = next_char(text, &c);
		width -= measure(canvas, c, &shown);
	}
	return width >= 0;
}

int
canvas_text(Canvas *canvas, int row, int column, int width, guint style,
	    const char *text)
{
	int limit, at = column;
	gunichar c, shown;
	gboolean whole;

	if (width < 0 || width > canvas->columns - column)
		width = canvas->columns - column;
	if (width <= 0)
		return 0;
	whole = fits(canvas, text, width);
	limit = column + (whole ? width : width - 1);
	while (*text) {
		int columns;

		text = next_char(text, &c);
		columns = measure(canvas, c, &shown);
		if (at + columns > limit)
			break;
		if (columns == 0 && at > column)
			put_mark(canvas, row, at - 1, shown);
		if (columns > 0)
			put(canvas, row, at, style, shown, columns);
		at += columns;
	}
	if (!whole) {
		measure(canvas, 0x2026, &shown);
		put(canvas, row, at++, style, shown, 1);
	}
	return at - column;
}

void
canvas_right(Canvas *canvas, int row, int column, int width, guint style,
	     const char *text)
{
	int wanted = fits(canvas, text, width) ? canvas_width(canvas, text)
					       : width;

	canvas_text(canvas, row, column + width - wanted, wanted, style,
		    text);
}

int
canvas_print(Canvas *canvas, int row, int column, int width, guint style,
	     const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	return canvas_text(canvas, row, column, width, style, text);
}

void
canvas_centre(Canvas *canvas, int row, guint style, const char *text)
{
	int width = canvas_width(canvas, text);

	canvas_text(canvas, row, MAX((canvas->columns - width) / 2, 0), -1,
		    style, text);
}

void
canvas_repeat(Canvas *canvas, int row, int column, int width, guint style,
	      const char *glyph)
{
	gunichar c = g_utf8_get_char(glyph), shown;

	measure(canvas, c, &shown);
	for (int i = 0; i < width; i++)
		put(canvas, row, column + i, style, shown, 1);
}

void
canvas_restyle(Canvas *canvas, int row, int column, int width, guint style)
{
	if (row < 0 || row >= canvas->rows)
		return;
	for (int i = MAX(column, 0);
	     i < MIN(column + width, canvas->columns); i++)
		cell_at(canvas, row, i)->style = style;
}

void
canvas_cursor(Canvas *canvas, int row, int column)
{
	canvas->cursor_row = CLAMP(row, 0, canvas->rows - 1);
	canvas->cursor_column = CLAMP(column, 0, canvas->columns - 1);
}

static void
append_row(const Canvas *canvas, int row, GString *text)
{
	for (int column = 0; column < canvas->columns; column++) {
		const Cell *cell = cell_at(canvas, row, column);

		for (guint i = 0; i <= CANVAS_MARKS && cell->chars[i]; i++)
			g_string_append_unichar(text, cell->chars[i]);
	}
	g_string_append_c(text, '\n');
}

char *
canvas_to_text(const Canvas *canvas)
{
	GString *text = g_string_new(NULL);

	for (int row = 0; row < canvas->rows; row++)
		append_row(canvas, row, text);
	return g_string_free(text, FALSE);
}
