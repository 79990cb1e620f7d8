// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Next hops that no address leads to: a socket of this machine (Host= is a
 * path), or what a command has at its other end (Wrapper=).
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/error.h"
#include "daemon/worker/command.h"
#include "daemon/worker/smtp-out.h"

#define WRAPPER_END_SECONDS 5 /* from its last word to its end */

gboolean
smtp_is_near(const SmtpRoute *route)
{
	return route->wrapper || (route->host && *route->host == '/');
}

gboolean
smtp_find_near(Session *session)
{
	const SmtpRoute *route = session->route;
	SmtpTarget *target = g_new0(SmtpTarget, 1);

	target->tls = route->tls;
	target->port = route->port;
	target->host = dns_host_name(route->host, NULL);
	if (!target->host)
		target->host = g_strdup(route->host);
	g_ptr_array_add(session->targets, target);
	return TRUE;
}

static gboolean
start_wrapper(Session *session, int its, GError **error)
{
	const SmtpTarget *target = session->target;
	g_autofree char *host = g_strconcat("HOST=", target->host, NULL);
	g_autofree char *port = g_strdup_printf("PORT=%u", target->port);
	g_autofree char *route = g_strconcat("ROUTE=", session->route->name,
					     NULL);
	const char *const values[] = { host, port, route, NULL };
	const CommandCall call = {
		.key = "Wrapper",
		.values = values,
		.input = its,
		.output = its,
		.watched = worker_fd(session->worker),
	};

	session->command = command_start(&call, error);
	return session->command != NULL;
}

static gboolean
connect_wrapper(Session *session)
{
	g_autoptr(GError) error = NULL;
	gboolean started;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return session_trouble(session, SMTP_OUR_FAULT,
				       g_strerror(errno));
	session->stream = stream_new(pair[0]);
	started = start_wrapper(session, pair[1], &error);
	close(pair[1]);
	return started || session_fail(session,
				       command_trouble("Wrapper=", error));
}

static gboolean
connect_socket(Session *session)
{
	const char *path = session->route->host;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	g_autoptr(GError) error = NULL;

	if (g_strlcpy(address.sun_path, path, sizeof(address.sun_path)) >=
	    sizeof(address.sun_path))
		return session_trouble(session, SMTP_TLS_SETUP,
				       "The path in Host= is too long for a "
				       "socket. The mail waits until it is "
				       "shorter.");
	session->stream = stream_connect((struct sockaddr *)&address,
					 sizeof(address),
					 SMTP_CONNECT_SECONDS,
					 worker_fd(session->worker), &error);
	if (session->stream)
		return TRUE;
	return g_error_matches(error, SYSTEM_ERROR, ECONNREFUSED)
		       ? session_trouble(session, SMTP_REFUSED,
					 error->message)
		       : session_broken(session, error);
}

gboolean
smtp_connect_near(Session *session)
{
	gint64 began = g_get_monotonic_time();

	if (session->route->wrapper ? !connect_wrapper(session)
				    : !connect_socket(session))
		return FALSE;
	/* What a command does with a password, its owner knows. */
	session->loopback = TRUE;
	stream_watch(session->stream, worker_fd(session->worker));
	stream_set_session_limit(session->stream, SMTP_LOGIN_SECONDS);
	session->connect_ms = (g_get_monotonic_time() - began) / 1000;
	return TRUE;
}

gboolean
smtp_wrapper_ended(Session *session)
{
	Command *command = session->command;
	g_autoptr(GError) error = NULL;
	const char *words;

	command_set_seconds(command, WRAPPER_END_SECONDS);
	if (!command_finish(command, &error))
		return session_trouble(session, SMTP_WRAPPER_ENDED,
				       error->message);
	words = command_complaint(command);
	return session_trouble(session, SMTP_WRAPPER_ENDED,
			       *words ? words : "it said nothing");
}
