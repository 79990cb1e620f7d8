// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "common/address.h"
#include "common/text.h"
#include "daemon/worker/smtp-out.h"

#define REPLY_GO_AHEAD 354

/* A command of the envelope, written and not yet answered. */
typedef struct {
	SmtpAt at;
	JobRecipient *recipient; /* of RCPT */
	char *line;              /* with CRLF */
	gboolean reset;          /* RSET, before a new MAIL */
} Step;

typedef struct {
	Session *session;
	GArray *steps;       /* of Step */
	gboolean mail_taken;
	SmtpReply *refusal;  /* of MAIL, or of DATA with recipients */
	SmtpAt refused_at;
	gboolean go_ahead;   /* DATA was answered by 354 */
} Envelope;

static void
step_clear(gpointer step)
{
	g_free(((Step *)step)->line);
}

static void
add_step(Envelope *envelope, SmtpAt at, JobRecipient *recipient, char *line)
{
	Step step = { .at = at, .recipient = recipient, .line = line };

	g_array_append_val(envelope->steps, step);
}

static void
add_reset(Envelope *envelope)
{
	Step step = { .at = SMTP_AT_MAIL, .line = g_strdup("RSET\r\n"),
		      .reset = TRUE };

	g_array_append_val(envelope->steps, step);
}

static gboolean
option_is_set(const Job *job, const char *key)
{
	const char *value = job_option(job, key);

	return value && !g_str_equal(value, "no") &&
	       !g_str_equal(value, "false") && !g_str_equal(value, "0");
}

static void
append_upper(GString *line, const char *keyword, const char *value)
{
	g_autofree char *upper = g_ascii_strup(value, -1);

	g_string_append_printf(line, " %s=%s", keyword, upper);
}

static void
append_mail_dsn(GString *line, const Job *job)
{
	const char *ret = job_option(job, "ret");
	const char *envid = job_option(job, "envid");

	if (ret && (g_str_equal(ret, "full") || g_str_equal(ret, "hdrs")))
		append_upper(line, "RET", ret);
	if (envid) {
		g_autofree char *xtext = smtp_xtext_encode(envid);

		g_string_append_printf(line, " ENVID=%s", xtext);
	}
}

/* RFC 5321 MAIL with what RFC 1870, 6152, 6531 and 3461 may add. */
static char *
mail_line(const Session *session)
{
	const SmtpExtensions *known = session->extensions;
	const Job *job = session->job;
	const char *body = job_option(job, "body");
	GString *line = g_string_new(NULL);

	g_string_printf(line, "MAIL FROM:<%s>", job->sender);
	if (known->size)
		g_string_append_printf(line, " SIZE=%" G_GUINT64_FORMAT,
				       job->size);
	if (known->eightbitmime && g_strcmp0(body, "8bitmime") == 0)
		g_string_append(line, " BODY=8BITMIME");
	if (known->smtputf8 && option_is_set(job, "smtputf8"))
		g_string_append(line, " SMTPUTF8");
	if (known->dsn)
		append_mail_dsn(line, job);
	return g_string_free(g_string_append(line, "\r\n"), FALSE);
}

static const char *
recipient_option(const JobRecipient *recipient, const char *key)
{
	return g_hash_table_lookup(recipient->options, key);
}

/* "never", or words with commas between: they came from outside once. */
static gboolean
is_notify(const char *words)
{
	return *words && strspn(words, "abcdefghijklmnopqrstuvwxyz,") ==
				 strlen(words);
}

static void
append_rcpt_dsn(GString *line, const JobRecipient *recipient)
{
	const char *notify = recipient_option(recipient, "notify");
	const char *orcpt = recipient_option(recipient, "orcpt");
	const char *semicolon = orcpt ? strchr(orcpt, ';') : NULL;

	if (notify && is_notify(notify))
		append_upper(line, "NOTIFY", notify);
	if (semicolon) {
		g_autofree char *xtext = smtp_xtext_encode(semicolon + 1);

		g_string_append_printf(line, " ORCPT=%.*s;%s",
				       (int)(semicolon - orcpt), orcpt, xtext);
	}
}

static char *
rcpt_line(const Session *session, const JobRecipient *recipient)
{
	GString *line = g_string_new(NULL);

	g_string_printf(line, "RCPT TO:<%s>", recipient->address);
	if (session->extensions->dsn)
		append_rcpt_dsn(line, recipient);
	return g_string_free(g_string_append(line, "\r\n"), FALSE);
}

static gboolean
judge(Session *session, JobRecipient *recipient, Status *status)
{
	g_autoptr(Status) ours = session_sign(session, status);

	if (worker_verdict(session->worker, recipient, ours, NULL))
		return TRUE;
	session->stopped = TRUE;
	return FALSE;
}

gboolean
smtp_judge_rest(Session *session, Status *status)
{
	g_autoptr(Status) ours = session_sign(session, status);

	if (worker_verdict_rest(session->worker, session->job, ours, NULL))
		return TRUE;
	session->stopped = TRUE;
	return FALSE;
}

static gboolean
judge_trouble(Session *session, JobRecipient *recipient, SmtpTrouble trouble)
{
	SmtpParties parties = session_parties(session, NULL);

	parties.recipient = recipient->address;
	return judge(session, recipient,
		     smtp_why_trouble(trouble, &parties));
}

/* What needs no question to the server. */
static gboolean
check_recipient(Session *session, JobRecipient *recipient)
{
	if (!address_is_valid(recipient->address))
		return judge_trouble(session, recipient, SMTP_BAD_ADDRESS);
	if (!session->extensions->smtputf8 &&
	    address_needs_utf8(recipient->address))
		return judge_trouble(session, recipient, SMTP_NEEDS_UTF8);
	return TRUE;
}

static gboolean
needs_utf8(const Job *job)
{
	return option_is_set(job, "smtputf8") ||
	       address_needs_utf8(job->sender);
}

/* Sets *ret_done when nobody is left to ask the server for. */
static gboolean
check_message(Session *session, gboolean *ret_done)
{
	const SmtpExtensions *known = session->extensions;
	Job *job = session->job;
	SmtpParties parties = session_parties(session, NULL);

	*ret_done = TRUE;
	if (known->size_limit && job->size > known->size_limit) {
		g_autofree char *limit = text_size(known->size_limit);

		parties.detail = limit;
		return smtp_judge_rest(session,
				       smtp_why_trouble(SMTP_TOO_LARGE,
							&parties));
	}
	if (*job->sender && !address_is_valid(job->sender))
		return smtp_judge_rest(session,
				       smtp_why_trouble(SMTP_BAD_SENDER,
							&parties));
	if (needs_utf8(job) && !known->smtputf8)
		return smtp_judge_rest(session,
				       smtp_why_trouble(SMTP_NEEDS_UTF8,
							&parties));
	for (guint i = 0; i < job->recipients->len; i++) {
		JobRecipient *recipient = job->recipients->pdata[i];

		if (!check_recipient(session, recipient))
			return FALSE;
		if (!recipient->judged)
			*ret_done = FALSE;
	}
	return TRUE;
}

static void
plan(Envelope *envelope)
{
	Session *session = envelope->session;
	GPtrArray *recipients = session->job->recipients;

	guint most = session->extensions->recipient_max, asked = 0;

	session->again = FALSE;
	if (session->in_transaction)
		add_reset(envelope);
	add_step(envelope, SMTP_AT_MAIL, NULL, mail_line(session));
	for (guint i = 0; i < recipients->len && !session->again; i++) {
		JobRecipient *recipient = recipients->pdata[i];

		if (recipient->judged)
			continue;
		if (most && asked++ == most)
			session->again = TRUE;
		else
			add_step(envelope, SMTP_AT_RCPT, recipient,
				 rcpt_line(session, recipient));
	}
	add_step(envelope, SMTP_AT_DATA, NULL, g_strdup("DATA\r\n"));
}

static gboolean
take_mail(Envelope *envelope, SmtpReply **reply)
{
	envelope->session->begun = TRUE;
	if ((*reply)->code / 100 == 2) {
		envelope->mail_taken = TRUE;
		envelope->session->in_transaction = TRUE;
		return TRUE;
	}
	envelope->refusal = g_steal_pointer(reply);
	envelope->refused_at = SMTP_AT_MAIL;
	return TRUE;
}

/* RFC 5321 4.5.3.1.10: the others are to be sent in a transaction more. */
static gboolean
is_too_many(const Session *session, const SmtpReply *reply)
{
	return reply->code == 452 && session->accepted->len > 0 &&
	       (!*reply->enhanced || g_str_equal(reply->enhanced, "4.5.3"));
}

static gboolean
take_rcpt(Envelope *envelope, JobRecipient *recipient, SmtpReply *reply)
{
	Session *session = envelope->session;
	SmtpParties parties = session_parties(session, NULL);

	if (!envelope->mail_taken)
		return TRUE;
	if (reply->code / 100 == 2) {
		g_ptr_array_add(session->accepted, recipient);
		return TRUE;
	}
	if (is_too_many(session, reply)) {
		session->again = TRUE;
		return TRUE;
	}
	parties.recipient = recipient->address;
	return judge(session, recipient,
		     smtp_why_reply(SMTP_AT_RCPT, reply, &parties));
}

static gboolean
take_data(Envelope *envelope, SmtpReply **reply)
{
	if ((*reply)->code == REPLY_GO_AHEAD) {
		envelope->go_ahead = TRUE;
	} else if (envelope->session->accepted->len > 0) {
		envelope->refusal = g_steal_pointer(reply);
		envelope->refused_at = SMTP_AT_DATA;
	}
	return TRUE;
}

static gboolean
take_reply(Envelope *envelope, const Step *step)
{
	Session *session = envelope->session;
	g_autoptr(SmtpReply) reply = NULL;

	session_deadline(session, step->at == SMTP_AT_DATA
					  ? SMTP_DATA_SECONDS
					  : SMTP_COMMAND_SECONDS);
	reply = session_read(session);
	if (!reply)
		return FALSE;
	if (reply->code == 421)
		return session_refuse(session, step->at, reply);
	if (step->reset) {
		session->in_transaction = FALSE;
		return reply->code / 100 == 2 ||
		       session_trouble(session, SMTP_GARBAGE, reply->text);
	}
	if (step->at == SMTP_AT_MAIL)
		return take_mail(envelope, &reply);
	if (step->at == SMTP_AT_RCPT)
		return take_rcpt(envelope, step->recipient, reply);
	return take_data(envelope, &reply);
}

/* Write the steps from @start on, as many as may be unanswered. */
static gboolean
write_batch(Envelope *envelope, guint start, guint end)
{
	g_autoptr(GString) batch = g_string_new(NULL);

	for (guint i = start; i < end; i++)
		g_string_append(batch,
				g_array_index(envelope->steps, Step, i).line);
	session_deadline(envelope->session, SMTP_COMMAND_SECONDS);
	return session_write(envelope->session, batch->str, batch->len);
}

/* Whether the steps from @start on are still worth asking. */
static gboolean
is_over(const Envelope *envelope, guint start)
{
	const Step *step = &g_array_index(envelope->steps, Step, start);

	return envelope->refusal ||
	       (step->at == SMTP_AT_DATA &&
		envelope->session->accepted->len == 0);
}

/*
 * With PIPELINING (RFC 2920) all goes in one batch and comes back in one;
 * the bound keeps both from filling the windows and waiting for ever.
 */
static gboolean
ask(Envelope *envelope)
{
	guint window = envelope->session->extensions->pipelining
			       ? SMTP_PIPELINE_MAX
			       : 1;
	guint start = 0;

	while (start < envelope->steps->len && !is_over(envelope, start)) {
		guint end = MIN(start + window, envelope->steps->len);

		if (!write_batch(envelope, start, end))
			return FALSE;
		for (; start < end; start++)
			if (!take_reply(envelope,
					&g_array_index(envelope->steps, Step,
						       start)))
				return FALSE;
	}
	return TRUE;
}

/*
 * A 354 with nobody to send to. After refused recipients RFC 2920 3.1 wants
 * an empty message; after a refused MAIL a server that says so may do
 * anything with it, so it gets nothing more.
 */
static gboolean
withdraw(Envelope *envelope)
{
	Session *session = envelope->session;
	g_autoptr(SmtpReply) reply = NULL;

	if (!envelope->mail_taken) {
		session_disconnect(session);
		return TRUE;
	}
	reply = session_command(session, ".");
	if (!reply)
		return FALSE;
	session->in_transaction = FALSE;
	return TRUE;
}

/*
 * MAIL or DATA was refused. What is about us stops the batch, and is then
 * no recipient's verdict.
 */
static gboolean
take_refusal(Envelope *envelope)
{
	Session *session = envelope->session;
	SmtpParties parties = session_parties(session, NULL);
	Status *status = smtp_why_reply(envelope->refused_at,
					envelope->refusal, &parties);

	g_ptr_array_set_size(session->accepted, 0);
	if (status->fault == FAULT_ROUTE || status->fault == FAULT_HOST) {
		session->begun = envelope->refused_at != SMTP_AT_MAIL;
		return session_fail(session, status);
	}
	return smtp_judge_rest(session, status);
}

static gboolean
conclude(Envelope *envelope)
{
	gboolean nobody = envelope->refusal ||
			  envelope->session->accepted->len == 0;

	if (envelope->go_ahead && nobody && !withdraw(envelope))
		return FALSE;
	return !envelope->refusal || take_refusal(envelope);
}

gboolean
smtp_send_envelope(Session *session)
{
	Envelope envelope = { .session = session };
	gboolean done, good;

	g_ptr_array_set_size(session->accepted, 0);
	session->again = FALSE;
	if (!check_message(session, &done) || done)
		return !session->stopped;
	stream_set_session_limit(session->stream,
				 SMTP_MESSAGE_SECONDS +
					 session->job->size /
						 SMTP_BYTES_PER_SECOND);
	envelope.steps = g_array_new(FALSE, FALSE, sizeof(Step));
	g_array_set_clear_func(envelope.steps, step_clear);
	plan(&envelope);
	good = ask(&envelope) && conclude(&envelope);
	g_array_unref(envelope.steps);
	smtp_reply_free(envelope.refusal);
	return good;
}
