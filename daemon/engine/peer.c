// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/peer.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/error.h"

#define MAX_GROUPS 1024
#define DIAG_REPLY_SIZE 4096

typedef union {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_storage space;
} Address;

static gboolean
has_group(int fd, gid_t gid)
{
	gid_t groups[MAX_GROUPS];
	socklen_t size = sizeof(groups);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) < 0)
		return FALSE;
	for (guint i = 0; i < size / sizeof(gid_t); i++)
		if (groups[i] == gid)
			return TRUE;
	return FALSE;
}

gboolean
peer_of_unix(int fd, gid_t gid, uid_t *ret_uid, gboolean *ret_in_group,
	     GError **error)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		return error_set_errno(error, "getsockopt SO_PEERCRED");
	*ret_uid = peer.uid;
	*ret_in_group = peer.gid == gid || has_group(fd, gid);
	return TRUE;
}

/* An IPv4 client of an IPv6 socket is an IPv4 client. */
static void
unmap(Address *address)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };

	if (address->any.sa_family != AF_INET6 ||
	    !IN6_IS_ADDR_V4MAPPED(&address->v6.sin6_addr))
		return;
	v4.sin_port = address->v6.sin6_port;
	memcpy(&v4.sin_addr, address->v6.sin6_addr.s6_addr + 12, 4);
	address->v4 = v4;
}

static gboolean
is_loopback(const Address *address)
{
	if (address->any.sa_family == AF_INET)
		return ntohl(address->v4.sin_addr.s_addr) >> 24 ==
		       IN_LOOPBACKNET;
	return address->any.sa_family == AF_INET6 &&
	       IN6_IS_ADDR_LOOPBACK(&address->v6.sin6_addr);
}

gboolean
peer_address(int fd, PeerAddress *ret_address)
{
	Address address;
	socklen_t size = sizeof(address);
	const void *bytes = &address.v4.sin_addr;

	if (getpeername(fd, &address.any, &size) < 0)
		return FALSE;
	unmap(&address);
	if (address.any.sa_family == AF_INET6)
		bytes = &address.v6.sin6_addr;
	else if (address.any.sa_family != AF_INET)
		return FALSE;
	ret_address->loopback = is_loopback(&address);
	return inet_ntop(address.any.sa_family, bytes, ret_address->text,
			 sizeof(ret_address->text)) != NULL;
}

typedef struct {
	struct nlmsghdr header;
	struct inet_diag_req_v2 request;
} DiagRequest;

/* Ask for the client's own socket: its source is our peer. */
static void
fill_request(DiagRequest *ask, const Address *client, const Address *server)
{
	struct inet_diag_sockid *id = &ask->request.id;

	memset(ask, 0, sizeof(*ask));
	ask->header.nlmsg_len = sizeof(*ask);
	ask->header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
	ask->header.nlmsg_flags = NLM_F_REQUEST;
	ask->request.sdiag_family = client->any.sa_family;
	ask->request.sdiag_protocol = IPPROTO_TCP;
	ask->request.idiag_states = 1 << TCP_ESTABLISHED;
	id->idiag_cookie[0] = INET_DIAG_NOCOOKIE;
	id->idiag_cookie[1] = INET_DIAG_NOCOOKIE;
	if (client->any.sa_family == AF_INET) {
		id->idiag_sport = client->v4.sin_port;
		id->idiag_dport = server->v4.sin_port;
		memcpy(id->idiag_src, &client->v4.sin_addr, 4);
		memcpy(id->idiag_dst, &server->v4.sin_addr, 4);
	} else {
		id->idiag_sport = client->v6.sin6_port;
		id->idiag_dport = server->v6.sin6_port;
		memcpy(id->idiag_src, &client->v6.sin6_addr, 16);
		memcpy(id->idiag_dst, &server->v6.sin6_addr, 16);
	}
}

static gboolean
ask_kernel(const DiagRequest *ask, struct inet_diag_msg *ret_answer)
{
	union {
		struct nlmsghdr header;
		char bytes[DIAG_REPLY_SIZE];
	} reply;
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC,
			NETLINK_SOCK_DIAG);
	ssize_t got = -1;

	if (fd < 0)
		return FALSE;
	if (send(fd, ask, sizeof(*ask), 0) == (ssize_t)sizeof(*ask))
		got = recv(fd, &reply, sizeof(reply), 0);
	close(fd);
	if (got < (ssize_t)NLMSG_LENGTH(sizeof(*ret_answer)) ||
	    !NLMSG_OK(&reply.header, (size_t)got) ||
	    reply.header.nlmsg_type != SOCK_DIAG_BY_FAMILY)
		return FALSE;
	memcpy(ret_answer, NLMSG_DATA(&reply.header), sizeof(*ret_answer));
	return TRUE;
}

gboolean
peer_uid_of_tcp(int fd, uid_t *ret_uid)
{
	Address client, server;
	socklen_t client_size = sizeof(client), server_size = sizeof(server);
	struct inet_diag_msg answer;
	DiagRequest ask;

	if (getpeername(fd, &client.any, &client_size) < 0 ||
	    getsockname(fd, &server.any, &server_size) < 0)
		return FALSE;
	unmap(&client);
	unmap(&server);
	if (!is_loopback(&client))
		return FALSE;
	fill_request(&ask, &client, &server);
	if (!ask_kernel(&ask, &answer))
		return FALSE;
	if (answer.idiag_state != TCP_ESTABLISHED ||
	    answer.idiag_inode == 0 || answer.idiag_uid == 0)
		return FALSE;
	*ret_uid = answer.idiag_uid;
	return TRUE;
}
