// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/schedule.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define NOW 10000000
#define DAY 86400

static const char *const local_names[] = { "laptop", NULL };

/* One profile with the routes isp and uni, both well, at a usable place. */
typedef struct {
	ScheduleInput input;
	Profile *profile;
	Route *isp;
	RouteFacts *facts;
} Fixture;

static void
forget(gpointer data)
{
	route_facts_free(data);
}

static void
fixture_init(Fixture *fixture)
{
	RouteWorld *world = &fixture->input.world;
	Route *uni = route_new("uni");

	memset(fixture, 0, sizeof(*fixture));
	fixture->isp = route_new("isp");
	fixture->isp->connections = 2;
	g_free(uni->senders[0]);
	g_free(uni->senders);
	uni->senders = g_strsplit("*@uni.example", ";", -1);
	world->routes =
		g_ptr_array_new_with_free_func((GDestroyNotify)route_free);
	g_ptr_array_add(world->routes, uni);
	g_ptr_array_add(world->routes, fixture->isp);
	fixture->profile = profile_new("home");
	g_strfreev(fixture->profile->routes);
	fixture->profile->routes = g_strsplit("uni;isp", ";", -1);
	world->profile = fixture->profile;
	world->usable = TRUE;
	world->local_names = local_names;
	world->facts = g_hash_table_new_full(g_str_hash, g_str_equal, NULL,
					     forget);
	fixture->facts = route_facts_new();
	g_hash_table_insert(world->facts, (gpointer)"isp", fixture->facts);
	world->now = NOW;
	fixture->input.messages = g_ptr_array_new_with_free_func(
		(GDestroyNotify)message_free);
}

static void
fixture_done(Fixture *fixture)
{
	g_ptr_array_unref(fixture->input.world.routes);
	g_hash_table_unref(fixture->input.world.facts);
	g_ptr_array_unref(fixture->input.messages);
	profile_free(fixture->profile);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Fixture, fixture_done)

static Message *
add(Fixture *fixture, const char *sender, const char *recipients)
{
	g_auto(GStrv) addresses = g_strsplit(recipients, " ", -1);
	Message *message = message_new(fixture->input.messages->len + 1,
				       sender, 1000);

	message->arrived = NOW - 60;
	for (char **address = addresses; *address; address++)
		message_add_recipient(message, *address);
	g_ptr_array_add(fixture->input.messages, message);
	return message;
}

static Recipient *
recipient_of(const Message *message, guint number)
{
	return message->recipients->pdata[number];
}

/*
 * The plan as a text: "isp 1:0,1 3:0 | ada 2:0", batches by "|", items as
 * message:recipients.
 */
static char *
plan_text(const SchedulePlan *plan)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < plan->batches->len; i++) {
		const Batch *batch = plan->batches->pdata[i];

		g_string_append_printf(text, "%s%s", i ? " | " : "",
				       batch->route ? batch->route->name :
						      batch->user);
		if (batch->route && *batch->domain)
			g_string_append_printf(text, "/%s", batch->domain);
		for (guint j = 0; j < batch->items->len; j++) {
			const BatchItem *item = batch->items->pdata[j];

			g_string_append_printf(
				text, " %u", (guint)item->message->id);
			for (guint k = 0; k < item->recipients->len; k++)
				g_string_append_printf(
					text, "%s%u", k ? "," : ":",
					g_array_index(item->recipients,
						      guint, k));
		}
	}
	return g_string_free(text, FALSE);
}

static void
assert_plan(const Fixture *fixture, const char *text, gint64 wake)
{
	g_autoptr(SchedulePlan) plan = schedule_run(&fixture->input);
	g_autofree char *is = plan_text(plan);

	ck_assert_str_eq(is, text);
	ck_assert_int_eq(plan->next_wake, wake);
	ck_assert_uint_eq(plan->expired->len, 0);
	ck_assert_uint_eq(plan->stale->len, 0);
}

START_TEST(an_empty_queue_needs_no_timer)
{
	g_auto(Fixture) fixture;

	fixture_init(&fixture);
	assert_plan(&fixture, "", 0);
}
END_TEST

START_TEST(each_goes_its_way)
{
	g_auto(Fixture) fixture;

	fixture_init(&fixture);
	add(&fixture, "me@home", "x@far y@far");
	add(&fixture, "me@uni.example", "x@far ada@laptop");
	add(&fixture, "me@home", "ada bob");
	add(&fixture, "me@home", "z@far");
	assert_plan(&fixture,
		    "isp 1:0,1 4:0 | uni 2:0 | ada 2:1 3:0 | bob 3:1", 0);
}
END_TEST

START_TEST(offline_there_is_no_timer)
{
	g_auto(Fixture) fixture;
	Message *message;

	fixture_init(&fixture);
	message = add(&fixture, "me@home", "x@far");
	recipient_of(message, 0)->next_try = NOW + 50;
	recipient_of(message, 0)->last_try = NOW - 50;
	fixture.input.world.usable = FALSE;
	assert_plan(&fixture, "", 0);
	/* Mail for this machine goes nevertheless. */
	add(&fixture, "me@home", "ada");
	assert_plan(&fixture, "ada 2:0", 0);
}
END_TEST

/* The first recipient's times and the message's fate. */
static const struct {
	gint64 arrived;  /* at this network */
	gint64 next_try; /* all as seconds after NOW */
	gint64 last_try; /* 1: never */
	const char *profile;
	const char *option;
	gboolean held;
	gboolean trashed;
	gboolean stopped;
	WaitReason reason;
	gint64 wake; /* after NOW; 0: none */
} wait_rows[] = {
	{ -500, 0, 1, "", NULL, 0, 0, 0, WAIT_TURN, 0 },
	{ -500, 30, 1, "", NULL, 0, 0, 0, WAIT_NOT_BEFORE, 30 },
	{ -500, -1, 1, "", NULL, 0, 0, 0, WAIT_TURN, 0 },
	{ -500, 30, -10, "home", NULL, 0, 0, 0, WAIT_RETRY, 30 },
	{ -500, 0, -10, "home", NULL, 0, 0, 0, WAIT_TURN, 0 },
	/* Tried before we came here: again, but not as a hammer. */
	{ -500, 900, -600, "home", NULL, 0, 0, 0, WAIT_TURN, 0 },
	{ -5, 900, -20, "home", NULL, 0, 0, 0, WAIT_RETRY, 40 },
	{ -5, 900, -20, "cafe", NULL, 0, 0, 0, WAIT_TURN, 0 },
	{ -5, 10, -20, "home", NULL, 0, 0, 0, WAIT_RETRY, 10 },
	/* Tried by a clock that was set back since. */
	{ -500, 9900, 9000, "home", NULL, 0, 0, 0, WAIT_TURN, 0 },
	/* Send later is no retry: arriving changes nothing. */
	{ -5, 900, 1, "", NULL, 0, 0, 0, WAIT_NOT_BEFORE, 900 },
	/* Handed in 60 s ago for the next run. */
	{ -500, 0, 1, "", "queue-only", 0, 0, 0, WAIT_QUEUE_RUN, 840 },
	{ -50, 0, 1, "", "queue-only", 0, 0, 0, WAIT_TURN, 0 },
	{ -500, 0, 1, "", NULL, 1, 0, 0, WAIT_HELD, 0 },
	{ -500, 30, -10, "home", NULL, 1, 0, 0, WAIT_HELD, 0 },
	{ -500, 0, 1, "", NULL, 0, 1, 0, WAIT_TRASHED, 0 },
	{ -500, 0, 1, "", NULL, 0, 0, 1, WAIT_STOPPED, 0 },
};

START_TEST(a_message_waits_for_its_time)
{
	g_auto(Fixture) fixture;
	g_autofree char *why = NULL;
	Message *message;
	Recipient *recipient;
	Waiting waiting;
	gboolean goes = wait_rows[_i].reason == WAIT_TURN;

	fixture_init(&fixture);
	message = add(&fixture, "me@home", "x@far");
	recipient = recipient_of(message, 0);
	if (wait_rows[_i].next_try)
		recipient->next_try = NOW + wait_rows[_i].next_try;
	if (wait_rows[_i].last_try != 1)
		recipient->last_try = NOW + wait_rows[_i].last_try;
	g_free(recipient->profile);
	recipient->profile = g_strdup(wait_rows[_i].profile);
	if (wait_rows[_i].option)
		message_set_option(message, wait_rows[_i].option, "yes");
	message->held = wait_rows[_i].held;
	message->trashed = wait_rows[_i].trashed;
	fixture.input.stopped = wait_rows[_i].stopped;
	fixture.input.arrived = NOW + wait_rows[_i].arrived;
	waiting = schedule_waiting(&fixture.input, message, 0);
	ck_assert_int_eq(waiting.reason, wait_rows[_i].reason);
	assert_plan(&fixture, goes ? "isp 1:0" : "",
		    wait_rows[_i].wake ? NOW + wait_rows[_i].wake : 0);
	why = schedule_why(&fixture.input, message, 0);
	ck_assert_str_ne(why, "");
}
END_TEST

START_TEST(what_is_done_is_left_alone)
{
	g_auto(Fixture) fixture;
	g_autofree char *why = NULL;
	Message *message;

	fixture_init(&fixture);
	message = add(&fixture, "me@home", "a@far b@far c@far d@far");
	recipient_of(message, 0)->state = RECIPIENT_DELIVERED;
	recipient_of(message, 1)->state = RECIPIENT_FAILED;
	recipient_of(message, 2)->state = RECIPIENT_ACTIVE;
	assert_plan(&fixture, "isp 1:3", 0);
	why = schedule_why(&fixture.input, message, 0);
	ck_assert_str_eq(why, "");
}
END_TEST

START_TEST(an_active_one_goes_first)
{
	g_auto(Fixture) fixture;
	Message *first;

	fixture_init(&fixture);
	first = add(&fixture, "me@home", "x@far");
	add(&fixture, "me@home", "X@far");
	add(&fixture, "me@home", "y@far");
	add(&fixture, "you@home", "x@far");
	recipient_of(first, 0)->state = RECIPIENT_ACTIVE;
	assert_plan(&fixture, "isp 3:0 4:0", 0);
	/* One that waits for a retry holds nobody up. */
	recipient_of(first, 0)->state = RECIPIENT_WAITING;
	recipient_of(first, 0)->last_try = NOW - 5;
	recipient_of(first, 0)->next_try = NOW + 60;
	assert_plan(&fixture, "isp 2:0 3:0 4:0", NOW + 60);
}
END_TEST

START_TEST(a_mailbox_has_one_worker)
{
	g_auto(Fixture) fixture;
	Message *first;

	fixture_init(&fixture);
	first = add(&fixture, "me@home", "ada");
	add(&fixture, "you@home", "ada");
	add(&fixture, "you@home", "bob");
	recipient_of(first, 0)->state = RECIPIENT_ACTIVE;
	assert_plan(&fixture, "bob 3:0", 0);
}
END_TEST

/* Messages with senders of their own, so that order joins none. */
static void
add_many(Fixture *fixture, guint count)
{
	for (guint i = 0; i < count; i++) {
		g_autofree char *sender = g_strdup_printf("s%u@home", i);

		add(fixture, sender, "x@far");
	}
}

static const struct {
	guint messages;
	guint connections; /* of the route */
	guint route_busy;
	guint workers; /* at most */
	guint busy;
	guint batches;
	guint planned; /* messages in batches */
} limit_rows[] = {
	{ 1, 4, 0, 0, 0, 1, 1 },
	{ 10, 4, 0, 0, 0, 1, 10 },
	{ 11, 4, 0, 0, 0, 2, 11 },
	{ 100, 4, 0, 0, 0, 4, 100 },
	{ 100, 4, 3, 0, 0, 1, 100 },
	{ 100, 4, 4, 0, 0, 0, 0 },
	{ 100, 4, 9, 0, 0, 0, 0 },
	{ 100, 4, 0, 3, 0, 3, 100 },
	{ 100, 4, 0, 3, 2, 1, 100 },
	{ 100, 4, 0, 3, 3, 0, 0 },
	{ 100, 20, 0, 0, 0, 10, 100 },
	{ 500, 20, 0, 0, 0, 16, 500 },
	{ 500, 1, 0, 0, 0, 1, SCHEDULE_BATCH },
	{ 500, 2, 0, 0, 0, 2, 2 * SCHEDULE_BATCH },
};

START_TEST(connections_are_limited)
{
	g_auto(Fixture) fixture;
	g_autoptr(SchedulePlan) plan = NULL;
	guint planned = 0;

	fixture_init(&fixture);
	add_many(&fixture, limit_rows[_i].messages);
	fixture.isp->connections = limit_rows[_i].connections;
	fixture.facts->busy = limit_rows[_i].route_busy;
	fixture.input.workers = limit_rows[_i].workers;
	fixture.input.busy = limit_rows[_i].busy;
	plan = schedule_run(&fixture.input);
	for (guint i = 0; i < plan->batches->len; i++) {
		const Batch *batch = plan->batches->pdata[i];

		ck_assert_uint_gt(batch->items->len, 0);
		planned += batch->items->len;
	}
	ck_assert_uint_eq(plan->batches->len, limit_rows[_i].batches);
	ck_assert_uint_eq(planned, limit_rows[_i].planned);
	ck_assert_uint_eq(plan->waiting,
			  limit_rows[_i].messages - limit_rows[_i].planned);
}
END_TEST

/* Of a direct route each domain is a next hop with its own limit. */
START_TEST(a_direct_route_makes_a_batch_of_each_domain)
{
	const Hop busy = { "isp", "busy.example" };
	g_autoptr(GHashTable) hops = g_hash_table_new(hop_hash, hop_equal);
	RouteFacts facts = { .busy = 2 };
	g_auto(Fixture) fixture;

	fixture_init(&fixture);
	fixture.isp->kind = ROUTE_DIRECT;
	fixture.input.world.hops = hops;
	g_hash_table_insert(hops, (gpointer)&busy, &facts);
	add(&fixture, "a@b", "x@one.example y@two.example z@ONE.example");
	add(&fixture, "a@b", "x@busy.example y@[192.0.2.1]");
	add(&fixture, "a@b", "v@two.example");
	assert_plan(&fixture,
		    "isp/one.example 1:0,2 | isp/two.example 1:1 3:0 | "
		    "isp/[192.0.2.1] 2:1", 0);
}
END_TEST

START_TEST(every_way_gets_a_worker_before_one_gets_two)
{
	g_auto(Fixture) fixture;
	g_autoptr(SchedulePlan) plan = NULL;

	fixture_init(&fixture);
	fixture.isp->connections = 10;
	add_many(&fixture, 100);
	add(&fixture, "me@uni.example", "x@far");
	add(&fixture, "me@home", "ada");
	fixture.input.workers = 4;
	plan = schedule_run(&fixture.input);
	ck_assert_uint_eq(plan->batches->len, 4);
	ck_assert_uint_eq(plan->waiting, 0);
}
END_TEST

START_TEST(one_conversation_stays_in_one_batch)
{
	g_auto(Fixture) fixture;
	g_autoptr(SchedulePlan) plan = NULL;
	guint64 last[2] = { 0 };

	fixture_init(&fixture);
	for (guint i = 0; i < 40; i++)
		add(&fixture, i % 2 ? "me@home" : "you@home", "x@far");
	plan = schedule_run(&fixture.input);
	ck_assert_uint_eq(plan->batches->len, 2);
	for (guint i = 0; i < 2; i++) {
		const Batch *batch = plan->batches->pdata[i];

		ck_assert_uint_eq(batch->items->len, 20);
		for (guint j = 0; j < batch->items->len; j++) {
			const BatchItem *item = batch->items->pdata[j];
			const BatchItem *first = batch->items->pdata[0];

			ck_assert_str_eq(item->message->sender,
					 first->message->sender);
			ck_assert_uint_gt(item->message->id, last[i]);
			last[i] = item->message->id;
		}
	}
}
END_TEST

START_TEST(a_bridge_between_two_batches_waits)
{
	g_auto(Fixture) fixture;
	g_autoptr(SchedulePlan) plan = NULL;

	fixture_init(&fixture);
	/* The first two land in two batches; the last belongs to both. */
	for (guint i = 0; i < 20; i++)
		add(&fixture, "me@home", i % 2 ? "x@far" : "y@far");
	add(&fixture, "me@home", "x@far y@far");
	add(&fixture, "me@home", "y@far");
	plan = schedule_run(&fixture.input);
	ck_assert_uint_eq(plan->batches->len, 2);
	/* It waits, and so does what came after it. */
	ck_assert_uint_eq(plan->waiting, 3);
}
END_TEST

static const struct {
	gint64 paused_until;
	gint64 host_until;
	gboolean off;
	WaitReason reason;
	gint64 wake;
} fault_rows[] = {
	{ 300, 0, FALSE, WAIT_ROUTE, 300 },
	{ 0, 200, FALSE, WAIT_HOST, 200 },
	{ 0, 0, TRUE, WAIT_ROUTE, 0 },
	{ -1, 0, FALSE, WAIT_TURN, 0 },
};

START_TEST(a_fault_of_the_route_holds_all_its_mail)
{
	g_auto(Fixture) fixture;
	Message *message;
	gboolean goes = fault_rows[_i].reason == WAIT_TURN;

	fixture_init(&fixture);
	message = add(&fixture, "me@home", "x@far");
	fixture.facts->off = fault_rows[_i].off;
	if (fault_rows[_i].paused_until)
		fixture.facts->paused_until =
			NOW + fault_rows[_i].paused_until;
	if (fault_rows[_i].host_until)
		fixture.facts->host_until = NOW + fault_rows[_i].host_until;
	ck_assert_int_eq(
		schedule_waiting(&fixture.input, message, 0).reason,
		fault_rows[_i].reason);
	assert_plan(&fixture, goes ? "isp 1:0" : "",
		    fault_rows[_i].wake ? NOW + fault_rows[_i].wake : 0);
}
END_TEST

/* --- one dead hop never delays another ----------------------------------- */

/* It failed once, and is left in peace for @seconds from now (may be < 0). */
static void
fail_hop(GHashTable *hops, const char *domain, gint64 seconds)
{
	const Hop hop = { "isp", domain };
	RouteFacts *facts = route_facts_new();

	facts->faults = 1;
	facts->host_until = NOW + seconds;
	g_hash_table_replace(hops, hop_copy(&hop), facts);
}

static GHashTable *
make_direct(Fixture *fixture)
{
	GHashTable *hops = g_hash_table_new_full(
		hop_hash, hop_equal, (GDestroyNotify)hop_free, forget);

	fixture->isp->kind = ROUTE_DIRECT;
	fixture->input.world.hops = hops;
	return hops;
}

START_TEST(a_dead_smart_host_delays_no_other)
{
	RouteFacts *dead = route_facts_new();
	g_auto(Fixture) fixture;

	fixture_init(&fixture);
	g_strfreev(fixture.isp->recipients);
	fixture.isp->recipients = g_strsplit("*@far", ";", -1);
	dead->faults = 1;
	dead->host_until = NOW + 500;
	g_hash_table_insert(fixture.input.world.facts, (gpointer)"uni", dead);
	for (guint i = 0; i < 30; i++)
		add(&fixture, "me@uni.example", "x@elsewhere");
	add(&fixture, "me@home", "x@far");
	assert_plan(&fixture, "isp 31:0", NOW + 500);
}
END_TEST

START_TEST(a_dead_domain_delays_no_other)
{
	g_autoptr(GHashTable) hops = NULL;
	g_auto(Fixture) fixture;
	Message *message;

	fixture_init(&fixture);
	hops = make_direct(&fixture);
	fail_hop(hops, "dead.example", 700);
	message = add(&fixture, "me@home",
		      "a@one.example b@DEAD.example c@ONE.example "
		      "d@two.example");
	assert_plan(&fixture, "isp/one.example 1:0,2 | isp/two.example 1:3",
		    NOW + 700);
	ck_assert_int_eq(
		schedule_waiting(&fixture.input, message, 1).reason,
		WAIT_HOST);
}
END_TEST

/* Workers at hops that failed last, before the run; messages to such. */
static const struct {
	guint busy;
	guint doubtful;
	guint dead;
	guint started; /* of those */
} doubtful_rows[] = {
	{ 0, 0, 3, 3 },
	{ 0, 0, 40, SCHEDULE_WORKERS / 2 },
	{ 5, 5, 40, SCHEDULE_WORKERS / 2 - 5 },
	{ 8, 8, 40, 0 },
	{ 4, 0, 40, SCHEDULE_WORKERS / 2 },
};

START_TEST(dead_hops_leave_workers_for_living_ones)
{
	g_autoptr(GHashTable) hops = NULL;
	g_auto(Fixture) fixture;
	g_autoptr(SchedulePlan) plan = NULL;
	guint dead = 0, live = 0;

	fixture_init(&fixture);
	hops = make_direct(&fixture);
	fixture.input.busy = doubtful_rows[_i].busy;
	fixture.input.doubtful = doubtful_rows[_i].doubtful;
	for (guint i = 0; i < doubtful_rows[_i].dead; i++) {
		g_autofree char *name = g_strdup_printf("d%u.example", i);
		g_autofree char *address = g_strconcat("x@", name, NULL);

		fail_hop(hops, name, -1);
		add(&fixture, "me@home", address);
	}
	add(&fixture, "me@home", "x@live.example");
	plan = schedule_run(&fixture.input);
	for (guint i = 0; i < plan->batches->len; i++) {
		const Batch *batch = plan->batches->pdata[i];

		if (g_str_equal(batch->domain, "live.example"))
			live++;
		else
			dead++;
	}
	ck_assert_uint_eq(live, 1);
	ck_assert_uint_eq(dead, doubtful_rows[_i].started);
}
END_TEST

START_TEST(a_hop_that_failed_is_asked_by_one_worker)
{
	g_auto(Fixture) fixture;
	g_autoptr(SchedulePlan) plan = NULL, later = NULL;

	fixture_init(&fixture);
	fixture.facts->faults = 1;
	for (guint i = 0; i < 30; i++) {
		g_autofree char *to = g_strdup_printf("x%u@far", i);

		add(&fixture, "me@home", to);
	}
	plan = schedule_run(&fixture.input);
	ck_assert_uint_eq(plan->batches->len, 1);
	fixture.facts->faults = 0;
	later = schedule_run(&fixture.input);
	ck_assert_uint_eq(later->batches->len, 2);
}
END_TEST

static const struct {
	guint tries;
	double jitter;
	gint64 first;
	gint64 most;
	gint64 wait;
} backoff_rows[] = {
	{ 0, 0.0, 0, 0, 60 },       { 1, 0.0, 0, 0, 60 },
	{ 2, 0.0, 0, 0, 120 },      { 3, 0.0, 0, 0, 240 },
	{ 7, 0.0, 0, 0, 3840 },     { 8, 0.0, 0, 0, 5400 },
	{ 99, 0.0, 0, 0, 5400 },    { 4000000, 0.0, 0, 0, 5400 },
	{ 1, 0.5, 0, 0, 67 },       { 1, 0.999, 0, 0, 74 },
	{ 3, 0.0, 300, 14400, 1200 }, { 9, 0.0, 300, 14400, 14400 },
	{ 1, 0.0, 60, 10, 60 },
};

START_TEST(the_wait_doubles_to_a_bound)
{
	ScheduleInput input = { .world.now = NOW,
				.retry_first = backoff_rows[_i].first,
				.retry_most = backoff_rows[_i].most };

	ck_assert_int_eq(schedule_retry_at(&input, backoff_rows[_i].tries,
					   backoff_rows[_i].jitter),
			 NOW + backoff_rows[_i].wait);
}
END_TEST

static const struct {
	const char *recipient;
	gint64 age;      /* by the wall clock, days */
	const char *meters; /* now, in the state file */
	const char *kept;   /* at the message's arrival */
	gint64 last_try; /* after NOW; 1: never */
	gboolean held;
	gboolean expired;
} expiry_rows[] = {
	{ "x@far", 6, "isp=500000", "isp=1000", -10, FALSE, TRUE },
	/* Two weeks without a network cost no message. */
	{ "x@far", 14, "isp=2000", "isp=1000", -10, FALSE, FALSE },
	{ "x@far", 6, "isp=432999", "isp=1000", -10, FALSE, FALSE },
	{ "x@far", 6, "isp=433000", "isp=1000", -10, FALSE, TRUE },
	/* Other routes' time is not ours; ours was the local one. */
	{ "x@far", 6, "isp=1 uni=999999 local=999999", "", -10, FALSE,
	  FALSE },
	{ "ada", 6, "local=500000", "local=0", -10, FALSE, TRUE },
	{ "ada", 6, "isp=500000", "", -10, FALSE, FALSE },
	/* Not while its owner holds it, not before its first try here. */
	{ "x@far", 6, "isp=500000", "isp=1000", -10, TRUE, FALSE },
	{ "x@far", 6, "isp=500000", "isp=1000", 1, FALSE, FALSE },
	{ "x@far", 6, "isp=500000", "isp=1000", -7200, FALSE, FALSE },
	/* A wall clock that lies cannot bounce mail. */
	{ "x@far", 20000, "isp=2000", "isp=1000", -10, TRUE, FALSE },
	{ "x@far", -90, "isp=2000", "isp=1000", -10, FALSE, FALSE },
};

START_TEST(only_usable_time_makes_old)
{
	g_auto(Fixture) fixture;
	g_autoptr(Meter) meter = meter_new();
	g_autoptr(SchedulePlan) plan = NULL;
	Message *message;
	Recipient *recipient;

	fixture_init(&fixture);
	meter_load(meter, expiry_rows[_i].meters);
	fixture.input.meter = meter;
	fixture.input.arrived = NOW - 3600;
	message = add(&fixture, "me@home", expiry_rows[_i].recipient);
	message->arrived = NOW - expiry_rows[_i].age * DAY;
	message->held = expiry_rows[_i].held;
	message_set_option(message, "meters", expiry_rows[_i].kept);
	recipient = recipient_of(message, 0);
	if (expiry_rows[_i].last_try < 1)
		recipient->last_try = NOW + expiry_rows[_i].last_try;
	recipient->status = status_new(OUTCOME_DEFERRED, FAULT_HOST, 450,
				       "4.2.0", "450 no", "It is full.");
	plan = schedule_run(&fixture.input);
	ck_assert_uint_eq(plan->expired->len, expiry_rows[_i].expired);
	if (plan->expired->len) {
		const Expired *expired = plan->expired->pdata[0];

		ck_assert_int_eq(expired->status->outcome, OUTCOME_FAILED);
		ck_assert_str_eq(expired->status->enhanced, "5.4.7");
		ck_assert_str_eq(expired->status->why,
				 "It could not be delivered in 5d of time "
				 "with a working network, so it is given up. "
				 "Last: It is full.");
		ck_assert_uint_eq(plan->batches->len, 0);
	}
}
END_TEST

START_TEST(what_it_spent_before_a_start_counts)
{
	g_auto(Fixture) fixture;
	g_autoptr(Meter) meter = meter_new();
	Message *message;

	fixture_init(&fixture);
	meter_run(meter, "isp", TRUE, 0);
	fixture.input.meter = meter;
	fixture.input.meter_now = 1000;
	fixture.input.lifetime = 5000;
	message = add(&fixture, "me@home", "x@far");
	message_set_option(message, "meters", "isp=400");
	message->meter = 100;
	ck_assert_int_eq(schedule_gives_up(&fixture.input, message, 0),
			 NOW + 5000 - 700);
}
END_TEST

START_TEST(after_a_month_somebody_must_look)
{
	g_auto(Fixture) fixture;
	g_autoptr(SchedulePlan) plan = NULL;
	Message *message;

	fixture_init(&fixture);
	message = add(&fixture, "me@home", "x@far");
	message->arrived = NOW - 31 * DAY;
	message = add(&fixture, "me@home", "y@far");
	message->arrived = NOW - 31 * DAY;
	message_set_option(message, "stale", "yes");
	plan = schedule_run(&fixture.input);
	ck_assert_uint_eq(plan->stale->len, 1);
	ck_assert_ptr_eq(plan->stale->pdata[0],
			 fixture.input.messages->pdata[0]);
	ck_assert_uint_eq(plan->batches->len, 1);
}
END_TEST

/* What an alias does to the recipient of one message, and when. */
static const struct {
	const char *address;
	gboolean exact;
	gint64 next_try;
	WaitReason reason;
	const char *plan;
	guint expansions;
} alias_rows[] = {
	{ "ada", FALSE, 0, WAIT_TURN, "ada 1:0", 0 },
	{ "team", FALSE, 0, WAIT_TURN, "", 1 },
	{ "TEAM@laptop", FALSE, 0, WAIT_TURN, "", 1 },
	{ "team@far.example", FALSE, 0, WAIT_TURN, "isp 1:0", 0 },
	{ "team", TRUE, 0, WAIT_TURN, "team 1:0", 0 },
	{ "team", FALSE, NOW + 60, WAIT_NOT_BEFORE, "", 0 },
	{ "loop", FALSE, 0, WAIT_TURN, "", 1 },
	{ "root", FALSE, 0, WAIT_TURN, "", 1 },
	{ "wrong", FALSE, 0, WAIT_ALIAS, "", 0 },
	{ "wrong", TRUE, 0, WAIT_TURN, "wrong 1:0", 0 },
};

START_TEST(names_that_stand_for_others_are_expanded)
{
	g_autoptr(Aliases) aliases = aliases_parse(
		"team: ada, bob\nloop: pool\npool: loop\nwrong: b c\n");
	const AliasWorld world = { .aliases = aliases,
				   .path = "/etc/aliases",
				   .human = "ada",
				   .host = "laptop",
				   .local_names = local_names };
	g_auto(Fixture) fixture;
	g_autoptr(SchedulePlan) plan = NULL;
	g_autofree char *text = NULL;
	Message *message;

	fixture_init(&fixture);
	fixture.input.world.aliases = &world;
	message = add(&fixture, "ada@laptop", alias_rows[_i].address);
	recipient_of(message, 0)->next_try = alias_rows[_i].next_try;
	if (alias_rows[_i].exact)
		recipient_set_option(recipient_of(message, 0), ROUTE_EXACT,
				     "yes");
	ck_assert_int_eq(schedule_waiting(&fixture.input, message, 0).reason,
			 alias_rows[_i].reason);
	plan = schedule_run(&fixture.input);
	text = plan_text(plan);
	ck_assert_str_eq(text, alias_rows[_i].plan);
	ck_assert_uint_eq(plan->expansions->len, alias_rows[_i].expansions);
}
END_TEST

/* Not even after months is that line held against the sender. */
START_TEST(a_wrong_line_returns_nothing)
{
	g_autoptr(Aliases) aliases = aliases_parse("wrong: b c\n");
	const AliasWorld world = { .aliases = aliases,
				   .path = "/etc/aliases",
				   .host = "laptop",
				   .local_names = local_names };
	g_autoptr(Meter) meter = meter_new();
	g_auto(Fixture) fixture;
	g_autoptr(SchedulePlan) plan = NULL;
	g_autofree char *why = NULL;
	Message *message;

	fixture_init(&fixture);
	fixture.input.world.aliases = &world;
	fixture.input.meter = meter;
	message = add(&fixture, "ada@laptop", "wrong");
	message->arrived = NOW - 20 * DAY;
	message->meter = 20 * DAY;
	plan = schedule_run(&fixture.input);
	ck_assert_uint_eq(plan->expired->len, 0);
	why = schedule_why(&fixture.input, message, 0);
	ck_assert_ptr_nonnull(strstr(why, "/etc/aliases, line 1"));
}
END_TEST

START_TEST(a_long_queue_is_planned_quickly)
{
	g_auto(Fixture) fixture;
	gint64 before;

	fixture_init(&fixture);
	add_many(&fixture, 20000);
	before = g_get_monotonic_time();
	for (guint i = 0; i < 5; i++) {
		g_autoptr(SchedulePlan) plan = schedule_run(&fixture.input);

		ck_assert_uint_eq(plan->batches->len, 2);
	}
	/* Very generous: a quadratic run would take minutes. */
	ck_assert_int_lt(g_get_monotonic_time() - before,
			 10 * G_USEC_PER_SEC);
}
END_TEST

#define ADD_TABLE(test, rows) \
	tcase_add_loop_test(core, test, 0, G_N_ELEMENTS(rows))

static Suite *
make_schedule_suite(void)
{
	Suite *suite = suite_create("schedule");
	TCase *core = tcase_create("core");

	tcase_set_timeout(core, 60);
	tcase_add_test(core, an_empty_queue_needs_no_timer);
	tcase_add_test(core, each_goes_its_way);
	tcase_add_test(core, offline_there_is_no_timer);
	ADD_TABLE(a_message_waits_for_its_time, wait_rows);
	tcase_add_test(core, what_is_done_is_left_alone);
	tcase_add_test(core, an_active_one_goes_first);
	tcase_add_test(core, a_mailbox_has_one_worker);
	ADD_TABLE(connections_are_limited, limit_rows);
	tcase_add_test(core,
		       a_direct_route_makes_a_batch_of_each_domain);
	tcase_add_test(core,
		       a_direct_route_makes_a_batch_of_each_domain);
	tcase_add_test(core, every_way_gets_a_worker_before_one_gets_two);
	tcase_add_test(core, one_conversation_stays_in_one_batch);
	tcase_add_test(core, a_bridge_between_two_batches_waits);
	ADD_TABLE(a_fault_of_the_route_holds_all_its_mail, fault_rows);
	tcase_add_test(core, a_dead_smart_host_delays_no_other);
	tcase_add_test(core, a_dead_domain_delays_no_other);
	ADD_TABLE(dead_hops_leave_workers_for_living_ones, doubtful_rows);
	tcase_add_test(core, a_hop_that_failed_is_asked_by_one_worker);
	ADD_TABLE(the_wait_doubles_to_a_bound, backoff_rows);
	ADD_TABLE(only_usable_time_makes_old, expiry_rows);
	tcase_add_test(core, what_it_spent_before_a_start_counts);
	tcase_add_test(core, after_a_month_somebody_must_look);
	ADD_TABLE(names_that_stand_for_others_are_expanded, alias_rows);
	tcase_add_test(core, a_wrong_line_returns_nothing);
	tcase_add_test(core, a_long_queue_is_planned_quickly);
	suite_add_tcase(suite, core);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_schedule_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
