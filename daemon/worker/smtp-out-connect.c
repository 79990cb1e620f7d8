// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "common/error.h"
#include "daemon/worker/dns.h"
#include "daemon/worker/smtp-out.h"

#define REPLY_READY 220
#define REPLY_OK 250

static gboolean
dns_failed(Session *session, const GError *error)
{
	switch ((DnsError)error->code) {
	case DNS_ERROR_NAME:
		return session_trouble(session, SMTP_NAME_BAD,
				       error->message);
	case DNS_ERROR_MISSING:
		return session_trouble(session, SMTP_NAME_MISSING,
				       error->message);
	case DNS_ERROR_TEMPORARY:
		return session_trouble(session, SMTP_NAME_TEMPORARY,
				       error->message);
	}
	g_assert_not_reached();
}

static GArray *
find_addresses(Session *session)
{
	g_autoptr(GError) error = NULL;
	GArray *addresses = NULL;

	g_free(session->host);
	session->host = dns_host_name(session->route->host, &error);
	if (session->host)
		addresses = dns_addresses(session->host, session->route->port,
					  &error);
	if (!addresses)
		dns_failed(session, error);
	return addresses;
}

/* Why one address could not be reached; 0 network, more: the host. */
static SmtpTrouble
connect_trouble(const GError *error)
{
	if (error->domain != SYSTEM_ERROR)
		return SMTP_NO_ANSWER;
	switch (error->code) {
	case ENETUNREACH:
	case ENETDOWN:
	case EADDRNOTAVAIL:
	case EAFNOSUPPORT:
	case EPERM:
	case EACCES:
		return SMTP_NO_NETWORK;
	case ECONNREFUSED:
		return SMTP_REFUSED;
	case ETIMEDOUT:
		return SMTP_NO_ANSWER;
	default:
		return SMTP_UNREACHABLE;
	}
}

/*
 * One address. TRUE ends the search: connected, or stopped. What an address
 * of the family that this network lacks says must not hide what the other
 * one said, hence the trouble found so far is only replaced by a worse one.
 */
static gboolean
try_address(Session *session, const DnsAddress *address, guint seconds,
	    SmtpTrouble *trouble, GError **reason)
{
	g_autoptr(GError) error = NULL;

	session->stream = stream_connect(&address->socket.any, address->size,
					 seconds, worker_fd(session->worker),
					 &error);
	if (session->stream) {
		session->loopback = dns_is_loopback(address);
		return TRUE;
	}
	if (g_error_matches(error, STREAM_ERROR, STREAM_ERROR_STOPPED)) {
		session->stopped = TRUE;
		return TRUE;
	}
	if (!*reason || *trouble == SMTP_NO_NETWORK) {
		g_clear_error(reason);
		*trouble = connect_trouble(error);
		*reason = g_steal_pointer(&error);
	}
	return FALSE;
}

static guint
connect_seconds(const Session *session, gint64 began)
{
	guint own = session->route->timeout;
	gint64 spent = (g_get_monotonic_time() - began) / G_USEC_PER_SEC;
	gint64 left = SMTP_CONNECT_ALL_SECONDS - spent;

	if (own)
		return MIN(own, SMTP_CONNECT_SECONDS);
	return CLAMP(left, 1, SMTP_CONNECT_SECONDS);
}

gboolean
smtp_connect(Session *session)
{
	g_autoptr(GArray) addresses = find_addresses(session);
	g_autoptr(GError) reason = NULL;
	SmtpTrouble trouble = SMTP_NO_NETWORK;
	gint64 began = g_get_monotonic_time();

	if (!addresses)
		return FALSE;
	for (guint i = 0; i < addresses->len; i++)
		if (try_address(session,
				&g_array_index(addresses, DnsAddress, i),
				connect_seconds(session, began), &trouble,
				&reason))
			break;
	if (session->stopped)
		return FALSE;
	if (!session->stream)
		return session_trouble(session, trouble, reason->message);
	session->connect_ms = (g_get_monotonic_time() - began) / 1000;
	stream_watch(session->stream, worker_fd(session->worker));
	stream_set_session_limit(session->stream, SMTP_LOGIN_SECONDS);
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
static gboolean
say_hello(Session *session)
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

/*
 * With implicit TLS a server that speaks first speaks no TLS: a wrong port
 * is far more likely than an attack.
 */
static gboolean
handshake_failed(Session *session, const GError *error)
{
	if (session->route->tls == SMTP_TLS_IMPLICIT &&
	    g_error_matches(error, STREAM_ERROR, STREAM_ERROR_EARLY))
		return session_trouble(
			session, SMTP_TLS_FAILED,
			"the server speaks first, and in clear: is Port= "
			"right, or should it be Tls=required?");
	return session_broken(session, error);
}

static gboolean
handshake(Session *session)
{
	const SmtpRoute *route = session->route;
	TlsRules rules = {
		.host = session->host,
		.ca_file = route->ca_file,
		.fingerprint = route->fingerprint,
		.optional = route->tls == SMTP_TLS_IF_POSSIBLE &&
			    !route->fingerprint,
	};
	g_autoptr(GError) error = NULL;
	Tls *tls = tls_client_new(stream_fd(session->stream), &rules, &error);

	session_deadline(session, SMTP_HANDSHAKE_SECONDS);
	if (!tls ||
	    !stream_start_layer(session->stream, &tls_layer, tls, &error))
		return handshake_failed(session, error);
	session->tls = tls;
	g_free(session->security);
	session->security = tls_describe(tls);
	return TRUE;
}

gboolean
smtp_greet(Session *session)
{
	g_autoptr(SmtpReply) reply = NULL;

	if (session->route->tls == SMTP_TLS_IMPLICIT &&
	    !handshake(session))
		return FALSE;
	session_deadline(session, SMTP_BANNER_SECONDS);
	reply = session_read(session);
	if (!reply)
		return FALSE;
	if (reply->code != REPLY_READY)
		return session_refuse(session, SMTP_AT_CONNECT, reply);
	return say_hello(session);
}

gboolean
smtp_start_tls(Session *session)
{
	gboolean required = session->route->tls == SMTP_TLS_REQUIRED;
	g_autoptr(SmtpReply) reply = NULL;

	if (session->tls || session->route->tls == SMTP_TLS_NEVER)
		return TRUE;
	if (!session->extensions->starttls)
		return required ? session_trouble(session, SMTP_TLS_MISSING,
						  NULL)
				: TRUE;
	reply = session_command(session, "STARTTLS");
	if (!reply)
		return FALSE;
	if (reply->code != REPLY_READY)
		return required ? session_refuse(session, SMTP_AT_STARTTLS,
						 reply)
				: TRUE;
	/* What was said in clear may have been anybody's. */
	return handshake(session) && say_hello(session);
}
