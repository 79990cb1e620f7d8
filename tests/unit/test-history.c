// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/history.h"

#include <check.h>
#include <stdlib.h>
#include <utime.h>

#include <glib/gstdio.h>

#include "tests/unit/queue-fixture.h"

#define NOW 1700000000

static char *path;
static History *history;

static void
set_up(void)
{
	path = scratch_make();
	history = history_new(path, 4096);
}

static void
tear_down(void)
{
	history_free(history);
	scratch_remove(path);
}

static void
set(char **field, const char *value)
{
	g_free(*field);
	*field = g_strdup(value);
}

static Message *
make_message(guint64 id, uid_t uid, const char *sender, const char *address)
{
	Message *message = message_new(id, sender, uid);
	Recipient *recipient = message_add_recipient(message, address);

	recipient->state = RECIPIENT_DELIVERED;
	recipient->last_try = NOW;
	set(&recipient->route, "isp");
	recipient->status = status_new(OUTCOME_DELIVERED, FAULT_NONE, 250,
				       NULL, "250 ok\r\nas 17", NULL);
	set(&recipient->profile, "home");
	set(&recipient->status->host, "smtp.isp.example:465");
	set(&recipient->status->tls, "TLSv1.3 verified");
	set(&recipient->status->remote_id, "4QkT2z");
	message->arrived = NOW - 60;
	message->size = 640;
	message_set_option(message, "subject", "Tea\tat\nfive");
	return message;
}

static void
add(guint64 id, uid_t uid, gint64 when)
{
	g_autoptr(Message) message = make_message(id, uid, "a@b", "c@d");

	ck_assert(history_add(history, message, "wlan0 \"Home\"", when,
			      NULL));
}

static GPtrArray *
read_all(HistoryFilter filter)
{
	GPtrArray *entries = history_read(history, &filter, NULL);

	ck_assert_ptr_nonnull(entries);
	return entries;
}

START_TEST(nothing_is_no_error)
{
	g_autoptr(GPtrArray) entries =
		read_all((HistoryFilter){ .all = TRUE });

	ck_assert_uint_eq(entries->len, 0);
}
END_TEST

START_TEST(a_message_leaves_its_line)
{
	g_autoptr(GPtrArray) entries = NULL;
	const HistoryEntry *entry;

	add(42, 1000, NOW);
	entries = read_all((HistoryFilter){ .uid = 1000 });
	ck_assert_uint_eq(entries->len, 1);
	entry = entries->pdata[0];
	ck_assert(entry->id == 42 && entry->when == NOW);
	ck_assert(entry->uid == 1000 && entry->size == 640);
	ck_assert(entry->arrived == NOW - 60);
	ck_assert_str_eq(entry->result, "delivered");
	ck_assert_str_eq(entry->sender, "a@b");
	ck_assert_str_eq(entry->recipients, "c@d=delivered");
	ck_assert_str_eq(entry->route, "isp");
	ck_assert_str_eq(entry->answer, "250 ok  as 17");
	ck_assert_str_eq(entry->subject, "Tea at five");
	ck_assert_str_eq(entry->network, "wlan0 \"Home\"");
	ck_assert_str_eq(entry->profile, "home");
	ck_assert_str_eq(entry->host, "smtp.isp.example:465");
	ck_assert_str_eq(entry->tls, "TLSv1.3 verified");
	ck_assert_str_eq(entry->remote_id, "4QkT2z");
}
END_TEST

static const struct {
	RecipientState states[3];
	const char *result;
} results[] = {
	{ { RECIPIENT_DELIVERED, RECIPIENT_DELIVERED, RECIPIENT_DELIVERED },
	  "delivered" },
	{ { RECIPIENT_BOUNCED, RECIPIENT_BOUNCED, RECIPIENT_BOUNCED },
	  "bounced" },
	{ { RECIPIENT_REMOVED, RECIPIENT_REMOVED, RECIPIENT_REMOVED },
	  "removed" },
	{ { RECIPIENT_DELIVERED, RECIPIENT_BOUNCED, RECIPIENT_DELIVERED },
	  "mixed" },
	{ { RECIPIENT_BOUNCED, RECIPIENT_REMOVED, RECIPIENT_BOUNCED },
	  "mixed" },
};

START_TEST(the_result_speaks_for_all_recipients)
{
	g_autoptr(Message) message = message_new(1, "", 0);
	g_autoptr(GPtrArray) entries = NULL;

	for (guint i = 0; i < 3; i++)
		message_add_recipient(message, "a@b")->state =
			results[_i].states[i];
	ck_assert(history_add(history, message, NULL, NOW, NULL));
	entries = read_all((HistoryFilter){ .all = TRUE });
	ck_assert_str_eq(((HistoryEntry *)entries->pdata[0])->result,
			 results[_i].result);
}
END_TEST

START_TEST(filters_choose)
{
	g_autoptr(GPtrArray) own = NULL, one = NULL, late = NULL, two = NULL;

	for (guint i = 1; i <= 6; i++)
		add(i, 1000 + i % 2, NOW + i);
	own = read_all((HistoryFilter){ .uid = 1001 });
	ck_assert_uint_eq(own->len, 3);
	one = read_all((HistoryFilter){ .all = TRUE, .id = 4 });
	ck_assert_uint_eq(one->len, 1);
	late = read_all((HistoryFilter){ .all = TRUE, .since = NOW + 5 });
	ck_assert_uint_eq(late->len, 2);
	two = read_all((HistoryFilter){ .all = TRUE, .last = 2 });
	ck_assert_uint_eq(two->len, 2);
	ck_assert(((HistoryEntry *)two->pdata[0])->id == 5);
	ck_assert(((HistoryEntry *)two->pdata[1])->id == 6);
}
END_TEST

START_TEST(it_goes_on_in_older_files)
{
	g_autoptr(GPtrArray) entries = NULL;
	g_autofree char *older = g_build_filename(path, "history.1", NULL);

	for (guint i = 1; i <= 100; i++)
		add(i, 1000, NOW + i);
	ck_assert(g_file_test(older, G_FILE_TEST_EXISTS));
	entries = read_all((HistoryFilter){ .all = TRUE });
	ck_assert_uint_eq(entries->len, 100);
	for (guint i = 0; i < 100; i++)
		ck_assert(((HistoryEntry *)entries->pdata[i])->id == i + 1);
}
END_TEST

static guint64
bytes_used(void)
{
	g_autoptr(GDir) listing = g_dir_open(path, 0, NULL);
	const char *name;
	guint64 all = 0;

	while ((name = g_dir_read_name(listing))) {
		g_autofree char *file = g_build_filename(path, name, NULL);
		GStatBuf facts;

		ck_assert(!g_stat(file, &facts));
		all += facts.st_size;
	}
	return all;
}

START_TEST(it_is_bounded)
{
	for (guint i = 1; i <= 2000; i++)
		add(i, 1000, NOW + i);
	ck_assert_uint_le(bytes_used(), HISTORY_FILES * 4096);
	ck_assert_uint_ge(bytes_used(), (HISTORY_FILES - 2) * 4096);
}
END_TEST

#define DAYS(n) ((n) * (gint64)86400)

START_TEST(what_is_too_old_goes)
{
	g_autofree char *older = g_build_filename(path, "history.3", NULL);
	g_autofree char *newest = g_build_filename(path, "history", NULL);
	struct utimbuf then = { NOW - DAYS(HISTORY_DAYS) - 1,
				NOW - DAYS(HISTORY_DAYS) - 1 };
	g_autoptr(GPtrArray) entries = NULL;

	add(1, 1000, NOW - DAYS(HISTORY_DAYS) - 1);
	ck_assert(g_file_set_contents(older, "x\n", -1, NULL));
	g_utime(older, &then);
	g_utime(newest, &then);
	add(2, 1000, NOW);
	ck_assert_uint_lt(bytes_used(), 300);
	ck_assert(!g_file_test(older, G_FILE_TEST_EXISTS));
	entries = read_all((HistoryFilter){ .all = TRUE });
	ck_assert_uint_eq(entries->len, 1);
}
END_TEST

/* A file is begun in time, so that no line outlives its days by much. */
START_TEST(a_file_covers_some_days_only)
{
	g_autofree char *second = g_build_filename(path, "history.1", NULL);

	add(1, 1000, NOW);
	add(2, 1000, NOW + DAYS(HISTORY_DAYS / 8));
	ck_assert(!g_file_test(second, G_FILE_TEST_EXISTS));
	add(3, 1000, NOW + DAYS(HISTORY_DAYS / 5));
	ck_assert(g_file_test(second, G_FILE_TEST_EXISTS));
}
END_TEST

START_TEST(what_is_too_old_is_not_told)
{
	g_autoptr(GPtrArray) entries = NULL;

	add(1, 1000, NOW - DAYS(HISTORY_DAYS) - 1);
	add(2, 1000, NOW - DAYS(HISTORY_DAYS) + 1);
	entries = read_all((HistoryFilter){ .all = TRUE, .now = NOW });
	ck_assert_uint_eq(entries->len, 1);
	ck_assert(((HistoryEntry *)entries->pdata[0])->id == 2);
}
END_TEST

START_TEST(nothing_may_be_kept)
{
	g_autoptr(GPtrArray) entries = NULL;

	history_keep(history, 0, TRUE);
	add(1, 1000, NOW);
	ck_assert_uint_eq(bytes_used(), 0);
	history_keep(history, HISTORY_DAYS, FALSE);
	add(2, 1000, NOW);
	entries = read_all((HistoryFilter){ .all = TRUE });
	ck_assert_uint_eq(entries->len, 1);
	ck_assert_str_eq(((HistoryEntry *)entries->pdata[0])->subject, "");
}
END_TEST

/* Lines of an older masqmail have no place. */
START_TEST(older_lines_are_read)
{
	g_autofree char *file = g_build_filename(path, "history", NULL);
	g_autoptr(GPtrArray) entries = NULL;
	const HistoryEntry *entry;

	ck_assert(g_file_set_contents(
		file, "1700000000\t7\t1000\t1699999940\t640\tdelivered\t"
		"a@b\tisp\tc@d=delivered\t250 ok\ttea\n", -1, NULL));
	add(8, 1000, NOW);
	entries = read_all((HistoryFilter){ .all = TRUE });
	ck_assert_uint_eq(entries->len, 2);
	entry = entries->pdata[0];
	ck_assert(entry->id == 7);
	ck_assert_str_eq(entry->subject, "tea");
	ck_assert_str_eq(entry->host, "");
}
END_TEST

/* A crash between two renames leaves a gap, and no line is lost. */
START_TEST(a_gap_in_the_files_is_passed)
{
	g_autofree char *first = g_build_filename(path, "history", NULL);
	g_autofree char *second = g_build_filename(path, "history.1", NULL);
	g_autoptr(GPtrArray) entries = NULL;

	add(1, 1000, NOW);
	ck_assert(!g_rename(first, second));
	entries = read_all((HistoryFilter){ .all = TRUE });
	ck_assert_uint_eq(entries->len, 1);
	add(2, 1000, NOW);
	g_clear_pointer(&entries, g_ptr_array_unref);
	entries = read_all((HistoryFilter){ .all = TRUE });
	ck_assert_uint_eq(entries->len, 2);
}
END_TEST

static const struct {
	HistoryFilter filter;
	guint found;
} searches[] = {
	{ { .words = "tea" }, 2 },
	{ { .words = "TEA Five" }, 2 },
	{ { .words = "tea coffee" }, 0 },
	{ { .words = "  tea   isp " }, 2 },
	{ { .words = "smtp.isp.example" }, 2 },
	{ { .words = "4qkt2z" }, 2 },
	{ { .words = "tls" }, 2 },
	{ { .words = "" }, 2 },
	{ { .from = "Ada@" }, 1 },
	{ { .from = "nobody" }, 0 },
	{ { .to = "BOB@far" }, 1 },
	{ { .to = "delivered" }, 2 },
	{ { .route = "isp" }, 2 },
	{ { .route = "is" }, 0 },
	{ { .route = "isp", .from = "ada", .to = "bob", .words = "tea" },
	  1 },
	{ { .from = "ada", .to = "carol" }, 0 },
};

START_TEST(a_search_finds)
{
	g_autoptr(Message) one =
		make_message(1, 1000, "ada@home", "bob@far.example");
	g_autoptr(Message) other =
		make_message(2, 1000, "eve@home", "carol@far.example");
	g_autoptr(GPtrArray) entries = NULL;
	HistoryFilter filter = searches[_i].filter;

	ck_assert(history_add(history, one, NULL, NOW, NULL));
	ck_assert(history_add(history, other, NULL, NOW, NULL));
	filter.all = TRUE;
	entries = read_all(filter);
	ck_assert_uint_eq(entries->len, searches[_i].found);
}
END_TEST

/* A crash, cutting the last line anywhere, costs that line. */
START_TEST(a_torn_line_costs_no_other)
{
	g_autofree char *file = g_build_filename(path, "history", NULL);
	g_autofree char *text = NULL;
	gsize size;

	add(1, 1000, NOW);
	add(2, 1000, NOW);
	ck_assert(g_file_get_contents(file, &text, &size, NULL));
	for (gsize cut = size / 2; cut < size; cut++) {
		g_autoptr(GPtrArray) entries = NULL;
		gsize read;

		ck_assert(g_file_set_contents(file, text, cut, NULL));
		add(3, 1000, NOW);
		entries = read_all((HistoryFilter){ .all = TRUE });
		read = entries->len;
		ck_assert(read == 2 || read == 3);
		ck_assert(((HistoryEntry *)entries->pdata[0])->id == 1);
		ck_assert(((HistoryEntry *)entries->pdata[read - 1])->id ==
			  3);
	}
}
END_TEST

START_TEST(a_crowd_of_recipients_is_cut)
{
	g_autoptr(Message) message = make_message(1, 0, "a@b", "c@d");
	g_autoptr(GPtrArray) entries = NULL;
	const HistoryEntry *entry;

	for (guint i = 0; i < 5000; i++)
		message_add_recipient(message, "somebody@example.org");
	ck_assert(history_add(history, message, NULL, NOW, NULL));
	entries = read_all((HistoryFilter){ .all = TRUE });
	entry = entries->pdata[0];
	ck_assert(strstr(entry->recipients, " +"));
	ck_assert_uint_lt(bytes_used(), HISTORY_LINE_MAX);
}
END_TEST

START_TEST(a_full_disk_is_told)
{
	g_autoptr(History) nowhere = history_new("/dev/null/nowhere", 0);
	g_autoptr(Message) message = make_message(1, 0, "a@b", "c@d");
	g_autoptr(GError) error = NULL;

	ck_assert(!history_add(nowhere, message, NULL, NOW, &error));
	ck_assert_ptr_nonnull(error);
}
END_TEST

static Suite *
make_history_suite(void)
{
	Suite *suite = suite_create("history");
	TCase *tc = tcase_create("history");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, nothing_is_no_error);
	tcase_add_test(tc, a_message_leaves_its_line);
	tcase_add_loop_test(tc, the_result_speaks_for_all_recipients, 0,
			    G_N_ELEMENTS(results));
	tcase_add_test(tc, filters_choose);
	tcase_add_test(tc, it_goes_on_in_older_files);
	tcase_add_test(tc, it_is_bounded);
	tcase_add_test(tc, what_is_too_old_goes);
	tcase_add_test(tc, a_file_covers_some_days_only);
	tcase_add_test(tc, what_is_too_old_is_not_told);
	tcase_add_test(tc, nothing_may_be_kept);
	tcase_add_test(tc, older_lines_are_read);
	tcase_add_test(tc, a_gap_in_the_files_is_passed);
	tcase_add_loop_test(tc, a_search_finds, 0, G_N_ELEMENTS(searches));
	tcase_add_test(tc, a_torn_line_costs_no_other);
	tcase_add_test(tc, a_crowd_of_recipients_is_cut);
	tcase_add_test(tc, a_full_disk_is_told);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_history_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
