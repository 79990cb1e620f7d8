// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/deliver.h"

#include <string.h>

#include "common/log.h"
#include "common/text.h"
#include "daemon/engine/deliver-learn.h"
#include "daemon/engine/deliver-private.h"
#include "daemon/engine/job.h"
#include "daemon/engine/place.h"
#include "daemon/engine/report.h"
#include "daemon/engine/ripen.h"
#include "daemon/engine/submit.h"
#include "daemon/engine/transition.h"
#include "daemon/engine/watch.h"

Deliver *
deliver_new(Engine *engine)
{
	Deliver *deliver = g_new0(Deliver, 1);

	deliver->engine = engine;
	deliver->jobs = g_ptr_array_new();
	deliver->facts = facts_new();
	deliver->hosts = hosts_new();
	learn_load(deliver);
	deliver->random = g_rand_new();
	deliver->expanding = g_array_new(FALSE, FALSE, sizeof(Expanding));
	deliver->owner = g_hash_table_new_full(g_str_hash, g_str_equal,
					       g_free, NULL);
	return deliver;
}

void
deliver_free(Deliver *deliver)
{
	if (!deliver)
		return;
	g_clear_handle_id(&deliver->idle, g_source_remove);
	while (deliver->jobs->len > 0)
		job_end(deliver->jobs->pdata[0]);
	g_ptr_array_unref(deliver->jobs);
	learn_keep(deliver);
	facts_free(deliver->facts);
	hosts_free(deliver->hosts);
	g_rand_free(deliver->random);
	g_array_unref(deliver->expanding);
	g_hash_table_unref(deliver->owner);
	g_free(deliver);
}

Facts *
deliver_facts(Deliver *deliver)
{
	return deliver->facts;
}

Hosts *
deliver_hosts(Deliver *deliver)
{
	return deliver->hosts;
}

void
deliver_stamp(Deliver *deliver, Message *message)
{
	g_autofree char *meters = meter_snapshot(deliver->engine->meter,
						 engine_awake_now());

	message_set_option(message, "meters", meters);
}

/* --- the schedule --------------------------------------------------------- */

/* What a lingering connection to the same next hop can take over. */
static Job *
find_lingering(Deliver *deliver, const Hop *hop)
{
	for (guint i = 0; i < deliver->jobs->len; i++) {
		Job *job = deliver->jobs->pdata[i];

		if (job->kind == PRIV_SMTP_OUT && job->waiting &&
		    !job->left && !job->stale && job_is_for(job, hop))
			return job;
	}
	return NULL;
}

static void
take_items(Job *job, const Batch *batch)
{
	Engine *engine = job->deliver->engine;

	for (guint i = 0; i < batch->items->len; i++) {
		const BatchItem *from = batch->items->pdata[i];
		JobItem *item = g_new0(JobItem, 1);

		item->message = from->message;
		item->numbers = g_array_copy(from->recipients);
		for (guint n = 0; n < item->numbers->len; n++)
			transition_activity(engine, item->message,
					    g_array_index(item->numbers,
							  guint, n),
					    TRUE);
		g_queue_push_tail(&job->items, item);
	}
}

static void
start_batch(Deliver *deliver, const Batch *batch)
{
	Job *job = NULL;

	if (batch->route) {
		const Hop hop = { batch->route->name, batch->domain };

		/* From now on its workers are counted. */
		facts_of_hop(deliver->facts, &hop);
		job = find_lingering(deliver, &hop);
		if (!job)
			job = job_start(deliver, PRIV_SMTP_OUT, hop.route,
					hop.domain, ROLE_DELIVER);
		if (job && !job->next_hop)
			job->next_hop = learn_hop_name(batch->route,
						       batch->domain);
	} else {
		gboolean owner = deliver->engine->paths->user;

		job = job_start(deliver, batch->for_aliases && !owner
				? PRIV_ALIAS : PRIV_LOCAL,
				batch->user, "", ROLE_DELIVER);
	}
	if (!job)
		return;
	take_items(job, batch);
	if (job->waiting)
		job_answer(job);
}

static void
give_up(Deliver *deliver, const Expired *expired)
{
	const Recipient *recipient =
		expired->message->recipients->pdata[expired->recipient];
	RecipientChange change = recipient_change(recipient);

	change.state = RECIPIENT_FAILED;
	change.last_try = engine_now();
	change.status = expired->status;
	transition_verdict(deliver->engine, expired->message,
			   expired->recipient, &change);
}

/* A day after its deletion a message is really gone. */
static void
purge(Engine *engine, Message *message)
{
	for (guint i = 0; i < message->recipients->len; i++) {
		const Recipient *recipient = message->recipients->pdata[i];
		RecipientChange change = recipient_change(recipient);

		change.state = recipient->state == RECIPIENT_FAILED
				       ? RECIPIENT_BOUNCED
				       : RECIPIENT_REMOVED;
		if (recipient->state == RECIPIENT_WAITING ||
		    recipient->state == RECIPIENT_FAILED)
			transition_verdict(engine, message, i, &change);
	}
}

/* Purge what is due; when the next is (Unix seconds), or 0. */
static gint64
empty_trash(Engine *engine)
{
	GPtrArray *messages = store_messages(engine->store);
	gint64 now = engine_now(), next = 0;

	for (guint i = 0; i < messages->len; i++) {
		Message *message = messages->pdata[i];
		gint64 due = message->trashed_at + DELIVER_TRASH_SECONDS;

		if (!message->trashed || message->ending)
			continue;
		if (due <= now)
			purge(engine, message);
		else if (!next || due < next)
			next = due;
	}
	return next;
}

static gint64
earlier(gint64 one, gint64 other)
{
	if (!one || !other)
		return one ? one : other;
	return MIN(one, other);
}

/* Where the whole queue is looked at, most of the time is for others. */
static void
rest_from(Deliver *deliver, gint64 began)
{
	gint64 now = g_get_monotonic_time();

	deliver->rested = now + MIN((now - began) * DELIVER_REST,
				    DELIVER_REST_MOST);
}

static gboolean
run_schedule(gpointer data)
{
	Deliver *deliver = data;
	gint64 began = g_get_monotonic_time();
	Engine *engine = deliver->engine;
	g_autoptr(SchedulePlan) plan = NULL;
	gint64 wake;

	deliver->idle = 0;
	if (alias_file_refresh(engine->aliases))
		deliver_aliases_changed(deliver);
	engine_run_meters(engine);
	plan = schedule_run(deliver_input(deliver));
	for (guint i = 0; i < plan->batches->len; i++)
		start_batch(deliver, plan->batches->pdata[i]);
	for (guint i = 0; i < plan->expansions->len; i++)
		deliver_expand(deliver, &g_array_index(plan->expansions,
						       Expansion, i));
	for (guint i = 0; i < plan->expired->len; i++)
		give_up(deliver, plan->expired->pdata[i]);
	for (guint i = 0; i < plan->stale->len; i++)
		report_stale(engine, plan->stale->pdata[i]);
	for (guint i = 0; i < plan->ripe->len; i++)
		ripen(engine, plan->ripe->pdata[i]);
	for (guint i = 0; i < plan->delayed->len; i++)
		report_delayed(engine, plan->delayed->pdata[i]);
	if (plan->waiting > 0)
		place_mail_waits(engine->place);
	wake = plan->next_wake;
	if (deliver->condition != QUEUE_READ_ONLY)
		wake = earlier(wake, empty_trash(engine));
	wake = earlier(wake, report_due(engine));
	if (deliver->no_reports_before > engine_now())
		wake = earlier(wake, deliver->no_reports_before);
	alarm_set(engine->alarm, wake);
	rest_from(deliver, began);
	return G_SOURCE_REMOVE;
}

void
deliver_kick(Deliver *deliver)
{
	gint64 wait = deliver->rested - g_get_monotonic_time();

	if (deliver->idle || deliver->engine->stopping)
		return;
	if (wait >= 1000)
		deliver->idle = g_timeout_add(wait / 1000, run_schedule,
					      deliver);
	else
		deliver->idle = g_idle_add(run_schedule, deliver);
}

void
deliver_clock_jumped(Deliver *deliver)
{
	deliver->no_reports_before = 0;
	learn_forgive(deliver, NULL);
}

void
deliver_set_condition(Deliver *deliver, QueueCondition condition)
{
	deliver->condition = condition;
	deliver_kick(deliver);
}

/* --- by hand -------------------------------------------------------------- */

void
deliver_retry(Deliver *deliver, Message *message, uid_t who)
{
	for (guint i = 0; i < message->recipients->len; i++) {
		Recipient *recipient = message->recipients->pdata[i];

		if (recipient->state != RECIPIENT_WAITING)
			continue;
		recipient->next_try = 0;
	}
	if (message_option(message, "queue-only")) {
		Action *action = action_new(ACTION_OPTION, who, engine_now(),
					    NULL);

		g_free(action->key);
		action->key = g_strdup("queue-only");
		transition_action(deliver->engine, message, action);
	}
	watch_message(deliver->engine, message);
	deliver_kick(deliver);
}

/* --- what is under way ---------------------------------------------------- */

gboolean
deliver_progress(Deliver *deliver, const Message *message,
		 guint *ret_percent)
{
	*ret_percent = 0;
	for (guint i = 0; i < deliver->jobs->len; i++) {
		const Job *job = deliver->jobs->pdata[i];

		if (!job->current || job->current->message != message ||
		    job->kind == PRIV_REPORT)
			continue;
		if (message->size > 0)
			*ret_percent = MIN(job->sent * 100 / message->size,
					   100);
		return TRUE;
	}
	return FALSE;
}

gboolean
deliver_has_far_jobs(const Deliver *deliver)
{
	for (guint i = 0; i < deliver->jobs->len; i++)
		if (((Job *)deliver->jobs->pdata[i])->kind == PRIV_SMTP_OUT)
			return TRUE;
	return FALSE;
}

/* An answer may find its worker gone, and that ends the job: from the end. */
void
deliver_leave_network(Deliver *deliver)
{
	for (guint i = deliver->jobs->len; i-- > 0;) {
		Job *job = deliver->jobs->pdata[i];
		gboolean dot;

		if (job->kind != PRIV_SMTP_OUT || job->left)
			continue;
		dot = job->current &&
		      job->sent >= job->current->message->size;
		job->left = TRUE;
		job_kill_after(job, dot ? DELIVER_LEAVE_DOT_MS
					: DELIVER_LEAVE_MS);
		if (job->waiting)
			job_answer(job);
	}
}

void
deliver_retire_workers(Deliver *deliver)
{
	for (guint i = deliver->jobs->len; i-- > 0;) {
		Job *job = deliver->jobs->pdata[i];

		job->stale = job->kind == PRIV_SMTP_OUT;
		if (job->waiting)
			job_answer(job);
	}
}

void
deliver_consider_reports(Deliver *deliver)
{
	GPtrArray *messages = store_messages(deliver->engine->store);

	for (guint i = 0; i < messages->len; i++)
		report_consider(deliver->engine, messages->pdata[i]);
}
