// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Asking a person's agent for a secret, on behalf of a worker: the agent
 * gets the worker's own pipe, so what it writes passes neither engine nor
 * parent nor us. Called in the forked child of command.c only.
 */
#ifndef MASQMAIL_DAEMON_COMMAND_AGENT_H
#define MASQMAIL_DAEMON_COMMAND_AGENT_H

#include <glib.h>
#include <sys/types.h>

#include "common/agent.h"

/*
 * Asks the agents of @uid, the last one to come first, until one answers:
 * TRUE, it has written the secret to @output. @agents: of Agent; @watched:
 * descriptors that end the wait as soon as they are readable.
 */
gboolean command_ask_agents(const GArray *agents, uid_t uid,
			    const AgentRequest *request, int output,
			    const int watched[2], GError **error);

#endif
