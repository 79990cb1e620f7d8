// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker/local-lines.h"

#include <string.h>

#include "common/address.h"

static const char from[] = "From ";

/* A line's start that turned out to be nothing special, or to be it. */
static void
put_start(FromQuoter *quoter, GString *out)
{
	for (; quoter->quotes > 0; quoter->quotes--)
		g_string_append_c(out, '>');
	g_string_append_len(out, from, quoter->matched);
	quoter->matched = 0;
	quoter->in_line = TRUE;
}

/* Whether @c still belongs to ">>>From " at the start of a line. */
static gboolean
is_start(FromQuoter *quoter, char c, GString *out)
{
	if (c == '>' && !quoter->matched) {
		quoter->quotes++;
		return TRUE;
	}
	if (c != from[quoter->matched])
		return FALSE;
	if (++quoter->matched == strlen(from)) {
		quoter->quotes++;
		put_start(quoter, out);
	}
	return TRUE;
}

void
from_quoter_feed(FromQuoter *quoter, const void *bytes, gsize size,
		 GString *out)
{
	const char *at = bytes, *end = at + size;

	while (at < end) {
		const char *newline, *next;

		if (!quoter->in_line && is_start(quoter, *at, out)) {
			at++;
			continue;
		}
		put_start(quoter, out);
		newline = memchr(at, '\n', end - at);
		next = newline ? newline + 1 : end;
		g_string_append_len(out, at, next - at);
		quoter->in_line = !newline;
		at = next;
	}
}

void
from_quoter_finish(FromQuoter *quoter, GString *out)
{
	put_start(quoter, out);
}

/* Behind the line that begins at @at. */
static const char *
next_line(const char *at, const char *end)
{
	const char *newline = memchr(at, '\n', end - at);

	return newline ? newline + 1 : end;
}

/* Behind the field at @at, with its folded lines. */
static const char *
next_field(const char *at, const char *end)
{
	at = next_line(at, end);
	while (at < end && (*at == ' ' || *at == '\t'))
		at = next_line(at, end);
	return at;
}

gsize
local_header_size(const char *bytes, gsize size)
{
	const char *at = bytes, *end = bytes + size;

	while (at < end && !(at[0] == '\r' && at + 1 < end && at[1] == '\n'))
		at = next_line(at, end);
	return at - bytes;
}

static gboolean
is_field(const char *at, const char *end, const char *name)
{
	gsize length = strlen(name);

	if ((gsize)(end - at) <= length ||
	    g_ascii_strncasecmp(at, name, length))
		return FALSE;
	for (at += length; at < end && (*at == ' ' || *at == '\t'); at++)
		;
	return at < end && *at == ':';
}

GString *
local_header_clean(const char *header, gsize size)
{
	const char *end = header + size;
	GString *clean = g_string_sized_new(size);

	while (header < end) {
		const char *next = next_field(header, end);

		if (!is_field(header, end, "Return-Path"))
			g_string_append_len(clean, header, next - header);
		header = next;
	}
	return clean;
}

gboolean
local_header_was_delivered(const char *header, gsize size, const char *address)
{
	const char *end = header + size;

	for (; header < end; header = next_field(header, end)) {
		g_autofree char *value = NULL;
		const char *colon;

		if (!is_field(header, end, "Delivered-To"))
			continue;
		colon = memchr(header, ':', end - header);
		value = g_strndup(colon + 1,
				  next_line(header, end) - colon - 1);
		if (address_equal_locally(g_strstrip(value), address))
			return TRUE;
	}
	return FALSE;
}

/* Our own line as submit.c writes it. */
guint
local_header_visits(const char *header, gsize size, const char *host)
{
	const char *end = header + size;
	g_autofree char *host_lower = g_ascii_strdown(host, -1);
	g_autofree char *ours =
		g_strdup_printf("by %s (masqmail", host_lower);
	guint visits = 0;

	while (header < end) {
		const char *next = next_field(header, end);
		g_autofree char *lower =
			g_ascii_strdown(header, next - header);

		visits += is_field(header, end, "Received") &&
			  strstr(lower, ours) != NULL;
		header = next;
	}
	return visits;
}
