// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The daemon's log: one line an event, in stable "key=value" words, to the
 * journal when standard error is the journal, else to standard error. Only
 * the shell of a program logs, once; common/ and pure modules never do.
 * Nothing of a message but its id, addresses and answers goes here: no
 * subjects, no secrets. Who writes is g_get_prgname().
 */
#ifndef MASQMAIL_COMMON_LOG_H
#define MASQMAIL_COMMON_LOG_H

#include <glib.h>

/*
 * An event ("sent", "profile", "retry") of a message (@id, 0 for none) with
 * the rest of the line. Foreign text in the arguments is made harmless.
 */
void log_event(const char *event, guint64 id, const char *format, ...)
	G_GNUC_PRINTF(3, 4);

/* The same for what somebody should look at. */
void log_problem(const char *event, guint64 id, const char *format, ...)
	G_GNUC_PRINTF(3, 4);

#endif
