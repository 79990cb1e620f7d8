// SPDX-License-Identifier: GPL-2.0-or-later
#include "common/config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"

/* A file, and what is said of it; NULL if it is good. */
static const struct {
	ConfigKind kind;
	const char *text;
	const char *error;
} files[] = {
	{ CONFIG_MAIN, "", NULL },
	{ CONFIG_MAIN, "[General]\nHostName=pad.example\n", NULL },
	{ CONFIG_MAIN, "[General]\nHostname=pad.example\n",
	  "t: [General] has no key Hostname; did you mean HostName?" },
	{ CONFIG_MAIN, "[Genral]\nHostName=pad.example\n",
	  "t: there is no group [Genral] in such a file; did you mean "
	  "[General]?" },
	{ CONFIG_MAIN, "[General]\nSizeLimit=big\n",
	  "t: [General] SizeLimit=big: this should be a size such as 640K "
	  "or 25M" },
	{ CONFIG_MAIN, "[General]\nLifetime=soon\n",
	  "t: [General] Lifetime=soon: this should be a duration such as "
	  "90s, 15m, 2h or 5d" },
	{ CONFIG_MAIN, "[Relay]\nHost=x\n",
	  "t: there is no group [Relay] in such a file" },
	{ CONFIG_ROUTE, "[Relay]\nTls=maybe\n",
	  "t: [Relay] Tls=maybe: this should be one of: never if-possible "
	  "required implicit" },
	{ CONFIG_ROUTE, "[Relay]\nPort=-1\n",
	  "t: [Relay] Port=-1: this should be a whole number" },
	{ CONFIG_ROUTE, "[Relay]\nInsecure=perhaps\n",
	  "t: [Relay] Insecure=perhaps: this should be yes or no" },
	{ CONFIG_PROFILE, "[Match office]\nSsid=Corp\n[Match]\nSsid=x\n",
	  NULL },
	{ CONFIG_PROFILE, "[Matching]\nSsid=Corp\n",
	  "t: there is no group [Matching] in such a file" },
	{ CONFIG_PROFILE, "[Use]\nPriority=-5\n", NULL },
	{ CONFIG_MAIN, "HostName=x\n", "t: " },
	{ CONFIG_MAIN, "[General]\nHostName=\xff\n",
	  "t: this is not UTF-8 text" },
};

START_TEST(file_is_judged)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Config) config = config_parse(
		files[_i].kind, files[_i].text, "t", &error);

	if (!files[_i].error) {
		ck_assert_msg(config != NULL, "%s",
			      error ? error->message : "");
		return;
	}
	ck_assert_ptr_null(config);
	ck_assert_msg(g_str_has_prefix(error->message, files[_i].error),
		      "%s", error->message);
}
END_TEST

START_TEST(absent_keys_take_the_default)
{
	g_autoptr(Config) config = config_new(CONFIG_MAIN);
	g_autofree char *host = config_string(config, "General", "HostName");
	g_auto(GStrv) admins = config_list(config, "General", "Admins");

	ck_assert_ptr_null(host);
	ck_assert_ptr_null(admins[0]);
	ck_assert_int_eq(config_number(config, "General", "Lifetime"),
			 5 * 24 * 3600);
	ck_assert_int_eq(config_number(config, "General", "SizeLimit"),
			 50 * 1024 * 1024);
	ck_assert(!config_has(config, "General", "HostName"));
}
END_TEST

START_TEST(values_have_their_types)
{
	g_autoptr(Config) config = config_parse(
		CONFIG_ROUTE,
		"[Match]\nSenders=*@a.example; b@c.example ;\n"
		"[Relay]\nHost= smtp.example \nInsecure=ON\nPort=2525\n",
		"t", NULL);
	g_auto(GStrv) senders = config_list(config, "Match", "Senders");
	g_autofree char *host = config_string(config, "Relay", "Host");

	ck_assert_uint_eq(g_strv_length(senders), 2);
	ck_assert_str_eq(senders[1], "b@c.example");
	ck_assert_str_eq(host, "smtp.example");
	ck_assert(config_boolean(config, "Relay", "Insecure"));
	ck_assert_int_eq(config_number(config, "Relay", "Port"), 2525);
}
END_TEST

START_TEST(missing_file_is_told_apart)
{
	g_autoptr(GError) error = NULL;

	ck_assert_ptr_null(config_load(CONFIG_MAIN, "/nowhere/x", &error));
	ck_assert(error_is_missing(error));
}
END_TEST

/* Every default of the table is of its own type. */
START_TEST(defaults_are_valid)
{
	for (const ConfigKey *row = config_keys; row->key; row++) {
		g_autofree char *group = g_strdelimit(
			g_strdup(row->group), "*", '\0');
		g_autofree char *text = g_strdup_printf(
			"[%s]\n%s=%s\n", group, row->key,
			row->fallback ? row->fallback : "");
		g_autoptr(GError) error = NULL;
		g_autoptr(Config) config = NULL;

		if (!row->fallback)
			continue;
		config = config_parse(row->kind, text, "t", &error);
		ck_assert_msg(config != NULL, "%s",
			      error ? error->message : "");
	}
}
END_TEST

static const struct {
	const char *name;
	gboolean valid;
} names[] = {
	{ "isp", TRUE },     { "Mum-2.4_GHz", TRUE }, { "", FALSE },
	{ ".", FALSE },      { "..", FALSE },	      { "a/b", FALSE },
	{ "-v", FALSE },     { "a b", FALSE },	      { "caf\xc3\xa9", FALSE },
	{ "a\nb", FALSE },
};

START_TEST(name_is_judged)
{
	ck_assert_int_eq(config_name_is_valid(names[_i].name),
			 names[_i].valid);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("config");
	TCase *tests = tcase_create("config");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tests, file_is_judged, 0, G_N_ELEMENTS(files));
	tcase_add_loop_test(tests, name_is_judged, 0, G_N_ELEMENTS(names));
	tcase_add_test(tests, absent_keys_take_the_default);
	tcase_add_test(tests, values_have_their_types);
	tcase_add_test(tests, missing_file_is_told_apart);
	tcase_add_test(tests, defaults_are_valid);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
