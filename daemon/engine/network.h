// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the kernel says of the links, as one value: taken by netwatch, read
 * by everyone who decides by the place we are at. Pure: it knows how to
 * compare two such values, to say one in a line, and to put it on the wire;
 * it asks nobody. Links are ordered by index and default routes by metric,
 * so that equal places are equal values.
 */
#ifndef MASQMAIL_ENGINE_NETWORK_H
#define MASQMAIL_ENGINE_NETWORK_H

#include <glib.h>

/* Bounds of what a kernel full of containers may grow in us. */
#define NETWORK_MAX_LINKS 256
#define NETWORK_MAX_ADDRESSES 64 /* per link */
#define NETWORK_TOLD_ADDRESSES 16 /* the same in a packet */
#define NETWORK_TOLD_BYTES (24 * 1024) /* of links in one packet */
#define NETWORK_MAX_ROUTES 64    /* default routes */
#define NETWORK_MAX_DOMAINS 16

#define NETWORK_NAME_SIZE 16    /* IFNAMSIZ */
#define NETWORK_MAC_SIZE 6
#define NETWORK_SSID_SIZE 32
#define NETWORK_ADDRESS_TEXT 64 /* an address with prefix, as text */
#define NETWORK_MAC_TEXT 18

typedef enum {
	LINK_OTHER,
	LINK_WIRED,
	LINK_WIFI,
	LINK_VPN,    /* WireGuard, tun, ppp: carries a far network here */
	LINK_TUNNEL, /* ipip, gre, sit, vti: the kernel's own tunnels */
	LINK_LOOPBACK,
} LinkType;

typedef enum {
	WIFI_UNKNOWN,
	WIFI_OPEN,
	WIFI_WEP,
	WIFI_OWE, /* enhanced open: encrypted, but anybody may join */
	WIFI_PSK,
	WIFI_SAE,
	WIFI_ENTERPRISE, /* 802.1X */
} WifiSecurity;

typedef enum {
	MAC_UNKNOWN,      /* not asked yet, or no answer so far */
	MAC_KNOWN,
	MAC_UNRESOLVABLE, /* asked, and nobody answered in time */
	MAC_NONE,         /* no gateway, or a link without such addresses */
} MacState;

/* An IPv4 or IPv6 address; family 0 means there is none. */
typedef struct {
	int family;       /* AF_INET, AF_INET6, 0 */
	guint8 bytes[16]; /* network order; the first 4 for IPv4 */
	guint8 prefix;    /* bits; 32 or 128 for a single host */
} NetAddress;

typedef struct {
	guint8 ssid[NETWORK_SSID_SIZE]; /* bytes, not text */
	guint8 ssid_length;             /* 0: not associated */
	guint8 bssid[NETWORK_MAC_SIZE];
	WifiSecurity security;
} NetWifi;

typedef struct {
	int index;
	char name[NETWORK_NAME_SIZE];
	LinkType type;
	gboolean up; /* operstate UP, or IFF_RUNNING: it carries packets */
	gboolean carrier;
	NetWifi wifi;
	GArray *addresses; /* of NetAddress, sorted */
} NetLink;

typedef struct {
	int family;
	int link;           /* index */
	guint32 metric;
	NetAddress gateway; /* family 0: the link itself is the way */
	MacState mac_state;
	guint8 mac[NETWORK_MAC_SIZE]; /* valid when MAC_KNOWN */
} NetRoute;

typedef struct {
	GArray *links;  /* of NetLink, by index */
	GArray *routes; /* of NetRoute, default routes, best first */
	GPtrArray *domains; /* search domains, lower case; may be empty */
	GPtrArray *servers; /* name servers, as text */
} NetworkState;

/* What lies between two states, the least change first. */
typedef enum {
	NETWORK_SAME,
	NETWORK_LEARNED, /* the same place, more is known (a MAC, a name) */
	NETWORK_ROAMED,  /* the same SSID and gateway, another BSSID */
	NETWORK_CHANGED, /* another place, or the way out is another */
} NetworkChange;

NetworkState *network_state_new(void);
NetworkState *network_state_copy(const NetworkState *state);
void network_state_free(NetworkState *state);

/*
 * Builders, for netwatch and for tests. The added link or route is returned
 * (transfer none) and valid until the next one is added; NULL when the
 * bound is reached. network_state_sort() restores the order at the end.
 */
NetLink *network_state_add_link(NetworkState *state, int index,
				const char *name, LinkType type);
NetRoute *network_state_add_route(NetworkState *state, int family, int link,
				  guint32 metric);
gboolean network_link_add_address(NetLink *link, const NetAddress *address);
void network_state_add_domain(NetworkState *state, const char *domain);
void network_state_add_server(NetworkState *state, const char *server);
void network_state_sort(NetworkState *state);

/* (transfer none) (nullable) */
const NetLink *network_state_link(const NetworkState *state, int index);
const NetLink *network_state_link_by_name(const NetworkState *state,
					  const char *name);

/*
 * The default route mail would take: the lowest metric among those over a
 * link that is up and has an address of that family; IPv4 before IPv6 on a
 * tie. (transfer none) (nullable)
 */
const NetRoute *network_state_default(const NetworkState *state);

/* Whether there is a link that is up, with an address others can answer. */
gboolean network_state_has_address(const NetworkState *state);

/* Whether far mail can go at all: such an address and a default route. */
gboolean network_state_usable(const NetworkState *state);

/*
 * Whether another look is worth its time: a gateway of a usable default
 * route has not answered yet who it is.
 */
gboolean network_state_mac_pending(const NetworkState *state);

NetworkChange network_state_compare(const NetworkState *before,
				    const NetworkState *after);

/*
 * (transfer full). The place as a short stable text: of the default route,
 * the link, the SSID, the gateway and its MAC. "" when not usable. For pins
 * "until the network changes" and for visits. Two keys are the same place
 * when they are equal or differ only by a MAC that one did not know.
 */
char *network_state_place(const NetworkState *state);
gboolean network_place_same(const char *one, const char *other);

/*
 * (transfer full). One line for people, harmless text:
 * 'wlan0 "FritzBox 7590" 192.168.178.23/24', or "no network".
 */
char *network_state_describe(const NetworkState *state);

/*
 * The links of Networks (see common/api.c), without loopback: a floating
 * aa{sv}.
 */
GVariant *network_state_to_variant(const NetworkState *state);

/* Addresses as text. Parsing takes "10.0.0.1", "10.0.0.0/8", "fe80::1". */
gboolean net_address_parse(const char *text, NetAddress *ret_address);
const char *net_address_format(const NetAddress *address, gboolean prefix,
			       char buffer[NETWORK_ADDRESS_TEXT]);
gboolean net_address_equal(const NetAddress *one, const NetAddress *other);
/* Whether @address lies in @subnet (by the subnet's prefix). */
gboolean net_address_in(const NetAddress *address, const NetAddress *subnet);
/* Loopback or link-local: nobody beyond the link can answer it. */
gboolean net_address_is_local(const NetAddress *address);

/* "00:11:22:aa:bb:cc", either case, ":" or "-" between. */
gboolean net_mac_parse(const char *text, guint8 ret_mac[NETWORK_MAC_SIZE]);
const char *net_mac_format(const guint8 mac[NETWORK_MAC_SIZE],
			   char buffer[NETWORK_MAC_TEXT]);
/* VRRP or HSRP: a router's virtual address, the same at many sites. */
gboolean net_mac_is_virtual(const guint8 mac[NETWORK_MAC_SIZE]);

/*
 * (transfer full). SSID bytes as text: printable UTF-8 as it is, other
 * bytes and the backslash as \xHH. net_ssid_parse is its inverse; FALSE
 * when the text is no SSID (empty, over 32 bytes, a broken escape).
 */
char *net_ssid_format(const guint8 *ssid, gsize length);
gboolean net_ssid_parse(const char *text, guint8 ret_ssid[NETWORK_SSID_SIZE],
			guint8 *ret_length);

/* Words of configuration and wire: "wired", "wifi", "vpn", ... */
const char *link_type_name(LinkType type);
gboolean link_type_from_name(const char *name, LinkType *ret_type);
/* "open", "psk", "sae", "802.1x", "owe", "wep", "unknown". */
const char *wifi_security_name(WifiSecurity security);
gboolean wifi_security_from_name(const char *name,
				 WifiSecurity *ret_security);
/* Whether joining needed a key that not everybody has. */
gboolean wifi_security_has_key(WifiSecurity security);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(NetworkState, network_state_free)

#endif
