// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From what is here to a fingerprint. What is advised is what tells this
 * place from others and stays the same tomorrow; names and numbers that
 * half of all networks have are offered, but not taken by themselves.
 */
#include "daemon/engine/known.h"

#include <string.h>
#include <sys/socket.h>

#include "common/text.h"


static void
sign_free(gpointer data)
{
	KnownSign *sign = data;

	g_free(sign->value);
	g_free(sign);
}

static void
add_sign(GPtrArray *signs, ConditionKind kind, char *value, guint weight,
	 gboolean advised, const char *note)
{
	KnownSign *sign = g_new0(KnownSign, 1);

	sign->kind = kind;
	sign->value = value;
	sign->weight = weight;
	sign->advised = advised;
	sign->note = note;
	g_ptr_array_add(signs, sign);
}

/* Blanks at its ends would not survive a file. (transfer full) */
static char *
ssid_text(const NetWifi *wifi)
{
	g_autofree char *text =
		net_ssid_format(wifi->ssid, wifi->ssid_length);
	GString *safe = g_string_new(text);

	if (safe->len && safe->str[safe->len - 1] == ' ') {
		g_string_truncate(safe, safe->len - 1);
		g_string_append(safe, "\\x20");
	}
	if (safe->len && safe->str[0] == ' ') {
		g_string_erase(safe, 0, 1);
		g_string_prepend(safe, "\\x20");
	}
	return g_string_free(safe, FALSE);
}

static void
add_wifi(GPtrArray *signs, const NetLink *link)
{
	gboolean key = wifi_security_has_key(link->wifi.security);
	char mac[NETWORK_MAC_TEXT];

	if (link->wifi.ssid_length == 0)
		return;
	add_sign(signs, CONDITION_SSID, ssid_text(&link->wifi),
		 key ? WEIGHT_SSID_KEY : WEIGHT_SSID_OPEN, TRUE,
		 key ? "we have a key for it" : "anyone can copy a name");
	if (link->wifi.security != WIFI_UNKNOWN)
		add_sign(signs, CONDITION_SECURITY,
			 g_strdup(wifi_security_name(link->wifi.security)),
			 WEIGHT_SECURITY, key,
			 "a demand: an open copy does not fit");
	add_sign(signs, CONDITION_BSSID,
		 g_strdup(net_mac_format(link->wifi.bssid, mac)),
		 WEIGHT_BSSID, FALSE, "changes as you walk; only ever adds");
}

static const NetRoute *
route_of(const NetworkState *network, const NetLink *link)
{
	for (guint i = 0; i < network->routes->len; i++) {
		const NetRoute *route =
			&g_array_index(network->routes, NetRoute, i);

		if (route->link == link->index && route->gateway.family)
			return route;
	}
	return NULL;
}

/* Whether the gateway's MAC tells this place from others. */
static gboolean
has_strong_gateway(const NetRoute *route)
{
	return route && route->mac_state == MAC_KNOWN &&
	       !net_mac_is_virtual(route->mac);
}

static void
add_gateway(GPtrArray *signs, const NetRoute *route)
{
	char address[NETWORK_ADDRESS_TEXT], mac[NETWORK_MAC_TEXT];

	if (!route)
		return;
	net_address_format(&route->gateway, FALSE, address);
	if (route->mac_state != MAC_KNOWN) {
		add_sign(signs, CONDITION_GATEWAY, g_strdup(address),
			 WEIGHT_GATEWAY_IP, TRUE,
			 "many routers have this address; its MAC is not "
			 "known");
		return;
	}
	net_mac_format(route->mac, mac);
	add_sign(signs, CONDITION_GATEWAY, g_strconcat(address, " ", mac, NULL),
		 net_mac_is_virtual(route->mac) ? WEIGHT_VIRTUAL_MAC
						: WEIGHT_GATEWAY_MAC,
		 TRUE,
		 net_mac_is_virtual(route->mac)
			 ? "a router address shared by many sites"
			 : "this very router");
}

static gboolean
is_plain_domain(const char *domain)
{
	for (const char *c = domain; *c; c++)
		if (!g_ascii_isalnum(*c) && !strchr("-_.", *c))
			return FALSE;
	return *domain != '\0';
}

/* What routers call their network by themselves. */
static gboolean
is_common_domain(const char *domain)
{
	static const char *const common[] = {
		"lan", "home", "local", "localdomain", "home.arpa",
		"fritz.box", "internal", "speedport.ip", NULL,
	};

	return g_strv_contains(common, domain);
}

static void
add_domains(GPtrArray *signs, const NetworkState *network)
{
	const char *domain =
		network->domains->len ? network->domains->pdata[0] : "";

	if (!is_plain_domain(domain))
		return;
	add_sign(signs, CONDITION_DOMAIN, g_strdup(domain), WEIGHT_DOMAIN,
		 !is_common_domain(domain),
		 is_common_domain(domain) ? "many routers say this"
					  : "the network's own name");
}

/* @network's part of @address, as text. (transfer full) */
static char *
subnet_text(const NetAddress *address)
{
	NetAddress subnet = *address;
	char text[NETWORK_ADDRESS_TEXT];

	for (guint bit = subnet.prefix; bit < sizeof(subnet.bytes) * 8; bit++)
		subnet.bytes[bit / 8] &= ~(0x80 >> bit % 8);
	return g_strdup(net_address_format(&subnet, TRUE, text));
}

static void
add_subnet(GPtrArray *signs, const NetLink *link, gboolean advised)
{
	for (guint i = 0; i < link->addresses->len; i++) {
		const NetAddress *address =
			&g_array_index(link->addresses, NetAddress, i);

		if (net_address_is_local(address))
			continue;
		add_sign(signs, CONDITION_SUBNET, subnet_text(address),
			 WEIGHT_SUBNET, advised, "shared by many networks");
		return;
	}
}

static gboolean
is_plain_name(const char *name)
{
	return config_name_is_valid(name);
}

static void
add_vpns(GPtrArray *signs, const NetworkState *network)
{
	for (guint i = 0; i < network->links->len; i++) {
		const NetLink *link = &g_array_index(network->links, NetLink,
						     i);

		if (!link->up || !is_plain_name(link->name) ||
		    (link->type != LINK_VPN && link->type != LINK_TUNNEL))
			continue;
		add_sign(signs, CONDITION_VPN, g_strdup(link->name),
			 WEIGHT_VPN, FALSE, "while it is up, on top of any "
			 "network");
		return;
	}
}

/* The link that says where we are: that of the way out, else the first. */
static const NetLink *
here(const NetworkState *network)
{
	const NetRoute *route = network_state_default(network);

	if (route)
		return network_state_link(network, route->link);
	for (guint i = 0; i < network->links->len; i++) {
		const NetLink *link = &g_array_index(network->links, NetLink,
						     i);

		if (link->up && link->type != LINK_LOOPBACK &&
		    link->addresses->len > 0)
			return link;
	}
	return NULL;
}

GPtrArray *
known_signs(const NetworkState *network)
{
	GPtrArray *signs = g_ptr_array_new_with_free_func(sign_free);
	const NetLink *link = here(network);
	const NetRoute *route = link ? route_of(network, link) : NULL;
	gboolean strong = has_strong_gateway(route);

	if (!link)
		return signs;
	add_wifi(signs, link);
	add_gateway(signs, route);
	add_domains(signs, network);
	add_subnet(signs, link, !strong);
	if (link->type == LINK_WIRED || link->type == LINK_WIFI)
		add_sign(signs, CONDITION_TYPE,
			 g_strdup(link_type_name(link->type)), WEIGHT_TYPE,
			 !strong, "says little");
	if (is_plain_name(link->name))
		add_sign(signs, CONDITION_INTERFACE, g_strdup(link->name),
			 WEIGHT_INTERFACE, FALSE,
			 "says little, and docks change it");
	add_vpns(signs, network);
	return signs;
}

/* What cannot stand in a name becomes a dash. */
static char *
name_of(const char *text)
{
	g_autoptr(GString) name = g_string_new(NULL);

	for (; *text && name->len < 40; text++) {
		if (g_ascii_isalnum(*text))
			g_string_append_c(name, *text);
		else if (name->len && name->str[name->len - 1] != '-')
			g_string_append_c(name, '-');
	}
	while (name->len && name->str[name->len - 1] == '-')
		g_string_truncate(name, name->len - 1);
	return g_strdup(name->str);
}

char *
known_suggest_name(const NetworkState *network)
{
	const NetLink *link = here(network);
	g_autofree char *ssid = NULL;
	char *name;

	if (!link)
		return g_strdup("");
	ssid = net_ssid_format(link->wifi.ssid, link->wifi.ssid_length);
	name = name_of(*ssid ? ssid
		       : network->domains->len
			       ? network->domains->pdata[0] : "");
	if (*name)
		return name;
	g_free(name);
	return g_strconcat(link->type == LINK_WIRED ? "wire-"
						    : "network-",
			   link->name, NULL);
}

static const KnownSign *
find_sign(const GPtrArray *signs, const char *key)
{
	for (guint i = 0; i < signs->len; i++) {
		const KnownSign *sign = signs->pdata[i];

		if (g_ascii_strcasecmp(condition_key(sign->kind), key) == 0)
			return sign;
	}
	return NULL;
}

static gboolean
is_taken(const KnownSign *sign, const char *const *keys)
{
	if (!keys)
		return sign->advised;
	for (; *keys; keys++)
		if (g_ascii_strcasecmp(condition_key(sign->kind), *keys) == 0)
			return TRUE;
	return FALSE;
}

static gboolean
check_keys(const GPtrArray *signs, const char *const *keys, GError **error)
{
	for (; keys && *keys; keys++) {
		if (find_sign(signs, *keys))
			continue;
		g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_VALUE,
			    "This place has no sign %s.", *keys);
		return FALSE;
	}
	return TRUE;
}

KnownNetwork *
known_learn(const char *name, const char *profile, gint64 now,
	    const GPtrArray *signs, const char *const *keys, gboolean any,
	    GError **error)
{
	g_autoptr(KnownNetwork) known = g_new0(KnownNetwork, 1);

	known->name = g_strdup(name);
	known->profile = g_strdup(profile);
	known->learned = now;
	known->fingerprint = fingerprint_new(name, any);
	if (!check_keys(signs, keys, error))
		return NULL;
	for (guint i = 0; i < signs->len; i++) {
		const KnownSign *sign = signs->pdata[i];
		const char *const values[] = { sign->value, NULL };

		if (is_taken(sign, keys) &&
		    !fingerprint_add(known->fingerprint,
				     condition_key(sign->kind), values,
				     error))
			return NULL;
	}
	if (known->fingerprint->conditions->len > 0)
		return g_steal_pointer(&known);
	g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_VALUE,
		    signs->len ? "No sign was chosen to know this place by."
			       : "There is no network here to be learned.");
	return NULL;
}
