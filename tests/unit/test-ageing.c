// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Weeks of a laptop in a moment: the pure core under a clock that the test
 * moves. What may not happen is a bounce or a warning for time in which no
 * mail could go.
 */
#include "daemon/engine/ageing.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/engine/later.h"
#include "daemon/engine/schedule.h"

#define HOUR 3600
#define DAY 86400
#define BEGIN (20000 * (gint64)DAY)

static const char *const local_names[] = { "laptop", NULL };
static const gint64 steps[] = { HOUR, 4 * HOUR, DAY, 0 };

/* A laptop with the routes isp and uni, and its clocks. */
typedef struct {
	ScheduleInput input;
	Profile *profile;
	Meter *meter, *blame;
	gint64 awake;
	guint expired, warned, tried, stale, ripe;
} Laptop;

static RouteFacts *
facts_of(Laptop *laptop, const char *route)
{
	return g_hash_table_lookup(laptop->input.world.facts, route);
}

static void
add_route(Laptop *laptop, const char *name)
{
	g_ptr_array_add(laptop->input.world.routes, route_new(name));
	g_hash_table_insert(laptop->input.world.facts, g_strdup(name),
			    route_facts_new());
}

static void
laptop_init(Laptop *laptop)
{
	RouteWorld *world = &laptop->input.world;

	memset(laptop, 0, sizeof(*laptop));
	laptop->meter = meter_new();
	laptop->blame = meter_new();
	laptop->profile = profile_new("home");
	g_strfreev(laptop->profile->routes);
	laptop->profile->routes = g_strsplit("isp;uni", ";", -1);
	world->routes =
		g_ptr_array_new_with_free_func((GDestroyNotify)route_free);
	world->facts = g_hash_table_new_full(
		g_str_hash, g_str_equal, g_free,
		(GDestroyNotify)route_facts_free);
	add_route(laptop, "isp");
	add_route(laptop, "uni");
	world->local_names = local_names;
	world->now = BEGIN;
	laptop->input.messages = g_ptr_array_new_with_free_func(
		(GDestroyNotify)message_free);
	laptop->input.meter = laptop->meter;
	laptop->input.warnings = steps;
	ageing_run(world, laptop->meter, laptop->blame, 0);
}

static void
laptop_done(Laptop *laptop)
{
	g_ptr_array_unref(laptop->input.world.routes);
	g_hash_table_unref(laptop->input.world.facts);
	g_ptr_array_unref(laptop->input.messages);
	profile_free(laptop->profile);
	meter_free(laptop->meter);
	meter_free(laptop->blame);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Laptop, laptop_done)

static Message *
hand_in(Laptop *laptop, uid_t uid)
{
	Message *message = message_new(laptop->input.messages->len + 1,
				       "ada@home.example", uid);
	g_autofree char *snapshot =
		meter_snapshot(laptop->meter, laptop->awake);

	message->arrived = laptop->input.world.now;
	message_set_option(message, "meters", snapshot);
	message_add_recipient(message, "bob@far.example");
	g_ptr_array_add(laptop->input.messages, message);
	return message;
}

static void
come_online(Laptop *laptop)
{
	laptop->input.world.profile = laptop->profile;
	laptop->input.world.usable = TRUE;
	laptop->input.arrived = laptop->input.world.now - 1;
}

static void
go_offline(Laptop *laptop)
{
	laptop->input.world.profile = NULL;
	laptop->input.world.usable = FALSE;
}

static void
note_warned(const Delayed *delayed)
{
	g_autofree char *seconds =
		g_strdup_printf("%" G_GINT64_FORMAT, delayed->seconds);

	message_set_option(delayed->message, "warned", seconds);
}

static void
note_ripe(Laptop *laptop, Message *message)
{
	g_autofree char *meters =
		meter_snapshot(laptop->meter, laptop->awake);
	g_autofree char *now = g_strdup_printf("%" G_GINT64_FORMAT,
					       laptop->input.world.now);

	laptop->ripe++;
	message_set_option(message, LATER_OPTION, NULL);
	message_set_option(message, LATER_FRESH, now);
	message_set_option(message, "meters", meters);
}

/* What the engine does: meters, then the schedule; a try says "later". */
static void
look(Laptop *laptop)
{
	g_autoptr(SchedulePlan) plan = NULL;

	ageing_run(&laptop->input.world, laptop->meter, laptop->blame,
		   laptop->awake);
	laptop->input.meter_now = laptop->awake;
	plan = schedule_run(&laptop->input);
	laptop->expired += plan->expired->len;
	laptop->stale += plan->stale->len;
	laptop->warned += plan->delayed->len;
	for (guint i = 0; i < plan->ripe->len; i++)
		note_ripe(laptop, plan->ripe->pdata[i]);
	for (guint i = 0; i < plan->delayed->len; i++)
		note_warned(plan->delayed->pdata[i]);
	for (guint i = 0; i < plan->batches->len; i++) {
		const Batch *batch = plan->batches->pdata[i];

		for (guint n = 0; n < batch->items->len; n++) {
			const BatchItem *item = batch->items->pdata[n];
			Recipient *recipient =
				item->message->recipients->pdata[0];

			laptop->tried++;
			recipient->last_try = laptop->input.world.now;
			recipient->next_try = laptop->input.world.now + HOUR;
		}
	}
}

/* So many hours pass, awake or asleep; the engine looks every hour. */
static void
pass(Laptop *laptop, guint hours, gboolean awake)
{
	for (guint i = 0; i < hours; i++) {
		laptop->input.world.now += HOUR;
		if (!awake)
			continue;
		laptop->awake += HOUR;
		look(laptop);
	}
}

START_TEST(two_weeks_offline_cost_nothing)
{
	g_auto(Laptop) laptop;

	laptop_init(&laptop);
	hand_in(&laptop, 1000);
	pass(&laptop, 14 * 24, TRUE);
	ck_assert_uint_eq(laptop.tried, 0);
	come_online(&laptop);
	look(&laptop);
	ck_assert_uint_eq(laptop.tried, 1);
	ck_assert_uint_eq(laptop.expired + laptop.warned + laptop.stale, 0);
}
END_TEST

START_TEST(two_weeks_asleep_cost_nothing)
{
	g_auto(Laptop) laptop;

	laptop_init(&laptop);
	come_online(&laptop);
	hand_in(&laptop, 1000);
	look(&laptop);
	ck_assert_uint_eq(laptop.tried, 1);
	/* The lid is closed while the network is there. */
	pass(&laptop, 14 * 24, FALSE);
	look(&laptop);
	come_online(&laptop);
	look(&laptop);
	ck_assert_uint_eq(laptop.tried, 2);
	ck_assert_uint_eq(laptop.expired + laptop.warned + laptop.stale, 0);
}
END_TEST

/* One hour a day on a train: after 120 of them it is given up. */
START_TEST(only_hours_with_a_network_are_counted)
{
	g_auto(Laptop) laptop;
	guint days = 0;

	laptop_init(&laptop);
	hand_in(&laptop, 1000);
	laptop.input.lifetime = 10 * HOUR;
	while (!laptop.expired && days++ < 20) {
		come_online(&laptop);
		look(&laptop);
		pass(&laptop, 1, TRUE);
		go_offline(&laptop);
		look(&laptop);
		pass(&laptop, 23, days % 2);
	}
	ck_assert_uint_eq(days, 10);
	ck_assert_uint_eq(laptop.warned, 2);
}
END_TEST

START_TEST(warnings_come_at_their_hours)
{
	g_auto(Laptop) laptop;
	static const guint after[] = { 0, 1, 1, 1, 2 };

	laptop_init(&laptop);
	come_online(&laptop);
	hand_in(&laptop, 1000);
	look(&laptop);
	for (guint hour = 0; hour < G_N_ELEMENTS(after); hour++) {
		ck_assert_uint_eq(laptop.warned, after[hour]);
		pass(&laptop, 1, TRUE);
	}
	pass(&laptop, 30, TRUE);
	ck_assert_uint_eq(laptop.warned, 3);
	ck_assert_uint_eq(laptop.expired, 0);
}
END_TEST

/* What NOTIFY, the sender and the message let a warning be. */
static const struct {
	const char *notify, *sender, *option;
	guint warned;
} told_rows[] = {
	{ NULL, "ada@home.example", NULL, 1 },
	{ "success,delay", "ada@home.example", NULL, 1 },
	{ "SUCCESS,DELAY", "ada@home.example", NULL, 1 },
	{ "failure", "ada@home.example", NULL, 0 },
	{ "never", "ada@home.example", NULL, 0 },
	{ NULL, "", NULL, 0 },
	{ NULL, "ada@home.example", "foreign", 0 },
};

START_TEST(who_does_not_want_it_is_not_warned)
{
	g_auto(Laptop) laptop;
	Message *message;

	laptop_init(&laptop);
	come_online(&laptop);
	message = hand_in(&laptop, 1000);
	g_free(message->sender);
	message->sender = g_strdup(told_rows[_i].sender);
	if (told_rows[_i].option)
		message_set_option(message, told_rows[_i].option, "yes");
	recipient_set_option(message->recipients->pdata[0], "notify",
			     told_rows[_i].notify);
	look(&laptop);
	pass(&laptop, 2, TRUE);
	ck_assert_uint_eq(laptop.warned, told_rows[_i].warned);
}
END_TEST

static void
refuse_login(Laptop *laptop)
{
	RouteFacts *facts = facts_of(laptop, "isp");

	facts->fault = FAULT_ROUTE;
	facts->paused_until = laptop->input.world.now + 400 * HOUR;
	g_free(facts->paused_why);
	facts->paused_why = g_strdup("The password was refused.");
}

static void
take_only_isp(Laptop *laptop)
{
	g_strfreev(laptop->profile->routes);
	laptop->profile->routes = g_strsplit("isp", ";", -1);
}

/* A wrong password for four days, here and there. */
static const struct {
	gboolean trusted, others;
	guint warned;
} fault_rows[] = {
	{ TRUE, FALSE, 1 },
	{ FALSE, TRUE, 1 },
	{ FALSE, FALSE, 0 },
};

START_TEST(a_wrong_password_returns_nothing_and_is_told_once)
{
	g_auto(Laptop) laptop;

	laptop_init(&laptop);
	take_only_isp(&laptop);
	laptop.input.world.trusted = fault_rows[_i].trusted;
	come_online(&laptop);
	for (guint i = 0; i < 5; i++)
		hand_in(&laptop, 1000);
	refuse_login(&laptop);
	facts_of(&laptop, "isp")->others_answer = fault_rows[_i].others;
	look(&laptop);
	pass(&laptop, 4 * 24, TRUE);
	ck_assert_uint_eq(laptop.expired, 0);
	ck_assert_uint_eq(laptop.tried, 0);
	ck_assert_uint_eq(laptop.warned, fault_rows[_i].warned);
	facts_of(&laptop, "isp")->fault = FAULT_NONE;
	facts_of(&laptop, "isp")->paused_until = 0;
	look(&laptop);
	ck_assert_uint_eq(laptop.tried, 5);
	ck_assert_uint_eq(laptop.expired, 0);
}
END_TEST

START_TEST(each_sender_is_told_of_a_fault)
{
	g_auto(Laptop) laptop;

	laptop_init(&laptop);
	take_only_isp(&laptop);
	laptop.input.world.trusted = TRUE;
	come_online(&laptop);
	for (uid_t uid = 1000; uid < 1003; uid++) {
		hand_in(&laptop, uid);
		hand_in(&laptop, uid);
	}
	refuse_login(&laptop);
	look(&laptop);
	pass(&laptop, 48, TRUE);
	ck_assert_uint_eq(laptop.warned, 3);
}
END_TEST

static const struct {
	Fault fault;
	gboolean usable, trusted, others;
	gint64 blamed;
	Ageing ageing;
} ageing_rows[] = {
	{ FAULT_NONE, TRUE, FALSE, FALSE, 0, AGEING_RUNS },
	{ FAULT_NONE, FALSE, TRUE, TRUE, 0, AGEING_STANDS },
	{ FAULT_HOST, TRUE, FALSE, FALSE, 0, AGEING_RUNS },
	{ FAULT_NETWORK, TRUE, TRUE, FALSE, 9 * DAY, AGEING_STANDS },
	{ FAULT_NETWORK, TRUE, FALSE, TRUE, 0, AGEING_BLAMED },
	{ FAULT_NETWORK, TRUE, FALSE, TRUE, DAY, AGEING_RUNS },
	{ FAULT_ROUTE, TRUE, FALSE, FALSE, 9 * DAY, AGEING_STANDS },
	{ FAULT_ROUTE, TRUE, FALSE, TRUE, DAY - 1, AGEING_BLAMED },
	{ FAULT_ROUTE, TRUE, FALSE, TRUE, DAY, AGEING_RUNS },
	{ FAULT_ROUTE, TRUE, TRUE, FALSE, 0, AGEING_RUNS },
	{ FAULT_ROUTE, FALSE, TRUE, FALSE, 0, AGEING_STANDS },
};

START_TEST(a_fault_is_borne_for_a_day)
{
	g_auto(Laptop) laptop;
	const Route *isp;
	RouteFacts *facts;

	laptop_init(&laptop);
	if (ageing_rows[_i].usable)
		come_online(&laptop);
	laptop.input.world.trusted = ageing_rows[_i].trusted;
	isp = route_find(laptop.input.world.routes, "isp");
	facts = facts_of(&laptop, "isp");
	facts->fault = ageing_rows[_i].fault;
	facts->others_answer = ageing_rows[_i].others;
	if (ageing_rows[_i].blamed) {
		g_autofree char *name =
			ageing_fault_name(&laptop.input.world, isp);

		meter_run(laptop.blame, name, TRUE, -ageing_rows[_i].blamed);
		meter_run(laptop.blame, name, FALSE, 0);
	}
	ck_assert_int_eq(ageing_of(&laptop.input.world, isp, laptop.blame, 0),
			 ageing_rows[_i].ageing);
	ageing_forgive(laptop.blame, "isp", 0);
	ck_assert_int_eq(meter_read(laptop.blame, "isp/route", 0), 0);
	ck_assert_int_eq(meter_read(laptop.blame, "isp/network", 0), 0);
}
END_TEST

START_TEST(after_a_month_a_human_must_look)
{
	g_auto(Laptop) laptop;

	laptop_init(&laptop);
	hand_in(&laptop, 1000);
	pass(&laptop, 30 * 24, TRUE);
	ck_assert_uint_eq(laptop.stale, 0);
	pass(&laptop, 1, TRUE);
	ck_assert_uint_eq(laptop.stale, 1);
	ck_assert_uint_eq(laptop.expired + laptop.warned, 0);
}
END_TEST

/* --- what shall not leave yet --------------------------------------------- */

#define NOW BEGIN
static const struct {
	const char *later, *undo, *held;
	gint64 arrived; /* NOW */
	gint64 not_before; /* NOW; -1: it may go */
	gboolean undoable, ripe;
} later_rows[] = {
	{ NULL, NULL, NULL, -10, -1, FALSE, FALSE },
	{ "60", NULL, NULL, -10, 60, FALSE, FALSE },
	{ "-60", NULL, NULL, -10, -1, FALSE, TRUE },
	{ NULL, "5", NULL, -10, 5, TRUE, FALSE },
	{ NULL, "-5", NULL, -10, -1, FALSE, FALSE },
	{ "60", "5", NULL, -10, 60, TRUE, FALSE },
	/* The clock was set back behind its arrival. */
	{ NULL, "500", NULL, 400, -1, FALSE, FALSE },
	{ NULL, NULL, "60", -10, -1, FALSE, FALSE },
	{ NULL, NULL, "-1", -10, -1, FALSE, TRUE },
};

static void
set_time(Message *message, const char *option, const char *after)
{
	g_autofree char *text = NULL;

	if (!after)
		return;
	text = g_strdup_printf("%" G_GINT64_FORMAT,
			       NOW + g_ascii_strtoll(after, NULL, 10));
	message_set_option(message, option, text);
}

START_TEST(times_keep_mail_back)
{
	g_auto(Laptop) laptop;
	Message *message;
	Waiting waiting;
	gint64 until = later_rows[_i].not_before;

	laptop_init(&laptop);
	come_online(&laptop);
	message = hand_in(&laptop, 1000);
	message->arrived = NOW + later_rows[_i].arrived;
	set_time(message, LATER_OPTION, later_rows[_i].later);
	set_time(message, LATER_UNDO, later_rows[_i].undo);
	set_time(message, LATER_HELD, later_rows[_i].held);
	message->held = later_rows[_i].held != NULL;
	ck_assert_int_eq(later_not_before(message, NOW),
			 until < 0 ? 0 : NOW + until);
	ck_assert_int_eq(later_is_undoable(message, NOW),
			 later_rows[_i].undoable);
	ck_assert_int_eq(later_is_ripe(message, NOW), later_rows[_i].ripe);
	waiting = schedule_waiting(&laptop.input, message, 0);
	ck_assert_int_eq(waiting.reason == WAIT_NOT_BEFORE, until >= 0);
	ck_assert_int_eq(waiting.until, until < 0 ? 0 : NOW + until);
}
END_TEST

/* Sent in six weeks it is neither old nor forgotten when its day comes. */
START_TEST(what_leaves_later_begins_later)
{
	g_auto(Laptop) laptop;
	Message *message;

	laptop_init(&laptop);
	come_online(&laptop);
	message = hand_in(&laptop, 1000);
	set_time(message, LATER_OPTION, "3628800");
	pass(&laptop, 42 * 24 - 1, TRUE);
	ck_assert_uint_eq(laptop.tried + laptop.stale + laptop.warned, 0);
	pass(&laptop, 1, TRUE);
	ck_assert_uint_eq(laptop.ripe, 1);
	look(&laptop);
	pass(&laptop, 3, TRUE);
	ck_assert_uint_ge(laptop.tried, 2);
	ck_assert_uint_eq(laptop.expired + laptop.stale, 0);
	ck_assert_uint_eq(laptop.warned, 1);
}
END_TEST

#define ADD_TABLE(test, rows) \
	tcase_add_loop_test(tc, test, 0, G_N_ELEMENTS(rows))

int
main(void)
{
	Suite *suite = suite_create("ageing");
	TCase *tc = tcase_create("weeks");
	SRunner *runner;
	int failed;

	tcase_add_test(tc, two_weeks_offline_cost_nothing);
	tcase_add_test(tc, two_weeks_asleep_cost_nothing);
	tcase_add_test(tc, only_hours_with_a_network_are_counted);
	tcase_add_test(tc, warnings_come_at_their_hours);
	ADD_TABLE(who_does_not_want_it_is_not_warned, told_rows);
	ADD_TABLE(a_wrong_password_returns_nothing_and_is_told_once,
		  fault_rows);
	tcase_add_test(tc, each_sender_is_told_of_a_fault);
	ADD_TABLE(a_fault_is_borne_for_a_day, ageing_rows);
	tcase_add_test(tc, after_a_month_a_human_must_look);
	ADD_TABLE(times_keep_mail_back, later_rows);
	tcase_add_test(tc, what_leaves_later_begins_later);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
