// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who is the gateway? The kernel knows its MAC once somebody talked to it,
 * so where it does not, one empty UDP datagram to the discard port makes it
 * ask. We listen to neighbours only while a question is open: on a busy LAN
 * they change all the time. A gateway that stays silent is asked a few
 * times more, ever later, and then left alone.
 */
#include "daemon/engine/netwatch-parts.h"

#include <arpa/inet.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define DISCARD_PORT 9

/* How long an answer may take, and the pauses between the questions. */
#define ANSWER_MS 2000
static const guint pauses_ms[] = { 500, 2000, 5000, 15000, 30000 };

typedef struct {
	int link;
	NetAddress address;
	char name[NETWORK_NAME_SIZE];
	MacState state;
	guint8 mac[NETWORK_MAC_SIZE];
	guint asked;      /* questions so far */
	gboolean open;    /* a question is open */
	gboolean wanted;  /* seen in the present state */
} Gateway;

struct Gateways {
	Netwatch *netwatch;
	GArray *known; /* of Gateway */
	guint timer;   /* 0: none */
	gboolean listening;
};

Gateways *
gateways_new(Netwatch *netwatch)
{
	Gateways *gateways = g_new0(Gateways, 1);

	gateways->netwatch = netwatch;
	gateways->known = g_array_new(FALSE, TRUE, sizeof(Gateway));
	return gateways;
}

static void
stop_timer(Gateways *gateways)
{
	if (gateways->timer)
		g_source_remove(gateways->timer);
	gateways->timer = 0;
}

void
gateways_free(Gateways *gateways)
{
	if (!gateways)
		return;
	stop_timer(gateways);
	g_array_unref(gateways->known);
	g_free(gateways);
}

static void
listen_to_neighbours(Gateways *gateways, gboolean listening)
{
	struct nl_sock *events = gateways->netwatch->events;

	if (gateways->listening == listening)
		return;
	gateways->listening = listening;
	if (listening)
		nl_socket_add_membership(events, RTNLGRP_NEIGH);
	else
		nl_socket_drop_membership(events, RTNLGRP_NEIGH);
}

void
gateways_forget(Gateways *gateways)
{
	g_array_set_size(gateways->known, 0);
	stop_timer(gateways);
	listen_to_neighbours(gateways, FALSE);
}

static gboolean
take_neighbour(Gateway *gateway, struct nlmsghdr *header)
{
	return netwatch_read_neighbour(header, gateway->link,
				       &gateway->address, &gateway->state,
				       gateway->mac);
}

static void
handle_neighbour(struct nl_msg *message, gpointer data)
{
	take_neighbour(data, nlmsg_hdr(message));
}

/* What the kernel knows already. */
static void
look_up(Gateways *gateways, Gateway *gateway)
{
	struct ndmsg ask = { .ndm_family = gateway->address.family,
			     .ndm_ifindex = gateway->link };
	struct nl_msg *message = nlmsg_alloc_simple(RTM_GETNEIGH, 0);
	gsize size = gateway->address.family == AF_INET ? 4 : 16;

	if (!message || nlmsg_append(message, &ask, sizeof(ask),
				     NLMSG_ALIGNTO) < 0 ||
	    nla_put(message, NDA_DST, size, gateway->address.bytes) < 0)
		g_error("out of memory for a netlink request");
	netwatch_dump(gateways->netwatch->dumps, message, handle_neighbour,
		      NULL, gateway);
}

static socklen_t
fill_address(const Gateway *gateway, struct sockaddr_storage *storage)
{
	struct sockaddr_in *four = (struct sockaddr_in *)storage;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)storage;

	memset(storage, 0, sizeof(*storage));
	if (gateway->address.family == AF_INET) {
		four->sin_family = AF_INET;
		four->sin_port = htons(DISCARD_PORT);
		memcpy(&four->sin_addr, gateway->address.bytes, 4);
		return sizeof(*four);
	}
	six->sin6_family = AF_INET6;
	six->sin6_port = htons(DISCARD_PORT);
	six->sin6_scope_id = gateway->link;
	memcpy(&six->sin6_addr, gateway->address.bytes, 16);
	return sizeof(*six);
}

/* Failing is no error here: then the kernel simply does not learn it. */
static void
provoke(const Gateway *gateway)
{
	struct sockaddr_storage address;
	socklen_t size = fill_address(gateway, &address);
	int fd = socket(gateway->address.family,
			SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return;
	/* Old kernels ask for a privilege; the route then decides. */
	(void)setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, gateway->name,
			 strlen(gateway->name) + 1);
	(void)sendto(fd, "", 0, MSG_NOSIGNAL, (struct sockaddr *)&address,
		     size);
	close(fd);
}

static void
ask(Gateways *gateways, Gateway *gateway)
{
	gateway->asked++;
	stop_timer(gateways); /* a new question has its full time */
	/* Listen first, so that no answer falls between. */
	listen_to_neighbours(gateways, TRUE);
	look_up(gateways, gateway);
	if (gateway->state == MAC_KNOWN || gateway->state == MAC_NONE)
		return;
	gateway->open = TRUE;
	provoke(gateway);
}

static gboolean
any_open(const Gateways *gateways)
{
	for (guint i = 0; i < gateways->known->len; i++)
		if (g_array_index(gateways->known, Gateway, i).open)
			return TRUE;
	return FALSE;
}

/* The pause until the next question of those that got no answer. */
static guint
next_pause(const Gateways *gateways)
{
	guint pause = 0;

	for (guint i = 0; i < gateways->known->len; i++) {
		const Gateway *gateway =
			&g_array_index(gateways->known, Gateway, i);

		if (gateway->state != MAC_UNRESOLVABLE ||
		    gateway->asked > G_N_ELEMENTS(pauses_ms))
			continue;
		if (!pause || pauses_ms[gateway->asked - 1] < pause)
			pause = pauses_ms[gateway->asked - 1];
	}
	return pause;
}

static gboolean on_timer(gpointer data);

/* Be quiet unless a question is open, and know when to act again. */
static void
arrange(Gateways *gateways)
{
	gboolean open = any_open(gateways);
	guint pause = open ? ANSWER_MS : next_pause(gateways);

	listen_to_neighbours(gateways, open);
	if (!pause)
		stop_timer(gateways);
	else if (!gateways->timer)
		gateways->timer = g_timeout_add(pause, on_timer, gateways);
}

/* The time for answers is over, or the time to ask again has come. */
static gboolean
on_timer(gpointer data)
{
	Gateways *gateways = data;
	gboolean was_open = any_open(gateways);

	gateways->timer = 0;
	for (guint i = 0; i < gateways->known->len; i++) {
		Gateway *gateway =
			&g_array_index(gateways->known, Gateway, i);

		if (was_open && gateway->open) {
			gateway->open = FALSE;
			gateway->state = MAC_UNRESOLVABLE;
		} else if (!was_open && gateway->state == MAC_UNRESOLVABLE &&
			   gateway->asked <= G_N_ELEMENTS(pauses_ms)) {
			ask(gateways, gateway);
		}
	}
	arrange(gateways);
	netwatch_schedule(gateways->netwatch, 0);
	return G_SOURCE_REMOVE;
}

gboolean
gateways_hear(Gateways *gateways, struct nlmsghdr *header)
{
	gboolean answered = FALSE;

	for (guint i = 0; i < gateways->known->len; i++) {
		Gateway *gateway =
			&g_array_index(gateways->known, Gateway, i);

		if (!gateway->open || !take_neighbour(gateway, header))
			continue;
		gateway->open = FALSE;
		answered = TRUE;
	}
	if (answered && !any_open(gateways)) {
		stop_timer(gateways);
		arrange(gateways);
	}
	return answered;
}

static Gateway *
find_gateway(Gateways *gateways, const NetRoute *route)
{
	for (guint i = 0; i < gateways->known->len; i++) {
		Gateway *gateway =
			&g_array_index(gateways->known, Gateway, i);

		if (gateway->link == route->link &&
		    net_address_equal(&gateway->address, &route->gateway))
			return gateway;
	}
	return NULL;
}

static Gateway *
add_gateway(Gateways *gateways, const NetRoute *route, const NetLink *link)
{
	Gateway gateway = { .link = route->link, .address = route->gateway };

	g_strlcpy(gateway.name, link->name, sizeof(gateway.name));
	g_array_append_val(gateways->known, gateway);
	return &g_array_index(gateways->known, Gateway,
			      gateways->known->len - 1);
}

static void
fill_route(Gateways *gateways, NetRoute *route, const NetLink *link)
{
	Gateway *gateway;

	if (!link || !link->up)
		return;
	if (route->gateway.family == 0 || link->type == LINK_VPN ||
	    link->type == LINK_TUNNEL) {
		route->mac_state = MAC_NONE;
		return;
	}
	gateway = find_gateway(gateways, route);
	if (!gateway) {
		gateway = add_gateway(gateways, route, link);
		ask(gateways, gateway);
	}
	gateway->wanted = TRUE;
	route->mac_state = gateway->state;
	memcpy(route->mac, gateway->mac, sizeof(route->mac));
}

/* A link that went down may come up elsewhere: forget its gateway. */
static void
drop_unwanted(Gateways *gateways)
{
	for (guint i = gateways->known->len; i > 0; i--)
		if (!g_array_index(gateways->known, Gateway, i - 1).wanted)
			g_array_remove_index_fast(gateways->known, i - 1);
}

void
gateways_fill(Gateways *gateways, NetworkState *state)
{
	for (guint i = 0; i < gateways->known->len; i++)
		g_array_index(gateways->known, Gateway, i).wanted = FALSE;
	for (guint i = 0; i < state->routes->len; i++) {
		NetRoute *route = &g_array_index(state->routes, NetRoute, i);

		fill_route(gateways, route,
			   network_state_link(state, route->link));
	}
	drop_unwanted(gateways);
	arrange(gateways);
}
