// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Addresses, names and words of the network as text, and back.
 */
#include "daemon/engine/network.h"

#include <arpa/inet.h>
#include <string.h>

#include "common/text.h"

static const char *const link_types[] = {
	[LINK_OTHER] = "other",   [LINK_WIRED] = "wired",
	[LINK_WIFI] = "wifi",     [LINK_VPN] = "vpn",
	[LINK_TUNNEL] = "tunnel", [LINK_LOOPBACK] = "loopback",
};

static const char *const wifi_securities[] = {
	[WIFI_UNKNOWN] = "unknown", [WIFI_OPEN] = "open",
	[WIFI_WEP] = "wep",         [WIFI_OWE] = "owe",
	[WIFI_PSK] = "psk",         [WIFI_SAE] = "sae",
	[WIFI_ENTERPRISE] = "802.1x",
};

static gboolean
word_index(const char *const *words, guint count, const char *name,
	   guint *ret_index)
{
	for (guint i = 0; i < count; i++) {
		if (g_ascii_strcasecmp(words[i], name) != 0)
			continue;
		*ret_index = i;
		return TRUE;
	}
	return FALSE;
}

const char *
link_type_name(LinkType type)
{
	return link_types[type];
}

gboolean
link_type_from_name(const char *name, LinkType *ret_type)
{
	guint i;

	if (!word_index(link_types, G_N_ELEMENTS(link_types), name, &i))
		return FALSE;
	*ret_type = i;
	return TRUE;
}

const char *
wifi_security_name(WifiSecurity security)
{
	return wifi_securities[security];
}

gboolean
wifi_security_from_name(const char *name, WifiSecurity *ret_security)
{
	guint i;

	if (!word_index(wifi_securities, G_N_ELEMENTS(wifi_securities), name,
			&i))
		return FALSE;
	*ret_security = i;
	return TRUE;
}

gboolean
wifi_security_has_key(WifiSecurity security)
{
	switch (security) {
	case WIFI_PSK:
	case WIFI_SAE:
	case WIFI_ENTERPRISE:
		return TRUE;
	case WIFI_UNKNOWN:
	case WIFI_OPEN:
	case WIFI_WEP: /* broken within minutes: no better than open */
	case WIFI_OWE:
		return FALSE;
	}
	return FALSE;
}

static guint
family_bits(int family)
{
	return family == AF_INET ? 32 : family == AF_INET6 ? 128 : 0;
}

static gboolean
parse_prefix(const char *text, guint bits, guint8 *ret_prefix)
{
	guint64 prefix;

	if (!g_ascii_string_to_unsigned(text, 10, 0, bits, &prefix, NULL))
		return FALSE;
	*ret_prefix = prefix;
	return TRUE;
}

gboolean
net_address_parse(const char *text, NetAddress *ret_address)
{
	NetAddress address = { 0 };
	char host[INET6_ADDRSTRLEN];
	const char *slash = strchr(text, '/');
	gsize length = slash ? (gsize)(slash - text) : strlen(text);

	if (length == 0 || length >= sizeof(host))
		return FALSE;
	memcpy(host, text, length);
	host[length] = '\0';
	address.family = strchr(host, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(address.family, host, address.bytes) != 1)
		return FALSE;
	address.prefix = family_bits(address.family);
	if (slash &&
	    !parse_prefix(slash + 1, address.prefix, &address.prefix))
		return FALSE;
	*ret_address = address;
	return TRUE;
}

const char *
net_address_format(const NetAddress *address, gboolean prefix,
		   char buffer[NETWORK_ADDRESS_TEXT])
{
	gsize length;

	buffer[0] = '\0';
	if (address->family == 0)
		return buffer;
	inet_ntop(address->family, address->bytes, buffer,
		  NETWORK_ADDRESS_TEXT);
	length = strlen(buffer);
	if (prefix && address->prefix < family_bits(address->family))
		g_snprintf(buffer + length, NETWORK_ADDRESS_TEXT - length,
			   "/%u", address->prefix);
	return buffer;
}

gboolean
net_address_equal(const NetAddress *one, const NetAddress *other)
{
	return one->family == other->family && one->prefix == other->prefix &&
	       memcmp(one->bytes, other->bytes, sizeof(one->bytes)) == 0;
}

gboolean
net_address_in(const NetAddress *address, const NetAddress *subnet)
{
	guint whole = subnet->prefix / 8;
	guint rest = subnet->prefix % 8;
	guint8 mask = 0xff << (8 - rest);

	if (address->family == 0 || address->family != subnet->family)
		return FALSE;
	if (memcmp(address->bytes, subnet->bytes, whole) != 0)
		return FALSE;
	return rest == 0 ||
	       ((address->bytes[whole] ^ subnet->bytes[whole]) & mask) == 0;
}

gboolean
net_address_is_local(const NetAddress *address)
{
	static const char *const locals[] = {
		"127.0.0.0/8", "169.254.0.0/16", "::1", "fe80::/10",
	};
	NetAddress subnet;

	for (guint i = 0; i < G_N_ELEMENTS(locals); i++)
		if (net_address_parse(locals[i], &subnet) &&
		    net_address_in(address, &subnet))
			return TRUE;
	return FALSE;
}

gboolean
net_mac_parse(const char *text, guint8 ret_mac[NETWORK_MAC_SIZE])
{
	guint8 mac[NETWORK_MAC_SIZE];

	for (guint i = 0; i < NETWORK_MAC_SIZE; i++, text += 3) {
		char end = text[0] && text[1] ? text[2] : 'x';
		gboolean last = i == NETWORK_MAC_SIZE - 1;

		if (!g_ascii_isxdigit(text[0]) || !g_ascii_isxdigit(text[1]))
			return FALSE;
		if (last ? end != '\0' : end != ':' && end != '-')
			return FALSE;
		mac[i] = g_ascii_xdigit_value(text[0]) << 4 |
			 g_ascii_xdigit_value(text[1]);
	}
	memcpy(ret_mac, mac, sizeof(mac));
	return TRUE;
}

const char *
net_mac_format(const guint8 mac[NETWORK_MAC_SIZE],
	       char buffer[NETWORK_MAC_TEXT])
{
	g_snprintf(buffer, NETWORK_MAC_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x",
		   mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	return buffer;
}

gboolean
net_mac_is_virtual(const guint8 mac[NETWORK_MAC_SIZE])
{
	/* VRRP for IPv4 and IPv6 (RFC 9568), HSRP 1, HSRP 2 and its IPv6. */
	static const guint8 prefixes[][5] = {
		{ 0x00, 0x00, 0x5e, 0x00, 0x01 },
		{ 0x00, 0x00, 0x5e, 0x00, 0x02 },
		{ 0x00, 0x00, 0x0c, 0x07, 0xac },
	};

	for (guint i = 0; i < G_N_ELEMENTS(prefixes); i++)
		if (memcmp(mac, prefixes[i], sizeof(prefixes[i])) == 0)
			return TRUE;
	return memcmp(mac, "\x00\x00\x0c\x9f", 4) == 0 ||
	       memcmp(mac, "\x00\x05\x73\xa0", 4) == 0;
}

/*
 * A character of an SSID may stand for itself only if showing it is
 * harmless and reading it back gives the same bytes.
 */
static gboolean
is_plain(const char *text, gsize left, gsize *ret_length)
{
	gunichar character = g_utf8_get_char_validated(text, left);
	g_autofree char *harmless = NULL;
	g_autofree char *one = NULL;

	if (character == (gunichar)-1 || character == (gunichar)-2)
		return FALSE;
	if (character == '\\' || character < 0x20)
		return FALSE;
	*ret_length = g_unichar_to_utf8(character, NULL);
	one = g_strndup(text, *ret_length);
	harmless = text_harmless(one);
	return g_str_equal(one, harmless);
}

char *
net_ssid_format(const guint8 *ssid, gsize length)
{
	GString *text = g_string_new(NULL);
	gsize size;

	for (gsize i = 0; i < length; i += size) {
		const char *at = (const char *)ssid + i;

		if (is_plain(at, length - i, &size)) {
			g_string_append_len(text, at, size);
			continue;
		}
		size = 1;
		g_string_append_printf(text, "\\x%02x", ssid[i]);
	}
	return g_string_free(text, FALSE);
}

gboolean
net_ssid_parse(const char *text, guint8 ret_ssid[NETWORK_SSID_SIZE],
	       guint8 *ret_length)
{
	guint8 ssid[NETWORK_SSID_SIZE] = { 0 };
	guint length = 0;

	for (; *text; length++) {
		if (length == NETWORK_SSID_SIZE)
			return FALSE;
		if (*text != '\\') {
			ssid[length] = *text++;
			continue;
		}
		if (text[1] != 'x' || !g_ascii_isxdigit(text[2]) ||
		    !g_ascii_isxdigit(text[3]))
			return FALSE;
		ssid[length] = g_ascii_xdigit_value(text[2]) << 4 |
			       g_ascii_xdigit_value(text[3]);
		text += 4;
	}
	if (length == 0)
		return FALSE;
	memcpy(ret_ssid, ssid, sizeof(ssid));
	*ret_length = length;
	return TRUE;
}

/* The address people know a link by: IPv4 before IPv6, no link-local. */
static const NetAddress *
best_address(const NetLink *link)
{
	const NetAddress *best = NULL;

	for (guint i = 0; i < link->addresses->len; i++) {
		const NetAddress *address =
			&g_array_index(link->addresses, NetAddress, i);

		if (net_address_is_local(address))
			continue;
		if (!best || (best->family == AF_INET6 &&
			      address->family == AF_INET))
			best = address;
	}
	return best;
}

static void
describe_link(const NetLink *link, GString *line)
{
	const NetAddress *address = best_address(link);
	g_autofree char *name = text_harmless(link->name);
	char buffer[NETWORK_ADDRESS_TEXT];

	g_string_append(line, name);
	if (link->wifi.ssid_length) {
		g_autofree char *ssid = net_ssid_format(
			link->wifi.ssid, link->wifi.ssid_length);

		g_string_append_printf(line, " \"%s\"", ssid);
	}
	if (address)
		g_string_append_printf(
			line, " %s", net_address_format(address, TRUE, buffer));
}

char *
network_state_describe(const NetworkState *state)
{
	GString *line = g_string_new(NULL);
	const NetRoute *route = network_state_default(state);
	const NetLink *link =
		route ? network_state_link(state, route->link) : NULL;

	for (guint i = 0; !link && i < state->links->len; i++) {
		const NetLink *each = &g_array_index(state->links, NetLink, i);

		if (each->up && each->type != LINK_LOOPBACK &&
		    best_address(each))
			link = each;
	}
	if (!link)
		g_string_assign(line, "no network");
	else
		describe_link(link, line);
	if (link && !route)
		g_string_append(line, ", no way beyond it");
	return g_string_free(line, FALSE);
}

/* The route of @link that mail would take first. */
static const NetRoute *
link_route(const NetworkState *state, const NetLink *link)
{
	for (guint i = 0; i < state->routes->len; i++) {
		const NetRoute *route =
			&g_array_index(state->routes, NetRoute, i);

		if (route->link == link->index)
			return route;
	}
	return NULL;
}

static void
put(GVariantBuilder *builder, const char *key, GVariant *value)
{
	g_variant_builder_add(builder, "{sv}", key, value);
}

static void
put_wifi(GVariantBuilder *builder, const NetWifi *wifi)
{
	g_autofree char *ssid = net_ssid_format(wifi->ssid,
						wifi->ssid_length);
	char mac[NETWORK_MAC_TEXT];

	put(builder, "ssid", g_variant_new_string(ssid));
	put(builder, "bssid",
	    g_variant_new_string(net_mac_format(wifi->bssid, mac)));
	put(builder, "security",
	    g_variant_new_string(wifi_security_name(wifi->security)));
}

static void
put_route(GVariantBuilder *builder, const NetRoute *route)
{
	char gateway[NETWORK_ADDRESS_TEXT];
	char mac[NETWORK_MAC_TEXT] = "";

	if (route->mac_state == MAC_KNOWN)
		net_mac_format(route->mac, mac);
	put(builder, "gateway",
	    g_variant_new_string(
		    net_address_format(&route->gateway, FALSE, gateway)));
	put(builder, "gateway-mac", g_variant_new_string(mac));
	put(builder, "metric", g_variant_new_uint32(route->metric));
}

static GVariant *
link_to_variant(const NetworkState *state, const NetLink *link)
{
	g_autofree char *name = text_harmless(link->name);
	const NetRoute *route = link_route(state, link);
	GVariantBuilder builder;
	GVariantBuilder addresses;
	char text[NETWORK_ADDRESS_TEXT];

	g_variant_builder_init(&builder, G_VARIANT_TYPE_VARDICT);
	g_variant_builder_init(&addresses, G_VARIANT_TYPE_STRING_ARRAY);
	put(&builder, "name", g_variant_new_string(name));
	put(&builder, "kind",
	    g_variant_new_string(link_type_name(link->type)));
	put(&builder, "up", g_variant_new_boolean(link->up));
	for (guint i = 0; i < MIN(link->addresses->len,
				  NETWORK_TOLD_ADDRESSES); i++)
		g_variant_builder_add(
			&addresses, "s",
			net_address_format(&g_array_index(link->addresses,
							  NetAddress, i),
					   TRUE, text));
	put(&builder, "addresses", g_variant_builder_end(&addresses));
	if (link->wifi.ssid_length)
		put_wifi(&builder, &link->wifi);
	if (route)
		put_route(&builder, route);
	return g_variant_builder_end(&builder);
}

GVariant *
network_state_to_variant(const NetworkState *state)
{
	GVariantBuilder links;
	gsize bytes = 0;

	g_variant_builder_init(&links, G_VARIANT_TYPE("aa{sv}"));
	for (guint i = 0; i < state->links->len; i++) {
		const NetLink *link = &g_array_index(state->links, NetLink, i);

		g_autoptr(GVariant) row = NULL;

		if (link->type == LINK_LOOPBACK)
			continue;
		row = g_variant_ref_sink(link_to_variant(state, link));
		bytes += g_variant_get_size(row);
		if (bytes > NETWORK_TOLD_BYTES)
			break;
		g_variant_builder_add_value(&links, row);
	}
	return g_variant_builder_end(&links);
}
