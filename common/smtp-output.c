// SPDX-License-Identifier: GPL-2.0-or-later
#include "common/smtp.h"

#include <string.h>

static const char received[] = "received:";

enum {
	IN_LINE,
	AFTER_CR, /* its CR is not sent yet: it may be a bare one */
};

void
smtp_output_init(SmtpOutput *output, SmtpOutputKind kind)
{
	*output = (SmtpOutput){ .kind = kind };
}

static gboolean
refuse_bytes(GError **error, const char *what)
{
	g_set_error(error, SMTP_ERROR, SMTP_ERROR_BYTES,
		    "the message holds %s, which no mail may carry", what);
	return FALSE;
}

static void
append(GByteArray *out, const char *bytes, gsize size)
{
	g_byte_array_append(out, (const guint8 *)bytes, size);
}

static void
end_line(SmtpOutput *output, GByteArray *out)
{
	if (output->kind == SMTP_OUTPUT_LF)
		append(out, "\n", 1);
	else
		append(out, "\r\n", 2);
	if (output->column == 0)
		output->in_body = TRUE;
	output->state = IN_LINE;
	output->column = 0;
}

/*
 * The header is matched byte by byte against "received:" so that any split
 * is the same; a miss parks the column beyond the word.
 */
static gboolean
count_hop(SmtpOutput *output, char c, GError **error)
{
	gsize word = sizeof(received) - 1;

	if (output->in_body || output->column >= word)
		return TRUE;
	if (g_ascii_tolower(c) != received[output->column]) {
		output->column = word;
		return TRUE;
	}
	if (output->column + 1 < word || ++output->hops <= SMTP_HOPS_MAX)
		return TRUE;
	g_set_error(error, SMTP_ERROR, SMTP_ERROR_LOOP,
		    "the message went through more than %d hosts: a mail "
		    "loop",
		    SMTP_HOPS_MAX);
	return FALSE;
}

/* How many bytes from @at on are one line's text with nothing to watch. */
static gsize
plain_run(const SmtpOutput *output, const char *at, gsize size)
{
	gsize n = 0;

	if (output->state != IN_LINE || output->column == 0 ||
	    (!output->in_body && output->column < sizeof(received) - 1))
		return 0;
	while (n < size && at[n] != '\r' && at[n] != '\n' && at[n] != '\0')
		n++;
	return n;
}

static gboolean
take_byte(SmtpOutput *output, char c, GByteArray *out, GError **error)
{
	if (output->state == AFTER_CR) {
		if (c != '\n')
			return refuse_bytes(error, "a bare carriage return");
		end_line(output, out);
		return TRUE;
	}
	if (c == '\n')
		return refuse_bytes(error, "a bare line feed");
	if (c == '\0')
		return refuse_bytes(error, "a NUL byte");
	if (c == '\r') {
		output->state = AFTER_CR;
		return TRUE;
	}
	if (c == '.' && output->column == 0 &&
	    output->kind == SMTP_OUTPUT_DOTTED)
		append(out, ".", 1);
	if (!count_hop(output, c, error))
		return FALSE;
	append(out, &c, 1);
	output->column++;
	return TRUE;
}

gboolean
smtp_output_feed(SmtpOutput *output, const void *bytes, gsize size,
		 GByteArray *out, GError **error)
{
	const char *text = bytes;
	gsize at = 0;

	while (at < size) {
		gsize run = plain_run(output, text + at, size - at);

		if (run > 0) {
			append(out, text + at, run);
			output->column += run;
			at += run;
		} else if (!take_byte(output, text[at++], out, error)) {
			return FALSE;
		}
	}
	return TRUE;
}

gboolean
smtp_output_finish(SmtpOutput *output, GByteArray *out, GError **error)
{
	if (output->state == AFTER_CR)
		return refuse_bytes(error, "a bare carriage return");
	if (output->column > 0)
		end_line(output, out);
	if (output->kind == SMTP_OUTPUT_DOTTED)
		append(out, ".\r\n", 3);
	return TRUE;
}
