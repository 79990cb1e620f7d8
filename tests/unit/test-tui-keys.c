// SPDX-License-Identifier: GPL-2.0-or-later
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tui/keys.h"
#include "tui/term.h"

#define VIEWS 9

static const KeyRow *
row_at(int index)
{
	return keys_table + index;
}

static int
count_rows(void)
{
	int n = 0;

	while (keys_table[n].action)
		n++;
	return n;
}

START_TEST(every_stroke_has_a_key)
{
	g_auto(GStrv) names = g_strsplit(row_at(_i)->strokes, " ", -1);

	ck_assert_ptr_nonnull(names[0]);
	for (guint i = 0; names[i]; i++)
		ck_assert_msg(keys_stroke(names[i]) != STROKE_NONE,
			      "no key is called %s", names[i]);
}
END_TEST

START_TEST(every_row_is_found_by_its_strokes)
{
	const KeyRow *row = row_at(_i);
	g_auto(GStrv) names = g_strsplit(row->strokes, " ", -1);

	for (guint view = 0; view < VIEWS; view++)
		for (guint i = 0; row->where & 1 << view && names[i]; i++) {
			const KeyRow *found = keys_find(keys_stroke(names[i]),
							1 << view);

			ck_assert_msg(found == row,
				      "%s means %s and %s in view %u",
				      names[i], row->help, found->help, view);
		}
}
END_TEST

START_TEST(every_row_has_help)
{
	const KeyRow *row = row_at(_i);

	ck_assert_ptr_nonnull(row->help);
	ck_assert(*row->help);
	/* A block of the help is so wide. */
	ck_assert_int_le(strlen(row->help), 15);
	ck_assert(row->where != 0);
	ck_assert(row->group < KEYS_GROUPS);
}
END_TEST

/* No slip of the fingers on Enter or with Ctrl may change mail. */
START_TEST(nothing_changes_mail_by_enter_or_ctrl)
{
	const KeyRow *row = row_at(_i);
	g_auto(GStrv) names = g_strsplit(row->strokes, " ", -1);

	for (guint i = 0; row->needs & NEEDS_WRITE && names[i]; i++) {
		ck_assert_str_ne(names[i], "Enter");
		ck_assert(!g_str_has_prefix(names[i], "Ctrl-"));
	}
}
END_TEST

START_TEST(what_changes_needs_the_daemon)
{
	const KeyRow *row = row_at(_i);

	if (row->needs & NEEDS_WRITE)
		ck_assert(row->needs & NEEDS_LINK);
}
END_TEST

START_TEST(every_view_has_a_way_out)
{
	guint where = 1 << _i;

	ck_assert_ptr_nonnull(keys_row(ACTION_QUIT, where));
	if (!(where & ON_SCREENS)) {
		ck_assert_ptr_nonnull(keys_find(STROKE_ESCAPE, where));
		ck_assert_int_eq(keys_find(STROKE_ESCAPE, where)->action,
				 ACTION_BACK);
	}
}
END_TEST

static const struct {
	guint where, have;
	int columns;
	gboolean compact;
	const char *footer;
} footers[] = {
	{ ON_QUEUE, ~0u, 80, FALSE,
	  " F1 Help F2 Profile F3 Find F4 Filter F5 Retry F6 Sort F7 Hold "
	  "F8 Delete q Quit" },
	{ ON_QUEUE, 0, 80, FALSE, " F1 Help F3 Find q Quit" },
	{ ON_QUEUE, ~0u, 40, FALSE, " F1 Help F2 Profile F3 Find q Quit" },
	{ ON_QUEUE, ~0u, 40, TRUE, " ?Help p)rofile r)etry H)old d)el q)uit" },
	{ ON_QUEUE, ~0u, 5, FALSE, " F1 Help q Quit" },
	{ ON_HELP, ~0u, 80, FALSE, " Esc back" },
};

START_TEST(the_footer_shows_what_works_and_fits)
{
	g_autofree char *footer =
		keys_footer(footers[_i].where, footers[_i].have,
			    footers[_i].columns, footers[_i].compact);

	ck_assert_str_eq(footer, footers[_i].footer);
}
END_TEST

/* The table of masqtui(1) is this one, word for word. */
START_TEST(the_manual_has_every_key)
{
	g_autofree char *path = g_build_filename(
		g_getenv("top_srcdir") ? g_getenv("top_srcdir") : ".", "man",
		"masqtui.1", NULL);
	g_autofree char *page = NULL;
	const KeyRow *row = row_at(_i);
	g_autofree char *names = keys_names(row);
	g_auto(GStrv) parts = g_strsplit(names, "\\", -1);
	g_autofree char *escaped = g_strjoinv("\\e", parts);
	g_autofree char *wanted = g_strdup_printf("\n.It \"%s\"\n", escaped);

	ck_assert(g_file_get_contents(path, &page, NULL, NULL));
	ck_assert_msg(strstr(page, wanted), "masqtui.1 lacks%s", wanted);
}
END_TEST

static Suite *
make_keys_suite(void)
{
	Suite *suite = suite_create("tui keys");
	TCase *tc = tcase_create("keys");
	int rows = count_rows();

	tcase_add_loop_test(tc, every_stroke_has_a_key, 0, rows);
	tcase_add_loop_test(tc, every_row_is_found_by_its_strokes, 0, rows);
	tcase_add_loop_test(tc, every_row_has_help, 0, rows);
	tcase_add_loop_test(tc, nothing_changes_mail_by_enter_or_ctrl, 0,
			    rows);
	tcase_add_loop_test(tc, what_changes_needs_the_daemon, 0, rows);
	tcase_add_loop_test(tc, every_view_has_a_way_out, 0, VIEWS);
	tcase_add_loop_test(tc, the_footer_shows_what_works_and_fits, 0,
			    G_N_ELEMENTS(footers));
	tcase_add_loop_test(tc, the_manual_has_every_key, 0, rows);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_keys_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
