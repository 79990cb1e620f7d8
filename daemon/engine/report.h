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
#define REPORT_MAX_RECIPIENTS 100 /* in one report: a job is one packet */

/* After a change of @message: tell its sender, if it is time. */
void report_consider(Engine *engine, Message *message);

/* When the next such report falls due (Unix seconds), 0 for none. */
gint64 report_due(Engine *engine);

/*
 * (transfer full). What the report of @message is to carry as its option
 * "answers": the id and the numbers of the failed recipients.
 */
char *report_answers(const Message *message);

/*
 * @report is safely queued: the recipients it answers have bounced. Called
 * at commit, and at start for every message.
 */
void report_took(Engine *engine, const Message *report);

/* The Job of a report worker; floating a{sv}. */
GVariant *report_job(Engine *engine, const Message *message);

#endif
