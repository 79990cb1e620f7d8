// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * When people are told of mail by mail: that it could not be delivered, that
 * it is late, that it waits for a human. The engine's half of it: who is
 * told, of what, and that it is said once. The text is written by the worker
 * "report"; what it answers stands in its own M record, so that a crash
 * neither forgets a report nor sends it twice.
 */
#ifndef MASQMAIL_ENGINE_REPORT_H
#define MASQMAIL_ENGINE_REPORT_H

#include "daemon/engine/engine.h"
#include "daemon/engine/schedule.h"
#include "daemon/engine/server.h"

#define REPORT_PATIENCE 600 /* seconds one failure waits for the others */
#define REPORT_WORKERS 2
#define REPORT_MAX_RECIPIENTS 100 /* in one report */
#define REPORT_MAX_BYTES (48 * 1024) /* of them: a job is one packet */
#define REPORT_TRIES 3 /* then somebody else is told, or it is held */

typedef enum {
	REPORT_BOUNCE, /* it failed */
	REPORT_DELAY,  /* it is late */
	REPORT_STALE,  /* it waited a month and is held */
	REPORT_RECEIPT, /* it went, and that was asked for */
} ReportKind;

/* One report: of what, and to whom. */
typedef struct ReportPlan {
	ReportKind kind;
	gint64 seconds;   /* REPORT_DELAY: which warning */
	gboolean doubled; /* its sender cannot be told: to the postmaster */
	char *to;
	char *also;       /* (nullable): a mailbox here, while far mail waits */
	GArray *numbers;  /* of guint: the recipients it tells of */
} ReportPlan;

/* --- report.c ------------------------------------------------------------- */

/* After a change of @message: tell its sender, if it is time. */
void report_consider(Engine *engine, Message *message);

/* When the next such report falls due (Unix seconds), 0 for none. */
gint64 report_due(Engine *engine);

/* The schedule says that a message is late, or waited for a month. */
void report_delayed(Engine *engine, const Delayed *delayed);
void report_stale(Engine *engine, Message *message);

/*
 * @report is safely queued: what it tells of is told. Called at commit, and
 * at start for every message.
 */
void report_took(Engine *engine, const Message *report);

/* @plan came to nothing too often: do without. */
void report_gave_up(Engine *engine, Message *message, const ReportPlan *plan);

/* --- report-receipt.c ----------------------------------------------------- */

/*
 * Recipient @number is about to be delivered where nobody else gives a
 * receipt: it is owed one by us, if it asked for one.
 */
void report_owe_receipt(Engine *engine, Message *message, guint number);

/* Whether the message may not end yet for that. */
gboolean report_owes_receipts(const Message *message);

/* Start the report that gives them, if it is time. */
void report_send_receipts(Engine *engine, Message *message);

/* Recipients @given (numbers in words) have theirs, safely queued. */
void report_took_receipts(Engine *engine, Message *message, char **given);

/* RFC 3464 2.3.3: "delivered", "relayed", "expanded"; "" while it is none. */
const char *report_receipt_action(const Recipient *recipient);

/* @action is about to make several recipients of one. */
void report_expand_receipt(Engine *engine, Message *message,
			   const Action *action);

/* --- report-job.c --------------------------------------------------------- */

/* (transfer full). The failed recipients of @message, as many as fit. */
GArray *report_numbers(const Message *message);

/* (transfer full). A bounce's option "answers": the id and the numbers. */
char *report_answers(const Message *message, const GArray *numbers);

void report_plan_free(ReportPlan *plan); /* takes NULL */

/*
 * Start a worker, unless one is busy with @message or there are enough.
 * @plan (transfer full): kind, seconds, doubled and numbers (NULL: none).
 */
void report_start(Engine *engine, Message *message, ReportPlan *plan);

/* The Job of a report worker; floating a{sv}. */
GVariant *report_job(Engine *engine, const Message *message,
		     const ReportPlan *plan);

/*
 * If the connection is a report worker's: mark what its mail tells of, and
 * let it go to whom it is for only.
 */
void report_mark(Connection *connection, Submission *submission);

/*
 * If the connection is a report worker's: its mail was taken, or refused
 * with @enhanced (nullable).
 */
void report_note(Connection *connection, const char *enhanced);

#endif
