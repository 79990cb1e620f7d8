// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker/smtp-out.h"

#include <errno.h>
#include <string.h>

#include "common/error.h"
#include "common/text.h"
#include "daemon/worker/command.h"

#define CONFIGURATION "4.3.5" /* RFC 3463: system incorrectly configured */
#define PORT_SUBMISSION 587
#define PORT_SUBMISSIONS 465

void
smtp_route_free(SmtpRoute *route)
{
	if (!route)
		return;
	g_free(route->name);
	g_free(route->host);
	smtp_route_clear_way(route);
	g_free(route->ca_file);
	g_free(route->fingerprint);
	g_strfreev(route->auth);
	g_free(route->user);
	g_free(route->helo);
	rewrite_free(route->rewrite);
	g_free(route);
}

static SmtpTlsMode
tls_mode(const char *word)
{
	static const char *const words[] = { "never", "if-possible",
					     "required", "implicit" };

	for (guint i = 0; i < G_N_ELEMENTS(words); i++)
		if (g_str_equal(words[i], word))
			return i;
	g_assert_not_reached();
}

/* An empty value means what an absent key means. (nullable) */
static char *
relay_string(const Config *config, const char *key)
{
	char *value = config_string(config, "Relay", key);

	if (value && *value)
		return value;
	g_free(value);
	return NULL;
}

/* A name to greet with must be whole; "laptop" tells nobody anything. */
static char *
greeting_name(const Config *route, const Config *main)
{
	g_autofree char *name = relay_string(route, "Helo");

	if (!name)
		name = worker_host_name(main);
	return strchr(name, '.') || *name == '[' ? g_steal_pointer(&name)
						 : NULL;
}

static SmtpRoute *
take_route(const Config *config, const Config *main, const char *name)
{
	SmtpRoute *route = g_new0(SmtpRoute, 1);
	g_autofree char *tls = config_string(config, "Relay", "Tls");
	g_autofree char *minimum = NULL;
	gint64 port = config_number(config, "Relay", "Port");

	route->name = g_strdup(name);
	route->host = relay_string(config, "Host");
	route->tls = tls_mode(tls);
	route->port = port > 0 && port <= G_MAXUINT16 ? port : 0;
	if (!config_has(config, "Relay", "Port"))
		route->port = route->tls == SMTP_TLS_IMPLICIT
				      ? PORT_SUBMISSIONS
				      : PORT_SUBMISSION;
	route->ca_file = relay_string(config, "CaFile");
	route->fingerprint = relay_string(config, "Fingerprint");
	route->auth = config_list(config, "Relay", "Auth");
	route->user = relay_string(config, "User");
	route->certificate = config_has(config, "Relay", "Certificate");
	minimum = config_string(config, "Relay", "TlsMinimum");
	route->tls_1_3 = g_str_equal(minimum, "1.3");
	route->password_command = config_has(config, "Relay",
					     "PasswordCommand");
	route->token_command = config_has(config, "Relay", "TokenCommand");
	route->helo = greeting_name(config, main);
	route->insecure = config_boolean(config, "Relay", "Insecure");
	route->timeout = config_number(config, "Relay", "Timeout");
	route->instant_helo = config_boolean(config, "Relay", "InstantHelo");
	route->messages = config_number(config, "Relay", "Messages");
	return route;
}

SmtpRoute *
smtp_route_load(const Worker *worker, GError **error)
{
	g_autofree char *file =
		g_strdup_printf("routes/%s.conf", worker->name);
	g_autoptr(Config) main = config_load_fd(
		CONFIG_MAIN, WORKER_CONFIG_FD, "masqmail.conf", error);
	g_autoptr(Config) config = NULL;
	g_autoptr(SmtpRoute) route = NULL;

	if (!main)
		return NULL;
	config = config_load_fd(CONFIG_ROUTE, WORKER_ROUTE_FD, file, error);
	if (!config)
		return NULL;
	route = take_route(config, main, worker->name);
	route->rewrite = rewrite_from_config(config, NULL);
	if (!smtp_route_take_way(route, config, main, error)) {
		g_prefix_error(error, "%s: ", file);
		return NULL;
	}
	if (route->port || smtp_is_near(route) ||
	    route->protocol == SMTP_PIPE)
		return g_steal_pointer(&route);
	g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_VALUE,
		    "%s: [Relay] Port= is no port", file);
	return NULL;
}

/* (transfer full). A socket's path has no port. */
static char *
name_peer(const char *host, guint16 port)
{
	return port ? g_strdup_printf("%s:%u", host, port) : g_strdup(host);
}

Session *
session_new(Worker *worker, SmtpRoute *route)
{
	Session *session = g_new0(Session, 1);

	session->worker = worker;
	session->route = route;
	session->security = g_strdup("");
	session->accepted = g_ptr_array_new();
	session->transcript = transcript_new();
	session_record_attempt(session);
	session->targets = g_ptr_array_new_with_free_func(
		(GDestroyNotify)smtp_target_free);
	if (route && route->host)
		session->peer = name_peer(route->host, route->port);
	return session;
}

void
session_aim(Session *session, const SmtpTarget *target)
{
	session->target = target;
	g_free(session->peer);
	session->peer = name_peer(target->host, target->port);
}

void
session_disconnect(Session *session)
{
	smtp_keep_tls(session);
	g_clear_pointer(&session->stream, stream_free);
	g_clear_pointer(&session->command, command_free);
	g_clear_pointer(&session->extensions, smtp_extensions_free);
	g_clear_pointer(&session->parser, smtp_reply_parser_free);
	session->tls = NULL;
	g_free(session->security);
	session->security = g_strdup("");
	session->mechanism = NULL;
	g_clear_pointer(&session->ahead, smtp_envelope_free);
	session->messages = 0;
	session->in_transaction = FALSE;
}

void
session_free(Session *session)
{
	if (!session)
		return;
	session_disconnect(session);
	smtp_forget_tls(session);
	smtp_route_free(session->route);
	smtp_fit_clear(&session->fit);
	job_free(session->job);
	g_ptr_array_unref(session->targets);
	g_free(session->peer);
	g_free(session->security);
	g_ptr_array_unref(session->accepted);
	transcript_free(session->transcript);
	status_free(session->fault);
	g_free(session);
}

/* The one that is tried, or else what is written. (nullable) */
static const char *
name_of_host(const Session *session)
{
	const SmtpRoute *route = session->route;

	if (!route)
		return NULL;
	if (route->host)
		return route->host;
	if (session->target)
		return session->target->host;
	return route->service ? route->service : session->job->domain;
}

SmtpParties
session_parties(const Session *session, const char *detail)
{
	const SmtpRoute *route = session->route;
	const JobRecipient *first = NULL;

	/* On a direct route all are of one domain. */
	if (session->job && *session->job->domain)
		first = session->job->recipients->pdata[0];
	return (SmtpParties){
		.host = name_of_host(session),
		.route = session->worker->name,
		.recipient = first ? first->address : NULL,
		.user = route ? route->user : NULL,
		.sender = session->job ? session->job->sender : NULL,
		.detail = detail,
	};
}

Status *
session_sign(const Session *session, Status *status)
{
	g_free(status->host);
	status->host = g_strdup(session->peer ? session->peer : "");
	g_free(status->tls);
	status->tls = g_strdup(session->security);
	/*
	 * Nobody chose the hosts of other domains: what one of them does
	 * wrong is no fault of the route. Our own configuration is.
	 */
	if (session->route && session->route->direct &&
	    status->fault == FAULT_ROUTE &&
	    !g_str_equal(status->enhanced, CONFIGURATION))
		status->fault = FAULT_HOST;
	return status;
}

/* The first failure is the cause; what follows from it is not told. */
gboolean
session_fail(Session *session, Status *status)
{
	if (session->fault) {
		status_free(status);
		return FALSE;
	}
	session->fault = session_sign(session, status);
	session_record_note(session, status->why);
	return FALSE;
}

gboolean
session_trouble(Session *session, SmtpTrouble trouble, const char *detail)
{
	SmtpParties parties = session_parties(session, detail);

	if (!session->fault) {
		session->trouble = trouble;
		session->troubled = TRUE;
	}
	return session_fail(session, smtp_why_trouble(trouble, &parties));
}

gboolean
session_refuse(Session *session, SmtpAt at, const SmtpReply *reply)
{
	SmtpParties parties = session_parties(session, NULL);

	if (!session->fault)
		session->troubled = FALSE;
	return session_fail(session, smtp_why_reply(at, reply, &parties));
}

static gboolean
stream_broken(Session *session, const GError *error)
{
	switch ((StreamError)error->code) {
	case STREAM_ERROR_TIMEOUT:
		return session_trouble(session, SMTP_SILENT, NULL);
	case STREAM_ERROR_CLOSED:
		if (session->command && !session->extensions)
			return smtp_wrapper_ended(session);
		return session_trouble(session, SMTP_CLOSED, NULL);
	case STREAM_ERROR_LINE:
		return session_trouble(session, SMTP_GARBAGE,
				       error->message);
	case STREAM_ERROR_EARLY:
		return session_trouble(session, SMTP_TLS_EARLY,
				       error->message);
	case STREAM_ERROR_STOPPED:
		session->stopped = TRUE;
		return FALSE;
	}
	g_assert_not_reached();
}

gboolean
session_broken(Session *session, const GError *error)
{
	if (error->domain == STREAM_ERROR)
		return stream_broken(session, error);
	if (error->domain == SMTP_ERROR)
		return session_trouble(session, SMTP_GARBAGE, error->message);
	if (g_error_matches(error, TLS_ERROR, TLS_ERROR_CERTIFICATE))
		return session_trouble(session, SMTP_TLS_UNTRUSTED,
				       error->message);
	if (g_error_matches(error, TLS_ERROR, TLS_ERROR_SETUP))
		return session_trouble(session, SMTP_TLS_SETUP,
				       error->message);
	if (error->domain == TLS_ERROR)
		return session_trouble(session, SMTP_TLS_FAILED,
				       error->message);
	return session_trouble(session, SMTP_UNREACHABLE, error->message);
}

void
session_deadline(Session *session, guint seconds)
{
	guint own = session->route->timeout;

	stream_set_deadline(session->stream,
			    own ? MIN(own, seconds) : seconds);
}

gboolean
session_write(Session *session, const char *text, gsize size)
{
	g_autoptr(GError) error = NULL;

	return stream_write(session->stream, text, size, &error) ||
	       session_broken(session, error);
}

SmtpReply *
session_read(Session *session)
{
	g_autoptr(GError) error = NULL;
	SmtpReply *reply = NULL;

	if (!session->parser)
		session->parser = smtp_reply_parser_new();
	while (!reply) {
		g_autofree char *line = stream_read_line(
			session->stream, SMTP_REPLY_LINE_MAX, &error);

		if (!line || !smtp_reply_parser_feed(session->parser, line,
						     strlen(line), &reply,
						     &error)) {
			session_broken(session, error);
			return NULL;
		}
	}
	return reply;
}

SmtpReply *
session_command(Session *session, const char *command)
{
	g_autofree char *line = g_strconcat(command, "\r\n", NULL);

	session_deadline(session, SMTP_COMMAND_SECONDS);
	if (!session_write(session, line, strlen(line)))
		return NULL;
	return session_read(session);
}
