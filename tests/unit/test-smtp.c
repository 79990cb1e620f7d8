// SPDX-License-Identifier: GPL-2.0-or-later
#include "common/smtp.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* --- replies --- */

static const struct {
	const char *wire; /* lines joined by \n */
	guint code;       /* 0: refused at the last line */
	const char *enhanced;
	const char *text;
	guint lines;
} reply_rows[] = {
	{ "250 OK", 250, "", "250 OK", 1 },
	{ "250", 250, "", "250", 1 },
	{ "250 ", 250, "", "250", 1 },
	{ "550 5.1.1 no such user", 550, "5.1.1", "550 5.1.1 no such user",
	  1 },
	{ "550-5.1.1 no such\n550 5.1.1 user", 550, "5.1.1",
	  "550 5.1.1 no such; user", 2 },
	{ "250-a\n250-b\n250", 250, "", "250 a; b", 3 },
	{ "421 4.3.2", 421, "4.3.2", "421 4.3.2", 1 },
	{ "550 4.1.1 wrong class", 550, "", "550 4.1.1 wrong class", 1 },
	{ "550 5.1 half", 550, "", "550 5.1 half", 1 },
	{ "550 5.1.1x glued", 550, "", "550 5.1.1x glued", 1 },
	{ "550 5.1000.1 long", 550, "", "550 5.1000.1 long", 1 },
	{ "334 3.0.0", 334, "", "334 3.0.0", 1 },
	{ "450 a\rb\033[2J", 450, "", "450 a b\xef\xbf\xbd[2J", 1 },
	{ "450 \xff", 450, "", "450 \xef\xbf\xbd", 1 },
	{ "", 0, NULL, NULL, 0 },
	{ "25", 0, NULL, NULL, 0 },
	{ "250OK", 0, NULL, NULL, 0 },
	{ "150 too low", 0, NULL, NULL, 0 },
	{ "650 too high", 0, NULL, NULL, 0 },
	{ "2x0 OK", 0, NULL, NULL, 0 },
	{ " 250 OK", 0, NULL, NULL, 0 },
	{ "250-a\n550 b", 0, NULL, NULL, 0 },
	{ "250-a\n250b", 0, NULL, NULL, 0 },
	{ "250-a\n", 0, NULL, NULL, 0 },
	{ "HTTP/1.1 200 OK", 0, NULL, NULL, 0 },
};

/* The reply of all lines, which only the last may complete. */
static SmtpReply *
feed_lines(SmtpReplyParser *parser, const char *wire, GError **error)
{
	g_auto(GStrv) lines = g_strsplit(wire, "\n", -1);
	SmtpReply *reply = NULL;

	if (!lines[0])
		smtp_reply_parser_feed(parser, "", 0, &reply, error);
	for (guint i = 0; lines[i]; i++) {
		gboolean good = smtp_reply_parser_feed(
			parser, lines[i], strlen(lines[i]), &reply, error);

		ck_assert(good || !lines[i + 1]);
		ck_assert_int_eq(reply != NULL, good && !lines[i + 1]);
	}
	return reply;
}

START_TEST(a_reply_is_read_or_refused)
{
	g_autoptr(SmtpReplyParser) parser = smtp_reply_parser_new();
	g_autoptr(GError) error = NULL;
	g_autoptr(SmtpReply) reply =
		feed_lines(parser, reply_rows[_i].wire, &error);

	if (reply_rows[_i].code == 0) {
		ck_assert_ptr_null(reply);
		ck_assert(g_error_matches(error, SMTP_ERROR,
					  SMTP_ERROR_SYNTAX));
		return;
	}
	ck_assert_ptr_nonnull(reply);
	ck_assert_uint_eq(reply->code, reply_rows[_i].code);
	ck_assert_str_eq(reply->enhanced, reply_rows[_i].enhanced);
	ck_assert_str_eq(reply->text, reply_rows[_i].text);
	ck_assert_uint_eq(g_strv_length(reply->lines), reply_rows[_i].lines);
}
END_TEST

START_TEST(replies_follow_each_other)
{
	g_autoptr(SmtpReplyParser) parser = smtp_reply_parser_new();

	for (guint i = 0; i < 3; i++) {
		g_autoptr(SmtpReply) first =
			feed_lines(parser, "250-a\n250 b", NULL);
		g_autoptr(SmtpReply) second =
			feed_lines(parser, "550 5.0.0 no", NULL);

		ck_assert_uint_eq(first->code, 250);
		ck_assert_uint_eq(second->code, 550);
	}
}
END_TEST

START_TEST(a_reply_line_is_bounded)
{
	g_autofree char *line = g_strnfill(SMTP_REPLY_LINE_MAX + 1, 'x');
	SmtpReply *reply = NULL;

	memcpy(line, "250 ", 4);
	for (gsize over = 0; over < 2; over++) {
		g_autoptr(SmtpReplyParser) parser = smtp_reply_parser_new();

		ck_assert_int_eq(
			smtp_reply_parser_feed(parser, line,
					       SMTP_REPLY_LINE_MAX + over,
					       &reply, NULL),
			over == 0);
	}
	smtp_reply_free(reply);
}
END_TEST

START_TEST(an_endless_reply_ends)
{
	g_autoptr(SmtpReplyParser) parser = smtp_reply_parser_new();
	g_autoptr(SmtpReply) reply = NULL;
	guint taken = 0;

	while (smtp_reply_parser_feed(parser, "250-more", 8, &reply, NULL))
		taken++;
	ck_assert_uint_eq(taken, SMTP_REPLY_LINES_MAX);
}
END_TEST

static const struct {
	const char *wire;
	const char *described;
	guint64 size_limit;
	guint recipient_max;
} extension_rows[] = {
	{ "250-mx.example PIPELINING\n250-SIZE 1000\n250-pipelining\n"
	  "250-8BITMIME\n250-STARTTLS\n250-DSN\n250-SMTPUTF8\n"
	  "250-CHUNKING\n250-X-ODD thing\n250-AUTH PLAIN LOGIN\n"
	  "250-AUTH=LOGIN CRAM-MD5\n250-LIMITS MAILMAX=5 RCPTMAX=20\n"
	  "250 ENHANCEDSTATUSCODES",
	  "PIPELINING 8BITMIME STARTTLS ENHANCEDSTATUSCODES DSN SMTPUTF8 "
	  "CHUNKING SIZE=1000 AUTH=PLAIN,LOGIN,CRAM-MD5",
	  1000, 20 },
	{ "250 mx.example", "", 0, 0 },
	{ "250", "", 0, 0 },
	{ "250-mx\n250-\n250 SIZE", "SIZE=0", 0, 0 },
	{ "250-mx\n250 SIZE -1", "SIZE=0", 0, 0 },
	{ "250-mx\n250 AUTH", "", 0, 0 },
	{ "250-mx\n250-STARTTLSX\n250 AUTH plain PLAIN p=l a,b", "AUTH=PLAIN",
	  0, 0 },
	{ "250-mx\n250 LIMITS RCPTMAX=0 RCPTMAX=x", "", 0, 0 },
};

START_TEST(extensions_are_read)
{
	g_autoptr(SmtpReplyParser) parser = smtp_reply_parser_new();
	g_autoptr(SmtpReply) reply =
		feed_lines(parser, extension_rows[_i].wire, NULL);
	g_autoptr(SmtpExtensions) extensions = smtp_extensions_parse(reply);
	g_autofree char *described = smtp_extensions_describe(extensions);

	ck_assert_str_eq(described, extension_rows[_i].described);
	ck_assert_uint_eq(extensions->size_limit,
			  extension_rows[_i].size_limit);
	ck_assert_uint_eq(extensions->recipient_max,
			  extension_rows[_i].recipient_max);
	ck_assert_int_eq(smtp_extensions_has_mechanism(extensions, "plain"),
			 strstr(described, "PLAIN") != NULL);
}
END_TEST

START_TEST(mechanisms_are_bounded)
{
	g_autoptr(GString) wire = g_string_new("250-mx\n250 AUTH");
	g_autoptr(SmtpReplyParser) parser = smtp_reply_parser_new();
	g_autoptr(SmtpReply) reply = NULL;
	g_autoptr(SmtpExtensions) extensions = NULL;

	for (guint i = 0; i < 2 * SMTP_MECHANISMS_MAX; i++)
		g_string_append_printf(wire, " M%u", i);
	reply = feed_lines(parser, wire->str, NULL);
	extensions = smtp_extensions_parse(reply);
	ck_assert_uint_eq(g_strv_length(extensions->mechanisms),
			  SMTP_MECHANISMS_MAX);
}
END_TEST

/* --- commands --- */

static const struct {
	const char *line;
	gsize size;
	int verb; /* -1: refused */
	const char *argument;
} command_rows[] = {
	{ "EHLO me.example", 15, SMTP_VERB_EHLO, "me.example" },
	{ "ehlo  me.example  ", 18, SMTP_VERB_EHLO, "me.example" },
	{ "data", 4, SMTP_VERB_DATA, "" },
	{ "DATA ", 5, SMTP_VERB_DATA, "" },
	{ "STARTTLS", 8, SMTP_VERB_STARTTLS, "" },
	{ "MAIL FROM:<a@b>", 15, SMTP_VERB_MAIL, "FROM:<a@b>" },
	{ "MAILFROM:<a@b>", 14, SMTP_VERB_UNKNOWN, "" },
	{ "EHL", 3, SMTP_VERB_UNKNOWN, "" },
	{ "GET / HTTP/1.1", 14, SMTP_VERB_UNKNOWN, "/ HTTP/1.1" },
	{ "", 0, SMTP_VERB_UNKNOWN, "" },
	{ "NOOP \xc3\xa4", 7, SMTP_VERB_NOOP, "\xc3\xa4" },
	{ "NOOP \xe4", 6, -1, NULL },
	{ "NOOP a\0b", 8, -1, NULL },
	{ "NOOP\rRSET", 9, -1, NULL },
	{ "NOOP\nRSET", 9, -1, NULL },
	{ "NOOP \033[2J", 9, -1, NULL },
};

START_TEST(a_command_line_is_taken_apart)
{
	g_autoptr(SmtpCommand) command = smtp_command_parse(
		command_rows[_i].line, command_rows[_i].size, NULL);

	if (command_rows[_i].verb < 0) {
		ck_assert_ptr_null(command);
		return;
	}
	ck_assert_int_eq(command->verb, command_rows[_i].verb);
	ck_assert_str_eq(command->argument, command_rows[_i].argument);
}
END_TEST

START_TEST(a_command_line_is_bounded)
{
	g_autofree char *line = g_strnfill(SMTP_COMMAND_LINE_MAX + 1, 'x');
	g_autoptr(SmtpCommand) fits =
		smtp_command_parse(line, SMTP_COMMAND_LINE_MAX, NULL);

	ck_assert_ptr_nonnull(fits);
	ck_assert_ptr_null(smtp_command_parse(
		line, SMTP_COMMAND_LINE_MAX + 1, NULL));
}
END_TEST

static const struct {
	SmtpVerb verb;
	const char *argument;
	const char *address; /* NULL: refused */
	const char *parameters; /* "SIZE=1 BODY=8BITMIME" */
} path_rows[] = {
	{ SMTP_VERB_MAIL, "FROM:<a@b.example>", "a@b.example", "" },
	{ SMTP_VERB_MAIL, "from:<a@b.example>", "a@b.example", "" },
	{ SMTP_VERB_MAIL, "FROM: <a@b>", "a@b", "" },
	{ SMTP_VERB_MAIL, "FROM:<>", "", "" },
	{ SMTP_VERB_MAIL, "FROM:<> SIZE=100 body=8BITMIME", "",
	  "SIZE=100 BODY=8BITMIME" },
	{ SMTP_VERB_MAIL, "FROM:<a@b> SMTPUTF8", "a@b", "SMTPUTF8" },
	{ SMTP_VERB_RCPT, "TO:<Postmaster>", "Postmaster", "" },
	{ SMTP_VERB_RCPT, "TO:<@x.example,@y:a@b>", "a@b", "" },
	{ SMTP_VERB_RCPT, "TO:<\"a b\"@c>", "\"a b\"@c", "" },
	{ SMTP_VERB_RCPT, "TO:<\"ab\"@c>", "ab@c", "" },
	{ SMTP_VERB_RCPT, "TO:<\"a@b\\>\"@c>", "\"a@b>\"@c", "" },
	{ SMTP_VERB_RCPT, "TO:<a@[127.0.0.1]>", "a@[127.0.0.1]", "" },
	{ SMTP_VERB_RCPT, "TO:<a@[IPv6:::1]>", "a@[IPv6:::1]", "" },
	{ SMTP_VERB_RCPT, "TO:<-oX@b>", "-oX@b", "" },
	{ SMTP_VERB_RCPT, "TO:<|sh@b>", "|sh@b", "" },
	{ SMTP_VERB_RCPT, "TO:<a%b@c>", "a%b@c", "" },
	{ SMTP_VERB_RCPT, "TO:<\xc3\xa4@b>", "\xc3\xa4@b", "" },
	{ SMTP_VERB_RCPT, "TO:<a@b> NOTIFY=NEVER ORCPT=rfc822;a+40b", "a@b",
	  "NOTIFY=NEVER ORCPT=rfc822;a+40b" },
	{ SMTP_VERB_RCPT, "TO:<>", NULL, NULL },
	{ SMTP_VERB_RCPT, "FROM:<a@b>", NULL, NULL },
	{ SMTP_VERB_MAIL, "FROM:a@b", NULL, NULL },
	{ SMTP_VERB_MAIL, "FROM:<a@b", NULL, NULL },
	{ SMTP_VERB_MAIL, "FROM:<a@b>x", NULL, NULL },
	{ SMTP_VERB_MAIL, "FROM:<a@b>>", NULL, NULL },
	{ SMTP_VERB_MAIL, "FROM:<a @b>", NULL, NULL },
	{ SMTP_VERB_MAIL, "FROM:<a@b@c>", NULL, NULL },
	{ SMTP_VERB_MAIL, "FROM:<a..b@c>", NULL, NULL },
	{ SMTP_VERB_MAIL, "FROM:<.a@c>", NULL, NULL },
	{ SMTP_VERB_MAIL, "FROM:<a@c.>", NULL, NULL },
	{ SMTP_VERB_MAIL, "FROM:<a@>", NULL, NULL },
	{ SMTP_VERB_MAIL, "FROM:<@c>", NULL, NULL },
	{ SMTP_VERB_MAIL, "FROM:<@c:>", NULL, NULL },
	{ SMTP_VERB_MAIL, "FROM:<a@[1.2.3]>", NULL, NULL },
	{ SMTP_VERB_MAIL, "FROM:<a@[x:y]>", NULL, NULL },
	{ SMTP_VERB_MAIL, "FROM:<\"a@b>", NULL, NULL },
	{ SMTP_VERB_MAIL, "FROM:<a@b> SIZE=", NULL, NULL },
	{ SMTP_VERB_MAIL, "FROM:<a@b> SIZE=1 size=2", NULL, NULL },
	{ SMTP_VERB_MAIL, "FROM:<a@b> =1", NULL, NULL },
	{ SMTP_VERB_MAIL, "FROM:<a@b> -A=1", NULL, NULL },
	{ SMTP_VERB_MAIL, "FROM:<a@b> A=1=2", NULL, NULL },
	{ SMTP_VERB_MAIL, "FROM:<a@b>\tSIZE=1", NULL, NULL },
	{ SMTP_VERB_MAIL, "", NULL, NULL },
};

static char *
join_parameters(const SmtpPath *path)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < path->parameters->len; i++) {
		SmtpParameter *p =
			&g_array_index(path->parameters, SmtpParameter, i);

		g_string_append_printf(text, "%s%s%s%s", i ? " " : "",
				       p->keyword, p->value ? "=" : "",
				       p->value ? p->value : "");
	}
	return g_string_free(text, FALSE);
}

START_TEST(a_path_follows_the_grammar)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(SmtpPath) path = smtp_path_parse(
		path_rows[_i].verb, path_rows[_i].argument, &error);
	g_autofree char *parameters = NULL;

	if (!path_rows[_i].address) {
		ck_assert_ptr_null(path);
		ck_assert_ptr_nonnull(error);
		return;
	}
	ck_assert_ptr_nonnull(path);
	parameters = join_parameters(path);
	ck_assert_str_eq(path->address, path_rows[_i].address);
	ck_assert_str_eq(parameters, path_rows[_i].parameters);
	ck_assert_ptr_null(smtp_path_find(path, "XYZZY"));
}
END_TEST

START_TEST(parameters_are_bounded)
{
	g_autoptr(GString) argument = g_string_new("FROM:<a@b>");

	for (guint i = 0; i <= SMTP_PARAMETERS_MAX; i++) {
		g_autoptr(SmtpPath) path = smtp_path_parse(
			SMTP_VERB_MAIL, argument->str, NULL);

		ck_assert_ptr_nonnull(path);
		g_string_append_printf(argument, " P%u=1", i);
	}
	ck_assert_ptr_null(
		smtp_path_parse(SMTP_VERB_MAIL, argument->str, NULL));
}
END_TEST

static const struct {
	const char *xtext;
	const char *text; /* NULL: refused */
} xtext_rows[] = {
	{ "plain@x", "plain@x" },     { "a+2Bb+3Dc", "a+b=c" },
	{ "+20", " " },               { "+0A", NULL },
	{ "+0D+0A", NULL },           { "+00", NULL },
	{ "+2b", NULL },              { "+2", NULL },
	{ "+", NULL },                { "a b", NULL },
	{ "a=b", NULL },              { "\xc3\xa4", NULL },
};

START_TEST(xtext_hides_nothing)
{
	g_autofree char *text = smtp_xtext_decode(xtext_rows[_i].xtext);
	g_autofree char *back = NULL;

	ck_assert_pstr_eq(text, xtext_rows[_i].text);
	if (!text)
		return;
	back = smtp_xtext_encode(text);
	ck_assert_str_eq(back, xtext_rows[_i].xtext);
}
END_TEST

static Suite *
make_smtp_suite(void)
{
	Suite *suite = suite_create("smtp");
	TCase *tc = tcase_create("smtp");

	tcase_add_loop_test(tc, a_reply_is_read_or_refused, 0,
			    G_N_ELEMENTS(reply_rows));
	tcase_add_test(tc, replies_follow_each_other);
	tcase_add_test(tc, a_reply_line_is_bounded);
	tcase_add_test(tc, an_endless_reply_ends);
	tcase_add_loop_test(tc, extensions_are_read, 0,
			    G_N_ELEMENTS(extension_rows));
	tcase_add_test(tc, mechanisms_are_bounded);
	tcase_add_loop_test(tc, a_command_line_is_taken_apart, 0,
			    G_N_ELEMENTS(command_rows));
	tcase_add_test(tc, a_command_line_is_bounded);
	tcase_add_loop_test(tc, a_path_follows_the_grammar, 0,
			    G_N_ELEMENTS(path_rows));
	tcase_add_test(tc, parameters_are_bounded);
	tcase_add_loop_test(tc, xtext_hides_nothing, 0,
			    G_N_ELEMENTS(xtext_rows));
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_smtp_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
