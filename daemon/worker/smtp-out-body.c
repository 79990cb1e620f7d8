// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

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
	MimeConverter *converter; /* (nullable) */
	GByteArray *plain; /* converted, not yet coded */
	GByteArray *bytes; /* coded, to be written */
	guint64 offset;    /* of the message, fetched so far */
	gboolean chunked;  /* by BDAT */
	guint chunks;      /* of them not yet answered */
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
write_bytes(Body *body)
{
	Session *session = body->session;

	session_deadline(session, SMTP_BLOCK_SECONDS);
	if (!session_write(session, (const char *)body->bytes->data,
			   body->bytes->len))
		return hear_last_words(session);
	g_byte_array_set_size(body->bytes, 0);
	return TRUE;
}

/* "BDAT 86 LAST" goes before the bytes it counts. */
static void
make_chunk(Body *body, gboolean last)
{
	g_autofree char *command = g_strdup_printf(
		"BDAT %u%s\r\n", body->bytes->len, last ? " LAST" : "");

	g_byte_array_prepend(body->bytes, (const guint8 *)command,
			     strlen(command));
}

/* What has gathered, if it is enough for a part of its own. */
static gboolean
write_block(Body *body)
{
	if (!body->chunked)
		return write_bytes(body);
	if (body->bytes->len < SMTP_CHUNK)
		return TRUE;
	make_chunk(body, FALSE);
	if (!write_bytes(body))
		return FALSE;
	if (++body->chunks <= SMTP_CHUNKS_MAX)
		return TRUE;
	body->chunks--;
	return smtp_take_chunk(body->session);
}

/* The engine's side failed: it knows better than we what that means. */
static gboolean
fetch_failed(Session *session)
{
	session->stopped = TRUE;
	return FALSE;
}

/* Into body->bytes, as this server is to get it. */
static gboolean
code(Body *body, const WirePacket *packet, GError **error)
{
	if (!body->converter)
		return smtp_output_feed(&body->output, packet->data,
					packet->size, body->bytes, error);
	g_byte_array_set_size(body->plain, 0);
	if (packet->size > 0)
		mime_converter_feed(body->converter,
				    (const char *)packet->data, packet->size,
				    body->plain);
	else
		mime_converter_finish(body->converter, body->plain);
	return smtp_output_feed(&body->output, body->plain->data,
				body->plain->len, body->bytes, error);
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
		body->offset += packet->size;
		if (!code(body, packet, &error)) {
			*ret_cut = TRUE;
			return message_failed(session, error);
		}
		if (packet->size == 0)
			return TRUE;
		if (!write_block(body))
			return FALSE;
		report_progress(body);
	}
}

/*
 * A server that has answered before the end says no, or is out of step: an
 * answer too many, taken for that to the final dot, would lose the message.
 */
static gboolean
hear_early_answer(Session *session)
{
	SmtpParties parties = session_parties(session, NULL);
	g_autoptr(SmtpReply) reply = NULL;

	if (stream_buffered(session->stream) == 0)
		return TRUE;
	session_deadline(session, SMTP_LAST_WORDS_SECONDS);
	reply = session_read(session);
	if (!reply)
		return FALSE;
	if (reply->code >= 400)
		return session_fail(session,
				    smtp_why_reply(SMTP_AT_DOT, reply,
						   &parties));
	return session_trouble(session, SMTP_GARBAGE,
			       "it answered before the message was sent");
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
	if (!body->chunked && !hear_early_answer(session))
		return FALSE;
	report_sent(body);
	if (worker_is_stopped(session->worker)) {
		session->stopped = TRUE;
		return FALSE;
	}
	stream_watch(session->stream, -1);
	if (body->chunked)
		make_chunk(body, TRUE);
	smtp_send_ahead(session, body->bytes);
	return write_bytes(body);
}

static gboolean
send_all(Body *body, gboolean *ret_cut)
{
	if (!send_blocks(body, ret_cut) || *ret_cut)
		return FALSE;
	return send_dot(body, ret_cut) && !*ret_cut;
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
	g_autoptr(MimeConverter) converter = NULL;
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	g_autoptr(GByteArray) plain = g_byte_array_new();
	gint64 began = g_get_monotonic_time();
	gboolean cut = FALSE, good;

	if (session->fit.plan)
		converter = mime_converter_new(session->fit.plan);
	body.converter = converter;
	body.bytes = bytes;
	body.plain = plain;
	body.chunked = smtp_is_chunked(session);
	smtp_output_init(&body.output, body.chunked ? SMTP_OUTPUT_CRLF
						    : SMTP_OUTPUT_DOTTED);
	good = send_all(&body, &cut) &&
	       smtp_take_answers(session, body.chunks);
	if (good)
		report_speed(session, began);
	/* Whoever cut the connection has told why, to all it concerns. */
	return good || (!session->stopped && !session->stream &&
			!session->fault);
}
