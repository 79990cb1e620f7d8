// SPDX-License-Identifier: GPL-2.0-or-later
#include "common/own.h"

#include <check.h>
#include <stdlib.h>

static const char *const names[] = { "laptop", "localhost",
				     "bücher.example", NULL };
static const char *const also[] = { "ada@isp.example", "*@old.example",
				    NULL };
static const char *const except[] = { "boss@*", "x@old.example", NULL };

static const struct {
	const char *address;
	gboolean own;
} rows[] = {
	{ "ada", TRUE },
	{ "boss", TRUE }, /* without a domain there is no elsewhere */
	{ "ada@laptop", TRUE },
	{ "ADA@LapTop", TRUE },
	{ "ada@laptop.example", FALSE },
	{ "boss@laptop", FALSE },
	{ "Boss@localhost", FALSE },
	{ "ada@isp.example", TRUE },
	{ "bob@isp.example", FALSE },
	{ "who@old.example", TRUE },
	{ "x@old.example", FALSE },
	{ "\"ada@laptop\"", TRUE },
	{ "\"ada@laptop\"@far.example", FALSE },
	{ "ada@bücher.example", TRUE },
	{ "ada@BÜCHER.example", TRUE },
	{ "ada@xn--bcher-kva.example", TRUE },
	{ "ada@XN--bcher-KVA.example", TRUE },
	{ "ada@bucher.example", FALSE },
	{ "ada@[127.0.0.1]", FALSE },
	{ "ada@b\xc3", FALSE },
};

START_TEST(an_address_is_ours_or_not)
{
	const OwnAddresses own = { names, also, except };

	ck_assert_int_eq(own_has(&own, rows[_i].address), rows[_i].own);
}
END_TEST

START_TEST(without_names_only_bare_ones_are_ours)
{
	const OwnAddresses own = { NULL, NULL, NULL };

	ck_assert(own_has(&own, "ada"));
	ck_assert(!own_has(&own, "ada@laptop"));
}
END_TEST

static Suite *
make_own_suite(void)
{
	Suite *suite = suite_create("own");
	TCase *core = tcase_create("core");

	tcase_add_loop_test(core, an_address_is_ours_or_not, 0,
			    G_N_ELEMENTS(rows));
	tcase_add_test(core, without_names_only_bare_ones_are_ours);
	suite_add_tcase(suite, core);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_own_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
