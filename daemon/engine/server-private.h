// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What server.c (who is there), connection.c (what is said) and watch.c
 * (who is told) share, and nobody else needs.
 */
#ifndef MASQMAIL_ENGINE_SERVER_PRIVATE_H
#define MASQMAIL_ENGINE_SERVER_PRIVATE_H

#include "daemon/engine/server.h"

/* Read from the peer, or not for now. */
void connection_resume_input(Connection *connection);
void connection_pause_input(Connection *connection);

/* Forget what waits to be sent. */
void connection_stop_output(Connection *connection);
void pending_free(gpointer item);

/* Send a watcher what changed, as far as there is room. */
void watch_flush(Connection *connection);
void watcher_free(Watcher *watcher);

#endif
