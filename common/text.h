// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Foreign text made harmless, and the few spellings that every face of
 * masqmail shares: message ids, sizes, ages. The one place that knows which
 * characters may reach a terminal, a log or a notification.
 */
#ifndef MASQMAIL_COMMON_TEXT_H
#define MASQMAIL_COMMON_TEXT_H

#include <glib.h>

/*
 * (transfer full). A copy of @text as valid UTF-8 on one line: invalid
 * bytes, C0 and C1 controls, DEL, bidirectional overrides and isolates,
 * line and paragraph separators become U+FFFD; tab, CR and LF become one
 * space each. Text that is harmless already comes back unchanged.
 */
char *text_harmless(const char *text);

/* The same for @size bytes that may hold NUL (shown as U+FFFD). */
char *text_harmless_bytes(const void *bytes, gsize size);

/* (transfer full). text_harmless of at most @characters, then "…". */
char *text_harmless_clipped(const char *text, guint characters);

/*
 * A message id, microseconds since 1970, in the short form people see and
 * type: base 32 (Crockford's digits), upper case, a hyphen before the last
 * four. 64 bits always fit TEXT_ID_SIZE. text_parse_id takes it with or
 * without hyphen, in either case, I and L read as 1, O as 0; FALSE leaves
 * @ret_id untouched.
 */
#define TEXT_ID_SIZE 16
const char *text_id(guint64 id, char buffer[TEXT_ID_SIZE]);
gboolean text_parse_id(const char *text, guint64 *ret_id);

/* (transfer full). "640", "4K", "1.2M": at most five columns. */
char *text_size(guint64 bytes);

/* (transfer full). "8s", "12m", "2h", "3d": the largest whole unit. */
char *text_age(gint64 seconds);

/*
 * "90", "90s", "15m", "2h", "5d", "1w" to seconds; "640", "64K", "25M",
 * "1G" to bytes (powers of 1024). FALSE leaves the output untouched.
 */
gboolean text_parse_duration(const char *text, gint64 *ret_seconds);
gboolean text_parse_size(const char *text, guint64 *ret_bytes);

/*
 * Of @words (NULL-terminated) the one nearest to @word by edit distance, if
 * it is near enough to be a slip of the fingers. (transfer none)
 * (nullable)
 */
const char *text_nearest(const char *word, const char *const *words);

#endif
