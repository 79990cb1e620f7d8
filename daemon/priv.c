// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/priv.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/error.h"

#define FDS_MAX MAX(PRIV_FDS_MAX, PRIV_ASK_FDS)

G_DEFINE_QUARK(masqmail-priv-error, priv_error)

typedef union {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(FDS_MAX * sizeof(int))];
} Control;

/* What came in one packet; descriptors that did not come are -1. */
typedef struct {
	gsize size;
	int flags;
	int fds[FDS_MAX];
} Arrival;

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

static gboolean
send_struct(int fd, const void *data, gsize size, const int *fds, guint n_fds,
	    GError **error)
{
	struct iovec part = { (void *)data, size };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	Control control;
	ssize_t n;

	if (n_fds > 0)
		attach(&message, &control, fds, n_fds);
	do
		n = sendmsg(fd, &message, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n >= 0 ||
	       error_set_errno(error, "send between parent and others");
}

/* Descriptors beyond FDS_MAX do not fit: the kernel drops them. */
static void
take_fds(struct msghdr *message, int fds[FDS_MAX])
{
	struct cmsghdr *header = CMSG_FIRSTHDR(message);
	guint i;

	for (i = 0; i < FDS_MAX; i++)
		fds[i] = -1;
	if (header != NULL && header->cmsg_level == SOL_SOCKET &&
	    header->cmsg_type == SCM_RIGHTS)
		memcpy(fds, CMSG_DATA(header),
		       header->cmsg_len - CMSG_LEN(0));
}

static gboolean
receive_struct(int fd, void *data, gsize size, Arrival *ret_arrival,
	       GError **error)
{
	Control control;
	struct iovec part = { data, size };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
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
	take_fds(&message, ret_arrival->fds);
	ret_arrival->size = (gsize)n;
	ret_arrival->flags = message.msg_flags;
	return TRUE;
}

static gboolean
distrust(Arrival *arrival, const char *fault, GError **error)
{
	guint i;

	for (i = 0; i < FDS_MAX; i++)
		if (arrival->fds[i] >= 0)
			close(arrival->fds[i]);
	g_set_error(error, PRIV_ERROR, PRIV_ERROR_INVALID, "packet with %s",
		    fault);
	return FALSE;
}

static const char *
find_fault_of_arrival(const Arrival *arrival, gsize size, guint least,
		      guint most)
{
	guint n = 0;

	while (n < FDS_MAX && arrival->fds[n] >= 0)
		n++;
	if (arrival->size != size || (arrival->flags & MSG_TRUNC) != 0)
		return "wrong size";
	if (n > most || (arrival->flags & MSG_CTRUNC) != 0)
		return "too many descriptors";
	return n < least ? "too few descriptors" : NULL;
}

static gboolean
is_text(const char *field, gsize size)
{
	return memchr(field, '\0', size) != NULL;
}

static const char *
find_fault(const PrivPacket *packet)
{
	if (packet->op < PRIV_SPAWN || packet->op > PRIV_DROPPED)
		return "unknown operation";
	if (packet->kind >= PRIV_KINDS)
		return "unknown kind";
	if (!is_text(packet->name, sizeof(packet->name)))
		return "unterminated name";
	if (!is_text(packet->address, sizeof(packet->address)))
		return "unterminated address";
	return NULL;
}

gboolean
priv_send(int fd, const PrivPacket *packet, const int *fds, guint n_fds,
	  GError **error)
{
	g_assert(n_fds <= PRIV_FDS_MAX);
	return send_struct(fd, packet, sizeof(*packet), fds, n_fds, error);
}

gboolean
priv_receive(int fd, PrivPacket *ret_packet, int ret_fds[PRIV_FDS_MAX],
	     GError **error)
{
	PrivPacket packet;
	Arrival arrival;
	const char *fault;

	if (!receive_struct(fd, &packet, sizeof(packet), &arrival, error))
		return FALSE;
	fault = find_fault_of_arrival(&arrival, sizeof(packet), 0,
				      PRIV_FDS_MAX);
	if (fault == NULL)
		fault = find_fault(&packet);
	if (fault != NULL)
		return distrust(&arrival, fault, error);
	*ret_packet = packet;
	memcpy(ret_fds, arrival.fds, PRIV_FDS_MAX * sizeof(int));
	return TRUE;
}

/* The last two bytes are NUL, or the list of values has no end. */
static const char *
find_fault_of_ask(const PrivAsk *ask)
{
	if (ask->op != PRIV_RUN)
		return "unknown operation";
	if (!is_text(ask->key, sizeof(ask->key)))
		return "unterminated key";
	if (!is_text(ask->argument, sizeof(ask->argument)))
		return "unterminated argument";
	if (ask->values[PRIV_VALUES_SIZE - 1] != '\0' ||
	    ask->values[PRIV_VALUES_SIZE - 2] != '\0')
		return "unterminated values";
	return NULL;
}

gboolean
priv_ask(int fd, const PrivAsk *ask, const int fds[PRIV_ASK_FDS],
	 GError **error)
{
	return send_struct(fd, ask, sizeof(*ask), fds, PRIV_ASK_FDS, error);
}

gboolean
priv_hear(int fd, PrivAsk *ret_ask, int ret_fds[PRIV_ASK_FDS], GError **error)
{
	PrivAsk ask;
	Arrival arrival;
	const char *fault;

	if (!receive_struct(fd, &ask, sizeof(ask), &arrival, error))
		return FALSE;
	fault = find_fault_of_arrival(&arrival, sizeof(ask), PRIV_ASK_FDS,
				      PRIV_ASK_FDS);
	if (fault == NULL)
		fault = find_fault_of_ask(&ask);
	if (fault != NULL)
		return distrust(&arrival, fault, error);
	*ret_ask = ask;
	memcpy(ret_fds, arrival.fds, PRIV_ASK_FDS * sizeof(int));
	return TRUE;
}

void
priv_answer(int fd, const PrivAnswer *answer)
{
	send_struct(fd, answer, sizeof(*answer), NULL, 0, NULL);
}

gboolean
priv_hear_answer(int fd, PrivAnswer *ret_answer, GError **error)
{
	PrivAnswer answer;
	Arrival arrival;
	const char *fault;

	if (!receive_struct(fd, &answer, sizeof(answer), &arrival, error))
		return FALSE;
	fault = find_fault_of_arrival(&arrival, sizeof(answer), 0, 0);
	if (fault == NULL && !is_text(answer.reason, sizeof(answer.reason)))
		fault = "unterminated reason";
	if (fault != NULL)
		return distrust(&arrival, fault, error);
	*ret_answer = answer;
	return TRUE;
}
