// SPDX-License-Identifier: GPL-2.0-or-later
/* What a server says to a body, and whose verdict that is. */
#include "daemon/worker/smtp-out.h"

#define NO_BDAT "it offers BDAT and does not know it"

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

static SmtpReply *
read_answer(Session *session)
{
	session_deadline(session, SMTP_DOT_SECONDS);
	return session_read(session);
}

/* RFC 5321 4.2.4: "I do not know this command", to one that it offered. */
static gboolean
is_no_bdat(const Session *session, const SmtpReply *reply)
{
	return smtp_is_chunked(session) && reply->code >= 500 &&
	       reply->code <= 504;
}

/* Once more, by DATA; unless it has heard too much since. */
static gboolean
go_without_chunks(Session *session)
{
	session->no_chunks = TRUE;
	if (session->ahead)
		return session_trouble(session, SMTP_GARBAGE, NO_BDAT);
	session->again = TRUE;
	session->in_transaction = TRUE;
	return TRUE;
}

/* The one answer that SMTP has for all recipients. */
static gboolean
take_one(Session *session)
{
	g_autoptr(SmtpReply) reply = read_answer(session);
	SmtpParties parties = session_parties(session, NULL);
	const JobRecipient *first = session->accepted->pdata[0];

	if (!reply)
		return lost_after_dot(session);
	stream_watch(session->stream, worker_fd(session->worker));
	session->in_transaction = FALSE;
	if (reply->code / 100 == 2)
		return judge_accepted(session, smtp_why_delivered(reply));
	if (is_no_bdat(session, reply))
		return go_without_chunks(session);
	if (session->accepted->len == 1)
		parties.recipient = first->address;
	if (reply->code == 421)
		return session_refuse(session, SMTP_AT_DOT, reply);
	return judge_accepted(session,
			      smtp_why_reply(SMTP_AT_DOT, reply, &parties));
}

/* Of one of several recipients it is said as at RCPT. */
static Status *
why_for(Session *session, const JobRecipient *recipient,
	const SmtpReply *reply)
{
	SmtpParties parties = session_parties(session, NULL);

	parties.recipient = recipient->address;
	return reply->code / 100 == 2
		       ? smtp_why_delivered(reply)
		       : smtp_why_reply(SMTP_AT_RCPT, reply, &parties);
}

/* RFC 2033 4.2: an answer for each, in the order of RCPT. */
static gboolean
take_each(Session *session)
{
	for (guint i = 0; i < session->accepted->len; i++) {
		JobRecipient *recipient = session->accepted->pdata[i];
		g_autoptr(SmtpReply) reply = read_answer(session);

		if (!reply)
			return lost_after_dot(session);
		if (reply->code == 421)
			return session_refuse(session, SMTP_AT_DOT, reply);
		if (!smtp_judge(session, recipient,
				why_for(session, recipient, reply)))
			return FALSE;
	}
	stream_watch(session->stream, worker_fd(session->worker));
	session->in_transaction = FALSE;
	return TRUE;
}

/*
 * RFC 3030 2: a part was refused, and with it the message. What the server
 * thinks of the rest nobody knows, so it gets no more of it.
 */
static gboolean
refuse_chunk(Session *session, const SmtpReply *reply)
{
	SmtpParties parties = session_parties(session, NULL);

	if (reply->code == 421)
		return session_refuse(session, SMTP_AT_DOT, reply);
	if (is_no_bdat(session, reply))
		return session_trouble(session, SMTP_GARBAGE, NO_BDAT);
	session_disconnect(session);
	judge_accepted(session,
		       smtp_why_reply(SMTP_AT_DOT, reply, &parties));
	return FALSE;
}

gboolean
smtp_take_chunk(Session *session)
{
	g_autoptr(SmtpReply) reply = NULL;

	session_deadline(session, SMTP_BLOCK_SECONDS);
	reply = session_read(session);
	if (!reply)
		return FALSE;
	return reply->code / 100 == 2 || refuse_chunk(session, reply);
}

gboolean
smtp_take_answers(Session *session, guint chunks)
{
	for (; chunks > 0; chunks--)
		if (!smtp_take_chunk(session))
			return FALSE;
	return session->route->protocol == SMTP_LMTP ? take_each(session)
						     : take_one(session);
}
