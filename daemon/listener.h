// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Listening sockets: those a service manager handed over, else our own. Only
 * the parent calls it, which alone may bind low ports.
 */
#ifndef MASQMAIL_DAEMON_LISTENER_H
#define MASQMAIL_DAEMON_LISTENER_H

#include <glib.h>

#include "common/listen.h"
#include "common/paths.h"

/*
 * (transfer full). The engine's own socket, paths->submit; not blocking. -1
 * with errno.
 */
int listener_submit(const Paths *paths);

/* (transfer full). One for SMTP, not blocking; -1 with errno. */
int listener_tcp(const ListenAddress *address);

#endif
