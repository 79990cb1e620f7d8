// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The ledger: what the driver asked of the queue and what the queue
 * promised, written line by line outside of the queue before and after each
 * step, so that it survives every crash; and the check that a queue found
 * after a crash keeps each promise.
 */
#ifndef MASQMAIL_TESTS_CRASH_LEDGER_H
#define MASQMAIL_TESTS_CRASH_LEDGER_H

#include "daemon/engine/queue.h"

#define LEDGER_RECIPIENTS 4

typedef struct {
	guint64 id;
	guint seed;
	guint size;
	guint recipients;
	gboolean accepted;
	gboolean refused;
	gboolean ending;
	gboolean ended;
	gboolean holding;
	gboolean held;
	/* Each recipient's states in the order they were asked for. */
	GArray *states[LEDGER_RECIPIENTS]; /* of RecipientState */
	guint durable[LEDGER_RECIPIENTS];  /* how many of them are sure */
} Line;

/* One line more. Words: see ledger.c. */
void ledger_write(int fd, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* (transfer full). guint64 id -> Line. */
GHashTable *ledger_read(const char *path);

/*
 * Compare the queue in @directory with the ledger, then let everything in
 * it end, hand in one message more, and see that it alone is left. Prints
 * what is wrong; FALSE if anything is.
 */
gboolean ledger_check(GHashTable *ledger, const char *directory,
		      const QueueOptions *options);

#endif
