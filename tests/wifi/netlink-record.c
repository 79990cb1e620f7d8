// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Writes what the kernel says of links, addresses, routes, neighbours and
 * Wi-Fi, one message a line: what it is, and its bytes in hex. Each event
 * of nl80211 is followed by what GET_INTERFACE and GET_SCAN then answer.
 * Run in the guest of wifi-vm to make the records of tests/netlink; ends
 * by a signal.
 */
#include <glib.h>
#include <linux/genetlink.h>
#include <linux/nl80211.h>
#include <linux/rtnetlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

static int family;
static struct nl_sock *dumps;

static int
write_message(struct nl_msg *message, void *data)
{
	const struct nlmsghdr *header = nlmsg_hdr(message);
	const guint8 *bytes = (const guint8 *)header;

	printf("%s ", (const char *)data);
	for (guint i = 0; i < header->nlmsg_len; i++)
		printf("%02x", bytes[i]);
	putchar('\n');
	fflush(stdout);
	return NL_OK;
}

static struct nl_sock *
open_socket(int protocol)
{
	struct nl_sock *socket = nl_socket_alloc();

	if (!socket || nl_connect(socket, protocol) < 0)
		exit(EXIT_FAILURE);
	nl_socket_disable_seq_check(socket);
	return socket;
}

static void
dump(guint8 command, int link, const char *word)
{
	struct nl_msg *message = nlmsg_alloc();

	genlmsg_put(message, NL_AUTO_PORT, NL_AUTO_SEQ, family, 0,
		    NLM_F_DUMP, command, 0);
	if (link)
		nla_put_u32(message, NL80211_ATTR_IFINDEX, link);
	nl_socket_modify_cb(dumps, NL_CB_VALID, NL_CB_CUSTOM, write_message,
			    (void *)word);
	nl_send_auto(dumps, message);
	nl_recvmsgs_default(dumps);
	nlmsg_free(message);
}

static int
on_wifi(struct nl_msg *message, void *data)
{
	const struct nlattr *link = nlmsg_find_attr(
		nlmsg_hdr(message), GENL_HDRLEN, NL80211_ATTR_IFINDEX);

	write_message(message, data);
	dump(NL80211_CMD_GET_INTERFACE, 0, "interface");
	if (link)
		dump(NL80211_CMD_GET_SCAN, nla_get_u32(link), "bss");
	return NL_OK;
}

int
main(void)
{
	static const int groups[] = {
		RTNLGRP_LINK,       RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
		RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE,  RTNLGRP_NEIGH,
	};
	struct nl_sock *route = open_socket(NETLINK_ROUTE);
	struct nl_sock *wifi = open_socket(NETLINK_GENERIC);
	struct pollfd fds[] = {
		{ .fd = nl_socket_get_fd(route), .events = POLLIN },
		{ .fd = nl_socket_get_fd(wifi), .events = POLLIN },
	};

	dumps = open_socket(NETLINK_GENERIC);
	family = genl_ctrl_resolve(dumps, NL80211_GENL_NAME);
	printf("family %d\n", family);
	nl_socket_modify_cb(route, NL_CB_VALID, NL_CB_CUSTOM, write_message,
			    (void *)"route");
	nl_socket_modify_cb(wifi, NL_CB_VALID, NL_CB_CUSTOM, on_wifi,
			    (void *)"wifi");
	for (guint i = 0; i < G_N_ELEMENTS(groups); i++)
		nl_socket_add_membership(route, groups[i]);
	nl_socket_add_membership(
		wifi, genl_ctrl_resolve_grp(dumps, NL80211_GENL_NAME,
					    NL80211_MULTICAST_GROUP_MLME));
	while (poll(fds, G_N_ELEMENTS(fds), -1) >= 0) {
		if (fds[0].revents)
			nl_recvmsgs_default(route);
		if (fds[1].revents)
			nl_recvmsgs_default(wifi);
	}
	return EXIT_FAILURE;
}
