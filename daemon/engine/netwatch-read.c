// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Single messages of nl80211 and of the neighbour table. What an access
 * point says of itself travels in them unchecked, so nothing here believes
 * a length.
 */
#include "daemon/engine/netwatch-parts.h"

#include <linux/genetlink.h>
#include <linux/neighbour.h>
#include <linux/nl80211.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <string.h>

#include "daemon/engine/network-read.h"

#define NUD_KNOWN \
	(NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT)

/* The command of a generic netlink message; -1 when it is none. */
static int
command_of(struct nlmsghdr *header)
{
	const struct genlmsghdr *command = nlmsg_data(header);

	return nlmsg_valid_hdr(header, sizeof(*command)) ? command->cmd : -1;
}

gboolean
netwatch_read_family(struct nlmsghdr *header)
{
	return header->nlmsg_type == GENL_ID_CTRL &&
	       command_of(header) == CTRL_CMD_NEWFAMILY;
}

gboolean
netwatch_read_move(struct nlmsghdr *header)
{
	switch (command_of(header)) {
	case NL80211_CMD_CONNECT:
	case NL80211_CMD_ROAM:
	case NL80211_CMD_DISCONNECT:
	case NL80211_CMD_JOIN_IBSS:
		return TRUE;
	}
	return FALSE;
}

static gboolean
parse(struct nlmsghdr *header, struct nlattr **attributes)
{
	return command_of(header) >= 0 &&
	       genlmsg_parse(header, 0, attributes, NL80211_ATTR_MAX,
			     NULL) == 0;
}

/* A number of 32 bits; FALSE when there is none, or of another size. */
static gboolean
get_u32(const struct nlattr *attribute, guint32 *ret_value)
{
	if (!attribute || nla_len(attribute) < (int)sizeof(*ret_value))
		return FALSE;
	*ret_value = nla_get_u32(attribute);
	return TRUE;
}

/* A P2P device has neither name nor index. */
void
netwatch_read_interface(struct nlmsghdr *header, Table *table)
{
	struct nlattr *attributes[NL80211_ATTR_MAX + 1];
	WatchedLink *link;
	guint32 index;

	if (!parse(header, attributes) ||
	    !get_u32(attributes[NL80211_ATTR_IFINDEX], &index))
		return;
	link = g_hash_table_lookup(table->links, GINT_TO_POINTER(index));
	if (link)
		link->is_wifi = TRUE;
}

static void
take_elements(struct nlattr **bss, int which, NetWifi *wifi)
{
	guint16 capability = 0;

	if (!bss[which])
		return;
	if (bss[NL80211_BSS_CAPABILITY])
		capability = nla_get_u16(bss[NL80211_BSS_CAPABILITY]);
	network_read_elements(nla_data(bss[which]), nla_len(bss[which]),
			      capability, wifi);
}

void
netwatch_read_bss(struct nlmsghdr *header, NetWifi *wifi)
{
	static struct nla_policy policy[NL80211_BSS_MAX + 1] = {
		[NL80211_BSS_STATUS] = { .type = NLA_U32 },
		[NL80211_BSS_CAPABILITY] = { .type = NLA_U16 },
	};
	struct nlattr *attributes[NL80211_ATTR_MAX + 1];
	struct nlattr *bss[NL80211_BSS_MAX + 1];
	guint32 status;

	if (!parse(header, attributes) || !attributes[NL80211_ATTR_BSS] ||
	    nla_parse_nested(bss, NL80211_BSS_MAX,
			     attributes[NL80211_ATTR_BSS], policy) < 0 ||
	    !get_u32(bss[NL80211_BSS_STATUS], &status) ||
	    (status != NL80211_BSS_STATUS_ASSOCIATED &&
	     status != NL80211_BSS_STATUS_IBSS_JOINED))
		return;
	if (bss[NL80211_BSS_BSSID] &&
	    nla_len(bss[NL80211_BSS_BSSID]) == NETWORK_MAC_SIZE)
		memcpy(wifi->bssid, nla_data(bss[NL80211_BSS_BSSID]),
		       NETWORK_MAC_SIZE);
	/* A hidden name is in probe responses only: they have the last word. */
	take_elements(bss, NL80211_BSS_BEACON_IES, wifi);
	take_elements(bss, NL80211_BSS_INFORMATION_ELEMENTS, wifi);
}

static gboolean
is_about(const struct nlattr *to, const NetAddress *address)
{
	int size = address->family == AF_INET ? 4 : 16;

	return to && nla_len(to) == size &&
	       memcmp(nla_data(to), address->bytes, size) == 0;
}

gboolean
netwatch_read_neighbour(struct nlmsghdr *header, int link,
			const NetAddress *address, MacState *ret_state,
			guint8 ret_mac[NETWORK_MAC_SIZE])
{
	const struct ndmsg *info = nlmsg_data(header);
	struct nlattr *attributes[NDA_MAX + 1];
	const struct nlattr *mac;

	if (header->nlmsg_type != RTM_NEWNEIGH ||
	    !nlmsg_valid_hdr(header, sizeof(*info)) ||
	    info->ndm_ifindex != link ||
	    info->ndm_family != address->family ||
	    nlmsg_parse(header, sizeof(*info), attributes, NDA_MAX,
			NULL) < 0 ||
	    !is_about(attributes[NDA_DST], address))
		return FALSE;
	mac = attributes[NDA_LLADDR];
	if (info->ndm_state & NUD_NOARP) {
		*ret_state = MAC_NONE;
		return TRUE;
	}
	if (!(info->ndm_state & NUD_KNOWN) || !mac)
		return FALSE;
	*ret_state = MAC_NONE; /* an address of another kind */
	if (nla_len(mac) == NETWORK_MAC_SIZE) {
		*ret_state = MAC_KNOWN;
		memcpy(ret_mac, nla_data(mac), NETWORK_MAC_SIZE);
	}
	return TRUE;
}
