// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker/transcript.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define PASSWORD "x7-correct horse"
#define BLANK TRANSCRIPT_BLANK

static void
say(Transcript *transcript, const char *text)
{
	transcript_said(transcript, text, strlen(text), 0);
}

/* "> TEXT" is said with CRLF, "< TEXT" heard, "= ID" names the message. */
static void
talk(Transcript *transcript, const char *const *script)
{
	for (; *script; script++) {
		const char *text = *script + 2;
		g_autofree char *line = g_strconcat(text, "\r\n", NULL);

		if (**script == '>')
			say(transcript, line);
		else if (**script == '<')
			transcript_heard(transcript, text, 0);
		else if (**script == '*')
			transcript_note(transcript, text, 0);
		else
			transcript_message(transcript, text);
	}
}

/* What is told of @id, a line each, without the times. */
static char *
told(const Transcript *transcript, const char *id)
{
	g_auto(GStrv) lines = transcript_lines(transcript, id);
	GString *text = g_string_new(NULL);

	for (char **line = lines; *line; line++)
		g_string_append_printf(text, "%s\n", strchr(*line, ' ') + 1);
	return g_string_free(text, FALSE);
}

START_TEST(a_message_is_told_behind_the_beginning)
{
	static const char *const script[] = {
		"< 220 hi", "> EHLO me", "< 250-you", "< 250 SIZE",
		"= A", "> MAIL FROM:<a>", "< 250 ok", "> RCPT TO:<b>",
		"< 250 ok", "> DATA", "< 354 go", NULL
	};
	static const char *const end[] = { "< 250 queued", "= B",
					   "> MAIL FROM:<c>", NULL };
	g_autoptr(Transcript) transcript = transcript_new();
	g_autofree char *first = NULL, *second = NULL, *none = NULL;

	talk(transcript, script);
	say(transcript, "Subject: secret\r\n\r\n..\r\nHello\r\n");
	say(transcript, ".\r\n");
	talk(transcript, end);
	first = told(transcript, "A");
	ck_assert_str_eq(first,
			 "< 220 hi\n> EHLO me\n< 250-you\n< 250 SIZE\n"
			 "> MAIL FROM:<a>\n< 250 ok\n> RCPT TO:<b>\n"
			 "< 250 ok\n> DATA\n< 354 go\n"
			 "> (30 bytes of the message)\n< 250 queued\n");
	second = told(transcript, "B");
	ck_assert_str_eq(second,
			 "< 220 hi\n> EHLO me\n< 250-you\n< 250 SIZE\n"
			 "> MAIL FROM:<c>\n");
	none = told(transcript, "C");
	ck_assert_str_eq(none,
			 "< 220 hi\n> EHLO me\n< 250-you\n< 250 SIZE\n");
}
END_TEST

/* RFC 2920: the next message's envelope before the answer to the dot. */
START_TEST(replies_go_to_the_message_they_answer)
{
	static const char *const script[] = {
		"= A", "> MAIL FROM:<a>", "> RCPT TO:<b>", "> DATA",
		"< 250 mail A", "< 250 rcpt A", "< 354 go A", "> .",
		"= B", "> MAIL FROM:<c>", "> RCPT TO:<d>", "> DATA",
		"< 250-dot A", "< 250 dot A", "< 250 mail B", "< 550 rcpt B",
		"< 503 data B", NULL
	};
	g_autoptr(Transcript) transcript = transcript_new();
	g_autofree char *first = NULL, *second = NULL;

	talk(transcript, script);
	first = told(transcript, "A");
	ck_assert_str_eq(first,
			 "> MAIL FROM:<a>\n> RCPT TO:<b>\n> DATA\n"
			 "< 250 mail A\n< 250 rcpt A\n< 354 go A\n"
			 "> (0 bytes of the message)\n< 250-dot A\n"
			 "< 250 dot A\n");
	second = told(transcript, "B");
	ck_assert_str_eq(second,
			 "> MAIL FROM:<c>\n> RCPT TO:<d>\n> DATA\n"
			 "< 250 mail B\n< 550 rcpt B\n< 503 data B\n");
}
END_TEST

/* The dot and what is behind it may come in one. */
START_TEST(the_end_of_a_message_is_the_border)
{
	static const char *const first[] = {
		"= A", "> MAIL FROM:<a>", "> DATA", "< 250 mail A",
		"< 354 go A", NULL
	};
	static const char *const replies[] = {
		"< 250 dot A", "< 250 mail B", "< 354 go B", NULL
	};
	g_autoptr(Transcript) transcript = transcript_new();
	g_autofree char *a = NULL, *b = NULL;

	talk(transcript, first);
	transcript_ahead(transcript, "B");
	say(transcript, "text\r\n.\r\nMAIL FROM:<b>\r\nDATA\r\n");
	talk(transcript, replies);
	a = told(transcript, "A");
	ck_assert_str_eq(a, "> MAIL FROM:<a>\n> DATA\n< 250 mail A\n"
			    "< 354 go A\n> (6 bytes of the message)\n"
			    "< 250 dot A\n");
	b = told(transcript, "B");
	ck_assert_str_eq(b, "> MAIL FROM:<b>\n> DATA\n< 250 mail B\n"
			    "< 354 go B\n");
}
END_TEST

START_TEST(the_last_chunk_is_the_border)
{
	static const char *const first[] = {
		"= A", "> MAIL FROM:<a>", "> RCPT TO:<b>", "> RCPT TO:<c>",
		"< 250 mail A", "< 250 b", "< 250 c", "> BDAT 0", NULL
	};
	static const char *const replies[] = {
		"< 250 chunk", "< 250 last b", "< 250 last c",
		"< 250 mail B", NULL
	};
	g_autoptr(Transcript) transcript = transcript_new();
	g_autofree char *b = NULL;

	transcript_set_lmtp(transcript, TRUE);
	talk(transcript, first);
	transcript_ahead(transcript, "B");
	say(transcript, "BDAT 6 LAST\r\ntext\r\nMAIL FROM:<b>\r\n");
	talk(transcript, replies);
	b = told(transcript, "B");
	ck_assert_str_eq(b, "> MAIL FROM:<b>\n< 250 mail B\n");
}
END_TEST

/* RFC 2033: an answer for each recipient that was accepted. */
START_TEST(lmtp_answers_for_each_recipient)
{
	static const char *const script[] = {
		"= A", "> MAIL FROM:<a>", "> RCPT TO:<b>", "> RCPT TO:<c>",
		"> RCPT TO:<d>", "> DATA", "< 250 mail", "< 250 b", "< 550 c",
		"< 250 d", "< 354 go", "> .", "= B", "> MAIL FROM:<e>",
		"< 250 dot b", "< 450 dot d", "< 250 mail B", NULL
	};
	g_autoptr(Transcript) transcript = transcript_new();
	g_autofree char *second = NULL;

	transcript_set_lmtp(transcript, TRUE);
	talk(transcript, script);
	second = told(transcript, "B");
	ck_assert_str_eq(second, "> MAIL FROM:<e>\n< 250 mail B\n");
}
END_TEST

START_TEST(chunks_are_only_counted)
{
	static const char *const before[] = { "> BDAT 10 LAST", NULL };
	static const char *const after[] = { "< 250 ok", "> QUIT", NULL };
	g_autoptr(Transcript) transcript = transcript_new();
	g_autofree char *text = NULL;

	talk(transcript, before);
	say(transcript, "AUTH");
	say(transcript, "\r\nabcdRSET\r\n");
	talk(transcript, after);
	text = told(transcript, "");
	ck_assert_str_eq(text, "> BDAT 10 LAST\n> (10 bytes of the message)\n"
			       "> RSET\n< 250 ok\n> QUIT\n");
}
END_TEST

/* The dot of a message that comes byte by byte, and what is none. */
START_TEST(the_dot_is_found_wherever_it_is_cut)
{
	static const char body[] = "a\r\r\n..\r\n.x\r\n\r\n.\r\n";
	static const char *const before[] = { "< 354 go", NULL };
	g_autoptr(Transcript) transcript = transcript_new();
	g_autofree char *text = NULL;

	talk(transcript, before);
	for (const char *at = body; *at; at++)
		transcript_said(transcript, at, 1, 0);
	say(transcript, "QUIT\r\n");
	text = told(transcript, "");
	ck_assert_str_eq(text, "< 354 go\n> (14 bytes of the message)\n"
			       "> QUIT\n");
}
END_TEST

static char *
base64(const char *bytes, gsize size)
{
	return g_base64_encode((const guchar *)bytes, size);
}

/*
 * What each mechanism says: the initial answer ("" for none), and answers.
 * The server quotes all of it, and the password.
 */
static const struct {
	const char *mechanism;
	const char *first;
	gsize first_size;
	const char *answers[4];
} logins[] = {
	{ "PLAIN", "\0ada\0" PASSWORD, sizeof("\0ada\0" PASSWORD) - 1, { "" } },
	{ "PLAIN", "", 0, { "ada" } },
	{ "LOGIN", "", 0, { "ada@home.example", PASSWORD } },
	{ "LOGIN", "ada@home.example", 16, { PASSWORD } },
	{ "CRAM-MD5", "", 0, { "ada 0123456789abcdef" } },
	{ "DIGEST-MD5", "", 0, { "username=\"ada\",response=0123", "" } },
	{ "SCRAM-SHA-1", "n,,n=ada,r=nonce", 16, { "c=biws,p=proof", "" } },
	{ "SCRAM-SHA-256-PLUS", "p=tls-unique,,n=ada,r=nonce", 27,
	  { "c=biws,p=proof", "" } },
	{ "EXTERNAL", "ada@home.example", 16, { NULL } },
	{ "GSSAPI", "token-of-gss", 12, { "more-of-it", "" } },
	{ "XOAUTH2", "user=ada\1auth=Bearer " PASSWORD "\1\1",
	  sizeof("user=ada\1auth=Bearer " PASSWORD "\1\1") - 1, { NULL } },
	{ "OAUTHBEARER", "n,a=ada,\1auth=Bearer " PASSWORD "\1\1",
	  sizeof("n,a=ada,\1auth=Bearer " PASSWORD "\1\1") - 1, { "\1" } },
};

static void
say_answer(Transcript *transcript, GPtrArray *said, const char *before,
	   const char *bytes, gsize size)
{
	char *word = base64(bytes, size);
	g_autofree char *line = g_strconcat(before, word, "\r\n", NULL);

	say(transcript, line);
	if (strlen(word) >= 4)
		g_ptr_array_add(said, word);
	else
		g_free(word);
}

static void
log_in(Transcript *transcript, GPtrArray *said, int row)
{
	g_autofree char *command =
		g_strconcat("AUTH ", logins[row].mechanism,
			    logins[row].first_size ? " " : "\r\n", NULL);
	const char *const *answers = logins[row].answers;

	if (logins[row].first_size)
		say_answer(transcript, said, command, logins[row].first,
			   logins[row].first_size);
	else
		say(transcript, command);
	for (; *answers; answers++) {
		transcript_heard(transcript, "334 Y2hhbGxlbmdl", 0);
		say_answer(transcript, said, "", *answers, strlen(*answers));
	}
}

START_TEST(no_secret_of_any_mechanism_is_told)
{
	g_autoptr(Transcript) transcript = transcript_new();
	g_autoptr(GPtrArray) said = g_ptr_array_new_with_free_func(g_free);
	const gboolean named = g_str_equal(logins[_i].mechanism, "LOGIN");
	g_autofree char *text = NULL, *head = NULL;

	log_in(transcript, said, _i);
	for (guint i = 0; i < said->len; i++) {
		g_autofree char *quote = g_strconcat(
			"535-no: ", said->pdata[i], " (x)", NULL);

		transcript_heard(transcript, quote, 0);
	}
	transcript_heard(transcript, "535 wrong: " PASSWORD, 0);
	transcript_note(transcript, "why: " PASSWORD, 0);
	say(transcript, "QUIT\r\n");
	text = told(transcript, "");
	head = g_strdup_printf("> AUTH %s%s\n", logins[_i].mechanism,
			       logins[_i].first_size ? " " BLANK : "");
	ck_assert_msg(g_str_has_prefix(text, head), "%s", text);
	ck_assert_msg(!strstr(text, "Y2hhbGxlbmdl"), "%s", text);
	/* LOGIN's name is told by whoever says it. */
	for (guint i = named; i < said->len; i++)
		ck_assert_msg(!strstr(text, said->pdata[i]), "%s", text);
	if (!strstr("PLAIN LOGIN XOAUTH2 OAUTHBEARER", logins[_i].mechanism))
		return;
	if (logins[_i].first_size || named)
		ck_assert_msg(!strstr(text, PASSWORD), "%s", text);
	ck_assert_msg(g_str_has_suffix(text, "> QUIT\n"), "%s", text);
}
END_TEST

START_TEST(names_are_no_secrets)
{
	static const char *const script[] = {
		"> AUTH LOGIN", "< 334 VXNlcm5hbWU6", "> YWRhQGhvbWU=",
		"< 334 UGFzc3dvcmQ6", "> cGFzc3dvcmQx", "< 235 hello ada@home",
		"> MAIL FROM:<ada@home>", "< 250 ada@home, password1 ok", NULL
	};
	g_autoptr(Transcript) transcript = transcript_new();
	g_autofree char *text = NULL;

	talk(transcript, script);
	text = told(transcript, "");
	ck_assert_str_eq(text,
			 "> AUTH LOGIN\n< 334 " BLANK "\n> " BLANK "\n"
			 "< 334 " BLANK "\n> " BLANK "\n"
			 "< 235 hello ada@home\n> MAIL FROM:<ada@home>\n"
			 "< 250 ada@home, " BLANK " ok\n");
}
END_TEST

START_TEST(a_withdrawn_login_is_over)
{
	static const char *const script[] = {
		"> AUTH PLAIN", "< 334 ", "> *", "< 501 cancelled",
		"> QUIT", NULL
	};
	g_autoptr(Transcript) transcript = transcript_new();
	g_autofree char *text = NULL;

	talk(transcript, script);
	text = told(transcript, "");
	ck_assert_str_eq(text, "> AUTH PLAIN\n< 334 " BLANK "\n> *\n"
			       "< 501 cancelled\n> QUIT\n");
}
END_TEST

START_TEST(what_servers_say_is_made_harmless)
{
	g_autoptr(Transcript) transcript = transcript_new();
	g_autofree char *text = NULL;

	transcript_heard(transcript, "220 \033[2J\xff\xe2\x80\xae", 0);
	text = told(transcript, "");
	ck_assert_ptr_null(strchr(text, '\033'));
	ck_assert(g_utf8_validate(text, -1, NULL));
	ck_assert_ptr_null(strstr(text, "\xe2\x80\xae"));
}
END_TEST

START_TEST(it_is_bounded)
{
	g_autoptr(Transcript) transcript = transcript_new();
	g_autofree char *long_line = g_strnfill(100000, 'x');
	g_autoptr(GString) many = g_string_new("220 ");
	g_auto(GStrv) lines = NULL;
	guint all = TRANSCRIPT_FIRST + TRANSCRIPT_LAST;

	for (guint i = 0; i < 1000; i++)
		g_string_append(many, "\xe4\xbe\x8b");
	transcript_heard(transcript, many->str, 0);
	for (guint i = 0; i < 5000; i++)
		say(transcript, "NOOP\r\n");
	say(transcript, long_line);
	say(transcript, "\r\n");
	lines = transcript_lines(transcript, "");
	ck_assert_uint_eq(g_strv_length(lines), all + 1);
	ck_assert_str_eq(lines[TRANSCRIPT_FIRST],
			 "0 * (4902 lines left out)");
	for (guint i = 0; lines[i]; i++) {
		ck_assert_uint_le(strlen(lines[i]),
				  TRANSCRIPT_LINE_MAX + strlen("0 > "));
		ck_assert(g_utf8_validate(lines[i], -1, NULL));
	}
	ck_assert_uint_gt(strlen(lines[0]), TRANSCRIPT_LINE_MAX - 10);
	ck_assert(g_str_has_suffix(lines[0], "…"));
}
END_TEST

START_TEST(only_the_last_messages_are_remembered)
{
	g_autoptr(Transcript) transcript = transcript_new();
	g_autofree char *old = NULL, *last = NULL;

	transcript_heard(transcript, "220 hi", 0);
	for (guint i = 0; i < 100; i++) {
		g_autofree char *id = g_strdup_printf("%u", i);

		transcript_message(transcript, id);
		say(transcript, "MAIL FROM:<a>\r\n");
	}
	/* Replies to what was forgotten are told of nothing. */
	for (guint i = 0; i < 99; i++)
		transcript_heard(transcript, "250 forgotten", 0);
	transcript_heard(transcript, "250 the last", 0);
	old = told(transcript, "1");
	ck_assert_str_eq(old, "< 220 hi\n");
	last = told(transcript, "99");
	ck_assert_str_eq(last,
			 "< 220 hi\n> MAIL FROM:<a>\n< 250 the last\n");
}
END_TEST

START_TEST(a_new_attempt_begins_anew)
{
	static const char *const script[] = {
		"< 220 hi", "= A", "> AUTH PLAIN", "< 354 odd", NULL
	};
	g_autoptr(Transcript) transcript = transcript_new();
	g_auto(GStrv) lines = NULL;

	talk(transcript, script);
	transcript_forget(transcript, 5000000);
	transcript_heard(transcript, "220 again", 5031000);
	transcript_said(transcript, "QUIT\r\n", 6, 5042999);
	lines = transcript_lines(transcript, "A");
	ck_assert_uint_eq(g_strv_length(lines), 2);
	ck_assert_str_eq(lines[0], "31 < 220 again");
	ck_assert_str_eq(lines[1], "42 > QUIT");
}
END_TEST

START_TEST(a_second_host_follows_the_first)
{
	static const char *const first[] = {
		"* connected to mx1", "> EHLO me", "> AUTH PLAIN", NULL
	};
	static const char *const second[] = {
		"* connected to mx2", "< 220 hi", "> EHLO me", NULL
	};
	g_autoptr(Transcript) transcript = transcript_new();
	g_autofree char *text = NULL;

	talk(transcript, first);
	transcript_connection(transcript);
	talk(transcript, second);
	text = told(transcript, "");
	ck_assert_str_eq(text,
			 "* connected to mx1\n> EHLO me\n> AUTH PLAIN\n"
			 "* connected to mx2\n< 220 hi\n> EHLO me\n");
}
END_TEST

static Suite *
make_transcript_suite(void)
{
	Suite *suite = suite_create("transcript");
	TCase *tc = tcase_create("transcript");

	tcase_add_test(tc, a_message_is_told_behind_the_beginning);
	tcase_add_test(tc, replies_go_to_the_message_they_answer);
	tcase_add_test(tc, the_end_of_a_message_is_the_border);
	tcase_add_test(tc, the_last_chunk_is_the_border);
	tcase_add_test(tc, lmtp_answers_for_each_recipient);
	tcase_add_test(tc, chunks_are_only_counted);
	tcase_add_test(tc, the_dot_is_found_wherever_it_is_cut);
	tcase_add_loop_test(tc, no_secret_of_any_mechanism_is_told, 0,
			    G_N_ELEMENTS(logins));
	tcase_add_test(tc, names_are_no_secrets);
	tcase_add_test(tc, a_withdrawn_login_is_over);
	tcase_add_test(tc, what_servers_say_is_made_harmless);
	tcase_add_test(tc, it_is_bounded);
	tcase_add_test(tc, only_the_last_messages_are_remembered);
	tcase_add_test(tc, a_new_attempt_begins_anew);
	tcase_add_test(tc, a_second_host_follows_the_first);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_transcript_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
