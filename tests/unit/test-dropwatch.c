// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/dropwatch.h"

#include <check.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define DAY (24 * 3600)

static char *top;
static Dropwatch *watch;
static char last_name[DROP_NAME_LENGTH + 1];

static void
setup(void)
{
	top = g_dir_make_tmp("test-dropwatch-XXXXXX", NULL);
	watch = dropwatch_new(top, NULL);
	ck_assert_ptr_nonnull(watch);
}

static guint
count_files(gboolean and_remove)
{
	g_autoptr(GDir) directory = g_dir_open(top, 0, NULL);
	const char *name;
	guint n = 0;

	while ((name = g_dir_read_name(directory)) != NULL) {
		g_autofree char *path = g_build_filename(top, name, NULL);

		if (and_remove)
			g_unlink(path);
		n++;
	}
	return n;
}

static void
teardown(void)
{
	count_files(TRUE);
	g_rmdir(top);
	dropwatch_free(watch);
	g_free(top);
}

static void
leave(void)
{
	g_autoptr(DropWriter) writer = drop_create(top, NULL);

	ck_assert(drop_add(writer, "Sender", "", NULL));
	ck_assert(drop_add(writer, "Recipient", "a@b", NULL));
	ck_assert(drop_commit(writer, NULL));
}

/* Whether there was one: then last_name is its name. */
static gboolean
take(void)
{
	uid_t owner = 4711;
	int fd = dropwatch_next(watch, last_name, &owner);

	if (fd < 0)
		return FALSE;
	ck_assert_int_eq(owner, geteuid());
	close(fd);
	return TRUE;
}

static gboolean
has_news(void)
{
	struct pollfd one = { dropwatch_fd(watch), POLLIN, 0 };

	return poll(&one, 1, 0) == 1;
}

START_TEST(a_finished_file_wakes_us)
{
	ck_assert(!has_news());
	leave();
	ck_assert(has_news());
	ck_assert(take());
	ck_assert(!take());
	ck_assert(!has_news());
}
END_TEST

START_TEST(what_is_safe_is_removed)
{
	leave();
	ck_assert(take());
	ck_assert_int_eq(count_files(FALSE), 1);
	dropwatch_done(watch, last_name, FALSE);
	ck_assert_int_eq(count_files(FALSE), 0);
}
END_TEST

START_TEST(what_is_kept_is_offered_when_asked_for)
{
	leave();
	ck_assert(take());
	dropwatch_done(watch, last_name, TRUE);
	ck_assert_int_eq(count_files(FALSE), 1);
	ck_assert(!take());
	dropwatch_retry(watch);
	ck_assert(take());
}
END_TEST

START_TEST(only_what_is_out_can_be_removed)
{
	g_autofree char *path = g_build_filename(top, "x", NULL);

	ck_assert(g_file_set_contents(path, "", 0, NULL));
	dropwatch_done(watch, "x", FALSE);
	dropwatch_done(watch, "../x", FALSE);
	ck_assert_int_eq(count_files(FALSE), 1);
}
END_TEST

START_TEST(only_so_many_are_out)
{
	guint i;

	for (i = 0; i < DROPWATCH_OUT_MAX + 1; i++)
		leave();
	for (i = 0; i < DROPWATCH_OUT_MAX; i++)
		ck_assert(take());
	ck_assert(!take());
	dropwatch_done(watch, last_name, FALSE);
	ck_assert(take());
	ck_assert(!take());
}
END_TEST

/* An unfinished file that was last written @age seconds ago. */
static void
leave_unfinished(gint64 age)
{
	g_autofree char *path = g_build_filename(
		top, "0123456789abcdef0123456789abcdef", NULL);
	const struct timespec times[2] = {
		{ .tv_sec = time(NULL) - age }, { .tv_sec = time(NULL) - age },
	};

	ck_assert(g_file_set_contents(path, "", 0, NULL));
	ck_assert_int_eq(chmod(path, 0200), 0);
	ck_assert_int_eq(utimensat(AT_FDCWD, path, times, 0), 0);
}

static const struct {
	gint64 age;
	guint left;
} ages[] = { { 0, 1 }, { DAY - 60, 1 }, { DAY + 60, 0 } };

START_TEST(unfinished_files_go_after_a_day)
{
	leave_unfinished(ages[_i].age);
	ck_assert(!take());
	ck_assert_int_eq(count_files(FALSE), ages[_i].left);
}
END_TEST

START_TEST(foreign_files_stay)
{
	g_autofree char *path = g_build_filename(top, "foreign", NULL);

	ck_assert(g_file_set_contents_full(path, "", 0, 0, 0600, NULL));
	ck_assert(!take());
	ck_assert(!take());
	ck_assert_int_eq(count_files(FALSE), 1);
}
END_TEST

static Suite *
make_dropwatch_suite(void)
{
	Suite *suite = suite_create("dropwatch");
	TCase *tc = tcase_create("dropwatch");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_finished_file_wakes_us);
	tcase_add_test(tc, what_is_safe_is_removed);
	tcase_add_test(tc, what_is_kept_is_offered_when_asked_for);
	tcase_add_test(tc, only_what_is_out_can_be_removed);
	tcase_add_test(tc, only_so_many_are_out);
	tcase_add_loop_test(tc, unfinished_files_go_after_a_day, 0,
			    G_N_ELEMENTS(ages));
	tcase_add_test(tc, foreign_files_stay);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_dropwatch_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
