// SPDX-License-Identifier: GPL-2.0-or-later
/* The words of reports: every language whole, people's own templates. */
#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/worker/report-template.h"

static const char *
value(const char *name, gconstpointer data)
{
	(void)data;
	if (g_str_equal(name, "to"))
		return "bob@y.example";
	return g_str_equal(name, "subject") ? "${to} \xe2\x80\xae x" : NULL;
}

static const struct {
	const char *template, *subject, *text;
} rows[] = {
	{ "", "", "\n[block]\n" },
	{ "Subject: To ${to}\n\nHello\n${to}.\n\n${recipients}\n",
	  "To bob@y.example",
	  "Hello bob@y.example.\n\n[block]\n" },
	{ "subject:x\r\n\r\nA\r\n\r\n${recipients}\r\nB", "x",
	  "A\n\n[block]\nB\n" },
	/* What nobody knows stays; what a value holds is text. */
	{ "${nobody} ${ ${to", "", "${nobody} ${ ${to\n\n[block]\n" },
	{ "Subject: ${subject}\n${recipients}", "${to} \xe2\x80\xae x",
	  "[block]\n" },
	/* Lines that begin with a blank, and a signature, stay lines. */
	{ "a\n    b ${to}\nc\n-- \nd\ne\n${recipients}", "",
	  "a\n    b bob@y.example\nc\n-- \nd\ne\n[block]\n" },
};

START_TEST(a_template_is_filled_in)
{
	g_autofree char *subject =
		template_subject(rows[_i].template, value, NULL);
	g_autofree char *text = template_text(rows[_i].template, value, NULL,
					      "[block]\n");

	ck_assert_str_eq(subject, rows[_i].subject);
	ck_assert_str_eq(text, rows[_i].text);
}
END_TEST

START_TEST(paragraphs_are_as_wide_as_mail)
{
	g_autofree char *many = g_strnfill(400, 'x');
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;

	for (guint i = 7; i < 400; i += 8)
		many[i] = ' ';
	text = template_text(many, value, NULL, "");
	lines = g_strsplit(text, "\n", -1);
	ck_assert_uint_gt(g_strv_length(lines), 5);
	for (char **line = lines; *line; line++)
		ck_assert_uint_le(strlen(*line), TEMPLATE_WIDTH);
}
END_TEST

static void
put(const char *directory, const char *name, const char *text, gssize size)
{
	g_autofree char *path = g_build_filename(directory, name, NULL);

	ck_assert(g_file_set_contents(path, text, size, NULL));
}

START_TEST(own_templates_are_found)
{
	g_autofree char *directory =
		g_dir_make_tmp("templates-XXXXXX", NULL);
	g_autofree char *large = g_strnfill(TEMPLATES_MAX_BYTES + 1, 'x');
	int fd = open(directory, O_RDONLY | O_DIRECTORY);
	g_autoptr(Templates) templates = NULL;

	put(directory, "bounce.de", "deutsch", -1);
	put(directory, "bounce", "any", -1);
	put(directory, "delay.de", large, -1);
	put(directory, "stale", "\xff", 1);
	put(directory, "double.deutsch", "no language", -1);
	put(directory, "bounce.de~", "old", -1);
	templates = templates_read(fd);
	ck_assert_str_eq(templates_find(templates, REPORT_BOUNCE, "de_AT"),
			 "deutsch");
	ck_assert_str_eq(templates_find(templates, REPORT_BOUNCE, "en"), "any");
	ck_assert_ptr_null(templates_find(templates, REPORT_DELAY, "de"));
	ck_assert_ptr_null(templates_find(templates, REPORT_STALE, "de"));
	ck_assert_ptr_null(templates_find(templates, REPORT_DOUBLE, "de"));
	close(fd);
}
END_TEST

START_TEST(no_directory_is_no_template)
{
	g_autoptr(Templates) templates = templates_read(-1);

	ck_assert_ptr_null(templates_find(templates, REPORT_BOUNCE, "de"));
}
END_TEST

static const char *const languages[] = { "en", "de" };

START_TEST(a_language_is_whole)
{
	const ReportWords *words = report_words(languages[_i]);

	ck_assert_str_eq(words->language, languages[_i]);
	for (guint i = 0; i < REPORT_KINDS; i++) {
		ck_assert_msg(g_str_has_prefix(words->texts[i], "Subject: "),
			      "%s", report_kind_name(i));
		ck_assert_ptr_nonnull(
			strstr(words->texts[i], "\n\n${recipients}\n\n"));
		ck_assert_ptr_nonnull(strstr(words->texts[i], "${to}"));
	}
	/* Each reason is one sentence. */
	for (guint i = 0; i < REASON_COUNT; i++) {
		ck_assert_msg(words->reasons[i] != NULL, "reason %u", i);
		ck_assert_ptr_eq(strchr(words->reasons[i], '.'),
				 words->reasons[i] +
					 strlen(words->reasons[i]) - 1);
	}
	ck_assert_ptr_nonnull(words->advice[REASON_OTHER]);
	ck_assert_ptr_nonnull(strstr(words->said, "%s"));
	ck_assert_ptr_nonnull(strstr(words->days, "%s"));
}
END_TEST

static const struct {
	const char *name, *language;
} names[] = {
	{ "de", "de" },	      { "de_AT.UTF-8", "de" }, { "DE", "de" },
	{ "en_GB", "en" },    { "fr", NULL },	       { "deu", NULL },
	{ "C.UTF-8", NULL },  { "", NULL },
};

START_TEST(a_language_is_known_by_its_letters)
{
	const ReportWords *words = report_words(names[_i].name);

	if (names[_i].language)
		ck_assert_str_eq(words->language, names[_i].language);
	else
		ck_assert_ptr_null(words);
}
END_TEST

static const struct {
	Outcome outcome;
	Fault fault;
	guint code;
	const char *enhanced, *wait;
	ReportReason reason;
} reasons[] = {
	{ OUTCOME_FAILED, FAULT_RECIPIENT, 550, "5.1.1", "", REASON_ADDRESS },
	{ OUTCOME_FAILED, FAULT_RECIPIENT, 550, "5.1.2", "", REASON_DOMAIN },
	{ OUTCOME_FAILED, FAULT_RECIPIENT, 550, "5.1.10", "", REASON_DOMAIN },
	{ OUTCOME_FAILED, FAULT_MESSAGE, 550, "5.1.8", "", REASON_SENDER },
	{ OUTCOME_FAILED, FAULT_RECIPIENT, 552, "5.2.2", "", REASON_FULL },
	{ OUTCOME_FAILED, FAULT_MESSAGE, 552, "5.3.4", "", REASON_LARGE },
	{ OUTCOME_FAILED, FAULT_NONE, 0, "5.4.7", "", REASON_EXPIRED },
	{ OUTCOME_FAILED, FAULT_NONE, 0, "5.4.6", "", REASON_LOOP },
	{ OUTCOME_DEFERRED, FAULT_HOST, 0, "4.4.1", "retry", REASON_CONNECT },
	{ OUTCOME_FAILED, FAULT_MESSAGE, 554, "5.7.1", "", REASON_POLICY },
	{ OUTCOME_FAILED, FAULT_MESSAGE, 554, "5.6.0", "", REASON_CONTENT },
	{ OUTCOME_FAILED, FAULT_MESSAGE, 0, "5.0.0", "", REASON_HAND },
	{ OUTCOME_FAILED, FAULT_MESSAGE, 550, "5.0.0", "", REASON_OTHER },
	{ OUTCOME_FAILED, FAULT_MESSAGE, 550, "5.", "", REASON_OTHER },
	{ OUTCOME_DEFERRED, FAULT_ROUTE, 535, "4.7.8", "retry", REASON_LOGIN },
	{ OUTCOME_NONE, FAULT_NONE, 0, "4.0.0", "paused", REASON_LOGIN },
	{ OUTCOME_NONE, FAULT_NONE, 0, "4.0.0", "host", REASON_CONNECT },
	{ OUTCOME_NONE, FAULT_NONE, 0, "4.0.0", "no-route", REASON_WAITS },
};

START_TEST(codes_have_their_reasons)
{
	g_autoptr(Status) status =
		status_new(reasons[_i].outcome, reasons[_i].fault,
			   reasons[_i].code, NULL, "", "");

	g_free(status->enhanced);
	status->enhanced = g_strdup(reasons[_i].enhanced);
	ck_assert_int_eq(report_reason(status, reasons[_i].wait),
			 reasons[_i].reason);
}
END_TEST

#define ADD_TABLE(test, table) \
	tcase_add_loop_test(tc, test, 0, G_N_ELEMENTS(table))

int
main(void)
{
	Suite *suite = suite_create("template");
	TCase *tc = tcase_create("words");
	SRunner *runner;
	int failed;

	ADD_TABLE(a_template_is_filled_in, rows);
	tcase_add_test(tc, paragraphs_are_as_wide_as_mail);
	tcase_add_test(tc, own_templates_are_found);
	tcase_add_test(tc, no_directory_is_no_template);
	ADD_TABLE(a_language_is_whole, languages);
	ADD_TABLE(a_language_is_known_by_its_letters, names);
	ADD_TABLE(codes_have_their_reasons, reasons);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
