// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How the user likes to look at the queue, kept between runs: sorting,
 * columns, mouse. Never a filter, which would hide mail unasked, and never
 * anything of the configuration. One word and its value a line.
 */
#ifndef MASQMAIL_TUI_SETTINGS_H
#define MASQMAIL_TUI_SETTINGS_H

#include <glib.h>

typedef struct {
	char *order; /* a column; never NULL */
	gboolean reverse, wide, mouse;
} Settings;

/* The usual ones, then what the file @path says, if there is one. */
Settings *settings_load(const char *path);

/* Write them anew, at once or not at all; a failure is only forgotten. */
void settings_save(const Settings *settings, const char *path);
void settings_free(Settings *settings);

#endif
