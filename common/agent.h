// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a program of a person's session, the agent, is asked for a password:
 * the words of a request, and where it comes from. The daemon's parent and
 * every agent share this file; masqmail-protocol(7) tells the same.
 *
 * The agent connects to the SOCK_SEQPACKET socket "agent" in the run
 * directory, says nothing, and waits. Who it is the kernel tells. A request
 * is one packet of text with two descriptors: a pipe for the secret, which
 * leads to the process that logs in and to nobody else, and a socket for one
 * packet of answer. The agent writes the secret, then the answer: "ok", or
 * "no" and a sentence. When that socket hangs up before, nobody waits for
 * the answer any more. The connection stays for further requests.
 */
#ifndef MASQMAIL_COMMON_AGENT_H
#define MASQMAIL_COMMON_AGENT_H

#include <glib.h>

#define AGENT_TEXT_MAX 2048	/* bytes of a request or an answer */
#define AGENT_OK "ok"
#define AGENT_NO "no "		/* a sentence follows */

/* The descriptors of a request. */
enum {
	AGENT_SECRET,	/* write the secret, without a line's end */
	AGENT_ANSWER,
	AGENT_FDS
};

typedef struct {
	char *route;
	char *host;	/* as the route has it, or "" */
	char *user;	/* the login name, or "" */
	gboolean refused;	/* the server did not take the last one */
} AgentRequest;

/*
 * (transfer full). "secret", then "KEY VALUE" lines. NULL: it would be
 * longer than AGENT_TEXT_MAX, or a value has more than one line.
 */
char *agent_request_write(const AgentRequest *request);

/* (transfer full), or NULL for what is no request. Unknown keys are passed. */
AgentRequest *agent_request_parse(const char *text, gsize size);
void agent_request_free(AgentRequest *request);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(AgentRequest, agent_request_free)

#endif
