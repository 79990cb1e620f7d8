// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/network.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "daemon/engine/network-read.h"

static const struct {
	const char *text;
	const char *back; /* NULL: no address */
} address_rows[] = {
	{ "10.0.0.1", "10.0.0.1" },
	{ "10.0.0.0/8", "10.0.0.0/8" },
	{ "10.0.0.1/32", "10.0.0.1" },
	{ "0.0.0.0/0", "0.0.0.0/0" },
	{ "fe80::1", "fe80::1" },
	{ "2001:DB8::/32", "2001:db8::/32" },
	{ "::/0", "::/0" },
	{ "", NULL },
	{ "10.0.0", NULL },
	{ "10.0.0.1/33", NULL },
	{ "10.0.0.1/-1", NULL },
	{ "10.0.0.1/", NULL },
	{ "10.0.0.1/8x", NULL },
	{ "/8", NULL },
	{ "fe80::1%eth0", NULL },
	{ "::1/129", NULL },
	{ "1234567890123456789012345678901234567890123456789::1", NULL },
};

START_TEST(addresses_are_read_and_written)
{
	NetAddress address;
	char buffer[NETWORK_ADDRESS_TEXT];
	gboolean good = net_address_parse(address_rows[_i].text, &address);

	ck_assert_int_eq(good, address_rows[_i].back != NULL);
	if (good)
		ck_assert_str_eq(net_address_format(&address, TRUE, buffer),
				 address_rows[_i].back);
}
END_TEST

static const struct {
	const char *address;
	const char *subnet;
	gboolean in;
} subnet_rows[] = {
	{ "10.1.2.3", "10.0.0.0/8", TRUE },
	{ "11.1.2.3", "10.0.0.0/8", FALSE },
	{ "192.168.178.23", "192.168.176.0/20", TRUE },
	{ "192.168.192.1", "192.168.176.0/20", FALSE },
	{ "10.0.0.1", "10.0.0.1/32", TRUE },
	{ "10.0.0.2", "10.0.0.1/32", FALSE },
	{ "8.8.8.8", "0.0.0.0/0", TRUE },
	{ "fd09::2", "fd09::/64", TRUE },
	{ "fd09:0:0:1::2", "fd09::/64", FALSE },
	{ "fd09::2", "0.0.0.0/0", FALSE },
	{ "10.0.0.1", "::/0", FALSE },
};

START_TEST(an_address_lies_in_a_subnet_or_not)
{
	NetAddress address;
	NetAddress subnet;

	ck_assert(net_address_parse(subnet_rows[_i].address, &address));
	ck_assert(net_address_parse(subnet_rows[_i].subnet, &subnet));
	ck_assert_int_eq(net_address_in(&address, &subnet),
			 subnet_rows[_i].in);
}
END_TEST

static const struct {
	const char *address;
	gboolean local;
} local_rows[] = {
	{ "127.0.0.1", TRUE },    { "169.254.3.4", TRUE },
	{ "::1", TRUE },          { "fe80::5", TRUE },
	{ "192.168.1.1", FALSE }, { "fd00::1", FALSE },
	{ "2001:db8::1", FALSE }, { "febf::1", TRUE },
	{ "fec0::1", FALSE },
};

START_TEST(local_addresses_are_known)
{
	NetAddress address;

	ck_assert(net_address_parse(local_rows[_i].address, &address));
	ck_assert_int_eq(net_address_is_local(&address),
			 local_rows[_i].local);
}
END_TEST

static const struct {
	const char *text;
	gboolean good;
	gboolean virtual;
} mac_rows[] = {
	{ "00:11:22:aa:BB:cc", TRUE, FALSE },
	{ "00-11-22-aa-bb-cc", TRUE, FALSE },
	{ "00:00:5e:00:01:07", TRUE, TRUE },
	{ "00:00:5e:00:02:07", TRUE, TRUE },
	{ "00:00:0c:07:ac:0a", TRUE, TRUE },
	{ "00:00:0c:9f:f0:01", TRUE, TRUE },
	{ "00:00:5e:00:03:07", TRUE, FALSE },
	{ "00:11:22:aa:bb", FALSE, FALSE },
	{ "00:11:22:aa:bb:cc:dd", FALSE, FALSE },
	{ "00:11:22:aa:bb:c", FALSE, FALSE },
	{ "00:11:22:aa:bb:cg", FALSE, FALSE },
	{ "001122aabbcc", FALSE, FALSE },
	{ "00:11:22:aa:bb:cc ", FALSE, FALSE },
	{ "", FALSE, FALSE },
};

START_TEST(macs_are_read_and_virtual_ones_known)
{
	guint8 mac[NETWORK_MAC_SIZE] = { 0 };
	gboolean good = net_mac_parse(mac_rows[_i].text, mac);

	ck_assert_int_eq(good, mac_rows[_i].good);
	if (good)
		ck_assert_int_eq(net_mac_is_virtual(mac),
				 mac_rows[_i].virtual);
}
END_TEST

static const struct {
	const char *bytes;
	guint length;
	const char *text;
} ssid_rows[] = {
	{ "home", 4, "home" },
	{ "Caf\xc3\xa9 Luna", 10, "Caf\xc3\xa9 Luna" },
	{ "a\\b", 3, "a\\x5cb" },
	{ "\xff\xfe", 2, "\\xff\\xfe" },
	{ "a\0b", 3, "a\\x00b" },
	{ "x\n\033[2J", 6, "x\\x0a\\x1b[2J" },
	{ "\xe2\x80\xae" "evil", 7, "\\xe2\\x80\\xae" "evil" },
	{ "12345678901234567890123456789012", 32,
	  "12345678901234567890123456789012" },
};

START_TEST(an_ssid_is_shown_and_read_back)
{
	const guint8 *bytes = (const guint8 *)ssid_rows[_i].bytes;
	g_autofree char *text = net_ssid_format(bytes, ssid_rows[_i].length);
	guint8 back[NETWORK_SSID_SIZE];
	guint8 length;

	ck_assert_str_eq(text, ssid_rows[_i].text);
	ck_assert(net_ssid_parse(text, back, &length));
	ck_assert_uint_eq(length, ssid_rows[_i].length);
	ck_assert_mem_eq(back, bytes, length);
}
END_TEST

static const char *const bad_ssids[] = {
	"", "\\", "\\x", "\\x4", "\\xzz", "\\n",
	"123456789012345678901234567890123",
};

START_TEST(no_ssid_is_refused)
{
	guint8 ssid[NETWORK_SSID_SIZE];
	guint8 length;

	ck_assert(!net_ssid_parse(bad_ssids[_i], ssid, &length));
}
END_TEST

START_TEST(words_are_read_back)
{
	for (LinkType type = LINK_OTHER; type <= LINK_LOOPBACK; type++) {
		LinkType back;

		ck_assert(link_type_from_name(link_type_name(type), &back));
		ck_assert_int_eq(back, type);
	}
	for (WifiSecurity security = WIFI_UNKNOWN;
	     security <= WIFI_ENTERPRISE; security++) {
		WifiSecurity back;

		ck_assert(wifi_security_from_name(
			wifi_security_name(security), &back));
		ck_assert_int_eq(back, security);
	}
}
END_TEST

static void
add_address(NetLink *link, const char *text)
{
	NetAddress address;

	ck_assert(net_address_parse(text, &address));
	ck_assert(network_link_add_address(link, &address));
}

static NetRoute *
add_route(NetworkState *state, int link, const char *gateway,
	  const char *mac, guint metric)
{
	NetAddress address;
	NetRoute *route;

	ck_assert(net_address_parse(gateway, &address));
	route = network_state_add_route(state, address.family, link, metric);
	route->gateway = address;
	if (mac && net_mac_parse(mac, route->mac))
		route->mac_state = MAC_KNOWN;
	return route;
}

static void
join(NetLink *link, const char *ssid, const char *bssid)
{
	ck_assert(net_ssid_parse(ssid, link->wifi.ssid,
				 &link->wifi.ssid_length));
	ck_assert(net_mac_parse(bssid, link->wifi.bssid));
	link->wifi.security = WIFI_PSK;
}

/* A notebook at home: Wi-Fi, loopback, a dead wire. */
static NetworkState *
home(void)
{
	NetworkState *state = network_state_new();
	NetLink *link = network_state_add_link(state, 3, "wlan0", LINK_WIFI);

	link->up = link->carrier = TRUE;
	join(link, "FritzBox 7590", "02:00:00:00:00:01");
	add_address(link, "192.168.178.23/24");
	add_address(link, "fe80::23/64");
	link = network_state_add_link(state, 1, "lo", LINK_LOOPBACK);
	link->up = TRUE;
	add_address(link, "127.0.0.1/8");
	network_state_add_link(state, 2, "eth0", LINK_WIRED);
	add_route(state, 3, "192.168.178.1", "3c:a6:2f:01:51:0c", 600);
	network_state_sort(state);
	return state;
}

static NetLink *
link_of(NetworkState *state, int index)
{
	return (NetLink *)network_state_link(state, index);
}

static void
nothing(NetworkState *state)
{
	(void)state;
}

static void
roam(NetworkState *state)
{
	link_of(state, 3)->wifi.bssid[5] = 9;
}

static void
rename_network(NetworkState *state)
{
	join(link_of(state, 3), "Cafe", "02:00:00:00:00:01");
}

static void
lose_link(NetworkState *state)
{
	link_of(state, 3)->up = FALSE;
}

static void
renew_lease(NetworkState *state)
{
	g_array_set_size(link_of(state, 3)->addresses, 0);
	add_address(link_of(state, 3), "192.168.178.99/24");
}

static void
move_subnet(NetworkState *state)
{
	g_array_set_size(link_of(state, 3)->addresses, 0);
	add_address(link_of(state, 3), "192.168.1.99/24");
}

static void
add_link_local(NetworkState *state)
{
	add_address(link_of(state, 3), "fe80::99/64");
}

static void
lose_route(NetworkState *state)
{
	g_array_set_size(state->routes, 0);
}

static void
change_metric(NetworkState *state)
{
	g_array_index(state->routes, NetRoute, 0).metric = 50;
}

static void
swap_router(NetworkState *state)
{
	g_array_index(state->routes, NetRoute, 0).mac[5] = 0xff;
}

static void
forget_router(NetworkState *state)
{
	g_array_index(state->routes, NetRoute, 0).mac_state = MAC_UNKNOWN;
}

static void
raise_vpn(NetworkState *state)
{
	NetLink *link = network_state_add_link(state, 9, "tun0", LINK_VPN);

	link->up = TRUE;
	add_address(link, "10.8.0.2/32");
}

static void
raise_container(NetworkState *state)
{
	NetLink *link = network_state_add_link(state, 9, "veth1",
					       LINK_WIRED);

	link->up = TRUE;
	add_address(link, "fe80::77/64");
}

static void
learn_domain(NetworkState *state)
{
	network_state_add_domain(state, "fritz.box");
}

static void
learn_server(NetworkState *state)
{
	network_state_add_server(state, "192.168.178.1");
}

static void
plug_dead_wire(NetworkState *state)
{
	link_of(state, 2)->carrier = TRUE;
}

static const struct {
	void (*alter)(NetworkState *state);
	NetworkChange change;
} change_rows[] = {
	{ nothing, NETWORK_SAME },
	{ roam, NETWORK_ROAMED },
	{ rename_network, NETWORK_CHANGED },
	{ lose_link, NETWORK_CHANGED },
	{ renew_lease, NETWORK_LEARNED },
	{ move_subnet, NETWORK_CHANGED },
	{ add_link_local, NETWORK_LEARNED },
	{ lose_route, NETWORK_CHANGED },
	{ change_metric, NETWORK_CHANGED },
	{ swap_router, NETWORK_CHANGED },
	{ forget_router, NETWORK_SAME },
	{ raise_vpn, NETWORK_CHANGED },
	{ raise_container, NETWORK_LEARNED },
	{ learn_domain, NETWORK_CHANGED },
	{ learn_server, NETWORK_LEARNED },
	{ plug_dead_wire, NETWORK_LEARNED },
};

START_TEST(changes_are_weighed)
{
	g_autoptr(NetworkState) before = home();
	g_autoptr(NetworkState) after = network_state_copy(before);

	change_rows[_i].alter(after);
	network_state_sort(after);
	ck_assert_int_eq(network_state_compare(before, after),
			 change_rows[_i].change);
	ck_assert_int_eq(network_state_compare(before, before),
			 NETWORK_SAME);
}
END_TEST

START_TEST(a_gateway_that_answers_was_learnt)
{
	g_autoptr(NetworkState) after = home();
	g_autoptr(NetworkState) before = network_state_copy(after);

	forget_router(before);
	ck_assert(network_state_mac_pending(before));
	ck_assert_int_eq(network_state_compare(before, after),
			 NETWORK_LEARNED);
	ck_assert(!network_state_mac_pending(after));
}
END_TEST

START_TEST(the_place_is_named_by_its_way_out)
{
	g_autoptr(NetworkState) state = home();
	g_autoptr(NetworkState) nowhere = network_state_new();
	g_autofree char *place = network_state_place(state);
	g_autofree char *none = network_state_place(nowhere);
	g_autofree char *unsure = NULL;
	g_autofree char *other = NULL;

	ck_assert_str_eq(place, "3c:a6:2f:01:51:0c 192.168.178.1 wlan0 "
				"FritzBox 7590");
	ck_assert_str_eq(none, "");
	forget_router(state);
	unsure = network_state_place(state);
	ck_assert(network_place_same(place, unsure));
	ck_assert(network_place_same(unsure, place));
	ck_assert(!network_place_same(place, none));
	ck_assert(network_place_same(none, none));
	g_array_index(state->routes, NetRoute, 0).mac_state = MAC_KNOWN;
	swap_router(state);
	other = network_state_place(state);
	ck_assert(!network_place_same(place, other));
	ck_assert(network_place_same(unsure, other));
}
END_TEST

START_TEST(a_place_is_one_line_for_people)
{
	g_autoptr(NetworkState) state = home();
	g_autofree char *line = network_state_describe(state);
	g_autofree char *local = NULL;
	g_autofree char *none = NULL;

	ck_assert_str_eq(line, "wlan0 \"FritzBox 7590\" 192.168.178.23/24");
	lose_route(state);
	local = network_state_describe(state);
	ck_assert_str_eq(local, "wlan0 \"FritzBox 7590\" 192.168.178.23/24, "
				"no way beyond it");
	ck_assert(network_state_has_address(state));
	ck_assert(!network_state_usable(state));
	lose_link(state);
	none = network_state_describe(state);
	ck_assert_str_eq(none, "no network");
	ck_assert(!network_state_has_address(state));
}
END_TEST

START_TEST(a_dead_links_route_is_no_way_out)
{
	g_autoptr(NetworkState) state = home();

	add_route(state, 2, "10.0.0.1", NULL, 10);
	network_state_sort(state);
	ck_assert_int_eq(network_state_default(state)->link, 3);
	link_of(state, 2)->up = TRUE; /* but it has no address */
	ck_assert_int_eq(network_state_default(state)->link, 3);
	add_address(link_of(state, 2), "10.0.0.2/8");
	ck_assert_int_eq(network_state_default(state)->link, 2);
}
END_TEST

START_TEST(the_wire_sees_links)
{
	g_autoptr(NetworkState) state = home();
	g_autoptr(GVariant) links =
		g_variant_ref_sink(network_state_to_variant(state));
	g_autoptr(GVariant) wifi = g_variant_get_child_value(links, 1);
	const char *text;
	guint32 metric;

	ck_assert(g_variant_is_of_type(links, G_VARIANT_TYPE("aa{sv}")));
	ck_assert_uint_eq(g_variant_n_children(links), 2);
	ck_assert(g_variant_lookup(wifi, "kind", "&s", &text));
	ck_assert_str_eq(text, "wifi");
	ck_assert(g_variant_lookup(wifi, "ssid", "&s", &text));
	ck_assert_str_eq(text, "FritzBox 7590");
	ck_assert(g_variant_lookup(wifi, "gateway", "&s", &text));
	ck_assert_str_eq(text, "192.168.178.1");
	ck_assert(g_variant_lookup(wifi, "gateway-mac", "&s", &text));
	ck_assert_str_eq(text, "3c:a6:2f:01:51:0c");
	ck_assert(g_variant_lookup(wifi, "metric", "u", &metric));
	ck_assert_uint_eq(metric, 600);
}
END_TEST

START_TEST(everything_is_bounded)
{
	g_autoptr(NetworkState) state = network_state_new();
	NetAddress address;
	NetLink *link;

	net_address_parse("10.0.0.1", &address);
	for (int i = 0; i < NETWORK_MAX_LINKS; i++)
		link = network_state_add_link(state, i, "x", LINK_WIRED);
	ck_assert_ptr_null(network_state_add_link(state, 999, "x",
						  LINK_WIRED));
	for (int i = 0; i < NETWORK_MAX_ADDRESSES; i++)
		ck_assert(network_link_add_address(link, &address));
	ck_assert(!network_link_add_address(link, &address));
	for (int i = 0; i < NETWORK_MAX_ROUTES; i++)
		network_state_add_route(state, AF_INET, 1, 0);
	ck_assert_ptr_null(network_state_add_route(state, AF_INET, 1, 0));
	for (int i = 0; i < NETWORK_MAX_DOMAINS + 5; i++)
		network_state_add_domain(state, "x");
	ck_assert_uint_eq(state->domains->len, NETWORK_MAX_DOMAINS);
}
END_TEST

#define SSID_HOME "\x00\x04home"
/* Group CCMP, one pairwise CCMP; then AKM suites as given. */
#define RSN(length, count, akms) \
	"\x30" length "\x01\x00\x00\x0f\xac\x04\x01\x00\x00\x0f\xac\x04" \
	count "\x00" akms
#define WPA \
	"\xdd\x16\x00\x50\xf2\x01\x01\x00\x00\x50\xf2\x02\x01\x00" \
	"\x00\x50\xf2\x02\x01\x00\x00\x50\xf2\x02"
#define BYTES(text) text, sizeof(text) - 1

static const struct {
	const char *elements;
	gsize size;
	guint16 capability;
	const char *ssid;
	WifiSecurity security;
} element_rows[] = {
	{ BYTES(SSID_HOME), 0x01, "home", WIFI_OPEN },
	{ BYTES(SSID_HOME), 0x11, "home", WIFI_WEP },
	{ BYTES(SSID_HOME RSN("\x12", "\x01", "\x00\x0f\xac\x02")), 0x11,
	  "home", WIFI_PSK },
	{ BYTES(RSN("\x12", "\x01", "\x00\x0f\xac\x08") SSID_HOME), 0x11,
	  "home", WIFI_SAE },
	{ BYTES(SSID_HOME RSN("\x12", "\x01", "\x00\x0f\xac\x01")), 0x11,
	  "home", WIFI_ENTERPRISE },
	{ BYTES(SSID_HOME RSN("\x12", "\x01", "\x00\x0f\xac\x12")), 0x11,
	  "home", WIFI_OWE },
	/* WPA2 and WPA3 together promise no more than WPA2. */
	{ BYTES(SSID_HOME RSN("\x16", "\x02",
			      "\x00\x0f\xac\x08\x00\x0f\xac\x02")), 0x11,
	  "home", WIFI_PSK },
	{ BYTES(SSID_HOME WPA), 0x11, "home", WIFI_PSK },
	/* The old element does not weaken what the new one says. */
	{ BYTES(SSID_HOME RSN("\x12", "\x01", "\x00\x0f\xac\x01") WPA), 0x11,
	  "home", WIFI_ENTERPRISE },
	/* Hidden, and hidden with its length shown. */
	{ BYTES("\x00\x00"), 0x01, "", WIFI_OPEN },
	{ BYTES("\x00\x04\x00\x00\x00\x00"), 0x01, "", WIFI_OPEN },
	/* Cut short, a length beyond the end, an impossible SSID. */
	{ BYTES("\x00"), 0x01, "", WIFI_OPEN },
	{ BYTES("\x00\x09home"), 0x01, "", WIFI_OPEN },
	{ BYTES("\x00\x21" "123456789012345678901234567890123"), 0x01, "",
	  WIFI_OPEN },
	{ BYTES(SSID_HOME "\x30\x03\x01\x00\x00"), 0x11, "home",
	  WIFI_UNKNOWN },
	/* More suites promised than there are. */
	{ BYTES(SSID_HOME RSN("\x12", "\xff", "\x00\x0f\xac\x02")), 0x11,
	  "home", WIFI_PSK },
	{ BYTES(SSID_HOME "\x30\x08\x01\x00\x00\x0f\xac\x04\xff\xff"), 0x11,
	  "home", WIFI_UNKNOWN },
};

START_TEST(elements_tell_name_and_security)
{
	guint8 *copy = g_memdup2(element_rows[_i].elements,
				 element_rows[_i].size);
	g_autofree char *ssid = NULL;
	NetWifi wifi = { 0 };

	network_read_elements(copy, element_rows[_i].size,
			      element_rows[_i].capability, &wifi);
	ssid = net_ssid_format(wifi.ssid, wifi.ssid_length);
	ck_assert_str_eq(ssid, element_rows[_i].ssid);
	ck_assert_int_eq(wifi.security, element_rows[_i].security);
	g_free(copy);
}
END_TEST

static const struct {
	const char *text;
	const char *domains;
	const char *servers;
} resolv_rows[] = {
	{ "", "", "" },
	{ "nameserver 10.0.0.1\nsearch Fritz.Box\n", "fritz.box",
	  "10.0.0.1" },
	{ "domain a.example\nsearch b.example c.example.\n",
	  "b.example,c.example", "" },
	{ "search b.example\ndomain a.example", "a.example", "" },
	{ "# search x\n;search y\noptions edns0\n", "", "" },
	{ "\tnameserver\t::1\r\n nameserver   10.0.0.2  \n", "",
	  "::1,10.0.0.2" },
	{ "search .\n", "", "" },
	{ "nameserver\n", "", "" },
};

static char *
join_texts(const GPtrArray *texts)
{
	GString *all = g_string_new(NULL);

	for (guint i = 0; i < texts->len; i++)
		g_string_append_printf(all, "%s%s", i ? "," : "",
				       (const char *)texts->pdata[i]);
	return g_string_free(all, FALSE);
}

START_TEST(resolv_conf_is_read)
{
	g_autoptr(NetworkState) state = network_state_new();
	g_autofree char *domains = NULL;
	g_autofree char *servers = NULL;

	network_read_resolv(resolv_rows[_i].text, state);
	domains = join_texts(state->domains);
	servers = join_texts(state->servers);
	ck_assert_str_eq(domains, resolv_rows[_i].domains);
	ck_assert_str_eq(servers, resolv_rows[_i].servers);
}
END_TEST

#define ADD_TABLE(test, rows) \
	tcase_add_loop_test(core, test, 0, G_N_ELEMENTS(rows))

static Suite *
make_network_suite(void)
{
	Suite *suite = suite_create("network");
	TCase *core = tcase_create("core");

	ADD_TABLE(addresses_are_read_and_written, address_rows);
	ADD_TABLE(an_address_lies_in_a_subnet_or_not, subnet_rows);
	ADD_TABLE(local_addresses_are_known, local_rows);
	ADD_TABLE(macs_are_read_and_virtual_ones_known, mac_rows);
	ADD_TABLE(an_ssid_is_shown_and_read_back, ssid_rows);
	ADD_TABLE(no_ssid_is_refused, bad_ssids);
	ADD_TABLE(changes_are_weighed, change_rows);
	ADD_TABLE(elements_tell_name_and_security, element_rows);
	ADD_TABLE(resolv_conf_is_read, resolv_rows);
	tcase_add_test(core, words_are_read_back);
	tcase_add_test(core, a_gateway_that_answers_was_learnt);
	tcase_add_test(core, the_place_is_named_by_its_way_out);
	tcase_add_test(core, a_place_is_one_line_for_people);
	tcase_add_test(core, a_dead_links_route_is_no_way_out);
	tcase_add_test(core, the_wire_sees_links);
	tcase_add_test(core, everything_is_bounded);
	suite_add_tcase(suite, core);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_network_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
