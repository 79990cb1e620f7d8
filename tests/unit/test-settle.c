// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/settle.h"

#include <check.h>
#include <stdlib.h>

#include "daemon/engine/meter.h"

/* Changes at these times (-1 ends), a switch before (-1: none). */
static const struct {
	gint64 switched;
	gint64 changes[4];
	gboolean complete;
	gint64 due;
} due_rows[] = {
	{ -1, { -1 }, TRUE, -1 },
	{ -1, { 0, -1 }, TRUE, 100 },
	{ -1, { 0, -1 }, FALSE, 1000 },
	{ -1, { 0, 50, -1 }, TRUE, 150 },
	{ -1, { 0, 900, -1 }, FALSE, 1900 },
	/* Soon after a switch we are in no hurry, then we are again. */
	{ 0, { 5000, -1 }, TRUE, 6000 },
	{ 0, { 9999, -1 }, FALSE, 10999 },
	{ 0, { 10000, -1 }, TRUE, 10100 },
	{ 0, { 10000, -1 }, FALSE, 11000 },
	/* A link that never rests: after 10 s what holds counts. */
	{ -1, { 0, 5000, 9950, -1 }, FALSE, 10000 },
	{ -1, { 0, 9950, -1 }, TRUE, 10000 },
	{ -1, { 0, 20000, -1 }, FALSE, 10000 },
};

START_TEST(a_change_settles_in_time)
{
	Settle settle;

	settle_init(&settle);
	if (due_rows[_i].switched >= 0) {
		settle_note(&settle, due_rows[_i].switched);
		settle_done(&settle, TRUE, due_rows[_i].switched);
	}
	for (const gint64 *at = due_rows[_i].changes; *at >= 0; at++)
		settle_note(&settle, *at);
	ck_assert_int_eq(settle_due(&settle, due_rows[_i].complete,
				    FALSE),
			 due_rows[_i].due);
}
END_TEST

START_TEST(an_answer_is_worth_a_wait)
{
	Settle settle;

	settle_init(&settle);
	settle_note(&settle, 100);
	ck_assert_int_eq(settle_due(&settle, FALSE, TRUE), 2200);
	for (gint64 at = 1000; at <= 9000; at += 1000)
		settle_note(&settle, at);
	ck_assert_int_eq(settle_due(&settle, FALSE, TRUE), 10100);
}
END_TEST

START_TEST(what_is_settled_is_over)
{
	Settle settle;

	settle_init(&settle);
	settle_note(&settle, 100);
	settle_done(&settle, FALSE, 200);
	ck_assert_int_eq(settle_due(&settle, TRUE, FALSE), -1);
	/* It was no switch: the next is as quick, and churns anew. */
	settle_note(&settle, 300);
	ck_assert_int_eq(settle_due(&settle, TRUE, FALSE), 400);
}
END_TEST

#define HOME "aa:bb:cc:dd:ee:ff 10.0.0.1 wlan0 home"
#define HOME_UNSURE "? 10.0.0.1 wlan0 home"
#define CAFE "11:22:33:44:55:66 10.0.0.1 wlan0 cafe"

static const struct {
	PinKind kind;
	const char *pinned_at;
	gint64 until;
	const char *place;
	gint64 now;
	gboolean holds;
} pin_rows[] = {
	{ PIN_NONE, HOME, 0, HOME, 5, FALSE },
	{ PIN_UNTIL_NETWORK, HOME, 0, HOME, 5, TRUE },
	{ PIN_UNTIL_NETWORK, HOME, 0, HOME_UNSURE, 5, TRUE },
	{ PIN_UNTIL_NETWORK, HOME_UNSURE, 0, HOME, 5, TRUE },
	{ PIN_UNTIL_NETWORK, HOME, 0, "", 5, TRUE },
	{ PIN_UNTIL_NETWORK, HOME, 0, CAFE, 5, FALSE },
	{ PIN_UNTIL_NETWORK, "", 0, "", 5, TRUE },
	{ PIN_UNTIL_NETWORK, "", 0, CAFE, 5, FALSE },
	{ PIN_UNTIL_TIME, HOME, 10, CAFE, 9, TRUE },
	{ PIN_UNTIL_TIME, HOME, 10, HOME, 10, FALSE },
	{ PIN_UNTIL_CHANGED, HOME, 0, CAFE, 99, TRUE },
};

START_TEST(a_pin_holds_as_long_as_it_said)
{
	g_autoptr(Pin) pin = pin_new(pin_rows[_i].kind, "Work",
				     pin_rows[_i].until,
				     pin_rows[_i].pinned_at);

	ck_assert_int_eq(pin_holds(pin, pin_rows[_i].place,
				   pin_rows[_i].now),
			 pin_rows[_i].holds);
	ck_assert_int_eq(pin_ends(pin), pin_rows[_i].until);
}
END_TEST

START_TEST(a_pin_survives_a_restart)
{
	g_autoptr(Pin) pin = pin_new(pin_rows[_i].kind, "Work",
				     pin_rows[_i].until,
				     pin_rows[_i].pinned_at);
	g_autofree char *text = pin_to_text(pin);
	g_autoptr(Pin) back = pin_from_text(text);

	ck_assert_ptr_nonnull(back);
	ck_assert_int_eq(back->kind, pin->kind);
	ck_assert_str_eq(back->profile, pin->profile);
	ck_assert_int_eq(back->until, pin->until);
	ck_assert_str_eq(back->place, pin->place);
}
END_TEST

static const char *const broken_pins[] = {
	"", "profile x\n", "profile x\nuntil time 5\n",
	"profile x\nuntil noon 5\nplace \n",
	"profile x\nuntil time -5\nplace \n",
	"profile x\nuntil time five\nplace \n",
	"profilex\nuntil time 5\nplace \n",
};

START_TEST(a_broken_pin_is_none)
{
	ck_assert_ptr_null(pin_from_text(broken_pins[_i]));
}
END_TEST

START_TEST(no_pin_holds_nothing)
{
	g_autoptr(Pin) pin = pin_new(PIN_UNTIL_NETWORK, "x", 0, "");
	g_autofree char *text = pin_describe(pin);

	ck_assert(!pin_holds(NULL, HOME, 0));
	ck_assert_int_eq(pin_ends(NULL), 0);
	ck_assert_str_eq(text, "until the network changes");
}
END_TEST

START_TEST(a_meter_counts_what_was_usable)
{
	g_autoptr(Meter) meter = meter_new();
	const char *const uni[] = { "uni", NULL };
	const char *const both[] = { "uni", "isp", NULL };
	g_autofree char *text = NULL;

	meter_run(meter, "isp", TRUE, 100);
	meter_run(meter, "isp", TRUE, 150); /* again changes nothing */
	ck_assert_int_eq(meter_read(meter, "isp", 200), 100);
	meter_run(meter, "isp", FALSE, 200);
	ck_assert_int_eq(meter_read(meter, "isp", 9000), 100);
	meter_run_only(meter, uni, 9000);
	ck_assert_int_eq(meter_read(meter, "uni", 9010), 10);
	meter_run_only(meter, both, 9010);
	ck_assert_int_eq(meter_read(meter, "isp", 9015), 105);
	ck_assert_int_eq(meter_read(meter, "none", 9015), 0);
	text = meter_snapshot(meter, 9015);
	ck_assert_str_eq(text, "isp=105 uni=15");
}
END_TEST

START_TEST(a_clock_that_goes_back_takes_nothing)
{
	g_autoptr(Meter) meter = meter_new();

	meter_run(meter, "isp", TRUE, 100);
	ck_assert_int_eq(meter_read(meter, "isp", 50), 0);
}
END_TEST

static const struct {
	const char *saved;
	const char *snapshot;
	const char *routes[3];
	gint64 age;
} age_rows[] = {
	{ "isp=500 uni=20", "isp=100 uni=5", { "isp", "uni" }, 400 },
	{ "isp=500 uni=20", "isp=100 uni=5", { "uni" }, 15 },
	{ "isp=500 uni=20", "isp=490", { "isp", "uni" }, 20 },
	{ "isp=500 uni=20", NULL, { "isp" }, 0 },
	{ "isp=500 uni=20", "", { "isp" }, 500 },
	{ "isp=10", "isp=100", { "isp" }, 0 }, /* the file was lost */
	{ "", "isp=100", { "isp" }, 0 },
	{ "isp=500 junk =5 x=y uni=-3", "isp=1", { "isp", "x" }, 499 },
};

START_TEST(a_message_grows_old_by_its_own_routes)
{
	g_autoptr(Meter) meter = meter_new();

	meter_load(meter, age_rows[_i].saved);
	ck_assert_int_eq(meter_age(meter, age_rows[_i].snapshot,
				   age_rows[_i].routes, 0),
			 age_rows[_i].age);
}
END_TEST

START_TEST(meters_are_bounded)
{
	g_autoptr(Meter) meter = meter_new();

	for (guint i = 0; i < METER_MAX_ROUTES + 10; i++) {
		g_autofree char *name = g_strdup_printf("r%u", i);

		meter_run(meter, name, TRUE, 0);
		ck_assert_int_eq(meter_read(meter, name, 5),
				 i < METER_MAX_ROUTES ? 5 : 0);
	}
}
END_TEST

static Suite *
make_settle_suite(void)
{
	Suite *suite = suite_create("settle");
	TCase *core = tcase_create("core");

	tcase_add_loop_test(core, a_change_settles_in_time, 0,
			    G_N_ELEMENTS(due_rows));
	tcase_add_test(core, an_answer_is_worth_a_wait);
	tcase_add_test(core, what_is_settled_is_over);
	tcase_add_loop_test(core, a_pin_holds_as_long_as_it_said, 0,
			    G_N_ELEMENTS(pin_rows));
	/* The first row is no pin: there is nothing to keep of it. */
	tcase_add_loop_test(core, a_pin_survives_a_restart, 1,
			    G_N_ELEMENTS(pin_rows));
	tcase_add_loop_test(core, a_broken_pin_is_none, 0,
			    G_N_ELEMENTS(broken_pins));
	tcase_add_test(core, no_pin_holds_nothing);
	tcase_add_test(core, a_meter_counts_what_was_usable);
	tcase_add_test(core, a_clock_that_goes_back_takes_nothing);
	tcase_add_loop_test(core, a_message_grows_old_by_its_own_routes, 0,
			    G_N_ELEMENTS(age_rows));
	tcase_add_test(core, meters_are_bounded);
	suite_add_tcase(suite, core);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_settle_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
