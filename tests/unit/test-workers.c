// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The local and the smtp-in worker as processes, the engine and the client
 * played to them.
 */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/status.h"
#include "daemon/worker/smtp-in-serve.h"
#include "tests/unit/worker-peer.h"

#define LARGE (25 * 1024 * 1024)
#define MAX_RSS_KIB (12 * 1024)
#define PATIENCE_MS 10000

static char *
built(const char *name)
{
	const char *top = g_getenv("top_builddir");

	return g_build_filename(top ? top : ".", "daemon/worker", name, NULL);
}

static GVariant *
make_job(const char *const *addresses)
{
	GVariantBuilder recipients;
	GVariantDict job;

	g_variant_builder_init(&recipients, G_VARIANT_TYPE("a(usa{ss})"));
	for (guint i = 0; addresses[i]; i++)
		g_variant_builder_add(&recipients, "(usa{ss})", i,
				      addresses[i], NULL);
	g_variant_dict_init(&job, NULL);
	g_variant_dict_insert(&job, "id", "s", "1-0000");
	g_variant_dict_insert(&job, "sender", "s", "ada@x.example");
	g_variant_dict_insert_value(&job, "recipients",
				    g_variant_builder_end(&recipients));
	return g_variant_ref_sink(g_variant_dict_end(&job));
}

static char *home;

static void
make_home(void)
{
	home = g_dir_make_tmp("worker-XXXXXX", NULL);
}

static void
remove_tree(char *path)
{
	char *argv[] = { g_strdup("/bin/rm"), g_strdup("-rf"), path, NULL };

	g_spawn_sync(NULL, argv, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL);
	g_free(argv[0]);
	g_free(argv[1]);
}

static void
remove_home(void)
{
	remove_tree(home);
	g_free(home);
}

static guint
count_new(const char *maildir)
{
	g_autofree char *path = g_build_filename(home, maildir, "new", NULL);
	GDir *dir = g_dir_open(path, 0, NULL);
	guint n = 0;

	while (dir && g_dir_read_name(dir))
		n++;
	if (dir)
		g_dir_close(dir);
	return n;
}

static WorkerPeer *
local_peer(const char *config, const char *bytes, gsize size)
{
	static const char *const both[] = { "bob@host.example",
					    "bob+x@host.example", NULL };
	WorkerPeer *peer = worker_peer_new(built("local"));

	peer->home = home;
	peer->config = config;
	peer->job = make_job(both);
	peer->bytes = bytes;
	peer->size = size;
	return peer;
}

#define SMALL "Subject: x\r\n\r\nFrom a\r\n"

START_TEST(each_recipient_gets_a_copy_and_a_verdict)
{
	static const char *const configs[] = {
		"[Local]\nDelivery=maildir\n",
		"[Local]\nDelivery=maildir\nMaildir=mail/in\n",
		"[Local]\nDelivery=mbox\nMbox=mail/box\n",
	};
	WorkerPeer *peer = local_peer(configs[_i], SMALL, strlen(SMALL));
	g_autofree char *mbox = g_build_filename(home, "mail/box", NULL);

	worker_peer_run(peer);
	ck_assert_int_eq(peer->exit_code, 0);
	ck_assert_uint_eq(g_hash_table_size(peer->verdicts), 2);
	for (guint i = 0; i < 2; i++) {
		const Status *status = g_hash_table_lookup(
			peer->verdicts, GUINT_TO_POINTER(i));

		ck_assert_int_eq(status->outcome, OUTCOME_DELIVERED);
		ck_assert(g_str_has_prefix(status->host, home));
	}
	if (_i < 2)
		ck_assert_uint_eq(count_new(_i ? "mail/in" : "Maildir"), 2);
	else
		ck_assert(g_file_test(mbox, G_FILE_TEST_IS_REGULAR));
	worker_peer_free(peer);
}
END_TEST

START_TEST(a_missing_home_defers)
{
	WorkerPeer *peer = local_peer("[Local]\nDelivery=maildir\n", SMALL,
				      strlen(SMALL));
	const Status *status;

	peer->home = "/nonexistent/bob";
	worker_peer_run(peer);
	status = g_hash_table_lookup(peer->verdicts, GUINT_TO_POINTER(0));
	ck_assert_ptr_nonnull(status);
	ck_assert_int_eq(status->outcome, OUTCOME_DEFERRED);
	ck_assert_ptr_nonnull(strstr(status->why, "mounted"));
	worker_peer_free(peer);
}
END_TEST

START_TEST(an_own_link_out_of_the_home_is_followed)
{
	WorkerPeer *peer = local_peer("[Local]\nDelivery=maildir\n", SMALL,
				      strlen(SMALL));
	g_autofree char *disk = g_dir_make_tmp("disk-XXXXXX", NULL);
	g_autofree char *link = g_build_filename(home, "Maildir", NULL);

	ck_assert_int_eq(symlink(disk, link), 0);
	worker_peer_run(peer);
	ck_assert_uint_eq(count_new("Maildir"), 2);
	remove_tree(disk);
	worker_peer_free(peer);
}
END_TEST

START_TEST(a_large_message_takes_little_memory)
{
	static const char *const configs[] = {
		"[Local]\nDelivery=maildir\n",
		"[Local]\nDelivery=mbox\nMbox=box\n",
	};
	g_autofree char *large = g_malloc(LARGE);
	WorkerPeer *peer;

	memset(large, 'x', LARGE);
	for (gsize i = 76; i + 1 < LARGE; i += 78)
		memcpy(large + i, "\r\n", 2);
	memcpy(large, "A: b\r\n\r\n", 8);
	peer = local_peer(configs[_i], large, LARGE);
	worker_peer_run(peer);
	ck_assert_int_eq(peer->exit_code, 0);
	ck_assert_uint_eq(g_hash_table_size(peer->verdicts), 2);
	ck_assert(worker_peer_was_small(peer, MAX_RSS_KIB));
	worker_peer_free(peer);
}
END_TEST

START_TEST(a_dead_engine_leaves_no_mail)
{
	WorkerPeer *peer = local_peer("[Local]\nDelivery=maildir\n", SMALL,
				      strlen(SMALL));

	/* Job, then one fetch: the second is not answered any more. */
	peer->dies_after = 2;
	worker_peer_run(peer);
	ck_assert_uint_eq(count_new("Maildir"), 0);
	ck_assert_int_ne(peer->exit_code, 0);
	worker_peer_free(peer);
}
END_TEST

/* --- smtp-in --- */

typedef struct {
	WorkerPeer *peer;
	int fd;
} Dialogue;

static Dialogue
start_dialogue(const char *config)
{
	Dialogue dialogue;
	int pair[2];

	ck_assert_int_eq(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	dialogue.peer = worker_peer_new(built("smtp-in"));
	dialogue.peer->config = config;
	dialogue.peer->client_fd = pair[1];
	dialogue.fd = pair[0];
	worker_peer_start(dialogue.peer);
	return dialogue;
}

/* The answer's last line begins with @code. */
static void
expect(Dialogue *dialogue, const char *code)
{
	char buffer[4096];
	gsize got = 0;
	gint64 end = g_get_monotonic_time() + PATIENCE_MS * 1000;
	const char *last = NULL;

	while (!last || g_strrstr(buffer, "\r\n") + 2 != buffer + got) {
		gssize more;

		ck_assert_int_lt(g_get_monotonic_time(), end);
		worker_peer_serve(dialogue->peer, 5);
		more = recv(dialogue->fd, buffer + got,
			    sizeof(buffer) - got - 1, MSG_DONTWAIT);
		if (more > 0)
			got += more;
		buffer[got] = '\0';
		last = g_strrstr(buffer, "\r\n");
	}
	last = g_strrstr_len(buffer, got - 2, "\r\n");
	last = last ? last + 2 : buffer;
	ck_assert_msg(g_str_has_prefix(last, code), "%s, not %s", last, code);
}

static void
say(Dialogue *dialogue, const char *text)
{
	ck_assert_int_eq(send(dialogue->fd, text, strlen(text), 0),
			 strlen(text));
}

static void
begin_mail(Dialogue *dialogue)
{
	expect(dialogue, "220");
	say(dialogue, "EHLO x\r\n");
	expect(dialogue, "250");
	say(dialogue, "MAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\n"
		      "DATA\r\n");
	expect(dialogue, "354");
}

START_TEST(a_message_reaches_the_engine)
{
	Dialogue dialogue = start_dialogue("");

	begin_mail(&dialogue);
	say(&dialogue, SMALL "..\r\n.\r\n");
	expect(&dialogue, "250");
	say(&dialogue, "QUIT\r\n");
	expect(&dialogue, "221");
	worker_peer_finish(dialogue.peer);
	ck_assert_int_eq(dialogue.peer->exit_code, 0);
	ck_assert_mem_eq(dialogue.peer->data->data, SMALL ".\r\n",
			 dialogue.peer->data->len);
	ck_assert_uint_eq(worker_peer_count(
				  dialogue.peer,
				  "Describe ({'subject': <'x'>},)"),
			  1);
	close(dialogue.fd);
	worker_peer_free(dialogue.peer);
}
END_TEST

START_TEST(a_client_that_leaves_commits_nothing)
{
	Dialogue dialogue = start_dialogue("");

	begin_mail(&dialogue);
	say(&dialogue, SMALL);
	close(dialogue.fd);
	worker_peer_finish(dialogue.peer);
	ck_assert_int_eq(dialogue.peer->exit_code, 0);
	ck_assert_uint_eq(worker_peer_count(dialogue.peer, "Commit"), 0);
	ck_assert_uint_eq(dialogue.peer->data->len, 0);
	worker_peer_free(dialogue.peer);
}
END_TEST

START_TEST(an_engine_that_dies_is_told_of)
{
	Dialogue dialogue = start_dialogue("");
	char buffer[1024] = "";

	expect(&dialogue, "220");
	dialogue.peer->dies_after = 1;
	say(&dialogue, "EHLO x\r\n");
	expect(&dialogue, "250");
	say(&dialogue, "MAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\n");
	worker_peer_finish(dialogue.peer);
	ck_assert_int_gt(recv(dialogue.fd, buffer, sizeof(buffer) - 1, 0), 0);
	ck_assert_ptr_nonnull(strstr(buffer, "421 4."));
	close(dialogue.fd);
	worker_peer_free(dialogue.peer);
}
END_TEST

START_TEST(the_size_limit_is_the_configurations)
{
	Dialogue dialogue = start_dialogue("[General]\nSizeLimit=1K\n");

	expect(&dialogue, "220");
	say(&dialogue, "EHLO x\r\n");
	expect(&dialogue, "250");
	say(&dialogue, "MAIL FROM:<a@x.example> SIZE=1025\r\n");
	expect(&dialogue, "552");
	close(dialogue.fd);
	worker_peer_finish(dialogue.peer);
	worker_peer_free(dialogue.peer);
}
END_TEST

/* --- how long a client may take --- */

typedef struct {
	int client, engine;
	pid_t pid;
} Served;

/* A server of its own, in a process, with deadlines of a second. */
static Served
serve_with(const ServeLimits *limits)
{
	const SessionConfig config = { .host = "mail.example" };
	const int little = 1;
	int link[2], wire[2];
	Served served;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, link), 0);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, wire), 0);
	setsockopt(link[1], SOL_SOCKET, SO_SNDBUF, &little, sizeof(little));
	served.pid = fork();
	if (served.pid == 0) {
		Client *engine = client_new(wire[1]);

		close(link[0]);
		close(wire[0]);
		smtp_in_serve(engine, link[1], &config, limits);
		_exit(0);
	}
	close(link[1]);
	close(wire[1]);
	served.client = link[0];
	served.engine = wire[0];
	return served;
}

/* What came until the end, within @seconds; then it is over. */
static char *
read_to_end(Served *served, guint seconds)
{
	struct timeval patience = { .tv_sec = seconds };
	GString *text = g_string_new(NULL);
	char buffer[512];
	gssize got;

	setsockopt(served->client, SOL_SOCKET, SO_RCVTIMEO, &patience,
		   sizeof(patience));
	while ((got = recv(served->client, buffer, sizeof(buffer), 0)) > 0)
		g_string_append_len(text, buffer, got);
	ck_assert_msg(got == 0 || errno == ECONNRESET, "it still talks: %s",
		      text->str);
	ck_assert_int_eq(waitpid(served->pid, NULL, 0), served->pid);
	close(served->client);
	close(served->engine);
	return g_string_free(text, FALSE);
}

/* Takes what is there up to the next line end. */
static void
read_line(Served *served)
{
	char c = '\0';

	while (c != '\n' && recv(served->client, &c, 1, 0) == 1)
		;
}

START_TEST(a_silent_client_is_left)
{
	const ServeLimits limits = { .step = 1, .answer = 1, .session = 60 };
	Served served = serve_with(&limits);
	g_autofree char *text = read_to_end(&served, 10);

	ck_assert_ptr_nonnull(strstr(text, "421 4.4.2"));
}
END_TEST

START_TEST(a_client_that_drips_is_left)
{
	const ServeLimits limits = { .step = 1, .answer = 1, .session = 60 };
	Served served = serve_with(&limits);
	g_autofree char *text = NULL;
	guint drops = 0;

	read_line(&served);
	while (drops < 40 && send(served.client, "N", 1, MSG_NOSIGNAL) == 1) {
		g_usleep(100000);
		drops++;
	}
	text = read_to_end(&served, 10);
	ck_assert_uint_lt(drops, 40);
	ck_assert_ptr_nonnull(strstr(text, "421 4.4.2"));
}
END_TEST

START_TEST(a_busy_client_is_left_in_the_end)
{
	const ServeLimits limits = { .step = 60, .answer = 1, .session = 2 };
	Served served = serve_with(&limits);
	g_autofree char *text = NULL;
	guint commands = 0;

	read_line(&served);
	while (commands < 60 &&
	       send(served.client, "NOOP\r\n", 6, MSG_NOSIGNAL) == 6) {
		g_usleep(100000);
		commands++;
	}
	text = read_to_end(&served, 10);
	ck_assert_uint_gt(commands, 10);
	ck_assert_uint_lt(commands, 60);
}
END_TEST

START_TEST(a_client_that_does_not_read_is_left)
{
	const ServeLimits limits = { .step = 60, .answer = 1, .session = 60 };
	Served served = serve_with(&limits);
	const gint64 start = g_get_monotonic_time();
	g_autoptr(GString) many = g_string_new(NULL);
	gint64 took;

	for (guint i = 0; i < SESSION_MAX_IDLE - 5; i++)
		g_string_append(many, "HELP\r\n");
	read_line(&served);
	ck_assert_int_eq(send(served.client, "EHLO x\r\n", 8, 0), 8);
	for (guint i = 0; i < 8; i++)
		read_line(&served);
	/* Their answers are more than the kernel keeps for us. */
	ck_assert_int_eq(send(served.client, many->str, many->len, 0),
			 many->len);
	ck_assert_int_eq(waitpid(served.pid, NULL, 0), served.pid);
	took = g_get_monotonic_time() - start;
	ck_assert_int_ge(took, 900000);
	ck_assert_int_le(took, 10000000);
	close(served.client);
	close(served.engine);
}
END_TEST

START_TEST(a_stopping_daemon_is_told_of)
{
	const ServeLimits limits = { .step = 60, .answer = 1, .session = 60 };
	Served served = serve_with(&limits);
	g_autofree char *text = NULL;

	shutdown(served.engine, SHUT_RDWR);
	text = read_to_end(&served, 10);
	ck_assert_ptr_nonnull(strstr(text, "421 4.4.2 The mail system is"));
}
END_TEST

static Suite *
make_worker_suite(void)
{
	Suite *suite = suite_create("workers");
	TCase *local = tcase_create("local");
	TCase *in = tcase_create("smtp-in");
	TCase *slow = tcase_create("deadlines");

	tcase_set_timeout(slow, 60);
	tcase_set_timeout(local, 60);
	tcase_set_timeout(in, 60);
	tcase_add_checked_fixture(local, make_home, remove_home);
	tcase_add_loop_test(local, each_recipient_gets_a_copy_and_a_verdict,
			    0, 3);
	tcase_add_test(local, a_missing_home_defers);
	tcase_add_test(local, an_own_link_out_of_the_home_is_followed);
	tcase_add_loop_test(local, a_large_message_takes_little_memory, 0, 2);
	tcase_add_test(local, a_dead_engine_leaves_no_mail);
	tcase_add_test(in, a_message_reaches_the_engine);
	tcase_add_test(in, a_client_that_leaves_commits_nothing);
	tcase_add_test(in, an_engine_that_dies_is_told_of);
	tcase_add_test(in, the_size_limit_is_the_configurations);
	tcase_add_test(slow, a_silent_client_is_left);
	tcase_add_test(slow, a_client_that_drips_is_left);
	tcase_add_test(slow, a_busy_client_is_left_in_the_end);
	tcase_add_test(slow, a_client_that_does_not_read_is_left);
	tcase_add_test(slow, a_stopping_daemon_is_told_of);
	suite_add_tcase(suite, slow);
	suite_add_tcase(suite, local);
	suite_add_tcase(suite, in);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_worker_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
