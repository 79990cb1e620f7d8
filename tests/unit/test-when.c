// SPDX-License-Identifier: GPL-2.0-or-later
#include "common/when.h"

#include <check.h>
#include <stdlib.h>

/* Wednesday, 2026-11-25 10:00 in Berlin (+0100). */
#define NOW G_GINT64_CONSTANT(1795597200)
#define HOUR 3600
#define DAY 86400
#define NONE G_MININT64

static const struct {
	const char *text;
	gint64 after; /* NOW; NONE: no time */
} rows[] = {
	{ "90", 90 },
	{ "+2h", 2 * HOUR },
	{ "3d", 3 * DAY },
	{ "11:30", HOUR * 3 / 2 },
	{ "10:00", DAY },
	{ "9:59", DAY - 60 },
	{ "today 18:00", 8 * HOUR },
	{ "tomorrow", 22 * HOUR },
	{ "Tomorrow 9:00", 23 * HOUR },
	{ "thu 10:00", DAY },
	{ "wednesday 10:00", 7 * DAY },
	{ "monday", 5 * DAY - 2 * HOUR },
	{ "2026-11-26", 22 * HOUR },
	{ "2026-11-25 12:00", 2 * HOUR },
	{ "2026-11-25T12:00:30", 2 * HOUR + 30 },
	{ "2026-11-25T12:00:00Z", 3 * HOUR },
	{ "2026-11-25T12:00:00+02:00", HOUR },
	{ "Wed, 25 Nov 2026 12:00:00 +0100", 2 * HOUR },
	{ "25 Nov 2026 12:00 GMT", 3 * HOUR },
	{ "Wed, 25 Nov 2026 07:00:00 -0300 (BRT)", HOUR },
	/* Summer time is another hour. */
	{ "2027-06-01 10:00", 188 * DAY - HOUR },
	{ "", NONE },
	{ "now and then", NONE },
	{ "25:00", NONE },
	{ "8:60", NONE },
	{ "mo 8:00", NONE },
	{ "tomorrow 8", NONE },
	{ "2026-13-01", NONE },
	{ "2026-02-30 8:00", NONE },
	{ "31 Foo 2026 12:00 GMT", NONE },
	{ "25 Nov 2026 12:00", NONE },
	{ "25 Nov 2026 12:00 +2500", NONE },
	{ "-5m", NONE },
};

START_TEST(times_are_read)
{
	gint64 when = NONE;
	gboolean read = when_parse(rows[_i].text, NOW, &when);

	ck_assert_msg(read == (rows[_i].after != NONE), "%s", rows[_i].text);
	if (read)
		ck_assert_msg(when - NOW == rows[_i].after, "%s: %ld",
			      rows[_i].text, (long)(when - NOW));
	else
		ck_assert_int_eq(when, NONE);
}
END_TEST

START_TEST(a_header_holds_dates_only)
{
	gint64 when;

	ck_assert(!when_parse_date("tomorrow", &when));
	ck_assert(!when_parse_date("2h", &when));
	ck_assert(when_parse_date("Wed, 25 Nov 2026 12:00:00 +0100", &when));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("when");
	TCase *tc = tcase_create("when");
	SRunner *runner;
	int failed;

	g_setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", TRUE);
	tcase_add_loop_test(tc, times_are_read, 0, G_N_ELEMENTS(rows));
	tcase_add_test(tc, a_header_holds_dates_only);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
