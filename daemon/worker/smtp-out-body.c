// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker/smtp-out.h"

/* Progress is for people. */
#define REPORT_BYTES (64 * 1024)
#define REPORT_MICROSECONDS (G_USEC_PER_SEC / 4)

/* Smaller messages tell the time of a round trip, not the line's speed. */
#define SPEED_BYTES (32 * 1024)

/* The body on its way. */
typedef struct {
	Session *session;
	SmtpOutput output;
	GByteArray *bytes; /* coded, to be written */
	guint64 offset;    /* of the message, fetched so far */
} Body;

static void
report_sent(Body *body)
{
	GVariantDict facts;

	g_variant_dict_init(&facts, NULL);
	g_variant_dict_insert(&facts, "sent", "t",
			      worker_sent(body->session->job, body->offset));
	worker_report(body->session->worker, g_variant_dict_end(&facts), NULL);
}

static void
report_progress(Body *body)
{
	Session *session = body->session;
	gint64 now = g_get_monotonic_time();

	if (body->offset % REPORT_BYTES ||
	    now - session->reported < REPORT_MICROSECONDS)
		return;
	session->reported = now;
	report_sent(body);
}

/* What is wrong with the message itself; the connection must be cut. */
static gboolean
message_failed(Session *session, const GError *error)
{
	gboolean loop = g_error_matches(error, SMTP_ERROR, SMTP_ERROR_LOOP);
	SmtpParties parties = session_parties(session, error->message);
	Status *status = smtp_why_trouble(loop ? SMTP_LOOP : SMTP_BYTES,
					  &parties);

	session_disconnect(session);
	return smtp_judge_rest(session, status);
}

/*
 * A server that ends the conversation in the middle of the data mostly says
 * why. A 2yz cannot be meant for what was never ended.
 */
static gboolean
hear_last_words(Session *session)
{
	g_autoptr(SmtpReply) reply = NULL;
	Status *cut = session->fault;
	SmtpParties parties = session_parties(session, NULL);

	if (!cut || cut->code)
		return FALSE;
	session->fault = NULL;
	session_deadline(session, SMTP_LAST_WORDS_SECONDS);
	reply = session_read(session);
	status_free(session->fault);
	session->fault = cut;
	if (!reply || reply->code < 400)
		return FALSE;
	session->fault = session_sign(
		session, smtp_why_reply(SMTP_AT_DOT, reply, &parties));
	status_free(cut);
	return FALSE;
}

static gboolean
write_block(Body *body)
{
	Session *session = body->session;

	session_deadline(session, SMTP_BLOCK_SECONDS);
	if (!session_write(session, (const char *)body->bytes->data,
			   body->bytes->len))
		return hear_last_words(session);
	g_byte_array_set_size(body->bytes, 0);
	return TRUE;
}

/* The engine's side failed: it knows better than we what that means. */
static gboolean
fetch_failed(Session *session)
{
	session->stopped = TRUE;
	return FALSE;
}

/* Sets *ret_cut when the message turned out not fit to be sent. */
static gboolean
send_blocks(Body *body, gboolean *ret_cut)
{
	Session *session = body->session;

	for (;;) {
		g_autoptr(GError) error = NULL;
		g_autoptr(WirePacket) packet = worker_fetch(
			session->worker, session->job, body->offset, &error);

		if (!packet)
			return fetch_failed(session);
		if (packet->size == 0)
			return TRUE;
		body->offset += packet->size;
		if (!smtp_output_feed(&body->output, packet->data,
				      packet->size, body->bytes, &error)) {
			*ret_cut = TRUE;
			return message_failed(session, error);
		}
		if (!write_block(body))
			return FALSE;
		report_progress(body);
	}
}

/*
 * The final dot; from here on the message may have been taken. That all is
 * sent is told before: a worker of a network that was left then gets more
 * time to hear the answer.
 */
static gboolean
send_dot(Body *body, gboolean *ret_cut)
{
	Session *session = body->session;
	g_autoptr(GError) error = NULL;

	if (body->offset != session->job->size)
		return session_trouble(session, SMTP_OUR_FAULT,
				       "the message is shorter in the queue "
				       "than it should be");
	if (!smtp_output_finish(&body->output, body->bytes, &error)) {
		*ret_cut = TRUE;
		return message_failed(session, error);
	}
	report_sent(body);
	if (worker_is_stopped(session->worker)) {
		session->stopped = TRUE;
		return FALSE;
	}
	stream_watch(session->stream, -1);
	return write_block(body);
}

static gboolean
judge_accepted(Session *session, Status *status)
{
	g_autoptr(Status) ours = session_sign(session, status);

	for (guint i = 0; i < session->accepted->len; i++)
		if (!worker_verdict(session->worker,
				    session->accepted->pdata[i], ours, NULL)) {
			session->stopped = TRUE;
			return FALSE;
		}
	return TRUE;
}

static gboolean
lost_after_dot(Session *session)
{
	SmtpParties parties = session_parties(session, NULL);

	g_clear_pointer(&session->fault, status_free);
	return session_fail(session, smtp_why_trouble(SMTP_CLOSED_AFTER_DOT,
						      &parties));
}

static gboolean
take_answer(Session *session)
{
	g_autoptr(SmtpReply) reply = NULL;
	SmtpParties parties = session_parties(session, NULL);
	JobRecipient *first = session->accepted->pdata[0];

	session_deadline(session, SMTP_DOT_SECONDS);
	reply = session_read(session);
	if (!reply)
		return lost_after_dot(session);
	stream_watch(session->stream, worker_fd(session->worker));
	session->in_transaction = FALSE;
	if (reply->code / 100 == 2)
		return judge_accepted(session, smtp_why_delivered(reply));
	if (session->accepted->len == 1)
		parties.recipient = first->address;
	if (reply->code == 421)
		return session_refuse(session, SMTP_AT_DOT, reply);
	return judge_accepted(session,
			      smtp_why_reply(SMTP_AT_DOT, reply, &parties));
}

/* @began: monotonic microseconds; the answer has come by now. */
static void
report_speed(Session *session, gint64 began)
{
	gint64 took = MAX(g_get_monotonic_time() - began, 1);
	guint64 size = session->job->size;
	GVariantDict facts;

	if (size < SPEED_BYTES)
		return;
	g_variant_dict_init(&facts, NULL);
	g_variant_dict_insert(&facts, "speed", "t",
			      size * G_USEC_PER_SEC / took);
	worker_report(session->worker, g_variant_dict_end(&facts), NULL);
}

gboolean
smtp_send_body(Session *session)
{
	Body body = { .session = session };
	gint64 began = g_get_monotonic_time();
	gboolean cut = FALSE, good;

	smtp_output_init(&body.output, SMTP_OUTPUT_DOTTED);
	body.bytes = g_byte_array_new();
	good = send_blocks(&body, &cut) &&
	       (cut || send_dot(&body, &cut));
	g_byte_array_unref(body.bytes);
	if (!good || cut)
		return good;
	good = take_answer(session);
	if (good)
		report_speed(session, began);
	return good;
}
