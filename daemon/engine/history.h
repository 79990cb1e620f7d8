// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The delivery history: one line of text for each finished message, in the
 * state directory, so that "did it arrive?" has an answer after the queue
 * forgot. Append-only, bounded in size and age, rotated by rename: a crash
 * costs at most the last lines, never the file. Written by transition.c
 * when a message ends, searched by the History method. Not synced: it is a
 * convenience, the queue is the promise.
 */
#ifndef MASQMAIL_ENGINE_HISTORY_H
#define MASQMAIL_ENGINE_HISTORY_H

#include <glib.h>

#include "daemon/engine/message.h"

#define HISTORY_DAYS 90
#define HISTORY_FILE_BYTES (2 * 1024 * 1024)  /* then it is rotated */
#define HISTORY_FILES 8                       /* the oldest goes */
#define HISTORY_LINE_MAX 8192                 /* recipients beyond: "+N" */

typedef struct {
	gint64 when;     /* Unix seconds: when it ended */
	guint64 id;
	uid_t uid;       /* who handed it in */
	gint64 arrived;  /* Unix seconds */
	guint64 size;
	char *result;    /* "delivered", "bounced", "removed", "mixed" */
	char *sender;    /* "" is the null sender */
	char *recipients; /* "a@b=delivered c@d=bounced +3" */
	char *route;     /* of the last attempt that counted; "" for none */
	char *subject;   /* "" when unknown */
	char *answer;    /* the last server's answer; "" when none */
	char *network;   /* where we were, in words; these may be "", too */
	char *profile;   /* of the last attempt */
	char *host;      /* who gave the answer */
	char *tls;       /* how that connection was secured */
	char *remote_id; /* the next hop's own id */
} HistoryEntry;

void history_entry_free(HistoryEntry *entry);

typedef struct History History;

/*
 * The history in @directory (which must exist). @file_bytes 0: the default
 * bound. Opens nothing yet, never fails.
 */
History *history_new(const char *directory, guint64 file_bytes);
void history_free(History *history); /* takes NULL */

/*
 * From now on keep @days (at first HISTORY_DAYS; 0: nothing new is kept),
 * with or without the subjects.
 */
void history_keep(History *history, guint days, gboolean subjects);

/* Let go what is older than is kept. */
void history_prune(History *history, gint64 now);

/*
 * Append the line of a message that ended at @now (Unix seconds), at
 * @network (nullable).
 */
gboolean history_add(History *history, const Message *message,
		     const char *network, gint64 now, GError **error);

typedef struct {
	guint64 id;     /* 0: any */
	gint64 since;   /* Unix seconds; 0: all there is */
	guint last;     /* at most so many, the latest; 0: 1000 */
	gboolean all;   /* of every uid; else only of @uid */
	uid_t uid;
	gint64 now;     /* Unix seconds: what is too old is not told */
	const char *words; /* all of them in the line; this and those below
	                      are (nullable): any */
	const char *from;  /* in the sender; words and these without case */
	const char *to;    /* in the recipients */
	const char *route; /* this very name */
} HistoryFilter;

#define HISTORY_READ_MAX 10000 /* entries one read may return */
#define HISTORY_WORDS_MAX 16   /* words looked for; the last has the rest */

/*
 * What passes @filter, the oldest first: (transfer full), an array of
 * HistoryEntry that frees them. NULL and @error when unreadable; lines that
 * make no sense are skipped.
 */
GPtrArray *history_read(History *history, const HistoryFilter *filter,
			GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HistoryEntry, history_entry_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(History, history_free)

#endif
