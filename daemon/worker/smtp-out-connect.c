// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "common/error.h"
#include "daemon/worker/race.h"
#include "daemon/worker/smtp-out.h"

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

	if (smtp_is_near(route))
		return smtp_connect_near(session);
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
