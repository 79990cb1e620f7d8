// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Two rtnetlink sockets: one only listens and never waits, the other asks
 * and waits with a deadline. Whatever happens (an event, an overrun of the
 * listening socket, a refresh) only marks what is dirty; netwatch_update()
 * then reads that, builds a state and compares it with the last. So the
 * order in which the kernel tells things does not matter.
 */
#include "daemon/engine/netwatch.h"

#include <errno.h>
#include <glib-unix.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "common/error.h"
#include "daemon/engine/netwatch-parts.h"

#define RECEIVE_BUFFER (1024 * 1024) /* the kernel gives what it allows */
#define MAX_EVENTS 1024              /* in one turn of the loop */

struct nl_sock *
netwatch_socket(int protocol, gboolean blocking)
{
	const struct timeval patience = { .tv_sec = NETWATCH_DUMP_SECONDS };
	const int strict = 1;
	struct nl_sock *socket = nl_socket_alloc();
	int fd;

	if (!socket || nl_connect(socket, protocol) < 0) {
		nl_socket_free(socket);
		return NULL;
	}
	fd = nl_socket_get_fd(socket);
	if (!blocking) {
		nl_socket_disable_seq_check(socket);
		nl_socket_set_nonblocking(socket);
		nl_socket_set_buffer_size(socket, RECEIVE_BUFFER, 0);
		return socket;
	}
	nl_socket_disable_auto_ack(socket); /* and with it the seq check */
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	/* Lets a dump be filtered by table, and a neighbour be looked up. */
	setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &strict,
		   sizeof(strict));
	return socket;
}

typedef struct {
	NetwatchHandle handle;
	gpointer data;
	gboolean interrupted;
} Dump;

static int
on_dumped(struct nl_msg *message, void *data)
{
	Dump *dump = data;

	if (nlmsg_get_src(message)->nl_pid != 0)
		return NL_SKIP;
	if (nlmsg_hdr(message)->nlmsg_flags & NLM_F_DUMP_INTR)
		dump->interrupted = TRUE;
	dump->handle(message, dump->data);
	return NL_OK;
}

static int
receive(struct nl_sock *socket, Dump *dump)
{
	struct nl_cb *callbacks = nl_cb_alloc(NL_CB_DEFAULT);
	int result;

	if (!callbacks)
		return -NLE_NOMEM;
	nl_cb_set(callbacks, NL_CB_VALID, NL_CB_CUSTOM, on_dumped, dump);
	result = nl_recvmsgs(socket, callbacks);
	nl_cb_put(callbacks);
	return result;
}

/* Answers to a question that was given up must not answer the next. */
static void
drain(struct nl_sock *socket)
{
	char byte;

	while (recv(nl_socket_get_fd(socket), &byte, sizeof(byte),
		    MSG_DONTWAIT) >= 0)
		;
}

gboolean
netwatch_dump(struct nl_sock *socket, struct nl_msg *message,
	      NetwatchHandle handle, void (*reset)(gpointer data),
	      gpointer data)
{
	Dump dump = { handle, data, TRUE };
	int result = 0;

	for (guint i = 0; dump.interrupted && i < NETWATCH_DUMP_TRIES; i++) {
		dump.interrupted = FALSE;
		nlmsg_hdr(message)->nlmsg_seq = NL_AUTO_SEQ;
		if (reset)
			reset(data);
		drain(socket);
		if (nl_send_auto(socket, message) < 0)
			result = -NLE_FAILURE;
		else
			result = receive(socket, &dump);
		if (result == -NLE_DUMP_INTR)
			dump.interrupted = TRUE;
		else if (result < 0)
			break;
	}
	nlmsg_free(message);
	return result >= 0 && !dump.interrupted;
}

static gboolean
read_all(Netwatch *netwatch)
{
	if (!table_dump_all(netwatch))
		return FALSE;
	netwatch->all_dirty = FALSE;
	netwatch->routes_dirty = FALSE;
	netwatch->wifi_dirty = TRUE;
	return TRUE;
}

static gboolean
read_dirty(Netwatch *netwatch)
{
	if (netwatch->all_dirty && !read_all(netwatch))
		return FALSE;
	if (netwatch->routes_dirty && !table_dump_routes(netwatch))
		return FALSE;
	/* With the routes a link may have come up: and joined something. */
	if (netwatch->wifi_dirty || netwatch->routes_dirty)
		wifi_read(netwatch->wifi, &netwatch->table);
	netwatch->routes_dirty = FALSE;
	netwatch->wifi_dirty = FALSE;
	return TRUE;
}

static NetworkState *
build_state(Netwatch *netwatch)
{
	NetworkState *state = table_to_state(&netwatch->table);

	resolv_fill(netwatch->resolv, state);
	for (char **domain = netwatch->domains; domain && *domain; domain++)
		network_state_add_domain(state, *domain);
	gateways_fill(netwatch->gateways, state);
	return state;
}

static void
netwatch_update(Netwatch *netwatch)
{
	NetworkState *before = netwatch->state;
	NetworkChange change;

	if (!read_dirty(netwatch)) {
		netwatch_schedule(netwatch, NETWATCH_RETRY_MS);
		return;
	}
	netwatch->state = build_state(netwatch);
	change = network_state_compare(before, netwatch->state);
	network_state_free(before);
	if (change != NETWORK_SAME)
		netwatch->changed(netwatch->state, change,
				  netwatch->user_data);
}

static gboolean
on_update(gpointer data)
{
	Netwatch *netwatch = data;

	netwatch->update = 0;
	netwatch_update(netwatch);
	return G_SOURCE_REMOVE;
}

void
netwatch_schedule(Netwatch *netwatch, guint after_ms)
{
	if (netwatch->update)
		return;
	netwatch->update = after_ms ?
		g_timeout_add(after_ms, on_update, netwatch) :
		g_idle_add_full(G_PRIORITY_DEFAULT, on_update, netwatch,
				NULL);
}

static int
on_message(struct nl_msg *message, void *data)
{
	struct nlmsghdr *header = nlmsg_hdr(message);
	Netwatch *netwatch = data;

	/* The kernel is 0; what another process sends us is no news. */
	if (nlmsg_get_src(message)->nl_pid != 0)
		return NL_SKIP;
	if (header->nlmsg_type == RTM_NEWNEIGH ||
	    header->nlmsg_type == RTM_DELNEIGH) {
		if (gateways_hear(netwatch->gateways, header))
			netwatch_schedule(netwatch, 0);
		return NL_OK;
	}
	if (table_apply(&netwatch->table, header, &netwatch->routes_dirty))
		netwatch_schedule(netwatch, 0);
	return NL_OK;
}

static gboolean
on_readable(gint fd, GIOCondition condition, gpointer data)
{
	Netwatch *netwatch = data;

	(void)fd;
	(void)condition;
	for (guint i = 0; i < MAX_EVENTS; i++) {
		int result = nl_recvmsgs_default(netwatch->events);

		if (result == -NLE_AGAIN)
			break;
		if (result >= 0)
			continue;
		/* Overrun (NLE_NOMEM): what was lost nobody can tell. */
		netwatch->all_dirty = TRUE;
		netwatch_schedule(netwatch, 0);
	}
	return G_SOURCE_CONTINUE;
}

/* What the engine listens to for good; neighbours come and go. */
static const int groups[] = {
	RTNLGRP_LINK,        RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
	RTNLGRP_IPV4_ROUTE,  RTNLGRP_IPV6_ROUTE,
};

static gboolean
open_sockets(Netwatch *netwatch, GError **error)
{
	netwatch->events = netwatch_socket(NETLINK_ROUTE, FALSE);
	netwatch->dumps = netwatch_socket(NETLINK_ROUTE, TRUE);
	if (!netwatch->events || !netwatch->dumps)
		return error_set_errno(error, "open a netlink socket");
	for (guint i = 0; i < G_N_ELEMENTS(groups); i++)
		if (nl_socket_add_membership(netwatch->events, groups[i]) < 0)
			return error_set_errno(error,
					       "watch the network links");
	nl_socket_modify_cb(netwatch->events, NL_CB_VALID, NL_CB_CUSTOM,
			    on_message, netwatch);
	netwatch->source =
		g_unix_fd_add(nl_socket_get_fd(netwatch->events),
			      G_IO_IN | G_IO_ERR, on_readable, netwatch);
	return TRUE;
}

Netwatch *
netwatch_new(NetwatchChanged changed, gpointer user_data, GError **error)
{
	g_autoptr(Netwatch) netwatch = g_new0(Netwatch, 1);

	netwatch->changed = changed;
	netwatch->user_data = user_data;
	table_init(&netwatch->table);
	netwatch->state = network_state_new();
	if (!open_sockets(netwatch, error))
		return NULL;
	netwatch->gateways = gateways_new(netwatch);
	netwatch->wifi = wifi_new(netwatch);
	netwatch->resolv = resolv_new(netwatch);
	netwatch->all_dirty = TRUE;
	if (!read_dirty(netwatch)) {
		errno = ETIMEDOUT;
		return error_null_errno(error, "read the network links");
	}
	network_state_free(netwatch->state);
	netwatch->state = build_state(netwatch);
	return g_steal_pointer(&netwatch);
}

void
netwatch_free(Netwatch *netwatch)
{
	if (!netwatch)
		return;
	if (netwatch->source)
		g_source_remove(netwatch->source);
	if (netwatch->update)
		g_source_remove(netwatch->update);
	resolv_free(netwatch->resolv);
	wifi_free(netwatch->wifi);
	gateways_free(netwatch->gateways);
	nl_socket_free(netwatch->events);
	nl_socket_free(netwatch->dumps);
	table_clear(&netwatch->table);
	network_state_free(netwatch->state);
	g_strfreev(netwatch->domains);
	g_free(netwatch);
}

const NetworkState *
netwatch_state(const Netwatch *netwatch)
{
	return netwatch->state;
}

void
netwatch_refresh(Netwatch *netwatch)
{
	gateways_forget(netwatch->gateways);
	netwatch->all_dirty = TRUE;
	netwatch_schedule(netwatch, 0);
}

void
netwatch_set_domains(Netwatch *netwatch, const char *const *domains)
{
	g_strfreev(netwatch->domains);
	netwatch->domains = g_strdupv((char **)domains);
	netwatch_schedule(netwatch, 0);
}

void
netwatch_set_buffer(Netwatch *netwatch, int bytes)
{
	nl_socket_set_buffer_size(netwatch->events, bytes, 0);
}
