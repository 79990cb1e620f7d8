// SPDX-License-Identifier: GPL-2.0-or-later
/* The engine's small parts: tables, store, facts, events, the filter. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "common/api.h"
#include "daemon/engine/events.h"
#include "daemon/engine/facts.h"
#include "daemon/engine/filter.h"
#include "daemon/engine/later.h"
#include "daemon/engine/methods.h"
#include "daemon/engine/report.h"
#include "daemon/engine/store.h"
#include "daemon/engine/window.h"

START_TEST(every_method_has_a_handler)
{
	for (const ApiMethod *row = api_methods; row->name; row++)
		ck_assert_msg(methods_handler(row->name) != NULL, "%s",
			      row->name);
	ck_assert_ptr_null((void *)(gsize)methods_handler("Sudo"));
}
END_TEST

/* --- store ---------------------------------------------------------------- */

static Store *
three_messages(void)
{
	Store *store = store_new(g_ptr_array_new_with_free_func(
		(GDestroyNotify)message_free));

	store_add(store, message_new(20, "b@x.example", 1000));
	store_add(store, message_new(10, "a@x.example", 1000));
	store_add(store, message_new(30, "c@x.example", 1000));
	return store;
}

START_TEST(store_keeps_the_oldest_first)
{
	g_autoptr(Store) store = three_messages();
	GPtrArray *messages = store_messages(store);

	for (guint i = 0; i < 3; i++)
		ck_assert_uint_eq(((Message *)messages->pdata[i])->id,
				  (i + 1) * 10);
}
END_TEST

START_TEST(store_forgets_what_is_removed)
{
	g_autoptr(Store) store = three_messages();

	store_remove(store, store_find(store, 20));
	ck_assert_ptr_null(store_find(store, 20));
	ck_assert_ptr_nonnull(store_find(store, 10));
	ck_assert_ptr_nonnull(store_find(store, 30));
	ck_assert_uint_eq(store_messages(store)->len, 2);
}
END_TEST

/* --- facts ---------------------------------------------------------------- */

START_TEST(each_next_hop_has_its_own_fault)
{
	Facts *facts = facts_new();
	g_autoptr(Status) host = status_new(OUTCOME_DEFERRED, FAULT_HOST, 0,
					    NULL, "", "dead");
	g_autoptr(Status) network = status_new(
		OUTCOME_DEFERRED, FAULT_NETWORK, 0, NULL, "", "no way");
	const Hop dead = { "direct", "Dead.example" };
	const Hop live = { "direct", "live.example" };

	facts_note_fault(facts, &dead, host, 0, 1000);
	facts_note_fault(facts, &dead, host, 0, 1000);
	ck_assert_int_eq(facts_of_hop(facts, &dead)->host_until,
			 1000 + 2 * FACTS_HOST_FIRST);
	ck_assert_int_eq(facts_of_hop(facts, &live)->host_until, 0);
	ck_assert_int_eq(facts_of(facts, "direct")->host_until, 0);
	facts_note_good(facts, &live, 1, 1001);
	ck_assert_int_ne(facts_of_hop(facts, &dead)->host_until, 0);
	facts_forgive(facts, "other");
	ck_assert_int_ne(facts_of_hop(facts, &dead)->host_until, 0);
	facts_forgive(facts, "direct");
	ck_assert_int_eq(facts_of_hop(facts, &dead)->host_until, 0);
	/* No way there is not yet no way anywhere. */
	facts_note_fault(facts, &dead, network, 0, 2000);
	ck_assert_int_ne(facts_of_hop(facts, &dead)->host_until, 0);
	ck_assert_int_eq(facts_of(facts, "direct")->host_until, 0);
	facts_free(facts);
}
END_TEST

START_TEST(next_hops_that_are_well_are_forgotten)
{
	Facts *facts = facts_new();
	g_autoptr(Status) host = status_new(OUTCOME_DEFERRED, FAULT_HOST, 0,
					    NULL, "", "dead");
	const Hop dead = { "direct", "dead.example" };

	facts_note_fault(facts, &dead, host, 0, 1000);
	for (guint i = 0; i < 3 * FACTS_MAX_HOPS; i++) {
		g_autofree char *domain = g_strdup_printf("%u.example", i);
		const Hop hop = { "direct", domain };

		facts_note_good(facts, &hop, 1, 1000);
	}
	ck_assert_uint_le(g_hash_table_size(facts_hops(facts)),
			  FACTS_MAX_HOPS);
	ck_assert_int_ne(facts_of_hop(facts, &dead)->host_until, 0);
	facts_free(facts);
}
END_TEST

START_TEST(dead_next_hops_are_bounded_too)
{
	Facts *facts = facts_new();
	g_autoptr(Status) host = status_new(OUTCOME_DEFERRED, FAULT_HOST, 0,
					    NULL, "", "dead");
	const Hop busy = { "direct", "busy.example" };

	facts_note_fault(facts, &busy, host, 0, 1000);
	facts_of_hop(facts, &busy)->busy = 1;
	for (guint i = 0; i < 3 * FACTS_MAX_HOPS; i++) {
		g_autofree char *domain = g_strdup_printf("%u.example", i);
		const Hop hop = { "direct", domain };

		facts_note_fault(facts, &hop, host, 0, 1000);
	}
	ck_assert_uint_le(g_hash_table_size(facts_hops(facts)),
			  FACTS_MAX_HOPS);
	ck_assert_uint_eq(facts_of_hop(facts, &busy)->busy, 1);
	facts_free(facts);
}
END_TEST

/* A fault, and how long it keeps the route quiet the n-th time. */
static const struct {
	Fault fault;
	guint times;
	gint64 paused;
	gint64 host;
} faults[] = {
	{ FAULT_NONE, 1, 0, 0 },
	{ FAULT_RECIPIENT, 3, 0, 0 },
	{ FAULT_MESSAGE, 3, 0, 0 },
	{ FAULT_ROUTE, 1, 300, 0 },
	{ FAULT_ROUTE, 2, 600, 0 },
	{ FAULT_ROUTE, 40, 3600, 0 },
	{ FAULT_HOST, 1, 0, 60 },
	{ FAULT_HOST, 3, 0, 240 },
	{ FAULT_HOST, 40, 0, 1800 },
	{ FAULT_NETWORK, 1, 0, 60 },
};

START_TEST(fault_keeps_a_route_quiet)
{
	Facts *facts = facts_new();
	g_autoptr(Status) status =
		status_new(OUTCOME_DEFERRED, faults[_i].fault, 0, NULL,
			   "no", "It said no.");
	const RouteFacts *of = facts_of(facts, "isp");
	const Hop isp = { "isp", "" };

	for (guint i = 0; i < faults[_i].times; i++)
		facts_note_fault(facts, &isp, status, 0, 1000);
	ck_assert_int_eq(of->paused_until,
			 faults[_i].paused ? 1000 + faults[_i].paused : 0);
	ck_assert_int_eq(of->host_until,
			 faults[_i].host ? 1000 + faults[_i].host : 0);
	facts_free(facts);
}
END_TEST

START_TEST(a_pause_is_jittered)
{
	Facts *facts = facts_new();
	g_autoptr(Status) status = status_new(OUTCOME_DEFERRED, FAULT_HOST,
					      0, NULL, "", "It is away.");
	const RouteFacts *of = facts_of(facts, "isp");
	const Hop isp = { "isp", "" };

	facts_note_fault(facts, &isp, status, 0.5, 1000);
	ck_assert_int_eq(of->host_until, 1000 + 60 + 7);
	facts_note_fault(facts, &isp, status, 1, 2000);
	ck_assert_int_eq(of->host_until, 2000 + 120 + 30);
	facts_free(facts);
}
END_TEST

START_TEST(success_and_hand_forgive)
{
	Facts *facts = facts_new();
	g_autoptr(Status) status = status_new(OUTCOME_DEFERRED, FAULT_HOST,
					      0, NULL, "", "It is away.");
	const RouteFacts *of = facts_of(facts, "isp");
	const Hop isp = { "isp", "" };

	facts_note_fault(facts, &isp, status, 0, 1000);
	facts_note_good(facts, &isp, 1, 1001);
	ck_assert_int_eq(of->host_until, 0);
	ck_assert_ptr_null(of->host_why);
	ck_assert_uint_eq(facts_record(facts, "isp")->sent, 1);
	facts_note_fault(facts, &isp, status, 0, 2000);
	ck_assert_int_eq(of->host_until, 2060);
	facts_forgive(facts, "work");
	ck_assert_int_eq(of->host_until, 2060);
	facts_forgive(facts, NULL);
	ck_assert_int_eq(of->host_until, 0);
	facts_free(facts);
}
END_TEST

/* --- events --------------------------------------------------------------- */

static void
count_event(gpointer data, const Event *event)
{
	guint *count = data;

	ck_assert_ptr_nonnull(event->text);
	(*count)++;
}

START_TEST(events_are_bounded_and_harmless)
{
	guint count = 0;
	Events *events = events_new(count_event, &count);
	const Event *last;

	for (guint i = 0; i < EVENTS_KEPT + 10; i++)
		events_add(events, "test", FALSE, NULL, "\033[31mred",
			   "number %u", i);
	ck_assert_uint_eq(count, EVENTS_KEPT + 10);
	ck_assert_uint_eq(events_kept(events)->length, EVENTS_KEPT);
	last = events_kept(events)->tail->data;
	ck_assert_ptr_null(strchr(last->answer, '\033'));
	events_free(events);
}
END_TEST

START_TEST(events_of_a_message_are_its_owners)
{
	guint count = 0;
	Events *events = events_new(count_event, &count);
	g_autoptr(Message) message = message_new(1, "a@x.example", 1000);
	const Event *event;

	events_add(events, "sent", FALSE, message, NULL, "to=<b@y.example>");
	event = events_kept(events)->tail->data;
	ck_assert(event_is_for(event, 1000, FALSE));
	ck_assert(!event_is_for(event, 1001, FALSE));
	ck_assert(event_is_for(event, 1001, TRUE));
	events_free(events);
}
END_TEST

/* --- undo windows --------------------------------------------------------- */

START_TEST(windows_outlive_a_restart)
{
	g_autofree char *directory = g_dir_make_tmp("windows-XXXXXX", NULL);
	Windows *windows = windows_load(directory);

	ck_assert_int_eq(windows_of(windows, 1000), -1);
	ck_assert(windows_set(windows, 1000, 15, NULL));
	ck_assert(windows_set(windows, 0, 0, NULL));
	ck_assert(windows_set(windows, 1001, 5, NULL));
	ck_assert(windows_set(windows, 1001, -1, NULL));
	ck_assert(windows_set(windows, 1002, G_MAXINT64, NULL));
	windows_free(windows);
	windows = windows_load(directory);
	ck_assert_int_eq(windows_of(windows, 1000), 15);
	ck_assert_int_eq(windows_of(windows, 0), 0);
	ck_assert_int_eq(windows_of(windows, 1001), -1);
	ck_assert_int_eq(windows_of(windows, 1002), LATER_WINDOW_MOST);
	windows_free(windows);
}
END_TEST

START_TEST(windows_are_bounded)
{
	g_autofree char *directory = g_dir_make_tmp("windows-XXXXXX", NULL);
	g_autofree char *path =
		g_build_filename(directory, "undo-windows", NULL);
	g_autoptr(GString) text = g_string_new("x\n-1 5\n7 999999999\n");
	g_autoptr(GError) error = NULL;
	Windows *windows;

	for (guint i = 0; i < WINDOWS_MAX; i++)
		g_string_append_printf(text, "%u 5\n", 1000 + i);
	ck_assert(g_file_set_contents(path, text->str, -1, NULL));
	windows = windows_load(directory);
	ck_assert_int_eq(windows_of(windows, 7), -1);
	ck_assert_int_eq(windows_of(windows, 1000 + WINDOWS_MAX - 1), 5);
	ck_assert(!windows_set(windows, 1, 5, &error));
	ck_assert_ptr_nonnull(error);
	windows_free(windows);
}
END_TEST

START_TEST(a_refused_login_is_news_once)
{
	Facts *facts = facts_new();
	const Hop hop = { "isp", "" };
	g_autoptr(Status) login =
		status_new(OUTCOME_DEFERRED, FAULT_ROUTE, 535, "4.7.8", "535",
			   "The password is wrong.");
	g_autoptr(Status) host =
		status_new(OUTCOME_DEFERRED, FAULT_HOST, 0, "4.4.1", "",
			   "It does not answer.");

	ck_assert(facts_is_news(facts, "isp", login));
	ck_assert(!facts_is_news(facts, "isp", login));
	ck_assert(facts_is_news(facts, "uni", login));
	facts_forgive(facts, NULL);
	ck_assert(!facts_is_news(facts, "isp", login));
	ck_assert(facts_is_news(facts, "isp", host));
	facts_note_good(facts, &hop, 1, 1000);
	ck_assert(facts_is_news(facts, "isp", login));
	facts_free(facts);
}
END_TEST

/* --- reports -------------------------------------------------------------- */

START_TEST(report_names_the_failed_only)
{
	g_autoptr(Message) message = message_new(1, "a@x.example", 1000);
	g_autoptr(GArray) numbers = NULL;
	g_autofree char *answers = NULL;

	for (guint i = 0; i < 5; i++) {
		Recipient *recipient =
			message_add_recipient(message, "b@y.example");

		if (i % 2)
			recipient_move(recipient, RECIPIENT_FAILED, NULL);
	}
	numbers = report_numbers(message);
	answers = report_answers(message, numbers);
	ck_assert_msg(g_str_has_suffix(answers, " 1 3"), "%s", answers);
}
END_TEST

START_TEST(report_is_bounded)
{
	g_autoptr(Message) message = message_new(1, "a@x.example", 1000);
	g_autoptr(GArray) numbers = NULL;
	g_autofree char *answers = NULL;
	g_auto(GStrv) words = NULL;

	for (guint i = 0; i < MESSAGE_MAX_RECIPIENTS; i++)
		recipient_move(message_add_recipient(message, "b@y.example"),
			       RECIPIENT_FAILED, NULL);
	numbers = report_numbers(message);
	answers = report_answers(message, numbers);
	words = g_strsplit(answers, " ", -1);
	/* As many as fit one packet, each with its dictionary. */
	ck_assert_uint_gt(g_strv_length(words), 1 + REPORT_MAX_RECIPIENTS / 2);
	ck_assert_uint_le(g_strv_length(words), 1 + REPORT_MAX_RECIPIENTS);
	ck_assert_uint_le((g_strv_length(words) - 1) * 512,
			  REPORT_MAX_BYTES);
	ck_assert_uint_lt(strlen(answers), MESSAGE_MAX_OPTION_VALUE);
}
END_TEST

/* A job is one packet, however long the answers were. */
START_TEST(report_fits_a_packet)
{
	g_autoptr(Message) message = message_new(1, "a@x.example", 1000);
	g_autofree char *answer = g_strnfill(1000, 'x');
	g_autoptr(Status) status = status_new(
		OUTCOME_FAILED, FAULT_RECIPIENT, 550, "5.1.1", answer, "");
	g_autoptr(GArray) numbers = NULL;

	for (guint i = 0; i < REPORT_MAX_RECIPIENTS; i++)
		recipient_move(message_add_recipient(message, "b@y.example"),
			       RECIPIENT_FAILED, status);
	numbers = report_numbers(message);
	ck_assert_uint_gt(numbers->len, 0);
	ck_assert_uint_le(numbers->len * strlen(answer), REPORT_MAX_BYTES);
}
END_TEST

/* --- filter --------------------------------------------------------------- */

static const struct {
	const char *text;
	gboolean good;
} filters[] = {
	{ "", TRUE },
	{ "anna", TRUE },
	{ "to:example.org from:rita", TRUE },
	{ "is:retry age>2h size>1M", TRUE },
	{ "-is:held \"two words\"", TRUE },
	{ "why:\"look up\"", TRUE },
	{ "age<1d", TRUE },
	{ "age>soon", FALSE },
	{ "size>big", FALSE },
	{ "tries>3", FALSE },
	{ "a<b", FALSE },
};

START_TEST(filter_is_understood_or_not)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Filter) filter = filter_parse(filters[_i].text, &error);

	ck_assert_int_eq(filter != NULL, filters[_i].good);
	ck_assert_int_eq(error == NULL, filters[_i].good);
}
END_TEST

START_TEST(filter_has_a_bound)
{
	GString *text = g_string_new(NULL);
	g_autoptr(Filter) filter = NULL;

	for (guint i = 0; i <= FILTER_MAX_TERMS; i++)
		g_string_append(text, "x ");
	filter = filter_parse(text->str, NULL);
	ck_assert_ptr_null(filter);
	g_string_free(text, TRUE);
}
END_TEST

static void
add_tests(TCase *tests)
{
	tcase_add_test(tests, every_method_has_a_handler);
	tcase_add_test(tests, store_keeps_the_oldest_first);
	tcase_add_test(tests, store_forgets_what_is_removed);
	tcase_add_loop_test(tests, fault_keeps_a_route_quiet, 0,
			    G_N_ELEMENTS(faults));
	tcase_add_test(tests, each_next_hop_has_its_own_fault);
	tcase_add_test(tests, next_hops_that_are_well_are_forgotten);
	tcase_add_test(tests, dead_next_hops_are_bounded_too);
	tcase_add_test(tests, a_pause_is_jittered);
	tcase_add_test(tests, success_and_hand_forgive);
	tcase_add_test(tests, events_are_bounded_and_harmless);
	tcase_add_test(tests, events_of_a_message_are_its_owners);
	tcase_add_test(tests, windows_outlive_a_restart);
	tcase_add_test(tests, windows_are_bounded);
	tcase_add_test(tests, a_refused_login_is_news_once);
	tcase_add_test(tests, report_names_the_failed_only);
	tcase_add_test(tests, report_is_bounded);
	tcase_add_test(tests, report_fits_a_packet);
	tcase_add_loop_test(tests, filter_is_understood_or_not, 0,
			    G_N_ELEMENTS(filters));
	tcase_add_test(tests, filter_has_a_bound);
}

int
main(void)
{
	Suite *suite = suite_create("engine");
	TCase *tests = tcase_create("engine");
	SRunner *runner;
	int failed;

	add_tests(tests);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
