// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One SMTP connection from its greeting to its end: moves bytes between the
 * client's socket and a session (common/session.h), and knows alone how
 * long a client may take.
 */
#ifndef MASQMAIL_WORKER_SMTP_IN_SERVE_H
#define MASQMAIL_WORKER_SMTP_IN_SERVE_H

#include "common/client.h"
#include "common/session.h"

/* Seconds. */
typedef struct {
	guint step; /* until the next whole command, or SESSION_STEP bytes
		       of data, has come: single bytes do not count */
	guint answer; /* until the client has taken an answer */
	guint session; /* all of it */
} ServeLimits;

/* Serve the connected socket @fd (transfer full) to its end. */
void smtp_in_serve(Client *engine, int fd, const SessionConfig *config,
		   const ServeLimits *limits);

#endif
