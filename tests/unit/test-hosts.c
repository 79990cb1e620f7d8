// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/hosts.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define NOW 1000

static Status *
fault_of(Fault fault)
{
	return status_new(OUTCOME_DEFERRED, fault, 451, "4.3.0",
			  "go\taway\n", "It said no.");
}

/* Which faults are a next hop's own. */
static const struct {
	Fault fault;
	gboolean told;
} faults[] = {
	{ FAULT_NONE, FALSE },	 { FAULT_RECIPIENT, FALSE },
	{ FAULT_MESSAGE, FALSE }, { FAULT_ROUTE, TRUE },
	{ FAULT_HOST, TRUE },	 { FAULT_NETWORK, TRUE },
};

START_TEST(a_fault_is_of_its_hop_only)
{
	g_autoptr(Hosts) hosts = hosts_new();
	g_autoptr(Status) status = fault_of(faults[_i].fault);
	const HostRecord *record;

	hosts_note_good(hosts, "other.example", 1, NOW);
	for (guint i = 0; i < 3; i++)
		hosts_note_fault(hosts, "a.example", status, NOW + 60, NOW);
	record = hosts_find(hosts, "A.EXAMPLE");
	ck_assert_int_eq(record != NULL, faults[_i].told);
	if (record) {
		ck_assert_int_eq(record->until, NOW + 60);
		ck_assert_uint_eq(record->faults, 3);
		ck_assert_str_eq(record->answer, "go away ");
		ck_assert_str_eq(record->why, "It said no.");
		ck_assert_int_eq(record->last_error, NOW);
	}
	ck_assert_int_eq(hosts_find(hosts, "other.example")->until, 0);
}
END_TEST

START_TEST(an_answer_ends_the_peace)
{
	g_autoptr(Hosts) hosts = hosts_new();
	g_autoptr(Status) status = fault_of(FAULT_HOST);
	const HostRecord *record;

	hosts_note_fault(hosts, "a.example", status, NOW + 9, NOW);
	hosts_note_fault(hosts, "b.example", status, NOW + 9, NOW);
	hosts_note_good(hosts, "a.example", 2, NOW + 1);
	record = hosts_find(hosts, "a.example");
	ck_assert_int_eq(record->until, 0);
	ck_assert_uint_eq(record->faults, 0);
	ck_assert_str_eq(record->why, "");
	ck_assert_uint_eq(record->sent, 2);
	ck_assert_int_eq(record->last_error, NOW);
	hosts_forgive(hosts, "c.example");
	ck_assert_int_ne(hosts_find(hosts, "b.example")->until, 0);
	hosts_forgive(hosts, NULL);
	ck_assert_int_eq(hosts_find(hosts, "b.example")->until, 0);
}
END_TEST

static gboolean
meet(Hosts *hosts, const char *name, const char *host, const char *tls,
     gboolean verified)
{
	static const char *const words[] = { "SIZE", "bad\tword", NULL };
	const HostSession session = { .host = host, .tls = tls,
				     .verified = verified, .login = "PLAIN",
				     .extensions = words, .connect_ms = 28 };

	return hosts_note_session(hosts, name, &session, NOW);
}

START_TEST(a_host_once_seen_with_tls_is_remembered)
{
	g_autoptr(Hosts) hosts = hosts_new();
	const HostRecord *record;
	const HostSeen *host;

	ck_assert(meet(hosts, "d.example", "mx.d.example:25", "TLSv1.3",
		       FALSE));
	ck_assert(meet(hosts, "d.example", "mx.d.example:25",
		       "TLSv1.3 verified", TRUE));
	ck_assert(!meet(hosts, "d.example", "MX.d.example:25", "TLSv1.3",
			FALSE));
	ck_assert(!meet(hosts, "d.example", "clear.d.example:25", "", FALSE));
	record = hosts_find(hosts, "d.example");
	ck_assert_uint_eq(record->seen->len, 1);
	host = record->seen->pdata[0];
	ck_assert_str_eq(host->host, "mx.d.example:25");
	ck_assert(host->verified);
	ck_assert_str_eq(record->host, "clear.d.example:25");
	ck_assert_str_eq(record->session, "login by PLAIN");
	ck_assert_str_eq(record->extensions[1], "bad word");
}
END_TEST

START_TEST(it_is_bounded)
{
	g_autoptr(Hosts) hosts = hosts_new();
	g_autoptr(GPtrArray) list = NULL;

	for (guint i = 0; i < HOSTS_MAX + 5; i++) {
		g_autofree char *name = g_strdup_printf("d%u.example", i);

		hosts_note_good(hosts, name, 1, i ? NOW + i : NOW + 9999);
	}
	list = hosts_list(hosts);
	ck_assert_uint_eq(list->len, HOSTS_MAX);
	/* The first was used last. */
	ck_assert_ptr_nonnull(hosts_find(hosts, "d0.example"));
	ck_assert_ptr_null(hosts_find(hosts, "d5.example"));
	ck_assert_ptr_nonnull(hosts_find(hosts, "d6.example"));
}
END_TEST

START_TEST(hosts_and_words_are_bounded)
{
	g_autoptr(Hosts) hosts = hosts_new();
	g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) list = NULL;
	HostSession session = { .tls = "TLSv1.3", .login = "" };
	g_autofree char *long_name = g_strnfill(5000, 'x');
	const HostRecord *record;

	for (guint i = 0; i < 100; i++)
		g_ptr_array_add(words, g_strdup(long_name));
	g_ptr_array_add(words, NULL);
	session.extensions = (const char *const *)words->pdata;
	for (guint i = 0; i < HOSTS_SEEN_MAX + 2; i++) {
		g_autofree char *host = g_strdup_printf("mx%u:25", i);

		session.host = host;
		hosts_note_session(hosts, long_name, &session, NOW);
	}
	list = hosts_list(hosts);
	ck_assert_uint_eq(list->len, 1);
	record = list->pdata[0];
	ck_assert_uint_eq(record->seen->len, HOSTS_SEEN_MAX);
	ck_assert_str_eq(((HostSeen *)record->seen->pdata[0])->host, "mx2:25");
	ck_assert_uint_eq(g_strv_length(record->extensions), HOSTS_WORDS_MAX);
	ck_assert_int_le(g_utf8_strlen(record->extensions[0], -1),
			 HOSTS_WORD_MAX + 1);
	ck_assert_int_le(g_utf8_strlen(record->name, -1), HOSTS_NAME_MAX + 1);
}
END_TEST

START_TEST(it_comes_back_from_disk)
{
	g_autoptr(Hosts) hosts = hosts_new(), again = hosts_new();
	g_autoptr(Status) status = fault_of(FAULT_HOST);
	g_autofree char *text = NULL, *second = NULL;
	const HostRecord *record;

	meet(hosts, "d.example", "mx.d.example:25", "TLSv1.3 verified", TRUE);
	meet(hosts, "d.example", "mx=2.d.example:25", "TLSv1.3", FALSE);
	hosts_note_fault(hosts, "d.example", status, NOW + 65, NOW + 5);
	hosts_note_speed(hosts, "d.example", 210000);
	hosts_note_good(hosts, "empty.example", 0, NOW);
	text = hosts_write(hosts);
	hosts_read(again, text);
	second = hosts_write(again);
	ck_assert_str_eq(text, second);
	record = hosts_find(again, "d.example");
	ck_assert_int_eq(record->until, NOW + 65);
	ck_assert_uint_eq(record->faults, 1);
	ck_assert_uint_eq(record->speed, 210000);
	ck_assert_uint_eq(record->connect_ms, 28);
	ck_assert_uint_eq(record->seen->len, 2);
	ck_assert(((HostSeen *)record->seen->pdata[0])->verified);
	ck_assert(!((HostSeen *)record->seen->pdata[1])->verified);
}
END_TEST

/* Files that were cut, or are somebody else's. */
static const char *const broken[] = {
	"",
	"masqmail hosts 9\na\t1\t1\t1\t1\t1\t1\t1\t1\th\ts\tx\t\ta\tw\n",
	"masqmail hosts 1\na\t1\t1\n",
	"masqmail hosts 1\n\t1\t1\t1\t1\t1\t1\t1\t1\th\ts\tx\t\ta\tw\n",
	"masqmail hosts 1\na\xff\t1\t1\t1\t1\t1\t1\t1\t1\th\ts\tx\t\ta\tw\n",
};

START_TEST(a_broken_file_is_no_knowledge)
{
	g_autoptr(Hosts) hosts = hosts_new();
	g_autoptr(GPtrArray) list = NULL;

	hosts_read(hosts, broken[_i]);
	list = hosts_list(hosts);
	ck_assert_uint_eq(list->len, 0);
}
END_TEST

START_TEST(strange_numbers_and_hosts_are_nothing)
{
	g_autoptr(Hosts) hosts = hosts_new();
	const HostRecord *record;

	hosts_read(hosts, "masqmail hosts 1\n"
			"a\t-1\tx\t99999999999999999999\t1\t1\t0\t1\t1\th\ts\t"
			"\tmx=1@5 =1@5 mx mx2=7@1 mx3=0@\ta\tw\n");
	record = hosts_find(hosts, "a");
	ck_assert_int_eq(record->used, 0);
	ck_assert_int_eq(record->last_error, 0);
	ck_assert_uint_eq(record->seen->len, 2); /* mx, mx3 */
	ck_assert_uint_eq(g_strv_length(record->extensions), 0);
}
END_TEST

static const struct {
	const char *name; /* NULL: all */
	guint dropped;
} purges[] = {
	{ NULL, 3 },
	{ "d.example", 1 },
	{ "D.Example", 1 },
	{ "mx.shared", 2 },
	{ "mx.shared:25", 2 },
	{ "mx.share", 0 },
	{ "smtp.isp", 1 },
	{ "smtp.isp:465", 1 },
	{ "smtp.isp:46", 0 },
};

START_TEST(it_is_dropped_by_name)
{
	g_autoptr(Hosts) hosts = hosts_new();
	g_autoptr(GPtrArray) left = NULL;
	guint version;

	meet(hosts, "d.example", "mx.shared:25", "TLSv1.3", FALSE);
	meet(hosts, "e.example", "mx.shared:25", "TLSv1.3", FALSE);
	meet(hosts, "e.example", "other:25", "", FALSE);
	meet(hosts, "smtp.isp:465", "smtp.isp:465", "TLSv1.3", FALSE);
	version = hosts_version(hosts);
	ck_assert_uint_eq(hosts_purge(hosts, purges[_i].name),
			  purges[_i].dropped);
	left = hosts_list(hosts);
	ck_assert_uint_eq(left->len, 3 - purges[_i].dropped);
	ck_assert_int_eq(hosts_version(hosts) != version,
			 purges[_i].dropped > 0);
}
END_TEST

static Suite *
make_hosts_suite(void)
{
	Suite *suite = suite_create("hosts");
	TCase *tc = tcase_create("hosts");

	tcase_add_loop_test(tc, a_fault_is_of_its_hop_only, 0,
			    G_N_ELEMENTS(faults));
	tcase_add_test(tc, an_answer_ends_the_peace);
	tcase_add_test(tc, a_host_once_seen_with_tls_is_remembered);
	tcase_add_test(tc, it_is_bounded);
	tcase_add_test(tc, hosts_and_words_are_bounded);
	tcase_add_test(tc, it_comes_back_from_disk);
	tcase_add_loop_test(tc, a_broken_file_is_no_knowledge, 0,
			    G_N_ELEMENTS(broken));
	tcase_add_test(tc, strange_numbers_and_hosts_are_nothing);
	tcase_add_loop_test(tc, it_is_dropped_by_name, 0,
			    G_N_ELEMENTS(purges));
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_hosts_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
