// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The sync thread: waits for jobs, lets those that come together share one
 * sync, and hands them back. It sleeps without a timeout unless a
 * submission is being waited for or the disk has refused something.
 */
#include <errno.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/error.h"
#include "daemon/engine/queue-private.h"

Job *
job_new(JobKind kind, void (*done)(Queue *, Job *))
{
	Job *job = g_new0(Job, 1);

	job->kind = kind;
	job->done = done;
	job->fd = -1;
	return job;
}

Job *
job_append(RecordType type, guint64 id, GBytes *text, GBytes *body,
	   gboolean sync, void (*done)(Queue *, Job *))
{
	Job *job = job_new(JOB_APPEND, done);

	piece_init(&job->piece, type, id, text, body);
	job->sync = sync;
	return job;
}

void
job_free(Job *job)
{
	if (!job)
		return;
	piece_done(&job->piece);
	if (job->fd >= 0)
		close(job->fd);
	g_free(job->name);
	g_clear_error(&job->error);
	message_free(job->message);
	g_free(job);
}

static void
ring(Writer *writer)
{
	uint64_t one = 1;

	while (write(writer->event, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

void
writer_finish(Writer *writer, Job *job)
{
	gboolean first;

	g_mutex_lock(&writer->lock);
	first = g_queue_is_empty(&writer->finished);
	g_queue_push_tail(&writer->finished, job);
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
is_submission(const Job *job)
{
	return job->kind == JOB_APPEND &&
	       job->piece.record.type == RECORD_MESSAGE;
}

static guint
count_submissions(const GQueue *jobs)
{
	guint count = 0;

	for (GList *at = jobs->head; at; at = at->next)
		count += is_submission(at->data);
	return count;
}

/* With the lock. FALSE when the thread is to end. */
static gboolean
wait_for_jobs(Writer *writer)
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
		GQueue jobs = G_QUEUE_INIT;
		gboolean more;

		g_mutex_lock(&writer->lock);
		meet_others(writer);
		more = wait_for_jobs(writer);
		wait_for_others(writer);
		jobs = writer->todo;
		g_queue_init(&writer->todo);
		g_mutex_unlock(&writer->lock);
		if (!more)
			return NULL;
		if (writer->retry_at &&
		    g_get_monotonic_time() >= writer->retry_at)
			writer_retry(writer);
		writer_work(writer, &jobs);
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
close_job(Writer *writer, Job *job)
{
	job->error = g_error_new_literal(
		QUEUE_ERROR, QUEUE_ERROR_CLOSED,
		"The queue was closed before this could be written.");
	writer_finish(writer, job);
}

void
writer_push(Writer *writer, Job *job)
{
	if (!writer->thread) {
		close_job(writer, job);
		return;
	}
	g_mutex_lock(&writer->lock);
	g_queue_push_tail(&writer->todo, job);
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

Job *
writer_pop(Writer *writer)
{
	Job *job;

	g_mutex_lock(&writer->lock);
	job = g_queue_pop_head(&writer->finished);
	g_mutex_unlock(&writer->lock);
	return job;
}

void
writer_stop(Writer *writer)
{
	Job *job;

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
	while ((job = g_queue_pop_head(&writer->owed)))
		close_job(writer, job);
}
