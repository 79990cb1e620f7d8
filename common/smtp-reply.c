// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A server's reply is foreign text from its first byte: every line is made
 * harmless as it is taken in, so that no answer can become a line of the
 * queue, a log or a terminal's command.
 */
#include "common/smtp.h"

#include <string.h>

#include "common/text.h"

G_DEFINE_QUARK(masqmail-smtp-error, smtp_error)

#define CODE_SIZE 3
#define DETAIL_DIGITS_MAX 3

struct SmtpReplyParser {
	guint code; /* 0 between replies */
	GPtrArray *lines;
};

void
smtp_reply_free(SmtpReply *reply)
{
	if (!reply)
		return;
	g_free(reply->enhanced);
	g_strfreev(reply->lines);
	g_free(reply->text);
	g_free(reply);
}

SmtpReplyParser *
smtp_reply_parser_new(void)
{
	SmtpReplyParser *parser = g_new0(SmtpReplyParser, 1);

	parser->lines = g_ptr_array_new_with_free_func(g_free);
	return parser;
}

void
smtp_reply_parser_free(SmtpReplyParser *parser)
{
	if (!parser)
		return;
	g_ptr_array_unref(parser->lines);
	g_free(parser);
}

static gsize
digits_at(const char *text)
{
	gsize n = 0;

	while (n <= DETAIL_DIGITS_MAX && g_ascii_isdigit(text[n]))
		n++;
	return n <= DETAIL_DIGITS_MAX ? n : 0;
}

/* Bytes of "4.2.1" at the start of @line, of the class of @code; 0: none. */
static gsize
enhanced_size(guint code, const char *line)
{
	gsize subject, detail, size;

	if (code / 100 == 3 || line[0] != (char)('0' + code / 100) ||
	    line[1] != '.')
		return 0;
	subject = digits_at(line + 2);
	if (subject == 0 || line[2 + subject] != '.')
		return 0;
	detail = digits_at(line + 3 + subject);
	size = 3 + subject + detail;
	if (detail == 0 || (line[size] != '\0' && line[size] != ' '))
		return 0;
	return size;
}

/* "550 5.1.1 first; second": code and enhanced code said once. */
static char *
join_lines(const SmtpReply *reply)
{
	GString *text = g_string_new(NULL);

	g_string_printf(text, "%u", reply->code);
	if (*reply->enhanced)
		g_string_append_printf(text, " %s", reply->enhanced);
	for (char **line = reply->lines; *line; line++) {
		const char *words =
			*line + enhanced_size(reply->code, *line);

		words += strspn(words, " ");
		if (*words)
			g_string_append_printf(
				text, "%s%s",
				line == reply->lines ? " " : "; ", words);
	}
	return g_string_free(text, FALSE);
}

static SmtpReply *
take_reply(SmtpReplyParser *parser)
{
	SmtpReply *reply = g_new0(SmtpReply, 1);
	const char *first = g_ptr_array_index(parser->lines, 0);

	reply->code = parser->code;
	reply->enhanced =
		g_strndup(first, enhanced_size(parser->code, first));
	g_ptr_array_add(parser->lines, NULL);
	reply->lines = (char **)g_ptr_array_steal(parser->lines, NULL);
	reply->text = join_lines(reply);
	parser->code = 0;
	return reply;
}

static guint
parse_code(const char *line, gsize size)
{
	if (size < CODE_SIZE || line[0] < '2' || line[0] > '5' ||
	    !g_ascii_isdigit(line[1]) || !g_ascii_isdigit(line[2]))
		return 0;
	return (line[0] - '0') * 100 + (line[1] - '0') * 10 + line[2] - '0';
}

static gboolean
refuse_line(const char *why, const char *line, gsize size, GError **error)
{
	g_autofree char *harmless = text_harmless_bytes(line, MIN(size, 200));

	g_set_error(error, SMTP_ERROR, SMTP_ERROR_SYNTAX, "%s: \"%s\"", why,
		    harmless);
	return FALSE;
}

gboolean
smtp_reply_parser_feed(SmtpReplyParser *parser, const char *line, gsize size,
		       SmtpReply **ret_reply, GError **error)
{
	guint code = parse_code(line, size);
	gsize skip = MIN(size, CODE_SIZE + 1);

	if (size > SMTP_REPLY_LINE_MAX)
		return refuse_line("the reply line is too long", line, size,
				   error);
	if (code == 0 ||
	    (size > CODE_SIZE && !strchr("- ", line[CODE_SIZE])) ||
	    (size > CODE_SIZE && line[CODE_SIZE] == '\0'))
		return refuse_line("this is no SMTP reply", line, size,
				   error);
	if (parser->code != 0 && parser->code != code)
		return refuse_line("the reply changes its code midway", line,
				   size, error);
	if (parser->lines->len >= SMTP_REPLY_LINES_MAX)
		return refuse_line("the reply has too many lines", line, size,
				   error);
	parser->code = code;
	g_ptr_array_add(parser->lines,
			text_harmless_bytes(line + skip, size - skip));
	*ret_reply = NULL;
	if (size == CODE_SIZE || line[CODE_SIZE] == ' ')
		*ret_reply = take_reply(parser);
	return TRUE;
}
