// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Links and addresses follow the kernel's messages one by one; a missing
 * attribute is no change. Default routes are always read anew instead: when
 * a link goes down or an address is taken away, IPv4 drops its routes
 * without a message.
 */
#include "daemon/engine/netwatch-parts.h"

#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <string.h>

/* Kinds of virtual links that are no cable; the others count as one. */
static const struct {
	const char *kind;
	LinkType type;
} kinds[] = {
	{ "wireguard", LINK_VPN }, { "tun", LINK_VPN },
	{ "ppp", LINK_VPN },       { "xfrm", LINK_VPN },
	{ "ipip", LINK_TUNNEL },   { "gre", LINK_TUNNEL },
	{ "gretap", LINK_TUNNEL }, { "sit", LINK_TUNNEL },
	{ "vti", LINK_TUNNEL },    { "vti6", LINK_TUNNEL },
	{ "ip6tnl", LINK_TUNNEL }, { "ip6gre", LINK_TUNNEL },
	{ "ifb", LINK_OTHER },     { "dummy", LINK_OTHER },
};

/* Of what is read below: a number of another size spoils the message. */
static struct nla_policy link_policy[IFLA_MAX + 1] = {
	[IFLA_OPERSTATE] = { .type = NLA_U8 },
};
static struct nla_policy address_policy[IFA_MAX + 1] = {
	[IFA_FLAGS] = { .type = NLA_U32 },
};
static struct nla_policy route_policy[RTA_MAX + 1] = {
	[RTA_PRIORITY] = { .type = NLA_U32 },
	[RTA_OIF] = { .type = NLA_U32 },
};

static void
link_free(gpointer data)
{
	WatchedLink *link = data;

	g_array_unref(link->addresses);
	g_free(link);
}

void
table_init(Table *table)
{
	table->links = g_hash_table_new_full(g_direct_hash, g_direct_equal,
					     NULL, link_free);
	table->routes = g_array_new(FALSE, TRUE, sizeof(NetRoute));
}

void
table_clear(Table *table)
{
	g_clear_pointer(&table->links, g_hash_table_unref);
	g_clear_pointer(&table->routes, g_array_unref);
}

static WatchedLink *
find_link(Table *table, int index)
{
	return g_hash_table_lookup(table->links, GINT_TO_POINTER(index));
}

static WatchedLink *
add_link(Table *table, int index)
{
	WatchedLink *link;

	if (g_hash_table_size(table->links) == NETWORK_MAX_LINKS)
		return NULL;
	link = g_new0(WatchedLink, 1);
	link->index = index;
	link->addresses = g_array_new(FALSE, TRUE, sizeof(NetAddress));
	g_hash_table_insert(table->links, GINT_TO_POINTER(index), link);
	return link;
}

static gboolean
is_up(const WatchedLink *link)
{
	return (link->flags & IFF_UP) && ((link->flags & IFF_RUNNING) ||
					  link->operstate == IF_OPER_UP);
}

static void
take_kind(WatchedLink *link, struct nlattr *info)
{
	struct nlattr *parts[IFLA_INFO_MAX + 1];

	if (nla_parse_nested(parts, IFLA_INFO_MAX, info, NULL) == 0 &&
	    parts[IFLA_INFO_KIND])
		nla_strlcpy(link->kind, parts[IFLA_INFO_KIND],
			    sizeof(link->kind));
}

static void
apply_new_link(Table *table, struct nlmsghdr *header, gboolean *ret_routes)
{
	const struct ifinfomsg *info = nlmsg_data(header);
	struct nlattr *attributes[IFLA_MAX + 1];
	WatchedLink *link = find_link(table, info->ifi_index);
	gboolean was_up = link && is_up(link);

	if (nlmsg_parse(header, sizeof(*info), attributes, IFLA_MAX,
			link_policy) < 0)
		return;
	if (!link)
		link = add_link(table, info->ifi_index);
	if (!link)
		return;
	link->flags = info->ifi_flags;
	link->hardware = info->ifi_type;
	if (attributes[IFLA_IFNAME])
		nla_strlcpy(link->name, attributes[IFLA_IFNAME],
			    sizeof(link->name));
	if (attributes[IFLA_OPERSTATE])
		link->operstate = nla_get_u8(attributes[IFLA_OPERSTATE]);
	if (attributes[IFLA_LINKINFO])
		take_kind(link, attributes[IFLA_LINKINFO]);
	if (is_up(link) != was_up)
		*ret_routes = TRUE;
}

static void
apply_link(Table *table, struct nlmsghdr *header, gboolean *ret_routes)
{
	const struct ifinfomsg *info = nlmsg_data(header);

	if (!nlmsg_valid_hdr(header, sizeof(*info)))
		return;
	/* A bridge tells of its ports under another family: not of links. */
	if (info->ifi_family != AF_UNSPEC)
		return;
	if (header->nlmsg_type == RTM_NEWLINK) {
		apply_new_link(table, header, ret_routes);
		return;
	}
	g_hash_table_remove(table->links, GINT_TO_POINTER(info->ifi_index));
	*ret_routes = TRUE;
}

static gboolean
take_address(struct nlattr *attribute, int family, NetAddress *ret_address)
{
	guint size = family == AF_INET ? 4 : 16;

	if (!attribute || (guint)nla_len(attribute) != size)
		return FALSE;
	ret_address->family = family;
	ret_address->prefix = size * 8;
	memcpy(ret_address->bytes, nla_data(attribute), size);
	return TRUE;
}

static void
remove_address(WatchedLink *link, const NetAddress *address)
{
	for (guint i = link->addresses->len; i > 0; i--)
		if (net_address_equal(address,
				      &g_array_index(link->addresses,
						     NetAddress, i - 1)))
			g_array_remove_index_fast(link->addresses, i - 1);
}

static void
apply_address(Table *table, struct nlmsghdr *header, gboolean *ret_routes)
{
	const struct ifaddrmsg *info = nlmsg_data(header);
	struct nlattr *attributes[IFA_MAX + 1];
	NetAddress address = { 0 };
	WatchedLink *link;
	guint32 flags;

	if (!nlmsg_valid_hdr(header, sizeof(*info)) ||
	    (info->ifa_family != AF_INET && info->ifa_family != AF_INET6) ||
	    nlmsg_parse(header, sizeof(*info), attributes, IFA_MAX,
			address_policy) < 0)
		return;
	link = find_link(table, info->ifa_index);
	/* IFA_ADDRESS of a point-to-point link is the far end's. */
	if (!link || (!take_address(attributes[IFA_LOCAL], info->ifa_family,
				    &address) &&
		      !take_address(attributes[IFA_ADDRESS],
				    info->ifa_family, &address)))
		return;
	address.prefix = MIN(info->ifa_prefixlen, address.prefix);
	flags = attributes[IFA_FLAGS] ? nla_get_u32(attributes[IFA_FLAGS]) :
					info->ifa_flags;
	remove_address(link, &address);
	if (header->nlmsg_type == RTM_DELADDR)
		*ret_routes = TRUE;
	else if (!(flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)) &&
		 link->addresses->len < NETWORK_MAX_ADDRESSES)
		g_array_append_val(link->addresses, address);
}

static gboolean
is_default_route(struct nlmsghdr *header)
{
	const struct rtmsg *info = nlmsg_data(header);

	return nlmsg_valid_hdr(header, sizeof(*info)) &&
	       (info->rtm_family == AF_INET ||
		info->rtm_family == AF_INET6) &&
	       info->rtm_dst_len == 0 && info->rtm_type == RTN_UNICAST &&
	       info->rtm_table == RT_TABLE_MAIN &&
	       !(info->rtm_flags & RTM_F_CLONED);
}

gboolean
table_apply(Table *table, struct nlmsghdr *header, gboolean *ret_routes)
{
	switch (header->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		apply_link(table, header, ret_routes);
		return TRUE;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		apply_address(table, header, ret_routes);
		return TRUE;
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		if (!is_default_route(header))
			return FALSE;
		*ret_routes = TRUE;
		return TRUE;
	}
	return FALSE;
}

/* The gateway by RTA_GATEWAY, or by RTA_VIA: IPv4 over an IPv6 hop. */
static void
take_gateway(struct nlattr **attributes, NetRoute *route)
{
	const struct rtvia *via;

	if (attributes[RTA_GATEWAY]) {
		take_address(attributes[RTA_GATEWAY], route->family,
			     &route->gateway);
		return;
	}
	if (!attributes[RTA_VIA] ||
	    nla_len(attributes[RTA_VIA]) != sizeof(*via) + 16)
		return;
	via = nla_data(attributes[RTA_VIA]);
	route->gateway.family = AF_INET6;
	route->gateway.prefix = 128;
	memcpy(route->gateway.bytes, via->rtvia_addr, 16);
}

static void
add_route(Table *table, const NetRoute *route)
{
	if (route->link && table->routes->len < NETWORK_MAX_ROUTES)
		g_array_append_val(table->routes, *route);
}

/* Several next hops under one route: each is a way out. */
static void
add_hops(Table *table, const NetRoute *route, struct nlattr *hops)
{
	const struct rtnexthop *hop = nla_data(hops);
	int left = nla_len(hops);

	/* RTNH_OK looks at the length before it asks how much is left. */
	while (left >= (int)sizeof(*hop) && RTNH_OK(hop, left)) {
		struct nlattr *attributes[RTA_MAX + 1];
		NetRoute each = *route;

		each.link = hop->rtnh_ifindex;
		if (nla_parse(attributes, RTA_MAX,
			      (struct nlattr *)RTNH_DATA(hop),
			      hop->rtnh_len - sizeof(*hop), NULL) == 0)
			take_gateway(attributes, &each);
		add_route(table, &each);
		left -= RTNH_ALIGN(hop->rtnh_len);
		hop = RTNH_NEXT(hop);
	}
}

void
table_apply_route(Table *table, struct nlmsghdr *header)
{
	const struct rtmsg *info = nlmsg_data(header);
	struct nlattr *attributes[RTA_MAX + 1];
	NetRoute route = { 0 };

	if (header->nlmsg_type != RTM_NEWROUTE || !is_default_route(header) ||
	    nlmsg_parse(header, sizeof(*info), attributes, RTA_MAX,
			route_policy) < 0)
		return;
	route.family = info->rtm_family;
	if (attributes[RTA_PRIORITY])
		route.metric = nla_get_u32(attributes[RTA_PRIORITY]);
	if (attributes[RTA_OIF])
		route.link = nla_get_u32(attributes[RTA_OIF]);
	take_gateway(attributes, &route);
	add_route(table, &route);
	if (attributes[RTA_MULTIPATH])
		add_hops(table, &route, attributes[RTA_MULTIPATH]);
}

static void
handle_route(struct nl_msg *message, gpointer table)
{
	table_apply_route(table, nlmsg_hdr(message));
}

static void
handle_other(struct nl_msg *message, gpointer data)
{
	gboolean ignored;

	table_apply(data, nlmsg_hdr(message), &ignored);
}

static struct nl_msg *
request(int type, const void *body, gsize size)
{
	struct nl_msg *message = nlmsg_alloc_simple(type, NLM_F_DUMP);

	if (!message || nlmsg_append(message, (void *)body, size,
				     NLMSG_ALIGNTO) < 0)
		g_error("out of memory for a netlink request");
	return message;
}

static void
reset_routes(gpointer data)
{
	Table *table = data;

	g_array_set_size(table->routes, 0);
}

/* Two families, one table: only both together replace what we had. */
static gboolean
dump_routes(struct nl_sock *socket, Table *into)
{
	static const int families[] = { AF_INET, AF_INET6 };
	g_autoptr(GArray) both = g_array_new(FALSE, TRUE, sizeof(NetRoute));

	for (guint i = 0; i < G_N_ELEMENTS(families); i++) {
		struct rtmsg ask = { .rtm_family = families[i],
				     .rtm_table = RT_TABLE_MAIN };
		Table part = { .routes = g_array_new(FALSE, TRUE,
						     sizeof(NetRoute)) };
		gboolean read = netwatch_dump(
			socket, request(RTM_GETROUTE, &ask, sizeof(ask)),
			handle_route, reset_routes, &part);

		g_array_append_vals(both, part.routes->data,
				    part.routes->len);
		g_array_unref(part.routes);
		if (!read)
			return FALSE;
	}
	g_array_set_size(into->routes, 0);
	g_array_append_vals(into->routes, both->data, both->len);
	return TRUE;
}

gboolean
table_dump_routes(Netwatch *netwatch)
{
	return dump_routes(netwatch->dumps, &netwatch->table);
}

gboolean
table_dump_all(Netwatch *netwatch)
{
	struct ifinfomsg links = { .ifi_family = AF_UNSPEC };
	struct ifaddrmsg addresses = { .ifa_family = AF_UNSPEC };
	struct nl_sock *socket = netwatch->dumps;
	Table fresh;

	table_init(&fresh);
	if (netwatch_dump(socket, request(RTM_GETLINK, &links, sizeof(links)),
			  handle_other, NULL, &fresh) &&
	    netwatch_dump(socket,
			  request(RTM_GETADDR, &addresses, sizeof(addresses)),
			  handle_other, NULL, &fresh) &&
	    dump_routes(socket, &fresh)) {
		table_clear(&netwatch->table);
		netwatch->table = fresh;
		return TRUE;
	}
	table_clear(&fresh);
	return FALSE;
}

static LinkType
type_of(const WatchedLink *link)
{
	if (link->hardware == ARPHRD_LOOPBACK)
		return LINK_LOOPBACK;
	if (link->is_wifi)
		return LINK_WIFI;
	for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
		if (g_str_equal(link->kind, kinds[i].kind))
			return kinds[i].type;
	if (link->hardware == ARPHRD_ETHER)
		return LINK_WIRED;
	if (link->hardware == ARPHRD_PPP || link->hardware == ARPHRD_NONE)
		return LINK_VPN;
	return LINK_OTHER;
}

static void
add_to_state(const WatchedLink *from, NetworkState *state)
{
	NetLink *link = network_state_add_link(state, from->index, from->name,
					       type_of(from));

	if (!link)
		return;
	link->up = is_up(from);
	link->carrier = (from->flags & IFF_LOWER_UP) != 0;
	if (link->up)
		link->wifi = from->wifi;
	for (guint i = 0; i < from->addresses->len; i++)
		network_link_add_address(link,
					 &g_array_index(from->addresses,
							NetAddress, i));
}

NetworkState *
table_to_state(const Table *table)
{
	NetworkState *state = network_state_new();
	GHashTableIter iter;
	gpointer link;

	g_hash_table_iter_init(&iter, table->links);
	while (g_hash_table_iter_next(&iter, NULL, &link))
		add_to_state(link, state);
	for (guint i = 0; i < table->routes->len; i++) {
		const NetRoute *from =
			&g_array_index(table->routes, NetRoute, i);
		NetRoute *route = network_state_add_route(
			state, from->family, from->link, from->metric);

		if (route)
			route->gateway = from->gateway;
	}
	network_state_sort(state);
	return state;
}
