// SPDX-License-Identifier: GPL-2.0-or-later
/* The configuration we show to people is one that we take. */
#include "common/config.h"

#include <check.h>
#include <stdlib.h>

static const struct {
	ConfigKind kind;
	const char *name;
} examples[] = {
	{ CONFIG_MAIN, "masqmail.conf" },
	{ CONFIG_ROUTE, "routes/isp.conf" },
	{ CONFIG_ROUTE, "routes/uni.conf" },
	{ CONFIG_PROFILE, "profiles/campus.conf" },
	{ CONFIG_PROFILE, "profiles/default.conf" },
};

START_TEST(an_example_is_valid)
{
	const char *top = g_getenv("top_srcdir");
	g_autofree char *path = g_build_filename(top ? top : ".",
						 "data/examples",
						 examples[_i].name, NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(Config) config = config_load(examples[_i].kind, path,
					       &error);

	ck_assert_msg(config != NULL, "%s",
		      error != NULL ? error->message : "");
}
END_TEST

static Suite *
make_examples_suite(void)
{
	Suite *suite = suite_create("examples");
	TCase *tc = tcase_create("examples");

	tcase_add_loop_test(tc, an_example_is_valid, 0,
			    G_N_ELEMENTS(examples));
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_examples_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
