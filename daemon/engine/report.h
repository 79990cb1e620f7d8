// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * When a sender is told that mail could not be delivered, and that it was:
 * the engine's half of bounces. The text is written by the worker "report";
 * which message and recipients it answers stands in its own M record, so
 * that a crash neither forgets a bounce nor sends it twice.
 */
#ifndef MASQMAIL_ENGINE_REPORT_H
#define MASQMAIL_ENGINE_REPORT_H

#include "daemon/engine/engine.h"

#define REPORT_PATIENCE 600 /* seconds one failure waits for the others */
#define REPORT_WORKERS 2
#define REPORT_MAX_RECIPIENTS 100 /* in one report */
#define REPORT_MAX_BYTES (48 * 1024) /* of them: a job is one packet */
#define REPORT_TRIES 3 /* then the message is held instead */

/* After a change of @message: tell its sender, if it is time. */
void report_consider(Engine *engine, Message *message);

/* When the next such report falls due (Unix seconds), 0 for none. */
gint64 report_due(Engine *engine);

/*
 * (transfer full), of guint. The failed recipients that the next report of
 * @message is to tell of: as many as fit.
 */
GArray *report_numbers(const Message *message);

/*
 * (transfer full). What that report is to carry as its option "answers":
 * the id and those numbers.
 */
char *report_answers(const Message *message, const GArray *numbers);

/*
 * @report is safely queued: the recipients it answers have bounced. Called
 * at commit, and at start for every message.
 */
void report_took(Engine *engine, const Message *report);

/* The Job of a report worker; floating a{sv}. */
GVariant *report_job(Engine *engine, const Message *message,
		     const GArray *numbers);

#endif
