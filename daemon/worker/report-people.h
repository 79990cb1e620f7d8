// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The part of a report that people read: what happened to their message, why
 * and what they can do, in their language and by their own templates.
 * report-text.c puts the part for programs and the frame around it.
 */
#ifndef MASQMAIL_WORKER_REPORT_PEOPLE_H
#define MASQMAIL_WORKER_REPORT_PEOPLE_H

#include "daemon/worker/report-text.h"

/* (transfer full): lines with LF, in UTF-8. */
char *report_people_text(const ReportFacts *facts);

#endif
