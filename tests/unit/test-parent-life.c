// SPDX-License-Identifier: GPL-2.0-or-later
/* How the parent, its engine and their workers end. */
#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/parent-fixture.h"

/* The parent ended, as @status of waitpid. */
static void
assert_parent_ends(int expected)
{
	int status, waited;

	for (waited = 0; waitpid(parent, &status, WNOHANG) == 0; waited += 10) {
		ck_assert_int_lt(waited, PATIENCE_MS);
		g_usleep(10000);
	}
	ck_assert_int_eq(status, expected);
	ck_assert_int_eq(kill(engine, 0), -1);
}

START_TEST(a_wrong_size_ends_it_all)
{
	ck_assert_int_eq(send(priv, "short", 5, 0), 5);
	assert_parent_ends(EXIT_FAILURE << 8);
}
END_TEST

START_TEST(an_unterminated_name_ends_it_all)
{
	PrivPacket packet;
	int fd;

	ck_assert_int_eq(spawn(PRIV_SMTP_OUT, 7, "isp", &fd), 0);
	priv_packet_init(&packet, PRIV_SPAWN, "");
	memset(packet.name, 'x', sizeof(packet.name));
	ck_assert(priv_send(priv, &packet, NULL, 0, NULL));
	assert_parent_ends(EXIT_FAILURE << 8);
	/* The worker's end is closed too, so it is dead. */
	while (recv(fd, &packet, sizeof(packet), 0) > 0)
		;
	ck_assert_int_eq(send(fd, "x", 1, MSG_NOSIGNAL), -1);
	close(fd);
}
END_TEST

START_TEST(the_engine_cannot_say_what_the_parent_says)
{
	say(PRIV_EXITED, PRIV_NO_KIND, 1, "", 0);
	assert_parent_ends(EXIT_FAILURE << 8);
}
END_TEST

START_TEST(a_dead_engine_is_followed_by_a_new_one)
{
	pid_t before = engine;
	int fd, worker = 0;

	ck_assert_int_eq(spawn(PRIV_SMTP_OUT, 7, "isp", &fd), 0);
	close(priv);
	kill(engine, SIGKILL);
	meet_engine();
	ck_assert_int_ne(engine, before);
	while (recv(fd, &worker, sizeof(worker), 0) > 0)
		;
	ck_assert_int_eq(send(fd, "x", 1, MSG_NOSIGNAL), -1);
	close(fd);
}
END_TEST

START_TEST(an_engine_that_hangs_up_is_killed)
{
	pid_t before = engine;

	close(priv);
	meet_engine();
	ck_assert_int_ne(engine, before);
	ck_assert_int_eq(kill(before, 0), -1);
}
END_TEST

START_TEST(all_die_with_the_parent)
{
	char text[512];
	int fd;

	ck_assert_int_eq(spawn(PRIV_SMTP_OUT, 7, "isp", &fd), 0);
	ck_assert_int_gt(recv(fd, text, sizeof(text), 0), 0);
	kill(parent, SIGKILL);
	wait_readable(fd);
	ck_assert_int_eq(recv(fd, text, sizeof(text), 0), 0);
	wait_readable(priv);
	ck_assert_int_eq(recv(priv, text, sizeof(text), 0), 0);
	close(fd);
}
END_TEST

START_TEST(it_stops_when_told)
{
	kill(parent, SIGTERM);
	/* The fake one does not end in good order: it is simply killed. */
	assert_parent_ends(EXIT_FAILURE << 8);
}
END_TEST

static Suite *
make_parent_life_suite(void)
{
	Suite *suite = suite_create("parent_life");
	TCase *tc = tcase_create("parent_life");

	tcase_set_timeout(tc, 30);
	tcase_add_checked_fixture(tc, fixture_start, fixture_stop);
	tcase_add_test(tc, a_wrong_size_ends_it_all);
	tcase_add_test(tc, an_unterminated_name_ends_it_all);
	tcase_add_test(tc, the_engine_cannot_say_what_the_parent_says);
	tcase_add_test(tc, a_dead_engine_is_followed_by_a_new_one);
	tcase_add_test(tc, an_engine_that_hangs_up_is_killed);
	tcase_add_test(tc, all_die_with_the_parent);
	tcase_add_test(tc, it_stops_when_told);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_parent_life_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
