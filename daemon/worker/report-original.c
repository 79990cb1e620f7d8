// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker/report-original.h"

#include <string.h>

#include "common/header.h"

#define MAX_MESSAGE_ID 250

Original *
original_new(const char *boundary)
{
	Original *original = g_new0(Original, 1);

	original->header = g_byte_array_new();
	original->line = g_string_new(NULL);
	original->boundary = boundary;
	return original;
}

void
original_free(Original *original)
{
	if (!original)
		return;
	g_byte_array_unref(original->header);
	g_string_free(original->line, TRUE);
	g_free(original);
}

/* How many bytes from @at on are neither line end nor NUL. */
static gsize
plain_run(const char *at, const char *end)
{
	const char *start = at;

	while (at < end && *at && *at != '\r' && *at != '\n')
		at++;
	return at - start;
}

/* A bare CR, a bare LF and CRLF all end one line. */
void
original_clean(const void *bytes, gsize size, gboolean *after_cr,
	       GByteArray *out)
{
	const char *at = bytes, *end = at + size;

	while (at < end) {
		gsize run = plain_run(at, end);

		if (run > 0) {
			g_byte_array_append(out, (const guint8 *)at, run);
			*after_cr = FALSE;
			at += run;
			continue;
		}
		if (*at == '\r' || (*at == '\n' && !*after_cr))
			g_byte_array_append(out, (const guint8 *)"\r\n", 2);
		*after_cr = *at++ == '\r';
	}
}

static void
end_line(Original *original)
{
	g_autofree char *mark = g_strconcat("--", original->boundary, NULL);

	if (g_str_has_prefix(original->line->str, mark))
		original->has_boundary = TRUE;
	if (!original->line->len)
		original->header_ended = TRUE;
	g_string_truncate(original->line, 0);
}

static void
look_at(Original *original, char c)
{
	if (c & 0x80) {
		if (original->header_ended)
			original->body_8bit = TRUE;
		else
			original->header_8bit = TRUE;
	}
	if (c == '\n')
		end_line(original);
	else if (c != '\r' &&
		 original->line->len < strlen(original->boundary) + 2)
		g_string_append_c(original->line, c);
}

/* Never half a line end, which would be a bare CR on its way. */
static gboolean
header_has_room(const Original *original)
{
	const GByteArray *header = original->header;

	return header->len < ORIGINAL_MAX_HEADER ||
	       header->data[header->len - 1] == '\r';
}

void
original_look(Original *original, const void *bytes, gsize size)
{
	g_autoptr(GByteArray) clean = g_byte_array_sized_new(size + 16);

	original_clean(bytes, size, &original->after_cr, clean);
	for (guint i = 0; i < clean->len; i++) {
		if (!original->header_ended && header_has_room(original))
			g_byte_array_append(original->header, clean->data + i,
					    1);
		look_at(original, clean->data[i]);
	}
}

char *
original_message_id(const Original *original)
{
	gsize end;
	g_autoptr(Header) header =
		header_parse((const char *)original->header->data,
			     original->header->len, &end, NULL);
	const HeaderField *field =
		header ? header_find(header, "Message-ID") : NULL;
	g_autofree char *value = field ? header_value(field) : g_strdup("");
	gsize length = strlen(value);

	if (length < 3 || length > MAX_MESSAGE_ID || *value != '<' ||
	    strchr(value, '>') != value + length - 1)
		return g_strdup("");
	for (const char *at = value; *at; at++)
		if (*at <= ' ' || *at == 0x7f)
			return g_strdup("");
	return g_steal_pointer(&value);
}
