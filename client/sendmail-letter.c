// SPDX-License-Identifier: GPL-2.0-or-later
#include "client/sendmail-letter.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

Letter *
letter_new(int fd, gboolean dots_are_text)
{
	Letter *letter = g_new0(Letter, 1);

	letter->fd = fd;
	letter->input.dots_are_text = dots_are_text;
	letter->bytes = g_byte_array_new();
	return letter;
}

void
letter_free(Letter *letter)
{
	if (!letter)
		return;
	header_free(letter->header);
	g_free(letter->mbox_line);
	g_byte_array_unref(letter->bytes);
	g_free(letter);
}

/* Append what one read(2) gives. */
static gboolean
read_more(Letter *letter, GError **error)
{
	char bytes[LETTER_PIECE / 4];
	ssize_t n;

	do
		n = read(letter->fd, bytes, sizeof(bytes));
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EBADF)
		return sendmail_fail(error, EX_DATAERR,
				     "standard input is closed: there is no "
				     "message to read");
	if (n < 0)
		return sendmail_fail(error, EX_DATAERR,
				     "the message cannot be read: %s",
				     g_strerror(errno));
	input_convert(&letter->input, bytes, n, letter->bytes);
	if (n == 0)
		input_finish(&letter->input, letter->bytes);
	letter->at_end = n == 0 || letter->input.ended;
	if (letter->input.has_nul)
		return sendmail_fail(error, EX_DATAERR,
				     "the message holds a NUL byte, which no "
				     "mail may carry");
	return TRUE;
}

/*
 * Whether the line at @end is there as a whole, so that it is known to be
 * no field and the header ends before it.
 */
static gboolean
is_header_end(const Letter *letter, gsize end)
{
	return letter->at_end ||
	       memchr(letter->bytes->data + end, '\n',
		      letter->bytes->len - end);
}

/* Sets header and body once all of the header has been read. */
static gboolean
try_header(Letter *letter, gsize skip, GError **error)
{
	const char *bytes = (const char *)letter->bytes->data;
	gsize size = letter->bytes->len, end = 0;

	header_free(letter->header);
	letter->header = header_parse(size ? bytes + skip : "", size - skip,
				      &end, error);
	if (!letter->header)
		return FALSE;
	end += skip;
	if (!is_header_end(letter, end))
		g_clear_pointer(&letter->header, header_free);
	letter->body = end;
	return TRUE;
}

/*
 * A "From " line before a header comes from a mailbox file. Without a field
 * behind it, it is the first line of a body without header.
 */
static gboolean
find_header(Letter *letter, GError **error)
{
	gsize skip = header_mbox_line((const char *)letter->bytes->data,
				      letter->bytes->len);

	if (!try_header(letter, skip, error))
		return FALSE;
	if (!letter->header || skip == 0)
		return TRUE;
	if (letter->header->fields->len == 0)
		return try_header(letter, 0, error);
	g_free(letter->mbox_line);
	letter->mbox_line = g_strndup((char *)letter->bytes->data, skip);
	return TRUE;
}

static gboolean
check_header(const Letter *letter, GError **error)
{
	if (letter->input.bare_return == 0 ||
	    letter->input.bare_return > letter->body)
		return TRUE;
	return sendmail_fail(error, EX_DATAERR,
			     "the header holds a carriage return inside a "
			     "line");
}

gboolean
letter_gather(Letter *letter, GError **error)
{
	gsize parsed = 0;

	while (!letter->header) {
		/* Long headers double before they are looked at again. */
		do
			if (!read_more(letter, error))
				return FALSE;
		while (!letter->at_end &&
		       letter->bytes->len < MIN(2 * parsed, HEADER_SIZE_MAX));
		parsed = letter->bytes->len;
		if (!find_header(letter, error)) {
			sendmail_wrap(error, EX_DATAERR);
			return FALSE;
		}
		if (letter->header ? letter->body > HEADER_SIZE_MAX :
				     parsed >= HEADER_SIZE_MAX)
			return sendmail_fail(error, EX_DATAERR,
					     "the header is larger than %d "
					     "KiB",
					     HEADER_SIZE_MAX / 1024);
	}
	if (!check_header(letter, error))
		return FALSE;
	/* The empty line between is ours to write. */
	if (letter->bytes->len >= letter->body + 2 &&
	    memcmp(letter->bytes->data + letter->body, "\r\n", 2) == 0)
		letter->body += 2;
	while (!letter->at_end && letter->bytes->len < LETTER_GATHERED)
		if (!read_more(letter, error))
			return FALSE;
	return TRUE;
}

gboolean
letter_read(Letter *letter, GError **error)
{
	g_byte_array_set_size(letter->bytes, 0);
	letter->body = 0;
	while (!letter->at_end &&
	       letter->bytes->len < LETTER_PIECE - LETTER_PIECE / 2)
		if (!read_more(letter, error))
			return FALSE;
	return TRUE;
}
