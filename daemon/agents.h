// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The agents that wait at our door (common/agent.h): whoever connects is
 * kept with the uid that the kernel tells, until they hang up. Nothing they
 * send is read: one that speaks is shown the door. The parent keeps them; a
 * child of command.h asks them.
 */
#ifndef MASQMAIL_DAEMON_AGENTS_H
#define MASQMAIL_DAEMON_AGENTS_H

#include <glib.h>
#include <sys/types.h>

#include "common/paths.h"

#define AGENTS_MAX 64		/* that wait */
#define AGENTS_OF_ONE_MAX 4	/* of one user */
#define AGENTS_FD_MIN 16	/* lower ones are a child's own */

typedef struct {
	int fd;
	uid_t uid;
} Agent;

typedef struct Agents Agents;

/* Never NULL; without its socket nobody is let in, and that is logged. */
Agents *agents_new(const Paths *paths);

/* Readable when agents_hear is to be called. */
int agents_fd(const Agents *agents);
void agents_hear(Agents *agents);

/* Those that wait, the last one to come at the end. (transfer none) */
const GArray *agents_list(const Agents *agents);

#endif
