// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The message a report is about, as far as the report needs to know it, and
 * its bytes made fit to travel again: whatever stands in it, and even if
 * that is why it failed, the report must not fail for the same reason.
 */
#ifndef MASQMAIL_WORKER_REPORT_ORIGINAL_H
#define MASQMAIL_WORKER_REPORT_ORIGINAL_H

#include <glib.h>

/* A header section is returned up to here. */
#define ORIGINAL_MAX_HEADER (64 * 1024)

typedef struct {
	GByteArray *header; /* the header section, cleaned, at most
			       ORIGINAL_MAX_HEADER */
	gboolean header_ended;
	gboolean header_8bit, body_8bit;
	gboolean has_boundary; /* some line begins with it */
	/* Private. */
	gboolean after_cr;
	GString *line; /* the start of the present line */
	const char *boundary;
} Original;

/* @boundary is borrowed. */
Original *original_new(const char *boundary);
void original_free(Original *original);

/* Look at the next bytes of the message. */
void original_look(Original *original, const void *bytes, gsize size);

/* Its Message-ID with < >, or "" (transfer full). */
char *original_message_id(const Original *original);

/*
 * Append @size bytes to @out with every kind of line end as CRLF and
 * without NULs; *@after_cr is the state between calls, FALSE at first.
 */
void original_clean(const void *bytes, gsize size, gboolean *after_cr,
		    GByteArray *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Original, original_free)

#endif
