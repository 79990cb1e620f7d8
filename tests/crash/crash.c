// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The crash test. Plays workloads on the real queue, with a library
 * preloaded that ends the program at each call that changes a file, in each
 * way a machine can be left (preload.c says which), or lets calls fail; then
 * looks whether the queue found afterwards keeps every promise in the
 * ledger.
 *
 *	crash			all points of the small workload, every so
 *				many of the long ones; under a minute
 *	crash --full		all points of all
 *	crash --full SET	one of: small thousand restart faults
 *	crash drive NAME DIR LEDGER [crash], crash check DIR LEDGER
 *				the parts, to repeat what failed
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "tests/crash/drive.h"
#include "tests/crash/ledger.h"
#include "tests/unit/queue-fixture.h"

#define POINT_SECONDS 60 /* a program that takes longer hangs */
#define FAILURES_SHOWN 10

typedef struct {
	char *program; /* this one */
	char *preload;
	char *base;
	char *directory;
	char *grave;
	char *ledger;
	char *count;
	gboolean full;
	guint thin; /* one point of so many */
	guint points;
	guint failures;
} Test;

static const char *const modes[] = { "keep",  "drop", "names",
				     "order", "torn", "zero" };

static void
empty_directory(const char *path)
{
	scratch_remove(g_strdup(path));
	g_mkdir(path, 0700);
}

static void
clear(Test *test)
{
	empty_directory(test->directory);
	empty_directory(test->grave);
	g_unlink(test->ledger);
	g_unlink(test->count);
}

/* The exit status as waitpid() has it. @settings: NULL, or "NAME=VALUE". */
static int
run_program(Test *test, const char *const *arguments,
	    const char *const *settings)
{
	g_auto(GStrv) environment = g_get_environ();
	pid_t pid;
	int status = 0;

	for (; settings && *settings; settings++) {
		g_auto(GStrv) pair = g_strsplit(*settings, "=", 2);

		environment = g_environ_setenv(environment, pair[0], pair[1],
					       TRUE);
	}
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		alarm(POINT_SECONDS);
		execve(test->program, (char *const *)arguments, environment);
		_exit(92);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

static int
run_driver(Test *test, const char *workload, gboolean crash,
	   const char *const *settings)
{
	const char *arguments[] = { test->program, "drive", workload,
				    test->directory, test->ledger,
				    crash ? "crash" : NULL, NULL };
	g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(g_free);

	g_ptr_array_add(all, g_strconcat("LD_PRELOAD=", test->preload, NULL));
	/* A sanitizer likes to be the first library; ours must be. */
	g_ptr_array_add(all, g_strdup("ASAN_OPTIONS=verify_asan_link_order=0:"
				      "detect_leaks=0"));
	g_ptr_array_add(all, g_strconcat("CRASH_DIR=", test->directory, NULL));
	g_ptr_array_add(all, g_strconcat("CRASH_GRAVE=", test->grave, NULL));
	g_ptr_array_add(all, g_strconcat("CRASH_COUNT=", test->count, NULL));
	for (; *settings; settings++)
		g_ptr_array_add(all, g_strdup(*settings));
	g_ptr_array_add(all, NULL);
	return run_program(test, arguments,
			   (const char *const *)all->pdata);
}

static gboolean
is_killed(int status)
{
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

/* The queue after the crash, read by a program without the library. */
static void
check(Test *test, const char *what, const char *const *settings)
{
	const char *arguments[] = { test->program, "check", test->directory,
				    test->ledger, NULL };
	g_autofree char *all = g_strjoinv(" ", (char **)settings);

	test->points++;
	if (run_program(test, arguments, NULL) == 0)
		return;
	test->failures++;
	printf("FAILED: %s, %s\n", what, all);
	if (test->failures < FAILURES_SHOWN)
		return;
	printf("too many failures\n");
	scratch_remove(test->base);
	exit(EXIT_FAILURE);
}

static void
complain(Test *test, const char *what, const char *const *settings,
	 int status)
{
	g_autofree char *all = g_strjoinv(" ", (char **)settings);

	test->failures++;
	printf("FAILED: %s ended by itself with %#x, %s\n", what, status, all);
}

/* FALSE when the workload came to its end before call @at. */
static gboolean
try_point(Test *test, const char *workload, const char *mode, guint at)
{
	g_autofree char *point = g_strdup_printf("CRASH_AT=%u", at);
	g_autofree char *how = g_strdup_printf("CRASH_MODE=%s", mode);
	const char *settings[] = { point, how, NULL };
	int status;

	clear(test);
	status = run_driver(test, workload, FALSE, settings);
	if (is_killed(status)) {
		check(test, workload, settings);
		return TRUE;
	}
	if (status)
		complain(test, workload, settings, status);
	else
		check(test, workload, settings);
	return FALSE;
}

static void
report(const Test *test, const char *set, guint before)
{
	printf("%s: %u points\n", set, test->points - before);
}

static void
test_small(Test *test)
{
	guint before = test->points;

	for (guint i = 0; i < G_N_ELEMENTS(modes); i++)
		for (guint at = 1; try_point(test, "small", modes[i], at);
		     at += test->thin)
			;
	report(test, "small", before);
}

/* Its rounds are alike, so in short the modes take turns on some points. */
static void
test_thousand(Test *test)
{
	guint step = test->thin * (test->full ? 1 : 29), before = test->points;

	for (guint i = 0; i < G_N_ELEMENTS(modes); i++)
		for (guint at = 1 + i * step / G_N_ELEMENTS(modes);
		     try_point(test, "thousand", modes[i], at); at += step)
			;
	report(test, "thousand", before);
}

/* A crash, and another one while the queue recovers and goes on. */
static gboolean
try_restart(Test *test, guint first, const char *mode, guint at)
{
	g_autofree char *one = g_strdup_printf("CRASH_AT=%u", first);
	g_autofree char *two = g_strdup_printf("CRASH_AT=%u", at);
	g_autofree char *how = g_strdup_printf("CRASH_MODE=%s", mode);
	const char *then[] = { one, how, NULL };
	const char *settings[] = { two, how, one, NULL };
	int status;

	clear(test);
	if (!is_killed(run_driver(test, "small", FALSE, then)))
		return FALSE;
	settings[2] = NULL;
	status = run_driver(test, "restart", FALSE, settings);
	settings[2] = one;
	if (status && !is_killed(status)) {
		complain(test, "restart", settings, status);
		return FALSE;
	}
	check(test, "restart", settings);
	return status != 0;
}

static void
test_restart(Test *test)
{
	guint step = test->thin * (test->full ? 3 : 29), before = test->points;
	guint stride = test->thin * (test->full ? 1 : 3);

	for (guint i = 0; i < G_N_ELEMENTS(modes); i++)
		for (guint first = 5 + 2 * i; first < 180; first += step)
			for (guint at = 1 + i % stride;
			     try_restart(test, first, modes[i], at);
			     at += stride)
				;
	report(test, "restart", before);
}

static guint
count_calls(Test *test)
{
	const char *settings[] = { "CRASH_MODE=drop", NULL };
	g_autofree char *text = NULL;

	clear(test);
	run_driver(test, "small", TRUE, settings);
	if (!g_file_get_contents(test->count, &text, NULL, NULL))
		return 0;
	return g_ascii_strtoull(text, NULL, 10);
}

/*
 * Calls that fail. The driver hands in again what was refused, must come to
 * its end, and then the power fails, or (@keep) only the program.
 */
static void
try_fault(Test *test, guint at, int code, guint count, gboolean keep)
{
	g_autofree char *where = g_strdup_printf("CRASH_FAIL_AT=%u", at);
	g_autofree char *what = g_strdup_printf("CRASH_FAIL_ERRNO=%d", code);
	g_autofree char *many = g_strdup_printf("CRASH_FAIL_COUNT=%u", count);
	const char *settings[] = { where, what, many,
				   keep ? "CRASH_MODE=keep" : "CRASH_MODE=drop",
				   at % 3 ? NULL : "CRASH_SHORT=1", NULL };
	int status;

	clear(test);
	status = run_driver(test, "small", TRUE, settings);
	if (is_killed(status))
		check(test, "faults", settings);
	else
		complain(test, "faults", settings, status);
}

static void
test_faults(Test *test)
{
	static const int codes[] = { ENOSPC, EIO, EDQUOT, EROFS };
	static const guint counts[] = { 1, 2, 8 };
	guint calls = count_calls(test), before = test->points;
	guint step = test->thin * (test->full ? 1 : 5);
	guint kinds = test->full ? G_N_ELEMENTS(codes) : 2;

	for (guint i = 0; i < kinds * G_N_ELEMENTS(counts); i++)
		for (guint at = 1 + i % step; at <= calls; at += step)
			try_fault(test, at, codes[i % kinds],
				  counts[i / kinds], at / step % 2);
	report(test, "faults", before);
}

static const struct {
	const char *name;
	void (*run)(Test *test);
} sets[] = {
	{ "small", test_small },
	{ "thousand", test_thousand },
	{ "restart", test_restart },
	{ "faults", test_faults },
};

static gboolean
run_sets(Test *test, const char *only)
{
	for (guint i = 0; i < G_N_ELEMENTS(sets); i++)
		if (!only || g_str_equal(only, sets[i].name))
			sets[i].run(test);
	printf("%u points, %u failures\n", test->points, test->failures);
	return test->points && !test->failures;
}

static gboolean
run_all(gboolean full, const char *only)
{
	/* With sanitizers each point takes ten times as long. */
	const gboolean slow = g_strcmp0(g_getenv("SANITIZED"), "yes") == 0;
	Test test = { .full = full, .thin = slow ? 13 : 1 };
	gboolean right;

	test.program = g_file_read_link("/proc/self/exe", NULL);
	test.preload = g_strconcat(test.program, "-preload.so", NULL);
	test.base = scratch_make();
	test.directory = g_build_filename(test.base, "queue", NULL);
	test.grave = g_build_filename(test.base, "grave", NULL);
	test.ledger = g_build_filename(test.base, "ledger", NULL);
	test.count = g_build_filename(test.base, "count", NULL);
	right = g_file_test(test.preload, G_FILE_TEST_EXISTS) &&
		run_sets(&test, only);
	scratch_remove(test.base);
	g_free(test.program);
	g_free(test.preload);
	g_free(test.directory);
	g_free(test.grave);
	g_free(test.ledger);
	g_free(test.count);
	return right;
}

int
main(int count, char **arguments)
{
	gboolean full = count > 1 && g_str_equal(arguments[1], "--full");

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (count >= 5 && g_str_equal(arguments[1], "drive"))
		return drive(arguments[2], arguments[3], arguments[4],
			     count > 5) ? EXIT_SUCCESS : EXIT_FAILURE;
	if (count == 4 && g_str_equal(arguments[1], "check")) {
		g_autoptr(GHashTable) ledger = ledger_read(arguments[3]);

		return ledger_check(ledger, arguments[2], &drive_options) ?
			       EXIT_SUCCESS : EXIT_FAILURE;
	}
	return run_all(full, full && count > 2 ? arguments[2] : NULL) ?
		       EXIT_SUCCESS : EXIT_FAILURE;
}
