// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A screen as a grid of cells, in memory: the one place that knows how many
 * columns a character takes, how text is clipped to them, and what stands
 * for a glyph where only ASCII can be shown. Pure; views draw on it, term
 * shows it. Drawing outside of it is harmless: everything is clipped.
 */
#ifndef MASQMAIL_TUI_CANVAS_H
#define MASQMAIL_TUI_CANVAS_H

#include <glib.h>

#define CANVAS_MARKS 4 /* combining marks kept in a cell */
#define CANVAS_MAX_ROWS 1000
#define CANVAS_MAX_COLUMNS 2000

/* What a colour means; term decides what it looks like. */
typedef enum {
	INK_PLAIN,
	INK_BAR,    /* the first and the last row */
	INK_DIM,    /* less important, or already gone */
	INK_GOOD,   /* sent, up, online */
	INK_BUSY,   /* on its way just now */
	INK_WAIT,   /* waits or is tried again */
	INK_BAD,    /* failed, broken, offline */
	INK_ACCENT, /* what is chosen */
	INK_COUNT,
} Ink;

/* A style is an ink and any of these. */
#define STYLE_INK 0x0f
#define STYLE_BOLD 0x10
#define STYLE_REVERSE 0x20
#define STYLE_UNDERLINE 0x40

typedef struct {
	gunichar chars[1 + CANVAS_MARKS]; /* 0-terminated when shorter */
	guint8 width;                     /* 0: right half of a wide one */
	guint8 style;
} Cell;

typedef struct {
	int rows, columns;
	gboolean ascii;
	Cell *cells;
	int cursor_row, cursor_column; /* where the focus is */
} Canvas;

Canvas *canvas_new(int rows, int columns, gboolean ascii);
void canvas_free(Canvas *canvas);
void canvas_clear(Canvas *canvas);

/* (transfer none) */
const Cell *canvas_cell(const Canvas *canvas, int row, int column);

/* Columns that @text takes on this canvas. */
int canvas_width(const Canvas *canvas, const char *text);

/*
 * Write @text, clipped with an ellipsis to @width columns (-1: to the right
 * edge). Returns the columns taken. @text is UTF-8; what cannot be shown
 * becomes U+FFFD.
 */
int canvas_text(Canvas *canvas, int row, int column, int width, guint style,
		const char *text);

/* The same, so that it ends before column @column + @width. */
void canvas_right(Canvas *canvas, int row, int column, int width,
		  guint style, const char *text);

int canvas_print(Canvas *canvas, int row, int column, int width, guint style,
		 const char *format, ...) G_GNUC_PRINTF(6, 7);

/* In the middle of the row. */
void canvas_centre(Canvas *canvas, int row, guint style, const char *text);

/* @width times the character that @glyph is. */
void canvas_repeat(Canvas *canvas, int row, int column, int width,
		   guint style, const char *glyph);

/* Give @width cells another style, keeping what they show. */
void canvas_restyle(Canvas *canvas, int row, int column, int width,
		    guint style);

/*
 * "── TITLE ─────────── RIGHT ──" over @width columns; both texts may be
 * NULL.
 */
void canvas_rule(Canvas *canvas, int row, int column, int width,
		 const char *title, const char *right);

/* An emptied box with a frame, its title above and @foot below. */
void canvas_box(Canvas *canvas, int row, int column, int rows, int columns,
		const char *title, const char *foot);

/* A row of bars, the last of @n values at the right. (transfer full) */
char *canvas_sparkline(const guint *values, guint n);

/* "███░░" for @percent of @width cells. (transfer full) */
char *canvas_gauge(guint percent, guint width);

/*
 * Break @text at blanks into lines of at most @width columns, at most
 * @max_lines; the last one keeps the rest. (transfer full)
 */
GPtrArray *canvas_wrap(const Canvas *canvas, const char *text, int width,
		       guint max_lines);

void canvas_cursor(Canvas *canvas, int row, int column);

/* The rows as text, each ended by a newline. (transfer full) */
char *canvas_to_text(const Canvas *canvas);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Canvas, canvas_free)

#endif
