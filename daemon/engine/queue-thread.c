// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The sync thread: waits for tasks, lets those that come together share one
 * sync, and hands them back. It sleeps without a timeout unless a
 * submission is being waited for or the disk has refused something.
 */
#include <errno.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/error.h"
#include "daemon/engine/queue-private.h"

Task *
task_new(TaskKind kind, void (*done)(Queue *, Task *))
{
	Task *task = g_new0(Task, 1);

	task->kind = kind;
	task->done = done;
	task->fd = -1;
	return task;
}

Task *
task_append(RecordType type, guint64 id, GBytes *text, GBytes *body,
	    gboolean sync, void (*done)(Queue *, Task *))
{
	Task *task = task_new(TASK_APPEND, done);

	piece_init(&task->piece, type, id, text, body);
	task->sync = sync;
	return task;
}

void
task_free(Task *task)
{
	if (!task)
		return;
	piece_done(&task->piece);
	if (task->fd >= 0)
		close(task->fd);
	g_free(task->name);
	g_clear_error(&task->error);
	message_free(task->message);
	g_free(task);
}

static void
ring(Writer *writer)
{
	uint64_t one = 1;

	while (write(writer->event, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

void
writer_finish(Writer *writer, Task *task)
{
	gboolean first;

	g_mutex_lock(&writer->lock);
	first = g_queue_is_empty(&writer->finished);
	g_queue_push_tail(&writer->finished, task);
	g_mutex_unlock(&writer->lock);
	if (first)
		ring(writer);
}

void
writer_set_bad(Writer *writer, gboolean bad, const char *sentence)
{
	gboolean changed;

	g_mutex_lock(&writer->lock);
	changed = writer->bad != bad;
	writer->bad = bad;
	if (changed) {
		g_free(writer->sentence);
		writer->sentence = g_strdup(sentence);
	}
	g_mutex_unlock(&writer->lock);
	if (changed)
		ring(writer);
}

static gboolean
is_submission(const Task *task)
{
	return task->kind == TASK_APPEND &&
	       task->piece.record.type == RECORD_MESSAGE;
}

static guint
count_submissions(const GQueue *tasks)
{
	guint count = 0;

	for (GList *at = tasks->head; at; at = at->next)
		count += is_submission(at->data);
	return count;
}

/* With the lock. FALSE when the thread is to end. */
static gboolean
wait_for_tasks(Writer *writer)
{
	while (g_queue_is_empty(&writer->todo)) {
		if (writer->closing)
			return FALSE;
		if (!writer->retry_at)
			g_cond_wait(&writer->wake, &writer->lock);
		else if (!g_cond_wait_until(&writer->wake, &writer->lock,
					    writer->retry_at))
			return TRUE;
	}
	return TRUE;
}

/*
 * With the lock: others are about to commit, one sync may do for all. Those
 * whose submission stands are; and, as long as it holds true, as many as the
 * last sync served and met: senders with much mail go on as soon as they are
 * answered. Without them half of the senders wait in turn for the other half.
 */
static void
wait_for_others(Writer *writer)
{
	gint64 until = g_get_monotonic_time() + QUEUE_GROUP_WAIT_US;
	guint count;

	while ((count = count_submissions(&writer->todo)) > 0 &&
	       (writer->standing || count < writer->company) &&
	       !writer->closing)
		if (!g_cond_wait_until(&writer->wake, &writer->lock, until))
			break;
	writer->served = count_submissions(&writer->todo);
}

/* With the lock. */
static void
meet_others(Writer *writer)
{
	if (writer->served)
		writer->company = writer->served +
				  count_submissions(&writer->todo);
	writer->served = 0;
}

static gpointer
run(gpointer data)
{
	Writer *writer = data;

	for (;;) {
		GQueue tasks = G_QUEUE_INIT;
		gboolean more;

		g_mutex_lock(&writer->lock);
		meet_others(writer);
		more = wait_for_tasks(writer);
		wait_for_others(writer);
		tasks = writer->todo;
		g_queue_init(&writer->todo);
		g_mutex_unlock(&writer->lock);
		if (!more)
			return NULL;
		if (writer->retry_at &&
		    g_get_monotonic_time() >= writer->retry_at)
			writer_retry(writer);
		writer_work(writer, &tasks);
	}
}

gboolean
writer_start(Writer *writer, Disk *disk, guint retry_ms, GError **error)
{
	writer->disk = disk;
	writer->retry_first_ms = retry_ms;
	writer->sentence = g_strdup("");
	writer->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (writer->event < 0)
		return error_set_errno(error, "eventfd");
	g_mutex_init(&writer->lock);
	g_cond_init(&writer->wake);
	g_queue_init(&writer->todo);
	g_queue_init(&writer->finished);
	g_queue_init(&writer->owed);
	writer->thread = g_thread_try_new("sync", run, writer, error);
	return writer->thread != NULL;
}

static void
close_task(Writer *writer, Task *task)
{
	task->error = g_error_new_literal(
		QUEUE_ERROR, QUEUE_ERROR_CLOSED,
		"The queue was closed before this could be written.");
	writer_finish(writer, task);
}

void
writer_push(Writer *writer, Task *task)
{
	if (!writer->thread) {
		close_task(writer, task);
		return;
	}
	g_mutex_lock(&writer->lock);
	g_queue_push_tail(&writer->todo, task);
	g_cond_signal(&writer->wake);
	g_mutex_unlock(&writer->lock);
}

void
writer_stand(Writer *writer, int more)
{
	g_mutex_lock(&writer->lock);
	writer->standing += more;
	if (!writer->standing && !g_queue_is_empty(&writer->todo))
		g_cond_signal(&writer->wake);
	g_mutex_unlock(&writer->lock);
}

Task *
writer_pop(Writer *writer)
{
	Task *task;

	g_mutex_lock(&writer->lock);
	task = g_queue_pop_head(&writer->finished);
	g_mutex_unlock(&writer->lock);
	return task;
}

void
writer_stop(Writer *writer)
{
	Task *task;

	if (!writer->thread)
		return;
	g_mutex_lock(&writer->lock);
	writer->closing = TRUE;
	g_cond_signal(&writer->wake);
	g_mutex_unlock(&writer->lock);
	g_thread_join(writer->thread);
	writer->thread = NULL;
	if (!g_queue_is_empty(&writer->owed))
		writer_retry(writer);
	while ((task = g_queue_pop_head(&writer->owed)))
		close_task(writer, task);
}
