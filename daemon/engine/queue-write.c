// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the sync thread does with its tasks, and what becomes of them when
 * the disk refuses. A submission is refused; a mark is owed and tried again.
 * A segment whose sync failed is given up: the kernel has marked its pages
 * clean, so a second sync would lie. Its records go anew into the next one,
 * once; if that fails too the disk is unwell and is left alone for a while.
 */
#include "common/error.h"
#include "daemon/engine/queue-private.h"

#define RUN_MAX 1024        /* records written by one sync */
#define RETRY_MOST_MS 60000

static gboolean
is_submission(const Task *task)
{
	return task->piece.record.type == RECORD_MESSAGE;
}

static void
refuse(Writer *writer, Task *task, DiskResult result, const GError *why)
{
	if (result == DISK_FULL)
		task->error = g_error_new(QUEUE_ERROR, QUEUE_ERROR_FULL,
					  "The queue's disk is full (%s).",
					  why->message);
	else
		task->error = g_error_new(
			QUEUE_ERROR, QUEUE_ERROR_READ_ONLY,
			"The queue's disk refuses to write (%s).",
			why->message);
	writer_finish(writer, task);
}

/*
 * The end of a message that was refused but may be seen after a crash,
 * because a segment that was given up could not be cut back for certain.
 */
static Task *
cancel(const Task *refused, guint64 segment)
{
	Task *task = task_append(RECORD_END, refused->piece.record.id, NULL,
				 NULL, TRUE, queue_cancelled);

	task->ghost = segment;
	return task;
}

static void
unwell(Writer *writer, const GError *why)
{
	g_autofree char *sentence = g_strdup_printf(
		"The queue's disk refuses to write (%s). New mail is refused "
		"and no delivery starts until it takes it again; this is "
		"tried by itself.", why->message);

	writer->retry_ms = writer->retry_ms ?
				   MIN(writer->retry_ms * 2, RETRY_MOST_MS) :
				   writer->retry_first_ms;
	writer->retry_at = g_get_monotonic_time() +
			   (gint64)writer->retry_ms * 1000;
	writer_set_bad(writer, TRUE, sentence);
}

static void
well(Writer *writer)
{
	writer->retry_ms = 0;
	writer->retry_at = 0;
	writer_set_bad(writer, FALSE, "");
}

static gboolean
needs_sync(GPtrArray *run)
{
	for (guint i = 0; i < run->len; i++)
		if (((Task *)run->pdata[i])->sync)
			return TRUE;
	return FALSE;
}

static DiskResult
try_run(Writer *writer, GPtrArray *run, GError **error)
{
	Disk *disk = writer->disk;
	g_autoptr(GPtrArray) pieces = g_ptr_array_new();
	Task *first = run->len ? run->pdata[0] : NULL;

	if (disk->fd < 0 || (first && disk_is_full_for(disk, &first->piece))) {
		DiskResult result = disk_roll(disk, error);

		if (result != DISK_OK)
			return result;
	}
	for (guint i = 0; i < run->len; i++)
		g_ptr_array_add(pieces, &((Task *)run->pdata[i])->piece);
	return pieces->len ? disk_append(disk, pieces, needs_sync(run),
					 error) :
			     DISK_OK;
}

static void
finish_run(Writer *writer, GPtrArray *run)
{
	for (guint i = 0; i < run->len; i++)
		writer_finish(writer, run->pdata[i]);
	g_ptr_array_set_size(run, 0);
}

/* Where the messages of @run were written before the segment was given up. */
static void
note_ghosts(GPtrArray *run)
{
	for (guint i = 0; i < run->len; i++) {
		Task *task = run->pdata[i];

		if (is_submission(task))
			task->ghost = task->piece.segment;
	}
}

/* Refuse the submissions of @run; what stays in it are marks. */
static void
refuse_submissions(Writer *writer, GPtrArray *run, DiskResult result,
		   const GError *why)
{
	g_autoptr(GPtrArray) all = g_ptr_array_copy(run, NULL, NULL);

	g_ptr_array_set_size(run, 0);
	for (guint i = 0; i < all->len; i++) {
		Task *task = all->pdata[i];

		if (!is_submission(task)) {
			g_ptr_array_add(run, task);
			continue;
		}
		if (task->ghost)
			g_ptr_array_add(run, cancel(task, task->ghost));
		if (result == DISK_BAD && task->piece.segment &&
		    task->piece.segment != task->ghost)
			g_ptr_array_add(run,
					cancel(task, task->piece.segment));
		refuse(writer, task, result, why);
	}
}

/* Marks alone, with all that can be done for them. */
static DiskResult
try_marks(Writer *writer, GPtrArray *run, GError **error)
{
	DiskResult result = try_run(writer, run, error);

	if (result == DISK_FULL && disk_give_reserve(writer->disk)) {
		g_clear_error(error);
		result = try_run(writer, run, error);
	}
	if (result == DISK_BAD) {
		g_clear_error(error);
		result = try_run(writer, run, error);
	}
	return result;
}

static void
owe(Writer *writer, GPtrArray *run)
{
	for (guint i = 0; i < run->len; i++)
		g_queue_push_tail(&writer->owed, run->pdata[i]);
	g_ptr_array_set_size(run, 0);
}

static void
write_run(Writer *writer, GPtrArray *run)
{
	g_autoptr(GError) error = NULL;
	DiskResult result = try_run(writer, run, &error);

	if (result == DISK_BAD) {
		note_ghosts(run);
		g_clear_error(&error);
		result = try_run(writer, run, &error);
	}
	if (result != DISK_OK) {
		refuse_submissions(writer, run, result, error);
		if (run->len || result == DISK_BAD) {
			g_clear_error(&error);
			result = try_marks(writer, run, &error);
		} else {
			result = DISK_OK;
		}
	}
	if (result == DISK_OK) {
		finish_run(writer, run);
		return;
	}
	owe(writer, run);
	unwell(writer, error);
}

/* As many tasks as the current segment takes, at least one. */
static void
take_run(Writer *writer, GQueue *appends, GPtrArray *run)
{
	const Disk *disk = writer->disk;
	guint64 size = disk->size;
	guint records = disk->records;
	Task *task = g_queue_pop_head(appends);

	if (disk_is_full_for(disk, &task->piece)) {
		size = RECORD_LINE_SIZE;
		records = 0;
	}
	do {
		g_ptr_array_add(run, task);
		size += record_span(&task->piece.record);
		records++;
		task = g_queue_peek_head(appends);
		if (!task || run->len >= RUN_MAX ||
		    records >= disk->segment_records ||
		    size + record_span(&task->piece.record) >
			    disk->segment_bytes)
			return;
		g_queue_pop_head(appends);
	} while (TRUE);
}

/* While the disk is unwell nothing is tried before its time. */
static void
put_off(Writer *writer, GQueue *appends)
{
	g_autoptr(GError) error = g_error_new_literal(
		QUEUE_ERROR, QUEUE_ERROR_READ_ONLY, "it failed just before");
	Task *task;

	while ((task = g_queue_pop_head(appends))) {
		if (is_submission(task))
			refuse(writer, task, DISK_BAD, error);
		else
			g_queue_push_tail(&writer->owed, task);
	}
}

static void
write_appends(Writer *writer, GQueue *appends)
{
	g_autoptr(GPtrArray) run = g_ptr_array_new();

	while (!g_queue_is_empty(appends)) {
		if (writer->retry_at) {
			put_off(writer, appends);
			return;
		}
		take_run(writer, appends, run);
		write_run(writer, run);
	}
}

void
writer_retry(Writer *writer)
{
	g_autoptr(GPtrArray) run = g_ptr_array_new();
	g_autoptr(GError) error = NULL;
	Task *task;

	while ((task = g_queue_pop_head(&writer->owed)))
		g_ptr_array_add(run, task);
	if (try_marks(writer, run, &error) == DISK_OK) {
		finish_run(writer, run);
		well(writer);
		return;
	}
	owe(writer, run);
	unwell(writer, error);
}

static void
place_large(Writer *writer, Task *task)
{
	g_autoptr(GError) error = NULL;
	DiskResult result = DISK_BAD;
	GQueue marks = G_QUEUE_INIT;

	if (writer->retry_at)
		g_set_error_literal(&error, QUEUE_ERROR,
				    QUEUE_ERROR_READ_ONLY,
				    "it failed just before");
	else
		result = disk_place_large(writer->disk, task->fd, task->name,
					  &task->line, &task->piece, &error);
	if (result == DISK_OK) {
		writer_finish(writer, task);
		return;
	}
	if (task->piece.segment)
		g_queue_push_tail(&marks, cancel(task, task->piece.segment));
	refuse(writer, task, result, error);
	write_appends(writer, &marks);
}

static void
unlink_all(Writer *writer, GQueue *unlinks)
{
	g_autoptr(GError) error = NULL;
	Task *task;

	if (g_queue_is_empty(unlinks))
		return;
	for (GList *at = unlinks->head; at; at = at->next) {
		task = at->data;
		disk_unlink(writer->disk, task->piece.segment, &task->error);
	}
	disk_sync_directory(writer->disk, &error);
	while ((task = g_queue_pop_head(unlinks))) {
		if (error && !task->error)
			task->error = g_error_copy(error);
		writer_finish(writer, task);
	}
}

void
writer_work(Writer *writer, GQueue *tasks)
{
	GQueue appends = G_QUEUE_INIT, others = G_QUEUE_INIT;
	GQueue unlinks = G_QUEUE_INIT;
	Task *task;

	while ((task = g_queue_pop_head(tasks)))
		g_queue_push_tail(task->kind == TASK_APPEND ? &appends :
				  task->kind == TASK_UNLINK ? &unlinks :
							    &others,
				  task);
	write_appends(writer, &appends);
	while ((task = g_queue_pop_head(&others))) {
		if (task->kind == TASK_LARGE) {
			place_large(writer, task);
			continue;
		}
		disk_punch(writer->disk, task->piece.segment,
			   task->piece.offset, task->punch);
		writer_finish(writer, task);
	}
	unlink_all(writer, &unlinks);
	if (!writer->retry_at)
		disk_take_reserve(writer->disk);
}
