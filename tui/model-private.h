// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shared by model.c (question, cursor, tags) and model-window.c (what the
 * engine answers and tells); nobody else includes it.
 */
#ifndef MASQMAIL_TUI_MODEL_PRIVATE_H
#define MASQMAIL_TUI_MODEL_PRIVATE_H

#include "tui/model.h"

struct Model {
	char *filter, *order;
	gboolean reverse;
	GPtrArray *rows;    /* of Row: the window */
	GHashTable *by_id;  /* id -> Row, borrowed from rows */
	GHashTable *tags;   /* ids */
	GPtrArray *fresh;   /* of Row: a stale window, being read anew; NULL */
	guint first, total; /* total: without rows that have left */
	guint cursor;
	char *focus; /* id; (nullable) when there is no row */
	gint64 target; /* row of the whole queue the cursor is on its way
			  to while more is asked for; -1: none */
	gboolean heard, asking, stale, frozen;
	guint unseen;
	guint generation; /* answers to older questions are dropped */
	enum { WANT_NOTHING, WANT_FIRST, WANT_LAST } want;
	Row *last_sent;
};

static inline Row *
row_at(const Model *model, guint index)
{
	return model->rows->pdata[index];
}

/* Rows of the window that have not left. */
guint model_live_rows(const Model *model);

/* The first or the last of them; "" if there is none. */
const char *model_outermost_id(const Model *model, gboolean first);

void model_set_focus(Model *model, guint index);

/* After rows came, went or moved: find the cursor's message again. */
void model_settle(Model *model);

/* Go on to the target, as far as the window reaches. */
void model_approach(Model *model);

/* Give up reading the window anew. */
void model_drop_fresh(Model *model);

void model_remove_row(Model *model, guint index);

#endif
