// SPDX-License-Identifier: GPL-2.0-or-later
/* The first words of both sides: banner, and EHLO, HELO or LHLO. */
#include <arpa/inet.h>
#include <string.h>

#include "daemon/worker/smtp-out.h"

#define REPLY_READY 220
#define REPLY_OK 250

/* Our own address as this server sees it, for want of a name. */
static char *
address_literal(const Session *session)
{
	DnsAddress own = { .size = sizeof(own.socket) };

	if (getsockname(stream_fd(session->stream), &own.socket.any,
			&own.size) < 0 ||
	    own.socket.any.sa_family == AF_UNIX)
		return g_strdup("localhost");
	if (own.socket.any.sa_family == AF_INET) {
		inet_ntop(AF_INET, &own.socket.in.sin_addr, own.text,
			  sizeof(own.text));
		return g_strdup_printf("[%s]", own.text);
	}
	inet_ntop(AF_INET6, &own.socket.in6.sin6_addr, own.text,
		  sizeof(own.text));
	return g_strdup_printf("[IPv6:%s]", own.text);
}

static char *
own_name(const Session *session)
{
	const char *name = session->route->helo;
	char *ascii;

	if (!name)
		return address_literal(session);
	if (*name == '[')
		return g_strdup(name);
	ascii = dns_host_name(name, NULL);
	return ascii ? ascii : address_literal(session);
}

static gboolean
take_hello(Session *session, const SmtpReply *reply)
{
	g_clear_pointer(&session->extensions, smtp_extensions_free);
	session->extensions = smtp_extensions_parse(reply);
	/* RFC 3461 5.2.2: who knows no DSN leaves receipts to us. */
	session->worker->confirm = !session->extensions->dsn;
	return TRUE;
}

/* For a server that knows no extensions: its one line names none. */
static gboolean
say_helo(Session *session, const char *name)
{
	g_autofree char *line = g_strconcat("HELO ", name, NULL);
	g_autoptr(SmtpReply) reply = session_command(session, line);

	if (!reply)
		return FALSE;
	if (reply->code != REPLY_OK)
		return session_refuse(session, SMTP_AT_EHLO, reply);
	g_strfreev(reply->lines);
	reply->lines = g_new0(char *, 2);
	reply->lines[0] = g_strdup("");
	return take_hello(session, reply);
}

/*
 * The answer to EHLO. Said at once (InstantHelo=) it may come behind a
 * banner after all.
 */
static SmtpReply *
ask_hello(Session *session, const char *name, gboolean instant)
{
	gboolean lmtp = session->route->protocol == SMTP_LMTP;
	g_autofree char *line = g_strconcat(lmtp ? "LHLO " : "EHLO ", name,
					    NULL);
	SmtpReply *reply = session_command(session, line);

	if (!reply || !instant || reply->code != REPLY_READY)
		return reply;
	smtp_reply_free(reply);
	return session_read(session);
}

static gboolean
say_hello(Session *session, gboolean instant)
{
	g_autofree char *name = own_name(session);
	g_autoptr(SmtpReply) reply = ask_hello(session, name, instant);

	if (!reply)
		return FALSE;
	if (reply->code == REPLY_OK)
		return take_hello(session, reply);
	/* RFC 2033 has no HELO, and a 5yz banner is no answer to EHLO. */
	if (reply->code < 500 || instant ||
	    session->route->protocol == SMTP_LMTP)
		return session_refuse(session, SMTP_AT_EHLO, reply);
	return say_helo(session, name);
}

gboolean
smtp_say_hello(Session *session)
{
	return say_hello(session, FALSE);
}

gboolean
smtp_greet(Session *session)
{
	g_autoptr(SmtpReply) reply = NULL;

	if (session->target->tls == SMTP_TLS_IMPLICIT &&
	    !smtp_handshake(session))
		return FALSE;
	/* Whose banner is not seen may be anybody. */
	session->fragile = session->route->instant_helo;
	if (session->route->instant_helo)
		return say_hello(session, TRUE);
	session_deadline(session, SMTP_BANNER_SECONDS);
	reply = session_read(session);
	if (!reply)
		return FALSE;
	if (reply->code != REPLY_READY)
		return session_refuse(session, SMTP_AT_CONNECT, reply);
	session->fragile = strstr(reply->text, "Dovecot") != NULL;
	return smtp_say_hello(session);
}
