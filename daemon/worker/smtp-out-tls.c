// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * TLS in the dialogue: STARTTLS or the first byte, with the route's own
 * certificate, and never less than a host was seen to have.
 */
#include <string.h>

#include "daemon/worker/command.h"
#include "daemon/worker/smtp-out.h"

#define REPLY_READY 220

/* --- our own certificate -------------------------------------------------- */

/* The parent reads the file: it is not for the network's user. */
static char *
fetch_pem(Session *session, const char *key)
{
	const CommandCall call = {
		.key = key,
		.output = -1,
		.seconds = SMTP_SECRET_SECONDS,
		.watched = worker_fd(session->worker),
	};
	g_autoptr(GError) error = NULL;
	g_autoptr(Command) command = command_start(&call, &error);

	if (command && command_finish(command, &error))
		return g_strdup(command_output(command)->str);
	session_trouble(session, SMTP_TLS_SETUP, error->message);
	return NULL;
}

static gboolean
fetch_certificate(Session *session)
{
	if (!session->route->certificate || session->certificate)
		return TRUE;
	session->certificate = fetch_pem(session, "Certificate");
	if (session->certificate)
		session->key = fetch_pem(session, "Key");
	return session->key != NULL;
}

void
smtp_forget_tls(Session *session)
{
	g_clear_pointer(&session->certificate, g_free);
	g_clear_pointer(&session->key, worker_secret_free);
	g_clear_pointer(&session->resume, g_bytes_unref);
	g_clear_pointer(&session->resume_peer, g_free);
}

/* --- the session of before ------------------------------------------------ */

void
smtp_keep_tls(Session *session)
{
	GBytes *bytes = session->tls ? tls_session(session->tls) : NULL;

	if (!bytes)
		return;
	g_clear_pointer(&session->resume, g_bytes_unref);
	g_free(session->resume_peer);
	session->resume = bytes;
	session->resume_peer = g_strdup(session->peer);
}

static GBytes *
session_of_before(const Session *session)
{
	return g_strcmp0(session->resume_peer, session->peer) == 0
		       ? session->resume : NULL;
}

/* --- the handshake -------------------------------------------------------- */

/*
 * With implicit TLS a server that speaks first speaks no TLS: a wrong port
 * is far more likely than an attack.
 */
static gboolean
handshake_failed(Session *session, const GError *error)
{
	if (session->target->tls == SMTP_TLS_IMPLICIT &&
	    (g_error_matches(error, STREAM_ERROR, STREAM_ERROR_EARLY) ||
	     g_error_matches(error, TLS_ERROR, TLS_ERROR_CLEAR)))
		return session_trouble(
			session, SMTP_TLS_FAILED,
			"the server speaks first, and in clear: is Port= "
			"right, or should it be Tls=required?");
	return session_broken(session, error);
}

gboolean
smtp_handshake(Session *session)
{
	const SmtpRoute *route = session->route;
	const SmtpTarget *target = session->target;
	/* Of no use are TLSA records that leave the proof to the route. */
	TlsRules rules = {
		.host = target->host,
		.names = (const char *const *)target->names,
		.tlsa = target->tlsa,
		.tlsa_base = target->tlsa_base,
		.ca_file = route->ca_file,
		.fingerprint = route->fingerprint,
		.optional = route->tls == SMTP_TLS_IF_POSSIBLE &&
			    !route->fingerprint,
		.newest_only = route->tls_1_3,
		.resume = session_of_before(session),
	};
	g_autoptr(GError) error = NULL;
	Tls *tls;

	if (!fetch_certificate(session))
		return FALSE;
	rules.certificate = session->certificate;
	rules.key = session->key;
	tls = tls_client_new(stream_fd(session->stream), &rules, &error);
	session_deadline(session, SMTP_HANDSHAKE_SECONDS);
	if (!tls ||
	    !stream_start_layer(session->stream, &tls_layer, tls, &error))
		return handshake_failed(session, error);
	session->tls = tls;
	g_free(session->security);
	session->security = tls_describe(tls);
	session_record_note(session, session->security);
	return TRUE;
}

/* --- STARTTLS ------------------------------------------------------------- */

/* Whether the engine knows this host to have had TLS. */
static gboolean
was_seen(const Session *session)
{
	g_autofree const char **seen = NULL;

	g_variant_lookup(session->job->reply, "tls-seen", "^a&s", &seen);
	/* Host= may be written in capitals, what is remembered is not. */
	for (guint i = 0; seen && seen[i]; i++)
		if (!g_ascii_strcasecmp(seen[i], session->peer))
			return TRUE;
	return FALSE;
}

/* TRUE: it may go on in clear. */
static gboolean
do_without(Session *session, const SmtpReply *refusal)
{
	if (session->target->tls == SMTP_TLS_REQUIRED && refusal)
		return session_refuse(session, SMTP_AT_STARTTLS, refusal);
	if (session->target->tls == SMTP_TLS_REQUIRED)
		return session_trouble(session, SMTP_TLS_MISSING, NULL);
	return !was_seen(session) ||
	       session_trouble(session, SMTP_TLS_DOWNGRADE, NULL);
}

gboolean
smtp_start_tls(Session *session)
{
	g_autoptr(SmtpReply) reply = NULL;

	if (session->tls || session->target->tls == SMTP_TLS_NEVER)
		return TRUE;
	if (!session->extensions->starttls)
		return do_without(session, NULL);
	reply = session_command(session, "STARTTLS");
	if (!reply)
		return FALSE;
	if (reply->code != REPLY_READY)
		return do_without(session, reply);
	/* What was said in clear may have been anybody's. */
	return smtp_handshake(session) && smtp_say_hello(session);
}
