// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The program that is killed: hands in mail, judges it and ends it, on the
 * real queue, and keeps a ledger. What is refused it hands in again, until
 * the disk takes it.
 */
#ifndef MASQMAIL_TESTS_CRASH_DRIVE_H
#define MASQMAIL_TESTS_CRASH_DRIVE_H

#include "daemon/engine/queue.h"

/* Small segments and bodies, so that little mail meets every case. */
extern const QueueOptions drive_options;

/*
 * Play the workload @name ("small", "thousand", "restart") and crash at its
 * end if @crash; FALSE for an unknown one.
 */
gboolean drive(const char *name, const char *directory, const char *ledger,
	       gboolean crash);

#endif
