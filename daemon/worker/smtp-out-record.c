// SPDX-License-Identifier: GPL-2.0-or-later
/* The transcript of an attempt: what the session adds to what is heard. */
#include <netdb.h>

#include "daemon/worker/smtp-out.h"

static void
on_tap(gpointer data, gboolean said, const char *bytes, gsize size)
{
	Session *session = data;
	gint64 now = g_get_monotonic_time();

	if (said)
		transcript_said(session->transcript, bytes, size, now);
	else
		transcript_heard(session->transcript, bytes, now);
}

static void
on_line(gpointer data, const char *line)
{
	Session *session = data;
	GVariantDict facts;

	g_variant_dict_init(&facts, NULL);
	g_variant_dict_insert(&facts, "trace", "s", line);
	worker_report(session->worker, g_variant_dict_end(&facts), NULL);
}

void
session_record_attempt(Session *session)
{
	gboolean trace = FALSE;

	if (session->job)
		g_variant_lookup(session->job->reply, "trace", "b", &trace);
	transcript_watch(session->transcript, trace ? on_line : NULL,
			 session);
	transcript_forget(session->transcript, g_get_monotonic_time());
}

void
session_record_note(Session *session, const char *text)
{
	transcript_note(session->transcript, text, g_get_monotonic_time());
}

/* "192.0.2.1" of the other end, "" of what has none. */
static void
describe_other_end(const Session *session, char *buffer, gsize size)
{
	struct sockaddr_storage address;
	socklen_t length = sizeof(address);

	*buffer = '\0';
	if (!getpeername(stream_fd(session->stream),
			 (struct sockaddr *)&address, &length))
		getnameinfo((struct sockaddr *)&address, length, buffer, size,
			    NULL, 0, NI_NUMERICHOST);
}

gboolean
session_record_connection(Session *session)
{
	char address[NI_MAXHOST];
	g_autofree char *text = NULL;

	describe_other_end(session, address, sizeof(address));
	text = g_strdup_printf("connected to %s%s%s%s", session->peer,
			       *address ? " [" : "", address,
			       *address ? "]" : "");
	transcript_connection(session->transcript);
	transcript_set_lmtp(session->transcript,
			    session->route->protocol == SMTP_LMTP);
	session_record_note(session, text);
	stream_set_tap(session->stream, on_tap, session);
	return TRUE;
}

void
session_record_message(Session *session)
{
	transcript_message(session->transcript, session->job->id);
}

void
session_record_job(Session *session)
{
	if (session->stream)
		session_record_message(session);
	else
		session_record_attempt(session);
}

void
session_record_ahead(Session *session, const char *id)
{
	transcript_ahead(session->transcript, id);
}

void
session_tell_transcript(Session *session, const Job *job)
{
	g_auto(GStrv) lines = transcript_lines(session->transcript, job->id);
	GVariantDict facts;

	if (session->stopped || !*lines)
		return;
	g_variant_dict_init(&facts, NULL);
	g_variant_dict_insert(&facts, "id", "s", job->id);
	g_variant_dict_insert(&facts, "transcript", "^as", lines);
	g_variant_dict_insert(&facts, "peer", "s",
			      session->peer ? session->peer : "");
	g_variant_dict_insert(&facts, "security", "s", session->security);
	worker_report(session->worker, g_variant_dict_end(&facts), NULL);
}
