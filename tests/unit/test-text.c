// SPDX-License-Identifier: GPL-2.0-or-later
#include "common/text.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define REPLACED "\xef\xbf\xbd"

static const struct {
	const char *text;
	gsize size;
	const char *harmless;
} harmless_rows[] = {
	{ "", 0, "" },
	{ "plain äöü 漢字 😀", 24, "plain äöü 漢字 😀" },
	{ "a\tb\r\nc", 6, "a b  c" },
	{ "a\033[31mb", 7, "a" REPLACED "[31mb" },
	{ "a\0b", 3, "a" REPLACED "b" },
	{ "del\x7f", 4, "del" REPLACED },
	{ "c1\xc2\x9b" "31m", 7, "c1" REPLACED "31m" },
	{ "nbsp\xc2\xa0", 6, "nbsp\xc2\xa0" },
	{ "\xe2\x80\xae" "exe", 6, REPLACED "exe" },
	{ "\xe2\x81\xa6x\xe2\x81\xa9", 7, REPLACED "x" REPLACED },
	{ "l\xe2\x80\xa8p\xe2\x80\xa9", 8, "l" REPLACED "p" REPLACED },
	{ "\xff\xfe", 2, REPLACED REPLACED },
	{ "cut\xc3", 4, "cut" REPLACED },
	{ "cut\xe2\x82", 5, "cut" REPLACED REPLACED },
	{ "over\xc0\x80", 6, "over" REPLACED REPLACED },
	{ "\xed\xa0\x80", 3, REPLACED REPLACED REPLACED },
};

START_TEST(foreign_text_is_made_harmless)
{
	g_autofree char *line = text_harmless_bytes(
		harmless_rows[_i].text, harmless_rows[_i].size);
	g_autofree char *again = text_harmless(line);

	ck_assert_str_eq(line, harmless_rows[_i].harmless);
	ck_assert_str_eq(again, line);
	ck_assert(g_utf8_validate(line, -1, NULL));
}
END_TEST

static const struct {
	const char *text;
	guint characters;
	const char *clipped;
} clip_rows[] = {
	{ "short", 5, "short" },
	{ "longer", 5, "longe…" },
	{ "äöüß", 2, "äö…" },
	{ "x", 0, "…" },
	{ "", 0, "" },
};

START_TEST(text_is_clipped_by_characters)
{
	g_autofree char *line = text_harmless_clipped(
		clip_rows[_i].text, clip_rows[_i].characters);

	ck_assert_str_eq(line, clip_rows[_i].clipped);
}
END_TEST

static const struct {
	guint64 id;
	const char *text;
} id_rows[] = {
	{ 0, "0-0000" },
	{ 31, "0-000Z" },
	{ 1048576, "1-0000" },
	{ G_MAXUINT64, "FZZZZZZZZ-ZZZZ" },
	{ 1700000000000000, "1GA4GC1-WG00" },
};

START_TEST(an_id_survives_its_short_form)
{
	char buffer[TEXT_ID_SIZE];
	guint64 id = 7;

	ck_assert_str_eq(text_id(id_rows[_i].id, buffer), id_rows[_i].text);
	ck_assert(text_parse_id(id_rows[_i].text, &id));
	ck_assert_uint_eq(id, id_rows[_i].id);
}
END_TEST

static const struct {
	const char *text;
	gboolean good;
	guint64 id;
} typed_ids[] = {
	{ "1-0000", TRUE, 1048576 },
	{ "10000", TRUE, 1048576 },
	{ "i-oO0o", TRUE, 1048576 },
	{ "L", TRUE, 1 },
	{ "z", TRUE, 31 },
	{ "", FALSE, 0 },
	{ "-0000", FALSE, 0 },
	{ "10-000", FALSE, 0 },
	{ "1--0000", FALSE, 0 },
	{ "U", FALSE, 0 },
	{ "1 ", FALSE, 0 },
	{ "G000000000000", FALSE, 0 },
	{ "10000000000000", FALSE, 0 },
	{ "000000000000000", FALSE, 0 },
};

START_TEST(an_id_is_read_as_people_type_it)
{
	guint64 id = 99;

	ck_assert_int_eq(text_parse_id(typed_ids[_i].text, &id),
			 typed_ids[_i].good);
	ck_assert_uint_eq(id, typed_ids[_i].good ? typed_ids[_i].id : 99);
}
END_TEST

static const struct {
	guint64 bytes;
	const char *text;
} size_rows[] = {
	{ 0, "0" },
	{ 640, "640" },
	{ 1023, "1023" },
	{ 1024, "1K" },
	{ 4096, "4K" },
	{ 1258291, "1.1M" },
	{ 1258496, "1.2M" },
	{ 10 * 1048576 + 900000, "10M" },
	{ 1048575, "1023K" },
	{ G_MAXUINT64, "15E" },
};

START_TEST(a_size_fits_five_columns)
{
	g_autofree char *text = text_size(size_rows[_i].bytes);

	ck_assert_str_eq(text, size_rows[_i].text);
	ck_assert_uint_le(strlen(text), 5);
}
END_TEST

static const struct {
	gint64 seconds;
	const char *text;
} age_rows[] = {
	{ -5, "0s" },     { 0, "0s" },      { 59, "59s" },
	{ 60, "1m" },     { 3599, "59m" },  { 7200, "2h" },
	{ 86399, "23h" }, { 259200, "3d" },
};

START_TEST(an_age_is_its_largest_unit)
{
	g_autofree char *text = text_age(age_rows[_i].seconds);

	ck_assert_str_eq(text, age_rows[_i].text);
}
END_TEST

static const struct {
	const char *text;
	gint64 seconds; /* -1: refused */
	gint64 bytes;
} scaled_rows[] = {
	{ "90", 90, 90 },
	{ "90s", 90, -1 },
	{ "15m", 900, 15 << 20 },
	{ "2h", 7200, -1 },
	{ "5d", 432000, -1 },
	{ "1w", 604800, -1 },
	{ "64K", -1, 65536 },
	{ "25M", 1500, 26214400 },
	{ "1G", -1, 1073741824 },
	{ "", -1, -1 },
	{ "m", -1, -1 },
	{ "-1", -1, -1 },
	{ " 1", -1, -1 },
	{ "1mm", -1, -1 },
	{ "99999999999999999999", -1, -1 },
	{ "9223372036854775807", G_MAXINT64, G_MAXINT64 },
	{ "9223372036854775807w", -1, -1 },
	{ "18446744073709551616", -1, -1 },
};

START_TEST(durations_and_sizes_are_read)
{
	gint64 seconds = -1;
	guint64 bytes = (guint64)-1;

	ck_assert_int_eq(text_parse_duration(scaled_rows[_i].text, &seconds),
			 scaled_rows[_i].seconds >= 0);
	ck_assert_int_eq(text_parse_size(scaled_rows[_i].text, &bytes),
			 scaled_rows[_i].bytes >= 0);
	ck_assert_int_eq(seconds, scaled_rows[_i].seconds);
	ck_assert_int_eq((gint64)bytes, scaled_rows[_i].bytes);
}
END_TEST

START_TEST(the_nearest_word_is_a_slip_away)
{
	static const char *const words[] = { "Port", "Host", "Owner",
					     "Priority", NULL };
	char *endless = g_strnfill(100000, 'x');

	ck_assert_str_eq(text_nearest("Prot", words), "Port");
	ck_assert_str_eq(text_nearest("owner", words), "Owner");
	ck_assert_str_eq(text_nearest("Priorty", words), "Priority");
	ck_assert_ptr_null(text_nearest("Sender", words));
	ck_assert_ptr_null(text_nearest("", words));
	ck_assert_ptr_null(text_nearest("x", words));
	ck_assert_ptr_null(text_nearest(endless, words));
	g_free(endless);
}
END_TEST

static Suite *
make_text_suite(void)
{
	Suite *suite = suite_create("text");
	TCase *tc = tcase_create("text");

	tcase_add_loop_test(tc, foreign_text_is_made_harmless, 0,
			    G_N_ELEMENTS(harmless_rows));
	tcase_add_loop_test(tc, text_is_clipped_by_characters, 0,
			    G_N_ELEMENTS(clip_rows));
	tcase_add_loop_test(tc, an_id_survives_its_short_form, 0,
			    G_N_ELEMENTS(id_rows));
	tcase_add_loop_test(tc, an_id_is_read_as_people_type_it, 0,
			    G_N_ELEMENTS(typed_ids));
	tcase_add_loop_test(tc, a_size_fits_five_columns, 0,
			    G_N_ELEMENTS(size_rows));
	tcase_add_loop_test(tc, an_age_is_its_largest_unit, 0,
			    G_N_ELEMENTS(age_rows));
	tcase_add_loop_test(tc, durations_and_sizes_are_read, 0,
			    G_N_ELEMENTS(scaled_rows));
	tcase_add_test(tc, the_nearest_word_is_a_slip_away);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_text_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
