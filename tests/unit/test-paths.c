// SPDX-License-Identifier: GPL-2.0-or-later
#include "common/paths.h"

#include <check.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <unistd.h>

static char *home;

static void
setup(void)
{
	home = g_dir_make_tmp("test-paths-XXXXXX", NULL);
	g_setenv("HOME", home, TRUE);
	g_unsetenv("XDG_CONFIG_HOME");
	g_unsetenv("XDG_STATE_HOME");
	g_unsetenv("XDG_RUNTIME_DIR");
	g_unsetenv("MASQMAIL_LIBEXEC");
}

static void
teardown(void)
{
	g_autofree char *config = g_build_filename(home, ".config", NULL);
	g_autofree char *ours = g_build_filename(config, "masqmail", NULL);

	g_rmdir(ours);
	g_unlink(ours);
	g_rmdir(config);
	g_rmdir(home);
	g_free(home);
}

static void
assert_below_home(const char *path, const char *tail)
{
	g_autofree char *expected = g_build_filename(home, tail, NULL);

	ck_assert_str_eq(path, expected);
}

START_TEST(a_user_lives_in_the_home)
{
	g_autoptr(Paths) paths = paths_user();
	g_autofree char *run = g_strdup_printf("/run/user/%lu/masqmail/submit",
					       (unsigned long)geteuid());

	ck_assert(paths->user);
	assert_below_home(paths->config, ".config/masqmail");
	assert_below_home(paths->spool, ".local/state/masqmail");
	assert_below_home(paths->queue, ".local/state/masqmail/queue");
	assert_below_home(paths->state, ".local/state/masqmail/state");
	assert_below_home(paths->drop, ".local/state/masqmail/drop");
	ck_assert_str_eq(paths->submit, run);
	ck_assert_str_eq(paths->libexec, PKGLIBEXECDIR);
}
END_TEST

START_TEST(xdg_variables_move_it)
{
	g_autoptr(Paths) paths = NULL;

	g_setenv("XDG_CONFIG_HOME", "/c", TRUE);
	g_setenv("XDG_STATE_HOME", "/s", TRUE);
	g_setenv("XDG_RUNTIME_DIR", "/r", TRUE);
	g_setenv("MASQMAIL_LIBEXEC", "/l", TRUE);
	paths = paths_user();
	ck_assert_str_eq(paths->config, "/c/masqmail");
	ck_assert_str_eq(paths->drop, "/s/masqmail/drop");
	ck_assert_str_eq(paths->submit, "/r/masqmail/submit");
	ck_assert_str_eq(paths->libexec, "/l");
}
END_TEST

START_TEST(relative_values_do_not_count)
{
	g_autoptr(Paths) paths = NULL;

	g_setenv("XDG_CONFIG_HOME", "c", TRUE);
	g_setenv("XDG_STATE_HOME", "", TRUE);
	g_setenv("MASQMAIL_LIBEXEC", "l", TRUE);
	paths = paths_user();
	assert_below_home(paths->config, ".config/masqmail");
	assert_below_home(paths->spool, ".local/state/masqmail");
	ck_assert_str_eq(paths->libexec, PKGLIBEXECDIR);
}
END_TEST

START_TEST(the_environment_cannot_move_the_system)
{
	g_autoptr(Paths) paths = NULL;

	g_setenv("XDG_CONFIG_HOME", "/c", TRUE);
	g_setenv("MASQMAIL_LIBEXEC", "/l", TRUE);
	paths = paths_system();
	ck_assert(!paths->user);
	ck_assert_str_eq(paths->config, PKGSYSCONFDIR);
	ck_assert_str_eq(paths->spool, LOCALSTATEDIR "/spool/masqmail");
	ck_assert_str_eq(paths->submit, RUNSTATEDIR "/masqmail/submit");
	ck_assert_str_eq(paths->libexec, PKGLIBEXECDIR);
}
END_TEST

START_TEST(without_configuration_a_client_asks_the_system)
{
	g_autoptr(Paths) paths = paths_client();

	ck_assert(!paths->user);
}
END_TEST

START_TEST(with_configuration_a_client_asks_the_users_own)
{
	g_autoptr(Paths) paths = NULL;
	g_autofree char *config = g_build_filename(home, ".config", "masqmail",
						   NULL);

	g_mkdir_with_parents(config, 0700);
	paths = paths_client();
	ck_assert(paths->user);
	ck_assert_str_eq(paths->config, config);
}
END_TEST

START_TEST(a_file_is_no_configuration)
{
	g_autoptr(Paths) paths = NULL;
	g_autofree char *config = g_build_filename(home, ".config", NULL);
	g_autofree char *ours = g_build_filename(config, "masqmail", NULL);

	g_mkdir_with_parents(config, 0700);
	ck_assert(g_file_set_contents(ours, "", 0, NULL));
	paths = paths_client();
	ck_assert(!paths->user);
}
END_TEST

/* As under sudo, where HOME stays the user's. Only root can try it. */
START_TEST(somebody_elses_configuration_does_not_count)
{
	g_autoptr(Paths) paths = NULL;
	g_autofree char *config = g_build_filename(home, ".config", "masqmail",
						   NULL);

	g_mkdir_with_parents(config, 0700);
	if (geteuid() != 0 || chown(config, 4711, 4711) != 0)
		return;
	paths = paths_client();
	ck_assert(!paths->user);
}
END_TEST

START_TEST(options_override)
{
	g_autoptr(Paths) paths = paths_system();

	paths_override(paths, "/other", NULL);
	ck_assert_str_eq(paths->config, "/other");
	ck_assert_str_eq(paths->spool, LOCALSTATEDIR "/spool/masqmail");
	paths_override(paths, NULL, "/spool");
	ck_assert_str_eq(paths->config, "/other");
	ck_assert_str_eq(paths->queue, "/spool/queue");
}
END_TEST

static Suite *
make_paths_suite(void)
{
	Suite *suite = suite_create("paths");
	TCase *tc = tcase_create("paths");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_user_lives_in_the_home);
	tcase_add_test(tc, xdg_variables_move_it);
	tcase_add_test(tc, relative_values_do_not_count);
	tcase_add_test(tc, the_environment_cannot_move_the_system);
	tcase_add_test(tc, without_configuration_a_client_asks_the_system);
	tcase_add_test(tc, with_configuration_a_client_asks_the_users_own);
	tcase_add_test(tc, a_file_is_no_configuration);
	tcase_add_test(tc, somebody_elses_configuration_does_not_count);
	tcase_add_test(tc, options_override);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_paths_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
