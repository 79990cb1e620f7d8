// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/transcripts.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *directory;

static void
set_up(void)
{
	directory = g_dir_make_tmp("masqmail-test.XXXXXX", NULL);
}

static void
tear_down(void)
{
	g_autofree char *folder_path =
		g_strdup_printf("%s/transcripts", directory);
	GDir *folder = g_dir_open(folder_path, 0, NULL);
	const char *name;

	chmod(folder_path, 0700);
	while (folder && (name = g_dir_read_name(folder))) {
		g_autofree char *path =
			g_build_filename(folder_path, name, NULL);

		unlink(path);
	}
	if (folder)
		g_dir_close(folder);
	rmdir(folder_path);
	unlink(folder_path);
	rmdir(directory);
	g_clear_pointer(&directory, g_free);
}

static TranscriptEntry *
entry_of(guint64 id, gint64 when, const char *line)
{
	const char *const lines[] = { line, "9 < 250 ok", NULL };

	return transcript_entry_new(id, 1000, when, "isp", "smtp.isp:465",
				    "TLSv1.3 verified", lines);
}

static void
write_one(Transcripts *transcripts, guint64 id, gint64 when,
	  const char *line)
{
	g_autoptr(GError) error = NULL;

	if (!transcripts_write(transcripts, entry_of(id, when, line), &error))
		ck_abort_msg("%s", error->message);
}

static void
assert_line(Transcripts *transcripts, guint64 id, const char *line)
{
	g_autoptr(TranscriptEntry) entry = transcripts_find(transcripts, id);

	if (!line) {
		ck_assert_ptr_null(entry);
		return;
	}
	ck_assert_ptr_nonnull(entry);
	ck_assert_str_eq(entry->lines[0], line);
}

START_TEST(it_comes_back_from_disk)
{
	g_autoptr(Transcripts) one = transcripts_new(directory);
	g_autoptr(Transcripts) other = transcripts_new(directory);
	g_autoptr(TranscriptEntry) entry = NULL;

	write_one(one, 7, 100, "0 > first");
	write_one(one, 7, 200, "0 > second");
	entry = transcripts_find(other, 7);
	ck_assert_ptr_nonnull(entry);
	ck_assert_int_eq(entry->when, 200);
	ck_assert_uint_eq(entry->uid, (uid_t)-1);
	ck_assert_str_eq(entry->route, "isp");
	ck_assert_str_eq(entry->host, "smtp.isp:465");
	ck_assert_str_eq(entry->tls, "TLSv1.3 verified");
	ck_assert_uint_eq(g_strv_length(entry->lines), 2);
	ck_assert_str_eq(entry->lines[0], "0 > second");
	ck_assert_str_eq(entry->lines[1], "9 < 250 ok");
}
END_TEST

START_TEST(it_goes_with_its_message)
{
	g_autoptr(Transcripts) transcripts = transcripts_new(directory);
	g_autoptr(Transcripts) other = transcripts_new(directory);

	write_one(transcripts, 7, 100, "0 > first");
	transcripts_gone(other, 7);
	assert_line(other, 7, NULL);
	transcripts_gone(other, 8);
}
END_TEST

START_TEST(the_latest_is_found)
{
	g_autoptr(Transcripts) transcripts = transcripts_new(directory);

	write_one(transcripts, 7, 100, "0 > file");
	transcripts_keep(transcripts, entry_of(7, 200, "0 > kept"));
	assert_line(transcripts, 7, "0 > kept");
	write_one(transcripts, 7, 300, "0 > newer file");
	assert_line(transcripts, 7, "0 > newer file");
	transcripts_gone(transcripts, 7);
	assert_line(transcripts, 7, "0 > kept");
}
END_TEST

static gboolean
is_even(gpointer data, guint64 id)
{
	(void)data;
	return id % 2 == 0;
}

START_TEST(what_has_no_message_is_tidied)
{
	g_autoptr(Transcripts) one = transcripts_new(directory);
	g_autoptr(Transcripts) other = transcripts_new(directory);

	for (guint i = 1; i <= 4; i++)
		write_one(one, i, 100, "0 > x");
	transcripts_tidy(other, is_even, NULL);
	assert_line(other, 1, NULL);
	assert_line(other, 2, "0 > x");
	assert_line(other, 3, NULL);
	assert_line(other, 4, "0 > x");
}
END_TEST

START_TEST(memory_is_bounded)
{
	g_autoptr(Transcripts) transcripts = transcripts_new(directory);

	for (guint i = 1; i <= TRANSCRIPTS_KEPT + 2; i++)
		transcripts_keep(transcripts, entry_of(i, 100, "0 > x"));
	assert_line(transcripts, 2, NULL);
	assert_line(transcripts, 3, "0 > x");
	/* The same once more takes no room of others. */
	transcripts_keep(transcripts, entry_of(5, 100, "0 > y"));
	assert_line(transcripts, 3, "0 > x");
}
END_TEST

/* As large as one can be. */
static TranscriptEntry *
huge_entry(guint64 id)
{
	g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; i < 3 * TRANSCRIPT_LINES_MAX; i++)
		g_ptr_array_add(lines, g_strnfill(i ? 390 : 5000, 'x'));
	g_ptr_array_add(lines, NULL);
	return transcript_entry_new(id, 1000, 100, "isp", "", "",
				    (const char *const *)lines->pdata);
}

START_TEST(bytes_are_bounded)
{
	g_autoptr(Transcripts) transcripts = transcripts_new(directory);
	g_autoptr(TranscriptEntry) entry = huge_entry(1);
	guint most = TRANSCRIPTS_FILES_BYTES / TRANSCRIPT_BYTES_MAX;
	gsize bytes = 0;

	for (char **line = entry->lines; *line; line++)
		bytes += strlen(*line) + 1;
	ck_assert_uint_le(bytes, TRANSCRIPT_BYTES_MAX);
	ck_assert_uint_gt(bytes, TRANSCRIPT_BYTES_MAX - 400);
	for (guint i = 1; i <= 2 * most; i++) {
		transcripts_keep(transcripts, huge_entry(i));
		ck_assert(transcripts_write(transcripts, huge_entry(i), NULL));
	}
	assert_line(transcripts, 1, NULL);
	assert_line(transcripts, 2 * most, entry->lines[0]);
	for (guint i = 1; i <= 2 * most; i++)
		transcripts_gone(transcripts, i);
	assert_line(transcripts, most, NULL);
	assert_line(transcripts, 2 * most, entry->lines[0]);
}
END_TEST

START_TEST(files_are_bounded)
{
	g_autoptr(Transcripts) transcripts = transcripts_new(directory);
	g_autoptr(Transcripts) other = transcripts_new(directory);

	for (guint i = 1; i <= TRANSCRIPTS_FILES + 1; i++)
		write_one(transcripts, i, 100, "0 > x");
	assert_line(other, 1, NULL);
	assert_line(other, 2, "0 > x");
}
END_TEST

/* Files that somebody spoilt. */
static const char *const broken[] = {
	"",
	"masqmail transcript 1\t100\tisp\th\tt",
	"masqmail transcript 2\t100\tisp\th\tt\n0 > x\n",
	"masqmail transcript 1\tx\tisp\th\tt\n0 > x\n",
	"masqmail transcript 1\t100\tisp\n0 > x\n",
	"masqmail transcript 1\t100\tisp\th\t\xff\n0 > x\n",
};

START_TEST(a_broken_file_is_none)
{
	g_autofree char *folder = g_strdup_printf("%s/transcripts", directory);
	g_autofree char *path = g_strdup_printf("%s/7", folder);
	g_autoptr(Transcripts) transcripts = transcripts_new(directory);

	ck_assert_int_eq(mkdir(folder, 0700), 0);
	ck_assert(g_file_set_contents(path, broken[_i], -1, NULL));
	assert_line(transcripts, 7, NULL);
}
END_TEST

START_TEST(what_is_read_is_harmless)
{
	g_autofree char *folder = g_strdup_printf("%s/transcripts", directory);
	g_autofree char *path = g_strdup_printf("%s/7", folder);
	g_autoptr(Transcripts) transcripts = transcripts_new(directory);
	g_autoptr(TranscriptEntry) entry = NULL;

	ck_assert_int_eq(mkdir(folder, 0700), 0);
	ck_assert(g_file_set_contents(path,
				      "masqmail transcript 1\t1\ti\th\tt\n"
				      "0 < \033[2J\nhalf", -1, NULL));
	entry = transcripts_find(transcripts, 7);
	ck_assert_ptr_null(strchr(entry->lines[0], '\033'));
	ck_assert_uint_eq(g_strv_length(entry->lines), 1);
}
END_TEST

START_TEST(a_write_that_fails_is_told)
{
	g_autofree char *folder = g_strdup_printf("%s/transcripts", directory);
	g_autoptr(Transcripts) transcripts = transcripts_new(directory);
	g_autoptr(GError) error = NULL;

	ck_assert(g_file_set_contents(folder, "no directory", -1, NULL));
	ck_assert(!transcripts_write(transcripts, entry_of(7, 1, "0 > x"),
				     &error));
	ck_assert_ptr_nonnull(error);
	assert_line(transcripts, 7, NULL);
}
END_TEST

static Suite *
make_transcripts_suite(void)
{
	Suite *suite = suite_create("transcripts");
	TCase *tc = tcase_create("transcripts");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, it_comes_back_from_disk);
	tcase_add_test(tc, it_goes_with_its_message);
	tcase_add_test(tc, the_latest_is_found);
	tcase_add_test(tc, what_has_no_message_is_tidied);
	tcase_add_test(tc, memory_is_bounded);
	tcase_add_test(tc, bytes_are_bounded);
	tcase_add_test(tc, files_are_bounded);
	tcase_add_loop_test(tc, a_broken_file_is_none, 0,
			    G_N_ELEMENTS(broken));
	tcase_add_test(tc, what_is_read_is_harmless);
	tcase_add_test(tc, a_write_that_fails_is_told);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_transcripts_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
