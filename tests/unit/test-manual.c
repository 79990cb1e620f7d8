// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The pages of configuration files against the table of keys: every key
 * stands in its page, under its group, and no page tells of another.
 */
#include "common/config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const char *const pages[] = {
	[CONFIG_MAIN] = "masqmail.conf.5",
	[CONFIG_ROUTE] = "masqmail-route.5",
	[CONFIG_PROFILE] = "masqmail-profile.5",
	[CONFIG_NETWORK] = "masqmail-network.7",
};

static char *
read_page(const char *name)
{
	const char *top = g_getenv("top_srcdir");
	g_autofree char *path =
		g_build_filename(top ? top : ".", "man", name, NULL);
	g_autoptr(GError) error = NULL;
	char *text;

	if (!g_file_get_contents(path, &text, NULL, &error))
		ck_abort_msg("%s", error->message);
	return text;
}

/* The section of the page that tells of a group. (transfer full) */
static char *
section_of(const char *page, const char *group)
{
	g_autofree char *name = g_strdup(group);
	g_autofree char *head = NULL;
	const char *begin;
	const char *end;

	if (g_str_has_suffix(name, "*"))
		name[strlen(name) - 1] = '\0';
	head = g_strdup_printf("\n.Ss [%s]", name);
	begin = strstr(page, head);
	if (!begin)
		return NULL;
	end = strstr(begin + 1, "\n.Ss ");
	return end ? g_strndup(begin, end - begin) : g_strdup(begin);
}

static gboolean
tells_of(const char *section, const char *key)
{
	g_autofree char *item = g_strdup_printf("\n.It Ic %s\n", key);

	return strstr(section, item) != NULL;
}

START_TEST(every_key_stands_in_its_page)
{
	g_autofree char *page = read_page(pages[_i]);

	for (const ConfigKey *row = config_keys; row->key; row++) {
		g_autofree char *section = NULL;

		if (row->kind != (ConfigKind)_i)
			continue;
		section = section_of(page, row->group);
		if (!section || !tells_of(section, row->key))
			ck_abort_msg("%s has no [%s] %s", pages[_i],
				     row->group, row->key);
	}
}
END_TEST

static gboolean
is_known(ConfigKind kind, const char *key)
{
	for (const ConfigKey *row = config_keys; row->key; row++)
		if (row->kind == kind && g_str_equal(row->key, key))
			return TRUE;
	return FALSE;
}

START_TEST(no_page_tells_of_another_key)
{
	g_autofree char *page = read_page(pages[_i]);
	g_auto(GStrv) lines = g_strsplit(page, "\n", -1);
	guint seen = 0;

	for (char **line = lines; *line; line++) {
		if (!g_str_has_prefix(*line, ".It Ic "))
			continue;
		seen++;
		if (!is_known(_i, *line + strlen(".It Ic ")))
			ck_abort_msg("%s: %s is no key", pages[_i], *line);
	}
	ck_assert_uint_gt(seen, 0);
}
END_TEST

/* A default is told as the table has it. */
START_TEST(defaults_are_told)
{
	g_autofree char *page = read_page(pages[_i]);

	for (const ConfigKey *row = config_keys; row->key; row++) {
		g_autofree char *section = NULL;
		g_autofree char *item = NULL;
		const char *text;
		const char *end;

		if (row->kind != (ConfigKind)_i || !row->fallback)
			continue;
		section = section_of(page, row->group);
		item = g_strdup_printf("\n.It Ic %s\n", row->key);
		text = section ? strstr(section, item) : NULL;
		ck_assert_ptr_nonnull(text);
		end = strstr(text + 1, "\n.It Ic ");
		if (!g_strstr_len(text, end ? end - text : -1,
				  row->fallback))
			ck_abort_msg("%s: [%s] %s does not tell %s",
				     pages[_i], row->group, row->key,
				     row->fallback);
	}
}
END_TEST

static Suite *
make_manual_suite(void)
{
	Suite *suite = suite_create("manual");
	TCase *core = tcase_create("core");

	tcase_add_loop_test(core, every_key_stands_in_its_page, 0,
			    G_N_ELEMENTS(pages));
	tcase_add_loop_test(core, no_page_tells_of_another_key, 0,
			    G_N_ELEMENTS(pages));
	tcase_add_loop_test(core, defaults_are_told, 0,
			    G_N_ELEMENTS(pages));
	suite_add_tcase(suite, core);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_manual_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
