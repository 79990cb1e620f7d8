// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Local delivery into a scratch home, the engine played by a block of
 * memory; and what somebody else may have put where the mailbox should be.
 */
#include "daemon/worker/local-deliver.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/error.h"
#include "daemon/worker/local-lines.h"

#define MESSAGE                                                        \
	"Received: by host\r\nReturn-Path: <old@x.example>\r\n"        \
	"Subject: a\r\n b\r\n\r\nFrom here on\r\n>From there\r\nend\r\n"
#define IN_MAILDIR                                                       \
	"Return-Path: <ada@x.example>\nDelivered-To: bob@host.example\n" \
	"Received: by host\nSubject: a\n b\n\n"                          \
	"From here on\n>From there\nend\n"
#define IN_MBOX                                                          \
	"From ada@x.example Thu Jan  1 00:16:40 1970\n"                  \
	"Return-Path: <ada@x.example>\nDelivered-To: bob@host.example\n" \
	"Received: by host\nSubject: a\n b\n\n"                          \
	">From here on\n>>From there\nend\n\n"

static char *home;

static char *
in_home(const char *name)
{
	return g_build_filename(home, name, NULL);
}

static void
make_home(void)
{
	home = g_dir_make_tmp("local-XXXXXX", NULL);
	ck_assert_ptr_nonnull(home);
}

static void
remove_home(void)
{
	char *argv[] = { g_strdup("/bin/rm"), g_strdup("-rf"), home, NULL };

	g_spawn_sync(NULL, argv, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL);
	g_free(argv[0]);
	g_free(argv[1]);
	g_clear_pointer(&home, g_free);
}

typedef struct {
	const char *bytes;
	gsize size;
	gsize part;      /* bytes a fetch */
	gsize dies_at;   /* the engine is gone from here on; 0: never */
} Source;

static GBytes *
fetch(void *user, guint64 offset, GError **error)
{
	const Source *source = user;

	if (source->dies_at && offset >= source->dies_at) {
		errno = EPIPE;
		return error_null_errno(error, "engine");
	}
	return g_bytes_new(source->bytes + offset,
			   MIN(source->part, source->size - offset));
}

static LocalDelivery
delivery_of(const BoxKind *kind, const char *path, Source *source)
{
	LocalDelivery delivery = {
		.kind = kind,
		.target = { .home = home,
			    .path = path,
			    .sender = "ada@x.example",
			    .now = 1000,
			    .lock_wait = 0 },
		.address = "bob@host.example",
		.fetch = fetch,
		.user = source,
	};

	return delivery;
}

static Status *
deliver_bytes(const BoxKind *kind, const char *path, const char *bytes,
	      gsize size, gsize part)
{
	Source source = { bytes, size, part, 0 };
	LocalDelivery delivery = delivery_of(kind, path, &source);
	g_autoptr(GError) error = NULL;
	Status *status = local_deliver(&delivery, &error);

	ck_assert_ptr_nonnull(status);
	return status;
}

static Status *
deliver(const BoxKind *kind, const char *path)
{
	return deliver_bytes(kind, path, MESSAGE, strlen(MESSAGE), 65536);
}

static void
assert_delivered(const Status *status)
{
	ck_assert_msg(status->outcome == OUTCOME_DELIVERED, "%s: %s",
		      status->why, status->text);
	ck_assert_str_eq(status->enhanced, "2.0.0");
}

static guint
count_files(const char *name)
{
	g_autofree char *path = in_home(name);
	GDir *dir = g_dir_open(path, 0, NULL);
	guint n = 0;

	if (!dir)
		return 0;
	while (g_dir_read_name(dir))
		n++;
	g_dir_close(dir);
	return n;
}

static char *
only_file(const char *name)
{
	g_autofree char *path = in_home(name);
	GDir *dir = g_dir_open(path, 0, NULL);
	g_autofree char *file = NULL;
	char *text = NULL;

	ck_assert_ptr_nonnull(dir);
	ck_assert_uint_eq(count_files(name), 1);
	file = g_build_filename(path, g_dir_read_name(dir), NULL);
	g_dir_close(dir);
	ck_assert(g_file_get_contents(file, &text, NULL, NULL));
	return text;
}

static char *
contents(const char *name)
{
	g_autofree char *path = in_home(name);
	char *text = NULL;

	ck_assert(g_file_get_contents(path, &text, NULL, NULL));
	return text;
}

static void
write_file(const char *name, const char *text, mode_t mode)
{
	g_autofree char *path = in_home(name);

	ck_assert(g_file_set_contents(path, text, -1, NULL));
	ck_assert_int_eq(chmod(path, mode), 0);
}

START_TEST(a_maildir_gets_the_message_however_it_comes)
{
	g_autoptr(Status) status =
		deliver_bytes(&box_maildir, "Maildir", MESSAGE,
			      strlen(MESSAGE), _i);
	g_autofree char *text = NULL;
	struct stat about;
	g_autofree char *path = in_home("Maildir/new");

	assert_delivered(status);
	text = only_file("Maildir/new");
	ck_assert_str_eq(text, IN_MAILDIR);
	ck_assert_uint_eq(count_files("Maildir/tmp"), 0);
	ck_assert_int_eq(stat(path, &about), 0);
	ck_assert_uint_eq(about.st_mode & 07777, 0700);
}
END_TEST

START_TEST(an_mbox_gets_the_message_however_it_comes)
{
	g_autoptr(Status) status = deliver_bytes(
		&box_mbox, "mbox", MESSAGE, strlen(MESSAGE), _i);
	g_autofree char *text = NULL;

	assert_delivered(status);
	text = contents("mbox");
	ck_assert_str_eq(text, IN_MBOX);
	ck_assert_uint_eq(count_files("."), 1);
}
END_TEST

static const struct {
	const char *before;
	const char *added;
} tails[] = {
	{ "", "" },
	{ "From x y\n\ntext\n\n", "" },
	{ "From x y\n\ntext\n", "\n" },
	{ "From x y\n\ntext", "\n\n" },
	{ "\n", "" },
	{ "x", "\n\n" },
};

START_TEST(an_mbox_message_follows_an_empty_line)
{
	g_autoptr(Status) status = NULL;
	g_autofree char *text = NULL, *expected = NULL;

	write_file("mbox", tails[_i].before, 0600);
	status = deliver(&box_mbox, "mbox");
	assert_delivered(status);
	text = contents("mbox");
	expected = g_strconcat(tails[_i].before, tails[_i].added, IN_MBOX,
			       NULL);
	ck_assert_str_eq(text, expected);
}
END_TEST

START_TEST(a_second_message_leaves_the_first_alone)
{
	for (guint i = 0; i < 2; i++) {
		g_autoptr(Status) to_mbox = deliver(&box_mbox, "mbox");
		g_autoptr(Status) to_dir = deliver(&box_maildir, "dir");

		assert_delivered(to_mbox);
		assert_delivered(to_dir);
	}
	g_autofree char *text = contents("mbox");

	ck_assert_str_eq(text, IN_MBOX IN_MBOX);
	ck_assert_uint_eq(count_files("dir/new"), 2);
}
END_TEST

static const struct {
	const char *bytes;
	gsize size;
	const char *enhanced;
} bad_messages[] = {
	{ "A: b\r\n\r\nbare\nlf\r\n", 17, "5.6.0" },
	{ "A: b\r\n\r\nbare\rcr\r\n", 17, "5.6.0" },
	{ "A: b\r\n\r\nnul\0\r\n", 14, "5.6.0" },
	{ "Delivered-To: bob@host.example\r\n\r\nx\r\n", 37, "5.4.6" },
	{ "x: y\r\ndelivered-to : BOB@Host.Example \r\n\r\nx\r\n", 45,
	  "5.4.6" },
};

START_TEST(a_bad_message_fails_and_leaves_nothing)
{
	static const BoxKind *const kinds[] = { &box_maildir, &box_mbox };

	write_file("mbox", "From x\n\nkept\n\n", 0600);
	for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
		g_autoptr(Status) status = deliver_bytes(
			kinds[i], i ? "mbox" : "dir", bad_messages[_i].bytes,
			bad_messages[_i].size, 65536);

		ck_assert_int_eq(status->outcome, OUTCOME_FAILED);
		ck_assert_int_eq(status->fault, FAULT_MESSAGE);
		ck_assert_str_eq(status->enhanced, bad_messages[_i].enhanced);
	}
	g_autofree char *text = contents("mbox");

	ck_assert_str_eq(text, "From x\n\nkept\n\n");
	ck_assert_uint_eq(count_files("dir/new"), 0);
	ck_assert_uint_eq(count_files("dir/tmp"), 0);
}
END_TEST

START_TEST(another_recipients_trace_is_no_loop)
{
	static const char text[] = "Delivered-To: carl@host.example\r\n\r\nx "
				   "Delivered-To: bob@host.example\r\n"
				   "Delivered-To: bob@host.example\r\n";
	g_autoptr(Status) status = deliver_bytes(&box_maildir, "dir", text,
						 strlen(text), 65536);

	assert_delivered(status);
}
END_TEST

/* Beyond the bound no loop is looked for, but nothing is lost either. */
START_TEST(a_header_over_the_bound_is_delivered_whole)
{
	g_autofree char *field = g_strnfill(LOCAL_MAX_HEADER, 'x');
	g_autofree char *trace = g_strdup_printf(
		"X: %s\r\nDelivered-To: bob@host.example\r\n\r\nend\r\n",
		_i ? field : "x");
	g_autoptr(Status) status = deliver_bytes(
		&box_maildir, "dir", trace, strlen(trace), 65536);
	g_autofree char *text = NULL;

	if (!_i) {
		ck_assert_str_eq(status->enhanced, "5.4.6");
		return;
	}
	assert_delivered(status);
	text = only_file("dir/new");
	ck_assert(g_str_has_suffix(text, "\n\nend\n"));
	ck_assert_uint_gt(strlen(text), LOCAL_MAX_HEADER);
}
END_TEST

START_TEST(a_dead_engine_leaves_nothing)
{
	static const BoxKind *const kinds[] = { &box_maildir, &box_mbox };

	write_file("mbox", "From x\n\nkept\n\n", 0600);
	for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
		Source source = { MESSAGE, strlen(MESSAGE), 20, 80 };
		LocalDelivery delivery = delivery_of(
			kinds[i], i ? "mbox" : "dir", &source);
		g_autoptr(GError) error = NULL;

		ck_assert_ptr_null(local_deliver(&delivery, &error));
		ck_assert_ptr_nonnull(error);
	}
	g_autofree char *text = contents("mbox");

	ck_assert_str_eq(text, "From x\n\nkept\n\n");
	ck_assert_uint_eq(count_files("dir/new"), 0);
	ck_assert_uint_eq(count_files("dir/tmp"), 0);
	ck_assert_uint_eq(count_files("."), 2);
}
END_TEST

/* --- what may stand in the mailbox's place --- */

static void
make_victim(void)
{
	write_file("victim", "precious\n", 0600);
}

static void
put_link(void)
{
	g_autofree char *path = in_home("mbox");

	make_victim();
	ck_assert_int_eq(symlink("victim", path), 0);
}

static void
put_dangling_link(void)
{
	g_autofree char *path = in_home("mbox");

	make_victim();
	ck_assert_int_eq(symlink("not-there", path), 0);
}

static void
put_hard_link(void)
{
	g_autofree char *path = in_home("mbox");
	g_autofree char *victim = in_home("victim");

	make_victim();
	ck_assert_int_eq(link(victim, path), 0);
}

static void
put_fifo(void)
{
	g_autofree char *path = in_home("mbox");

	make_victim();
	ck_assert_int_eq(mkfifo(path, 0600), 0);
}

static void
put_directory(void)
{
	g_autofree char *path = in_home("mbox");

	make_victim();
	ck_assert_int_eq(mkdir(path, 0700), 0);
}

static void
put_writable_by_all(void)
{
	make_victim();
	write_file("mbox", "", 0606);
}

static void
put_dot_lock(void)
{
	make_victim();
	write_file("mbox.lock", "", 0600);
}

static void
put_maildir_link(void)
{
	g_autofree char *dir = in_home("mbox");
	g_autofree char *new = in_home("mbox/new");
	g_autofree char *target = in_home("elsewhere");

	make_victim();
	ck_assert_int_eq(mkdir(dir, 0700), 0);
	ck_assert_int_eq(mkdir(target, 0700), 0);
	ck_assert_int_eq(symlink(target, new), 0);
}

static void
put_maildir_file(void)
{
	g_autofree char *dir = in_home("mbox");

	make_victim();
	ck_assert_int_eq(mkdir(dir, 0700), 0);
	write_file("mbox/tmp", "", 0600);
}

static void
put_file(void)
{
	make_victim();
	write_file("mbox", "", 0600);
}

static void
put_maildir_fifo(void)
{
	g_autofree char *dir = in_home("mbox");
	g_autofree char *fifo = in_home("mbox/cur");

	make_victim();
	ck_assert_int_eq(mkdir(dir, 0700), 0);
	ck_assert_int_eq(mkfifo(fifo, 0600), 0);
}

static const struct {
	const char *what;
	const BoxKind *kind;
	void (*put)(void);
	const char *path;
} attacks[] = {
	{ "symbolic link", &box_mbox, put_link, "mbox" },
	{ "dangling link", &box_mbox, put_dangling_link, "mbox" },
	{ "hard link", &box_mbox, put_hard_link, "mbox" },
	{ "FIFO", &box_mbox, put_fifo, "mbox" },
	{ "directory", &box_mbox, put_directory, "mbox" },
	{ "mode", &box_mbox, put_writable_by_all, "mbox" },
	{ "dot lock", &box_mbox, put_dot_lock, "mbox" },
	{ "dots", &box_mbox, make_victim, "a/../../victim" },
	{ "home itself", &box_mbox, make_victim, "." },
	{ "no name", &box_mbox, make_victim, "" },
	{ "device", &box_mbox, make_victim, "/dev/null" },
	{ "new is a link", &box_maildir, put_maildir_link, "mbox" },
	{ "tmp is a file", &box_maildir, put_maildir_file, "mbox" },
	{ "cur is a FIFO", &box_maildir, put_maildir_fifo, "mbox" },
	{ "a file", &box_maildir, put_file, "mbox" },
	{ "dots", &box_maildir, make_victim, "../x" },
	{ "no home", &box_maildir, NULL, "Maildir" },
};

START_TEST(what_may_be_anothers_is_not_delivered_to)
{
	g_autoptr(Status) status = NULL;
	g_autofree char *text = NULL;

	if (attacks[_i].put) {
		attacks[_i].put();
	} else {
		remove_home();
		home = g_strdup("/nonexistent/home");
	}
	status = deliver(attacks[_i].kind, attacks[_i].path);
	ck_assert_msg(status->outcome == OUTCOME_DEFERRED, "%s: delivered",
		      attacks[_i].what);
	ck_assert_int_eq(status->fault, FAULT_RECIPIENT);
	ck_assert(*status->why && *status->text);
	if (!attacks[_i].put)
		return;
	text = contents("victim");
	ck_assert_str_eq(text, "precious\n");
	ck_assert_uint_eq(count_files("elsewhere"), 0);
}
END_TEST

START_TEST(an_own_link_to_a_maildir_is_followed)
{
	g_autofree char *target = in_home("disk");
	g_autofree char *path = in_home("Maildir");
	g_autoptr(Status) status = NULL;

	ck_assert_int_eq(mkdir(target, 0700), 0);
	ck_assert_int_eq(symlink("disk", path), 0);
	status = deliver(&box_maildir, "Maildir");
	assert_delivered(status);
	ck_assert_uint_eq(count_files("disk/new"), 1);
}
END_TEST

/* As root only: somebody else's link, directory, mailbox. */
static const char *const foreign[] = { "link", "directory", "mailbox" };

START_TEST(a_foreign_path_is_not_followed)
{
	g_autofree char *target = in_home("disk");
	g_autofree char *path = in_home("box");
	g_autoptr(Status) status = NULL;
	const BoxKind *kind = &box_maildir;

	if (geteuid())
		return;
	ck_assert_int_eq(mkdir(target, 0700), 0);
	if (_i == 0) {
		ck_assert_int_eq(symlink("disk", path), 0);
	} else if (_i == 1) {
		ck_assert_int_eq(mkdir(path, 0700), 0);
	} else {
		write_file("box", "", 0600);
		kind = &box_mbox;
	}
	ck_assert_int_eq(lchown(path, 12345, 12345), 0);
	status = deliver(kind, "box");
	ck_assert_msg(status->outcome == OUTCOME_DEFERRED, "%s", foreign[_i]);
	ck_assert_uint_eq(count_files("disk"), 0);
}
END_TEST

START_TEST(a_stale_dot_lock_is_removed)
{
	g_autofree char *lock = in_home("mbox.lock");
	struct timespec old[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };
	Source source = { MESSAGE, strlen(MESSAGE), 65536, 0 };
	LocalDelivery delivery = delivery_of(&box_mbox, "mbox", &source);
	g_autoptr(Status) status = NULL;

	write_file("mbox.lock", "", 0600);
	ck_assert_int_eq(utimensat(AT_FDCWD, lock, old, 0), 0);
	delivery.target.lock_wait = 2;
	status = local_deliver(&delivery, NULL);
	assert_delivered(status);
	ck_assert_int_ne(access(lock, F_OK), 0);
}
END_TEST

START_TEST(a_mail_readers_lock_is_waited_for)
{
	g_autofree char *path = in_home("mbox");
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	g_autoptr(Status) status = NULL;
	g_autofree char *text = NULL;
	int fd, gone;
	pid_t reader;

	write_file("mbox", "kept\n\n", 0600);
	reader = fork();
	if (reader == 0) {
		fd = open(path, O_RDWR);
		fcntl(fd, F_SETLK, &whole);
		raise(SIGSTOP);
		_exit(0);
	}
	waitpid(reader, &gone, WUNTRACED);
	status = deliver(&box_mbox, "mbox");
	kill(reader, SIGKILL);
	waitpid(reader, &gone, 0);
	ck_assert_int_eq(status->outcome, OUTCOME_DEFERRED);
	ck_assert_ptr_nonnull(strstr(status->why, "locked"));
	text = contents("mbox");
	ck_assert_str_eq(text, "kept\n\n");
}
END_TEST

START_TEST(a_full_disk_defers_and_is_rolled_back)
{
	static const BoxKind *const kinds[] = { &box_maildir, &box_mbox };
	const struct rlimit small = { 4096, 4096 };
	g_autofree char *body = g_strnfill(900, 'x');
	GString *message = g_string_new("Subject: x\r\n\r\n");

	for (guint i = 0; i < 10; i++)
		g_string_append_printf(message, "%s\r\n", body);
	write_file("mbox", "From x\n\nkept\n\n", 0600);
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
		g_autoptr(Status) status = deliver_bytes(
			kinds[i], i ? "mbox" : "dir", message->str,
			message->len, 65536);

		ck_assert_int_eq(status->outcome, OUTCOME_DEFERRED);
		ck_assert_str_eq(status->enhanced, "4.2.2");
	}
	g_autofree char *text = contents("mbox");

	ck_assert_str_eq(text, "From x\n\nkept\n\n");
	ck_assert_uint_eq(count_files("dir/new"), 0);
	ck_assert_uint_eq(count_files("dir/tmp"), 0);
	g_string_free(message, TRUE);
}
END_TEST

/* Somebody swaps the directory while the message is being written. */
typedef struct {
	Source source;
	guint fetches;
} Swap;

static GBytes *
fetch_and_swap(void *user, guint64 offset, GError **error)
{
	Swap *swap = user;

	/* The header came with three; then the mailbox was opened. */
	if (++swap->fetches == 4) {
		g_autofree char *box = in_home("box");
		g_autofree char *moved = in_home("moved");
		g_autofree char *trap = in_home("trap");

		ck_assert_int_eq(rename(box, moved), 0);
		ck_assert_int_eq(symlink(trap, box), 0);
	}
	return fetch(&swap->source, offset, error);
}

START_TEST(a_swapped_directory_leads_nowhere_else)
{
	Swap swap = { { MESSAGE, strlen(MESSAGE), 30, 0 }, 0 };
	LocalDelivery delivery =
		delivery_of(&box_maildir, "box", &swap.source);
	g_autoptr(Status) status = NULL;
	static const char *const folders[] = { "trap", "trap/new", "trap/tmp",
					       "trap/cur" };

	for (guint i = 0; i < G_N_ELEMENTS(folders); i++) {
		g_autofree char *path = in_home(folders[i]);

		ck_assert_int_eq(mkdir(path, 0700), 0);
	}
	{
		g_autofree char *box = in_home("box");

		ck_assert_int_eq(mkdir(box, 0700), 0);
	}
	delivery.fetch = fetch_and_swap;
	delivery.user = &swap;
	status = local_deliver(&delivery, NULL);
	assert_delivered(status);
	ck_assert_uint_gt(swap.fetches, 4);
	ck_assert_uint_eq(count_files("moved/new"), 1);
	ck_assert_uint_eq(count_files("trap/new"), 0);
	ck_assert_uint_eq(count_files("trap/tmp"), 0);
}
END_TEST

static const struct {
	const char *header;
	guint visits;
} visit_rows[] = {
	{ "", 0 },
	{ "Subject: by laptop (masqmail)\r\n", 0 },
	{ "Received: by laptop (masqmail, from userid 1)\r\n", 1 },
	{ "received: from x ([1])\r\n\tby LAPTOP (masqmail) with ESMTP\r\n"
	  "Received: from laptop by other (masqmail)\r\n"
	  "Received: by laptop (masqmail)\r\n", 2 },
	{ "Received: by laptop.far (masqmail)\r\n", 0 },
};

START_TEST(visits_are_counted)
{
	const char *header = visit_rows[_i].header;

	ck_assert_uint_eq(local_header_visits(header, strlen(header),
					      "Laptop"),
			  visit_rows[_i].visits);
}
END_TEST

static const struct {
	const char *text;
	const char *quoted;
} quote_rows[] = {
	{ "", "" },
	{ "From x\n", ">From x\n" },
	{ ">>From x\n", ">>>From x\n" },
	{ "Fromage\nFrom\n From \n", "Fromage\nFrom\n From \n" },
	{ "> From x\n>F\n>>\n>", "> From x\n>F\n>>\n>" },
	{ "a\nFrom b\nFrom c", "a\n>From b\n>From c" },
	{ "From", "From" },
	{ "\n\nFrom \n", "\n\n>From \n" },
	{ "FFrom x\nFroFrom x\n", "FFrom x\nFroFrom x\n" },
};

START_TEST(from_lines_are_quoted_however_they_are_cut)
{
	gsize size = strlen(quote_rows[_i].text);

	for (gsize cut = 0; cut <= size; cut++) {
		FromQuoter quoter = { 0 };
		g_autoptr(GString) out = g_string_new(NULL);

		from_quoter_feed(&quoter, quote_rows[_i].text, cut, out);
		from_quoter_feed(&quoter, quote_rows[_i].text + cut,
				 size - cut, out);
		from_quoter_finish(&quoter, out);
		ck_assert_str_eq(out->str, quote_rows[_i].quoted);
	}
}
END_TEST

static Suite *
make_local_suite(void)
{
	Suite *suite = suite_create("local");
	TCase *tc = tcase_create("delivery");
	TCase *attack = tcase_create("attacks");

	tcase_add_checked_fixture(tc, make_home, remove_home);
	tcase_add_checked_fixture(attack, make_home, remove_home);
	tcase_add_loop_test(tc, a_maildir_gets_the_message_however_it_comes,
			    1, strlen(MESSAGE) + 1);
	tcase_add_loop_test(tc, an_mbox_gets_the_message_however_it_comes, 1,
			    strlen(MESSAGE) + 1);
	tcase_add_loop_test(tc, an_mbox_message_follows_an_empty_line, 0,
			    G_N_ELEMENTS(tails));
	tcase_add_test(tc, a_second_message_leaves_the_first_alone);
	tcase_add_loop_test(tc, a_bad_message_fails_and_leaves_nothing, 0,
			    G_N_ELEMENTS(bad_messages));
	tcase_add_test(tc, another_recipients_trace_is_no_loop);
	tcase_add_loop_test(tc, a_header_over_the_bound_is_delivered_whole, 0,
			    2);
	tcase_add_test(tc, a_dead_engine_leaves_nothing);
	tcase_add_test(tc, a_stale_dot_lock_is_removed);
	tcase_add_test(tc, a_mail_readers_lock_is_waited_for);
	tcase_add_test(tc, a_full_disk_defers_and_is_rolled_back);
	tcase_add_loop_test(tc, visits_are_counted, 0,
			    G_N_ELEMENTS(visit_rows));
	tcase_add_loop_test(tc, from_lines_are_quoted_however_they_are_cut, 0,
			    G_N_ELEMENTS(quote_rows));
	tcase_add_loop_test(attack, what_may_be_anothers_is_not_delivered_to,
			    0, G_N_ELEMENTS(attacks));
	tcase_add_test(attack, an_own_link_to_a_maildir_is_followed);
	tcase_add_loop_test(attack, a_foreign_path_is_not_followed, 0,
			    G_N_ELEMENTS(foreign));
	tcase_add_test(attack, a_swapped_directory_leads_nowhere_else);
	suite_add_tcase(suite, tc);
	suite_add_tcase(suite, attack);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_local_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
