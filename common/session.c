// SPDX-License-Identifier: GPL-2.0-or-later
#include "common/session-private.h"

#include <string.h>

#include "common/text.h"
#include "common/wire.h"

#define MAX_ANSWER_TEXT 400 /* RFC 5321 4.5.3.1.5: 512 with all around it */

typedef struct {
	SmtpVerb verb;
	guint states; /* where it is legal */
	gboolean waits; /* the peer must wait for the answer */
	const char *order; /* what to say elsewhere */
	void (*handle)(Session *session, const char *argument);
} VerbRow;

static void on_ehlo(Session *session, const char *argument);
static void on_helo(Session *session, const char *argument);
static void on_help(Session *session, const char *argument);
static void on_noop(Session *session, const char *argument);
static void on_quit(Session *session, const char *argument);
static void on_rset(Session *session, const char *argument);
static void on_vrfy(Session *session, const char *argument);

/* Which command is legal where: all of it. */
static const VerbRow verbs[] = {
	{SMTP_VERB_EHLO, STATE_ANY, TRUE, NULL, on_ehlo},
	{SMTP_VERB_HELO, STATE_ANY, TRUE, NULL, on_helo},
	{SMTP_VERB_MAIL, STATE_READY, FALSE,
	 "Say EHLO first, and finish one message before the next",
	 session_on_mail},
	{SMTP_VERB_RCPT, STATE_SENDER | STATE_RECIPIENT, FALSE,
	 "Say MAIL first", session_on_rcpt},
	{SMTP_VERB_DATA, STATE_RECIPIENT, TRUE,
	 "There is no recipient to send this to", session_on_data},
	{SMTP_VERB_RSET, STATE_ANY, FALSE, NULL, on_rset},
	{SMTP_VERB_NOOP, STATE_ANY, FALSE, NULL, on_noop},
	{SMTP_VERB_VRFY, STATE_ANY, FALSE, NULL, on_vrfy},
	{SMTP_VERB_HELP, STATE_ANY, FALSE, NULL, on_help},
	{SMTP_VERB_QUIT, STATE_ANY, FALSE, NULL, on_quit},
};

Session *
session_new(const SessionConfig *config, const SessionDriver *driver,
	    void *user)
{
	Session *session = g_new0(Session, 1);

	session->config = *config;
	session->host = g_strdup(config->host);
	session->domain = g_strdup(config->domain);
	session->driver = driver;
	session->user = user;
	session->state = STATE_START;
	session->line = g_string_new(NULL);
	session->out = g_string_new(NULL);
	return session;
}

void
session_free(Session *session)
{
	if (!session)
		return;
	session_clear_data(session);
	g_free(session->host);
	g_free(session->domain);
	g_free(session->helo);
	g_free(session->sender);
	g_string_free(session->line, TRUE);
	g_string_free(session->out, TRUE);
	g_free(session);
}

/* One line of ASCII, or UTF-8 where the peer asked for it (RFC 6531). */
static char *
answer_text(const Session *session, const char *text)
{
	char *line = text_harmless_clipped(text, MAX_ANSWER_TEXT);

	for (char *at = line; *at && !session->smtputf8; at++)
		if (*at & 0x80)
			*at = '?';
	return line;
}

void
session_answer(Session *session, guint code, const char *enhanced,
	       const char *text)
{
	g_autofree char *line = answer_text(session, text);

	g_string_append_printf(session->out, "%u %s %s\r\n", code, enhanced,
			       line);
	if (code >= 500 && ++session->errors >= SESSION_MAX_ERRORS) {
		g_string_append(session->out,
				"421 4.7.0 Too many errors, goodbye\r\n");
		session->over = TRUE;
	}
}

void
session_refuse(Session *session, guint code, const char *enhanced,
	       const char *text)
{
	session->errors = 0;
	session_answer(session, code, enhanced, text);
	session->over = TRUE;
}

/* The codes that RFC 5321 4.2.3 knows for what the engine may say. */
static guint
code_of(const char *enhanced, guint code5)
{
	static const struct {
		const char *enhanced;
		guint code;
	} codes[] = {
		{"4.2.2", 452}, {"4.3.1", 452}, {"4.5.3", 452},
		{"5.3.4", 552}, {"5.1.3", 553}, {"5.6.7", 553},
	};

	for (guint i = 0; i < G_N_ELEMENTS(codes); i++)
		if (g_str_equal(enhanced, codes[i].enhanced))
			return codes[i].code;
	return *enhanced == '4' ? 451 : code5;
}

void
session_answer_error(Session *session, const GError *error, guint code5)
{
	g_autofree char *enhanced = NULL;
	const char *sentence;

	if (!g_error_matches(error, WIRE_ERROR, WIRE_ERROR_REMOTE)) {
		session_refuse(session, 421, "4.3.0",
			       "The mail system is not there just now, "
			       "try again later");
		return;
	}
	sentence = wire_remote_parts(error, &enhanced);
	session_answer(session, code_of(enhanced, code5), enhanced, sentence);
}

void
session_forget(Session *session)
{
	g_autoptr(GError) error = NULL;

	session_clear_data(session);
	session->recipients = session->offered = 0;
	session->smtputf8 = FALSE;
	if (!(session->state & (STATE_SENDER | STATE_RECIPIENT)))
		return;
	session->state = STATE_READY;
	/* An engine that is gone is met again, and answered, at MAIL. */
	session->driver->reset(session->user, &error);
}

gboolean
session_is_ahead(const Session *session)
{
	return !session->config.piped &&
	       (session->unread > 0 ||
		session->driver->input_waits(session->user));
}

void
session_flush(Session *session)
{
	if (session->out->len &&
	    !session->driver->reply(session->user, session->out->str,
				    session->out->len))
		session->over = TRUE;
	g_string_truncate(session->out, 0);
}

void
session_greet(Session *session)
{
	if (session_is_ahead(session)) {
		session_refuse(session, 554, "5.5.0",
			       "You talked before the greeting");
	} else {
		g_string_append_printf(session->out,
				       "220 %s ESMTP masqmail\r\n",
				       session->host);
	}
	session_flush(session);
}

static gboolean
take_helo(Session *session, const char *argument)
{
	if (!*argument || strpbrk(argument, " \t") ||
	    strlen(argument) > SESSION_MAX_HELO) {
		session_answer(session, 501, "5.5.4",
			       "Say your host name behind it");
		return FALSE;
	}
	session_forget(session);
	g_free(session->helo);
	session->helo = g_strdup(argument);
	session->state = STATE_READY;
	return TRUE;
}

static void
on_helo(Session *session, const char *argument)
{
	if (!take_helo(session, argument))
		return;
	session->esmtp = FALSE;
	g_string_append_printf(session->out, "250 %s\r\n", session->host);
}

/* RFC 4865 4: the most seconds, and what time that is now. */
static void
offer_release(Session *session)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	g_autoptr(GDateTime) last =
		g_date_time_add_seconds(now, SESSION_MAX_RELEASE);
	g_autofree char *text =
		g_date_time_format(last, "%Y-%m-%dT%H:%M:%SZ");

	g_string_append_printf(session->out,
			       "250-FUTURERELEASE %d %s\r\n",
			       SESSION_MAX_RELEASE, text);
}

static void
on_ehlo(Session *session, const char *argument)
{
	if (!take_helo(session, argument))
		return;
	session->esmtp = TRUE;
	g_string_append_printf(
		session->out,
		"250-%s\r\n250-PIPELINING\r\n250-SIZE %" G_GUINT64_FORMAT
		"\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-DSN\r\n",
		session->host, session->config.size_limit);
	if (session->config.own)
		offer_release(session);
	g_string_append_printf(
		session->out,
		"250-LIMITS RCPTMAX=%u\r\n250 ENHANCEDSTATUSCODES\r\n",
		(guint)SESSION_MAX_RECIPIENTS);
}

static void
on_help(Session *session, G_GNUC_UNUSED const char *argument)
{
	g_autoptr(GString) text = g_string_new("Known commands:");

	for (guint i = 0; i < G_N_ELEMENTS(verbs); i++)
		g_string_append_printf(text, " %s",
				       smtp_verb_name(verbs[i].verb));
	session_answer(session, 214, "2.0.0", text->str);
}

static void
on_noop(Session *session, G_GNUC_UNUSED const char *argument)
{
	session_answer(session, 250, "2.0.0", "Ok");
}

static void
on_rset(Session *session, const char *argument)
{
	if (*argument) {
		session_answer(session, 501, "5.5.4", "RSET stands alone");
		return;
	}
	session_forget(session);
	session_answer(session, 250, "2.0.0", "Ok");
}

/* Who has a mailbox here is nobody's business (RFC 5321 7.3). */
static void
on_vrfy(Session *session, const char *argument)
{
	if (*argument)
		session_answer(session, 252, "2.5.2", "Send the mail and see");
	else
		session_answer(session, 501, "5.5.4",
			       "Say an address behind it");
}

static void
on_quit(Session *session, const char *argument)
{
	if (*argument) {
		session_answer(session, 501, "5.5.4", "QUIT stands alone");
		return;
	}
	session_forget(session);
	session_answer(session, 221, "2.0.0", "Goodbye");
	session->over = TRUE;
}

static const VerbRow *
find_verb(SmtpVerb verb)
{
	for (guint i = 0; i < G_N_ELEMENTS(verbs); i++)
		if (verbs[i].verb == verb)
			return &verbs[i];
	return NULL;
}

/*
 * A browser can be made to send a whole dialogue as the body of a request:
 * its first line is no SMTP, so nothing behind it may be run.
 */
static void
on_unknown(Session *session, SmtpVerb verb)
{
	if (verb != SMTP_VERB_UNKNOWN)
		session_answer(session, 502, "5.5.1",
			       "This command is not offered here");
	else if (session->state == STATE_START)
		session_refuse(session, 500, "5.5.2", "This is not SMTP");
	else
		session_answer(session, 500, "5.5.2", "Unknown command");
}

/* FALSE ends the session: whoever does not wait may not be who he says. */
static gboolean
is_patient(Session *session, const VerbRow *row)
{
	if (row->verb == SMTP_VERB_QUIT || !session_is_ahead(session) ||
	    (session->esmtp && !row->waits))
		return TRUE;
	session_refuse(session, 503, "5.5.0", "Wait for the answer");
	return FALSE;
}

static void
run(Session *session, const SmtpCommand *command)
{
	const VerbRow *row = find_verb(command->verb);

	/* Recipients are bounded in their message. */
	if (command->verb != SMTP_VERB_RCPT &&
	    ++session->idle > SESSION_MAX_IDLE)
		session_refuse(session, 421, "4.7.0",
			       "Too many commands for no message");
	else if (!row)
		on_unknown(session, command->verb);
	else if (!is_patient(session, row))
		return;
	else if (!(row->states & session->state))
		session_answer(session, 503, "5.5.1", row->order);
	else
		row->handle(session, command->argument);
}

static void
run_line(Session *session)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(SmtpCommand) command = NULL;

	session->commands++;
	if (session->line_too_long) {
		session_answer(session, 500, "5.5.6", "Line too long");
		return;
	}
	command = smtp_command_parse(session->line->str, session->line->len,
				     &error);
	if (command)
		run(session, command);
	else if (session->state == STATE_START)
		session_refuse(session, 500, "5.5.2", "This is not SMTP");
	else
		session_answer(session, 500, "5.5.2", error->message);
}

static void
append_to_line(Session *session, char c)
{
	if (session->line->len > SMTP_COMMAND_LINE_MAX)
		session->line_too_long = TRUE;
	else
		g_string_append_c(session->line, c);
}

/*
 * One byte of the dialogue. A lone CR or LF means that peer and we do not
 * agree where lines end: nothing behind it can be trusted. A NUL is cut off
 * by some and not by others, with the same effect.
 */
static void
take_byte(Session *session, char c)
{
	gboolean ends =
		c == '\n' && (session->after_cr || session->config.piped);

	if ((c == '\n' && !ends) || (session->after_cr && c != '\n') || !c) {
		session_refuse(session, 554, "5.5.2",
			       "Lines must be text that ends in CR LF");
		return;
	}
	session->after_cr = c == '\r';
	if (ends) {
		run_line(session);
		g_string_truncate(session->line, 0);
		session->line_too_long = FALSE;
	} else if (c != '\r') {
		append_to_line(session, c);
	}
}

void
session_feed(Session *session, const void *bytes, gsize size)
{
	const char *at = bytes;

	if (session->in_data)
		session->received += size;
	while (size > 0 && !session->over) {
		gsize used = 1;

		session->unread = size - 1;
		if (session->in_data)
			used = session_feed_data(session, at, size);
		else
			take_byte(session, *at);
		at += used;
		size -= used;
	}
	session->unread = 0;
	session_flush(session);
	if (session->over)
		session_forget(session);
}

gboolean
session_is_over(const Session *session)
{
	return session->over;
}

void
session_timeout(Session *session, const char *why)
{
	session_refuse(session, 421, "4.4.2", why);
	session_flush(session);
	session_forget(session);
}

void
session_hang_up(Session *session)
{
	session->over = TRUE;
	session_forget(session);
}

guint64
session_step(const Session *session)
{
	return session->commands + session->received / SESSION_STEP;
}

guint
session_accepted(const Session *session)
{
	return session->accepted;
}
