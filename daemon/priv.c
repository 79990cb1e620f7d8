// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/priv.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/error.h"

G_DEFINE_QUARK(masqmail-priv-error, priv_error)

typedef union {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(PRIV_FDS_MAX * sizeof(int))];
} Control;

gboolean
priv_packet_init(PrivPacket *packet, PrivOp op, const char *name)
{
	memset(packet, 0, sizeof(*packet));
	packet->op = op;
	return g_strlcpy(packet->name, name, sizeof(packet->name)) <
	       sizeof(packet->name);
}

static void
attach(struct msghdr *message, Control *control, const int *fds, guint n_fds)
{
	struct cmsghdr *header;

	memset(control, 0, sizeof(*control));
	message->msg_control = control;
	message->msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
	header = CMSG_FIRSTHDR(message);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(n_fds * sizeof(int));
	memcpy(CMSG_DATA(header), fds, n_fds * sizeof(int));
}

gboolean
priv_send(int fd, const PrivPacket *packet, const int *fds, guint n_fds,
	  GError **error)
{
	struct iovec part = { (void *)packet, sizeof(*packet) };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	Control control;
	ssize_t n;

	g_assert(n_fds <= PRIV_FDS_MAX);
	if (n_fds > 0)
		attach(&message, &control, fds, n_fds);
	do
		n = sendmsg(fd, &message, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n >= 0 ||
	       error_set_errno(error, "send between parent and engine");
}

/* Descriptors beyond PRIV_FDS_MAX do not fit: the kernel drops them. */
static void
take_fds(struct msghdr *message, int fds[PRIV_FDS_MAX])
{
	struct cmsghdr *header = CMSG_FIRSTHDR(message);
	guint i;

	for (i = 0; i < PRIV_FDS_MAX; i++)
		fds[i] = -1;
	if (header != NULL && header->cmsg_level == SOL_SOCKET &&
	    header->cmsg_type == SCM_RIGHTS)
		memcpy(fds, CMSG_DATA(header),
		       header->cmsg_len - CMSG_LEN(0));
}

static void
close_fds(const int fds[PRIV_FDS_MAX])
{
	guint i;

	for (i = 0; i < PRIV_FDS_MAX; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

static const char *
find_fault(const PrivPacket *packet, gsize size, int flags)
{
	if (size != sizeof(*packet) || (flags & MSG_TRUNC) != 0)
		return "wrong size";
	if ((flags & MSG_CTRUNC) != 0)
		return "too many descriptors";
	if (packet->op < PRIV_SPAWN || packet->op > PRIV_DROPPED)
		return "unknown operation";
	if (packet->kind >= PRIV_KINDS)
		return "unknown kind";
	if (memchr(packet->name, '\0', sizeof(packet->name)) == NULL)
		return "unterminated name";
	if (memchr(packet->address, '\0', sizeof(packet->address)) == NULL)
		return "unterminated address";
	return NULL;
}

gboolean
priv_receive(int fd, PrivPacket *ret_packet, int ret_fds[PRIV_FDS_MAX],
	     GError **error)
{
	PrivPacket packet;
	Control control;
	struct iovec part = { &packet, sizeof(packet) };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	int fds[PRIV_FDS_MAX];
	const char *fault;
	ssize_t n;

	do
		n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return error_set_errno(error, "receive from the other side");
	if (n == 0) {
		g_set_error(error, PRIV_ERROR, PRIV_ERROR_CLOSED,
			    "the other side is gone");
		return FALSE;
	}
	take_fds(&message, fds);
	fault = find_fault(&packet, (gsize)n, message.msg_flags);
	if (fault != NULL) {
		close_fds(fds);
		g_set_error(error, PRIV_ERROR, PRIV_ERROR_INVALID,
			    "packet with %s", fault);
		return FALSE;
	}
	*ret_packet = packet;
	memcpy(ret_fds, fds, sizeof(fds));
	return TRUE;
}
