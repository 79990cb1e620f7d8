// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker/dns-order.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/worker/dns-query.h"

#define TURNS 2000

/* Of "10 a;20 b" or "10/5 a": priority, weight, host. */
static GPtrArray *
records_of(const char *text)
{
	GPtrArray *records = g_ptr_array_new_with_free_func(
		(GDestroyNotify)dns_record_free);
	g_auto(GStrv) words = g_strsplit(text, ";", -1);

	for (char **word = words; *word; word++) {
		DnsRecord *record = g_new0(DnsRecord, 1);
		char *at;

		record->priority = g_ascii_strtoull(*word, &at, 10);
		if (*at == '/')
			record->weight = g_ascii_strtoull(at + 1, &at, 10);
		record->host = g_strdup(at + 1);
		g_ptr_array_add(records, record);
	}
	return records;
}

static char *
hosts_text(GPtrArray *records)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < records->len; i++)
		g_string_append(text,
				((DnsRecord *)records->pdata[i])->host);
	return g_string_free(text, FALSE);
}

static const struct {
	const char *records;
	const char *orders; /* all that may come out, with blanks between */
} mx_rows[] = {
	{ "10 a", "a" },
	{ "20 b;10 a", "ab" },
	{ "30 c;10 a;20 b", "abc" },
	{ "10 a;10 b", "ab ba" },
	{ "20 c;10 a;20 d;10 b", "abcd abdc bacd badc" },
	{ "65535 b;0 a", "ab" },
};

START_TEST(equal_hosts_come_in_any_order)
{
	g_auto(GStrv) orders = g_strsplit(mx_rows[_i].orders, " ", -1);
	g_autoptr(GHashTable) seen = g_hash_table_new_full(
		g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GRand) random = g_rand_new_with_seed(7);

	for (guint turn = 0; turn < TURNS; turn++) {
		g_autoptr(GPtrArray) records = records_of(mx_rows[_i].records);
		char *text;

		dns_order_mx(records, random);
		text = hosts_text(records);
		ck_assert_msg(g_strv_contains((const char *const *)orders,
					      text), "%s", text);
		g_hash_table_add(seen, text);
	}
	ck_assert_uint_eq(g_hash_table_size(seen), g_strv_length(orders));
}
END_TEST

static const struct {
	const char *records;
	const char *first;
	guint least, most; /* per cent of the turns in which it is first */
} srv_rows[] = {
	{ "10/1 b;5/1 a", "a", 100, 100 },
	{ "10/0 a;10/0 b", "a", 40, 60 },
	{ "10/90 a;10/10 b", "a", 85, 95 },
	{ "10/90 a;10/10 b", "b", 5, 15 },
	{ "10/50 a;10/50 b;20/99 c", "a", 42, 58 },
	{ "10/50 a;10/50 b;20/99 c", "c", 0, 0 },
	/* Weight 0 has a small chance of its own, and only that. */
	{ "10/9 a;10/0 b", "b", 3, 20 },
	{ "10/65535 a;10/65535 b;10/65535 c", "c", 26, 41 },
};

START_TEST(srv_comes_first_by_weight)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(7);
	guint first = 0;

	for (guint turn = 0; turn < TURNS; turn++) {
		g_autoptr(GPtrArray) records = records_of(srv_rows[_i].records);
		guint before = records->len;

		dns_order_srv(records, random);
		ck_assert_uint_eq(records->len, before);
		for (guint i = 1; i < records->len; i++)
			ck_assert_uint_le(
				((DnsRecord *)records->pdata[i - 1])->priority,
				((DnsRecord *)records->pdata[i])->priority);
		first += g_str_equal(((DnsRecord *)records->pdata[0])->host,
				     srv_rows[_i].first);
	}
	ck_assert_uint_ge(first, srv_rows[_i].least * TURNS / 100);
	ck_assert_uint_le(first, srv_rows[_i].most * TURNS / 100);
}
END_TEST

static const struct {
	const char *from;
	const char *reachable; /* "1" and "0", one each; "": all are */
	const char *to;
} address_rows[] = {
	{ "1.0.0.1", "", "1.0.0.1" },
	{ "1.0.0.1 ::a", "", "::a 1.0.0.1" },
	{ "1.0.0.1 1.0.0.2 1.0.0.3 ::a ::b", "",
	  "::a 1.0.0.1 ::b 1.0.0.2 1.0.0.3" },
	{ "::a ::b ::c 1.0.0.1", "", "::a 1.0.0.1 ::b ::c" },
	{ "::a 1.0.0.1", "01", "1.0.0.1 ::a" },
	{ "::a ::b 1.0.0.1 1.0.0.2", "0010", "1.0.0.1 ::a 1.0.0.2 ::b" },
	{ "::a 1.0.0.1", "00", "::a 1.0.0.1" },
};

START_TEST(families_take_turns)
{
	g_auto(GStrv) from = g_strsplit(address_rows[_i].from, " ", -1);
	g_autoptr(GArray) addresses =
		g_array_new(FALSE, FALSE, sizeof(DnsAddress));
	g_autoptr(GString) text = g_string_new(NULL);
	const char *words = address_rows[_i].reachable;
	gboolean reachable[8];

	for (guint i = 0; from[i]; i++) {
		DnsAddress address;

		ck_assert(dns_address_parse(from[i], &address));
		g_array_append_val(addresses, address);
		reachable[i] = *words && words[i] == '1';
	}
	dns_order_addresses(addresses, *words ? reachable : NULL);
	for (guint i = 0; i < addresses->len; i++)
		g_string_append_printf(text, "%s%s", i ? " " : "",
				       g_array_index(addresses, DnsAddress,
						     i).text);
	ck_assert_str_eq(text->str, address_rows[_i].to);
}
END_TEST

#define HOSTS_FILE \
	"127.0.0.1 localhost\n# 9.9.9.9 mail.example\n" \
	"192.0.2.1\tmail.example mail # 192.0.2.2 alias.example\n" \
	"2001:db8::1  Mail.Example\r\nnonsense other.example\n" \
	"192.0.2.3"

static const struct {
	const char *name;
	guint found;
} hosts_rows[] = {
	{ "localhost", 1 },
	{ "mail.example", 2 },
	{ "mail", 1 },
	{ "MAIL", 1 },
	{ "alias.example", 0 },
	{ "other.example", 0 },
	{ "192.0.2.1", 0 },
	{ "mail.exampl", 0 },
};

START_TEST(the_file_hosts_is_read)
{
	g_autoptr(GArray) addresses =
		g_array_new(FALSE, FALSE, sizeof(DnsAddress));

	ck_assert_int_eq(dns_hosts_find(HOSTS_FILE, hosts_rows[_i].name,
					addresses),
			 hosts_rows[_i].found > 0);
	ck_assert_uint_eq(addresses->len, hosts_rows[_i].found);
}
END_TEST

/* Whom to ask, and whose word on validation counts. */
static const struct {
	const char *text;
	guint servers;
	guint seconds;
	guint rounds;
	gboolean local;
} resolv_rows[] = {
	{ "", 1, 5, 2, TRUE },
	{ "search example\n", 1, 5, 2, TRUE },
	{ "nameserver 127.0.0.1\n", 1, 5, 2, TRUE },
	{ "nameserver 127.0.0.53\nnameserver ::1\n", 2, 5, 2, TRUE },
	{ "nameserver 192.0.2.1\n", 1, 5, 2, FALSE },
	{ "nameserver 127.0.0.1\nnameserver 192.0.2.1\n", 2, 5, 2, FALSE },
	{ "nameserver fe80::1%lo\n", 1, 5, 2, FALSE },
	{ "#nameserver 192.0.2.1\n", 1, 5, 2, TRUE },
	{ "nameserver mail.example\n", 1, 5, 2, TRUE },
	{ "nameserver 1.0.0.1\nnameserver 1.0.0.2\nnameserver 1.0.0.3\n"
	  "nameserver 1.0.0.4", DNS_MAX_SERVERS, 5, 2, FALSE },
	{ "options timeout:1 attempts:1\n", 1, 1, 1, TRUE },
	{ "options timeout:99 attempts:99 edns0\n", 1, 5, 2, TRUE },
	{ "options timeout:0 attempts:x\n", 1, 1, 1, TRUE },
};

START_TEST(resolv_conf_is_read)
{
	g_autoptr(DnsServers) servers = dns_servers_parse(resolv_rows[_i].text);

	ck_assert_uint_eq(servers->servers->len, resolv_rows[_i].servers);
	ck_assert_uint_eq(servers->seconds, resolv_rows[_i].seconds);
	ck_assert_uint_eq(servers->rounds, resolv_rows[_i].rounds);
	ck_assert_int_eq(servers->local, resolv_rows[_i].local);
}
END_TEST

#define ADD_TABLE(test, rows) \
	tcase_add_loop_test(tc, test, 0, G_N_ELEMENTS(rows))

static Suite *
make_order_suite(void)
{
	Suite *suite = suite_create("dns-order");
	TCase *tc = tcase_create("dns-order");

	ADD_TABLE(equal_hosts_come_in_any_order, mx_rows);
	ADD_TABLE(srv_comes_first_by_weight, srv_rows);
	ADD_TABLE(families_take_turns, address_rows);
	ADD_TABLE(the_file_hosts_is_read, hosts_rows);
	ADD_TABLE(resolv_conf_is_read, resolv_rows);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_order_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
