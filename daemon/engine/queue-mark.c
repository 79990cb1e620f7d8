// SPDX-License-Identifier: GPL-2.0-or-later
/* What happens to messages, given to the log. */
#include "daemon/engine/queue-private.h"

#define PUNCH_WORTH 8192 /* bytes: less holds no whole block */

static void
answer(Task *task)
{
	if (task->callback)
		task->callback(task->user_data, task->error);
}

static Segment *
segment_of(Queue *queue, const Task *task)
{
	Segment *segment = index_segment(queue->index, task->piece.segment);

	segment->size = MAX(segment->size,
			    task->piece.offset +
				    record_span(&task->piece.record));
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
mark_done(Queue *queue, Task *task)
{
	Entry *entry = index_find(queue->index, task->piece.record.id);

	if (entry && !task->error)
		index_mark(queue->index, entry, segment_of(queue, task));
	answer(task);
	entry = index_find(queue->index, task->piece.record.id);
	if (entry)
		land(queue, entry);
}

static void
push_mark(Queue *queue, Entry *entry, Task *task, QueueDone callback,
	  gpointer user_data)
{
	task->callback = callback;
	task->user_data = user_data;
	entry->inflight++;
	writer_push(&queue->writer, task);
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
	Task *task;

	g_return_if_fail(entry && !entry->ended);
	g_return_if_fail(change->state != RECIPIENT_ACTIVE);
	task = task_append(RECORD_VERDICT, message->id,
			   to_bytes(record_text_change(change)), NULL,
			   change->state != RECIPIENT_WAITING, mark_done);
	task->piece.record.detail = change->state;
	task->piece.record.number = number;
	push_mark(queue, entry, task, callback, user_data);
}

void
queue_action(Queue *queue, Message *message, const Action *action,
	     QueueDone callback, gpointer user_data)
{
	Entry *entry = index_find(queue->index, message->id);

	g_return_if_fail(entry && !entry->ended);
	push_mark(queue, entry,
		  task_append(RECORD_ACTION, message->id,
			      to_bytes(record_text_action(action)), NULL, TRUE,
			      mark_done),
		  callback, user_data);
}

static void
punched(Queue *queue, Task *task)
{
	(void)queue;
	(void)task;
}

/* Give its blocks back, unless its whole segment is about to go. */
static void
drop_body(Queue *queue, const Entry *entry)
{
	Task *task;

	if (entry->body_size < PUNCH_WORTH ||
	    (entry->segment->living == 1 &&
	     entry->segment->number != queue->index->current))
		return;
	task = task_new(TASK_PUNCH, punched);
	task->piece.segment = entry->segment->number;
	task->piece.offset = entry->body_offset;
	task->punch = entry->body_size;
	writer_push(&queue->writer, task);
}

static void
end_done(Queue *queue, Task *task)
{
	Entry *entry = index_find(queue->index, task->piece.record.id);

	queue_read_forget(queue, entry->id);
	if (!task->error) {
		drop_body(queue, entry);
		queue_key_end(queue, entry->message,
			      task->piece.record.time / G_USEC_PER_SEC);
		index_end(queue->index, entry, segment_of(queue, task));
	}
	answer(task);
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
		  task_append(RECORD_END, message->id, end_text(message), NULL,
			      TRUE, end_done),
		  callback, user_data);
}

void
queue_cancelled(Queue *queue, Task *task)
{
	Segment *end;

	if (task->error)
		return;
	end = segment_of(queue, task);
	index_dead(queue->index, task->piece.record.id,
		   index_segment(queue->index, task->ghost), end);
}
