// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the files of the queue share: the queue itself, and the tasks that go
 * from the main loop to the sync thread and come back done. Included by
 * queue*.c only.
 *
 * The main loop owns the Index and every Message; the thread owns the Disk.
 * Between them stand two lists of tasks under one lock. A task is owned by
 * whoever has it; nothing in it is looked at from both sides. Tasks come
 * back in the order in which the log has them.
 */
#ifndef MASQMAIL_ENGINE_QUEUE_PRIVATE_H
#define MASQMAIL_ENGINE_QUEUE_PRIVATE_H

#include "daemon/engine/queue-disk.h"
#include "daemon/engine/queue-index.h"
#include "daemon/engine/queue.h"

#define QUEUE_TMP "tmp"
#define QUEUE_CORRUPT "corrupt"

typedef enum {
	TASK_APPEND, /* one record */
	TASK_LARGE,  /* a body in tmp/ becomes a segment */
	TASK_UNLINK,
	TASK_PUNCH,
} TaskKind;

typedef struct Task Task;

struct Task {
	TaskKind kind;
	Piece piece; /* APPEND, LARGE; segment and offset of the others */
	gboolean sync;
	guint64 punch; /* PUNCH: bytes */
	int fd;        /* LARGE: the file in tmp/; else -1 */
	char *name;    /* LARGE */
	RecordLine line; /* LARGE */

	guint64 ghost; /* out: a segment given up with a copy; 0: none */
	GError *error; /* out */

	/* In the main loop, when it comes back; then the task is freed. */
	void (*done)(Queue *queue, Task *task);
	Message *message;
	QueueCommitted committed;
	QueueDone callback;
	gpointer user_data;
	guint64 gathered; /* bytes of the gathering budget it holds */
};

/* The thread's half; see queue-thread.c. */
typedef struct {
	GThread *thread;
	GMutex lock; /* over the rest of this struct, but disk */
	GCond wake;
	GQueue todo;      /* of Task */
	GQueue finished;  /* of Task */
	guint standing;   /* submissions begun and not committed */
	guint served;     /* submissions of the last group */
	guint company;    /* those, and what came while it was synced */
	gboolean closing;
	gboolean bad;     /* the disk refuses to take marks */
	char *sentence;   /* why; "" */
	int event;        /* wakes the main loop */

	Disk *disk;       /* the thread's alone */
	GQueue owed;      /* thread: marks the disk has refused so far */
	gint64 retry_at;  /* thread: monotonic; 0: the disk is well */
	guint retry_ms;   /* thread: the next delay */
	guint retry_first_ms;
} Writer;

typedef struct {
	char *name; /* "UID KEY" */
	guint64 id;
	gint64 ended; /* Unix seconds; 0: lives */
} KeyEntry;

struct Queue {
	char *path;
	int directory; /* for reading; also holds the lock */
	int corrupt;
	int tmp;
	QueueOptions options;
	QueueEvents events;
	gpointer user_data;
	QueueCondition condition; /* as last told */
	char *sentence;

	Index *index;
	GPtrArray *messages;  /* recovered, until taken */
	GPtrArray *sentences; /* ends with NULL */
	guint64 last_id;

	GHashTable *keys; /* name -> KeyEntry, owned */
	GQueue recent;    /* of KeyEntry: ended, oldest first */

	guint64 gathered;
	guint64 tmp_count; /* makes names in tmp/ */
	int read_fd;       /* the segment read last */
	guint64 read_number;
	GHashTable *checks; /* id -> how far a body was verified */

	Writer writer;
	guint source; /* of the event */
};

/* --- queue-thread.c ---------------------------------------------------- */

Task *task_new(TaskKind kind, void (*done)(Queue *, Task *));
/* An append of a record; takes @text and @body (transfer full). */
Task *task_append(RecordType type, guint64 id, GBytes *text, GBytes *body,
		  gboolean sync, void (*done)(Queue *, Task *));
void task_free(Task *task);

gboolean writer_start(Writer *writer, Disk *disk, guint retry_ms,
		      GError **error);
/* Give a task to the thread (transfer full). */
void writer_push(Writer *writer, Task *task);
/* One submission more, or less, stands between begin and commit. */
void writer_stand(Writer *writer, int more);
/* (transfer full) (nullable). The next task that is done. */
Task *writer_pop(Writer *writer);
/* Let it end what it has, and end it. Then writer_pop() the rest. */
void writer_stop(Writer *writer);

/* --- queue-write.c: called in the thread ------------------------------- */

/* Do @tasks (taken from it); each comes back by writer_finish(). */
void writer_work(Writer *writer, GQueue *tasks);
/* The time to try again has come. */
void writer_retry(Writer *writer);
void writer_finish(Writer *writer, Task *task);
void writer_set_bad(Writer *writer, gboolean bad, const char *sentence);

/* --- queue-recover.c --------------------------------------------------- */

/* Fill a new queue from its directory, repair, and begin a segment. */
Disk *queue_recover(Queue *queue, GError **error);

/* --- queue-mark.c ------------------------------------------------------ */

/* The mark of an ended id that a given-up segment may still hold. */
void queue_cancelled(Queue *queue, Task *task);

/* --- queue-release.c --------------------------------------------------- */

/* Let segments go that are free to. */
void queue_release(Queue *queue);

/* --- queue-key.c ------------------------------------------------------- */

void queue_key_add(Queue *queue, const Message *message);
void queue_key_end(Queue *queue, const Message *message, gint64 now);
void queue_key_recall(Queue *queue, const RecordKeyLine *line);
/* Write the recent ones into a new segment. */
void queue_keys_carry(Queue *queue);
void queue_keys_init(Queue *queue);
void queue_keys_done(Queue *queue);

/* --- queue-read.c ------------------------------------------------------ */

/* Forget what was verified of it. */
void queue_read_forget(Queue *queue, guint64 id);
/* A segment is about to go. */
void queue_read_close(Queue *queue, guint64 number);

#endif
