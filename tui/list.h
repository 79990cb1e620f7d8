// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A list under a cursor, as most screens have one: how far it is scrolled
 * and where the cursor stands. Pure arithmetic.
 */
#ifndef MASQMAIL_TUI_LIST_H
#define MASQMAIL_TUI_LIST_H

#include "tui/keys.h"
#include "tui/term.h"

typedef struct {
	guint cursor, top;
	guint height; /* as last drawn */
	int row;      /* where it was drawn, for the mouse */
} List;

/* Before drawing @height lines of @n rows at @row: put all in range. */
void list_fit(List *list, guint n, guint height, int row);

/* Movement keys; FALSE when @action is none. */
gboolean list_act(List *list, guint n, Action action);

/* A click into the list moves the cursor; FALSE when it was elsewhere. */
gboolean list_click(List *list, guint n, const Stroke *stroke);

#endif
