// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The log, replayed: from the files to living messages in their present
 * state, and to the index of what each segment is needed for. What is
 * damaged is copied into corrupt/ and told; nothing else is written, and in
 * offline use nothing at all.
 */
#ifndef MASQMAIL_ENGINE_QUEUE_REPLAY_H
#define MASQMAIL_ENGINE_QUEUE_REPLAY_H

#include <glib.h>

#include "daemon/engine/queue-guard.h"
#include "daemon/engine/queue-index.h"
#include "daemon/engine/queue-scan.h"

typedef struct {
	Index *index;
	GPtrArray *scans;     /* of Scan, ascending */
	GPtrArray *messages;  /* of Message, by id; owned */
	GPtrArray *sentences; /* of char *, owned */
	GPtrArray *keys;      /* of RecordKeyLine: ended, in log order */
	guint64 last_id;      /* the highest id there ever was */
	int corrupt;          /* -1: keep no copies */
} Replay;

/*
 * Read everything below @directory. @corrupt is the directory for damaged
 * parts or -1; both stay the caller's. Keys that ended before @keys_since
 * (Unix seconds) are left out. @guard (nullable). (transfer full), NULL and
 * @error when the directory cannot be read.
 */
Replay *replay_read(int directory, int corrupt, gint64 keys_since,
		    Guard *guard, GError **error);
void replay_free(Replay *replay); /* takes NULL */

/* The scan of a segment in @replay; (nullable) (transfer none). */
Scan *replay_scan(const Replay *replay, guint64 number);

/*
 * Copy @size bytes at @offset of @scan into corrupt/, synced. FALSE when
 * they are there already, or cannot be kept. @ret_name (transfer full).
 */
gboolean replay_keep(int corrupt, Scan *scan, guint64 offset, guint64 size,
		     char **ret_name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Replay, replay_free)

#endif
