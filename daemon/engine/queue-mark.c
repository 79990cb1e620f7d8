// SPDX-License-Identifier: GPL-2.0-or-later
/* What happens to messages, given to the log. */
#include "daemon/engine/queue-private.h"

#define PUNCH_WORTH 8192 /* bytes: less holds no whole block */

static void
answer(Job *job)
{
	if (job->callback)
		job->callback(job->user_data, job->error);
}

static Segment *
segment_of(Queue *queue, const Job *job)
{
	Segment *segment = index_segment(queue->index, job->piece.segment);

	segment->size = MAX(segment->size,
			    job->piece.offset +
				    record_span(&job->piece.record));
	return segment;
}

/* An S of it may be waiting for this. */
static void
land(Queue *queue, Entry *entry)
{
	if (--entry->inflight)
		return;
	for (GSList *at = entry->marks; at; at = at->next)
		index_consider(queue->index, at->data);
}

/*
 * The callback changes memory, so the mark counts as in flight until it
 * has run: an S written before would undo it.
 */
static void
mark_done(Queue *queue, Job *job)
{
	Entry *entry = index_find(queue->index, job->piece.record.id);

	if (entry && !job->error)
		index_mark(queue->index, entry, segment_of(queue, job));
	answer(job);
	entry = index_find(queue->index, job->piece.record.id);
	if (entry)
		land(queue, entry);
}

static void
push_mark(Queue *queue, Entry *entry, Job *job, QueueDone callback,
	  gpointer user_data)
{
	job->callback = callback;
	job->user_data = user_data;
	entry->inflight++;
	writer_push(&queue->writer, job);
}

static GBytes *
to_bytes(GString *text)
{
	return g_string_free_to_bytes(text);
}

void
queue_verdict(Queue *queue, Message *message, guint number,
	      const RecipientChange *change, QueueDone callback,
	      gpointer user_data)
{
	Entry *entry = index_find(queue->index, message->id);
	Job *job;

	g_return_if_fail(entry && !entry->ended);
	g_return_if_fail(change->state != RECIPIENT_ACTIVE);
	job = job_append(RECORD_VERDICT, message->id,
			 to_bytes(record_text_change(change)), NULL,
			 change->state != RECIPIENT_WAITING, mark_done);
	job->piece.record.detail = change->state;
	job->piece.record.number = number;
	push_mark(queue, entry, job, callback, user_data);
}

void
queue_action(Queue *queue, Message *message, const Action *action,
	     QueueDone callback, gpointer user_data)
{
	Entry *entry = index_find(queue->index, message->id);

	g_return_if_fail(entry && !entry->ended);
	push_mark(queue, entry,
		  job_append(RECORD_ACTION, message->id,
			     to_bytes(record_text_action(action)), NULL, TRUE,
			     mark_done),
		  callback, user_data);
}

static void
punched(Queue *queue, Job *job)
{
	(void)queue;
	(void)job;
}

/* Give its blocks back, unless its whole segment is about to go. */
static void
drop_body(Queue *queue, const Entry *entry)
{
	Job *job;

	if (entry->body_size < PUNCH_WORTH ||
	    (entry->segment->living == 1 &&
	     entry->segment->number != queue->index->current))
		return;
	job = job_new(JOB_PUNCH, punched);
	job->piece.segment = entry->segment->number;
	job->piece.offset = entry->body_offset;
	job->punch = entry->body_size;
	writer_push(&queue->writer, job);
}

static void
end_done(Queue *queue, Job *job)
{
	Entry *entry = index_find(queue->index, job->piece.record.id);

	queue_read_forget(queue, entry->id);
	if (!job->error) {
		drop_body(queue, entry);
		queue_key_end(queue, entry->message,
			      job->piece.record.time / G_USEC_PER_SEC);
		index_end(queue->index, entry, segment_of(queue, job));
	}
	answer(job);
}

/* Its key outlives it for a while: a hand-in may be repeated. */
static GBytes *
end_text(const Message *message)
{
	const char *key = message_option(message, "key");
	g_autoptr(GString) text = NULL;
	RecordKeyLine line = {
		.id = message->id,
		.uid = message->uid,
		.ended = g_get_real_time() / G_USEC_PER_SEC,
		.key = (char *)key,
	};

	if (!key)
		return NULL;
	text = g_string_new(NULL);
	record_text_key(text, &line);
	return g_string_free_to_bytes(g_steal_pointer(&text));
}

void
queue_end(Queue *queue, Message *message, QueueDone callback,
	  gpointer user_data)
{
	Entry *entry = index_find(queue->index, message->id);

	g_return_if_fail(entry && !entry->ended);
	entry->ended = TRUE;
	push_mark(queue, entry,
		  job_append(RECORD_END, message->id, end_text(message), NULL,
			     TRUE, end_done),
		  callback, user_data);
}

void
queue_cancelled(Queue *queue, Job *job)
{
	Segment *end;

	if (job->error)
		return;
	end = segment_of(queue, job);
	index_dead(queue->index, job->piece.record.id,
		   index_segment(queue->index, job->ghost), end);
}
