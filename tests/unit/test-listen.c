// SPDX-License-Identifier: GPL-2.0-or-later
#include "common/listen.h"

#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <stdlib.h>

static const struct {
	const char *entry;
	const char *addresses;	/* NULL: no entry at all */
} entry_rows[] = {
	{ "loopback:25", "127.0.0.1 ::1" },
	{ "127.0.0.1:2525", "127.0.0.1" },
	{ "10.1.0.2:25", "10.1.0.2" },
	{ "[::1]:25", "::1" },
	{ "[fe80::1]:25", "fe80::1" },
	{ "lan:25", "" }, /* the engine names them */
	{ "", NULL },
	{ "25", NULL },
	{ "loopback", NULL },
	{ "loopback:", NULL },
	{ "loopback:0", NULL },
	{ "loopback:65536", NULL },
	{ "loopback:25x", NULL },
	{ "loopback: 25", NULL },
	{ "localhost:25", NULL },
	{ "127.0.0:25", NULL },
	{ ":25", NULL },
	{ "[]:25", NULL },
};

START_TEST(an_entry_stands_for_addresses)
{
	g_auto(GStrv) found = listen_addresses(entry_rows[_i].entry);
	g_autofree char *joined = found ? g_strjoinv(" ", found) : NULL;

	ck_assert_pstr_eq(joined, entry_rows[_i].addresses);
}
END_TEST

static const struct {
	const char *entry;
	const char *address;
	int port;	/* 0: refused */
} resolve_rows[] = {
	{ "loopback:25", "127.0.0.1", 25 },
	{ "loopback:25", "::1", 25 },
	{ "127.0.0.1:65535", "127.0.0.1", 65535 },
	{ "10.1.0.2:2525", "10.1.0.2", 2525 },
	{ "loopback:25", "10.1.0.2", 0 },
	{ "loopback:25", "0.0.0.0", 0 },
	{ "loopback:25", "", 0 },
	{ "127.0.0.1:25", "::1", 0 },
	{ "127.0.0.1:25", "127.0.0.2", 0 },
	{ "0.0.0.0:25", "0.0.0.0", 0 },
	{ "[::]:25", "::", 0 },
	{ "[::ffff:0.0.0.0]:25", "::ffff:0.0.0.0", 0 },
	{ "255.255.255.255:25", "255.255.255.255", 0 },
	{ "224.0.0.1:25", "224.0.0.1", 0 },
	{ "[ff02::1]:25", "ff02::1", 0 },
	/* Of the LAN only what no stranger can reach. */
	{ "lan:25", "192.168.1.7", 25 },
	{ "lan:2525", "10.0.0.1", 2525 },
	{ "lan:25", "172.31.0.1", 25 },
	{ "lan:25", "fd00::1", 25 },
	{ "lan:25", "172.32.0.1", 0 },
	{ "lan:25", "11.0.0.1", 0 },
	{ "lan:25", "192.169.0.1", 0 },
	{ "lan:25", "2001:db8::1", 0 },
	{ "lan:25", "fe80::1", 0 },
	{ "lan:25", "127.0.0.1", 0 },
	{ "lan:25", "0.0.0.0", 0 },
	{ "lan:25", "::", 0 },
	{ "nonsense", "127.0.0.1", 0 },
};

START_TEST(only_what_is_written_is_bound)
{
	ListenAddress address = { .size = 4711 };
	gboolean good = listen_resolve(resolve_rows[_i].entry,
				       resolve_rows[_i].address, &address);
	const struct sockaddr_in *in = (const void *)&address.storage;

	ck_assert_int_eq(good, resolve_rows[_i].port != 0);
	if (good)
		ck_assert_int_eq(ntohs(in->sin_port), resolve_rows[_i].port);
	else
		ck_assert_int_eq(address.size, 4711);
}
END_TEST

static const struct {
	const char *entry;
	const char *address;
	gboolean ours;
} ours_rows[] = {
	{ "127.0.0.1:25", "127.0.0.1", TRUE },
	{ "127.3.2.1:25", "127.3.2.1", TRUE },
	{ "[::1]:25", "::1", TRUE },
	{ "192.0.2.1:25", "192.0.2.1", FALSE },
	{ "[2001:db8::1]:25", "2001:db8::1", FALSE },
};

START_TEST(only_our_addresses_are_bound)
{
	ListenAddress address;

	ck_assert(listen_resolve(ours_rows[_i].entry, ours_rows[_i].address,
				 &address));
	ck_assert_int_eq(listen_is_ours(&address), ours_rows[_i].ours);
}
END_TEST

static const struct {
	const char *text;	/* NULL: no file at all */
	gboolean user;
	const char *entries;
} default_rows[] = {
	{ NULL, FALSE, "loopback:25" },
	{ NULL, TRUE, "" },
	{ "[General]\n", FALSE, "loopback:25" },
	{ "[General]\nListen=none\n", FALSE, "" },
	{ "[General]\nListen=127.0.0.1:2525\n", TRUE, "127.0.0.1:2525" },
	{ "[General]\nListen=loopback:25;10.1.0.2:25\n", FALSE,
	  "loopback:25;10.1.0.2:25" },
};

START_TEST(the_default_depends_on_who_it_is)
{
	const char *text = default_rows[_i].text;
	g_autoptr(Config) config = text == NULL ? NULL :
		config_parse(CONFIG_MAIN, text, "test", NULL);
	g_auto(GStrv) entries = listen_entries(config, default_rows[_i].user);
	g_autofree char *joined = g_strjoinv(";", entries);

	ck_assert_str_eq(joined, default_rows[_i].entries);
}
END_TEST

START_TEST(equal_means_host_and_port)
{
	ListenAddress a, b, c, d;

	ck_assert(listen_resolve("127.0.0.1:25", "127.0.0.1", &a));
	ck_assert(listen_resolve("loopback:25", "127.0.0.1", &b));
	ck_assert(listen_resolve("loopback:26", "127.0.0.1", &c));
	ck_assert(listen_resolve("loopback:25", "::1", &d));
	ck_assert(listen_equal(&a, &b));
	ck_assert(!listen_equal(&a, &c));
	ck_assert(!listen_equal(&a, &d));
	ck_assert(listen_equal(&d, &d));
}
END_TEST

static Suite *
make_listen_suite(void)
{
	Suite *suite = suite_create("listen");
	TCase *tc = tcase_create("listen");

	tcase_add_loop_test(tc, an_entry_stands_for_addresses, 0,
			    G_N_ELEMENTS(entry_rows));
	tcase_add_loop_test(tc, only_what_is_written_is_bound, 0,
			    G_N_ELEMENTS(resolve_rows));
	tcase_add_loop_test(tc, only_our_addresses_are_bound, 0,
			    G_N_ELEMENTS(ours_rows));
	tcase_add_loop_test(tc, the_default_depends_on_who_it_is, 0,
			    G_N_ELEMENTS(default_rows));
	tcase_add_test(tc, equal_means_host_and_port);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_listen_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
