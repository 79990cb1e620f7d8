// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What runs as whom, with which files: the engine says a kind and a name,
 * never a path, a uid or a program. Knows the kinds of workers and where
 * their routes and secrets are; only the parent calls it.
 */
#ifndef MASQMAIL_DAEMON_SPAWN_H
#define MASQMAIL_DAEMON_SPAWN_H

#include <glib.h>
#include <sys/types.h>

#include "common/config.h"
#include "common/paths.h"
#include "daemon/priv.h"

/* The engine, with @priv as its descriptor 3: its pid, or -1 with errno. */
pid_t spawn_engine(const Paths *paths, int priv);

/*
 * The worker @packet asks for, with the descriptors that came along. 0 and
 * @ret_pid, or an errno for STARTED. @config: masqmail.conf as the parent
 * read it. @ret_asks: our end of the
 * worker's socket to the parent (transfer full), or -1 when it has none.
 */
int spawn_worker(const Paths *paths, const Config *config,
		 const PrivPacket *packet, const int fds[PRIV_FDS_MAX],
		 int *ret_asks, pid_t *ret_pid);

#endif
