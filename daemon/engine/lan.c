// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/lan.h"

#include <string.h>

#include "common/listen.h"
#include "daemon/engine/place.h"
#include "daemon/engine/server.h"

struct Lan {
	Engine *engine;
	char *open; /* the addresses asked for, blank between; "" */
};

gboolean
lan_is_entry(const char *entry)
{
	return g_str_has_prefix(entry, LISTEN_LAN ":");
}

/* RFC 1918 and RFC 4193: what no stranger can reach us by. */
static gboolean
is_private(const NetAddress *address)
{
	static const char *const nets[] = { "10.0.0.0/8", "172.16.0.0/12",
					    "192.168.0.0/16", "fc00::/7" };
	NetAddress net;

	for (guint i = 0; i < G_N_ELEMENTS(nets); i++)
		if (net_address_parse(nets[i], &net) &&
		    net_address_in(address, &net))
			return TRUE;
	return FALSE;
}

/* A VPN leads to a far network: that is no neighbourhood. */
static gboolean
is_neighbourhood(const NetLink *link)
{
	return link->up &&
	       (link->type == LINK_WIRED ||
		(link->type == LINK_WIFI &&
		 wifi_security_has_key(link->wifi.security)));
}

/* A settled place that is trusted, as it is now. */
static gboolean
is_trusted(const Lan *lan)
{
	return place_choice(lan->engine->place)->trusted &&
	       !place_is_settling(lan->engine->place);
}

typedef void (*EachAddress)(const NetAddress *address, gpointer data);

static void
for_each_address(const Lan *lan, EachAddress each, gpointer data)
{
	const NetworkState *network = place_network(lan->engine->place);

	for (guint i = 0; i < network->links->len; i++) {
		const NetLink *link = &g_array_index(network->links, NetLink,
						     i);

		if (!is_neighbourhood(link))
			continue;
		for (guint j = 0; j < link->addresses->len; j++) {
			const NetAddress *address = &g_array_index(
				link->addresses, NetAddress, j);

			if (is_private(address))
				each(address, data);
		}
	}
}

static void
append_address(const NetAddress *address, gpointer data)
{
	char text[NETWORK_ADDRESS_TEXT];

	g_string_append_printf(data, " %s",
			       net_address_format(address, FALSE, text));
}

static gboolean
has_entry(const Lan *lan)
{
	for (char **entry = lan->engine->settings->listen; *entry; entry++)
		if (lan_is_entry(*entry))
			return TRUE;
	return FALSE;
}

static void
open_all(const Lan *lan)
{
	Engine *engine = lan->engine;
	g_auto(GStrv) addresses = g_strsplit(lan->open, " ", -1);

	for (char **entry = engine->settings->listen; *entry; entry++) {
		if (!lan_is_entry(*entry))
			continue;
		for (char **address = addresses; *address; address++)
			if (**address)
				spawner_listen(engine->spawner, *entry,
					       *address);
	}
}

void
lan_follow(Lan *lan)
{
	g_autoptr(GString) wanted = g_string_new(NULL);
	Engine *engine = lan->engine;

	if (!engine->place || !engine->spawner || !engine->server)
		return;
	if (has_entry(lan) && is_trusted(lan))
		for_each_address(lan, append_address, wanted);
	if (g_str_equal(wanted->str, lan->open))
		return;
	g_free(lan->open);
	lan->open = g_strdup(wanted->str);
	server_close_lan(engine->server);
	open_all(lan);
	if (!*lan->open)
		events_add(engine->events, "listen", FALSE, NULL, NULL,
			   "the local network is not served any more");
}

typedef struct {
	NetAddress peer;
	gboolean found;
} Search;

static void
look_for_peer(const NetAddress *address, gpointer data)
{
	Search *search = data;

	if (net_address_in(&search->peer, address))
		search->found = TRUE;
}

gboolean
lan_serves(const Lan *lan, const PeerAddress *peer)
{
	Search search = { .found = FALSE };

	if (lan->engine->paths->user || !is_trusted(lan) ||
	    !net_address_parse(peer->text, &search.peer))
		return FALSE;
	for_each_address(lan, look_for_peer, &search);
	return search.found;
}

void
lan_forget(Lan *lan)
{
	g_free(lan->open);
	lan->open = g_strdup("");
}

Lan *
lan_new(Engine *engine)
{
	Lan *lan = g_new0(Lan, 1);

	lan->engine = engine;
	lan->open = g_strdup("");
	return lan;
}

void
lan_free(Lan *lan)
{
	if (!lan)
		return;
	g_free(lan->open);
	g_free(lan);
}
