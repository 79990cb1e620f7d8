// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/agents.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/log.h"

#define BACKLOG 16
#define EVENTS_MAX 16

struct Agents {
	int epoll;
	int door;
	gboolean user;	/* user mode: only the owner is let in */
	GArray *waiting;	/* of Agent */
};

static int
open_door(const Paths *paths)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	if (g_strlcpy(address.sun_path, paths->agent,
		      sizeof(address.sun_path)) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC,
		    0);
	if (fd < 0)
		return -1;
	unlink(paths->agent);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
	    chmod(paths->agent, paths->user ? 0600 : 0666) == 0 &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	close(fd);
	return -1;
}

static gboolean
watch(const Agents *agents, int fd)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLRDHUP,
				     .data.fd = fd };

	return epoll_ctl(agents->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

Agents *
agents_new(const Paths *paths)
{
	Agents *agents = g_new0(Agents, 1);

	agents->user = paths->user;
	agents->waiting = g_array_new(FALSE, FALSE, sizeof(Agent));
	agents->epoll = epoll_create1(EPOLL_CLOEXEC);
	agents->door = open_door(paths);
	if (agents->door < 0 || !watch(agents, agents->door))
		log_problem("agents", 0, "%s: %s", paths->agent,
			    g_strerror(errno));
	return agents;
}

int
agents_fd(const Agents *agents)
{
	return agents->epoll;
}

const GArray *
agents_list(const Agents *agents)
{
	return agents->waiting;
}

static gboolean
may_wait(const Agents *agents, uid_t uid)
{
	guint i, same = 0;

	for (i = 0; i < agents->waiting->len; i++)
		if (g_array_index(agents->waiting, Agent, i).uid == uid)
			same++;
	return agents->waiting->len < AGENTS_MAX &&
	       same < AGENTS_OF_ONE_MAX && (!agents->user || uid == getuid());
}

static void
let_in(Agents *agents)
{
	int low = accept4(agents->door, NULL, NULL,
			  SOCK_NONBLOCK | SOCK_CLOEXEC);
	Agent agent = { .fd = -1 };
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (low < 0)
		return;
	agent.fd = fcntl(low, F_DUPFD_CLOEXEC, AGENTS_FD_MIN);
	close(low);
	if (agent.fd < 0)
		return;
	if (getsockopt(agent.fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
	    may_wait(agents, peer.uid) && watch(agents, agent.fd)) {
		agent.uid = peer.uid;
		g_array_append_val(agents->waiting, agent);
		return;
	}
	close(agent.fd);
}

static void
show_out(Agents *agents, int fd)
{
	guint i;

	for (i = 0; i < agents->waiting->len; i++)
		if (g_array_index(agents->waiting, Agent, i).fd == fd)
			break;
	if (i == agents->waiting->len)
		return;
	g_array_remove_index(agents->waiting, i);
	close(fd);
}

void
agents_hear(Agents *agents)
{
	struct epoll_event events[EVENTS_MAX];
	int n = epoll_wait(agents->epoll, events, EVENTS_MAX, 0), i;

	for (i = 0; i < n; i++)
		if (events[i].data.fd == agents->door)
			let_in(agents);
		else
			show_out(agents, events[i].data.fd);
}
