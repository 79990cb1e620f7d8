// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where everything is: living messages and what each segment is still
 * needed for. Values only, no file. The one place that knows when a segment
 * may go. Filled by queue-replay.c at start, kept by the queue.
 *
 * A segment is needed by (living) messages stored in it, by (pins) living
 * messages stored elsewhere whose marks since their last S are in it, and by
 * (held) ended messages whose E is in it while a segment with their M still
 * exists. A segment that needs nothing more of others lets go of them only
 * when it is gone from the directory, synced: index_forget().
 */
#ifndef MASQMAIL_ENGINE_QUEUE_INDEX_H
#define MASQMAIL_ENGINE_QUEUE_INDEX_H

#include <glib.h>

#include "daemon/engine/message.h"

typedef struct {
	guint64 number;
	guint64 size;       /* bytes, as far as known */
	gboolean going;     /* its unlink, or the move of its rest, is on */
	gboolean candidate; /* is in Index.candidates */
	guint living;
	guint pins;
	guint held;
	GArray *dead;   /* of Dead; NULL while empty */
	GArray *ghosts; /* of guint64: ids of other copies of M; or NULL */
} Segment;

/* An ended message whose M is in the segment that has this. */
typedef struct {
	guint64 id;
	Segment *end; /* where its E is, another segment */
} Dead;

typedef struct {
	guint64 id;
	Message *message; /* (transfer none) */
	Segment *segment; /* where its M is */
	guint64 body_offset;
	guint64 body_size;
	guint32 body_crc;
	guint inflight; /* marks given to the thread, not yet answered */
	gboolean ended; /* E is on its way */
	gboolean ghosted;
	gboolean verified; /* the body was read whole and was right */
	gboolean damaged;
	GSList *marks; /* of Segment: its pins */
} Entry;

typedef struct {
	GHashTable *segments; /* guint64 number -> Segment, owned */
	GHashTable *entries;  /* guint64 id -> Entry, owned */
	GPtrArray *candidates; /* of Segment: look whether it may go */
	guint64 current;       /* number of the segment appended to */
} Index;

Index *index_new(void);
void index_free(Index *index); /* takes NULL */

/* Found or made (transfer none). */
Segment *index_segment(Index *index, guint64 number);

/* Appends go to @number from now on; the one before may be free to go. */
void index_set_current(Index *index, guint64 number);

/* (nullable) (transfer none) */
Entry *index_find(Index *index, guint64 id);

/* A living message, its M in @segment (transfer none). */
Entry *index_add(Index *index, guint64 id, Message *message,
		 Segment *segment);

/* A V, A or S of @entry is in @segment. */
void index_mark(Index *index, Entry *entry, Segment *segment);
/* An S of @entry is in @segment: no mark before it counts. */
void index_state(Index *index, Entry *entry, Segment *segment);

/* Another copy of M of @id is in @segment, which was given up. */
void index_ghost(Index *index, guint64 id, Segment *segment);

/* E of @entry is in @segment: the entry is freed. */
void index_end(Index *index, Entry *entry, Segment *segment);
/* E of @id is in @end, and an M of it in @segment. */
void index_dead(Index *index, guint64 id, Segment *segment, Segment *end);

/* An E list for all that @from was held for is in @to. */
void index_move_held(Index *index, Segment *from, Segment *to);
/* (transfer full). The ids of which @segment holds the E. */
GArray *index_held_ids(Index *index, const Segment *segment);
/* (transfer container). The entries that pin @segment. */
GPtrArray *index_pinning(Index *index, const Segment *segment);

/* Consider @segment again. */
void index_consider(Index *index, Segment *segment);

/* It is gone from the directory. Frees it. */
void index_forget(Index *index, Segment *segment);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Index, index_free)

#endif
