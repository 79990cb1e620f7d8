// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The workers that run, by the engine's numbers, and what they ask of us on
 * sockets of their own. Knows how many there may be. Only the parent calls
 * it: it starts what the engine asks for, says what has ended, and lets one
 * forked child (command.h) see to each thing that a worker asks.
 */
#ifndef MASQMAIL_DAEMON_JOBS_H
#define MASQMAIL_DAEMON_JOBS_H

#include <glib.h>
#include <sys/types.h>

#include "common/config.h"
#include "common/paths.h"
#include "daemon/agents.h"
#include "daemon/priv.h"

#define JOBS_MAX 256		/* workers at a time */
#define JOBS_COMMANDS_MAX 256	/* commands of all workers at a time */

typedef struct Jobs Jobs;

/* Both must outlive it. Never NULL; ends the process without an epoll. */
Jobs *jobs_new(const Paths *paths, const Agents *agents);

/*
 * What SPAWN asks for, with the descriptors that came along. 0 and @ret_pid,
 * or an errno for STARTED. @config: masqmail.conf.
 */
int jobs_start(Jobs *jobs, const Config *config, const PrivPacket *packet,
	       const int fds[PRIV_FDS_MAX], pid_t *ret_pid);

void jobs_kill(const Jobs *jobs, guint32 job, int signal);
void jobs_kill_all(const Jobs *jobs);

/* Whether @pid, which has ended, was a worker, and of which job. */
gboolean jobs_ended(Jobs *jobs, pid_t pid, guint32 *ret_job);

/* Readable when jobs_hear is to be called. */
int jobs_fd(const Jobs *jobs);
void jobs_hear(Jobs *jobs);

#endif
