// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/network.h"

#include <string.h>
#include <sys/socket.h>

static void
link_clear(gpointer data)
{
	NetLink *link = data;

	g_array_unref(link->addresses);
}

NetworkState *
network_state_new(void)
{
	NetworkState *state = g_new0(NetworkState, 1);

	state->links = g_array_new(FALSE, TRUE, sizeof(NetLink));
	g_array_set_clear_func(state->links, link_clear);
	state->routes = g_array_new(FALSE, TRUE, sizeof(NetRoute));
	state->domains = g_ptr_array_new_with_free_func(g_free);
	state->servers = g_ptr_array_new_with_free_func(g_free);
	return state;
}

void
network_state_free(NetworkState *state)
{
	if (!state)
		return;
	g_array_unref(state->links);
	g_array_unref(state->routes);
	g_ptr_array_unref(state->domains);
	g_ptr_array_unref(state->servers);
	g_free(state);
}

NetworkState *
network_state_copy(const NetworkState *state)
{
	NetworkState *copy = network_state_new();

	g_array_append_vals(copy->links, state->links->data,
			    state->links->len);
	for (guint i = 0; i < copy->links->len; i++) {
		NetLink *link = &g_array_index(copy->links, NetLink, i);

		link->addresses = g_array_copy(link->addresses);
	}
	g_array_append_vals(copy->routes, state->routes->data,
			    state->routes->len);
	for (guint i = 0; i < state->domains->len; i++)
		network_state_add_domain(copy, state->domains->pdata[i]);
	for (guint i = 0; i < state->servers->len; i++)
		network_state_add_server(copy, state->servers->pdata[i]);
	return copy;
}

NetLink *
network_state_add_link(NetworkState *state, int index, const char *name,
		       LinkType type)
{
	NetLink link = { .index = index, .type = type };

	if (state->links->len == NETWORK_MAX_LINKS)
		return NULL;
	g_strlcpy(link.name, name, sizeof(link.name));
	link.addresses = g_array_new(FALSE, TRUE, sizeof(NetAddress));
	g_array_append_val(state->links, link);
	return &g_array_index(state->links, NetLink, state->links->len - 1);
}

NetRoute *
network_state_add_route(NetworkState *state, int family, int link,
			guint32 metric)
{
	NetRoute route = { .family = family, .link = link, .metric = metric };

	if (state->routes->len == NETWORK_MAX_ROUTES)
		return NULL;
	g_array_append_val(state->routes, route);
	return &g_array_index(state->routes, NetRoute,
			      state->routes->len - 1);
}

gboolean
network_link_add_address(NetLink *link, const NetAddress *address)
{
	if (link->addresses->len == NETWORK_MAX_ADDRESSES)
		return FALSE;
	g_array_append_val(link->addresses, *address);
	return TRUE;
}

static void
add_text(GPtrArray *texts, char *text)
{
	if (texts->len < NETWORK_MAX_DOMAINS)
		g_ptr_array_add(texts, text);
	else
		g_free(text);
}

void
network_state_add_domain(NetworkState *state, const char *domain)
{
	char *lower = g_ascii_strdown(domain, -1);
	gsize length = strlen(lower);

	if (length > 1 && lower[length - 1] == '.')
		lower[length - 1] = '\0';
	add_text(state->domains, lower);
}

void
network_state_add_server(NetworkState *state, const char *server)
{
	add_text(state->servers, g_strdup(server));
}

static int
compare_links(gconstpointer a, gconstpointer b)
{
	const NetLink *one = a;
	const NetLink *other = b;

	return (one->index > other->index) - (one->index < other->index);
}

static int
compare_addresses(gconstpointer a, gconstpointer b)
{
	const NetAddress *one = a;
	const NetAddress *other = b;
	int order = memcmp(one->bytes, other->bytes, sizeof(one->bytes));

	if (one->family != other->family)
		return one->family == AF_INET ? -1 : 1;
	return order ? order : (int)one->prefix - (int)other->prefix;
}

static int
compare_routes(gconstpointer a, gconstpointer b)
{
	const NetRoute *one = a;
	const NetRoute *other = b;

	if (one->metric != other->metric)
		return one->metric < other->metric ? -1 : 1;
	if (one->family != other->family)
		return one->family == AF_INET ? -1 : 1;
	if (one->link != other->link)
		return one->link < other->link ? -1 : 1;
	return compare_addresses(&one->gateway, &other->gateway);
}

void
network_state_sort(NetworkState *state)
{
	g_array_sort(state->links, compare_links);
	g_array_sort(state->routes, compare_routes);
	for (guint i = 0; i < state->links->len; i++)
		g_array_sort(g_array_index(state->links, NetLink, i).addresses,
			     compare_addresses);
}

const NetLink *
network_state_link(const NetworkState *state, int index)
{
	for (guint i = 0; i < state->links->len; i++) {
		const NetLink *link = &g_array_index(state->links, NetLink, i);

		if (link->index == index)
			return link;
	}
	return NULL;
}

const NetLink *
network_state_link_by_name(const NetworkState *state, const char *name)
{
	for (guint i = 0; i < state->links->len; i++) {
		const NetLink *link = &g_array_index(state->links, NetLink, i);

		if (g_str_equal(link->name, name))
			return link;
	}
	return NULL;
}

/* An up link's address of @family (0: any) that others can answer. */
static gboolean
link_answers(const NetLink *link, int family)
{
	if (!link->up || link->type == LINK_LOOPBACK)
		return FALSE;
	for (guint i = 0; i < link->addresses->len; i++) {
		const NetAddress *address =
			&g_array_index(link->addresses, NetAddress, i);

		if (family && address->family != family)
			continue;
		if (!net_address_is_local(address))
			return TRUE;
	}
	return FALSE;
}

static gboolean
route_is_alive(const NetworkState *state, const NetRoute *route)
{
	const NetLink *link = network_state_link(state, route->link);

	return link && link_answers(link, route->family);
}

const NetRoute *
network_state_default(const NetworkState *state)
{
	for (guint i = 0; i < state->routes->len; i++) {
		const NetRoute *route =
			&g_array_index(state->routes, NetRoute, i);

		if (route_is_alive(state, route))
			return route;
	}
	return NULL;
}

gboolean
network_state_has_address(const NetworkState *state)
{
	for (guint i = 0; i < state->links->len; i++)
		if (link_answers(&g_array_index(state->links, NetLink, i), 0))
			return TRUE;
	return FALSE;
}

gboolean
network_state_usable(const NetworkState *state)
{
	return network_state_default(state) != NULL;
}

gboolean
network_state_mac_pending(const NetworkState *state)
{
	for (guint i = 0; i < state->routes->len; i++) {
		const NetRoute *route =
			&g_array_index(state->routes, NetRoute, i);

		if (route->mac_state == MAC_UNKNOWN &&
		    route_is_alive(state, route))
			return TRUE;
	}
	return FALSE;
}

static gboolean
texts_equal(const GPtrArray *one, const GPtrArray *other)
{
	if (one->len != other->len)
		return FALSE;
	for (guint i = 0; i < one->len; i++)
		if (!g_str_equal(one->pdata[i], other->pdata[i]))
			return FALSE;
	return TRUE;
}

static void
raise_to(NetworkChange *change, NetworkChange at_least)
{
	*change = MAX(*change, at_least);
}

/* Whether every subnet of @one is one of @other: hosts do not matter. */
static gboolean
subnets_within(const GArray *one, const GArray *other)
{
	for (guint i = 0; i < one->len; i++) {
		const NetAddress *address =
			&g_array_index(one, NetAddress, i);
		gboolean found = net_address_is_local(address);

		for (guint j = 0; !found && j < other->len; j++) {
			const NetAddress *subnet =
				&g_array_index(other, NetAddress, j);

			found = address->prefix == subnet->prefix &&
				net_address_in(address, subnet);
		}
		if (!found)
			return FALSE;
	}
	return TRUE;
}

static NetworkChange
compare_wifi(const NetWifi *one, const NetWifi *other)
{
	if (one->ssid_length != other->ssid_length ||
	    memcmp(one->ssid, other->ssid, sizeof(one->ssid)) != 0)
		return NETWORK_CHANGED;
	if (one->security != other->security)
		return one->security == WIFI_UNKNOWN ? NETWORK_LEARNED :
						       NETWORK_CHANGED;
	if (memcmp(one->bssid, other->bssid, sizeof(one->bssid)) != 0)
		return NETWORK_ROAMED;
	return NETWORK_SAME;
}

/* Links that nobody can talk over say nothing about a place. */
static gboolean
link_counts(const NetLink *link)
{
	return link->up &&
	       (link->wifi.ssid_length > 0 || link_answers(link, 0));
}

static gboolean
addresses_equal(const GArray *one, const GArray *other)
{
	if (one->len != other->len)
		return FALSE;
	for (guint i = 0; i < one->len; i++)
		if (!net_address_equal(&g_array_index(one, NetAddress, i),
				       &g_array_index(other, NetAddress, i)))
			return FALSE;
	return TRUE;
}

/*
 * A new IPv6 privacy address comes every day, and a lease may be renewed
 * with another host part: while its subnets are the same, so is the place.
 */
static NetworkChange
compare_link(const NetLink *one, const NetLink *other)
{
	NetworkChange change = compare_wifi(&one->wifi, &other->wifi);
	gboolean counts = link_counts(one) || link_counts(other);

	if (one->type != other->type || !g_str_equal(one->name, other->name))
		raise_to(&change, NETWORK_CHANGED);
	else if (one->up != other->up ||
		 !subnets_within(one->addresses, other->addresses) ||
		 !subnets_within(other->addresses, one->addresses))
		raise_to(&change, NETWORK_CHANGED);
	else if (one->carrier != other->carrier ||
		 !addresses_equal(one->addresses, other->addresses))
		raise_to(&change, NETWORK_LEARNED);
	return counts ? change : MIN(change, NETWORK_LEARNED);
}

static NetworkChange
compare_route(const NetRoute *one, const NetRoute *other)
{
	if (compare_routes(one, other) != 0)
		return NETWORK_CHANGED;
	if (one->mac_state != other->mac_state)
		return other->mac_state == MAC_UNKNOWN ? NETWORK_SAME :
							 NETWORK_LEARNED;
	if (one->mac_state == MAC_KNOWN &&
	    memcmp(one->mac, other->mac, sizeof(one->mac)) != 0)
		return NETWORK_CHANGED;
	return NETWORK_SAME;
}

/* Both are ordered by index: walk them side by side. */
static NetworkChange
compare_all_links(const NetworkState *before, const NetworkState *after)
{
	NetworkChange change = NETWORK_SAME;
	guint i = 0;
	guint j = 0;

	while (i < before->links->len || j < after->links->len) {
		const NetLink *one = i < before->links->len ?
			&g_array_index(before->links, NetLink, i) : NULL;
		const NetLink *other = j < after->links->len ?
			&g_array_index(after->links, NetLink, j) : NULL;

		if (one && other && one->index == other->index) {
			raise_to(&change, compare_link(one, other));
			i++;
			j++;
			continue;
		}
		if (!other || (one && one->index < other->index)) {
			i++;
			other = one;
		} else {
			j++;
		}
		raise_to(&change, link_counts(other) ? NETWORK_CHANGED :
							NETWORK_LEARNED);
	}
	return change;
}

NetworkChange
network_state_compare(const NetworkState *before, const NetworkState *after)
{
	NetworkChange change = compare_all_links(before, after);

	if (before->routes->len != after->routes->len)
		return NETWORK_CHANGED;
	for (guint i = 0; i < before->routes->len; i++)
		raise_to(&change,
			 compare_route(&g_array_index(before->routes,
						      NetRoute, i),
				       &g_array_index(after->routes,
						      NetRoute, i)));
	if (!texts_equal(before->domains, after->domains))
		raise_to(&change, NETWORK_CHANGED);
	if (!texts_equal(before->servers, after->servers))
		raise_to(&change, NETWORK_LEARNED);
	return change;
}

char *
network_state_place(const NetworkState *state)
{
	const NetRoute *route = network_state_default(state);
	const NetLink *link;
	g_autofree char *ssid = NULL;
	char gateway[NETWORK_ADDRESS_TEXT];
	char mac[NETWORK_MAC_TEXT] = "?";

	if (!route)
		return g_strdup("");
	link = network_state_link(state, route->link);
	ssid = net_ssid_format(link->wifi.ssid, link->wifi.ssid_length);
	if (route->mac_state == MAC_KNOWN)
		net_mac_format(route->mac, mac);
	net_address_format(&route->gateway, FALSE, gateway);
	/* The MAC first and without blanks: the rest may be anything. */
	return g_strdup_printf("%s %s %s %s", mac, gateway, link->name, ssid);
}

gboolean
network_place_same(const char *one, const char *other)
{
	const char *rest = strchr(one, ' ');
	const char *other_rest = strchr(other, ' ');

	if (!rest || !other_rest)
		return g_str_equal(one, other);
	if (!g_str_equal(rest, other_rest))
		return FALSE;
	return one[0] == '?' || other[0] == '?' || g_str_equal(one, other);
}
