// SPDX-License-Identifier: GPL-2.0-or-later
#include "tui/term-colours.h"

#include <stdlib.h>
#include <string.h>

#define OWN (-1) /* the terminal's own colour */

/* Three palettes a theme: for 256, for 16 and for 8 colours. */
typedef short Palette[INK_COUNT];

/*
 * The middle greens, blues and reds of the 256 cube have enough contrast on
 * white and on black alike; plain blue and yellow of the first 16 do not.
 */
static const Palette usual[] = {
	{ OWN, OWN, 244, 34, 33, 172, 160, 37 },
	{ OWN, OWN, 8, COLOR_GREEN, COLOR_CYAN, COLOR_MAGENTA, COLOR_RED,
	  COLOR_CYAN },
	{ OWN, OWN, OWN, COLOR_GREEN, COLOR_CYAN, COLOR_MAGENTA, COLOR_RED,
	  COLOR_CYAN },
};

static const Palette blue_and_orange[] = {
	{ OWN, OWN, 244, 33, 39, 172, 166, 37 },
	{ OWN, OWN, 8, COLOR_BLUE, COLOR_CYAN, COLOR_YELLOW, COLOR_MAGENTA,
	  COLOR_CYAN },
	{ OWN, OWN, OWN, COLOR_BLUE, COLOR_CYAN, COLOR_YELLOW,
	  COLOR_MAGENTA, COLOR_CYAN },
};

/* Without colours: the word beside each glyph carries the meaning. */
static const attr_t plain[INK_COUNT] = {
	[INK_BAR] = A_REVERSE,
	[INK_DIM] = A_DIM,
	[INK_BUSY] = A_BOLD,
	[INK_BAD] = A_BOLD | A_UNDERLINE,
	[INK_ACCENT] = A_BOLD,
};

static gboolean
wants_colour(const TermOptions *options)
{
	const char *no = g_getenv("NO_COLOR");

	/* https://no-color.org: present and not empty, whatever it says. */
	return !options->mono && !(no && *no) && has_colors();
}

void
term_colours(const TermOptions *options, attr_t inks[INK_COUNT],
	     short pairs[INK_COUNT])
{
	const Palette *palettes = options->blind ? blue_and_orange : usual;
	guint depth;

	memcpy(inks, plain, sizeof(plain));
	memset(pairs, 0, sizeof(short) * INK_COUNT);
	if (!wants_colour(options))
		return;
	/* Only start_color knows how many there are. */
	start_color();
	if (COLOR_PAIRS <= INK_COUNT || use_default_colors() == ERR)
		return;
	depth = COLORS >= 256 ? 0 : COLORS >= 16 ? 1 : 2;
	for (short ink = INK_PLAIN; ink < INK_COUNT; ink++) {
		short colour = palettes[depth][ink];

		if (colour == OWN)
			continue;
		init_pair(ink + 1, colour, OWN);
		pairs[ink] = ink + 1;
		inks[ink] = A_NORMAL;
	}
}
