// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Messages of the kernel, of any bytes: links, addresses, routes,
 * neighbours and what access points say of themselves. The input is what
 * stands behind a message's length; its type is whatever it says.
 */
#include <linux/rtnetlink.h>
#include <string.h>

#include <glib.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <linux/nl80211.h>

#include "daemon/engine/netwatch-parts.h"
#include "tests/fuzz/fuzz.h"

/* Two known links, so that what is said of them finds them. */
static void
fill(Table *table)
{
	for (int index = 1; index <= 2; index++) {
		struct ifinfomsg info = { .ifi_index = index, .ifi_type = 1 };
		struct nl_msg *message = nlmsg_alloc_simple(RTM_NEWLINK, 0);
		gboolean reread;

		nlmsg_append(message, &info, sizeof(info), NLMSG_ALIGNTO);
		table_apply(table, nlmsg_hdr(message), &reread);
		nlmsg_free(message);
	}
}

static void
check(const Table *table, const NetWifi *wifi)
{
	g_autoptr(NetworkState) state = table_to_state(table);
	g_autofree char *text = network_state_describe(state);

	g_assert_true(g_utf8_validate(text, -1, NULL));
	g_assert_cmpuint(wifi->ssid_length, <=, NETWORK_SSID_SIZE);
	g_assert_cmpuint(state->links->len, <=, NETWORK_MAX_LINKS);
	g_variant_unref(g_variant_ref_sink(network_state_to_variant(state)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	gsize whole = NLMSG_HDRLEN + size;
	g_autofree struct nlmsghdr *header = g_malloc0(whole);
	const NetAddress gateway = { AF_INET, { 10, 0, 0, 1 }, 32 };
	guint8 mac[NETWORK_MAC_SIZE];
	NetWifi wifi = { 0 };
	gboolean reread;
	MacState state;
	Table table;

	if (size < 1)
		return 0;
	memcpy(NLMSG_DATA(header), data + 1, size - 1);
	header->nlmsg_len = whole - 1;
	header->nlmsg_type = data[0];
	table_init(&table);
	fill(&table);
	table_apply(&table, header, &reread);
	table_apply_route(&table, header);
	netwatch_read_family(header);
	netwatch_read_move(header);
	netwatch_read_interface(header, &table);
	netwatch_read_bss(header, &wifi);
	netwatch_read_neighbour(header, 2, &gateway, &state, mac);
	check(&table, &wifi);
	table_clear(&table);
	return 0;
}

/* The input that stands for @message (transfer full). */
static GBytes *
as_input(struct nl_msg *message)
{
	const struct nlmsghdr *header = nlmsg_hdr(message);
	GByteArray *input = g_byte_array_new();
	guint8 type = header->nlmsg_type;

	g_byte_array_append(input, &type, 1);
	g_byte_array_append(input, nlmsg_data(header), nlmsg_datalen(header));
	nlmsg_free(message);
	return g_byte_array_free_to_bytes(input);
}

static GBytes *
seed_link(void)
{
	struct ifinfomsg info = { .ifi_index = 2, .ifi_type = 1,
				  .ifi_flags = 0x10043 };
	struct nl_msg *message = nlmsg_alloc_simple(RTM_NEWLINK, 0);
	struct nlattr *kind;

	nlmsg_append(message, &info, sizeof(info), NLMSG_ALIGNTO);
	nla_put_string(message, IFLA_IFNAME, "wg\033[2J");
	nla_put_u8(message, IFLA_OPERSTATE, 6);
	kind = nla_nest_start(message, IFLA_LINKINFO);
	nla_put_string(message, IFLA_INFO_KIND, "wireguard");
	nla_nest_end(message, kind);
	return as_input(message);
}

static GBytes *
seed_address(void)
{
	struct ifaddrmsg info = { .ifa_family = AF_INET, .ifa_index = 2,
				  .ifa_prefixlen = 24 };
	struct nl_msg *message = nlmsg_alloc_simple(RTM_NEWADDR, 0);

	nlmsg_append(message, &info, sizeof(info), NLMSG_ALIGNTO);
	nla_put(message, IFA_LOCAL, 4, "\12\0\0\2");
	nla_put_u32(message, IFA_FLAGS, 0x80);
	return as_input(message);
}

static GBytes *
seed_route(void)
{
	struct rtmsg info = { .rtm_family = AF_INET,
			      .rtm_table = RT_TABLE_MAIN,
			      .rtm_type = RTN_UNICAST };
	struct rtnexthop hop = { .rtnh_len = sizeof(hop), .rtnh_ifindex = 1 };
	struct nl_msg *message = nlmsg_alloc_simple(RTM_NEWROUTE, 0);

	nlmsg_append(message, &info, sizeof(info), NLMSG_ALIGNTO);
	nla_put_u32(message, RTA_OIF, 2);
	nla_put_u32(message, RTA_PRIORITY, 600);
	nla_put(message, RTA_GATEWAY, 4, "\12\0\0\1");
	nla_put(message, RTA_MULTIPATH, sizeof(hop), &hop);
	return as_input(message);
}

static GBytes *
seed_neighbour(void)
{
	struct ndmsg info = { .ndm_family = AF_INET, .ndm_ifindex = 2,
			      .ndm_state = 2 };
	struct nl_msg *message = nlmsg_alloc_simple(RTM_NEWNEIGH, 0);

	nlmsg_append(message, &info, sizeof(info), NLMSG_ALIGNTO);
	nla_put(message, NDA_DST, 4, "\12\0\0\1");
	nla_put(message, NDA_LLADDR, 6, "\2\0\0\0\0\1");
	return as_input(message);
}

static GBytes *
seed_bss(void)
{
	static const char elements[] =
		"\0\4home\1\10\202\204\213\226\14\22\30\44"
		"\60\24\1\0\0\17\254\4\1\0\0\17\254\4\1\0\0\17\254\2\0\0";
	struct nl_msg *message = nlmsg_alloc();
	struct nlattr *bss;

	genlmsg_put(message, 0, 0, 0x20, 0, 0, NL80211_CMD_NEW_SCAN_RESULTS,
		    1);
	nla_put_u32(message, NL80211_ATTR_IFINDEX, 2);
	bss = nla_nest_start(message, NL80211_ATTR_BSS);
	nla_put(message, NL80211_BSS_BSSID, 6, "\2\0\0\0\0\1");
	nla_put_u16(message, NL80211_BSS_CAPABILITY, 0x411);
	nla_put(message, NL80211_BSS_INFORMATION_ELEMENTS,
		sizeof(elements) - 1, elements);
	nla_put_u32(message, NL80211_BSS_STATUS,
		    NL80211_BSS_STATUS_ASSOCIATED);
	nla_nest_end(message, bss);
	return as_input(message);
}

GBytes *
fuzz_seed(guint number)
{
	static GBytes *(*const seeds[])(void) = {
		seed_link, seed_address, seed_route, seed_neighbour, seed_bss,
	};

	return number < G_N_ELEMENTS(seeds) ? seeds[number]() : NULL;
}
