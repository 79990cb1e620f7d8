// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The sentences of smtp-why.c, which alone reads them. $host, $route,
 * $user, $sender, $recipient, $domain and $detail stand for the parties.
 */
#ifndef MASQMAIL_WORKER_SMTP_WHY_TABLE_H
#define MASQMAIL_WORKER_SMTP_WHY_TABLE_H

#include "daemon/worker/smtp-why.h"

#define SMTP_AT_ANY 0xff
#define SMTP_AT_SESSION \
	(SMTP_AT_CONNECT | SMTP_AT_EHLO | SMTP_AT_STARTTLS | SMTP_AT_AUTH)
#define SMTP_AT_MESSAGE (SMTP_AT_DATA | SMTP_AT_DOT)

/* The first row that matches a reply counts; the last matches all. */
typedef struct {
	guint at;            /* steps, or'ed */
	guint code;          /* 0: any */
	const char *subject; /* ".1.1" of the enhanced code; NULL: any */
	Outcome outcome;     /* OUTCOME_NONE: any */
	gboolean relay;      /* the text speaks of relaying */
	const char *sentence;
} SmtpWhyRow;

typedef struct {
	SmtpTrouble trouble;
	Outcome outcome;
	Fault fault;
	const char *enhanced;
	const char *sentence;
} SmtpTroubleRow;

extern const SmtpWhyRow smtp_why_rows[];
extern const guint smtp_why_rows_count;
extern const SmtpTroubleRow smtp_trouble_rows[];
extern const guint smtp_trouble_rows_count;

#endif
