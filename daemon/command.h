// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Commands that the configuration names and workers ask for. Each is seen
 * to by a forked child of the parent, which stays root and knows one thing:
 * it reads the command (command-rule.h), forks it as its user, waits for
 * its end or the worker's, and answers. Only the parent calls it.
 *
 * What the command finds: the descriptors the worker gave, as standard
 * input, output and error, and no others; its user's home as working
 * directory; a process group of its own; PATH, HOME, USER, LOGNAME, SHELL,
 * the locale, TZ, the user's XDG_RUNTIME_DIR and session bus where they
 * are, and the values of PrivAsk. No core dumps. Nothing of the worker's
 * confinement, which would break set-gid helpers, unless Sandbox=yes.
 */
#ifndef MASQMAIL_DAEMON_COMMAND_H
#define MASQMAIL_DAEMON_COMMAND_H

#include <sys/types.h>

#include "daemon/command-rule.h"

/* From SIGTERM to SIGKILL, when it is no longer wanted. */
#define COMMAND_GRACE_MS 1000

/*
 * The pid of the child that sees to @ask, or -1 with errno. It needs no
 * more of us than to be reaped; SIGTERM ends it and the command.
 */
pid_t command_start(const CommandAsker *asker, const PrivAsk *ask,
		    const int fds[PRIV_ASK_FDS]);

#endif
