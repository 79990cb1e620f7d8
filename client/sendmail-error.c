// SPDX-License-Identifier: GPL-2.0-or-later
#include "client/sendmail.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

G_DEFINE_QUARK(masqmail-sendmail-error, sendmail_error)

gboolean
sendmail_fail(GError **error, int code, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_propagate_error(error, g_error_new_valist(SENDMAIL_ERROR, code,
						    format, arguments));
	va_end(arguments);
	return FALSE;
}

/* RFC 3463 classes and subjects to sysexits; the first that fits. */
static const struct {
	const char *prefix;
	int code;
} refusals[] = {
	{ "4.", EX_TEMPFAIL },    { "5.1.1", EX_NOUSER },
	{ "5.1.3", EX_DATAERR },  { "5.1.", EX_DATAERR },
	{ "5.3.4", EX_DATAERR },  { "5.5.", EX_PROTOCOL },
	{ "5.6.", EX_DATAERR },   { "5.7.", EX_NOPERM },
};

static int
refusal_code(const char *enhanced)
{
	for (guint i = 0; i < G_N_ELEMENTS(refusals); i++)
		if (g_str_has_prefix(enhanced, refusals[i].prefix))
			return refusals[i].code;
	return EX_UNAVAILABLE;
}

void
sendmail_wrap(GError **error, int otherwise)
{
	g_autofree char *enhanced = NULL;
	g_autofree char *sentence = NULL;
	int code = otherwise;

	if (!error || !*error || (*error)->domain == SENDMAIL_ERROR)
		return;
	if (g_error_matches(*error, WIRE_ERROR, WIRE_ERROR_REMOTE)) {
		sentence = g_strdup(wire_remote_parts(*error, &enhanced));
		code = refusal_code(enhanced ? enhanced : "");
	} else {
		sentence = g_strdup((*error)->message);
	}
	g_clear_error(error);
	g_set_error_literal(error, SENDMAIL_ERROR, code, sentence);
}

static Client *
unless_away(Client *client, GError **error)
{
	if (client)
		return client;
	g_prefix_error(error, "the mail daemon does not answer: ");
	sendmail_wrap(error, EX_TEMPFAIL);
	return NULL;
}

Client *
sendmail_connect(const Paths *paths, GError **error)
{
	return unless_away(client_connect(paths->submit, geteuid(), error),
			   error);
}

Client *
sendmail_open(const Paths *paths, GError **error)
{
	return unless_away(client_open(paths->submit, geteuid(), error),
			   error);
}
