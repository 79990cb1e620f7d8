// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a kernel said while a laptop walked from one Wi-Fi network to
 * another (recorded by netlink-record in wifi-vm), read without a kernel.
 * In tests/netlink/walk a line is a message in hex after its kind; "expect"
 * says what is then known; a line that begins with a tab goes on the one
 * before. And any cut of every message harms nobody.
 */
#include <arpa/inet.h>
#include <check.h>
#include <linux/genetlink.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/engine/netwatch-parts.h"

typedef struct {
	Table table;
	NetWifi joined;    /* by the answers to GET_SCAN so far */
	gboolean answers;  /* answers came since the last event */
	gboolean asked;    /* the last event was worth asking */
	MacState mac_state;
	guint8 mac[NETWORK_MAC_SIZE];
	NetworkState *before;
	guint expected;
} Walk;

/* (transfer full); a message whose length says what it has. */
static struct nlmsghdr *
from_hex(const char *hex)
{
	gsize size = strlen(hex) / 2;
	guint8 *bytes = g_malloc(size);

	for (gsize i = 0; i < size; i++)
		bytes[i] = g_ascii_xdigit_value(hex[2 * i]) * 16 +
			   g_ascii_xdigit_value(hex[2 * i + 1]);
	ck_assert_uint_ge(size, NLMSG_HDRLEN);
	ck_assert_uint_eq(((struct nlmsghdr *)bytes)->nlmsg_len, size);
	return (struct nlmsghdr *)bytes;
}

/* Who the gateway is, if this message says so. */
static void
hear_neighbour(Walk *walk, struct nlmsghdr *header)
{
	g_autoptr(NetworkState) state = table_to_state(&walk->table);
	const NetRoute *route = network_state_default(state);

	if (route)
		netwatch_read_neighbour(header, route->link, &route->gateway,
					&walk->mac_state, walk->mac);
}

static void
hear_route(Walk *walk, struct nlmsghdr *header)
{
	gboolean reread = FALSE;

	table_apply(&walk->table, header, &reread);
	/* Without an address its routes go, and not all by a message. */
	if (reread && (header->nlmsg_type == RTM_DELADDR ||
		       header->nlmsg_type == RTM_DELROUTE))
		g_array_set_size(walk->table.routes, 0);
	table_apply_route(&walk->table, header);
	hear_neighbour(walk, header);
}

/* All links that are Wi-Fi are joined to what the answers said. */
static void
take_answers(Walk *walk)
{
	GHashTableIter iter;
	gpointer data;

	if (!walk->answers)
		return;
	g_hash_table_iter_init(&iter, walk->table.links);
	while (g_hash_table_iter_next(&iter, NULL, &data)) {
		WatchedLink *link = data;

		if (link->is_wifi)
			link->wifi = walk->joined;
	}
	memset(&walk->joined, 0, sizeof(walk->joined));
	walk->answers = FALSE;
}

/* 'wlan1 "home" 10.0.1.2/24 psk 02:... 02:... roamed' */
static char *
say(Walk *walk, const NetworkState *state)
{
	static const char *const changes[] = { "same", "learned", "roamed",
					       "changed" };
	g_autofree char *where = network_state_describe(state);
	const NetRoute *route = network_state_default(state);
	const NetLink *link = route ? network_state_link(state, route->link)
				    : NULL;
	NetworkChange change = network_state_compare(walk->before, state);
	char bssid[NETWORK_MAC_TEXT], mac[NETWORK_MAC_TEXT];

	if (!link)
		return g_strdup_printf("%s, %s", where, changes[change]);
	return g_strdup_printf(
		"%s %s %s %s %s", where,
		wifi_security_name(link->wifi.security),
		net_mac_format(link->wifi.bssid, bssid),
		walk->mac_state == MAC_KNOWN ? net_mac_format(walk->mac, mac)
					     : "-",
		changes[change]);
}

static void
expect(Walk *walk, const char *text)
{
	NetworkState *state = table_to_state(&walk->table);
	g_autofree char *said = say(walk, state);

	if (!g_str_equal(said, text))
		ck_abort_msg("%s\n instead of %s", said, text);
	network_state_free(walk->before);
	walk->before = state;
	walk->mac_state = MAC_UNKNOWN;
	walk->expected++;
}

static void
hear(Walk *walk, const char *kind, const char *rest)
{
	g_autofree struct nlmsghdr *header = NULL;

	if (g_str_equal(kind, "expect")) {
		take_answers(walk);
		expect(walk, rest);
		return;
	}
	header = from_hex(rest);
	if (g_str_equal(kind, "route")) {
		hear_route(walk, header);
	} else if (g_str_equal(kind, "wifi")) {
		take_answers(walk);
		walk->asked = netwatch_read_move(header);
	} else if (g_str_equal(kind, "interface")) {
		ck_assert(walk->asked);
		netwatch_read_interface(header, &walk->table);
		walk->answers = TRUE;
	} else {
		ck_assert_str_eq(kind, "bss");
		netwatch_read_bss(header, &walk->joined);
	}
}

/* Calls @each with every line's two words. */
static void
read_lines(void (*each)(Walk *, const char *, const char *), Walk *walk)
{
	g_autofree char *path = g_build_filename(
		getenv("top_srcdir"), "tests/netlink/walk", NULL);
	g_autofree char *text = NULL;
	g_autoptr(GString) joined = NULL;
	g_auto(GStrv) lines = NULL;

	ck_assert_msg(g_file_get_contents(path, &text, NULL, NULL), "%s",
		      path);
	joined = g_string_new(text);
	g_string_replace(joined, "\n\t", "", 0);
	lines = g_strsplit(joined->str, "\n", -1);
	for (char **line = lines; *line; line++) {
		char *rest = strchr(*line, ' ');

		if (!rest || **line == '#')
			continue;
		*rest++ = '\0';
		each(walk, *line, rest);
	}
}

START_TEST(a_walk_is_understood)
{
	Walk walk = { .before = network_state_new() };

	table_init(&walk.table);
	read_lines(hear, &walk);
	ck_assert_uint_ge(walk.expected, 6);
	network_state_free(walk.before);
	table_clear(&walk.table);
}
END_TEST

static void
hear_all_ways(struct nlmsghdr *header)
{
	const NetAddress gateway = { AF_INET, { 10, 0, 1, 1 }, 32 };
	guint8 mac[NETWORK_MAC_SIZE];
	NetWifi wifi = { 0 };
	gboolean reread;
	MacState state;
	Table table;

	table_init(&table);
	table_apply(&table, header, &reread);
	table_apply_route(&table, header);
	netwatch_read_family(header);
	netwatch_read_move(header);
	netwatch_read_interface(header, &table);
	netwatch_read_bss(header, &wifi);
	netwatch_read_neighbour(header, 3, &gateway, &state, mac);
	ck_assert_uint_le(wifi.ssid_length, NETWORK_SSID_SIZE);
	network_state_free(table_to_state(&table));
	table_clear(&table);
}

/* In a block of just its size, for the sanitizer to see beyond it. */
static void
cut(Walk *walk, const char *kind, const char *rest)
{
	g_autofree struct nlmsghdr *whole = NULL;

	(void)walk;
	if (g_str_equal(kind, "expect"))
		return;
	whole = from_hex(rest);
	for (guint size = NLMSG_HDRLEN; size < whole->nlmsg_len;
	     size += 1 + size / 64) {
		g_autofree struct nlmsghdr *part = g_memdup2(whole, size);

		part->nlmsg_len = size;
		hear_all_ways(part);
	}
}

START_TEST(any_cut_of_it_harms_nobody)
{
	read_lines(cut, NULL);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("netlink");
	TCase *tcase = tcase_create("recorded");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tcase, a_walk_is_understood);
	tcase_add_test(tcase, any_cut_of_it_harms_nobody);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
