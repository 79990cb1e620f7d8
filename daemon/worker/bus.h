// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the desktop's system bus says of the place and of sleep, for the
 * engine: hints, never orders. One connection, no polling; services are
 * never started by asking them, and may come and go. The only users of
 * D-Bus and GIO in the daemon are the files bus*.c.
 */
#ifndef MASQMAIL_WORKER_BUS_H
#define MASQMAIL_WORKER_BUS_H

#include <gio/gio.h>

#include "daemon/worker/worker.h"

#define BUS_ANSWER_MS 5000 /* what a service may take to answer */

typedef struct {
	Worker *worker;
	GDBusConnection *connection;
	GMainLoop *loop; /* ends when engine or bus are gone */
} Bus;

/*
 * Tell the engine @key of Hint (api.c) and wait until it took it; @value is
 * sunk. An engine that is gone ends the loop.
 */
void bus_tell(Bus *bus, const char *key, GVariant *value);

/*
 * logind: tells "sleep" TRUE and holds the machine back until the engine
 * has answered (as long as logind lets us), and FALSE after resume.
 */
void bus_watch_sleep(Bus *bus);

/*
 * NetworkManager: "connectivity" and "metered"; resolved: "domains". Each
 * again when it changes, and the value for "not known" when the service
 * goes.
 */
void bus_watch_network(Bus *bus);

#endif
