// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a screen or popup is to the rest of masqtui: a row of operations.
 * The five screens live as long as the program; others are pushed above
 * them and popped. app.c calls these and nobody else does.
 */
#ifndef MASQMAIL_TUI_VIEW_H
#define MASQMAIL_TUI_VIEW_H

#include "tui/canvas.h"
#include "tui/keys.h"
#include "tui/term.h"

typedef struct App App;

typedef struct {
	const char *title; /* of the tab, untranslated */
	guint where;       /* its bit in the key table */
	gboolean popup;    /* what is below stays visible */

	/* State of one instance; @argument is what it was opened with. */
	gpointer (*new)(App *app, gconstpointer argument);
	void (*free)(gpointer state);

	/* It came to the front, or the daemon came back: ask for data. */
	void (*show)(App *app, gpointer state); /* (nullable) */

	/* Draw all of the canvas but the header, tabs, toast and footer. */
	void (*draw)(App *app, gpointer state, Canvas *canvas);

	/* FALSE when this action means nothing here. */
	gboolean (*act)(App *app, gpointer state, Action action);

	/* NEEDS_* bits that are met, beside the app's. (nullable) */
	guint (*have)(App *app, gpointer state);

	/* Sees each stroke first; TRUE if it took it. (nullable) */
	gboolean (*stroke)(App *app, gpointer state, const Stroke *stroke);

	/* The right end of the tab bar. (nullable) (transfer full) */
	char *(*corner)(App *app, gpointer state);

	/* A notice of Watch, after app took it. (nullable) */
	void (*notice)(App *app, gpointer state, const char *name,
		       GVariant *body);
} ViewOps;

extern const ViewOps view_queue;
extern const ViewOps view_routes;
extern const ViewOps view_networks;
extern const ViewOps view_log;
extern const ViewOps view_groups;
extern const ViewOps view_message; /* argument: the id */
extern const ViewOps view_profile;
extern const ViewOps view_learn;
extern const ViewOps view_help;
extern const ViewOps view_palette;
extern const ViewOps view_commands;
extern const ViewOps view_edit;    /* argument: the id */
extern const ViewOps view_reroute; /* argument: the ids, as char ** */
extern const ViewOps view_history; /* argument: the words */

#endif
