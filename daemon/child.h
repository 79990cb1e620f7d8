// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A program between fork and exec: it becomes the right user, finds the
 * right descriptors and a small environment, and dies with its starter.
 * Users are looked up here, in the child, where it does not matter when NSS
 * blocks or loads code. Only the parent calls it.
 *
 * What the program finds: standard input /dev/null, standard error as it was,
 * its descriptors from 3 on and no others; PATH, the locale, TZ,
 * MASQMAIL_PARENT (the starter's pid, for sandbox_die_with_parent),
 * MASQMAIL_MODE ("system" or "user"), and a recipient's USER and HOME. Its
 * effective group is "mail" for its own mailbox, the real one its own: the
 * worker locks mailboxes, then gives the group up with setresgid(getgid())
 * before it runs anything of the user's.
 */
#ifndef MASQMAIL_DAEMON_CHILD_H
#define MASQMAIL_DAEMON_CHILD_H

#include <glib.h>
#include <pwd.h>
#include <sys/types.h>

#include "common/paths.h"
#include "daemon/priv.h"

/* Exit codes of a child that could not become its program. */
#define CHILD_EXIT_USER 67	/* no such user, or one we do not serve */
#define CHILD_EXIT_SYSTEM 71
#define CHILD_EXIT_ROOT 77	/* it would run as root */

typedef struct {
	const Paths *paths;
	char *const *argv;	/* argv[0] is found in libexec */
	/*
	 * Whom to become: never uid 0. A recipient who is root is replaced
	 * by the person with the lowest uid. In user mode nobody changes,
	 * and a recipient can only be the owner.
	 */
	const char *user;
	gboolean recipient;	/* the mail is that user's: see above */
	gboolean optional;	/* if it is not installed: exit status 0 */
	gboolean owner;		/* and in their own mailbox: the group mail */
	gboolean mailbox;	/* make the recipient's file in /var/mail */
	/* Directories of its own, mode 0700, made where they are missing. */
	const char *own[2];
	int fds[PRIV_WORKER_FDS - PRIV_FD];	/* from 3 on; -1: /dev/null */
	guint n_fds;
} Child;

/* Its pid, or -1 with errno. */
pid_t child_start(const Child *child);

/*
 * For good, and never uid 0: of a forked child only. The effective group
 * becomes @group. FALSE: this process must end.
 */
gboolean child_become(const struct passwd *pw, gid_t group);

#endif
