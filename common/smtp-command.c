// SPDX-License-Identifier: GPL-2.0-or-later
#include "common/smtp.h"

#include <string.h>

#include "common/address.h"
#include "common/text.h"

static const char *const verb_names[] = {
	[SMTP_VERB_UNKNOWN] = "",          [SMTP_VERB_AUTH] = "AUTH",
	[SMTP_VERB_BDAT] = "BDAT",         [SMTP_VERB_DATA] = "DATA",
	[SMTP_VERB_EHLO] = "EHLO",         [SMTP_VERB_EXPN] = "EXPN",
	[SMTP_VERB_HELO] = "HELO",         [SMTP_VERB_HELP] = "HELP",
	[SMTP_VERB_MAIL] = "MAIL",         [SMTP_VERB_NOOP] = "NOOP",
	[SMTP_VERB_QUIT] = "QUIT",         [SMTP_VERB_RCPT] = "RCPT",
	[SMTP_VERB_RSET] = "RSET",         [SMTP_VERB_STARTTLS] = "STARTTLS",
	[SMTP_VERB_VRFY] = "VRFY",
};

const char *
smtp_verb_name(SmtpVerb verb)
{
	return verb_names[verb];
}

static void *
syntax(GError **error, const char *why)
{
	g_set_error_literal(error, SMTP_ERROR, SMTP_ERROR_SYNTAX, why);
	return NULL;
}

static gboolean
is_plain_line(const char *line, gsize size)
{
	for (gsize i = 0; i < size; i++)
		if ((guchar)line[i] < ' ' ? line[i] != '\t' :
					    line[i] == 0x7f)
			return FALSE;
	return g_utf8_validate_len(line, size, NULL);
}

static SmtpVerb
find_verb(const char *word, gsize size)
{
	for (guint i = 1; i < G_N_ELEMENTS(verb_names); i++)
		if (strlen(verb_names[i]) == size &&
		    g_ascii_strncasecmp(word, verb_names[i], size) == 0)
			return i;
	return SMTP_VERB_UNKNOWN;
}

SmtpCommand *
smtp_command_parse(const char *line, gsize size, GError **error)
{
	SmtpCommand *command;
	gsize verb = 0;

	if (size > SMTP_COMMAND_LINE_MAX)
		return syntax(error, "Line too long");
	if (!is_plain_line(line, size))
		return syntax(error, "Line holds bytes that are no text");
	while (verb < size && line[verb] != ' ' && line[verb] != '\t')
		verb++;
	command = g_new0(SmtpCommand, 1);
	command->verb = find_verb(line, verb);
	command->argument =
		g_strstrip(g_strndup(line + verb, size - verb));
	return command;
}

void
smtp_command_free(SmtpCommand *command)
{
	if (!command)
		return;
	g_free(command->argument);
	g_free(command);
}

static void
clear_parameter(gpointer data)
{
	SmtpParameter *parameter = data;

	g_free(parameter->keyword);
	g_free(parameter->value);
}

void
smtp_path_free(SmtpPath *path)
{
	if (!path)
		return;
	g_free(path->address);
	g_array_unref(path->parameters);
	g_free(path);
}

const SmtpParameter *
smtp_path_find(const SmtpPath *path, const char *keyword)
{
	for (guint i = 0; i < path->parameters->len; i++) {
		const SmtpParameter *parameter = &g_array_index(
			path->parameters, SmtpParameter, i);

		if (g_str_equal(parameter->keyword, keyword))
			return parameter;
	}
	return NULL;
}

/* RFC 5321 4.1.2 A-d-l: "@a,@b:", accepted and ignored (F.2). */
static const char *
skip_route(const char *at)
{
	gsize domain;

	if (*at != '@')
		return at;
	do {
		domain = address_scan_domain(at + 1);
		if (domain == 0)
			return NULL;
		at += 1 + domain;
	} while (at[0] == ',' && at[1] == '@' && at++);
	return *at == ':' ? at + 1 : NULL;
}

/* Behind the mailbox at @at (a local part alone too); NULL if none. */
static const char *
skip_mailbox(const char *at)
{
	gsize local = address_scan_local(at), domain;

	if (local == 0)
		return NULL;
	at += local;
	if (*at != '@')
		return at;
	domain = address_scan_domain(at + 1);
	return domain > 0 ? at + 1 + domain : NULL;
}

static const char *
parse_path(const char *at, gboolean null_allowed, char **ret_address)
{
	g_autofree char *address = NULL;
	const char *end;

	if (*at != '<')
		return NULL;
	if (at[1] == '>' && null_allowed) {
		*ret_address = g_strdup("");
		return at + 2;
	}
	at = skip_route(at + 1);
	end = at ? skip_mailbox(at) : NULL;
	if (!end || *end != '>')
		return NULL;
	address = g_strndup(at, end - at);
	*ret_address = address_simplest(address);
	return end + 1;
}

/* RFC 5321 4.1.2 esmtp-keyword and esmtp-value; UTF-8 by RFC 6531. */
static gboolean
parse_parameter(const char *word, SmtpPath *path)
{
	gsize keyword = 0;
	const char *value = NULL;
	SmtpParameter parameter;

	while (g_ascii_isalnum(word[keyword]) ||
	       (keyword > 0 && word[keyword] == '-'))
		keyword++;
	if (word[keyword] == '=')
		value = word + keyword + 1;
	if (keyword == 0 || (!value && word[keyword] != '\0') ||
	    (value && (*value == '\0' || strchr(value, '='))))
		return FALSE;
	parameter.keyword = g_ascii_strup(word, keyword);
	parameter.value = g_strdup(value);
	if (path->parameters->len >= SMTP_PARAMETERS_MAX ||
	    smtp_path_find(path, parameter.keyword)) {
		clear_parameter(&parameter);
		return FALSE;
	}
	g_array_append_val(path->parameters, parameter);
	return TRUE;
}

static gboolean
parse_parameters(const char *at, SmtpPath *path)
{
	g_auto(GStrv) words = NULL;

	if (*at == '\0')
		return TRUE;
	if (*at != ' ' || strchr(at, '\t'))
		return FALSE;
	words = g_strsplit(at, " ", -1);
	for (char **word = words; *word; word++)
		if (**word && !parse_parameter(*word, path))
			return FALSE;
	return TRUE;
}

SmtpPath *
smtp_path_parse(SmtpVerb verb, const char *argument, GError **error)
{
	const char *prefix = verb == SMTP_VERB_MAIL ? "FROM:" : "TO:";
	g_autoptr(SmtpPath) path = g_new0(SmtpPath, 1);
	const char *at;

	path->parameters =
		g_array_new(FALSE, FALSE, sizeof(SmtpParameter));
	g_array_set_clear_func(path->parameters, clear_parameter);
	if (g_ascii_strncasecmp(argument, prefix, strlen(prefix)) != 0)
		return syntax(error, verb == SMTP_VERB_MAIL ?
					     "Say MAIL FROM:<address>" :
					     "Say RCPT TO:<address>");
	at = argument + strlen(prefix);
	at = parse_path(at + strspn(at, " "), verb == SMTP_VERB_MAIL,
			&path->address);
	if (!at)
		return syntax(error, "This is no mail address in < >");
	if (!parse_parameters(at, path))
		return syntax(error, "Malformed or repeated parameter");
	return g_steal_pointer(&path);
}

char *
smtp_xtext_encode(const char *text)
{
	GString *xtext = g_string_new(NULL);

	for (; *text; text++) {
		guchar c = *text;

		if (c > ' ' && c < 0x7f && c != '+' && c != '=')
			g_string_append_c(xtext, c);
		else
			g_string_append_printf(xtext, "+%02X", c);
	}
	return g_string_free(xtext, FALSE);
}

char *
smtp_xtext_decode(const char *xtext)
{
	g_autoptr(GString) text = g_string_new(NULL);

	for (; *xtext; xtext++) {
		int high, low;
		guchar c = *xtext;

		if (c == '+') {
			/* Only the digits RFC 3461 knows: upper case. */
			high = g_ascii_xdigit_value(xtext[1]);
			low = high < 0 ? -1 :
					 g_ascii_xdigit_value(xtext[2]);
			if (low < 0 || g_ascii_islower(xtext[1]) ||
			    g_ascii_islower(xtext[2]))
				return NULL;
			c = high * 16 + low;
			xtext += 2;
			if (c < ' ' || c == 0x7f)
				return NULL;
		} else if (c <= ' ' || c >= 0x7f || c == '=') {
			return NULL;
		}
		g_string_append_c(text, c);
	}
	return g_string_free(g_steal_pointer(&text), FALSE);
}
