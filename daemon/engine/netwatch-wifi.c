// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which Wi-Fi a link is joined to. CONNECT carries no SSID and neither does
 * GET_INTERFACE of a station, so the SSID is taken from the access point
 * that the kernel's own scan results mark as associated; we never scan.
 * nl80211 may come later than we do (a module loaded by a dongle): nlctrl
 * announces it. Asking for it by name would load that module on machines
 * that have no Wi-Fi, so families are only ever listed.
 */
#include "daemon/engine/netwatch-parts.h"

#include <glib-unix.h>
#include <linux/genetlink.h>
#include <linux/nl80211.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/family.h>
#include <netlink/genl/genl.h>
#include <string.h>

/* The kernel's fixed number of nlctrl's multicast group "notify". */
#define NLCTRL_NOTIFY GENL_ID_CTRL
#define MAX_EVENTS 256 /* in one turn of the loop */

struct Wifi {
	Netwatch *netwatch;
	struct nl_sock *events; /* (nullable) */
	struct nl_sock *dumps;  /* (nullable) */
	guint source;
	int family; /* 0: there is no nl80211 */
};

/* The family's id by listing all; 0 when it is not there. */
static int
find_family(Wifi *wifi)
{
	struct nl_cache *families;
	struct genl_family *family;
	int id = 0;

	if (genl_ctrl_alloc_cache(wifi->dumps, &families) < 0)
		return 0;
	family = genl_ctrl_search_by_name(families, NL80211_GENL_NAME);
	if (family) {
		id = genl_family_get_id(family);
		genl_family_put(family);
	}
	nl_cache_free(families);
	return id;
}

static void
join(Wifi *wifi)
{
	int group;

	wifi->family = find_family(wifi);
	if (!wifi->family)
		return;
	group = genl_ctrl_resolve_grp(wifi->dumps, NL80211_GENL_NAME,
				      NL80211_MULTICAST_GROUP_MLME);
	if (group >= 0)
		nl_socket_add_membership(wifi->events, group);
}

static int
on_message(struct nl_msg *message, void *data)
{
	struct nlmsghdr *header = nlmsg_hdr(message);
	Wifi *wifi = data;

	if (nlmsg_get_src(message)->nl_pid != 0)
		return NL_SKIP;
	if (!wifi->family && netwatch_read_family(header))
		join(wifi);
	else if (!wifi->family || header->nlmsg_type != wifi->family ||
		 !netwatch_read_move(header))
		return NL_OK;
	wifi->netwatch->wifi_dirty = TRUE;
	netwatch_schedule(wifi->netwatch, 0);
	return NL_OK;
}

static gboolean
on_readable(gint fd, GIOCondition condition, gpointer data)
{
	Wifi *wifi = data;
	int result = 0;

	(void)fd;
	(void)condition;
	for (guint i = 0; i < MAX_EVENTS && result >= 0; i++)
		result = nl_recvmsgs_default(wifi->events);
	if (result < 0 && result != -NLE_AGAIN) {
		wifi->netwatch->wifi_dirty = TRUE;
		netwatch_schedule(wifi->netwatch, 0);
	}
	return G_SOURCE_CONTINUE;
}

Wifi *
wifi_new(Netwatch *netwatch)
{
	Wifi *wifi = g_new0(Wifi, 1);

	wifi->netwatch = netwatch;
	wifi->events = netwatch_socket(NETLINK_GENERIC, FALSE);
	wifi->dumps = netwatch_socket(NETLINK_GENERIC, TRUE);
	if (!wifi->events || !wifi->dumps)
		return wifi;
	nl_socket_modify_cb(wifi->events, NL_CB_VALID, NL_CB_CUSTOM,
			    on_message, wifi);
	nl_socket_add_membership(wifi->events, NLCTRL_NOTIFY);
	wifi->source = g_unix_fd_add(nl_socket_get_fd(wifi->events),
				     G_IO_IN | G_IO_ERR, on_readable, wifi);
	join(wifi);
	return wifi;
}

void
wifi_free(Wifi *wifi)
{
	if (!wifi)
		return;
	if (wifi->source)
		g_source_remove(wifi->source);
	nl_socket_free(wifi->events);
	nl_socket_free(wifi->dumps);
	g_free(wifi);
}

static struct nl_msg *
request(const Wifi *wifi, guint8 command, int link)
{
	struct nl_msg *message = nlmsg_alloc();

	if (!message ||
	    !genlmsg_put(message, NL_AUTO_PORT, NL_AUTO_SEQ, wifi->family, 0,
			 NLM_F_DUMP, command, 0) ||
	    (link && nla_put_u32(message, NL80211_ATTR_IFINDEX, link) < 0))
		g_error("out of memory for a netlink request");
	return message;
}

static void
handle_interface(struct nl_msg *message, gpointer table)
{
	netwatch_read_interface(nlmsg_hdr(message), table);
}

static void
handle_scan(struct nl_msg *message, gpointer wifi)
{
	netwatch_read_bss(nlmsg_hdr(message), wifi);
}

static void
reset_scan(gpointer data)
{
	memset(data, 0, sizeof(NetWifi));
}

void
wifi_read(Wifi *wifi, Table *table)
{
	GHashTableIter iter;
	gpointer data;

	if (!wifi->family)
		return;
	netwatch_dump(wifi->dumps,
		      request(wifi, NL80211_CMD_GET_INTERFACE, 0),
		      handle_interface, NULL, table);
	g_hash_table_iter_init(&iter, table->links);
	while (g_hash_table_iter_next(&iter, NULL, &data)) {
		WatchedLink *link = data;
		NetWifi joined = { 0 };

		if (!link->is_wifi)
			continue;
		if (netwatch_dump(wifi->dumps,
				  request(wifi, NL80211_CMD_GET_SCAN,
					  link->index),
				  handle_scan, reset_scan, &joined))
			link->wifi = joined;
	}
}
