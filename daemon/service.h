// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Being a service, with a manager or without: what sd_notify(3) and
 * sd_listen_fds(3) describe, without their library; going to the background;
 * being the only one; beginning anew. Only the parent calls it.
 */
#ifndef MASQMAIL_DAEMON_SERVICE_H
#define MASQMAIL_DAEMON_SERVICE_H

#include <glib.h>
#include <signal.h>
#include <sys/socket.h>

#define SERVICE_WAIT_MAX_S 300	/* between two starts */
#define SERVICE_LOCK_MS 5000	/* what a predecessor gets to be gone */

/* Whether a manager started us, who then also starts us again. */
gboolean service_is_managed(void);

/* "READY=1\nSTATUS=..."; a manager that does not hear it is no failure. */
void service_notify(const char *state);

/*
 * (transfer full). A listening socket that was handed over and is bound to
 * just this address, or -1. May be asked for again.
 */
int service_listener(const struct sockaddr *address, socklen_t size);

/*
 * Returns in the background; the foreground stays until service_ready, then
 * exits 0, or 1 when this process ends before. Nothing happens in a process
 * that has begun anew: it is in the background already. The descriptor for
 * service_ready, or -1.
 */
int service_detach(void);

/* Tells the manager and, with @detached >= 0, the foreground. */
void service_ready(int detached);

/*
 * Be the only one that holds the file @path, until the end of this process.
 * Waits for a predecessor that is about to end.
 */
gboolean service_lock(const char *path, GError **error);

/*
 * Executes this program again as it was called, after a wait that doubles
 * with each start that lasted less than SERVICE_WAIT_MAX_S. @signals are
 * blocked ones; SIGTERM and SIGINT among them end the wait and the process.
 */
void service_begin_anew(char **argv, gint64 lasted_seconds,
			const sigset_t *signals) G_GNUC_NORETURN;

#endif
