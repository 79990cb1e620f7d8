// SPDX-License-Identifier: GPL-2.0-or-later
/* What the parent does for its engine. */
#include <check.h>
#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/drop.h"
#include "tests/unit/parent-fixture.h"

#define CONFIG "[General]\nListen=127.0.0.1:52525\n"

START_TEST(smtp_out_gets_its_files_and_nothing_else)
{
	int fd;

	ck_assert_int_eq(spawn(PRIV_SMTP_OUT, 1, "isp", &fd), 0);
	assert_says(fd, "smtp-out isp|" CONFIG "|the route|the secret||9|9|"
		    "(null)|(null)");
	close(fd);
	assert_exited(1, 0);
}
END_TEST

START_TEST(a_route_may_lack_its_files)
{
	int fd;

	ck_assert_int_eq(spawn(PRIV_SMTP_OUT, 1, "other", &fd), 0);
	assert_says(fd, "smtp-out other|" CONFIG "||||9|9|(null)|(null)");
	close(fd);
	assert_exited(1, 0);
}
END_TEST

START_TEST(smtp_in_gets_the_client)
{
	int fd;

	ck_assert_int_eq(spawn(PRIV_SMTP_IN, 1, "exit", &fd), 0);
	assert_says(fd, "smtp-in exit|" CONFIG "|||client|9|9|(null)|(null)");
	assert_exited(1, 5 << 8);
	close(fd);
}
END_TEST

START_TEST(local_runs_for_the_owner)
{
	g_autofree char *expected = NULL;
	const char *user = getpwuid(getuid())->pw_name;
	int fd;

	expected = g_strdup_printf("local %s|" CONFIG "||||9|9|%s|(null)",
				   user, g_getenv("HOME"));
	ck_assert_int_eq(spawn(PRIV_LOCAL, 1, user, &fd), 0);
	assert_says(fd, expected);
	close(fd);
	assert_exited(1, 0);
}
END_TEST

static const char *const strangers[] = { "nobody", "no-such-user" };

START_TEST(local_runs_for_nobody_else)
{
	int fd;

	if (strcmp(getpwuid(getuid())->pw_name, strangers[_i]) == 0)
		return;
	ck_assert_int_eq(spawn(PRIV_LOCAL, 1, strangers[_i], &fd), 0);
	assert_exited(1, 67 << 8);
	close(fd);
}
END_TEST

static const struct {
	PrivKind kind;
	const char *name;
} bad_names[] = {
	{ PRIV_SMTP_OUT, "../isp" },
	{ PRIV_SMTP_OUT, "a/b" },
	{ PRIV_SMTP_OUT, "" },
	{ PRIV_SMTP_OUT, "." },
	{ PRIV_SMTP_OUT, ".." },
	{ PRIV_SMTP_OUT, "-isp" },
	{ PRIV_SMTP_OUT, "is p" },
	{ PRIV_SMTP_IN, "/" },
	{ PRIV_LOCAL, "../root" },
	{ PRIV_LOCAL, "--help" },
	{ PRIV_REPORT, "a/b" },
	{ PRIV_NO_KIND, "isp" },
};

START_TEST(a_bad_name_starts_nothing)
{
	int fd;

	ck_assert_int_eq(spawn(bad_names[_i].kind, 1, bad_names[_i].name, &fd),
			 EINVAL);
	ck_assert_int_eq(recv(fd, (char[1]){ 0 }, 1, 0), 0);
	close(fd);
}
END_TEST

START_TEST(a_secret_others_can_read_is_refused)
{
	int fd;

	write_file("secrets/isp", "the secret", 0640);
	ck_assert_int_eq(spawn(PRIV_SMTP_OUT, 1, "isp", &fd), EPERM);
	close(fd);
}
END_TEST

START_TEST(a_job_has_one_worker)
{
	int first, second;
	char text[512];

	ck_assert_int_eq(spawn(PRIV_SMTP_OUT, 1, "isp", &first), 0);
	ck_assert_int_eq(spawn(PRIV_SMTP_OUT, 1, "isp", &second), EEXIST);
	ck_assert_int_gt(recv(first, text, sizeof(text), 0), 0);
	close(first);
	close(second);
	assert_exited(1, 0);
}
END_TEST

START_TEST(workers_are_killed_on_demand)
{
	int fd;

	ck_assert_int_eq(spawn(PRIV_SMTP_OUT, 7, "isp", &fd), 0);
	say(PRIV_KILL, PRIV_NO_KIND, 8, "", SIGKILL);
	say(PRIV_KILL, PRIV_NO_KIND, 7, "", SIGSTOP);
	say(PRIV_KILL, PRIV_NO_KIND, 7, "", SIGTERM);
	assert_exited(7, SIGTERM);
	close(fd);
}
END_TEST

static int
ask_listener(const char *name, const char *address, int *ret_fd)
{
	PrivPacket packet;
	int fds[PRIV_FDS_MAX];

	priv_packet_init(&packet, PRIV_LISTEN, name);
	g_strlcpy(packet.address, address, sizeof(packet.address));
	ck_assert(priv_send(priv, &packet, NULL, 0, NULL));
	packet = hear(fds);
	ck_assert_int_eq(packet.op, PRIV_LISTEN);
	ck_assert_str_eq(packet.name, name);
	*ret_fd = fds[0];
	return packet.result;
}

START_TEST(only_configured_listeners_open)
{
	int fd;

	ck_assert_int_eq(ask_listener("127.0.0.1:52525", "127.0.0.1", &fd), 0);
	ck_assert_int_ge(fd, 0);
	close(fd);
	ck_assert_int_eq(ask_listener("127.0.0.1:52526", "127.0.0.1", &fd),
			 EACCES);
	ck_assert_int_eq(ask_listener("127.0.0.1:52525", "0.0.0.0", &fd),
			 EACCES);
	ck_assert_int_eq(fd, -1);
}
END_TEST

START_TEST(submit_is_the_owners_socket)
{
	struct stat status;
	int fd;

	ck_assert_int_eq(ask_listener("submit", "", &fd), 0);
	close(fd);
	ck_assert_int_eq(stat(paths->submit, &status), 0);
	ck_assert_int_eq(status.st_mode & 0777, 0600);
	ck_assert_int_eq(stat(paths->run, &status), 0);
	ck_assert_int_eq(status.st_mode & 0777, 0700);
}
END_TEST

/* (transfer full) the key. */
static char *
leave_message(void)
{
	g_autoptr(DropWriter) writer = drop_create(paths->drop, NULL);

	ck_assert(drop_add(writer, "Sender", "", NULL));
	ck_assert(drop_add(writer, "Recipient", "a@b", NULL));
	ck_assert(drop_commit(writer, NULL));
	return g_strdup(drop_key(writer));
}

static PrivPacket
hear_drop(const char *key)
{
	g_autoptr(DropFile) file = NULL;
	int fds[PRIV_FDS_MAX];
	PrivPacket packet = hear(fds);

	ck_assert_int_eq(packet.op, PRIV_DROP);
	ck_assert_int_eq(packet.uid, geteuid());
	file = drop_read(fds[0], NULL);
	ck_assert_str_eq(file->key, key);
	close(fds[0]);
	return packet;
}

static guint
count_drops(void)
{
	g_autoptr(GDir) directory = g_dir_open(paths->drop, 0, NULL);
	guint n = 0;

	while (g_dir_read_name(directory) != NULL)
		n++;
	return n;
}

START_TEST(a_dropped_message_goes_when_it_is_safe)
{
	g_autofree char *first = leave_message();
	PrivPacket packet = hear_drop(first);
	g_autofree char *second = NULL;

	ck_assert_int_eq(count_drops(), 1);
	say(PRIV_DROPPED, PRIV_NO_KIND, 0, packet.name, 0);
	second = leave_message();
	packet = hear_drop(second);
	ck_assert_int_eq(count_drops(), 1);
	say(PRIV_DROPPED, PRIV_NO_KIND, 0, packet.name, ENOSPC);
	kill(parent, SIGHUP);
	packet = hear_drop(second);
	ck_assert_int_eq(count_drops(), 1);
}
END_TEST

static Suite *
make_parent_suite(void)
{
	Suite *suite = suite_create("parent");
	TCase *tc = tcase_create("parent");

	tcase_set_timeout(tc, 30);
	tcase_add_checked_fixture(tc, fixture_start, fixture_stop);
	tcase_add_test(tc, smtp_out_gets_its_files_and_nothing_else);
	tcase_add_test(tc, a_route_may_lack_its_files);
	tcase_add_test(tc, smtp_in_gets_the_client);
	tcase_add_test(tc, local_runs_for_the_owner);
	tcase_add_loop_test(tc, local_runs_for_nobody_else, 0,
			    G_N_ELEMENTS(strangers));
	tcase_add_loop_test(tc, a_bad_name_starts_nothing, 0,
			    G_N_ELEMENTS(bad_names));
	tcase_add_test(tc, a_secret_others_can_read_is_refused);
	tcase_add_test(tc, a_job_has_one_worker);
	tcase_add_test(tc, workers_are_killed_on_demand);
	tcase_add_test(tc, only_configured_listeners_open);
	tcase_add_test(tc, submit_is_the_owners_socket);
	tcase_add_test(tc, a_dropped_message_goes_when_it_is_safe);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_parent_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
