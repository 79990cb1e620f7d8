// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A message handed over to an engine that refuses, or dies at any step: it
 * is committed whole, dropped whole, or refused whole.
 */
#include "client/sendmail-submit.h"

#include <check.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/drop.h"
#include "common/wire.h"

#define LARGE (2 * LETTER_GATHERED)

static char *folder;
static Paths paths;
static pid_t engine;

/* --- an engine that follows a script --- */

static void
note(const char *file, const void *bytes, gsize size)
{
	g_autofree char *path = g_build_filename(folder, file, NULL);
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size)
		_exit(3);
	close(fd);
}

static void
note_text(const char *file, const char *text)
{
	note(file, text, strlen(text));
}

static void
note_key(const WirePacket *packet)
{
	g_autoptr(GVariant) options = NULL;
	const char *key = "";

	g_variant_get(packet->body, "(&s@a{sv})", NULL, &options);
	g_variant_lookup(options, "key", "&s", &key);
	note_text("key", key);
}

static void
answer_recipient(int fd, const WirePacket *packet)
{
	const char *address;

	g_variant_get(packet->body, "(&s@a{sv})", &address, NULL);
	if (g_str_has_prefix(address, "bad"))
		wire_send_failure(fd, "Recipient", packet->serial, "5.1.1",
				  "There is no such user.", NULL);
	else if (g_str_has_prefix(address, "later"))
		wire_send_failure(fd, "Recipient", packet->serial, "4.3.0",
				  "Not now.", NULL);
	else
		wire_send(fd, WIRE_REPLY, "Recipient", packet->serial,
			  g_variant_new("()"), NULL);
}

static void
answer(int fd, const WirePacket *packet)
{
	GVariant *body = NULL;

	if (packet->kind == WIRE_DATA) {
		note("data", packet->data, packet->size);
		return;
	}
	if (g_str_equal(packet->name, "Recipient")) {
		answer_recipient(fd, packet);
		return;
	}
	if (g_str_equal(packet->name, "Submit"))
		note_key(packet);
	if (g_str_equal(packet->name, "Hello"))
		body = g_variant_new("(us)", API_VERSION, "submit user");
	else if (g_str_equal(packet->name, "Commit"))
		body = g_variant_new("(s)", "1-0000");
	else
		body = g_variant_new("()");
	wire_send(fd, WIRE_REPLY, packet->name, packet->serial, body, NULL);
}

/* Serves one connection; dies when @last comes, unanswered. */
static void
serve(int listener, const char *last)
{
	int fd = accept(listener, NULL, NULL);
	WirePacket *packet;

	while ((packet = wire_receive(fd, NULL))) {
		const char *name = packet->kind == WIRE_DATA ? "d" :
							       packet->name;

		note_text("log", name);
		note_text("log", " ");
		if (g_str_equal(name, last))
			_exit(0);
		answer(fd, packet);
		wire_packet_free(packet);
	}
	_exit(0);
}

static void
start_engine(const char *last)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	g_strlcpy(address.sun_path, paths.submit, sizeof(address.sun_path));
	ck_assert_int_eq(
		bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(fd, 5), 0);
	engine = fork();
	if (engine == 0)
		serve(fd, last);
	close(fd);
}

static void
set_up(void)
{
	folder = g_dir_make_tmp("masqmail-test-XXXXXX", NULL);
	paths = (Paths){
		.user = TRUE,
		.submit = g_build_filename(folder, "submit", NULL),
		.drop = g_build_filename(folder, "drop", NULL),
	};
	engine = 0;
	signal(SIGPIPE, SIG_IGN);
}

static void
remove_tree(const char *path)
{
	g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
	const char *name;

	while (directory && (name = g_dir_read_name(directory))) {
		g_autofree char *inside = g_build_filename(path, name, NULL);

		remove_tree(inside);
	}
	g_remove(path);
}

static void
tear_down(void)
{
	if (engine > 0)
		waitpid(engine, NULL, 0);
	remove_tree(folder);
	g_free(paths.submit);
	g_free(paths.drop);
	g_free(folder);
}

/* --- what came of it --- */

/* (transfer full) What was noted in @file; "" when nothing was. */
static char *
noted(const char *file)
{
	g_autofree char *path = g_build_filename(folder, file, NULL);
	char *text;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return g_strdup("");
	return text;
}

/* (transfer full) (nullable) The one file in the drop directory. */
static char *
dropped(void)
{
	g_autoptr(GDir) directory = g_dir_open(paths.drop, 0, NULL);
	const char *name = directory ? g_dir_read_name(directory) : NULL;
	g_autofree char *path = NULL;
	char *text = NULL;

	if (!name)
		return NULL;
	path = g_build_filename(paths.drop, name, NULL);
	ck_assert(g_file_get_contents(path, &text, NULL, NULL));
	ck_assert_ptr_null(g_dir_read_name(directory));
	return text;
}

typedef struct {
	gboolean good;
	int code;
	char *message;
	char *id;
} Handed;

/* Hands in a header and @size bytes of body, for @recipients. */
static Handed
submit(gsize size, const char *const *recipients)
{
	SendmailOptions options = { 0 };
	Envelope envelope = { .sender = (char[]){ "ada@x" } };
	g_autofree char *path = g_build_filename(folder, "input", NULL);
	g_autoptr(GString) text = g_string_new("Subject: hi\r\n\r\n");
	g_autoptr(Letter) letter = NULL;
	g_auto(SubmitLink) link = { NULL, NULL };
	g_autoptr(GError) error = NULL;
	Handed outcome = { 0 };
	int fd;

	envelope.recipients = g_ptr_array_new_with_free_func(g_free);
	for (; *recipients; recipients++)
		g_ptr_array_add(envelope.recipients, g_strdup(*recipients));
	for (gsize i = 0; i < size; i += 4)
		g_string_append(text, i % 64 == 60 ? "\xc3\xa4\r\n" : "body");
	g_string_append(text, "end\r\n");
	ck_assert(g_file_set_contents(path, text->str, text->len, NULL));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	letter = letter_new(fd, TRUE);
	ck_assert(letter_gather(letter, &error));
	submit_link_open(&link, &paths);
	outcome.good = submit_letter(&options, &paths, &envelope, letter,
				     &link, &outcome.id, &error);
	outcome.code = error ? error->code : 0;
	outcome.message = g_strdup(error ? error->message : "");
	g_ptr_array_unref(envelope.recipients);
	close(fd);
	return outcome;
}

static void
handed_clear(Handed *outcome)
{
	g_free(outcome->message);
	g_free(outcome->id);
}

static const char *const one[] = { "bob@y", NULL };

static const gsize sizes[] = { 0, 1000, 100000, LARGE };

START_TEST(a_message_is_committed_whole)
{
	Handed outcome;
	g_autofree char *data = NULL, *input = NULL, *log = NULL;

	start_engine("");
	outcome = submit(sizes[_i], one);
	ck_assert_msg(outcome.good, "%s", outcome.message);
	ck_assert_str_eq(outcome.id, "1-0000");
	data = noted("data");
	input = noted("input");
	log = noted("log");
	ck_assert_str_eq(data, input);
	ck_assert_ptr_null(dropped());
	/* What only the data told is told behind them. */
	ck_assert_int_eq(strstr(log, "Describe") != NULL,
			 sizes[_i] == LARGE);
	handed_clear(&outcome);
}
END_TEST

static const char *const steps[] = { "Hello", "Submit", "Recipient", "d",
				     "Commit" };

START_TEST(an_engine_that_dies_loses_nothing)
{
	Handed outcome;
	g_autofree char *drop = NULL, *key = NULL, *input = NULL;

	start_engine(steps[_i]);
	outcome = submit(1000, one);
	ck_assert_msg(outcome.good, "%s: %s", steps[_i], outcome.message);
	ck_assert_ptr_null(outcome.id);
	drop = dropped();
	key = noted("key");
	input = noted("input");
	ck_assert_ptr_nonnull(drop);
	ck_assert(g_str_has_suffix(drop, input));
	ck_assert_ptr_nonnull(strstr(drop, "\nSender: ada@x\n"
					   "Recipient: bob@y\n"));
	/* By its key a message that arrived after all is known again. */
	if (*key)
		ck_assert_ptr_nonnull(strstr(drop, key));
	handed_clear(&outcome);
}
END_TEST

/* One that hangs: before it accepts anybody, or after. */
START_TEST(an_engine_that_hangs_is_away)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), other = -1;
	g_autofree char *drop = NULL;
	gint64 started;
	Handed outcome;

	g_strlcpy(address.sun_path, paths.submit, sizeof(address.sun_path));
	ck_assert_int_eq(
		bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(fd, 0), 0);
	if (_i == 0) {
		other = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
		ck_assert_int_eq(connect(other, (struct sockaddr *)&address,
					 sizeof(address)),
				 0);
	}
	started = g_get_monotonic_time();
	outcome = submit(sizes[_i], one);
	ck_assert_msg(outcome.good, "%s", outcome.message);
	ck_assert_int_le((g_get_monotonic_time() - started) / 1000,
			 2 * CLIENT_HELLO_MS);
	drop = dropped();
	ck_assert_ptr_nonnull(drop);
	close(fd);
	if (other >= 0)
		close(other);
	handed_clear(&outcome);
}
END_TEST

START_TEST(what_is_only_half_in_memory_is_refused)
{
	Handed outcome;

	start_engine("Commit");
	outcome = submit(LARGE, one);
	ck_assert(!outcome.good);
	ck_assert_int_eq(outcome.code, EX_TEMPFAIL);
	ck_assert_ptr_null(dropped());
	handed_clear(&outcome);
}
END_TEST

START_TEST(a_large_message_is_dropped_whole)
{
	Handed outcome = submit(LARGE, one);
	g_autofree char *drop = dropped(), *input = noted("input");

	ck_assert_msg(outcome.good, "%s", outcome.message);
	ck_assert(g_str_has_suffix(drop, input));
	handed_clear(&outcome);
}
END_TEST

static const struct {
	const char *recipients[4];
	int code;
	const char *named; /* all of these, joined by '|' */
} refusals[] = {
	{ { "bad1@y", NULL }, EX_NOUSER, "bad1@y: There is no such user." },
	{ { "a@y", "bad1@y", "bad2@y", NULL }, EX_NOUSER, "bad1@y|bad2@y" },
	{ { "later1@y", "a@y", NULL }, EX_TEMPFAIL, "later1@y: Not now." },
	{ { "later1@y", "bad1@y", NULL }, EX_NOUSER, "later1@y|bad1@y" },
	{ { "bad1@y", "later1@y", NULL }, EX_NOUSER, "later1@y|bad1@y" },
};

START_TEST(one_refusal_refuses_all)
{
	for (gsize size = 0; size <= LARGE; size += LARGE) {
		g_auto(GStrv) names = g_strsplit(refusals[_i].named, "|", -1);
		g_autofree char *log = NULL;
		Handed outcome;

		start_engine("");
		outcome = submit(size, refusals[_i].recipients);
		ck_assert(!outcome.good);
		ck_assert_int_eq(outcome.code, refusals[_i].code);
		for (char **name = names; *name; name++)
			ck_assert_msg(strstr(outcome.message, *name) != NULL,
				      "%s", outcome.message);
		log = noted("log");
		ck_assert_ptr_null(strstr(log, "Commit"));
		ck_assert_ptr_null(dropped());
		handed_clear(&outcome);
		waitpid(engine, NULL, 0);
		engine = 0;
		g_remove(paths.submit);
	}
}
END_TEST

static const guint crowds[] = { SUBMIT_PIPELINED - 1, SUBMIT_PIPELINED,
				SUBMIT_PIPELINED + 1, 1000 };

START_TEST(many_recipients_are_asked_for_in_turns)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *log = NULL;
	Handed outcome;
	guint asked = 0;

	for (guint i = 0; i < crowds[_i]; i++)
		g_ptr_array_add(names, g_strdup_printf("r%u@y", i));
	g_ptr_array_add(names, NULL);
	start_engine("");
	outcome = submit(100, (const char *const *)names->pdata);
	ck_assert_msg(outcome.good, "%s", outcome.message);
	log = noted("log");
	for (const char *at = log; (at = strstr(at, "Recipient")); at++)
		asked++;
	ck_assert_uint_eq(asked, crowds[_i]);
	handed_clear(&outcome);
}
END_TEST

START_TEST(nowhere_to_go_is_try_again)
{
	Handed outcome;

	ck_assert(g_file_set_contents(paths.drop, "", 0, NULL));
	outcome = submit(10, one);
	ck_assert(!outcome.good);
	ck_assert_int_eq(outcome.code, EX_TEMPFAIL);
	ck_assert_ptr_nonnull(strstr(outcome.message, paths.submit));
	handed_clear(&outcome);
}
END_TEST

static Suite *
make_sendmail_submit_suite(void)
{
	Suite *suite = suite_create("sendmail-submit");
	TCase *tc = tcase_create("sendmail-submit");

	tcase_set_timeout(tc, 30);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, a_message_is_committed_whole, 0,
			    G_N_ELEMENTS(sizes));
	tcase_add_loop_test(tc, an_engine_that_dies_loses_nothing, 0,
			    G_N_ELEMENTS(steps));
	tcase_add_loop_test(tc, an_engine_that_hangs_is_away, 0,
			    G_N_ELEMENTS(sizes));
	tcase_add_test(tc, what_is_only_half_in_memory_is_refused);
	tcase_add_test(tc, a_large_message_is_dropped_whole);
	tcase_add_loop_test(tc, one_refusal_refuses_all, 0,
			    G_N_ELEMENTS(refusals));
	tcase_add_loop_test(tc, many_recipients_are_asked_for_in_turns, 0,
			    G_N_ELEMENTS(crowds));
	tcase_add_test(tc, nowhere_to_go_is_try_again);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_sendmail_submit_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
