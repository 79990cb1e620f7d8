// SPDX-License-Identifier: GPL-2.0-or-later
#include "tui/list.h"

void
list_fit(List *list, guint n, guint height, int row)
{
	height = MAX(height, 1);
	list->height = height;
	list->row = row;
	list->cursor = n ? MIN(list->cursor, n - 1) : 0;
	if (list->cursor < list->top)
		list->top = list->cursor;
	if (list->cursor >= list->top + height)
		list->top = list->cursor - height + 1;
	if (list->top + height > n)
		list->top = n > height ? n - height : 0;
}

gboolean
list_act(List *list, guint n, Action action)
{
	guint page = MAX(list->height, 2) - 1;

	switch ((int)action) {
	case ACTION_UP:
		list->cursor -= list->cursor > 0;
		return TRUE;
	case ACTION_DOWN:
		list->cursor += list->cursor + 1 < n;
		return TRUE;
	case ACTION_PAGE_UP:
		list->cursor -= MIN(list->cursor, page);
		return TRUE;
	case ACTION_PAGE_DOWN:
		list->cursor = n ? MIN(list->cursor + page, n - 1) : 0;
		return TRUE;
	case ACTION_FIRST:
		list->cursor = 0;
		return TRUE;
	case ACTION_LAST:
		list->cursor = n ? n - 1 : 0;
		return TRUE;
	}
	return FALSE;
}

gboolean
list_click(List *list, guint n, const Stroke *stroke)
{
	guint index;

	if (stroke->key != STROKE_CLICK || stroke->row < list->row ||
	    stroke->row >= list->row + (int)list->height)
		return FALSE;
	index = list->top + (stroke->row - list->row);
	if (index < n)
		list->cursor = index;
	return TRUE;
}
