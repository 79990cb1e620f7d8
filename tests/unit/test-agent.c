// SPDX-License-Identifier: GPL-2.0-or-later
#include "common/agent.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

START_TEST(a_request_comes_back)
{
	const AgentRequest request = { (char *)"isp", (char *)"smtp.isp.test",
				       (char *)"ada lovelace", TRUE };
	g_autofree char *text = agent_request_write(&request);
	g_autoptr(AgentRequest) got = agent_request_parse(text, strlen(text));

	ck_assert_str_eq(got->route, "isp");
	ck_assert_str_eq(got->host, "smtp.isp.test");
	ck_assert_str_eq(got->user, "ada lovelace");
	ck_assert(got->refused);
}
END_TEST

START_TEST(unknown_lines_are_passed)
{
	const char *text = "secret\nroute isp\ncolour blue\n";
	g_autoptr(AgentRequest) got = agent_request_parse(text, strlen(text));

	ck_assert_str_eq(got->route, "isp");
	ck_assert_str_eq(got->host, "");
	ck_assert(!got->refused);
}
END_TEST

static const char *const wrong[] = {
	"", "secret", "secret\nhost h\n", "secrets\nroute isp\n",
	"route isp\nsecret\n",
};

START_TEST(what_is_no_request_is_none)
{
	ck_assert_ptr_null(agent_request_parse(wrong[_i], strlen(wrong[_i])));
}
END_TEST

START_TEST(bounds_are_kept)
{
	g_autofree char *large = g_strnfill(AGENT_TEXT_MAX, 'x');
	g_autofree char *text = g_strdup_printf("secret\nroute %s\n", large);
	AgentRequest request = { (char *)"isp", large, (char *)"", FALSE };

	ck_assert_ptr_null(agent_request_write(&request));
	ck_assert_ptr_null(agent_request_parse(text, strlen(text)));
	ck_assert_ptr_null(agent_request_parse("secret\nroute a\0b\n", 17));
	request.host = (char *)"h\nuser root";
	ck_assert_ptr_null(agent_request_write(&request));
}
END_TEST

static Suite *
make_agent_suite(void)
{
	Suite *suite = suite_create("agent");
	TCase *tcase = tcase_create("requests");

	tcase_add_test(tcase, a_request_comes_back);
	tcase_add_test(tcase, unknown_lines_are_passed);
	tcase_add_loop_test(tcase, what_is_no_request_is_none, 0,
			    G_N_ELEMENTS(wrong));
	tcase_add_test(tcase, bounds_are_kept);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_agent_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
