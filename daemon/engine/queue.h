// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The queue: every message we promised to deliver, in one append-only log of
 * segments. Knows, with its pure codec record.c, the format on disk (see
 * record.h and masqmail-queue(5)) and owns the one thread that writes and
 * syncs. The main loop never waits for the disk: each call that must be
 * durable takes a callback, called from the default main context.
 *
 * Called by submit.c (submissions), deliver.c (verdicts, ends) and the
 * methods (actions, reading). Lifecycle: queue_open() locks the directory
 * and recovers, queue_take_messages() hands over what lives, queue_close()
 * flushes. Messages belong to the engine; the queue keeps a borrowed pointer
 * from commit (or recovery) to the durable end, so no message may be freed
 * before the callback of its queue_end().
 *
 * "Synced before memory changes": describe the change, give it to
 * queue_verdict() or queue_action(), and apply it to the Message in the
 * callback (recipient_apply, message_act). Marks never fail: while the disk
 * refuses, they wait in memory and the queue tries again by itself; only
 * queue_close() answers those it cannot write with QUEUE_ERROR_CLOSED.
 */
#ifndef MASQMAIL_ENGINE_QUEUE_H
#define MASQMAIL_ENGINE_QUEUE_H

#include <sys/types.h>

#include <glib.h>

#include "daemon/engine/change.h"
#include "daemon/engine/message.h"

/* Bounds; see also QueueOptions, which lets tests make them small. */
#define QUEUE_GATHER_MAX (256 * 1024)            /* one body in memory */
#define QUEUE_GATHER_ALL_MAX (4 * 1024 * 1024)   /* all of them */
#define QUEUE_SEGMENT_BYTES (4 * 1024 * 1024)
#define QUEUE_SEGMENT_RECORDS 4096
#define QUEUE_RESERVE_BYTES (1024 * 1024)
#define QUEUE_READ_MAX (64 * 1024)
#define QUEUE_LOCK_WAIT_MS 5000
#define QUEUE_GROUP_WAIT_US 2000
#define QUEUE_RECENT_KEYS 1024   /* submission keys of ended messages */
#define QUEUE_RECENT_SECONDS 3600

#define QUEUE_ERROR (queue_error_quark())

typedef enum {
	QUEUE_ERROR_LOCKED,    /* another engine owns the directory */
	QUEUE_ERROR_FULL,      /* no room now: 452 4.3.1 */
	QUEUE_ERROR_READ_ONLY, /* the disk refuses: 451 4.3.0 */
	QUEUE_ERROR_TOO_LARGE, /* over the size limit: 552 5.3.4 */
	QUEUE_ERROR_DAMAGED,   /* the stored body is not what was accepted */
	QUEUE_ERROR_UNKNOWN,   /* no such message */
	QUEUE_ERROR_CLOSED,    /* queue_close() before it could be written */
} QueueError;

GQuark queue_error_quark(void);

typedef enum {
	QUEUE_OK,
	QUEUE_LOW,       /* little room: refuse new mail (452), deliver */
	QUEUE_READ_ONLY, /* refuse new mail (451), start no delivery */
} QueueCondition;

/*
 * What the queue tells its engine, from the main loop or from within
 * queue_condition() and queue_read(), never from queue_open(). Each
 * (nullable).
 */
typedef struct {
	/* queue_condition() changed. */
	void (*condition)(gpointer user_data, QueueCondition condition,
			  const char *sentence);
	/*
	 * The stored body of @message is damaged (found by queue_read, which
	 * keeps failing): a copy was put into corrupt/. Hold the message,
	 * with @sentence as the reason.
	 */
	void (*damaged)(gpointer user_data, Message *message,
			const char *sentence);
} QueueEvents;

/* 0 or NULL: the default above. Set by tests, size_limit by the engine. */
typedef struct {
	guint64 size_limit; /* of one message, for queue_condition() */
	guint64 segment_bytes;
	guint segment_records;
	guint64 gather_max;
	guint64 gather_all_max;
	guint64 reserve_bytes;
	guint lock_wait_ms;
	guint retry_ms; /* first retry while read-only; doubles to 60 s */
} QueueOptions;

typedef struct Queue Queue;
typedef struct QueueSubmission QueueSubmission;

/*
 * Lock @directory (waits for a dying engine up to QUEUE_LOCK_WAIT_MS),
 * create what is missing in it, and read the log. @options and @events
 * (nullable, copied) (transfer none). Blocks; call before the main loop.
 * NULL and @error when locked or unreadable; damage in the log is no error,
 * see queue_sentences().
 */
Queue *queue_open(const char *directory, const QueueOptions *options,
		  const QueueEvents *events, gpointer user_data,
		  GError **error);

/*
 * Write what is still to be written, answer every callback, end the thread,
 * give up the lock. Takes NULL.
 */
void queue_close(Queue *queue);

/*
 * The living messages in the order of their ids, with all states replayed
 * and no finished one among them. (transfer full): an array of Message that
 * frees them; callable once, right after queue_open().
 */
GPtrArray *queue_take_messages(Queue *queue);

/*
 * What recovery found damaged and put into corrupt/, as sentences to log:
 * (transfer none), NULL-terminated, empty when all was well.
 */
const char *const *queue_sentences(Queue *queue);

/*
 * The condition, and (nullable) its sentence for people, "" when OK. LOW
 * is measured anew at each call: free space under 1.5 times the size limit
 * plus the reserve, or under 1 % of the inodes.
 */
QueueCondition queue_condition(Queue *queue, const char **ret_sentence);

/* Free bytes for us on the queue's file system; 0 if unknown. */
guint64 queue_bytes_free(Queue *queue);

/*
 * Whether @uid handed in a message with this submission key that lives or
 * ended recently (not longer ago than QUEUE_RECENT_SECONDS, at most
 * QUEUE_RECENT_KEYS of them; both survive a restart). @ret_id (nullable).
 */
gboolean queue_find_key(Queue *queue, uid_t uid, const char *key,
			guint64 *ret_id);

/* --- submissions ------------------------------------------------------- */

/*
 * Begin one message of at most @size_limit bytes (0: no limit). From here to
 * commit or free it counts as "standing", for which commits of others wait
 * up to QUEUE_GROUP_WAIT_US: begin it when data is about to come, not at
 * MAIL. Never fails.
 */
QueueSubmission *queue_submission_new(Queue *queue, guint64 size_limit);

/* The id it will have: max(now, last + 1) in microseconds since 1970. */
guint64 queue_submission_id(const QueueSubmission *submission);

/* Bytes written so far. */
guint64 queue_submission_size(const QueueSubmission *submission);

/*
 * Append to the body, which is stored as it comes (canonical CRLF is the
 * caller's work). Gathered in memory up to QUEUE_GATHER_MAX, streamed into
 * tmp/ beyond. FALSE: TOO_LARGE, FULL or READ_ONLY; the submission can then
 * only be freed.
 */
gboolean queue_submission_write(QueueSubmission *submission,
				const void *bytes, gsize size,
				GError **error);

/*
 * Up to @size bytes of the uncommitted body at @offset, for a scan. Returns
 * the count, 0 at its end, -1 and @error.
 */
gssize queue_submission_read(QueueSubmission *submission, guint64 offset,
			     void *buffer, gsize size, GError **error);

/*
 * @message (transfer full): durable and queued, now borrowed by the queue;
 * NULL when refused: @error is FULL or READ_ONLY, @message was freed.
 */
typedef void (*QueueCommitted)(gpointer user_data, Message *message,
			       const GError *error);

/*
 * Make it durable, then call @callback. Takes both @submission and @message
 * (transfer full); sets the message's id and size. The recipients' states
 * are stored too: those that are final already need no verdict.
 */
void queue_submission_commit(QueueSubmission *submission, Message *message,
			     QueueCommitted callback, gpointer user_data);

/* Abandon: nothing of it remains. Takes NULL. */
void queue_submission_free(QueueSubmission *submission);

/* --- marks ------------------------------------------------------------- */

/* @error is NULL (durable), or QUEUE_ERROR_CLOSED. */
typedef void (*QueueDone)(gpointer user_data, const GError *error);

/*
 * Log what recipient @number of @message becomes. delivered, failed,
 * bounced and removed are synced; "deferred" (WAITING) is only written, so
 * its memory may change at once and @callback (nullable) comes after the
 * write.
 */
void queue_verdict(Queue *queue, Message *message, guint number,
		   const RecipientChange *change, QueueDone callback,
		   gpointer user_data);

/* Log an action, synced. @action (transfer none). @callback (nullable). */
void queue_action(Queue *queue, Message *message, const Action *action,
		  QueueDone callback, gpointer user_data);

/*
 * Nothing is owed for @message any more. When @callback comes (with or
 * without an error) the queue has forgotten the pointer: free the message
 * there. No other mark of this message may follow.
 */
void queue_end(Queue *queue, Message *message, QueueDone callback,
	       gpointer user_data);

/* --- reading ----------------------------------------------------------- */

/*
 * Up to @size (at most QUEUE_READ_MAX) bytes of a living message's body at
 * @offset; 0 at its end. The body's checksum is verified, once for each
 * message and start, before the last of its bytes are given out: whoever
 * got them all got what was accepted. -1: UNKNOWN, DAMAGED or a system
 * error; never pass on what was read so far as if it were whole.
 */
gssize queue_read(Queue *queue, guint64 id, guint64 offset, void *buffer,
		  gsize size, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Queue, queue_close)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(QueueSubmission, queue_submission_free)

#endif
