// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A delivery status notification (RFC 3464) as text: the paragraph for
 * people, the fields for programs, and the frame of multipart/report (RFC
 * 6522) around them and the original. Pure: who failed, when and why are
 * parameters; report.c fetches the original and submits the whole.
 */
#ifndef MASQMAIL_WORKER_REPORT_TEXT_H
#define MASQMAIL_WORKER_REPORT_TEXT_H

#include <glib.h>

#include "daemon/worker/report-template.h"

typedef struct {
	char *address;
	char *original; /* ORCPT, "rfc822;ada@x.example"; "" for none */
	gint64 last_try; /* Unix seconds; 0: never */
	Status *status; /* of the last attempt */
	char *action;   /* RFC 3464 2.3.3, of REPORT_RECEIPT; or NULL */
	char *wait;     /* why it still waits, as the engine names it; "" */
} ReportRecipient;

typedef struct {
	ReportKind kind;
	const ReportWords *words;
	const Templates *templates; /* people's own */
	const char *language; /* of the reader: which of those */
	gint64 left; /* REPORT_DELAY: seconds until it is given up */
	const char *host; /* who reports */
	const char *to; /* who is told */
	const char *id; /* of the original, in our queue */
	const char *envid; /* (nullable) */
	const char *subject; /* of the original, for people; "" */
	const char *message_id; /* of the original with < >; "" */
	gint64 arrived, now; /* Unix seconds */
	gint zone; /* seconds east of UTC */
	guint64 chance; /* for our Message-ID */
	const char *boundary; /* occurs nowhere in the original */
	gboolean full; /* the whole original follows, or its header */
	gboolean original_8bit; /* what follows has bytes outside ASCII */
	gboolean smtputf8; /* the original needs it, so do we */
	GPtrArray *recipients; /* of ReportRecipient, at least one */
} ReportFacts;

/* @status (transfer full). */
ReportRecipient *report_recipient_new(const char *address, const char *original,
				      gint64 last_try, Status *status,
				      const char *wait);
void report_recipient_free(ReportRecipient *recipient);

/*
 * (transfer full). All up to where the original is to follow, in CRLF
 * lines; report_end is what follows it, however it ends.
 */
GString *report_begin(const ReportFacts *facts);
char *report_end(const ReportFacts *facts);

/* (transfer full). Its subject as plain text, for the display field. */
char *report_subject(const ReportFacts *facts);

/* Whether the notification itself needs 8BITMIME on its way. */
gboolean report_is_8bit(const ReportFacts *facts);

/* (transfer full). A boundary from 128 bits of chance. */
char *report_boundary(guint64 chance1, guint64 chance2);

#endif
