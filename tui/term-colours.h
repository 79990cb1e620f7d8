// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the inks look like on terminals of 256, 16, 8 and no colours. Part
 * of term, and like it a user of ncurses; nobody else calls it.
 */
#ifndef MASQMAIL_TUI_TERM_COLOURS_H
#define MASQMAIL_TUI_TERM_COLOURS_H

#include <curses.h>

#include "tui/term.h"

/*
 * Fill the attributes and colour pairs of all inks, after newterm. The
 * terminal's own foreground and background stay what they are, so that
 * light and dark ones both can be read.
 */
void term_colours(const TermOptions *options, attr_t inks[INK_COUNT],
		  short pairs[INK_COUNT]);

#endif
