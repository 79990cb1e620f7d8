// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker/dns.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define LABEL_63 \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define NAME_256 LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_63

static const struct {
	const char *host;
	const char *name; /* NULL: no name */
} rows[] = {
	{ "mail.example", "mail.example" },
	{ "Mail.EXAMPLE.", "mail.example" },
	{ "localhost", "localhost" },
	{ "b\xc3\xbc" "cher.example", "xn--bcher-kva.example" },
	{ "B\xc3\x9c" "CHER.example", "xn--bcher-kva.example" },
	{ "stra\xc3\x9f" "e.example", "xn--strae-oqa.example" },
	{ "192.0.2.1", "192.0.2.1" },
	{ "[192.0.2.1]", "192.0.2.1" },
	{ "[2001:db8::1]", "2001:db8::1" },
	{ "[IPv6:2001:db8::1]", "2001:db8::1" },
	{ "::1", "::1" },
	{ "_submission.mail.example", "_submission.mail.example" },
	{ "", NULL },
	{ ".", NULL },
	{ "a..b", NULL },
	{ ".example", NULL },
	{ "mail example", NULL },
	{ "mail.example\nQUIT", NULL },
	{ "mail/example", NULL },
	{ "[mail.example]", NULL },
	{ "\xff.example", NULL },
	{ NAME_256, NULL },
};

START_TEST(a_host_has_one_name)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *name = dns_host_name(rows[_i].host, &error);

	ck_assert_pstr_eq(name, rows[_i].name);
	if (!name)
		ck_assert(g_error_matches(error, DNS_ERROR, DNS_ERROR_NAME));
}
END_TEST

static const struct {
	const char *host;
	gboolean loopback;
} address_rows[] = {
	{ "127.0.0.1", TRUE },
	{ "127.9.9.9", TRUE },
	{ "::1", TRUE },
	{ "192.0.2.1", FALSE },
	{ "2001:db8::1", FALSE },
};

START_TEST(an_address_needs_no_look_up)
{
	const char *name = address_rows[_i].host;
	g_autoptr(DnsLookup) lookup = dns_lookup_new(NULL, -1, NULL);
	g_autoptr(GPtrArray) hosts = g_ptr_array_new_with_free_func(
		(GDestroyNotify)dns_host_free);
	DnsHost *host = dns_host_new(name);
	const DnsAddress *address;

	g_ptr_array_add(hosts, host);
	ck_assert(dns_find_hosts(lookup, hosts));
	ck_assert_int_eq(host->result, DNS_FOUND);
	ck_assert_uint_eq(host->addresses->len, 1);
	address = &g_array_index(host->addresses, DnsAddress, 0);
	ck_assert_str_eq(address->text, name);
	ck_assert_int_eq(dns_is_loopback(address), address_rows[_i].loopback);
}
END_TEST

static Suite *
make_dns_suite(void)
{
	Suite *suite = suite_create("dns");
	TCase *tc = tcase_create("dns");

	tcase_add_loop_test(tc, a_host_has_one_name, 0, G_N_ELEMENTS(rows));
	tcase_add_loop_test(tc, an_address_needs_no_look_up, 0,
			    G_N_ELEMENTS(address_rows));
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_dns_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
