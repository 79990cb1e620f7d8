// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/place-fixture.h"

#include <check.h>
#include <stdlib.h>
#include <sys/socket.h>

static void
add_link(NetworkState *state, char **words, int index)
{
	NetAddress address;
	LinkType type;
	NetLink *link;

	ck_assert_uint_eq(g_strv_length(words), 8);
	ck_assert(link_type_from_name(words[1], &type));
	link = network_state_add_link(state, index, words[0], type);
	link->up = link->carrier = TRUE;
	if (!g_str_equal(words[2], "-")) {
		ck_assert(net_ssid_parse(words[2], link->wifi.ssid,
					 &link->wifi.ssid_length));
		ck_assert(wifi_security_from_name(words[3],
						  &link->wifi.security));
		net_mac_parse("02:00:00:00:00:01", link->wifi.bssid);
	}
	if (net_address_parse(words[4], &address))
		network_link_add_address(link, &address);
}

static void
add_route(NetworkState *state, char **words, int index)
{
	NetRoute *route;

	if (g_str_equal(words[7], "-"))
		return;
	route = network_state_add_route(state, AF_INET, index,
					atoi(words[7]));
	route->mac_state = MAC_NONE;
	if (!net_address_parse(words[5], &route->gateway))
		return;
	route->mac_state = g_str_equal(words[6], "?") ? MAC_UNKNOWN :
							MAC_UNRESOLVABLE;
	if (net_mac_parse(words[6], route->mac))
		route->mac_state = MAC_KNOWN;
}

NetworkState *
place(const char *text)
{
	g_auto(GStrv) links = g_strsplit(text, "; ", -1);
	NetworkState *state = network_state_new();

	network_state_add_link(state, 1, "lo", LINK_LOOPBACK)->up = TRUE;
	for (int i = 0; *text && links[i]; i++) {
		g_auto(GStrv) words = g_strsplit(links[i], " ", -1);

		add_link(state, words, i + 2);
		add_route(state, words, i + 2);
	}
	network_state_sort(state);
	return state;
}

GPtrArray *
profiles_of(const char *const *files)
{
	GPtrArray *profiles =
		g_ptr_array_new_with_free_func((GDestroyNotify)profile_free);

	for (; files[0]; files += 2) {
		g_autoptr(GError) error = NULL;
		g_autoptr(Config) config = config_parse(
			CONFIG_PROFILE, files[1], files[0], &error);
		Profile *profile = config ?
			profile_from_config(config, files[0], &error) : NULL;

		if (!profile)
			ck_abort_msg("%s: %s", files[0], error->message);
		g_ptr_array_add(profiles, profile);
	}
	return profiles;
}
