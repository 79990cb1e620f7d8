// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The terminal: the only user of ncurses. It knows colours, key codes and
 * how to leave the terminal as it was found. main opens one, shows each
 * finished canvas on it and reads strokes when its descriptor is readable.
 */
#ifndef MASQMAIL_TUI_TERM_H
#define MASQMAIL_TUI_TERM_H

#include <glib.h>

#include "tui/canvas.h"

/* Keys that are no character; Ctrl-A is 1 and so on. */
enum {
	STROKE_NONE = 0,
	STROKE_TAB = '\t',
	STROKE_ENTER = '\r',
	STROKE_ESCAPE = 0x1b,
	STROKE_SPECIAL = 0x110000,
	STROKE_UP,
	STROKE_DOWN,
	STROKE_LEFT,
	STROKE_RIGHT,
	STROKE_HOME,
	STROKE_END,
	STROKE_PAGE_UP,
	STROKE_PAGE_DOWN,
	STROKE_INSERT,
	STROKE_DELETE,
	STROKE_BACKSPACE,
	STROKE_BACKTAB,
	STROKE_CLICK,
	STROKE_WHEEL_UP,
	STROKE_WHEEL_DOWN,
	STROKE_F0, /* F1 is STROKE_F0 + 1 */
	STROKE_LAST = STROKE_F0 + 13,
};

/* One press of a key, or of the mouse at @row and @column. */
typedef struct {
	guint key;
	int row, column;
} Stroke;

typedef struct {
	gboolean mono;  /* no colour, whatever the terminal can do */
	gboolean blind; /* colours that red-green blind people tell apart */
	gboolean mouse;
} TermOptions;

typedef struct Term Term;

#define TERM_ERROR (term_error_quark())

GQuark term_error_quark(void);

/*
 * Whether a canvas for this terminal must keep to ASCII: the character set
 * of the locale is not UTF-8. setlocale must have been called.
 */
gboolean term_is_ascii(void);

/*
 * Take the terminal over. NULL with an error, the terminal untouched, when
 * there is none or when it cannot move its cursor.
 */
Term *term_open(const TermOptions *options, GError **error);

/* Give the terminal back. NULL is fine. */
void term_close(Term *term);

/* Ask the kernel for the size again; TRUE if it changed. */
gboolean term_resized(Term *term);
void term_size(const Term *term, int *ret_rows, int *ret_columns);

/* Show @canvas: only what changed is sent. */
void term_show(Term *term, const Canvas *canvas);

/* Forget what is on the screen: the next term_show draws all of it. */
void term_redraw(Term *term);

/* The next waiting stroke; FALSE when there is none. Never blocks. */
gboolean term_read(Term *term, Stroke *ret_stroke);

void term_set_mouse(Term *term, gboolean on);

/* Leave the screen while @work runs, such as a pager or a stop by ^Z. */
void term_leave(Term *term);
void term_return(Term *term);

void term_beep(Term *term);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Term, term_close)

#endif
