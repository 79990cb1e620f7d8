// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The end of a message is <CRLF>.<CRLF> and nothing like it. A reader that
 * takes <LF>.<LF> or <CR>.<CR> too lets a sender hide a second message in
 * the first (SMTP smuggling, CVE-2023-51764 and its kin): so a lone CR or
 * LF is never a line end here, and a message that holds one is refused
 * whole, whatever the sender's server meant by it.
 */
#include "common/smtp.h"

#include <string.h>

enum {
	AT_LINE_START, /* after CRLF, or at the very beginning */
	IN_LINE,
	AFTER_CR,      /* in a line, its CR not handed out yet */
	AFTER_DOT,     /* a dot at line start, not handed out yet */
	AFTER_DOT_CR,  /* then a CR */
};

static void
hand_out(SmtpDotReader *reader, GByteArray *output, const char *bytes,
	 gsize size)
{
	if (reader->flags & SMTP_DATA_REFUSED)
		return;
	g_byte_array_append(output, (const guint8 *)bytes, size);
	reader->size += size;
}

static void
end_line(SmtpDotReader *reader, GByteArray *output)
{
	hand_out(reader, output, "\r\n", 2);
	reader->state = AT_LINE_START;
	reader->line = 0;
}

/* One byte that is the text of a line, whatever stood before it. */
static void
take_text(SmtpDotReader *reader, GByteArray *output, char c)
{
	if (c == '\0')
		reader->flags |= SMTP_DATA_NUL;
	if (c == '\n')
		reader->flags |= SMTP_DATA_BARE_LF;
	if (c & 0x80)
		reader->flags |= SMTP_DATA_8BIT;
	if (++reader->line > SMTP_TEXT_LINE_MAX)
		reader->flags |= SMTP_DATA_LONG_LINE;
	hand_out(reader, output, &c, 1);
	reader->state = IN_LINE;
}

/* TRUE when @c completes <CRLF>.<CRLF>. */
static gboolean
take_byte(SmtpDotReader *reader, GByteArray *output, char c)
{
	switch (reader->state) {
	case AFTER_CR:
	case AFTER_DOT_CR:
		if (c == '\n') {
			if (reader->state == AFTER_DOT_CR)
				return TRUE;
			end_line(reader, output);
			return FALSE;
		}
		reader->flags |= SMTP_DATA_BARE_CR;
		break;
	case AFTER_DOT:
		/* The stuffed dot goes, whatever follows (4.5.2). */
		if (c == '\r') {
			reader->state = AFTER_DOT_CR;
			return FALSE;
		}
		break;
	case AT_LINE_START:
		if (c == '.') {
			reader->state = AFTER_DOT;
			return FALSE;
		}
		break;
	}
	if (c == '\r')
		reader->state = AFTER_CR;
	else
		take_text(reader, output, c);
	return FALSE;
}

/* How many bytes from @at on are plain text of the present line. */
static gsize
plain_run(const char *at, gsize size)
{
	gsize n = 0;

	while (n < size && at[n] != '\0' && !(at[n] & 0x80) &&
	       at[n] != '\r' && at[n] != '\n')
		n++;
	return n;
}

gboolean
smtp_dot_reader_feed(SmtpDotReader *reader, const void *bytes, gsize size,
		     GByteArray *output, gsize *ret_used)
{
	const char *text = bytes;
	gsize at = 0;

	while (at < size) {
		gsize run = reader->state == IN_LINE ?
				    plain_run(text + at, size - at) :
				    0;

		if (run > 0) {
			hand_out(reader, output, text + at, run);
			reader->line += run;
			if (reader->line > SMTP_TEXT_LINE_MAX)
				reader->flags |= SMTP_DATA_LONG_LINE;
			at += run;
		} else if (take_byte(reader, output, text[at++])) {
			*ret_used = at;
			return TRUE;
		}
	}
	*ret_used = size;
	return FALSE;
}

const char *
smtp_data_fault(SmtpDataFlags flags)
{
	if (flags & SMTP_DATA_NUL)
		return "The message holds a NUL byte";
	if (flags & SMTP_DATA_BARE_LF)
		return "The message holds a line feed without carriage "
		       "return";
	if (flags & SMTP_DATA_BARE_CR)
		return "The message holds a carriage return without line "
		       "feed";
	return NULL;
}
