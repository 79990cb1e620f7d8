// SPDX-License-Identifier: GPL-2.0-or-later
/* Job, Verdict and Report: what a delivering worker asks and says. */
#include <string.h>

#include "common/text.h"
#include "daemon/engine/ageing.h"
#include "daemon/engine/deliver-learn.h"
#include "daemon/engine/deliver-private.h"
#include "daemon/engine/deliver-refused.h"
#include "daemon/engine/methods.h"
#include "daemon/engine/place.h"
#include "daemon/engine/report.h"
#include "daemon/engine/submit.h"
#include "daemon/engine/transition.h"
#include "daemon/engine/watch.h"

#define MAX_JOB_BYTES (48 * 1024) /* of recipients: a job is one packet */

/* --- Job ------------------------------------------------------------------ */

static GVariant *
options_of(char *const *options)
{
	GVariantBuilder builder;

	g_variant_builder_init(&builder, G_VARIANT_TYPE("a{ss}"));
	for (; options && *options; options += 2)
		g_variant_builder_add(&builder, "{ss}", options[0],
				      options[1]);
	return g_variant_builder_end(&builder);
}

void
deliver_fill_job(GVariantDict *dict, const Message *message,
		 const GArray *numbers)
{
	char buffer[TEXT_ID_SIZE];
	GVariantBuilder list;

	g_variant_builder_init(&list, G_VARIANT_TYPE("a(usa{ss})"));
	for (guint i = 0; numbers && i < numbers->len; i++) {
		guint number = g_array_index(numbers, guint, i);
		const Recipient *recipient =
			message->recipients->pdata[number];

		g_variant_builder_add(&list, "(us@a{ss})", number,
				      recipient->address,
				      options_of(recipient->options));
	}
	g_variant_dict_init(dict, NULL);
	g_variant_dict_insert(dict, "id", "s", text_id(message->id, buffer));
	g_variant_dict_insert(dict, "size", "t", message->size);
	g_variant_dict_insert(dict, "sender", "s", message->sender);
	g_variant_dict_insert_value(dict, "recipients",
				    g_variant_builder_end(&list));
	g_variant_dict_insert_value(dict, "options",
				    options_of(message->options));
}

static void
add_words(GVariantDict *dict, const char *key, char **words)
{
	g_variant_dict_insert_value(
		dict, key,
		g_variant_new_strv((const char *const *)words, -1));
}

/* Which addresses are ours, for a route that rewrites them. */
static void
add_own(GVariantDict *dict, const Settings *settings, const char *name)
{
	const Route *route = route_find(settings->routes, name);

	if (!route || !route->rewrites)
		return;
	add_words(dict, "own-names", settings->local_names);
	add_words(dict, "own-also", settings->also_local);
	add_words(dict, "own-except", settings->not_local);
}

static GVariant *
job_dictionary(const Job *job, const JobItem *item)
{
	Engine *engine = job->deliver->engine;
	GVariantDict dict;

	if (job->kind == PRIV_REPORT)
		return report_job(engine, item->message, job->report);
	deliver_fill_job(&dict, item->message, item->numbers);
	g_variant_dict_insert(&dict, "route", "s", job_route(job));
	g_variant_dict_insert(&dict, "domain", "s", job->domain);
	add_own(&dict, engine->settings, job_route(job));
	g_variant_dict_insert(&dict, "trusted", "b",
			      deliver_input(job->deliver)->world.trusted);
	if (job->kind == PRIV_SMTP_OUT)
		learn_fill_job(&dict, job);
	return g_variant_dict_end(&dict);
}

static gboolean
is_wanted(const Message *message)
{
	return !message->held && !message->trashed && !message->ending;
}

static gsize
bytes_of(const Recipient *recipient)
{
	gsize bytes = 64 + strlen(recipient->address);

	for (char **at = recipient->options; at && *at; at++)
		bytes += strlen(*at) + 8;
	return bytes;
}

/* Recipients that do not fit are the same message's next transaction. */
static void
split_item(Job *job, JobItem *item)
{
	JobItem *rest;
	gsize bytes = 0;
	guint fit = 0;

	for (; fit < item->numbers->len; fit++) {
		guint number = g_array_index(item->numbers, guint, fit);

		bytes += bytes_of(item->message->recipients->pdata[number]);
		if (fit > 0 && bytes > MAX_JOB_BYTES)
			break;
	}
	if (fit == item->numbers->len)
		return;
	rest = g_new0(JobItem, 1);
	rest->message = item->message;
	rest->numbers = g_array_new(FALSE, FALSE, sizeof(guint));
	g_array_append_vals(rest->numbers,
			    &g_array_index(item->numbers, guint, fit),
			    item->numbers->len - fit);
	g_array_set_size(item->numbers, fit);
	g_queue_push_head(&job->items, rest);
}

/* The next message that may still go, first in line; or NULL. */
static JobItem *
next_item(Job *job)
{
	JobItem *item;

	while (!job->left && !job->stale &&
	       (item = g_queue_pop_head(&job->items))) {
		if (is_wanted(item->message)) {
			if (job->kind != PRIV_REPORT)
				split_item(job, item);
			g_queue_push_head(&job->items, item);
			return item;
		}
		job_give_back(job, item);
		job_item_free(item);
	}
	return NULL;
}

static gboolean
take_next(Job *job)
{
	if (!next_item(job))
		return FALSE;
	job->current = g_queue_pop_head(&job->items);
	job->sent = 0;
	learn_given(job, job->current->message);
	watch_message(job->deliver->engine, job->current->message);
	return TRUE;
}

static void
reply_job(Job *job, GVariant *dictionary)
{
	job->waiting = FALSE;
	g_clear_handle_id(&job->linger, g_source_remove);
	connection_reply(job->connection, "Job", job->serial,
			 g_variant_new("(@a{sv})", dictionary));
}

static gboolean
on_lingered(gpointer data)
{
	Job *job = data;

	job->linger = 0;
	job_answer(job);
	return G_SOURCE_REMOVE;
}

void
job_answer(Job *job)
{
	if (take_next(job))
		reply_job(job, job_dictionary(job, job->current));
	else
		reply_job(job, g_variant_new("a{sv}", NULL));
}

/* What the worker did not judge of its current message waits again. */
static void
finish_current(Job *job)
{
	Message *message;

	if (!job->current)
		return;
	message = job->current->message;
	job_end_report(job);
	job_give_back(job, job->current);
	g_clear_pointer(&job->current, job_item_free);
	watch_message(job->deliver->engine, message);
}

Job *
job_of(Connection *connection, const char *method, guint32 serial)
{
	if (!connection->job)
		connection_fail(connection, method, serial, "5.5.1",
				"This connection has no job.");
	return connection->job;
}

void
method_job(Connection *connection, guint32 serial, GVariant *in)
{
	Job *job = job_of(connection, "Job", serial);

	(void)in;
	if (!job)
		return;
	if (job->waiting) {
		connection_fail(connection, "Job", serial, "5.5.1",
				"The last call of Job is not answered yet.");
		return;
	}
	finish_current(job);
	job->spoke = TRUE;
	job->serial = serial;
	if (job->items.length > 0 || job->kind != PRIV_SMTP_OUT ||
	    job->left || job->stale || job->deliver->engine->stopping) {
		job_answer(job);
		return;
	}
	/* A connection that stands is worth a moment's wait for more mail. */
	job->waiting = TRUE;
	job->linger = g_timeout_add(DELIVER_LINGER_MS, on_lingered, job);
	deliver_kick(job->deliver);
}

void
method_ahead(Connection *connection, guint32 serial, GVariant *in)
{
	Job *job = job_of(connection, "Ahead", serial);
	const JobItem *item;

	(void)in;
	if (!job)
		return;
	item = next_item(job);
	connection_reply(connection, "Ahead", serial,
			 g_variant_new("(@a{sv})",
				       item ? job_dictionary(job, item)
					    : g_variant_new("a{sv}", NULL)));
}

/* --- Verdict -------------------------------------------------------------- */

static gboolean
counts(const Status *status)
{
	switch (status->fault) {
	case FAULT_NONE:
	case FAULT_RECIPIENT:
	case FAULT_MESSAGE:
	case FAULT_HOST:
		return TRUE;
	case FAULT_ROUTE:
	case FAULT_NETWORK:
		return FALSE;
	}
	return TRUE;
}

static RecipientState
state_after(Outcome outcome)
{
	switch (outcome) {
	case OUTCOME_DELIVERED:
		return RECIPIENT_DELIVERED;
	case OUTCOME_FAILED:
		return RECIPIENT_FAILED;
	case OUTCOME_NONE:
	case OUTCOME_DEFERRED:
		return RECIPIENT_WAITING;
	}
	return RECIPIENT_WAITING;
}

static void
apply(Job *job, guint number, const Status *status)
{
	Message *message = job->current->message;
	const Recipient *recipient = message->recipients->pdata[number];
	RecipientChange change = recipient_change(recipient);
	gint64 now = engine_now();

	change.state = state_after(status->outcome);
	change.last_try = now;
	change.next_try = 0;
	change.route = job_route(job);
	change.profile = job->profile;
	change.status = status;
	if (counts(status) && !job->left)
		change.tries++;
	if (deliver_passes_on(job, message, number, status))
		change.state = RECIPIENT_WAITING;
	else if (change.state == RECIPIENT_WAITING && !job->left)
		change.next_try = schedule_retry_at(
			deliver_input(job->deliver), MAX(change.tries, 1),
			g_rand_double(job->deliver->random));
	transition_verdict(job->deliver->engine, message, number, &change);
}

gboolean
job_strike_out(JobItem *item, guint number)
{
	for (guint i = 0; i < item->numbers->len; i++) {
		if (g_array_index(item->numbers, guint, i) != number)
			continue;
		g_array_remove_index(item->numbers, i);
		return TRUE;
	}
	return FALSE;
}

/* Whether nobody behind us will say that it was delivered. */
static gboolean
is_ours_to_confirm(const Job *job, GVariant *verdict)
{
	gboolean confirm = job->kind == PRIV_LOCAL;

	g_variant_lookup(verdict, "confirm", "b", &confirm);
	return confirm;
}

void
method_verdict(Connection *connection, guint32 serial, GVariant *in)
{
	Job *job = job_of(connection, "Verdict", serial);
	g_autoptr(GVariant) dictionary = NULL;
	g_autoptr(Status) status = NULL;
	guint32 number;

	if (!job)
		return;
	job->judged = TRUE;
	g_variant_get(in, "(u@a{sv})", &number, &dictionary);
	/* What a report answered is known from its commit. */
	if (job->kind != PRIV_REPORT) {
		if (!job->current || !job_strike_out(job->current, number)) {
			connection_fail(connection, "Verdict", serial,
					"5.5.1",
					"Recipient %u is not of this job.",
					number);
			return;
		}
		status = status_from_variant(dictionary);
		learn_verdict(job, status);
		if (status->outcome == OUTCOME_DELIVERED &&
		    is_ours_to_confirm(job, dictionary))
			report_owe_receipt(job->deliver->engine,
					   job->current->message, number);
		apply(job, number, status);
	}
	connection_reply(connection, "Verdict", serial, g_variant_new("()"));
}

/* --- Report --------------------------------------------------------------- */

static void
note_fault(Job *job, GVariant *facts)
{
	Engine *engine = job->deliver->engine;
	g_autoptr(Status) status = status_from_variant(facts);
	const char *sign = "";

	g_variant_lookup(facts, "sign", "&s", &sign);
	if (status->fault == FAULT_NONE) {
		if (*sign && !job->left)
			place_note_sign(engine->place, sign, status->why);
		return;
	}
	job->judged = TRUE;
	if (job->left || job->kind != PRIV_SMTP_OUT ||
	    place_note_fault(engine->place, sign, status))
		return;
	learn_fault(job, status);
	deliver_bounce_unreachable(job, status);
	events_add(engine->events, "route",
		   facts_is_news(job->deliver->facts, job->name, status),
		   NULL, status->text, "route=%s fault=%s %s", job->name,
		   fault_name(status->fault), status->why);
	watch_topics(engine, WATCH_ROUTES | WATCH_STATUS);
}

void
method_report(Connection *connection, guint32 serial, GVariant *in)
{
	Job *job = job_of(connection, "Report", serial);
	g_autoptr(GVariant) facts = NULL;
	guint64 sent;

	if (!job)
		return;
	g_variant_get(in, "(@a{sv})", &facts);
	learn_session(job, facts);
	learn_transcript(job, facts);
	note_fault(job, facts);
	if (g_variant_lookup(facts, "sent", "t", &sent) && job->current) {
		job->sent = sent;
		watch_message(job->deliver->engine, job->current->message);
	}
	connection_reply(connection, "Report", serial, g_variant_new("()"));
}
