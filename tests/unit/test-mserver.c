// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker/mserver.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct {
	const char *text, *host; /* NULL: it is none */
	guint16 port;
} place_rows[] = {
	{ "router", "router", 224 },
	{ "router:2240", "router", 2240 },
	{ "10.0.0.1:1", "10.0.0.1", 1 },
	{ "fe80::1", "fe80::1", 224 },
	{ "[fe80::1]", "fe80::1", 224 },
	{ "[fe80::1]:99", "fe80::1", 99 },
	{ "", NULL, 0 },
	{ ":224", NULL, 0 },
	{ "router:", NULL, 0 },
	{ "router:0", NULL, 0 },
	{ "router:65536", NULL, 0 },
	{ "router:x", NULL, 0 },
};

START_TEST(a_place_is_read)
{
	g_autofree char *host = NULL;
	guint16 port = 0;
	gboolean good = mserver_parse(place_rows[_i].text, &host, &port);

	ck_assert_int_eq(good, place_rows[_i].host != NULL);
	if (!good)
		return;
	ck_assert_str_eq(host, place_rows[_i].host);
	ck_assert_uint_eq(port, place_rows[_i].port);
}
END_TEST

#define LONG_LINE "READY\nUP 0123456789012345678901234567890123456789" \
	"0123456789012345678901234567890123456789012345678901234567890123" \
	"0123456789012345678901234567890123456789012345678901234567890123" \
	"0123456789012345678901234567890123456789012345678901234567890123" \
	"0123456789012345678901234567890123456789012345678901234567890123:9\n"
#define FIVE "x\nx\nx\nx\nx\n"

static const struct {
	const char *said, *name; /* NULL: it makes no sense */
} answer_rows[] = {
	{ "READY\nUP isp:117\n", "isp" },
	{ "READY\r\nUP isp:0\r\n", "isp" },
	{ "READY\nUP isp\n", "isp" },
	{ "READY\nDOWN\n", "" },
	{ "hello\nREADY now\nDOWN\n", "" },
	{ "READY\nUP :5\n", NULL },
	{ "READY\nUP\n", NULL },
	{ "READY\nERROR\n", NULL },
	{ "READY\n", NULL },
	{ "UP isp:117\n", NULL },
	{ "", NULL },
	{ LONG_LINE, NULL },
	{ FIVE FIVE FIVE FIVE "READY\nDOWN\n", NULL },
};

START_TEST(an_answer_is_understood)
{
	const char *said = answer_rows[_i].said;
	g_autoptr(GError) error = NULL;
	g_autofree char *name = NULL;
	Stream *stream;
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	ck_assert_int_eq(write(pair[1], said, strlen(said)), strlen(said));
	shutdown(pair[1], SHUT_WR);
	stream = stream_new(pair[0]);
	stream_set_deadline(stream, MSERVER_SECONDS);
	name = mserver_ask(stream, &error);
	stream_free(stream);
	close(pair[1]);
	if (answer_rows[_i].name)
		ck_assert_str_eq(name, answer_rows[_i].name);
	else
		ck_assert(!name && error);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("mserver");
	TCase *tcase = tcase_create("core");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tcase, a_place_is_read, 0,
			    G_N_ELEMENTS(place_rows));
	tcase_add_loop_test(tcase, an_answer_is_understood, 0,
			    G_N_ELEMENTS(answer_rows));
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
