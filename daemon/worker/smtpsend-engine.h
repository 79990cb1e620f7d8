// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The engine's part for one message and one smtp-out, as smtpsend plays it:
 * it answers the worker's calls from what it was given and keeps what the
 * worker says. Nothing is queued, nothing is tried again.
 */
#ifndef MASQMAIL_WORKER_SMTPSEND_ENGINE_H
#define MASQMAIL_WORKER_SMTPSEND_ENGINE_H

#include <glib.h>

#include "common/status.h"

typedef struct {
	const char *sender;
	const char *const *recipients;
	const GByteArray *message; /* with CRLF */
	gboolean eight_bit;        /* it has other bytes than ASCII's */
	gboolean trusted;          /* as if the network were */
	gboolean quiet;            /* no transcript */

	Status **verdicts; /* one for each recipient, NULL while unknown */
	Status *fault;     /* of host, route or network; (nullable) */
} Sending;

/*
 * Answer the worker at @fd until it hangs up; its transcript goes to
 * standard error as it speaks. FALSE when it spoke no protocol of ours.
 */
gboolean sending_serve(Sending *sending, int fd, GError **error);

#endif
