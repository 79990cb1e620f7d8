// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/spawner.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/error.h"

struct Spawner {
	int fd;
	guint source;
	guint32 last_job;
	SpawnerEvents events;
	gpointer data;
};

static void
close_unless_none(int fd)
{
	if (fd >= 0)
		close(fd);
}

/* Descriptors that a packet of this kind should not carry are closed. */
static void
take_packet(Spawner *spawner, const PrivPacket *packet, const int *fds)
{
	const SpawnerEvents *events = &spawner->events;
	int first = fds[0];

	for (guint i = 1; i < PRIV_FDS_MAX; i++)
		close_unless_none(fds[i]);
	switch ((PrivOp)packet->op) {
	case PRIV_STARTED:
		close_unless_none(first);
		if (packet->result != 0)
			events->failed(spawner->data, packet->job,
				       packet->result);
		return;
	case PRIV_EXITED:
		close_unless_none(first);
		events->exited(spawner->data, packet->job, packet->result);
		return;
	case PRIV_LISTEN:
		events->listening(spawner->data, packet->name,
				  packet->address, first, packet->result);
		return;
	case PRIV_DROP:
		if (first >= 0)
			events->dropped(spawner->data, packet->name,
					packet->uid, first);
		return;
	case PRIV_SPAWN:
	case PRIV_KILL:
	case PRIV_DROPPED:
		close_unless_none(first);
		return;
	}
	close_unless_none(first);
}

static gboolean
on_readable(int fd, GIOCondition condition, gpointer data)
{
	Spawner *spawner = data;
	g_autoptr(GError) error = NULL;
	PrivPacket packet;
	int fds[PRIV_FDS_MAX];

	(void)condition;
	if (priv_receive(fd, &packet, fds, &error)) {
		take_packet(spawner, &packet, fds);
		return G_SOURCE_CONTINUE;
	}
	spawner->source = 0;
	spawner->events.closed(spawner->data, error);
	return G_SOURCE_REMOVE;
}

Spawner *
spawner_new(int fd, const SpawnerEvents *events, gpointer data)
{
	Spawner *spawner = g_new0(Spawner, 1);

	spawner->fd = fd;
	spawner->events = *events;
	spawner->data = data;
	spawner->source = g_unix_fd_add(fd, G_IO_IN | G_IO_HUP, on_readable,
					spawner);
	return spawner;
}

void
spawner_free(Spawner *spawner)
{
	if (!spawner)
		return;
	if (spawner->source)
		g_source_remove(spawner->source);
	close(spawner->fd);
	g_free(spawner);
}

/*
 * A failed send means that the parent died; the next read says so and ends
 * the engine, so nobody has to look at the result here.
 */
static void
send_packet(Spawner *spawner, const PrivPacket *packet, const int *fds,
	    guint n_fds)
{
	priv_send(spawner->fd, packet, fds, n_fds, NULL);
}

static gboolean
make_pair(int ret_pair[2], GError **error)
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
		       ret_pair) < 0)
		return error_set_errno(error, "socketpair");
	if (fcntl(ret_pair[0], F_SETFL, O_NONBLOCK) == 0)
		return TRUE;
	close(ret_pair[0]);
	close(ret_pair[1]);
	return error_set_errno(error, "fcntl O_NONBLOCK");
}

guint32
spawner_spawn(Spawner *spawner, PrivKind kind, const char *name, int client,
	      int *ret_fd, GError **error)
{
	PrivPacket packet;
	int pair[2], fds[PRIV_FDS_MAX];
	guint n_fds = 1;

	if (!priv_packet_init(&packet, PRIV_SPAWN, name)) {
		errno = ENAMETOOLONG;
		error_set_errno(error, "%s", name);
		close_unless_none(client);
		return 0;
	}
	if (!make_pair(pair, error)) {
		close_unless_none(client);
		return 0;
	}
	packet.kind = kind;
	packet.job = ++spawner->last_job;
	fds[0] = pair[1];
	if (client >= 0)
		fds[n_fds++] = client;
	send_packet(spawner, &packet, fds, n_fds);
	close(pair[1]);
	close_unless_none(client);
	*ret_fd = pair[0];
	return packet.job;
}

void
spawner_kill(Spawner *spawner, guint32 job, int signal)
{
	PrivPacket packet;

	priv_packet_init(&packet, PRIV_KILL, "");
	packet.job = job;
	packet.result = signal;
	send_packet(spawner, &packet, NULL, 0);
}

void
spawner_listen(Spawner *spawner, const char *name, const char *address)
{
	PrivPacket packet;

	if (!priv_packet_init(&packet, PRIV_LISTEN, name))
		return;
	g_strlcpy(packet.address, address, sizeof(packet.address));
	send_packet(spawner, &packet, NULL, 0);
}

void
spawner_dropped(Spawner *spawner, const char *name, int code)
{
	PrivPacket packet;

	if (!priv_packet_init(&packet, PRIV_DROPPED, name))
		return;
	packet.result = code;
	send_packet(spawner, &packet, NULL, 0);
}
