// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/job.h"

#include <signal.h>
#include <sys/wait.h>
#include <sysexits.h>

#include "common/log.h"
#include "daemon/engine/deliver-learn.h"
#include "daemon/engine/deliver-private.h"
#include "daemon/engine/hints.h"
#include "daemon/engine/place.h"
#include "daemon/engine/report.h"
#include "daemon/engine/submit.h"
#include "daemon/engine/transition.h"
#include "daemon/engine/watch.h"

#define SILENT_RETRY 60 /* seconds, after a worker that said nothing */

void
job_item_free(gpointer data)
{
	JobItem *item = data;

	g_array_unref(item->numbers);
	g_free(item);
}

const char *
job_route(const Job *job)
{
	return job->kind == PRIV_LOCAL || job->kind == PRIV_ALIAS
		       ? ROUTE_LOCAL : job->name;
}

Hop
job_hop(const Job *job)
{
	return (Hop){ job_route(job), job->domain };
}

gboolean
job_is_for(const Job *job, const Hop *hop)
{
	return g_str_equal(job->name, hop->route) &&
	       g_ascii_strcasecmp(job->domain, hop->domain) == 0;
}

Job *
job_start(Deliver *deliver, PrivKind kind, const char *name,
	  const char *domain, guint roles)
{
	Engine *engine = deliver->engine;
	g_autoptr(GError) error = NULL;
	guint32 number;
	Job *job;
	int fd;

	number = spawner_spawn(engine->spawner, kind, name, -1, &fd, &error);
	if (!number) {
		log_problem("spawn", 0, "%s", error->message);
		return NULL;
	}
	job = g_new0(Job, 1);
	job->deliver = deliver;
	job->number = number;
	job->kind = kind;
	job->name = g_strdup(name);
	job->domain = g_strdup(domain);
	job->profile = g_strdup(place_profile(engine->place));
	g_queue_init(&job->items);
	job->connection = server_add_worker(engine->server, fd, roles);
	job->connection->job = job;
	g_ptr_array_add(deliver->jobs, job);
	watch_topics(engine, WATCH_ROUTES);
	return job;
}

void
job_give_back(Job *job, JobItem *item)
{
	for (guint i = 0; i < item->numbers->len; i++)
		transition_activity(job->deliver->engine, item->message,
				    g_array_index(item->numbers, guint, i),
				    FALSE);
}

static gboolean
on_leave(gpointer data)
{
	Job *job = data;

	job->leave = 0;
	spawner_kill(job->deliver->engine->spawner, job->number, SIGKILL);
	return G_SOURCE_REMOVE;
}

void
job_kill_after(Job *job, guint milliseconds)
{
	if (!job->leave)
		job->leave = g_timeout_add(milliseconds, on_leave, job);
}

void
job_end_report(Job *job)
{
	Message *message = job->current->message;

	if (job->kind != PRIV_REPORT || job->told)
		return;
	/* Refused for good it is no reason to let others wait. */
	if (message->untold < REPORT_TRIES) {
		if (!job->later)
			message->untold++;
		job->deliver->no_reports_before = engine_now() + SILENT_RETRY;
	}
	if (message->untold >= REPORT_TRIES)
		report_gave_up(job->deliver->engine, message, job->report);
}

/* --- a worker that ended without a word ----------------------------------- */

/* Why it did, as a status for its recipients; (transfer full). */
static Status *
silent_status(const Job *job)
{
	g_autofree char *text = NULL;

	if (job->kind == PRIV_LOCAL && !job->code &&
	    WIFEXITED(job->status) && WEXITSTATUS(job->status) == EX_NOUSER)
		return status_new(OUTCOME_FAILED, FAULT_RECIPIENT, 550,
				  "5.1.1", "no such user",
				  "There is no user of this name on this "
				  "machine.");
	if (job->kind == PRIV_LOCAL && !job->code &&
	    WIFEXITED(job->status) && WEXITSTATUS(job->status) == EX_NOPERM)
		return status_new(OUTCOME_DEFERRED, FAULT_RECIPIENT, 0,
				  "4.2.1", "nobody reads root's mail",
				  "Mail for root goes to the first person of "
				  "this machine, and there is none yet.");
	if (job->kind == PRIV_ALIAS && !job->code &&
	    WIFEXITED(job->status) &&
	    (WEXITSTATUS(job->status) == EX_NOPERM ||
	     WEXITSTATUS(job->status) == EX_NOUSER))
		return status_new(OUTCOME_DEFERRED, FAULT_RECIPIENT, 0,
				  "4.3.5", "nobody may run it",
				  "PipeUser= in masqmail.conf names no user "
				  "as whom commands and files of the aliases "
				  "could be served. It must not be root.");
	if (job->code)
		text = g_strdup(g_strerror(job->code));
	else if (WIFSIGNALED(job->status))
		text = g_strdup_printf("signal %d", WTERMSIG(job->status));
	else
		text = g_strdup_printf("exit status %d",
				       WEXITSTATUS(job->status));
	return status_new(OUTCOME_DEFERRED, FAULT_HOST, 0, "4.3.0", text,
			  "The program that delivers it ended without a "
			  "word; it is tried again in a moment.");
}

static void
judge_item(Job *job, JobItem *item, const Status *status, gboolean guilty)
{
	Engine *engine = job->deliver->engine;
	gint64 now = engine_now();

	for (guint i = 0; i < item->numbers->len; i++) {
		guint number = g_array_index(item->numbers, guint, i);
		RecipientChange change = recipient_change(
			item->message->recipients->pdata[number]);

		if (status->outcome == OUTCOME_FAILED)
			change.state = RECIPIENT_FAILED;
		else
			change.next_try = now + SILENT_RETRY;
		if (guilty && change.state == RECIPIENT_WAITING)
			change.next_try = schedule_retry_at(
				deliver_input(job->deliver), ++change.tries,
				g_rand_double(job->deliver->random));
		change.last_try = now;
		change.route = job_route(job);
		change.profile = job->profile;
		change.status = status;
		transition_verdict(engine, item->message, number, &change);
	}
	g_array_set_size(item->numbers, 0);
}

static void
judge_silence(Job *job)
{
	g_autoptr(Status) status = silent_status(job);

	log_problem("worker", 0, "name=%s job=%u ended without a word: %s",
		    job->name, job->number, status->text);
	if (job->kind == PRIV_SMTP_OUT)
		learn_fault(job, status);
	if (job->kind == PRIV_REPORT) {
		job->deliver->no_reports_before =
			engine_now() + SILENT_RETRY;
		return;
	}
	/*
	 * What it died of waits ever longer, or it would take the rest of
	 * the batch with it each time.
	 */
	if (job->current) {
		judge_item(job, job->current, status, TRUE);
		return;
	}
	for (GList *link = job->items.head; link; link = link->next)
		judge_item(job, link->data, status, FALSE);
}

/* --- the end -------------------------------------------------------------- */

/* Without a word about what it had, and nobody ended it. */
static gboolean
job_died(const Job *job)
{
	return !job->judged && !job->left && !job->stale && job->over &&
	       !job->deliver->engine->stopping &&
	       (job->current || job->items.length > 0);
}

/* Nobody can know whether it arrived; people should know that. */
static void
tell_cut(const Job *job)
{
	const JobItem *item = job->current;

	if (job->kind == PRIV_SMTP_OUT && item->numbers->len > 0 &&
	    job->sent >= item->message->size)
		events_add(job->deliver->engine->events, "cut", TRUE,
			   item->message, NULL,
			   "The connection of the route %s was cut after the "
			   "whole message was sent and before its answer. It "
			   "is sent again: the recipient may get it twice, "
			   "but surely once.", job->name);
}

void
job_end(Job *job)
{
	Deliver *deliver = job->deliver;
	Engine *engine = deliver->engine;

	g_ptr_array_remove(deliver->jobs, job);
	if (job->connection)
		job->connection->job = NULL;
	if (job_died(job))
		judge_silence(job);
	if (job->current) {
		tell_cut(job);
		job_end_report(job);
		job_give_back(job, job->current);
	}
	for (GList *link = job->items.head; link; link = link->next)
		job_give_back(job, link->data);
	g_clear_pointer(&job->current, job_item_free);
	g_queue_clear_full(&job->items, job_item_free);
	g_clear_handle_id(&job->linger, g_source_remove);
	g_clear_handle_id(&job->leave, g_source_remove);
	g_free(job->name);
	g_free(job->next_hop);
	g_free(job->domain);
	report_plan_free(job->report);
	g_free(job->profile);
	g_free(job);
	hints_job_ended(engine->hints);
	watch_topics(engine, WATCH_ROUTES);
	learn_keep_later(deliver);
	deliver_kick(deliver);
}

/*
 * A job ends at the end of its socket. Only of one that died before it said
 * anything the exit status is worth waiting for: it tells why.
 */
static void
end_if_over(Job *job)
{
	gboolean report = job->kind == PRIV_REPORT;
	Deliver *deliver = job->deliver;

	if (job->connection || (!job->judged && !job->left && !job->over))
		return;
	job_end(job);
	if (report)
		deliver_consider_reports(deliver);
}

void
deliver_connection_lost(Connection *connection)
{
	Job *job = connection->job;

	if (!job)
		return;
	connection->job = NULL;
	job->connection = NULL;
	job->waiting = FALSE;
	g_clear_handle_id(&job->linger, g_source_remove);
	/* Who hangs up silently and stays would keep its mail for ever. */
	job_kill_after(job, DELIVER_LEAVE_MS);
	end_if_over(job);
}

static void
forget_message(Job *job, const Message *message)
{
	GList *next;

	if (job->current && job->current->message == message)
		g_clear_pointer(&job->current, job_item_free);
	for (GList *link = job->items.head; link; link = next) {
		JobItem *item = link->data;

		next = link->next;
		if (item->message != message)
			continue;
		g_queue_delete_link(&job->items, link);
		job_item_free(item);
	}
}

/* The last verdict is told before the worker asks for more, or ends. */
void
deliver_message_gone(Deliver *deliver, const Message *message)
{
	for (guint i = 0; i < deliver->jobs->len; i++)
		forget_message(deliver->jobs->pdata[i], message);
}

static Job *
find_job(Deliver *deliver, guint32 number)
{
	for (guint i = 0; i < deliver->jobs->len; i++) {
		Job *job = deliver->jobs->pdata[i];

		if (job->number == number)
			return job;
	}
	return NULL;
}

void
deliver_job_failed(Deliver *deliver, guint32 number, int code)
{
	Job *job = find_job(deliver, number);

	if (!job)
		return;
	job->over = TRUE;
	job->code = code;
	end_if_over(job);
}

void
deliver_job_exited(Deliver *deliver, guint32 number, int status)
{
	Job *job = find_job(deliver, number);

	if (!job)
		return;
	job->over = TRUE;
	job->status = status;
	end_if_over(job);
}
