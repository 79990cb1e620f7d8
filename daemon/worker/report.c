// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The worker that tells a sender what could not be delivered: fetches the
 * message, writes the notification and submits it as new mail from the null
 * sender, over the one socket it has. It never meets the network.
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "common/log.h"
#include "daemon/worker/report-original.h"
#include "daemon/worker/report-text.h"
#include "daemon/worker/worker.h"

#define BOUNDARY_TRIES 4

/* What all reports of this worker are written with. */
typedef struct {
	const char *host;
	const Templates *templates;
	const char *language; /* of who asked for none */
} House;

typedef struct {
	Worker *worker;
	Job *job;
	Original *original;
	ReportFacts facts;
	char *boundary, *message_id;
	guint64 size; /* bytes submitted */
} Report;

static void
report_done(Report *report)
{
	original_free(report->original);
	if (report->facts.recipients)
		g_ptr_array_unref(report->facts.recipients);
	g_free(report->boundary);
	g_free(report->message_id);
}

/* --- what the job tells --- */

static const char *
job_text(const Job *job, const char *key)
{
	const char *text = "";

	g_variant_lookup(job->reply, key, "&s", &text);
	return text;
}

/* A row of "statuses": who failed and how; the verdict goes to its number. */
static void
add_recipient(Report *report, GVariant *row)
{
	JobRecipient *judged = g_new0(JobRecipient, 1);
	const char *address = "", *original = "", *wait = "", *action = "";
	ReportRecipient *told;
	gint64 last_try = 0;

	g_variant_lookup(row, "address", "&s", &address);
	g_variant_lookup(row, "orcpt", "&s", &original);
	g_variant_lookup(row, "wait", "&s", &wait);
	g_variant_lookup(row, "action", "&s", &action);
	g_variant_lookup(row, "last-try", "x", &last_try);
	g_variant_lookup(row, "number", "u", &judged->number);
	judged->address = g_strdup(address);
	judged->options = g_hash_table_new(g_str_hash, g_str_equal);
	g_ptr_array_add(report->job->recipients, judged);
	told = report_recipient_new(address, original, last_try,
				    status_from_variant(row), wait);
	if (*action)
		told->action = g_strdup(action);
	g_ptr_array_add(report->facts.recipients, told);
}

static void
gather_recipients(Report *report)
{
	g_autoptr(GVariant) rows =
		g_variant_lookup_value(report->job->reply, "statuses",
				       G_VARIANT_TYPE("aa{sv}"));

	report->facts.recipients = g_ptr_array_new_with_free_func(
		(GDestroyNotify)report_recipient_free);
	g_ptr_array_set_size(report->job->recipients, 0);
	for (gsize i = 0; rows && i < g_variant_n_children(rows); i++) {
		g_autoptr(GVariant) row = g_variant_get_child_value(rows, i);

		add_recipient(report, row);
	}
}

static const char *
option_or_empty(const Job *job, const char *key)
{
	const char *value = job_option(job, key);

	return value ? value : "";
}

static gboolean
wants_full(const Job *job)
{
	return g_str_equal(option_or_empty(job, "ret"), "full");
}

static gboolean
needs_smtputf8(const Job *job)
{
	const char *word = option_or_empty(job, "smtputf8");

	return *word && !g_str_equal(word, "false") && !g_str_equal(word, "no");
}

/* Whether the job is of a kind we know; then @ret_kind. */
static gboolean
find_kind(const Job *job, ReportKind *ret_kind)
{
	const char *name = job_text(job, "kind");
	gboolean doubled = FALSE;

	g_variant_lookup(job->reply, "double", "b", &doubled);
	for (ReportKind kind = 0; kind < REPORT_KINDS; kind++) {
		if (!g_str_equal(report_kind_name(kind), name))
			continue;
		*ret_kind = kind == REPORT_BOUNCE && doubled ? REPORT_DOUBLE
							     : kind;
		return TRUE;
	}
	return FALSE;
}

/* The postmaster is told in the language of the house. */
static void
choose_language(ReportFacts *facts, const Job *job, const House *house)
{
	const char *asked = facts->kind == REPORT_DOUBLE
				    ? ""
				    : option_or_empty(job, "language");

	facts->language = *asked ? asked : house->language;
	facts->words = report_words(facts->language);
	if (!facts->words)
		facts->words = report_words(house->language);
	if (!facts->words)
		facts->words = report_words("en");
}

static void
gather_facts(Report *report, const House *house)
{
	const Job *job = report->job;
	g_autoptr(GDateTime) now = g_date_time_new_now_local();
	ReportFacts *facts = &report->facts;

	facts->host = house->host;
	facts->templates = house->templates;
	facts->to = job_text(job, "to");
	facts->id = job->id;
	facts->envid = job_option(job, "envid");
	facts->subject = option_or_empty(job, "subject");
	facts->now = g_date_time_to_unix(now);
	facts->zone = g_date_time_get_utc_offset(now) / G_USEC_PER_SEC;
	facts->chance = (guint64)g_random_int() << 32 | g_random_int();
	facts->smtputf8 = needs_smtputf8(job);
	g_variant_lookup(job->reply, "arrived", "x", &facts->arrived);
	g_variant_lookup(job->reply, "left", "x", &facts->left);
	gather_recipients(report);
	if (!find_kind(job, &facts->kind))
		facts->to = "";
	/* RFC 3461 4.3: RET is for failures. */
	facts->full = facts->kind == REPORT_BOUNCE && wants_full(job);
	choose_language(facts, job, house);
}

/* --- the original --- */

/* Only a whole message that is to be returned is looked at to its end. */
static gboolean
look_at_original(Report *report, GError **error)
{
	guint64 offset = 0;

	report->original = original_new(report->boundary);
	while (report->facts.full || !report->original->header_ended) {
		g_autoptr(WirePacket) part =
			worker_fetch(report->worker, report->job, offset,
				     error);

		if (!part)
			return FALSE;
		if (!part->size ||
		    (!report->facts.full && offset > ORIGINAL_MAX_HEADER))
			return TRUE;
		original_look(report->original, part->data, part->size);
		offset += part->size;
	}
	return TRUE;
}

static char *
random_boundary(void)
{
	guint64 chance[2];

	for (guint i = 0; i < G_N_ELEMENTS(chance); i++)
		chance[i] = (guint64)g_random_int() << 32 | g_random_int();
	return report_boundary(chance[0], chance[1]);
}

static gboolean
know_original(Report *report, GError **error)
{
	for (guint i = 0; i < BOUNDARY_TRIES; i++) {
		original_free(g_steal_pointer(&report->original));
		g_free(report->boundary);
		report->boundary = random_boundary();
		if (!look_at_original(report, error))
			return FALSE;
		if (!report->original->has_boundary)
			break;
	}
	report->message_id = original_message_id(report->original);
	report->facts.boundary = report->boundary;
	report->facts.message_id = report->message_id;
	report->facts.original_8bit =
		report->original->header_8bit ||
		(report->facts.full && report->original->body_8bit);
	return TRUE;
}

/* --- submission --- */

static gboolean
call(Report *report, const char *method, GVariant *body, GError **error)
{
	g_autoptr(GVariant) reply =
		client_call(report->worker->engine, method, body, error);

	return reply != NULL;
}

static gboolean
send_bytes(Report *report, const void *bytes, gsize size, GError **error)
{
	report->size += size;
	return client_send_data(report->worker->engine, bytes, size, error);
}

static gboolean
submit_to(Report *report, const char *address, GError **error)
{
	return call(report, "Recipient",
		    g_variant_new("(s@a{sv})", address,
				  g_variant_new_array(G_VARIANT_TYPE("{sv}"),
						      NULL, 0)),
		    error);
}

/* A mailbox here that will not have it is no loss: who is told, is told. */
static gboolean
submit_also(Report *report)
{
	const char *also = job_text(report->job, "also");

	return *also && submit_to(report, also, NULL);
}

static gboolean
begin(Report *report, GError **error)
{
	g_auto(GVariantDict) options = G_VARIANT_DICT_INIT(NULL);
	g_autofree char *subject = report_subject(&report->facts);

	g_variant_dict_insert(&options, "subject", "s", subject);
	g_variant_dict_insert(&options, "from", "s", "Mail Delivery System");
	g_variant_dict_insert(&options, "body", "s",
			      report_is_8bit(&report->facts) ? "8bitmime"
							     : "7bit");
	if (report->facts.smtputf8)
		g_variant_dict_insert(&options, "smtputf8", "b", TRUE);
	if (!call(report, "Submit",
		  g_variant_new("(s@a{sv})", "", g_variant_dict_end(&options)),
		  error))
		return FALSE;
	submit_also(report);
	return submit_to(report, report->facts.to, error);
}

static gboolean
send_whole_original(Report *report, GError **error)
{
	gboolean after_cr = FALSE;

	for (guint64 offset = 0;;) {
		g_autoptr(WirePacket) part =
			worker_fetch(report->worker, report->job, offset,
				     error);
		g_autoptr(GByteArray) clean = g_byte_array_new();

		if (!part)
			return FALSE;
		if (!part->size)
			return TRUE;
		original_clean(part->data, part->size, &after_cr, clean);
		if (!send_bytes(report, clean->data, clean->len, error))
			return FALSE;
		offset += part->size;
	}
}

static gboolean
send_original(Report *report, GError **error)
{
	const GByteArray *header = report->original->header;

	if (report->facts.full)
		return send_whole_original(report, error);
	return send_bytes(report, header->data, header->len, error);
}

static gboolean
submit(Report *report, GError **error)
{
	g_autoptr(GString) start = report_begin(&report->facts);
	g_autofree char *end = report_end(&report->facts);

	return begin(report, error) &&
	       send_bytes(report, start->str, start->len, error) &&
	       send_original(report, error) &&
	       send_bytes(report, end, strlen(end), error) &&
	       call(report, "Commit", g_variant_new("(t)", report->size),
		    error);
}

/* --- the job --- */

/*
 * What the verdict says is whether the sender was told. A refusal of the
 * notification is the engine's word: it is not tried to convince it.
 */
static Status *
status_of(const GError *error)
{
	g_autofree char *enhanced = NULL;
	const char *sentence;

	if (!error)
		return status_new(OUTCOME_DELIVERED, FAULT_NONE, 0, "2.0.0",
				  "the sender was told", NULL);
	sentence = wire_remote_parts(error, &enhanced);
	return status_new(*enhanced == '4' ? OUTCOME_DEFERRED : OUTCOME_FAILED,
			  FAULT_MESSAGE, 0, enhanced, sentence,
			  "The sender could not be told that the message was "
			  "not delivered.");
}

static gboolean
answer(Report *report, GError **error)
{
	g_autoptr(GError) refusal = NULL;
	g_autoptr(Status) status = NULL;
	gboolean told;

	if (!know_original(report, error))
		return FALSE;
	told = submit(report, &refusal);
	if (!told && !g_error_matches(refusal, WIRE_ERROR, WIRE_ERROR_REMOTE)) {
		g_propagate_error(error, g_steal_pointer(&refusal));
		return FALSE;
	}
	status = status_of(refusal);
	return worker_verdict_rest(report->worker, report->job, status, error);
}

/* Whom to tell is the engine's to say. */
static gboolean
may_answer(const Report *report)
{
	if (*report->facts.to && report->facts.recipients->len)
		return TRUE;
	log_problem("report", 0, "msg=%s is not to be reported",
		    report->job->id);
	return FALSE;
}

static gboolean
work(Worker *worker, const House *house, GError **error)
{
	for (;;) {
		g_autoptr(Job) job = worker_next_job(worker, error);

		Report report = {.worker = worker, .job = job};
		gboolean done;

		if (!job)
			return *error == NULL;
		gather_facts(&report, house);
		done = !may_answer(&report) || answer(&report, error);
		report_done(&report);
		if (!done)
			return FALSE;
	}
}

/* Language=, else that of the daemon's own surroundings. */
static char *
house_language(const Config *config)
{
	static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };
	char *language = config_string(config, "General", "Language");

	for (guint i = 0; !language && i < G_N_ELEMENTS(names); i++)
		if (g_getenv(names[i]) && *g_getenv(names[i]))
			language = g_strdup(g_getenv(names[i]));
	return language ? language : g_strdup("en");
}

static gboolean
serve(Worker *worker, const Config *config, GError **error)
{
	g_autofree char *host = worker_host_name(config);
	g_autofree char *language = house_language(config);
	g_autoptr(Templates) templates = templates_read(WORKER_TEMPLATES_FD);
	const House house = { host, templates, language };

	return worker_confine(worker, NULL, 0, error) &&
	       work(worker, &house, error);
}

int
main(int argc, char **argv)
{
	g_autoptr(Worker) worker = worker_start(argc, argv);
	g_autoptr(GError) error = NULL;
	g_autoptr(Config) config = NULL;

	g_set_prgname("report");
	config = config_load_fd(CONFIG_MAIN, WORKER_CONFIG_FD, "masqmail.conf",
				&error);
	if (config && serve(worker, config, &error))
		return EX_OK;
	/* A daemon that stops is no problem. */
	if (!g_error_matches(error, WIRE_ERROR, WIRE_ERROR_CLOSED))
		log_problem("report", 0, "msg=%s %s", worker->name,
			    error->message);
	return EX_TEMPFAIL;
}
