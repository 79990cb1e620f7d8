// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker/smtp-why.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/worker/smtp-why-table.h"

#define LATER OUTCOME_DEFERRED
#define NEVER OUTCOME_FAILED

static const SmtpParties parties = {
	.host = "mail.example",
	.route = "uni",
	.user = "ada",
	.sender = "ada@home.example",
	.recipient = "bob@shop.example",
	.detail = "the detail",
};

static SmtpReply *
reply_of(const char *line)
{
	g_autoptr(SmtpReplyParser) parser = smtp_reply_parser_new();
	SmtpReply *reply = NULL;

	ck_assert(smtp_reply_parser_feed(parser, line, strlen(line), &reply,
					 NULL));
	ck_assert_ptr_nonnull(reply);
	return reply;
}

static const struct {
	SmtpAt at;
	const char *reply;
	Outcome outcome;
	Fault fault;
	const char *enhanced;
	const char *why; /* part of the sentence */
} rows[] = {
	/* About the host, at every step. */
	{ SMTP_AT_CONNECT, "421 busy", LATER, FAULT_HOST, "4.0.0",
	  "mail.example is too busy" },
	{ SMTP_AT_CONNECT, "554 5.7.1 go away", LATER, FAULT_HOST, "4.7.1",
	  "does not want to talk to us" },
	{ SMTP_AT_CONNECT, "521 no mail here", LATER, FAULT_HOST, "4.0.0",
	  "does not want to talk to us" },
	{ SMTP_AT_CONNECT, "451 4.3.2 later", LATER, FAULT_HOST, "4.3.2", "" },
	{ SMTP_AT_EHLO, "550 5.7.1 bad name", LATER, FAULT_HOST, "4.7.1",
	  "did not accept our greeting" },
	{ SMTP_AT_RCPT, "421 4.3.2 bye", LATER, FAULT_HOST, "4.3.2",
	  "being restarted" },
	{ SMTP_AT_DOT, "421 4.3.2 bye", LATER, FAULT_HOST, "4.3.2", "" },
	{ SMTP_AT_DATA, "250 odd", LATER, FAULT_HOST, "4.0.0", "" },
	/* TLS and login. */
	{ SMTP_AT_STARTTLS, "454 4.7.0 no", LATER, FAULT_HOST, "4.7.0",
	  "did not begin it" },
	{ SMTP_AT_STARTTLS, "502 5.5.1 no", LATER, FAULT_ROUTE, "4.5.1",
	  "did not begin it" },
	{ SMTP_AT_AUTH, "535 5.7.8 no", LATER, FAULT_ROUTE, "4.7.8",
	  "mail.example refused the login of ada" },
	{ SMTP_AT_AUTH, "535 no", LATER, FAULT_ROUTE, "4.0.0",
	  "password of the route uni" },
	{ SMTP_AT_AUTH, "534 5.7.9 weak", LATER, FAULT_ROUTE, "4.7.9",
	  "does not allow this way to log in" },
	{ SMTP_AT_AUTH, "454 4.7.0 later", LATER, FAULT_HOST, "4.7.0",
	  "cannot check logins just now" },
	{ SMTP_AT_AUTH, "501 5.5.2 what", LATER, FAULT_ROUTE, "4.5.2", "" },
	{ SMTP_AT_MAIL, "530 5.7.0 log in", LATER, FAULT_ROUTE, "4.7.0",
	  "wants a login" },
	{ SMTP_AT_RCPT, "530 5.7.0 log in", LATER, FAULT_ROUTE, "4.7.0",
	  "wants a login" },
	{ SMTP_AT_DOT, "530 5.7.0 log in", LATER, FAULT_ROUTE, "4.7.0",
	  "wants a login" },
	{ SMTP_AT_MAIL, "503 5.5.1 AUTH first", LATER, FAULT_ROUTE, "4.5.1",
	  "want a login first" },
	/* About us, at MAIL. */
	{ SMTP_AT_MAIL, "554 no", LATER, FAULT_ROUTE, "4.0.0",
	  "takes no mail from us" },
	{ SMTP_AT_MAIL, "550 5.7.1 no", LATER, FAULT_ROUTE, "4.7.1",
	  "does not let us send as ada@home.example" },
	{ SMTP_AT_MAIL, "451 4.7.1 wait", LATER, FAULT_HOST, "4.7.1", "" },
	{ SMTP_AT_MAIL, "452 4.3.1 full", LATER, FAULT_HOST, "4.3.1",
	  "no room" },
	{ SMTP_AT_MAIL, "452 full", LATER, FAULT_HOST, "4.0.0", "no room" },
	/* About the message, at MAIL. */
	{ SMTP_AT_MAIL, "451 4.1.8 lookup", LATER, FAULT_MESSAGE, "4.1.8",
	  "could not check the sender's domain" },
	{ SMTP_AT_MAIL, "550 5.1.7 bad", NEVER, FAULT_MESSAGE, "5.1.7",
	  "ada@home.example is no valid sender" },
	{ SMTP_AT_MAIL, "550 5.1.8 bad", NEVER, FAULT_MESSAGE, "5.1.8", "" },
	{ SMTP_AT_MAIL, "553 not yours", NEVER, FAULT_MESSAGE, "5.0.0",
	  "refuses ada@home.example as the sender" },
	{ SMTP_AT_MAIL, "552 5.3.4 large", NEVER, FAULT_MESSAGE, "5.3.4",
	  "too large" },
	{ SMTP_AT_MAIL, "550 no", NEVER, FAULT_MESSAGE, "5.0.0", "" },
	/* About a recipient. */
	{ SMTP_AT_RCPT, "450 4.1.2 dns", LATER, FAULT_RECIPIENT, "4.1.2",
	  "Your provider could not look up shop.example just now." },
	{ SMTP_AT_RCPT, "451 4.4.3 dns", LATER, FAULT_RECIPIENT, "4.4.3",
	  "Your provider could not look up shop.example just now." },
	{ SMTP_AT_RCPT, "450 4.2.0 greylisted", LATER, FAULT_RECIPIENT,
	  "4.2.0", "just now" },
	{ SMTP_AT_RCPT, "452 4.5.3 too many", LATER, FAULT_RECIPIENT,
	  "4.5.3", "no more recipients at once" },
	{ SMTP_AT_RCPT, "452 4.2.2 over quota", LATER, FAULT_RECIPIENT,
	  "4.2.2", "is full just now" },
	{ SMTP_AT_RCPT, "550 5.1.1 who?", NEVER, FAULT_RECIPIENT, "5.1.1",
	  "no mailbox bob@shop.example" },
	{ SMTP_AT_RCPT, "550 no", NEVER, FAULT_RECIPIENT, "5.0.0", "" },
	{ SMTP_AT_RCPT, "556 5.1.10 null MX", NEVER, FAULT_RECIPIENT,
	  "5.1.10", "shop.example takes no mail at all" },
	{ SMTP_AT_RCPT, "550 5.7.1 policy", NEVER, FAULT_RECIPIENT, "5.7.1",
	  "does not allow this mail" },
	{ SMTP_AT_RCPT, "554 5.7.1 Relay access denied", LATER,
	  FAULT_RECIPIENT, "4.7.1", "does not pass mail on for us" },
	{ SMTP_AT_RCPT, "550 relaying denied", LATER, FAULT_RECIPIENT,
	  "4.0.0", "does not pass mail on for us" },
	/* About the message, after DATA. */
	{ SMTP_AT_DATA, "451 4.3.0 later", LATER, FAULT_HOST, "4.3.0", "" },
	{ SMTP_AT_DATA, "554 5.6.0 bad", NEVER, FAULT_MESSAGE, "5.6.0",
	  "not well formed" },
	{ SMTP_AT_DOT, "554 5.7.1 spam", NEVER, FAULT_MESSAGE, "5.7.1",
	  "may look like spam" },
	{ SMTP_AT_DOT, "550 5.7.26 SPF", NEVER, FAULT_MESSAGE, "5.7.26",
	  "misses proof" },
	{ SMTP_AT_DOT, "451 4.7.1 later", LATER, FAULT_MESSAGE, "4.7.1", "" },
	{ SMTP_AT_DOT, "452 4.3.1 full", LATER, FAULT_HOST, "4.3.1",
	  "no room" },
	{ SMTP_AT_DOT, "552 5.2.2 full", NEVER, FAULT_MESSAGE, "5.2.2",
	  "The mailbox of bob@shop.example is full" },
};

START_TEST(a_reply_has_its_meaning)
{
	g_autoptr(SmtpReply) reply = reply_of(rows[_i].reply);
	g_autoptr(Status) status =
		smtp_why_reply(rows[_i].at, reply, &parties);

	ck_assert_msg(status->outcome == rows[_i].outcome &&
			      status->fault == rows[_i].fault,
		      "%s: %s, %s", rows[_i].reply,
		      outcome_name(status->outcome),
		      fault_name(status->fault));
	ck_assert_str_eq(status->enhanced, rows[_i].enhanced);
	ck_assert_uint_eq(status->code, reply->code);
	ck_assert_str_eq(status->text, reply->text);
	ck_assert_msg(strstr(status->why, rows[_i].why) != NULL, "%s: %s",
		      rows[_i].reply, status->why);
}
END_TEST

/* Every step with every class of code: a sentence, and no bounce for us. */
START_TEST(no_reply_is_without_a_sentence)
{
	for (guint at = SMTP_AT_CONNECT; at <= SMTP_AT_DOT; at <<= 1)
		for (guint code = 200; code < 600; code++) {
			g_autofree char *line =
				g_strdup_printf("%u text", code);
			g_autoptr(SmtpReply) reply = reply_of(line);
			g_autoptr(Status) status =
				smtp_why_reply(at, reply, &parties);

			ck_assert_uint_gt(strlen(status->why), 20);
			ck_assert_ptr_null(strchr(status->why, '$'));
			if (at < SMTP_AT_MAIL || code < 500)
				ck_assert_int_eq(status->outcome, LATER);
		}
}
END_TEST

START_TEST(no_sentence_has_an_unknown_word)
{
	for (guint i = 0; i < smtp_trouble_rows_count; i++) {
		g_autoptr(Status) status = smtp_why_trouble(
			smtp_trouble_rows[i].trouble, &parties);

		ck_assert_uint_eq(i, smtp_trouble_rows[i].trouble);
		ck_assert_ptr_null(strchr(status->why, '$'));
		ck_assert_int_ne(status->fault, FAULT_NONE);
		/* The same words are not told twice. */
		ck_assert_str_eq(status->text,
				 g_str_equal(status->why, "the detail")
					 ? ""
					 : "the detail");
	}
	ck_assert_uint_eq(smtp_trouble_rows_count, SMTP_OUR_FAULT + 1);
}
END_TEST

/* A row that an earlier one hides would never be read. */
START_TEST(no_sentence_is_hidden)
{
	for (guint i = 0; i < smtp_why_rows_count; i++)
		for (guint j = 0; j < i; j++) {
			const SmtpWhyRow *late = &smtp_why_rows[i];
			const SmtpWhyRow *early = &smtp_why_rows[j];

			ck_assert_msg(
				(late->at & ~early->at) ||
					(early->code &&
					 early->code != late->code) ||
					(early->subject &&
					 g_strcmp0(early->subject,
						   late->subject)) ||
					(early->outcome &&
					 early->outcome != late->outcome) ||
					early->relay,
				"%s", late->sentence);
		}
}
END_TEST

START_TEST(parties_that_are_not_known_are_named_so)
{
	const SmtpParties nobody = { NULL };
	g_autoptr(SmtpReply) reply = reply_of("450 4.1.2 dns");
	g_autoptr(Status) status =
		smtp_why_reply(SMTP_AT_RCPT, reply, &nobody);

	ck_assert_str_eq(status->why,
			 "Your provider could not look up the recipient's "
			 "domain just now. This mostly passes.");
}
END_TEST

static const struct {
	const char *reply;
	const char *id;
} id_rows[] = {
	{ "250 2.0.0 Ok: queued as 4RtXyz", "4RtXyz" },
	{ "250 OK id=1rABcd-0003Xy-1w", "1rABcd-0003Xy-1w" },
	{ "250 2.0.0 8f2a51 Message accepted for delivery", "8f2a51" },
	{ "250 ok", "" },
	{ "250 queued as ", "" },
};

START_TEST(the_next_hops_id_is_found)
{
	g_autoptr(SmtpReply) reply = reply_of(id_rows[_i].reply);
	g_autoptr(Status) status = smtp_why_delivered(reply);

	ck_assert_int_eq(status->outcome, OUTCOME_DELIVERED);
	ck_assert_int_eq(status->fault, FAULT_NONE);
	ck_assert_int_eq(status->enhanced[0], '2');
	ck_assert_str_eq(status->remote_id, id_rows[_i].id);
}
END_TEST

static Suite *
make_smtp_why_suite(void)
{
	Suite *suite = suite_create("smtp-why");
	TCase *tc = tcase_create("smtp-why");

	tcase_add_loop_test(tc, a_reply_has_its_meaning, 0,
			    G_N_ELEMENTS(rows));
	tcase_add_test(tc, no_reply_is_without_a_sentence);
	tcase_add_test(tc, no_sentence_has_an_unknown_word);
	tcase_add_test(tc, no_sentence_is_hidden);
	tcase_add_test(tc, parties_that_are_not_known_are_named_so);
	tcase_add_loop_test(tc, the_next_hops_id_is_found, 0,
			    G_N_ELEMENTS(id_rows));
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_smtp_why_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
