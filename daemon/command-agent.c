// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/command-agent.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/error.h"
#include "common/text.h"
#include "daemon/agents.h"
#include "daemon/command-rule.h"

#define REASON_MAX 150	/* characters of what an agent says */

typedef enum {
	ANSWER_NONE,	/* it hung up or makes no sense: ask the next */
	ANSWER_OK,
	ANSWER_NO,	/* with @error */
} Answer;

static gboolean
hand_over(int agent, const char *text, const int fds[AGENT_FDS])
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(AGENT_FDS * sizeof(int))];
	} control = { .header = {
		.cmsg_len = CMSG_LEN(AGENT_FDS * sizeof(int)),
		.cmsg_level = SOL_SOCKET,
		.cmsg_type = SCM_RIGHTS } };
	struct iovec part = { (void *)text, strlen(text) };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };

	memcpy(CMSG_DATA(&control.header), fds, AGENT_FDS * sizeof(int));
	return sendmsg(agent, &message, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0;
}

static Answer
take_answer(int fd, GError **error)
{
	char text[AGENT_TEXT_MAX + 1];
	g_autofree char *reason = NULL;
	ssize_t n = recv(fd, text, sizeof(text) - 1, 0);

	if (n <= 0)
		return ANSWER_NONE;
	text[n] = '\0';
	if (strcmp(text, AGENT_OK) == 0)
		return ANSWER_OK;
	if (!g_str_has_prefix(text, AGENT_NO))
		return ANSWER_NONE;
	reason = text_harmless_clipped(text + strlen(AGENT_NO), REASON_MAX);
	g_set_error(error, COMMAND_ERROR, COMMAND_ERROR_NONE,
		    "the agent says: %s", reason);
	return ANSWER_NO;
}

static Answer
wait_for_answer(int fd, const int watched[2], GError **error)
{
	struct pollfd fds[] = {
		{ fd, POLLIN, 0 },
		{ watched[0], POLLIN, 0 },
		{ watched[1], POLLIN, 0 },
	};
	int n;

	do
		n = poll(fds, G_N_ELEMENTS(fds), -1);
	while (n < 0 && errno == EINTR);
	if (fds[1].revents == 0 && fds[2].revents == 0)
		return take_answer(fd, error);
	g_set_error(error, COMMAND_ERROR, COMMAND_ERROR_NONE,
		    "it is no longer wanted");
	return ANSWER_NO;
}

static Answer
ask(int agent, const char *text, int output, const int watched[2],
    GError **error)
{
	int pair[2];
	Answer answer = ANSWER_NONE;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return ANSWER_NONE;
	if (hand_over(agent, text, (int[AGENT_FDS]){ output, pair[1] })) {
		close(pair[1]);
		answer = wait_for_answer(pair[0], watched, error);
	} else {
		close(pair[1]);
	}
	close(pair[0]);
	return answer;
}

gboolean
command_ask_agents(const GArray *agents, uid_t uid,
		   const AgentRequest *request, int output,
		   const int watched[2], GError **error)
{
	g_autofree char *text = agent_request_write(request);
	guint i;

	for (i = agents->len; text != NULL && i-- > 0;) {
		const Agent *agent = &g_array_index(agents, Agent, i);
		Answer answer = ANSWER_NONE;

		if (agent->uid == uid)
			answer = ask(agent->fd, text, output, watched, error);
		if (answer != ANSWER_NONE)
			return answer == ANSWER_OK;
	}
	g_set_error(error, COMMAND_ERROR, COMMAND_ERROR_NONE,
		    "no agent of that user's session is there to ask");
	return FALSE;
}
