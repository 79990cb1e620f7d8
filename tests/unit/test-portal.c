// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/portal.h"

#include <check.h>
#include <stdlib.h>

#define WHY "What answers is somebody else."

/* Before the sign: was a server proved, is the place trusted, was it said. */
static const struct {
	PortalSign sign;
	gboolean proven, trusted, hinted, suspected;
} rows[] = {
	{ PORTAL_NO_SIGN, FALSE, FALSE, FALSE, FALSE },
	{ PORTAL_NAME, FALSE, FALSE, FALSE, TRUE },
	{ PORTAL_HANDSHAKE, FALSE, FALSE, FALSE, TRUE },
	{ PORTAL_STRIPPED, FALSE, FALSE, FALSE, TRUE },
	{ PORTAL_CLOSED, FALSE, FALSE, FALSE, TRUE },
	{ PORTAL_GARBAGE, FALSE, FALSE, FALSE, TRUE },
	{ PORTAL_NAME, TRUE, FALSE, FALSE, FALSE },
	{ PORTAL_CLOSED, TRUE, FALSE, FALSE, FALSE },
	{ PORTAL_NAME, FALSE, TRUE, FALSE, FALSE },
	{ PORTAL_CLOSED, FALSE, TRUE, FALSE, FALSE },
	{ PORTAL_ONE_ADDRESS, TRUE, TRUE, FALSE, TRUE },
	{ PORTAL_NO_SIGN, FALSE, TRUE, TRUE, TRUE },
};

START_TEST(a_sign_tells_where_it_can)
{
	Portal portal = { 0 };

	if (rows[_i].proven)
		portal_note_proof(&portal);
	if (rows[_i].hinted)
		portal_note_hint(&portal, TRUE, NULL, 0);
	portal_note_sign(&portal, rows[_i].sign, rows[_i].trusted, WHY, 0);
	ck_assert_int_eq(portal.suspected, rows[_i].suspected);
	ck_assert_int_eq(portal_is_shut(&portal, 0), rows[_i].suspected);
	ck_assert_int_eq(portal.why != NULL, rows[_i].suspected);
	portal_clear(&portal);
}
END_TEST

START_TEST(it_is_probed_ever_later)
{
	static const gint64 waits[] = { 30, 60, 120, 300, 300 };
	Portal portal = { 0 };
	gint64 now = 1000;

	for (guint i = 0; i < G_N_ELEMENTS(waits); i++) {
		ck_assert(portal_note_sign(&portal, PORTAL_NAME, FALSE, WHY,
					   now));
		ck_assert_int_eq(portal.next, now + waits[i]);
		ck_assert(portal_is_shut(&portal, now + waits[i] - 1));
		now += waits[i];
		ck_assert(!portal_is_shut(&portal, now));
		ck_assert(portal.suspected);
	}
	portal_clear(&portal);
}
END_TEST

START_TEST(two_that_probe_at_once_are_one_probe)
{
	Portal portal = { 0 };

	portal_note_sign(&portal, PORTAL_NAME, FALSE, WHY, 0);
	portal_note_signal(&portal);
	ck_assert(portal_note_sign(&portal, PORTAL_CLOSED, FALSE, WHY, 10));
	ck_assert(portal_note_sign(&portal, PORTAL_CLOSED, FALSE, WHY, 11));
	ck_assert_int_eq(portal.next, 70);
	/* Whatever else it met, it did not get through. */
	portal_note_signal(&portal);
	ck_assert(portal_note_sign(&portal, PORTAL_NO_SIGN, FALSE, WHY, 20));
	ck_assert_int_eq(portal.next, 140);
	ck_assert(portal_is_shut(&portal, 20));
	portal_clear(&portal);
}
END_TEST

START_TEST(a_proof_opens_it_and_a_new_place_forgets)
{
	Portal portal = { 0 };

	ck_assert(!portal_note_proof(&portal));
	portal_arrive(&portal);
	portal_note_sign(&portal, PORTAL_NAME, FALSE, WHY, 0);
	ck_assert(portal_note_proof(&portal));
	ck_assert(!portal_is_shut(&portal, 0));
	ck_assert(!portal_note_sign(&portal, PORTAL_NAME, FALSE, WHY, 0));
	portal_arrive(&portal);
	ck_assert(portal_note_sign(&portal, PORTAL_NAME, FALSE, WHY, 0));
	portal_arrive(&portal);
	ck_assert(!portal_is_shut(&portal, 0));
	portal_clear(&portal);
}
END_TEST

START_TEST(a_hint_is_heard)
{
	Portal portal = { 0 };

	ck_assert(!portal_note_hint(&portal, FALSE, NULL, 0));
	ck_assert(portal_note_hint(&portal, TRUE, "http://x/", 0));
	ck_assert(portal_is_shut(&portal, 0));
	ck_assert(!portal_note_hint(&portal, TRUE, NULL, 1));
	ck_assert(portal_note_hint(&portal, FALSE, NULL, 2));
	/* Not believed before a server has proved itself. */
	ck_assert(portal.suspected && !portal_is_shut(&portal, 2));
	portal_clear(&portal);
}
END_TEST

/* The clock was set back: it does not wait for years. */
START_TEST(no_clock_shuts_it_for_long)
{
	Portal portal = { 0 };

	portal_note_sign(&portal, PORTAL_NAME, FALSE, WHY, 1000000);
	ck_assert(!portal_is_shut(&portal, 1000));
	portal_clear(&portal);
}
END_TEST

START_TEST(signs_have_words)
{
	ck_assert_int_eq(portal_sign_from_name("name"), PORTAL_NAME);
	ck_assert_int_eq(portal_sign_from_name("one-address"),
			 PORTAL_ONE_ADDRESS);
	ck_assert_int_eq(portal_sign_from_name(""), PORTAL_NO_SIGN);
	ck_assert_int_eq(portal_sign_from_name("x"), PORTAL_NO_SIGN);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("portal");
	TCase *tcase = tcase_create("core");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tcase, a_sign_tells_where_it_can, 0,
			    G_N_ELEMENTS(rows));
	tcase_add_test(tcase, it_is_probed_ever_later);
	tcase_add_test(tcase, two_that_probe_at_once_are_one_probe);
	tcase_add_test(tcase, a_proof_opens_it_and_a_new_place_forgets);
	tcase_add_test(tcase, a_hint_is_heard);
	tcase_add_test(tcase, no_clock_shuts_it_for_long);
	tcase_add_test(tcase, signs_have_words);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
