// SPDX-License-Identifier: GPL-2.0-or-later
/* A report worker's job: how it is begun, what it is told, what it says. */
#include "daemon/engine/report.h"

#include <string.h>

#include "common/text.h"
#include "daemon/engine/deliver-private.h"
#include "daemon/engine/submit.h"

#define POSTMASTER "postmaster"

void
report_plan_free(ReportPlan *plan)
{
	if (!plan)
		return;
	g_free(plan->to);
	g_free(plan->also);
	if (plan->numbers)
		g_array_unref(plan->numbers);
	g_free(plan);
}

static gsize
bytes_of(const Recipient *recipient)
{
	const char *orcpt = recipient_option(recipient, "orcpt");
	const Status *status = recipient->status;
	gsize bytes = 512 + strlen(recipient->address);

	if (orcpt)
		bytes += strlen(orcpt);
	if (status)
		bytes += strlen(status->text) + strlen(status->why) +
			 strlen(status->host) + strlen(status->tls) +
			 strlen(status->remote_id);
	return bytes;
}

/* Cut @numbers to what one job and one report hold. */
static void
fit(const Message *message, GArray *numbers)
{
	gsize bytes = 0;
	guint n = 0;

	for (; n < MIN(numbers->len, REPORT_MAX_RECIPIENTS); n++) {
		bytes += bytes_of(message->recipients->pdata[g_array_index(
			numbers, guint, n)]);
		if (n > 0 && bytes > REPORT_MAX_BYTES)
			break;
	}
	g_array_set_size(numbers, n);
}

GArray *
report_numbers(const Message *message)
{
	GArray *numbers = g_array_new(FALSE, FALSE, sizeof(guint));

	for (guint i = 0; i < message->recipients->len; i++) {
		const Recipient *recipient = message->recipients->pdata[i];

		if (recipient->state == RECIPIENT_FAILED)
			g_array_append_val(numbers, i);
	}
	fit(message, numbers);
	return numbers;
}

char *
report_answers(const Message *message, const GArray *numbers)
{
	char buffer[TEXT_ID_SIZE];
	GString *text = g_string_new(text_id(message->id, buffer));

	for (guint i = 0; i < numbers->len; i++)
		g_string_append_printf(text, " %u",
				       g_array_index(numbers, guint, i));
	return g_string_free(text, FALSE);
}

/* --- to whom -------------------------------------------------------------- */

/* Whether mail from the null sender to @address could go just now. */
static gboolean
can_go_now(Engine *engine, const char *address, uid_t uid)
{
	const RouteWorld *world = &deliver_input(engine->deliver)->world;
	g_autoptr(Message) supposed = message_new(0, "", uid);
	Way way = route_way(world, supposed,
			    message_add_recipient(supposed, address));

	return way.kind != WAY_WAIT || way.reason == WAIT_SETTLING;
}

/*
 * Who wrote from here under an address elsewhere hears of it here, while
 * nothing goes there: what stops the mail would stop its report too.
 */
static char *
mailbox_here(Engine *engine, const Message *message, const ReportPlan *plan)
{
	const char *user = settings_user(engine->settings, message->uid);

	if (plan->doubled || !user || message_option(message, "foreign") ||
	    can_go_now(engine, plan->to, message->uid))
		return NULL;
	return g_strconcat(user, "@", engine->settings->host, NULL);
}

static void
address_plan(Engine *engine, const Message *message, ReportPlan *plan)
{
	plan->to = plan->doubled ? g_strconcat(POSTMASTER "@",
					       engine->settings->host, NULL) :
				   g_strdup(message->sender);
	plan->also = mailbox_here(engine, message, plan);
}

/* --- the worker ----------------------------------------------------------- */

/* The others are considered again when one of these ends. */
static gboolean
may_start(const Deliver *deliver, const Message *message)
{
	char buffer[TEXT_ID_SIZE];
	guint running = 0;

	for (guint i = 0; i < deliver->jobs->len; i++) {
		const Job *other = deliver->jobs->pdata[i];

		if (other->kind != PRIV_REPORT)
			continue;
		if (g_str_equal(other->name, text_id(message->id, buffer)))
			return FALSE;
		running++;
	}
	return running < REPORT_WORKERS &&
	       engine_now() >= deliver->no_reports_before;
}

static void
fill_job(Job *job, Message *message, ReportPlan *plan)
{
	JobItem *item = g_new0(JobItem, 1);

	job->connection->uid = message->uid;
	job->connection->identified = TRUE;
	g_free(job->connection->origin);
	job->connection->origin = g_strdup("report");
	item->message = message;
	item->numbers = g_array_copy(plan->numbers);
	g_queue_push_tail(&job->items, item);
	job->report = plan;
}

void
report_start(Engine *engine, Message *message, ReportPlan *plan)
{
	char buffer[TEXT_ID_SIZE];
	Job *job = NULL;

	if (may_start(engine->deliver, message))
		job = job_start(engine->deliver, PRIV_REPORT,
				text_id(message->id, buffer), "",
				ROLE_DELIVER | ROLE_SUBMIT);
	if (!job) {
		report_plan_free(plan);
		return;
	}
	fit(message, plan->numbers);
	address_plan(engine, message, plan);
	fill_job(job, message, plan);
}

/* --- what it is told ------------------------------------------------------ */

static GVariant *
recipient_row(Engine *engine, const Message *message, guint number)
{
	const ScheduleInput *input = deliver_input(engine->deliver);
	const Recipient *recipient = message->recipients->pdata[number];
	const char *orcpt = recipient_option(recipient, "orcpt");
	Waiting waiting = schedule_waiting(input, message, number);
	g_autofree char *why = schedule_why(input, message, number);
	g_autoptr(GVariant) status = NULL;
	GVariantDict dict;

	if (recipient->status)
		status = g_variant_ref_sink(
			status_to_variant(recipient->status));
	g_variant_dict_init(&dict, status);
	g_variant_dict_insert(&dict, "number", "u", number);
	g_variant_dict_insert(&dict, "address", "s", recipient->address);
	g_variant_dict_insert(&dict, "orcpt", "s", orcpt ? orcpt : "");
	g_variant_dict_insert(&dict, "action", "s",
			      report_receipt_action(recipient));
	g_variant_dict_insert(&dict, "tries", "u", recipient->tries);
	g_variant_dict_insert(&dict, "last-try", "x", recipient->last_try);
	g_variant_dict_insert(&dict, "route", "s", recipient->route);
	if (recipient->state == RECIPIENT_WAITING) {
		g_variant_dict_insert(&dict, "wait", "s",
				      wait_reason_name(waiting.reason));
		g_variant_dict_insert(&dict, "why", "s", why);
	}
	return g_variant_dict_end(&dict);
}

static const char *
kind_name(ReportKind kind)
{
	switch (kind) {
	case REPORT_BOUNCE:
		return "bounce";
	case REPORT_DELAY:
		return "delay";
	case REPORT_STALE:
		return "stale";
	case REPORT_RECEIPT:
		return "receipt";
	}
	return "bounce";
}

/* Of all it tells of, the least that is left (seconds). */
static gint64
time_left(Engine *engine, const Message *message, const GArray *numbers)
{
	const ScheduleInput *input = deliver_input(engine->deliver);
	gint64 least = G_MAXINT64;

	for (guint i = 0; i < numbers->len; i++)
		least = MIN(least,
			    schedule_gives_up(input, message,
					      g_array_index(numbers, guint,
							    i)) -
				    input->world.now);
	return MAX(least, 0);
}

GVariant *
report_job(Engine *engine, const Message *message, const ReportPlan *plan)
{
	GVariantBuilder rows;
	GVariantDict dict;

	g_variant_builder_init(&rows, G_VARIANT_TYPE("aa{sv}"));
	for (guint i = 0; i < plan->numbers->len; i++)
		g_variant_builder_add_value(
			&rows, recipient_row(engine, message,
					     g_array_index(plan->numbers,
							   guint, i)));
	deliver_fill_job(&dict, message, NULL);
	g_variant_dict_insert(&dict, "kind", "s", kind_name(plan->kind));
	g_variant_dict_insert(&dict, "double", "b", plan->doubled);
	g_variant_dict_insert(&dict, "to", "s", plan->to);
	g_variant_dict_insert(&dict, "also", "s",
			      plan->also ? plan->also : "");
	g_variant_dict_insert(&dict, "host", "s", engine->settings->host);
	g_variant_dict_insert(&dict, "arrived", "x", message->arrived);
	g_variant_dict_insert(&dict, "left", "x",
			      time_left(engine, message, plan->numbers));
	g_variant_dict_insert_value(&dict, "statuses",
				    g_variant_builder_end(&rows));
	return g_variant_dict_end(&dict);
}

/* --- what it says --------------------------------------------------------- */

/* The option by which its M record tells what it is about. */
static char *
about(const Message *message, const ReportPlan *plan)
{
	char buffer[TEXT_ID_SIZE];
	const char *id = text_id(message->id, buffer);

	switch (plan->kind) {
	case REPORT_BOUNCE:
		return report_answers(message, plan->numbers);
	case REPORT_DELAY:
		return g_strdup_printf("%s %" G_GINT64_FORMAT, id,
				       plan->seconds);
	case REPORT_STALE:
		return g_strconcat(id, " stale", NULL);
	case REPORT_RECEIPT:
		return report_answers(message, plan->numbers);
	}
	return g_strdup("");
}

static const char *
about_key(ReportKind kind)
{
	switch (kind) {
	case REPORT_BOUNCE:
		return "answers";
	case REPORT_DELAY:
	case REPORT_STALE:
		return "warns";
	case REPORT_RECEIPT:
		return "confirms";
	}
	return "warns";
}

void
report_mark(Connection *connection, Submission *submission)
{
	const Job *job = connection->job;
	const ReportPlan *plan = job ? job->report : NULL;
	g_autofree char *told = NULL;

	if (!job || job->kind != PRIV_REPORT)
		return;
	submission_set_report(submission, plan && job->current ? plan->to : "",
			      plan ? plan->also : NULL);
	if (!plan || !job->current)
		return;
	told = about(job->current->message, plan);
	submission_set_option(submission, about_key(plan->kind), told);
	if (plan->doubled)
		submission_set_option(submission, "double", "yes");
}

void
report_note(Connection *connection, const char *enhanced)
{
	Job *job = connection->job;
	Message *message;

	if (!job || job->kind != PRIV_REPORT || !job->current)
		return;
	message = job->current->message;
	if (!enhanced) {
		job->told = TRUE;
		message->untold = 0;
	} else if (*enhanced == '4') {
		job->later = TRUE;
	} else {
		message->untold = REPORT_TRIES;
	}
}
