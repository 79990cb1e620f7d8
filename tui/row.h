// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One message as the queue screen knows it: the columns of List, harmless.
 * Knows which columns are asked for and how rows are ordered. Pure.
 */
#ifndef MASQMAIL_TUI_ROW_H
#define MASQMAIL_TUI_ROW_H

#include <glib.h>

typedef enum {
	STATE_SENDING,
	STATE_UNDO, /* it can still be taken back */
	STATE_QUEUED,
	STATE_WAITS,
	STATE_RETRY,
	STATE_HELD,
	STATE_FAILED,
	STATE_TRASH,
	STATE_SENT,
	STATE_COUNT,
} State;

typedef struct {
	char *id;
	State state;
	gint64 arrived, next_try, last_try, gives_up; /* Unix seconds */
	gint64 tries, size, progress, recipients, pending;
	char *sender, *to, *subject, *from, *why, *answer, *wait, *route;
	char *host, *tls, *origin;
	gint64 left_at; /* when it left the queue; 0: it is still there */
} Row;

/* Names of the columns to ask for, NULL-terminated. */
extern const char *const row_columns[];

Row *row_new(void);
void row_free(Row *row);

/* From one "v" of List's reply, a tuple in the order of row_columns. */
Row *row_from_tuple(GVariant *tuple);

/* From the a{sv} of a Message notice. NULL without an id. */
Row *row_from_record(GVariant *record);

State row_state_from_name(const char *name);

/* "sending", as it is on the wire. */
const char *row_state_name(State state);

/* The glyph of @state, in UTF-8. */
const char *row_state_glyph(State state);

/* The columns one can sort by, NULL-terminated. */
extern const char *const row_orders[];

/* Like strcmp, by @order; equal ones by their id. */
int row_compare(const Row *a, const Row *b, const char *order);

/*
 * Whether @needle, in small letters, is in what the screen shows of @row.
 */
gboolean row_contains(const Row *row, const char *needle);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Row, row_free)

#endif
