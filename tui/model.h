// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The queue as last heard: a window of rows in the engine's order, the row
 * under the cursor, tags, and rows that have left but are shown a little
 * longer. It says what to ask the engine for and takes the answers; it
 * never talks to it. Pure: time is a parameter.
 *
 * The window grows at both ends while the cursor nears them and is cut at
 * the far one. While it holds the whole queue, changes are put in their
 * place here; else they make the window stale and it is asked for again.
 */
#ifndef MASQMAIL_TUI_MODEL_H
#define MASQMAIL_TUI_MODEL_H

#include "tui/row.h"

#define MODEL_PAGE 100         /* rows asked for at once */
#define MODEL_WINDOW 1000      /* rows kept at most */
#define MODEL_MARGIN 60        /* rows kept ready around the cursor */
#define MODEL_LINGER 60        /* seconds a row stays after it left */

typedef struct Model Model;

/* One List to be asked. */
typedef struct {
	gboolean backwards;   /* against the order, for what is before */
	gboolean replace;     /* the answer is the new window */
	gboolean again;       /* of a window that was there, but stale */
	char *after;          /* id, "" from the end */
	guint rows;
	guint generation;     /* of the question it belongs to */
} ModelQuery;

Model *model_new(void);
void model_free(Model *model);

/* The question. Changing it empties the window. (transfer none) */
void model_set_filter(Model *model, const char *filter);
const char *model_filter(const Model *model);
void model_set_order(Model *model, const char *order, gboolean reverse);
const char *model_order(const Model *model);
gboolean model_reversed(const Model *model);

/*
 * What to ask next; FALSE when the window has all it needs. At most one
 * question is open: between model_next_query and model_take_rows, or
 * model_give_up, it returns FALSE. A stale window is only asked for again
 * when @again. @ret_query->after is the caller's.
 */
gboolean model_next_query(Model *model, gboolean again,
			  ModelQuery *ret_query);
gboolean model_is_stale(const Model *model);

/*
 * Take the answer "(uav)" to @query. FALSE: it does not fit the window any
 * more and is forgotten.
 */
gboolean model_take_rows(Model *model, const ModelQuery *query,
			 GVariant *reply);
void model_give_up(Model *model);

/* Take one Message notice. */
void model_take_message(Model *model, GVariant *record, gint64 now);

/* The window must be asked for again, from around the cursor. */
void model_mark_stale(Model *model);

/* The daemon went away: what is known stays, until it is heard again. */
void model_reset_questions(Model *model);

/* Rows shown, in the window; how many there are; where the window begins. */
guint model_rows(const Model *model);
guint model_total(const Model *model);
guint model_first(const Model *model);
const Row *model_row(const Model *model, guint index);
const Row *model_find(const Model *model, const char *id); /* (nullable) */
/* Whether an answer was heard yet. */
gboolean model_heard(const Model *model);

/* The cursor stays on its message, whatever moves. */
guint model_cursor(const Model *model); /* index in the window */
const Row *model_focus(const Model *model); /* (nullable) */
void model_move(Model *model, int rows);
void model_move_to(Model *model, guint index);
void model_go_first(Model *model);
void model_go_last(Model *model);

/*
 * Move the cursor to the next row that contains @text, or the one before;
 * round the ends. FALSE when no row of the window does.
 */
gboolean model_search(Model *model, const char *text, gboolean backwards);

void model_toggle_tag(Model *model);
void model_tag_all(Model *model);
void model_untag_all(Model *model);
guint model_tags(const Model *model);
gboolean model_is_tagged(const Model *model, const Row *row);

/* Ids of the tagged rows, or the one under the cursor. (transfer full) */
char **model_chosen(const Model *model);

/* While frozen nothing moves; what comes is counted. */
void model_freeze(Model *model, gboolean frozen);
gboolean model_frozen(const Model *model);
guint model_unseen(const Model *model);

/*
 * Drop rows that have left long enough ago. Returns when to call again, in
 * Unix seconds, or 0.
 */
gint64 model_expire(Model *model, gint64 now);

/* The last message that was seen leaving for good; NULL if none. */
const Row *model_last_sent(const Model *model);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Model, model_free)

#endif
