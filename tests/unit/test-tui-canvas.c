// SPDX-License-Identifier: GPL-2.0-or-later
#include <check.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "tui/canvas.h"
#include "tui/event.h"
#include "tui/record.h"

/* What @text leaves on a line of @columns. */
static char *
drawn(const char *text, int columns, gboolean ascii)
{
	g_autoptr(Canvas) canvas = canvas_new(1, columns, ascii);
	char *line;

	canvas_text(canvas, 0, 0, -1, INK_PLAIN, text);
	line = canvas_to_text(canvas);
	line[strlen(line) - 1] = '\0';
	return line;
}

static const struct {
	const char *text;
	int columns;
	const char *utf8, *ascii;
} lines[] = {
	{ "abc", 5, "abc  ", "abc  " },
	{ "abcdef", 5, "abcd…", "abcd~" },
	{ "李雷@例え.jp", 12, "李雷@例え.jp", "????@????.jp" },
	{ "李雷李雷", 6, "李雷… ", "????~ " },
	{ "Zoë café", 8, "Zoë café", "Zoe cafe" },
	{ "e\xcc\x81x", 3, "e\xcc\x81x ", "ex " },
	/* More marks than a cell keeps. */
	{ "e\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81x", 2,
	  "e\xcc\x81\xcc\x81\xcc\x81\xcc\x81x", "ex" },
	/* Nothing to stand on. */
	{ "\xcc\x81x", 2, "x ", "x " },
	{ "a\x1b[2Jb", 6, "a�[2Jb", "a?[2Jb" },
	{ "a\xe2\x80\xae" "b", 3, "ab ", "ab " },
	{ "a\xe2\x80\x8d" "b\xef\xb8\x8f", 3, "ab ", "ab " },
	{ "\xff\xfe" "a", 3, "��a", "??a" },
	{ "“x” — ●✓…", 9, "“x” — ●✓…", "\"x\" - *+~" },
	{ "\xf0\x9f\x98\x80!", 3, "\xf0\x9f\x98\x80!", "??" "!" },
};

START_TEST(text_is_drawn_in_columns)
{
	g_autofree char *utf8 =
		drawn(lines[_i].text, lines[_i].columns, FALSE);
	g_autofree char *ascii =
		drawn(lines[_i].text, lines[_i].columns, TRUE);

	ck_assert_str_eq(utf8, lines[_i].utf8);
	ck_assert_str_eq(ascii, lines[_i].ascii);
}
END_TEST

START_TEST(half_a_wide_character_never_stays)
{
	g_autoptr(Canvas) canvas = canvas_new(2, 4, FALSE);
	g_autofree char *text = NULL;

	canvas_text(canvas, 0, 0, -1, INK_PLAIN, "李雷");
	canvas_text(canvas, 0, 1, 1, INK_PLAIN, "x");
	canvas_text(canvas, 1, 0, -1, INK_PLAIN, "李雷");
	canvas_text(canvas, 1, 2, 1, INK_PLAIN, "y");
	text = canvas_to_text(canvas);
	ck_assert_str_eq(text, " x雷\n李y \n");
}
END_TEST

START_TEST(drawing_outside_is_harmless)
{
	g_autoptr(Canvas) canvas = canvas_new(3, 3, FALSE);
	g_autofree char *text = NULL;

	for (int row = -3; row < 6; row++)
		for (int column = -9; column < 9; column++) {
			canvas_text(canvas, row, column, -1, INK_PLAIN, "李x");
			canvas_right(canvas, row, column, 4, INK_PLAIN, "李");
			canvas_repeat(canvas, row, column, 9, INK_PLAIN, "─");
			canvas_restyle(canvas, row, column, 9, INK_BAD);
			canvas_rule(canvas, row, column, 5, "t", "r");
			canvas_box(canvas, row, column, 4, 4, "t", "f");
			canvas_cursor(canvas, row, column);
		}
	canvas_clear(canvas);
	text = canvas_to_text(canvas);
	ck_assert_str_eq(text, "   \n   \n   \n");
}
END_TEST

START_TEST(long_text_is_clipped_at_once)
{
	g_autofree char *text = g_strnfill(10000000, 'a');
	g_autofree char *line = drawn(text, 3, FALSE);

	ck_assert_str_eq(line, "aa…");
}
END_TEST

static const struct {
	const char *text;
	guint max;
	const char *first, *last;
	guint lines;
} wraps[] = {
	{ "", 3, NULL, NULL, 0 },
	{ "one two three", 9, "one two", "three", 2 },
	{ "one two three four", 2, "one two", "three four", 2 },
	{ "abcdefghijkl", 9, "abcdefgh", "ijkl", 2 },
	{ "李雷李雷李雷", 9, "李雷李雷", "李雷", 2 },
};

START_TEST(text_is_broken_at_blanks)
{
	g_autoptr(Canvas) canvas = canvas_new(1, 1, FALSE);
	g_autoptr(GPtrArray) got =
		canvas_wrap(canvas, wraps[_i].text, 8, wraps[_i].max);

	ck_assert_uint_eq(got->len, wraps[_i].lines);
	if (!got->len)
		return;
	ck_assert_str_eq(got->pdata[0], wraps[_i].first);
	ck_assert_str_eq(got->pdata[got->len - 1], wraps[_i].last);
}
END_TEST

static const struct {
	guint percent;
	const char *gauge;
} gauges[] = {
	{ 0, "░░░░░" }, { 9, "░░░░░" },  { 50, "███░░" },
	{ 62, "███░░" }, { 100, "█████" }, { 4000, "█████" },
};

START_TEST(a_gauge_never_leaves_its_bounds)
{
	g_autofree char *gauge = canvas_gauge(gauges[_i].percent, 5);

	ck_assert_str_eq(gauge, gauges[_i].gauge);
}
END_TEST

START_TEST(a_sparkline_is_as_high_as_its_most)
{
	static const guint values[] = { 0, 1, 7, G_MAXUINT };
	g_autofree char *low = canvas_sparkline(values, 3);
	g_autofree char *high = canvas_sparkline(values, 4);

	ck_assert_str_eq(low, "▁▂█");
	ck_assert_str_eq(high, "▁▁▁█");
}
END_TEST

static const struct {
	const char *text, *words;
} events[] = {
	{ "plain words stay", "plain words stay" },
	{ "from=<me@x> to=<anna@y> uid=0 by=sendmail size=9216",
	  "anna@y, from me@x, by sendmail, 9 KB" },
	{ "to=<anna@y> route=isp host=a:25", "anna@y, via isp, at a:25" },
	{ "from=<> to=<a@b>", "a@b, from nobody" },
	{ "uid=0 You asked for it.", "You asked for it." },
	{ "route=%s%n to=<%d>", "%d, via %s%n" },
	{ "status=4.1.2 to=<a>", "a: status=4.1.2" },
	{ "", "" },
};

START_TEST(events_become_sentences)
{
	g_autofree char *words = event_words(events[_i].text);

	ck_assert_str_eq(words, events[_i].words);
}
END_TEST

START_TEST(records_may_lack_and_lie)
{
	g_autoptr(GVariant) record = g_variant_ref_sink(g_variant_new_parsed(
		"{'n': <uint32 5>, 't': <'a\\u001bb'>, 'b': <true>, "
		"'x': <int64 -3>, 'w': <['a\\nb']>}"));
	g_autofree char *text = record_text(record, "t");
	g_autofree char *missing = record_text(NULL, "t");
	g_autofree char *wrong = record_text(record, "n");
	g_auto(GStrv) words = record_words(record, "w");
	g_auto(GStrv) none = record_words(record, "t");

	ck_assert_str_eq(text, "a�b");
	ck_assert_str_eq(missing, "");
	ck_assert_str_eq(wrong, "");
	ck_assert_str_eq(words[0], "a b");
	ck_assert_ptr_null(none[0]);
	ck_assert_int_eq(record_number(record, "n"), 5);
	ck_assert_int_eq(record_number(record, "x"), -3);
	ck_assert_int_eq(record_number(record, "t"), 0);
	ck_assert(record_flag(record, "b"));
	ck_assert(!record_flag(record, "n"));
}
END_TEST

static Suite *
make_canvas_suite(void)
{
	Suite *suite = suite_create("tui canvas");
	TCase *tc = tcase_create("canvas");

	tcase_add_loop_test(tc, text_is_drawn_in_columns, 0,
			    G_N_ELEMENTS(lines));
	tcase_add_test(tc, half_a_wide_character_never_stays);
	tcase_add_test(tc, drawing_outside_is_harmless);
	tcase_add_test(tc, long_text_is_clipped_at_once);
	tcase_add_loop_test(tc, text_is_broken_at_blanks, 0,
			    G_N_ELEMENTS(wraps));
	tcase_add_loop_test(tc, a_gauge_never_leaves_its_bounds, 0,
			    G_N_ELEMENTS(gauges));
	tcase_add_test(tc, a_sparkline_is_as_high_as_its_most);
	tcase_add_loop_test(tc, events_become_sentences, 0,
			    G_N_ELEMENTS(events));
	tcase_add_test(tc, records_may_lack_and_lie);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	SRunner *runner;
	int failed;

	setlocale(LC_ALL, "C.UTF-8");
	runner = srunner_create(make_canvas_suite());
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
