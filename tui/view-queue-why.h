// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The lower part of the queue screen: why the message under the cursor is
 * still here, and the line about the whole list.
 */
#ifndef MASQMAIL_TUI_VIEW_QUEUE_WHY_H
#define MASQMAIL_TUI_VIEW_QUEUE_WHY_H

#include "tui/app.h"

/* A rule and four lines from @at on. */
void why_draw(App *app, Canvas *canvas, int at);
void why_draw_compact(App *app, Canvas *canvas, int at);
void why_draw_status(App *app, Canvas *canvas, int at);

#endif
