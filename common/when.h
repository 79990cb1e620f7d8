// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Points in time as people and mail programs write them, for mail that is
 * to leave later. Pure but for the time zone of the process.
 */
#ifndef MASQMAIL_COMMON_WHEN_H
#define MASQMAIL_COMMON_WHEN_H

#include <glib.h>

/* As people type it; for usage texts. */
#define WHEN_EXAMPLES "2h, 14:30, tomorrow 8:00, monday, 2026-12-24 18:00"

/*
 * "2h" from @now, "14:30" (the next one), "tomorrow", "monday" with or
 * without a time (8:00 is meant), "2026-12-24 18:00", ISO 8601 or a date as
 * in mail. Unix seconds, local time unless it says another. FALSE: it is
 * none of these; @ret_when is untouched.
 */
gboolean when_parse(const char *text, gint64 now, gint64 *ret_when);

/* Only a date as in a header field (RFC 5322 3.3), or ISO 8601. */
gboolean when_parse_date(const char *text, gint64 *ret_when);

#endif
