// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a report says to people, in each language we speak: its texts, which
 * are templates as people may write their own (report-template.h), and a
 * plain sentence with some advice for each reason. The one place to which a
 * language is added: a table beside the others in report-words.c.
 */
#ifndef MASQMAIL_WORKER_REPORT_WORDS_H
#define MASQMAIL_WORKER_REPORT_WORDS_H

#include <glib.h>

#include "common/status.h"

typedef enum {
	REPORT_BOUNCE, /* it could not be delivered */
	REPORT_DOUBLE, /* and nobody could be told: for the postmaster */
	REPORT_DELAY,  /* it could not be delivered yet */
	REPORT_STALE,  /* it waited for a month and is held */
	REPORT_RECEIPT, /* it went, as the sender asked to be told */
	REPORT_KINDS
} ReportKind;

typedef enum {
	REASON_OTHER,
	REASON_ADDRESS,  /* no such address */
	REASON_DOMAIN,   /* no such domain, or it takes no mail */
	REASON_MOVED,
	REASON_SENDER,   /* the sender's address is refused */
	REASON_CLOSED,   /* the mailbox takes no mail */
	REASON_FULL,
	REASON_LARGE,
	REASON_LOOP,
	REASON_EXPIRED,  /* tried for as long as it may be */
	REASON_CONNECT,  /* no server answered */
	REASON_CONTENT,  /* its form was refused */
	REASON_POLICY,   /* refused by the rules of the other side */
	REASON_LOGIN,    /* our own route is refused: login, certificate */
	REASON_HAND,     /* a human returned it */
	REASON_WAITS,    /* it waits for something that is said elsewhere */
	REASON_COUNT
} ReportReason;

typedef struct {
	const char *language;  /* two letters */
	const char *title;     /* how a subject is quoted: " “%s”" */
	const char *several;   /* instead of one address; how many */
	const char *date;      /* as of g_date_time_format; NULL: RFC 5322 */
	const char *days, *hours, *minutes; /* "%s days" */
	const char *said;      /* "The server %s said: %s" */
	const char *attached[2]; /* the header, the whole message */
	const char *texts[REPORT_KINDS];
	const char *reasons[REASON_COUNT];
	const char *advice[REASON_COUNT];
} ReportWords;

/* (nullable). Of "de", "de_AT.UTF-8" ... */
const ReportWords *report_words(const char *language);

/* "bounce", "double", "delay", ...: the names of templates too. */
const char *report_kind_name(ReportKind kind);

/*
 * Why, as far as a table can know it. @wait is a reason of the engine for a
 * recipient that still waits, or "".
 */
ReportReason report_reason(const Status *status, const char *wait);

#endif
