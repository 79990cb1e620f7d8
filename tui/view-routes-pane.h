// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The lower part of the routes screen: what is known of one route, and who
 * goes where in the profile that holds now.
 */
#ifndef MASQMAIL_TUI_VIEW_ROUTES_PANE_H
#define MASQMAIL_TUI_VIEW_ROUTES_PANE_H

#include "tui/app.h"

/* A rule and four lines about @row (nullable). */
void pane_draw_route(App *app, Canvas *canvas, int at, GVariant *row);
void pane_draw_compact(App *app, Canvas *canvas, int at, GVariant *row);

/* How many lines pane_draw_rules has below its rule. */
int pane_rules(App *app);
void pane_draw_rules(App *app, Canvas *canvas, int at);

/* Make one row of the screen stand out. */
void pane_embolden(Canvas *canvas, int at);

#endif
