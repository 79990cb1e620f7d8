// SPDX-License-Identifier: GPL-2.0-or-later
#include "common/header.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static Header *
parse(const char *text)
{
	gsize end;

	return header_parse(text, strlen(text), &end, NULL);
}

static void
assert_bytes(const Header *header, const char *text)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();

	header_append(header, bytes);
	g_byte_array_append(bytes, (const guint8 *)"", 1);
	ck_assert_str_eq((const char *)bytes->data, text);
}

static const struct {
	const char *text;
	guint fields;
	gsize end;
} scan_rows[] = {
	{ "", 0, 0 },
	{ "A: b\r\n\r\nbody", 1, 6 },
	{ "A: b\r\n c\r\n\td\r\nE:\r\n\r\n", 2, 18 },
	{ "A: b\nC: d\n\nx", 2, 10 },
	{ "A : b\r\n\r\n", 1, 7 },
	{ "A: b", 1, 4 },
	{ "A: b\r\n c", 1, 8 },
	{ "\r\nA: b\r\n", 0, 0 },
	{ "no header\r\nA: b\r\n", 0, 0 },
	{ "A: b\r\nbroken line\r\nC: d\r\n", 1, 6 },
	{ " A: b\r\n", 0, 0 },
	{ ": b\r\n", 0, 0 },
	{ "A\xe4: b\r\n", 0, 0 },
	{ "A B: c\r\n", 0, 0 },
	{ "A: \xe4\xff\r\n\r\n", 1, 7 },
	{ "From ada Thu\r\nA: b\r\n", 0, 0 },
	{ "A: b\r\n \r\n\r\n", 1, 9 },
};

START_TEST(a_header_ends_where_it_ends)
{
	const char *text = scan_rows[_i].text;
	gsize end = 99;
	g_autoptr(Header) header =
		header_parse(text, strlen(text), &end, NULL);
	g_autofree char *head = g_strndup(text, scan_rows[_i].end);

	ck_assert_uint_eq(header->fields->len, scan_rows[_i].fields);
	ck_assert_uint_eq(end, scan_rows[_i].end);
	assert_bytes(header, head);
}
END_TEST

START_TEST(a_header_is_bounded)
{
	for (guint over = 0; over < 2; over++) {
		g_autoptr(GString) text = g_string_new(NULL);
		g_autoptr(GError) error = NULL;
		g_autoptr(Header) header = NULL;
		gsize end;

		for (guint i = 0; i < HEADER_FIELDS_MAX + over; i++)
			g_string_append(text, "a:\r\n");
		header = header_parse(text->str, text->len, &end, &error);
		ck_assert_int_eq(header != NULL, over == 0);
		ck_assert_int_eq(g_error_matches(error, HEADER_ERROR,
						 HEADER_ERROR_TOO_LARGE),
				 over == 1);
	}
}
END_TEST

static const struct {
	const char *text;
	gsize size;
} mbox_rows[] = {
	{ "From ada Thu Jan 1\r\nA: b\r\n", 20 },
	{ ">From ada\nA: b\n", 10 },
	{ "From: ada\r\n", 0 },
	{ "From", 0 },
	{ "From x", 6 },
	{ "", 0 },
};

START_TEST(an_mbox_line_is_seen)
{
	ck_assert_uint_eq(header_mbox_line(mbox_rows[_i].text,
					   strlen(mbox_rows[_i].text)),
			  mbox_rows[_i].size);
}
END_TEST

START_TEST(fields_are_found_and_unfolded)
{
	g_autoptr(Header) header = parse("X: 1\r\nsubject:\r\n  a\r\n\tb \r\n"
					 "Subject: second\r\n");
	g_autofree char *value =
		header_value(header_find(header, "Subject"));

	ck_assert_str_eq(value, "a\tb");
	ck_assert_ptr_null(header_find(header, "Subj"));
	ck_assert_ptr_null(header_find(header, "Subjects"));
}
END_TEST

START_TEST(a_display_field_cannot_draw)
{
	g_autofree char *endless = g_strnfill(5000, 'x');
	g_autofree char *text = g_strdup_printf(
		"From: \xe4\033[2J\r\n  b\r\nSubject: %s\r\n", endless);
	g_autoptr(Header) header = parse(text);
	g_autofree char *from = header_display(header, "from");
	g_autofree char *subject = header_display(header, "subject");
	g_autofree char *none = header_display(header, "to");

	ck_assert_str_eq(from, "\xef\xbf\xbd\xef\xbf\xbd[2J  b");
	ck_assert_int_eq(g_utf8_strlen(subject, -1), HEADER_DISPLAY_MAX + 1);
	ck_assert_str_eq(none, "");
}
END_TEST

START_TEST(fields_go_and_come)
{
	g_autoptr(Header) header =
		parse("BCC: a\r\n b\r\nA: 1\r\nbcc : c\r\nBccx: d\r\n");

	header_remove(header, "Bcc");
	assert_bytes(header, "A: 1\r\nBccx: d\r\n");
	header_insert(header, 0, "Received", "by x");
	header_insert(header, -1, "Z", "a\r\nRCPT: evil\x7f");
	assert_bytes(header, "Received: by x\r\nA: 1\r\nBccx: d\r\n"
			     "Z: a  RCPT: evil \r\n");
}
END_TEST

static const struct {
	const char *text;
	const char *recipients; /* NULL: refused */
} recipient_rows[] = {
	{ "To: a@b, C <c@d>\r\nCc: e\r\nBcc: f@g\r\n", "a@b c@d e f@g" },
	{ "to: a@b\r\nTO: c@d,\r\n e@f\r\n", "a@b c@d e@f" },
	{ "To: undisclosed-recipients:;\r\nBcc: a@b\r\n", "a@b" },
	{ "To: <>\r\n", "" },
	{ "Subject: x\r\n", "" },
	{ "To: a@b\r\nResent-To: c@d\r\nResent-Bcc: e@f\r\n", "c@d e@f" },
	{ "Resent-From: x\r\nResent-To: a@b\r\nResent-From: y\r\n"
	  "Resent-To: c@d\r\nTo: e@f\r\n",
	  "a@b" },
	{ "Resent-To: a@b\r\nReceived: x\r\nResent-To: c@d\r\n", "a@b" },
	{ "Resent-Date: x\r\nTo: a@b\r\n", "" },
	{ "To: two words\r\n", NULL },
	{ "Bcc: a@b c@d\r\n", NULL },
};

START_TEST(recipients_stand_in_the_header)
{
	g_autoptr(Header) header = parse(recipient_rows[_i].text);
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GError) error = NULL;
	gboolean good = header_recipients(header, list, &error);
	g_autofree char *joined = NULL;

	ck_assert_int_eq(good, recipient_rows[_i].recipients != NULL);
	ck_assert_int_eq(good, error == NULL);
	if (!good)
		return;
	g_ptr_array_add(list, NULL);
	joined = g_strjoinv(" ", (char **)list->pdata);
	ck_assert_str_eq(joined, recipient_rows[_i].recipients);
}
END_TEST

#define DATE "Date: Thu, 29 Feb 2024 13:37:00 +0100\r\n"
#define ID "Message-ID: <1JY-0YKC.0-002A@b.example>\r\n"
#define FROM "From: Ada <ada@b.example>\r\n"
#define NOBODY "To: undisclosed-recipients:;\r\n"

static const struct {
	const char *text;
	const char *complete;
} complete_rows[] = {
	{ "", DATE ID FROM NOBODY },
	{ "Subject: x\r\n y\r\n", "Subject: x\r\n y\r\n" DATE ID FROM NOBODY },
	{ "To: a@b\r\n" DATE ID "FROM: x@y\r\n",
	  "To: a@b\r\n" DATE ID "FROM: x@y\r\n" },
	{ "CC: a@b\r\n", "CC: a@b\r\n" DATE ID FROM },
	{ "To: a@b\r\nBcc: c@d\r\nbCC : e\r\n f@g\r\nRESENT-BCC: h\r\n"
	  "Return-Path: <x>\r\ncontent-length: 5\r\n",
	  NULL },
	{ "Bcc: a@b\r\n", DATE ID FROM NOBODY },
	{ "Resent-To: a@b\r\nResent-Bcc: c@d\r\nReceived: x\r\nFrom: y\r\n",
	  "Resent-To: a@b\r\nResent-" DATE "Resent-" ID "Resent-" FROM
	  "Received: x\r\nFrom: y\r\n" },
	{ "Resent-From: x\r\nResent-Date: y\r\nResent-Message-ID: z\r\n"
	  "Resent-From: older\r\n",
	  "Resent-From: x\r\nResent-Date: y\r\nResent-Message-ID: z\r\n"
	  "Resent-From: older\r\n" },
};

static const HeaderFacts facts = {
	.author = "ada@b.example",
	.name = "Ada",
	.domain = "b.example",
	.now = 1709210220,
	.zone = 3600,
	.chance = 74,
};

START_TEST(a_submission_is_completed)
{
	g_autoptr(Header) header = parse(complete_rows[_i].text);

	header_complete(header, &facts);
	if (complete_rows[_i].complete) {
		assert_bytes(header, complete_rows[_i].complete);
		return;
	}
	ck_assert_ptr_null(header_find(header, "Bcc"));
	ck_assert_ptr_null(header_find(header, "Resent-Bcc"));
	ck_assert_ptr_null(header_find(header, "Return-Path"));
	ck_assert_ptr_null(header_find(header, "Content-Length"));
}
END_TEST

START_TEST(completion_is_done_once)
{
	g_autoptr(Header) header = parse("Subject: x\r\n");
	HeaderFacts later = facts;
	guint fields;

	header_complete(header, &facts);
	fields = header->fields->len;
	later.now += 1000;
	header_complete(header, &later);
	ck_assert_uint_eq(header->fields->len, fields);
}
END_TEST

static const struct {
	gint64 seconds;
	gint zone;
	const char *date;
} date_rows[] = {
	{ 0, 0, "Thu, 1 Jan 1970 00:00:00 +0000" },
	{ 1709210220, 3600, "Thu, 29 Feb 2024 13:37:00 +0100" },
	{ 1709210220, -12600, "Thu, 29 Feb 2024 09:07:00 -0330" },
	{ 1709210220, 20700, "Thu, 29 Feb 2024 18:22:00 +0545" },
	{ -1, 0, "Wed, 31 Dec 1969 23:59:59 +0000" },
	{ G_MAXINT64 - 86400, 0, "Thu, 1 Jan 1970 00:00:00 +0000" },
};

START_TEST(a_date_is_spelled_in_english)
{
	g_autofree char *date =
		header_date(date_rows[_i].seconds, date_rows[_i].zone);

	ck_assert_str_eq(date, date_rows[_i].date);
}
END_TEST

static const struct {
	const char *name;
	const char *phrase;
} phrase_rows[] = {
	{ "Ada Lovelace", "Ada Lovelace" },
	{ "Lovelace, Ada", "\"Lovelace, Ada\"" },
	{ "Ada \"q\" \\", "\"Ada \\\"q\\\" \\\\\"" },
	{ "a@b", "\"a@b\"" },
	{ "x\r\nBcc: y", "\"x  Bcc: y\"" },
	{ "Jörg", "=?UTF-8?Q?J=C3=B6rg?=" },
	{ "Jörg Müller_=?", "=?UTF-8?Q?J=C3=B6rg_M=C3=BCller=5F=3D=3F?=" },
	{ "=?x?q?y?=", "\"=?x?q?y?=\"" },
	{ "漢字漢字漢字漢字漢",
	  "=?UTF-8?Q?=E6=BC=A2=E5=AD=97=E6=BC=A2=E5=AD=97=E6=BC=A2=E5=AD=97"
	  "=E6=BC=A2?=\r\n =?UTF-8?Q?=E5=AD=97=E6=BC=A2?=" },
};

START_TEST(a_name_is_spelled_safely)
{
	g_autofree char *phrase = header_phrase(phrase_rows[_i].name);

	ck_assert_str_eq(phrase, phrase_rows[_i].phrase);
}
END_TEST

START_TEST(an_8bit_header_is_seen)
{
	g_autoptr(Header) plain = parse("A: b\r\n");
	g_autoptr(Header) utf8 = parse("A: b\r\nC: \xc3\xa4\r\n");

	ck_assert(!header_is_8bit(plain));
	ck_assert(header_is_8bit(utf8));
}
END_TEST

static Suite *
make_header_suite(void)
{
	Suite *suite = suite_create("header");
	TCase *tc = tcase_create("header");

	tcase_add_loop_test(tc, a_header_ends_where_it_ends, 0,
			    G_N_ELEMENTS(scan_rows));
	tcase_add_test(tc, a_header_is_bounded);
	tcase_add_loop_test(tc, an_mbox_line_is_seen, 0,
			    G_N_ELEMENTS(mbox_rows));
	tcase_add_test(tc, fields_are_found_and_unfolded);
	tcase_add_test(tc, a_display_field_cannot_draw);
	tcase_add_test(tc, fields_go_and_come);
	tcase_add_loop_test(tc, recipients_stand_in_the_header, 0,
			    G_N_ELEMENTS(recipient_rows));
	tcase_add_loop_test(tc, a_submission_is_completed, 0,
			    G_N_ELEMENTS(complete_rows));
	tcase_add_test(tc, completion_is_done_once);
	tcase_add_loop_test(tc, a_date_is_spelled_in_english, 0,
			    G_N_ELEMENTS(date_rows));
	tcase_add_loop_test(tc, a_name_is_spelled_safely, 0,
			    G_N_ELEMENTS(phrase_rows));
	tcase_add_test(tc, an_8bit_header_is_seen);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_header_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
