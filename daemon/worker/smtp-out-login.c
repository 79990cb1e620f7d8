// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "daemon/worker/sasl.h"
#include "daemon/worker/smtp-out.h"

#define REPLY_CONTINUE 334
#define REPLY_LOGGED_IN 235
#define MAX_ROUNDS 8
#define COMMAND_MAX 510  /* RFC 5321 4.5.3.1.4, without CRLF */
#define REPLACEMENT "[secret]"

/* One login: what must not be seen afterwards is in it. */
typedef struct {
	Session *session;
	Sasl *sasl;
	char *secret;
	GPtrArray *lines; /* of char *: all that we sent */
	gboolean refused; /* by the server, not by us */
	gboolean retry;   /* then say nothing: a newer token may do */
} Login;

static void
login_clear(Login *login)
{
	g_clear_pointer(&login->sasl, sasl_free);
	g_clear_pointer(&login->secret, worker_secret_free);
	g_clear_pointer(&login->lines, g_ptr_array_unref);
	login->refused = FALSE;
}

static void
blank_out(char **text, const char *secret)
{
	g_auto(GStrv) parts = NULL;

	if (!*secret || !strstr(*text, secret))
		return;
	parts = g_strsplit(*text, secret, -1);
	g_free(*text);
	*text = g_strjoinv(REPLACEMENT, parts);
}

/* A server may quote what it was given; logs and queue must not. */
static void
scrub(const Login *login, SmtpReply *reply)
{
	g_autofree char *encoded = g_base64_encode(
		(const guchar *)login->secret, strlen(login->secret));

	for (guint i = 0; i < login->lines->len; i++)
		blank_out(&reply->text, login->lines->pdata[i]);
	blank_out(&reply->text, encoded);
	blank_out(&reply->text, login->secret);
	explicit_bzero(encoded, strlen(encoded));
}

/* Writes @text and CRLF; the copy made for it is wiped. */
static gboolean
send_line(Login *login, const char *text)
{
	g_autofree char *line = g_strconcat(text, "\r\n", NULL);
	gboolean good;

	session_deadline(login->session, SMTP_COMMAND_SECONDS);
	good = session_write(login->session, line, strlen(line));
	explicit_bzero(line, strlen(line));
	return good;
}

static SmtpReply *
send_answer(Login *login, const char *text)
{
	return send_line(login, text) ? session_read(login->session) : NULL;
}

/* Our next line, kept to be scrubbed; NULL: the exchange is to be ended. */
static const char *
next_line(Login *login, const char *challenge, GError **error)
{
	char *line = sasl_step(login->sasl, challenge, error);

	if (line)
		g_ptr_array_add(login->lines, line);
	return line;
}

/* RFC 4954 4: "*" ends the exchange; the reply to it tells nothing new. */
static gboolean
give_up(Login *login, const GError *reason)
{
	SmtpTrouble trouble = sasl_is_complete(login->sasl)
				      ? SMTP_GARBAGE
				      : SMTP_LOGIN_UNPROVEN;
	g_autoptr(SmtpReply) reply = NULL;

	if (g_error_matches(reason, SASL_ERROR, SASL_ERROR_SETUP))
		trouble = SMTP_LOGIN_BROKEN;
	session_trouble(login->session, trouble, reason->message);
	reply = send_answer(login, "*");
	return FALSE;
}

/* "AUTH PLAIN AGFkYQBzZWNyZXQ=", or without the answer if it is long. */
static SmtpReply *
send_auth(Login *login, GError **error)
{
	const char *mechanism = login->session->mechanism;
	g_autoptr(GString) command = g_string_new("AUTH ");
	const char *first = NULL;
	SmtpReply *reply;

	g_string_append(command, mechanism);
	if (sasl_speaks_first(login->sasl)) {
		first = next_line(login, NULL, error);
		if (!first)
			return NULL;
		/* An empty answer is "=", as none would be no answer. */
		first = *first ? first : "=";
	}
	if (!first || command->len + 1 + strlen(first) > COMMAND_MAX) {
		reply = send_answer(login, command->str);
		if (reply && reply->code == REPLY_CONTINUE && first) {
			smtp_reply_free(reply);
			reply = send_answer(login, first);
		}
		return reply;
	}
	g_string_append_printf(command, " %s", first);
	reply = send_answer(login, command->str);
	explicit_bzero(command->str, command->len);
	return reply;
}

static gboolean
finish(Login *login, SmtpReply *reply)
{
	scrub(login, reply);
	login->refused = reply->code != REPLY_LOGGED_IN;
	if (login->refused && login->retry)
		return FALSE;
	if (login->refused)
		return session_refuse(login->session, SMTP_AT_AUTH, reply);
	if (sasl_is_complete(login->sasl))
		return TRUE;
	return session_trouble(login->session, SMTP_LOGIN_UNPROVEN,
			       "it skipped the proof");
}

static gboolean
exchange(Login *login)
{
	g_autoptr(GError) error = NULL;
	SmtpReply *reply = send_auth(login, &error);

	for (guint round = 0; reply && reply->code == REPLY_CONTINUE;
	     round++) {
		const char *line;

		if (round == MAX_ROUNDS) {
			smtp_reply_free(reply);
			return session_trouble(login->session, SMTP_GARBAGE,
					       "an endless login");
		}
		line = next_line(login, reply->lines[0], &error);
		smtp_reply_free(reply);
		if (!line)
			return give_up(login, error);
		reply = send_answer(login, line);
	}
	if (reply) {
		gboolean good = finish(login, reply);

		smtp_reply_free(reply);
		return good;
	}
	if (error)
		session_trouble(login->session, SMTP_LOGIN_BROKEN,
				error->message);
	return FALSE;
}

/* Whether the password may go over this connection in any form. */
static gboolean
may_log_in(const Session *session)
{
	if (session->tls && tls_is_verified(session->tls))
		return TRUE;
	return session->route->insecure &&
	       (session->job->trusted || session->loopback);
}

static gboolean
choose_mechanism(Session *session, gboolean binding)
{
	char **offered = session->extensions->mechanisms;
	const SaslMeans means = {
		.clear = !session->tls || !tls_is_verified(session->tls),
		.binding = binding,
		.token = session->route->token_command,
		.certificate = session->tls && session->route->certificate,
	};
	g_autofree char *all = NULL;

	session->mechanism = sasl_choose(offered, session->route->auth,
					 &means);
	if (session->mechanism)
		return TRUE;
	all = g_strjoinv(" ", offered);
	return session_trouble(session, SMTP_LOGIN_MISSING,
			       *all ? all : "it offers none");
}

static gboolean
make_sasl(Login *login, const char *binding, TlsBinding kind)
{
	Session *session = login->session;
	SaslLogin rules = {
		.mechanism = session->mechanism,
		.user = session->route->user ? session->route->user : "",
		.secret = login->secret,
		.host = session->target->host,
		.port = session->target->port,
	};
	g_autoptr(GError) error = NULL;

	if (kind == TLS_BINDING_UNIQUE)
		rules.tls_unique = binding;
	if (kind == TLS_BINDING_EXPORTER)
		rules.tls_exporter = binding;
	login->sasl = sasl_new(&rules, &error);
	if (login->sasl)
		return TRUE;
	return session_trouble(session, SMTP_LOGIN_BROKEN, error->message);
}

static gboolean
attempt(Login *login, gboolean anew, const char *binding, TlsBinding kind)
{
	Session *session = login->session;
	g_autoptr(GError) error = NULL;

	login->secret = smtp_secret(session, sasl_needs(session->mechanism),
				    anew, &error);
	if (!login->secret && worker_is_stopped(session->worker)) {
		session->stopped = TRUE;
		return FALSE;
	}
	if (!login->secret)
		return session_trouble(session, SMTP_LOGIN_SECRET,
				       error->message);
	login->retry = !anew && (session->by_agent ||
				 sasl_needs(session->mechanism) ==
					 SASL_NEEDS_TOKEN);
	login->lines = g_ptr_array_new_with_free_func(
		(GDestroyNotify)sasl_line_free);
	return make_sasl(login, binding, kind) && exchange(login);
}

/*
 * A token may have run out since its command printed it, and people mistype:
 * what is refused is asked for once more, over the same connection.
 */
static gboolean
log_in(Session *session)
{
	Login login = { .session = session };
	TlsBinding kind = TLS_BINDING_NONE;
	g_autofree char *binding = NULL;
	gboolean good;

	if (session->tls)
		binding = tls_channel_binding(session->tls, &kind);
	if (!choose_mechanism(session, binding != NULL))
		return FALSE;
	good = attempt(&login, FALSE, binding, kind);
	if (!good && login.refused && login.retry) {
		login_clear(&login);
		good = attempt(&login, TRUE, binding, kind);
	}
	login_clear(&login);
	return good;
}

/* Without User= only who is named in Auth= and needs no name. */
static gboolean
wants_login(const SmtpRoute *route)
{
	const char *first = route->auth[0];

	if (first && !g_ascii_strcasecmp(first, "none"))
		return FALSE;
	return route->user ||
	       (first && (!g_ascii_strcasecmp(first, "EXTERNAL") ||
			  !g_ascii_strcasecmp(first, "GSSAPI")));
}

gboolean
smtp_authenticate(Session *session)
{
	if (!wants_login(session->route))
		return TRUE;
	if (!may_log_in(session))
		return session_trouble(session, SMTP_LOGIN_CLEAR, NULL);
	return log_in(session);
}
