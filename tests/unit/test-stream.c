// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker/stream.h"

#include <check.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#define LINE_MAX_HERE 20
#define DRIP_MICROSECONDS 20000

/* Of a signal handler, hence here. */
static int drip_fd;

static Stream *stream;
static int peer;

static void
set_up(void)
{
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	stream = stream_new(ends[0]);
	peer = ends[1];
	signal(SIGPIPE, SIG_IGN);
}

static void
tear_down(void)
{
	const struct itimerval never = { 0 };

	setitimer(ITIMER_REAL, &never, NULL);
	stream_free(stream);
	if (peer >= 0)
		close(peer);
}

static void
hang_up(void)
{
	close(peer);
	peer = -1;
}

static void
say(const void *text, gsize size)
{
	ck_assert_int_eq(write(peer, text, size), size);
}

static void
assert_line(const char *want)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *line = stream_read_line(stream, LINE_MAX_HERE,
						 &error);

	ck_assert_pstr_eq(line, want);
}

static void
assert_no_line(StreamError code)
{
	g_autoptr(GError) error = NULL;

	ck_assert_ptr_null(stream_read_line(stream, LINE_MAX_HERE, &error));
	ck_assert_msg(g_error_matches(error, STREAM_ERROR, code), "%s",
		      error->message);
}

START_TEST(lines_come_one_by_one)
{
	say("220 a\r\n250-b\n\r\n250 c", 20);
	assert_line("220 a");
	assert_line("250-b");
	assert_line("");
	ck_assert_uint_eq(stream_buffered(stream), 5);
	say("d\r\n", 3);
	assert_line("250 cd");
	ck_assert_uint_eq(stream_buffered(stream), 0);
}
END_TEST

START_TEST(a_line_has_a_bound)
{
	say("12345678901234567890\r\n", 22);
	say("123456789012345678901\r\n", 23);
	assert_line("12345678901234567890");
	assert_no_line(STREAM_ERROR_LINE);
}
END_TEST

START_TEST(a_line_without_end_has_a_bound)
{
	g_autofree char *much = g_strnfill(10000, 'x');

	say(much, 10000);
	assert_no_line(STREAM_ERROR_LINE);
}
END_TEST

START_TEST(a_line_holds_no_nul)
{
	say("250 a\0b\r\n", 9);
	assert_no_line(STREAM_ERROR_LINE);
}
END_TEST

START_TEST(a_line_cut_short_is_none)
{
	say("250 o", 5);
	hang_up();
	assert_no_line(STREAM_ERROR_CLOSED);
}
END_TEST

START_TEST(bytes_end_with_the_peer)
{
	char bytes[8];

	say("abc", 3);
	hang_up();
	ck_assert_int_eq(stream_read(stream, bytes, 2, NULL), 2);
	ck_assert_int_eq(stream_read(stream, bytes, 8, NULL), 1);
	ck_assert_int_eq(stream_read(stream, bytes, 8, NULL), 0);
}
END_TEST

static double
seconds_of_no_line(void)
{
	gint64 began = g_get_monotonic_time();

	assert_no_line(STREAM_ERROR_TIMEOUT);
	return (double)(g_get_monotonic_time() - began) / G_USEC_PER_SEC;
}

START_TEST(silence_ends_by_the_deadline)
{
	double seconds;

	stream_set_deadline(stream, 1);
	seconds = seconds_of_no_line();
	ck_assert_double_ge(seconds, 0.9);
	ck_assert_double_le(seconds, 2.0);
}
END_TEST

static void
drip(int signal_number)
{
	if (write(drip_fd, "x", 1) < 0)
		signal(signal_number, SIG_DFL);
}

static void
start_drip(void)
{
	const struct itimerval often = {
		.it_interval = { .tv_usec = DRIP_MICROSECONDS },
		.it_value = { .tv_usec = DRIP_MICROSECONDS },
	};

	drip_fd = peer;
	signal(SIGALRM, drip);
	ck_assert_int_eq(setitimer(ITIMER_REAL, &often, NULL), 0);
}

/* A byte now and then is no progress: the deadline is the line's. */
START_TEST(a_drip_ends_by_the_deadline)
{
	double seconds;
	g_autoptr(GError) error = NULL;
	gint64 began = g_get_monotonic_time();

	start_drip();
	stream_set_deadline(stream, 1);
	ck_assert_ptr_null(stream_read_line(stream, 10000, &error));
	ck_assert(g_error_matches(error, STREAM_ERROR, STREAM_ERROR_TIMEOUT));
	seconds = (double)(g_get_monotonic_time() - began) / G_USEC_PER_SEC;
	ck_assert_double_ge(seconds, 0.9);
	ck_assert_double_le(seconds, 2.0);
}
END_TEST

START_TEST(steps_do_not_prolong_the_session)
{
	stream_set_session_limit(stream, 1);
	stream_set_deadline(stream, 100);
	ck_assert_double_le(seconds_of_no_line(), 2.0);
	stream_set_deadline(stream, 100);
	say("250 late\r\n", 10);
	assert_no_line(STREAM_ERROR_TIMEOUT);
}
END_TEST

START_TEST(a_peer_that_does_not_read_ends_the_write)
{
	g_autofree char *much = g_malloc0(1024 * 1024);
	g_autoptr(GError) error = NULL;

	stream_set_deadline(stream, 1);
	ck_assert(!stream_write(stream, much, 1024 * 1024, &error));
	ck_assert(g_error_matches(error, STREAM_ERROR, STREAM_ERROR_TIMEOUT));
}
END_TEST

START_TEST(a_peer_that_is_gone_ends_the_write)
{
	g_autoptr(GError) error = NULL;

	hang_up();
	ck_assert(!stream_write(stream, "QUIT\r\n", 6, &error));
	ck_assert(g_error_matches(error, STREAM_ERROR, STREAM_ERROR_CLOSED));
}
END_TEST

START_TEST(the_watched_descriptor_stops_the_wait)
{
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	stream_watch(stream, ends[0]);
	stream_set_deadline(stream, 60);
	if (_i)
		shutdown(ends[1], SHUT_WR);
	else
		close(ends[1]);
	assert_no_line(STREAM_ERROR_STOPPED);
	close(ends[0]);
	if (_i)
		close(ends[1]);
}
END_TEST

START_TEST(nobody_listens_there)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(1),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	g_autoptr(GError) error = NULL;

	ck_assert_ptr_null(stream_connect((struct sockaddr *)&address,
					  sizeof(address), 5, -1, &error));
	ck_assert_int_eq(error->code, ECONNREFUSED);
}
END_TEST

/* A layer that shows what passes: every byte plus one. */
static gboolean
fake_is_early(gconstpointer layer)
{
	return *(const gboolean *)layer;
}

static LayerResult
fake_handshake(gpointer layer, GError **error)
{
	(void)layer;
	(void)error;
	return LAYER_DONE;
}

static LayerResult
fake_read(gpointer layer, void *buffer, gsize size, gsize *ret_got,
	  GError **error)
{
	gssize got = recv(stream_fd(stream), buffer, size, 0);

	(void)layer;
	(void)error;
	if (got < 0)
		return LAYER_WANT_READ;
	for (gssize i = 0; i < got; i++)
		((char *)buffer)[i]++;
	*ret_got = got;
	return got ? LAYER_DONE : LAYER_CLOSED;
}

static LayerResult
fake_write(gpointer layer, const void *data, gsize size, gsize *ret_put,
	   GError **error)
{
	char byte = *(const char *)data + 1;

	(void)layer;
	(void)error;
	if (size == 0 || write(stream_fd(stream), &byte, 1) != 1)
		return LAYER_WANT_WRITE;
	*ret_put = 1;
	return LAYER_DONE;
}

static void
fake_free(gpointer layer)
{
	g_free(layer);
}

static const StreamLayer fake = {
	.is_early = fake_is_early,
	.handshake = fake_handshake,
	.read = fake_read,
	.write = fake_write,
	.free = fake_free,
};

START_TEST(all_goes_through_the_layer)
{
	char got[8] = "";

	ck_assert(stream_start_layer(stream, &fake, g_new0(gboolean, 1),
				     NULL));
	say("gnk\x09", 4);
	assert_line("hol");
	ck_assert(stream_write(stream, "HAL", 3, NULL));
	ck_assert_int_eq(read(peer, got, sizeof(got)), 3);
	ck_assert_str_eq(got, "IBM");
}
END_TEST

START_TEST(what_was_said_before_the_layer_ends_it)
{
	g_autoptr(GError) error = NULL;

	say("220 go\r\n250 mine\r\n", 18);
	assert_line("220 go");
	ck_assert(!stream_start_layer(stream, &fake, g_new0(gboolean, 1),
				      &error));
	ck_assert(g_error_matches(error, STREAM_ERROR, STREAM_ERROR_EARLY));
}
END_TEST

START_TEST(what_is_still_in_the_socket_ends_it_too)
{
	gboolean *early = g_new(gboolean, 1);
	g_autoptr(GError) error = NULL;

	*early = TRUE;
	ck_assert(!stream_start_layer(stream, &fake, early, &error));
	ck_assert(g_error_matches(error, STREAM_ERROR, STREAM_ERROR_EARLY));
}
END_TEST

static Suite *
make_stream_suite(void)
{
	Suite *suite = suite_create("stream");
	TCase *tc = tcase_create("stream");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, lines_come_one_by_one);
	tcase_add_test(tc, a_line_has_a_bound);
	tcase_add_test(tc, a_line_without_end_has_a_bound);
	tcase_add_test(tc, a_line_holds_no_nul);
	tcase_add_test(tc, a_line_cut_short_is_none);
	tcase_add_test(tc, bytes_end_with_the_peer);
	tcase_add_test(tc, silence_ends_by_the_deadline);
	tcase_add_test(tc, a_drip_ends_by_the_deadline);
	tcase_add_test(tc, steps_do_not_prolong_the_session);
	tcase_add_test(tc, a_peer_that_does_not_read_ends_the_write);
	tcase_add_test(tc, a_peer_that_is_gone_ends_the_write);
	tcase_add_loop_test(tc, the_watched_descriptor_stops_the_wait, 0, 2);
	tcase_add_test(tc, nobody_listens_there);
	tcase_add_test(tc, all_goes_through_the_layer);
	tcase_add_test(tc, what_was_said_before_the_layer_ends_it);
	tcase_add_test(tc, what_is_still_in_the_socket_ends_it_too);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_stream_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
