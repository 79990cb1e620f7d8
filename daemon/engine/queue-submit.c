// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A message being received. A small body is gathered in memory and written
 * with its record at commit; a large one goes to a file in tmp/ that is
 * already the segment it will be, but for the record, which stands behind
 * the body: neither envelope nor size are known before commit.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "common/error.h"
#include "daemon/engine/queue-private.h"

struct QueueSubmission {
	Queue *queue;
	guint64 id;
	guint64 size_limit;
	guint64 size;
	GByteArray *body; /* while it is gathered */
	int fd;           /* then: the file in tmp/ */
	char *name;
	RecordLine line;
	guint32 crc; /* of what is in the file */
	gboolean failed;
};

QueueSubmission *
queue_submission_new(Queue *queue, guint64 size_limit)
{
	QueueSubmission *submission = g_new0(QueueSubmission, 1);
	guint64 now = g_get_real_time();

	submission->queue = queue;
	submission->size_limit = size_limit;
	submission->body = g_byte_array_new();
	submission->fd = -1;
	queue->last_id = MAX(now, queue->last_id + 1);
	submission->id = queue->last_id;
	writer_stand(&queue->writer, 1);
	return submission;
}

static void
drop_body(QueueSubmission *submission)
{
	if (!submission->body)
		return;
	submission->queue->gathered -= submission->body->len;
	g_clear_pointer(&submission->body, g_byte_array_unref);
}

static void
submission_done(QueueSubmission *submission)
{
	drop_body(submission);
	if (submission->fd >= 0) {
		unlinkat(submission->queue->tmp, submission->name, 0);
		close(submission->fd);
	}
	g_free(submission->name);
	g_free(submission);
}

void
queue_submission_free(QueueSubmission *submission)
{
	if (!submission)
		return;
	writer_stand(&submission->queue->writer, -1);
	submission_done(submission);
}

guint64
queue_submission_id(const QueueSubmission *submission)
{
	return submission->id;
}

guint64
queue_submission_size(const QueueSubmission *submission)
{
	return submission->size;
}

static gboolean
refuse_errno(GError **error)
{
	gboolean full = errno == ENOSPC || errno == EDQUOT;

	g_set_error(error, QUEUE_ERROR,
		    full ? QUEUE_ERROR_FULL : QUEUE_ERROR_READ_ONLY,
		    "%s (%s).",
		    full ? "The queue's disk is full" :
			   "The queue's disk refuses to write",
		    g_strerror(errno));
	return FALSE;
}

static gboolean
append_to_file(QueueSubmission *submission, const void *bytes, gsize size,
	       GError **error)
{
	if (!disk_write_all(submission->fd, bytes, size))
		return refuse_errno(error);
	submission->crc = record_crc(submission->crc, bytes, size);
	return TRUE;
}

/* From memory to a file. */
static gboolean
spill(QueueSubmission *submission, GError **error)
{
	Queue *queue = submission->queue;
	guint8 line[RECORD_LINE_SIZE];

	if (!disk_new_line(queue->last_id, TRUE, &submission->line, error))
		return FALSE;
	submission->name = g_strdup_printf(
		"%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT, submission->id,
		++queue->tmp_count);
	submission->fd = openat(queue->tmp, submission->name,
				O_RDWR | O_CREAT | O_EXCL | O_APPEND |
					O_CLOEXEC, 0600);
	if (submission->fd < 0)
		return refuse_errno(error);
	record_line_encode(&submission->line, line);
	if (!disk_write_all(submission->fd, line, sizeof(line)))
		return refuse_errno(error);
	if (!append_to_file(submission, submission->body->data,
			    submission->body->len, error))
		return FALSE;
	drop_body(submission);
	return TRUE;
}

static gboolean
may_gather(const QueueSubmission *submission, gsize size)
{
	const Queue *queue = submission->queue;

	return submission->size + size <= queue->options.gather_max &&
	       queue->gathered + size <= queue->options.gather_all_max;
}

static gboolean
append_bytes(QueueSubmission *submission, const void *bytes, gsize size,
	     GError **error)
{
	if (submission->body && may_gather(submission, size)) {
		g_byte_array_append(submission->body, bytes, size);
		submission->queue->gathered += size;
		return TRUE;
	}
	if (submission->body && !spill(submission, error))
		return FALSE;
	return append_to_file(submission, bytes, size, error);
}

gboolean
queue_submission_write(QueueSubmission *submission, const void *bytes,
		       gsize size, GError **error)
{
	guint64 limit = submission->size_limit;

	if (limit && submission->size + size > limit) {
		submission->failed = TRUE;
		g_set_error(error, QUEUE_ERROR, QUEUE_ERROR_TOO_LARGE,
			    "The message is larger than the limit of %"
			    G_GUINT64_FORMAT " bytes.", limit);
		return FALSE;
	}
	if (!append_bytes(submission, bytes, size, error)) {
		submission->failed = TRUE;
		return FALSE;
	}
	submission->size += size;
	return TRUE;
}

gssize
queue_submission_read(QueueSubmission *submission, guint64 offset,
		      void *buffer, gsize size, GError **error)
{
	gssize got;

	if (offset >= submission->size)
		return 0;
	size = MIN(size, submission->size - offset);
	if (submission->body) {
		memcpy(buffer, submission->body->data + offset, size);
		return size;
	}
	got = pread(submission->fd, buffer, size, offset + RECORD_LINE_SIZE);
	if (got < 0)
		error_set_errno(error, "read a message being received");
	return got;
}

static void
committed(Queue *queue, Task *task)
{
	Piece *piece = &task->piece;
	Segment *segment;
	Entry *entry;

	queue->gathered -= task->gathered;
	if (task->error) {
		task->committed(task->user_data, NULL, task->error);
		return;
	}
	segment = index_segment(queue->index, piece->segment);
	entry = index_add(queue->index, piece->record.id, task->message,
			  segment);
	entry->body_offset = record_body_offset(&piece->record,
						piece->offset);
	entry->body_size = piece->record.body_size;
	entry->body_crc = piece->record.body_crc;
	segment->size = MAX(segment->size,
			    piece->offset + record_span(&piece->record));
	if (task->ghost && task->ghost != piece->segment)
		index_ghost(queue->index, piece->record.id,
			    index_segment(queue->index, task->ghost));
	queue_key_add(queue, task->message);
	task->committed(task->user_data, g_steal_pointer(&task->message), NULL);
}

static Task *
small_task(QueueSubmission *submission, GBytes *text)
{
	GByteArray *body = g_steal_pointer(&submission->body);
	guint64 gathered = body->len;
	Task *task = task_append(RECORD_MESSAGE, submission->id, text,
				 g_byte_array_free_to_bytes(body), TRUE,
				 committed);

	task->gathered = gathered;
	return task;
}

static Task *
large_task(QueueSubmission *submission, GBytes *text)
{
	Task *task = task_new(TASK_LARGE, committed);
	Record *record = &task->piece.record;

	piece_init(&task->piece, RECORD_MESSAGE, submission->id, text, NULL);
	record->detail = RECORD_BODY_BEFORE;
	record->body_size = submission->size;
	record->body_crc = submission->crc;
	task->fd = submission->fd;
	submission->fd = -1;
	task->name = g_steal_pointer(&submission->name);
	task->line = submission->line;
	return task;
}

/* What cannot be given to the thread; answered like the rest, later. */
static Task *
refused_task(const QueueSubmission *submission)
{
	Task *task = task_new(TASK_APPEND, committed);

	task->error = g_error_new_literal(
		QUEUE_ERROR,
		submission->failed ? QUEUE_ERROR_FULL : QUEUE_ERROR_TOO_LARGE,
		submission->failed ? "The message was not received whole." :
				     "The envelope is too large.");
	return task;
}

void
queue_submission_commit(QueueSubmission *submission, Message *message,
			QueueCommitted callback, gpointer user_data)
{
	Queue *queue = submission->queue;
	GBytes *text;
	Task *task;

	message->id = submission->id;
	message->size = submission->size;
	text = g_string_free_to_bytes(record_text_message(message));
	if (submission->failed || g_bytes_get_size(text) > RECORD_TEXT_MAX) {
		g_bytes_unref(text);
		task = refused_task(submission);
	} else {
		task = submission->body ? small_task(submission, text) :
					 large_task(submission, text);
	}
	task->message = message;
	task->committed = callback;
	task->user_data = user_data;
	writer_stand(&queue->writer, -1);
	if (task->error)
		writer_finish(&queue->writer, task);
	else
		writer_push(&queue->writer, task);
	submission_done(submission);
}
