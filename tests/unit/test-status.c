// SPDX-License-Identifier: GPL-2.0-or-later
#include "common/status.h"

#include <check.h>
#include <stdlib.h>

static const struct {
	Outcome outcome;
	const char *given;
	const char *enhanced;
} class_rows[] = {
	{ OUTCOME_NONE, NULL, "" },
	{ OUTCOME_DELIVERED, NULL, "2.0.0" },
	{ OUTCOME_DEFERRED, NULL, "4.0.0" },
	{ OUTCOME_FAILED, "", "5.0.0" },
	{ OUTCOME_FAILED, "5.1.1", "5.1.1" },
};

START_TEST(an_outcome_has_its_class)
{
	g_autoptr(Status) status =
		status_new(class_rows[_i].outcome, FAULT_NONE, 0,
			   class_rows[_i].given, NULL, NULL);

	ck_assert_str_eq(status->enhanced, class_rows[_i].enhanced);
	ck_assert_str_eq(status->text, "");
	ck_assert_str_eq(status->why, "");
	ck_assert_str_eq(status->host, "");
}
END_TEST

START_TEST(a_servers_answer_cannot_draw)
{
	g_autoptr(Status) status =
		status_new(OUTCOME_DEFERRED, FAULT_HOST, 450, "4.2.0",
			   "450 wait\r\nRecipient: x\033[2J", "Waiting.");

	ck_assert_str_eq(status->text,
			 "450 wait  Recipient: x\xef\xbf\xbd[2J");
}
END_TEST

START_TEST(every_word_is_read_back)
{
	for (Outcome o = OUTCOME_NONE; o <= OUTCOME_FAILED; o++)
		ck_assert_int_eq(outcome_from_name(outcome_name(o)), o);
	for (Fault f = FAULT_NONE; f <= FAULT_NETWORK; f++)
		ck_assert_int_eq(fault_from_name(fault_name(f)), f);
	ck_assert_int_eq(outcome_from_name("lost"), OUTCOME_NONE);
	ck_assert_int_eq(fault_from_name(""), FAULT_NONE);
}
END_TEST

static void
assert_same(const Status *a, const Status *b)
{
	ck_assert_int_eq(a->outcome, b->outcome);
	ck_assert_int_eq(a->fault, b->fault);
	ck_assert_uint_eq(a->code, b->code);
	ck_assert_str_eq(a->enhanced, b->enhanced);
	ck_assert_str_eq(a->text, b->text);
	ck_assert_str_eq(a->why, b->why);
	ck_assert_str_eq(a->host, b->host);
	ck_assert_str_eq(a->tls, b->tls);
	ck_assert_str_eq(a->remote_id, b->remote_id);
}

START_TEST(a_status_travels_whole)
{
	g_autoptr(Status) status =
		status_new(OUTCOME_FAILED, FAULT_RECIPIENT, 550, "5.1.1",
			   "550 5.1.1 no such user", "Nobody has this name.");
	g_autoptr(GVariant) variant = NULL;
	g_autoptr(Status) back = NULL, copy = NULL;

	g_free(status->host);
	status->host = g_strdup("mx.example:25");
	g_free(status->tls);
	status->tls = g_strdup("TLSv1.3 verified");
	g_free(status->remote_id);
	status->remote_id = g_strdup("4RtX");
	variant = g_variant_ref_sink(status_to_variant(status));
	back = status_from_variant(variant);
	copy = status_copy(status);
	assert_same(status, back);
	assert_same(status, copy);
}
END_TEST

START_TEST(an_empty_dictionary_is_no_outcome)
{
	g_autoptr(GVariant) empty = g_variant_ref_sink(
		g_variant_new_array(G_VARIANT_TYPE("{sv}"), NULL, 0));
	g_autoptr(Status) status = status_from_variant(empty);

	ck_assert_int_eq(status->outcome, OUTCOME_NONE);
	ck_assert_str_eq(status->enhanced, "");
	ck_assert_str_eq(status->remote_id, "");
}
END_TEST

static Suite *
make_status_suite(void)
{
	Suite *suite = suite_create("status");
	TCase *tc = tcase_create("status");

	tcase_add_loop_test(tc, an_outcome_has_its_class, 0,
			    G_N_ELEMENTS(class_rows));
	tcase_add_test(tc, a_servers_answer_cannot_draw);
	tcase_add_test(tc, every_word_is_read_back);
	tcase_add_test(tc, a_status_travels_whole);
	tcase_add_test(tc, an_empty_dictionary_is_no_outcome);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_status_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
