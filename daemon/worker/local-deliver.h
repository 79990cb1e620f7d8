// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One message into one mailbox, and what came of it in words. Knows which
 * failures of a disk mean what for the mail; knows nothing of the engine,
 * which is behind a function that fetches.
 */
#ifndef MASQMAIL_WORKER_LOCAL_DELIVER_H
#define MASQMAIL_WORKER_LOCAL_DELIVER_H

#include <glib.h>

#include "common/status.h"
#include "daemon/worker/local-box.h"

/* A longer header section is searched for a loop only up to here. */
#define LOCAL_MAX_HEADER (256 * 1024)

/*
 * The bytes of the message from @offset on (transfer full), empty at its
 * end; NULL with an error when the engine is gone.
 */
typedef GBytes *(*LocalFetch)(void *user, guint64 offset, GError **error);

typedef struct {
	const BoxKind *kind;
	BoxTarget target;
	const char *address; /* for Delivered-To; NULL: a copy, no trace */
	const char *envelope_to; /* as it was handed in; NULL: not written */
	LocalFetch fetch;
	void *user;
} LocalDelivery;

/* Mail that was here so often goes round in a circle. */
#define LOCAL_MAX_VISITS 5

/*
 * Whether what is sent on from here has been here before, by its header.
 * @ret_loop is then why it is not sent on (transfer full), else NULL.
 * FALSE with an error when it could not be fetched.
 */
gboolean local_check_circle(const LocalDelivery *delivery, const char *host,
			    Status **ret_loop, GError **error);

/*
 * Deliver. Returns the outcome (transfer full), never NONE, or NULL with an
 * error when the message could not be fetched: nothing was delivered then.
 */
Status *local_deliver(const LocalDelivery *delivery, GError **error);

#endif
