// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "common/error.h"
#include "daemon/worker/race.h"
#include "daemon/worker/smtp-out.h"

#define REPLY_READY 220
#define REPLY_OK 250

/* Why the host could not be reached. */
static SmtpTrouble
connect_trouble(const GError *error)
{
	if (error->domain != SYSTEM_ERROR)
		return SMTP_NO_ANSWER;
	if (race_is_no_network(error->code))
		return SMTP_NO_NETWORK;
	switch (error->code) {
	case ECONNREFUSED:
		return SMTP_REFUSED;
	case ETIMEDOUT:
		return SMTP_NO_ANSWER;
	default:
		return SMTP_UNREACHABLE;
	}
}

static gboolean
not_connected(Session *session, const GError *error)
{
	if (g_error_matches(error, STREAM_ERROR, STREAM_ERROR_STOPPED)) {
		session->stopped = TRUE;
		return FALSE;
	}
	if (session->route->proxy)
		return session_trouble(session, SMTP_PROXY_AWAY,
				       error->message);
	return session_trouble(session, connect_trouble(error),
			       error->message);
}

static gboolean
proxy_failed(Session *session, const GError *error)
{
	if (error->domain != SOCKS_ERROR)
		return session_broken(session, error);
	switch ((SocksError)error->code) {
	case SOCKS_ERROR_ADDRESS:
	case SOCKS_ERROR_LOGIN:
		return session_trouble(session, SMTP_PROXY_LOGIN,
				       error->message);
	case SOCKS_ERROR_PROTOCOL:
	case SOCKS_ERROR_NETWORK:
		return session_trouble(session, SMTP_PROXY_AWAY,
				       error->message);
	case SOCKS_ERROR_HOST:
		return session_trouble(session, SMTP_UNREACHABLE,
				       error->message);
	}
	g_assert_not_reached();
}

/* From the proxy to the host. */
static gboolean
connect_on(Session *session)
{
	const SmtpTarget *target = session->target;
	const SocksProxy *proxy = session->route->proxy;
	char *password = NULL;
	g_autoptr(GError) error = NULL;
	gboolean good;

	if (!proxy)
		return TRUE;
	if (proxy->user)
		password = worker_read_second_secret(session->worker);
	session_deadline(session, SMTP_PROXY_SECONDS);
	good = socks_connect(session->stream, proxy, password, target->host,
			     target->port, &error);
	worker_secret_free(password);
	return good || proxy_failed(session, error);
}

gboolean
smtp_connect(Session *session)
{
	const SmtpRoute *route = session->route;
	const SmtpTarget *target = session->target;
	const RaceRules rules = {
		.port = route->proxy ? route->proxy->port : target->port,
		.seconds = route->timeout ? MIN(route->timeout,
						SMTP_CONNECT_SECONDS)
					  : SMTP_CONNECT_SECONDS,
		.watched = worker_fd(session->worker),
		.sources = route->sources,
	};
	g_autoptr(GError) error = NULL;
	gint64 began = g_get_monotonic_time();
	DnsAddress winner;

	if (target->tlsa_missing)
		return session_trouble(session, SMTP_TLSA_MISSING, NULL);
	session->stream = race_connect(target->addresses, &rules, &winner,
				       &error);
	if (!session->stream)
		return not_connected(session, error);
	session->loopback = !route->proxy && dns_is_loopback(&winner);
	stream_set_session_limit(session->stream, SMTP_LOGIN_SECONDS);
	if (!connect_on(session))
		return FALSE;
	session->connect_ms = (g_get_monotonic_time() - began) / 1000;
	return TRUE;
}

/* Our own address as this server sees it, for want of a name. */
static char *
address_literal(const Session *session)
{
	DnsAddress own = { .size = sizeof(own.socket) };

	if (getsockname(stream_fd(session->stream), &own.socket.any,
			&own.size) < 0)
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

/* EHLO, or HELO for a server that knows no extensions. */
gboolean
smtp_say_hello(Session *session)
{
	g_autofree char *name = own_name(session);
	g_autofree char *ehlo = g_strconcat("EHLO ", name, NULL);
	g_autofree char *helo = g_strconcat("HELO ", name, NULL);
	g_autoptr(SmtpReply) reply = session_command(session, ehlo);
	g_autoptr(SmtpReply) second = NULL;

	if (!reply)
		return FALSE;
	g_clear_pointer(&session->extensions, smtp_extensions_free);
	if (reply->code == REPLY_OK) {
		session->extensions = smtp_extensions_parse(reply);
		return TRUE;
	}
	if (reply->code < 500)
		return session_refuse(session, SMTP_AT_EHLO, reply);
	second = session_command(session, helo);
	if (!second)
		return FALSE;
	if (second->code != REPLY_OK)
		return session_refuse(session, SMTP_AT_EHLO, second);
	/* Its one line names no extension. */
	g_strfreev(second->lines);
	second->lines = g_new0(char *, 2);
	second->lines[0] = g_strdup("");
	session->extensions = smtp_extensions_parse(second);
	return TRUE;
}

gboolean
smtp_greet(Session *session)
{
	g_autoptr(SmtpReply) reply = NULL;

	if (session->target->tls == SMTP_TLS_IMPLICIT &&
	    !smtp_handshake(session))
		return FALSE;
	session_deadline(session, SMTP_BANNER_SECONDS);
	reply = session_read(session);
	if (!reply)
		return FALSE;
	if (reply->code != REPLY_READY)
		return session_refuse(session, SMTP_AT_CONNECT, reply);
	session->fragile = strstr(reply->text, "Dovecot") != NULL;
	return smtp_say_hello(session);
}
