// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Segments that go. One that nothing needs is unlinked. One in which no
 * living message stands may still be needed for a few marks: of an old
 * message that lives elsewhere, or ends of messages whose segment an old
 * message keeps. Those few are written again, into the current segment, as
 * S and L; but only if that is much less than the segment, so that moving
 * always pays and a log full of living state is left alone.
 */
#include <string.h>

#include "daemon/engine/queue-private.h"

#define STATE_COST 256 /* bytes: what an S may take */
#define MOVE_WORTH 4   /* move when it is less than a quarter */

static void
unlinked(Queue *queue, Task *task)
{
	Segment *segment = index_segment(queue->index, task->piece.segment);

	segment->going = FALSE;
	if (!task->error)
		index_forget(queue->index, segment);
}

static void
let_go(Queue *queue, Segment *segment)
{
	Task *task = task_new(TASK_UNLINK, unlinked);

	task->piece.segment = segment->number;
	segment->going = TRUE;
	queue_read_close(queue, segment->number);
	writer_push(&queue->writer, task);
}

static void
ends_moved(Queue *queue, Task *task)
{
	Segment *from = index_segment(queue->index, task->ghost);

	from->going = FALSE;
	if (!task->error)
		index_move_held(queue->index, from,
				index_segment(queue->index,
					      task->piece.segment));
}

static void
move_ends(Queue *queue, Segment *segment)
{
	g_autoptr(GArray) ids = index_held_ids(queue->index, segment);
	Task *task;

	for (guint i = 0; i < ids->len; i++) {
		guint64 *id = &g_array_index(ids, guint64, i);

		*id = GUINT64_TO_LE(*id);
	}
	task = task_append(RECORD_ENDS, 0,
			   g_bytes_new(ids->data, ids->len * sizeof(guint64)),
			   NULL, TRUE, ends_moved);
	task->piece.record.number = ids->len;
	task->ghost = segment->number;
	segment->going = TRUE;
	writer_push(&queue->writer, task);
}

static void
state_moved(Queue *queue, Task *task)
{
	Entry *entry = index_find(queue->index, task->piece.record.id);

	if (!entry)
		return;
	entry->inflight--;
	if (!task->error)
		index_state(queue->index, entry,
			    index_segment(queue->index, task->piece.segment));
}

/* Those with marks in flight come when these have landed. */
static void
move_states(Queue *queue, Segment *segment)
{
	g_autoptr(GPtrArray) pinning = index_pinning(queue->index, segment);

	for (guint i = 0; i < pinning->len; i++) {
		Entry *entry = pinning->pdata[i];
		GBytes *text;

		if (entry->inflight)
			continue;
		entry->inflight++;
		text = g_string_free_to_bytes(
			record_text_message(entry->message));
		writer_push(&queue->writer,
			    task_append(RECORD_STATE, entry->id, text, NULL,
					TRUE, state_moved));
	}
}

static void
consider(Queue *queue, Segment *segment)
{
	guint64 cost = (guint64)segment->pins * STATE_COST +
		       (guint64)segment->held * sizeof(guint64);

	if (segment->going || segment->living ||
	    segment->number == queue->index->current)
		return;
	if (!segment->pins && !segment->held) {
		let_go(queue, segment);
		return;
	}
	if (cost * MOVE_WORTH > segment->size)
		return;
	if (segment->pins)
		move_states(queue, segment);
	if (segment->held)
		move_ends(queue, segment);
}

void
queue_release(Queue *queue)
{
	g_autoptr(GPtrArray) candidates =
		g_steal_pointer(&queue->index->candidates);

	queue->index->candidates = g_ptr_array_new();
	for (guint i = 0; i < candidates->len; i++) {
		Segment *segment = candidates->pdata[i];

		segment->candidate = FALSE;
		consider(queue, segment);
	}
}
