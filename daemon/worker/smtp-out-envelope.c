// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "common/address.h"
#include "daemon/worker/smtp-out.h"

#define REPLY_GO_AHEAD 354
#define NOBODY G_MAXUINT

/* A command of the envelope, to be written or not yet answered. */
typedef struct {
	SmtpAt at;
	guint recipient; /* of RCPT: which of the job's; else NOBODY */
	char *line;      /* with CRLF */
	gboolean reset;  /* RSET, before a new MAIL */
} Step;

struct Envelope {
	Session *session;
	Job *job;            /* sent ahead: owned; NULL: the session's */
	GArray *steps;       /* of Step */
	guint written;       /* of them */
	gboolean again;      /* there are more recipients than it may have */
	gboolean mail_taken;
	SmtpReply *refusal;  /* of MAIL, or of DATA with recipients */
	SmtpAt refused_at;
	gboolean go_ahead;   /* DATA was answered by 354 */
};

static void
step_clear(gpointer step)
{
	g_free(((Step *)step)->line);
}

void
smtp_envelope_free(Envelope *envelope)
{
	if (!envelope)
		return;
	job_free(envelope->job);
	g_array_unref(envelope->steps);
	smtp_reply_free(envelope->refusal);
	g_free(envelope);
}

static void
add_step(Envelope *envelope, SmtpAt at, guint recipient, char *line)
{
	Step step = { .at = at, .recipient = recipient, .line = line };

	g_array_append_val(envelope->steps, step);
}

static void
add_reset(Envelope *envelope)
{
	Step step = { .at = SMTP_AT_MAIL, .recipient = NOBODY,
		      .line = g_strdup("RSET\r\n"), .reset = TRUE };

	g_array_prepend_val(envelope->steps, step);
}

gboolean
smtp_is_chunked(const Session *session)
{
	/*
	 * Without PIPELINING each part would wait for an answer. With LMTP
	 * nobody has said how many answers the last one gets.
	 */
	return session->extensions->chunking && !session->no_chunks &&
	       session->extensions->pipelining &&
	       session->route->protocol == SMTP_SMTP;
}

static void
add_recipients(Envelope *envelope, const SmtpFit *fit, const Job *job)
{
	const Session *session = envelope->session;
	guint most = session->extensions->recipient_max, asked = 0;

	for (guint i = 0; i < job->recipients->len && !envelope->again; i++) {
		const JobRecipient *recipient = job->recipients->pdata[i];

		if (recipient->judged)
			continue;
		if (most && asked++ == most)
			envelope->again = TRUE;
		else
			add_step(envelope, SMTP_AT_RCPT, i,
				 smtp_rcpt_line(session, fit, recipient));
	}
}

static Envelope *
plan(Session *session, const SmtpFit *fit, const Job *job)
{
	Envelope *envelope = g_new0(Envelope, 1);

	envelope->session = session;
	envelope->steps = g_array_new(FALSE, FALSE, sizeof(Step));
	g_array_set_clear_func(envelope->steps, step_clear);
	add_step(envelope, SMTP_AT_MAIL, NOBODY,
		 smtp_mail_line(session, fit, job));
	add_recipients(envelope, fit, job);
	if (!smtp_is_chunked(session))
		add_step(envelope, SMTP_AT_DATA, NOBODY,
			 g_strdup("DATA\r\n"));
	return envelope;
}

static Envelope *
plan_present(Session *session)
{
	Envelope *envelope = plan(session, &session->fit, session->job);

	if (session->in_transaction)
		add_reset(envelope);
	return envelope;
}

gboolean
smtp_judge(Session *session, JobRecipient *recipient, Status *status)
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
	return smtp_judge(session, recipient,
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
		return take_rcpt(envelope,
				 session->job->recipients
					 ->pdata[step->recipient],
				 reply);
	return take_data(envelope, &reply);
}

/* How many more steps may be written at once. */
static guint
end_of_batch(const Envelope *envelope)
{
	guint window = envelope->session->extensions->pipelining
			       ? SMTP_PIPELINE_MAX
			       : 1;

	return MIN(envelope->written + window, envelope->steps->len);
}

static void
append_batch(Envelope *envelope, GByteArray *bytes)
{
	guint end = end_of_batch(envelope);

	for (; envelope->written < end; envelope->written++) {
		const char *line = g_array_index(envelope->steps, Step,
						 envelope->written).line;

		g_byte_array_append(bytes, (const guint8 *)line,
				    strlen(line));
	}
}

static gboolean
write_batch(Envelope *envelope)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();

	append_batch(envelope, bytes);
	session_deadline(envelope->session, SMTP_COMMAND_SECONDS);
	return session_write(envelope->session, (const char *)bytes->data,
			     bytes->len);
}

/* Whether the steps from @next on are still worth asking. */
static gboolean
is_over(const Envelope *envelope, guint next)
{
	const Step *step = &g_array_index(envelope->steps, Step, next);

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
	for (guint next = 0; next < envelope->steps->len; next++) {
		if (next == envelope->written) {
			if (is_over(envelope, next))
				return TRUE;
			if (!write_batch(envelope))
				return FALSE;
		}
		if (!take_reply(envelope, &g_array_index(envelope->steps,
							 Step, next)))
			return FALSE;
	}
	return TRUE;
}

/*
 * A 354 with nobody to send to. After refused recipients RFC 2920 3.1 wants
 * an empty message; after a refused MAIL a server that says so may do
 * anything with it, so it gets nothing more, as does one that speaks LMTP:
 * an answer for each of no recipients is none.
 */
static gboolean
withdraw(Envelope *envelope)
{
	Session *session = envelope->session;
	g_autoptr(SmtpReply) reply = NULL;

	if (!envelope->mail_taken || session->route->protocol == SMTP_LMTP) {
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

/* The job's envelope: sent ahead, or to be sent. */
static Envelope *
take_envelope(Session *session)
{
	Envelope *envelope = g_steal_pointer(&session->ahead);

	return envelope ? envelope : plan_present(session);
}

gboolean
smtp_send_envelope(Session *session)
{
	Envelope *envelope;
	gboolean done, good;

	g_ptr_array_set_size(session->accepted, 0);
	session->again = FALSE;
	if (!smtp_fit(session, &done) || done)
		return !session->stopped;
	stream_set_session_limit(session->stream,
				 SMTP_MESSAGE_SECONDS +
					 session->job->size /
						 SMTP_BYTES_PER_SECOND);
	envelope = take_envelope(session);
	session->again = envelope->again;
	good = ask(envelope) && conclude(envelope);
	smtp_envelope_free(envelope);
	return good;
}

/* --- the next message's, before the answer to this one --- */

gboolean
smtp_is_full(const Session *session, guint messages)
{
	guint most = session->route->messages;

	/* RFC 9422 4.1 */
	if (session->extensions->mail_max)
		most = most ? MIN(most, session->extensions->mail_max)
			    : session->extensions->mail_max;
	return most && messages >= most;
}

/*
 * A rewritten sender is not known before its message was looked at. Dovecot
 * 2.3, which offers BURL, panics at a RCPT that comes before the answer to
 * the message before; that answer is then lost, and the mail comes twice.
 */
static gboolean
may_send_ahead(const Session *session)
{
	return session->extensions->pipelining && !session->again &&
	       !session->route->rewrite && !session->fragile &&
	       !session->extensions->burl &&
	       !smtp_is_full(session, session->messages + 1);
}

void
smtp_send_ahead(Session *session, GByteArray *bytes)
{
	const SmtpFit plain = { 0 };
	g_autoptr(Job) job = NULL;

	if (!may_send_ahead(session))
		return;
	job = worker_look_ahead(session->worker);
	if (!job || !smtp_fits_plainly(session, job))
		return;
	session->ahead = plan(session, &plain, job);
	session_record_ahead(session, job->id);
	session->ahead->job = g_steal_pointer(&job);
	append_batch(session->ahead, bytes);
}

static gboolean
is_same_job(const Job *one, const Job *other)
{
	if (!g_str_equal(one->id, other->id) || one->size != other->size ||
	    !g_str_equal(one->sender, other->sender) ||
	    one->recipients->len != other->recipients->len)
		return FALSE;
	for (guint i = 0; i < one->recipients->len; i++) {
		const JobRecipient *a = one->recipients->pdata[i];
		const JobRecipient *b = other->recipients->pdata[i];

		if (a->number != b->number ||
		    !g_str_equal(a->address, b->address))
			return FALSE;
	}
	return TRUE;
}

gboolean
smtp_is_misled(const Session *session)
{
	return session->ahead &&
	       !is_same_job(session->ahead->job, session->job);
}
