// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The protocol of masqdialer's "mserver", by which a router tells the
 * machines behind it which connection it has. Over TCP, port 224:
 *
 *	S: READY		and what else the greeting says
 *	C: STAT
 *	S: UP name:seconds	or DOWN
 *	C: QUIT
 */
#ifndef MASQMAIL_WORKER_MSERVER_H
#define MASQMAIL_WORKER_MSERVER_H

#include <glib.h>

#include "daemon/worker/stream.h"

#define MSERVER_PORT 224
#define MSERVER_SECONDS 10 /* for all of it */
#define MSERVER_LINE_MAX 256
#define MSERVER_GREETING_MAX 20 /* lines before READY */

/* "HOST", "HOST:PORT", "[ADDRESS]:PORT". FALSE: it is none of these. */
gboolean mserver_parse(const char *text, char **ret_host,
		       guint16 *ret_port);

/*
 * Ask over @stream: (transfer full) the name of the connection that is up,
 * "" when none is; NULL when the answer makes no sense.
 */
char *mserver_ask(Stream *stream, GError **error);

/* The same, connecting first; @watched: hangs up when we are to stop. */
char *mserver_detect(const char *host, guint16 port, int watched,
		     GError **error);

#endif
