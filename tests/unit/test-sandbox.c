// SPDX-License-Identifier: GPL-2.0-or-later
/* Each test is a process of its own, and gives up what that process had. */
#include "daemon/sandbox.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/error.h"

/* The search for leaks would need what is given up here. */
const char *__asan_default_options(void);

const char *
__asan_default_options(void)
{
	return "detect_leaks=0";
}

static char *top, *inside, *other, *outside;

static char *
make_directory(const char *name)
{
	char *path = g_build_filename(top, name, NULL);

	ck_assert_int_eq(g_mkdir(path, 0700), 0);
	return path;
}

static void
setup(void)
{
	top = g_dir_make_tmp("test-sandbox-XXXXXX", NULL);
	inside = make_directory("inside");
	other = make_directory("other");
	outside = make_directory("outside");
}

/* From outside the sandbox: what a test leaves, the next run does not see. */
static void
teardown(void)
{
	char *argv[] = { (char *)"rm", (char *)"-r", top, NULL };

	g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
		     NULL, NULL, NULL);
}

static void
enter(guint access)
{
	const SandboxPath paths[] = {
		{ inside, access },
		{ other, access },
		{ "/no/such/path", SANDBOX_READ },
	};
	const SandboxLimits limits = { 0 };

	ck_assert(sandbox_enter(paths, G_N_ELEMENTS(paths), &limits, NULL));
}

/* 0, or the errno of making a file there. */
static int
create(const char *directory, const char *name)
{
	g_autofree char *path = g_build_filename(directory, name, NULL);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int
move(const char *from, const char *to, const char *name)
{
	g_autofree char *before = g_build_filename(from, name, NULL);
	g_autofree char *after = g_build_filename(to, name, NULL);

	return rename(before, after) == 0 ? 0 : errno;
}

START_TEST(privileges_and_debuggers_are_given_up)
{
	struct rlimit limits;

	enter(SANDBOX_READ);
	ck_assert_int_eq(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
	ck_assert_int_eq(prctl(PR_GET_DUMPABLE), 0);
	getrlimit(RLIMIT_CORE, &limits);
	ck_assert_int_eq(limits.rlim_max, 0);
	getrlimit(RLIMIT_NPROC, &limits);
	ck_assert_int_eq(limits.rlim_max, 0);
}
END_TEST

START_TEST(limits_hold)
{
	const SandboxLimits limits = { .files = 16, .file_size = 3,
				       .may_fork = TRUE };
	const SandboxPath path = { inside, SANDBOX_READ | SANDBOX_WRITE };
	struct rlimit processes;
	int fd = -1, last;

	signal(SIGXFSZ, SIG_IGN);
	ck_assert(sandbox_enter(&path, 1, &limits, NULL));
	getrlimit(RLIMIT_NPROC, &processes);
	ck_assert_int_ne(processes.rlim_max, 0);
	while ((last = open("/dev/null", O_WRONLY)) >= 0)
		fd = last;
	ck_assert_int_eq(errno, EMFILE);
	ck_assert_int_eq(fd, 15);
	close(fd);
	fd = openat(AT_FDCWD, inside, O_TMPFILE | O_WRONLY, 0600);
	if (fd >= 0)
		ck_assert_int_eq(write(fd, "four", 4), 3);
}
END_TEST

START_TEST(only_named_places_can_be_written)
{
	enter(SANDBOX_READ | SANDBOX_WRITE);
	ck_assert_int_eq(create(inside, "a"), 0);
	ck_assert_int_eq(access("/etc/passwd", R_OK), 0);
	if (sandbox_landlock_version() == 0)
		return;
	ck_assert_int_eq(create(outside, "a"), EACCES);
	ck_assert_int_lt(open(outside, O_RDONLY), 0);
	ck_assert_int_ge(open("/etc/passwd", O_RDONLY), 0);
	ck_assert_int_ge(open("/dev/null", O_RDWR), 0);
}
END_TEST

START_TEST(reading_is_not_writing)
{
	enter(SANDBOX_READ);
	ck_assert_int_ge(open(inside, O_RDONLY), 0);
	if (sandbox_landlock_version() > 0)
		ck_assert_int_eq(create(inside, "a"), EACCES);
}
END_TEST

START_TEST(moving_must_be_asked_for)
{
	ck_assert_int_eq(create(inside, "a"), 0);
	enter(SANDBOX_READ | SANDBOX_WRITE);
	if (sandbox_landlock_version() > 0)
		ck_assert_int_eq(move(inside, other, "a"), EXDEV);
}
END_TEST

START_TEST(moving_can_be_had)
{
	ck_assert_int_eq(create(inside, "a"), 0);
	enter(SANDBOX_READ | SANDBOX_WRITE | SANDBOX_MOVE);
	ck_assert_int_eq(move(inside, other, "a"), 0);
}
END_TEST

START_TEST(an_orphan_does_not_start)
{
	g_autoptr(GError) error = NULL;

	g_setenv("MASQMAIL_PARENT", "1", TRUE);
	ck_assert(!sandbox_die_with_parent(&error));
	ck_assert(g_error_matches(error, SYSTEM_ERROR, ESRCH));
}
END_TEST

static void
be_the_youngest(int ready)
{
	g_unsetenv("MASQMAIL_PARENT");
	if (sandbox_die_with_parent(NULL) && write(ready, "!", 1) == 1)
		for (;;)
			pause();
	_exit(1);
}

/* The middle one of three generations is killed; we see the youngest end. */
START_TEST(the_child_dies_with_its_parent)
{
	int pipe_ends[2];
	char byte;
	pid_t middle;

	ck_assert_int_eq(pipe(pipe_ends), 0);
	middle = fork();
	if (middle == 0) {
		if (fork() == 0)
			be_the_youngest(pipe_ends[1]);
		for (;;)
			pause();
	}
	close(pipe_ends[1]);
	ck_assert_int_eq(read(pipe_ends[0], &byte, 1), 1);
	kill(middle, SIGKILL);
	waitpid(middle, NULL, 0);
	ck_assert_int_eq(read(pipe_ends[0], &byte, 1), 0);
}
END_TEST

static Suite *
make_sandbox_suite(void)
{
	Suite *suite = suite_create("sandbox");
	TCase *tc = tcase_create("sandbox");

	tcase_add_unchecked_fixture(tc, setup, teardown);
	tcase_add_test(tc, privileges_and_debuggers_are_given_up);
	tcase_add_test(tc, limits_hold);
	tcase_add_test(tc, only_named_places_can_be_written);
	tcase_add_test(tc, reading_is_not_writing);
	tcase_add_test(tc, moving_must_be_asked_for);
	tcase_add_test(tc, moving_can_be_had);
	tcase_add_test(tc, an_orphan_does_not_start);
	tcase_add_test(tc, the_child_dies_with_its_parent);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_sandbox_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
