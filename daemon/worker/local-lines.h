// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What local delivery looks at in a message's text: lines that an mbox
 * would take for the start of another message, and the trace fields of its
 * header. Pure, and indifferent to how the message is cut into pieces.
 */
#ifndef MASQMAIL_WORKER_LOCAL_LINES_H
#define MASQMAIL_WORKER_LOCAL_LINES_H

#include <glib.h>

/* All zero is the start of a message. */
typedef struct {
	gboolean in_line; /* not at a line's first byte */
	guint64 quotes; /* '>' at the line's start, not yet put out */
	guint matched; /* bytes of "From " seen behind them */
} FromQuoter;

/*
 * Append @size bytes of LF lines to @out, with one more '>' before each
 * line that is "From " behind any number of '>' (mboxrd, so that a reader
 * can take it off again). At the message's end from_quoter_finish puts out
 * what was held back.
 */
void from_quoter_feed(FromQuoter *quoter, const void *bytes, gsize size,
		      GString *out);
void from_quoter_finish(FromQuoter *quoter, GString *out);

/*
 * The size of the header section at the start of @size bytes (CRLF lines),
 * without the empty line behind it; all of @size if there is none.
 */
gsize local_header_size(const char *bytes, gsize size);

/* (transfer full). The header without its Return-Path fields. */
GString *local_header_clean(const char *header, gsize size);

/* How many Received fields of @header the daemon of @host wrote. */
guint local_header_visits(const char *header, gsize size, const char *host);

/* Whether a Delivered-To field of @header names @address. */
gboolean
local_header_was_delivered(const char *header, gsize size, const char *address);

#endif
