// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where the secret of a login comes from: the route's command, else the
 * file or credential that the parent opened for us, else an agent of the
 * owner's session. None of it passes the engine.
 */
#include <errno.h>
#include <string.h>

#include "common/error.h"
#include "daemon/worker/command.h"
#include "daemon/worker/smtp-out.h"

/* Its first line, as of a file. (transfer full), or NULL. */
static char *
take_line(Command *command, const char *name, GError **error)
{
	const char *complaint = command_complaint(command);
	const char *text = command_output(command)->str;
	gsize length = strcspn(text, "\r\n");

	if (!command_succeeded(command))
		g_set_error(error, SYSTEM_ERROR, ECHILD, "%s failed%s%s",
			    name, *complaint ? ": " : "", complaint);
	else if (length == 0 || length > WORKER_MAX_SECRET)
		g_set_error(error, SYSTEM_ERROR, ENODATA,
			    "%s printed %s%s%s", name,
			    length ? "too much" : "nothing",
			    *complaint ? ": " : "", complaint);
	else
		return g_strndup(text, length);
	return NULL;
}

static char *
run_command(Session *session, const char *key, const char *name,
	    gboolean refused, GError **error)
{
	g_autofree char *host = g_strconcat("HOST=", session->target->host,
					    NULL);
	g_autofree char *route = g_strconcat("ROUTE=", session->route->name,
					     NULL);
	const char *values[] = { host, route,
				 refused ? "REFUSED=yes" : NULL, NULL };
	const CommandCall call = {
		.key = key,
		.values = values,
		.output = -1,
		.seconds = SMTP_SECRET_SECONDS,
		.watched = worker_fd(session->worker),
	};
	g_autoptr(Command) command = command_start(&call, error);

	if (command && command_finish(command, error))
		return take_line(command, name, error);
	g_prefix_error(error, "%s: ", name);
	return NULL;
}

/* What the parent has no file for, an agent of the owner may know. */
static char *
read_or_ask(Session *session, gboolean refused, GError **error)
{
	g_autoptr(GError) file = NULL;
	g_autoptr(GError) agent = NULL;
	char *secret = worker_read_secret(session->worker, &file);

	if (secret)
		return secret;
	secret = run_command(session, "Secret", "session", refused, &agent);
	session->by_agent = secret != NULL;
	if (!secret)
		g_set_error(error, SYSTEM_ERROR, ENODATA, "%s; %s",
			    file->message, agent->message);
	return secret;
}

char *
smtp_secret(Session *session, SaslNeed need, gboolean refused, GError **error)
{
	switch (need) {
	case SASL_NEEDS_NOTHING:
		return g_strdup("");
	case SASL_NEEDS_TOKEN:
		return run_command(session, "TokenCommand", "TokenCommand=",
				   refused, error);
	case SASL_NEEDS_PASSWORD:
		if (session->route->password_command)
			return run_command(session, "PasswordCommand",
					   "PasswordCommand=", refused, error);
		return read_or_ask(session, refused, error);
	}
	g_assert_not_reached();
}
