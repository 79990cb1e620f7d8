// SPDX-License-Identifier: GPL-2.0-or-later
#include "tui/term.h"

#include <langinfo.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <curses.h>

#include "tui/term-colours.h"

#define ESCAPE_DELAY_MS 25

struct Term {
	SCREEN *screen;
	TermOptions options;
	attr_t inks[INK_COUNT];
	short pairs[INK_COUNT];
	Cell *shown;
	int rows, columns; /* of shown */
};

G_DEFINE_QUARK(masqmail-term-error, term_error)

gboolean
term_is_ascii(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
}

static gboolean
is_terminal(GError **error)
{
	if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		return TRUE;
	g_set_error(error, TERM_ERROR, 0,
		    "this is no terminal; masqctl shows the same as plain "
		    "text");
	return FALSE;
}

static gboolean
can_move_cursor(void)
{
	const char *capability = tigetstr("cup");

	return capability && capability != (char *)-1;
}

static void
allocate_shown(Term *term)
{
	getmaxyx(stdscr, term->rows, term->columns);
	g_free(term->shown);
	term->shown = g_new0(Cell, term->rows * term->columns);
}

static void
prepare_screen(Term *term)
{
	/* Not cbreak: ^C, ^Z and ^\ are keys in the table like others. */
	raw();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	leaveok(stdscr, FALSE);
	set_escdelay(ESCAPE_DELAY_MS);
	term_colours(&term->options, term->inks, term->pairs);
	term_set_mouse(term, term->options.mouse);
	allocate_shown(term);
}

static Term *
refuse(Term *term, GError **error)
{
	const char *name = g_getenv("TERM");

	g_set_error(error, TERM_ERROR, 0,
		    "the terminal type TERM=%s is unknown or cannot move its "
		    "cursor; masqctl shows the same as plain text",
		    name ? name : "");
	if (term->screen)
		delscreen(term->screen);
	g_free(term);
	return NULL;
}

Term *
term_open(const TermOptions *options, GError **error)
{
	Term *term;

	if (!is_terminal(error))
		return NULL;
	term = g_new0(Term, 1);
	term->options = *options;
	term->screen = newterm(NULL, stdout, stdin);
	if (!term->screen)
		return refuse(term, error);
	if (!can_move_cursor()) {
		endwin();
		return refuse(term, error);
	}
	prepare_screen(term);
	return term;
}

void
term_close(Term *term)
{
	if (!term)
		return;
	term_set_mouse(term, FALSE);
	endwin();
	delscreen(term->screen);
	g_free(term->shown);
	g_free(term);
}

gboolean
term_resized(Term *term)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || !size.ws_row ||
	    !size.ws_col)
		return FALSE;
	if (size.ws_row == term->rows && size.ws_col == term->columns)
		return FALSE;
	resizeterm(MIN(size.ws_row, CANVAS_MAX_ROWS),
		   MIN(size.ws_col, CANVAS_MAX_COLUMNS));
	allocate_shown(term);
	clearok(curscr, TRUE);
	return TRUE;
}

void
term_size(const Term *term, int *ret_rows, int *ret_columns)
{
	*ret_rows = term->rows;
	*ret_columns = term->columns;
}

static void
show_cell(Term *term, const Cell *cell, int row, int column)
{
	Ink ink = cell->style & STYLE_INK;
	attr_t attributes = term->inks[ink];
	wchar_t text[2 + CANVAS_MARKS] = { 0 };
	cchar_t complex;

	if (cell->width == 0)
		return;
	if (cell->style & STYLE_BOLD)
		attributes |= A_BOLD;
	if (cell->style & STYLE_REVERSE)
		attributes ^= A_REVERSE;
	if (cell->style & STYLE_UNDERLINE)
		attributes |= A_UNDERLINE;
	for (guint i = 0; i <= CANVAS_MARKS; i++)
		text[i] = (wchar_t)cell->chars[i];
	setcchar(&complex, text, attributes, term->pairs[ink], NULL);
	mvadd_wch(row, column, &complex);
}

void
term_show(Term *term, const Canvas *canvas)
{
	int rows = MIN(canvas->rows, term->rows);
	int columns = MIN(canvas->columns, term->columns);

	for (int row = 0; row < rows; row++)
		for (int column = 0; column < columns; column++) {
			const Cell *cell = canvas_cell(canvas, row, column);
			Cell *shown =
				term->shown + row * term->columns + column;

			if (memcmp(cell, shown, sizeof(*cell)) == 0)
				continue;
			*shown = *cell;
			show_cell(term, cell, row, column);
		}
	move(MIN(canvas->cursor_row, rows - 1),
	     MIN(canvas->cursor_column, columns - 1));
	refresh();
}

void
term_redraw(Term *term)
{
	memset(term->shown, 0,
	       sizeof(Cell) * term->rows * term->columns);
	clearok(curscr, TRUE);
}

void
term_set_mouse(Term *term, gboolean on)
{
	term->options.mouse = on;
	mouseinterval(0);
	mousemask(on ? BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED
		     : 0,
		  NULL);
}

void
term_leave(Term *term)
{
	(void)term;
	endwin();
}

void
term_return(Term *term)
{
	reset_prog_mode();
	term_resized(term);
	term_redraw(term);
	refresh();
}

void
term_beep(Term *term)
{
	(void)term;
	beep();
}

static guint
special_stroke(wint_t code)
{
	static const struct {
		int code;
		guint key;
	} table[] = {
		{ KEY_UP, STROKE_UP },
		{ KEY_DOWN, STROKE_DOWN },
		{ KEY_LEFT, STROKE_LEFT },
		{ KEY_RIGHT, STROKE_RIGHT },
		{ KEY_HOME, STROKE_HOME },
		{ KEY_END, STROKE_END },
		{ KEY_PPAGE, STROKE_PAGE_UP },
		{ KEY_NPAGE, STROKE_PAGE_DOWN },
		{ KEY_IC, STROKE_INSERT },
		{ KEY_DC, STROKE_DELETE },
		{ KEY_BACKSPACE, STROKE_BACKSPACE },
		{ KEY_BTAB, STROKE_BACKTAB },
		{ KEY_ENTER, STROKE_ENTER },
	};

	if (code > KEY_F(0) && code <= KEY_F(12))
		return STROKE_F0 + (code - KEY_F(0));
	for (guint i = 0; i < G_N_ELEMENTS(table); i++)
		if ((wint_t)table[i].code == code)
			return table[i].key;
	return STROKE_NONE;
}

static guint
mouse_stroke(Stroke *stroke)
{
	MEVENT event;

	if (getmouse(&event) != OK)
		return STROKE_NONE;
	stroke->row = event.y;
	stroke->column = event.x;
	if (event.bstate & BUTTON4_PRESSED)
		return STROKE_WHEEL_UP;
	if (event.bstate & BUTTON5_PRESSED)
		return STROKE_WHEEL_DOWN;
	return event.bstate & BUTTON1_PRESSED ? STROKE_CLICK : STROKE_NONE;
}

gboolean
term_read(Term *term, Stroke *ret_stroke)
{
	wint_t code;
	int kind = get_wch(&code);

	(void)term;
	if (kind == ERR)
		return FALSE;
	memset(ret_stroke, 0, sizeof(*ret_stroke));
	if (kind == KEY_CODE_YES)
		ret_stroke->key = code == KEY_MOUSE ? mouse_stroke(ret_stroke)
						    : special_stroke(code);
	else if (code == 0x7f || code == '\b')
		ret_stroke->key = STROKE_BACKSPACE;
	else
		ret_stroke->key = code == '\n' ? STROKE_ENTER : code;
	return TRUE;
}
