// SPDX-License-Identifier: GPL-2.0-or-later
#include "common/drop.h"

#include <check.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *directory;
static int directory_fd;

static void
setup(void)
{
	directory = g_dir_make_tmp("test-drop-XXXXXX", NULL);
	directory_fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(directory_fd, 0);
}

static void
teardown(void)
{
	g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
	const char *name;

	while ((name = g_dir_read_name(dir)) != NULL)
		unlinkat(directory_fd, name, 0);
	close(directory_fd);
	g_rmdir(directory);
	g_free(directory);
}

/* (transfer full). The only file there is. */
static char *
only_name(void)
{
	g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
	char *name = g_strdup(g_dir_read_name(dir));

	ck_assert_ptr_null(g_dir_read_name(dir));
	return name;
}

static DropWriter *
begin(void)
{
	DropWriter *writer = drop_create(directory, NULL);

	ck_assert_ptr_nonnull(writer);
	ck_assert(drop_add(writer, "Sender", "ada@example.org", NULL));
	ck_assert(drop_add(writer, "Recipient", "bob@example.net", NULL));
	ck_assert(drop_add(writer, "Recipient", "eve@example.net", NULL));
	ck_assert(drop_add(writer, "Option-subject", "tea: at 5", NULL));
	return writer;
}

/* (transfer full). The name of a finished file. */
static char *
leave(void)
{
	g_autoptr(DropWriter) writer = begin();

	ck_assert(drop_write(writer, "Subject: tea\r\n", 14, NULL));
	ck_assert(drop_write(writer, "\r\n\n\nat 5\r\n", 10, NULL));
	ck_assert(drop_commit(writer, NULL));
	return only_name();
}

static void
assert_refused(const char *name, DropError code)
{
	g_autoptr(GError) error = NULL;
	uid_t owner = 4711;

	ck_assert_int_eq(drop_open(directory_fd, name, &owner, &error), -1);
	ck_assert(g_error_matches(error, DROP_ERROR, code));
	ck_assert_int_eq(owner, 4711);
}

START_TEST(what_was_left_is_read_back)
{
	g_autofree char *name = leave();
	g_autoptr(DropFile) file = NULL;
	char message[32] = "";
	uid_t owner;
	int fd = drop_open(directory_fd, name, &owner, NULL);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(owner, geteuid());
	file = drop_read(fd, NULL);
	ck_assert_ptr_nonnull(file);
	ck_assert_str_eq(file->sender, "ada@example.org");
	ck_assert_int_eq(file->recipients->len, 2);
	ck_assert_str_eq(file->recipients->pdata[1], "eve@example.net");
	ck_assert_str_eq(g_hash_table_lookup(file->options, "subject"),
			 "tea: at 5");
	ck_assert_int_eq(pread(fd, message, sizeof(message),
			       (off_t)file->message_offset), 24);
	ck_assert_str_eq(message, "Subject: tea\r\n\r\n\n\nat 5\r\n");
	close(fd);
}
END_TEST

START_TEST(the_key_is_the_writers)
{
	g_autoptr(DropWriter) writer = begin();
	g_autoptr(DropFile) file = NULL;
	g_autofree char *name = NULL;
	uid_t owner;
	int fd;

	ck_assert(drop_commit(writer, NULL));
	name = only_name();
	fd = drop_open(directory_fd, name, &owner, NULL);
	file = drop_read(fd, NULL);
	ck_assert_str_eq(file->key, drop_key(writer));
	ck_assert_str_ne(file->key, name);
	close(fd);
}
END_TEST

START_TEST(an_unfinished_file_is_not_taken)
{
	g_autoptr(DropWriter) writer = begin();
	g_autofree char *name = only_name();

	assert_refused(name, DROP_ERROR_UNFINISHED);
}
END_TEST

START_TEST(a_writer_that_gives_up_leaves_nothing)
{
	drop_writer_free(begin());
	ck_assert_ptr_null(only_name());
}
END_TEST

START_TEST(a_renamed_file_is_not_taken)
{
	g_autofree char *name = leave();
	const char *other = "00000000000000000000000000000000";

	ck_assert_int_eq(renameat(directory_fd, name, directory_fd, other), 0);
	assert_refused(other, DROP_ERROR_FOREIGN);
}
END_TEST

START_TEST(a_copied_file_is_not_taken)
{
	g_autofree char *name = leave();
	g_autofree char *path = g_build_filename(directory, name, NULL);
	g_autofree char *kept = g_strconcat(path, ".kept", NULL);
	g_autofree char *text = NULL;
	gsize size;

	ck_assert(g_file_get_contents(path, &text, &size, NULL));
	ck_assert_int_eq(rename(path, kept), 0);
	ck_assert(g_file_set_contents_full(path, text, (gssize)size, 0, 0600,
					   NULL));
	assert_refused(name, DROP_ERROR_FOREIGN);
}
END_TEST

START_TEST(a_linked_file_is_not_taken)
{
	g_autofree char *name = leave();

	ck_assert_int_eq(linkat(directory_fd, name, directory_fd, "x", 0), 0);
	assert_refused(name, DROP_ERROR_FOREIGN);
}
END_TEST

START_TEST(a_symbolic_link_is_not_followed)
{
	g_autofree char *name = leave();
	const char *other = "00000000000000000000000000000000";
	g_autoptr(GError) error = NULL;
	uid_t owner;

	ck_assert_int_eq(symlinkat(name, directory_fd, other), 0);
	ck_assert_int_eq(drop_open(directory_fd, other, &owner, &error), -1);
	ck_assert_ptr_nonnull(error);
}
END_TEST

START_TEST(a_fifo_does_not_block)
{
	const char *name = "00000000000000000000000000000000";

	ck_assert_int_eq(mkfifoat(directory_fd, name, 0600), 0);
	assert_refused(name, DROP_ERROR_FOREIGN);
}
END_TEST

static const mode_t wrong_modes[] = { 0, 0400, 0640, 0644, 0660, 04600 };

START_TEST(another_mode_is_not_taken)
{
	g_autofree char *name = leave();
	g_autoptr(GError) error = NULL;
	uid_t owner;

	ck_assert_int_eq(fchmodat(directory_fd, name, wrong_modes[_i], 0), 0);
	ck_assert_int_eq(drop_open(directory_fd, name, &owner, &error), -1);
	ck_assert_int_eq(error->domain, DROP_ERROR);
}
END_TEST

START_TEST(a_huge_file_is_not_taken)
{
	g_autofree char *name = leave();
	g_autofree char *path = g_build_filename(directory, name, NULL);

	ck_assert_int_eq(truncate(path, (off_t)DROP_FILE_MAX + 1), 0);
	assert_refused(name, DROP_ERROR_FOREIGN);
}
END_TEST

static const char *const foreign_names[] = {
	"", ".", "..", "x", "../00000000000000000000000000000000",
	"0000000000000000000000000000000", "000000000000000000000000000000000",
	"0000000000000000000000000000000G", "0000000000000000000000000000000/",
};

START_TEST(a_foreign_name_is_not_opened)
{
	assert_refused(foreign_names[_i], DROP_ERROR_FOREIGN);
}
END_TEST

START_TEST(a_value_cannot_forge_a_line)
{
	g_autoptr(DropWriter) writer = begin();
	g_autoptr(GError) error = NULL;

	ck_assert(!drop_add(writer, "Recipient", "a\nSender: b", &error));
	ck_assert(g_error_matches(error, DROP_ERROR, DROP_ERROR_MALFORMED));
}
END_TEST

static const char *const bad_blocks[] = {
	"",
	"Sender: a\n",
	"Recipient: b\n",
	"Sender: a\nRecipient: b\nSender: c\n",
	"Sender: a\nRecipient: b\nnonsense\n",
	"Sender: a\nRecipient: b\nOther: c\n",
	"Sender: a\nRecipient: \xff\n",
};

/* A file with @block after a good first line, as drop_read gets it. */
static int
file_with(const char *block, gsize padding)
{
	const char *name = "0123456789abcdef0123456789abcdef";
	g_autofree char *path = g_build_filename(directory, name, NULL);
	g_autofree char *pad = g_strnfill(padding, 'x');
	g_autofree char *text = g_strdup_printf(
		"masqmail-drop 1 %s 7 %s\n%s%s\nbody", name, name, block, pad);

	ck_assert(g_file_set_contents(path, text, -1, NULL));
	return open(path, O_RDONLY | O_CLOEXEC);
}

static void
assert_malformed(int fd)
{
	g_autoptr(GError) error = NULL;

	ck_assert_ptr_null(drop_read(fd, &error));
	ck_assert(g_error_matches(error, DROP_ERROR, DROP_ERROR_MALFORMED));
	close(fd);
}

START_TEST(a_bad_block_is_refused)
{
	assert_malformed(file_with(bad_blocks[_i], 0));
}
END_TEST

START_TEST(a_block_without_end_is_refused)
{
	assert_malformed(file_with("Sender: a\nRecipient: b\nOption-x: ",
				   DROP_BLOCK_MAX));
}
END_TEST

static Suite *
make_drop_suite(void)
{
	Suite *suite = suite_create("drop");
	TCase *tc = tcase_create("drop");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, what_was_left_is_read_back);
	tcase_add_test(tc, the_key_is_the_writers);
	tcase_add_test(tc, an_unfinished_file_is_not_taken);
	tcase_add_test(tc, a_writer_that_gives_up_leaves_nothing);
	tcase_add_test(tc, a_renamed_file_is_not_taken);
	tcase_add_test(tc, a_copied_file_is_not_taken);
	tcase_add_test(tc, a_linked_file_is_not_taken);
	tcase_add_test(tc, a_symbolic_link_is_not_followed);
	tcase_add_test(tc, a_fifo_does_not_block);
	tcase_add_loop_test(tc, another_mode_is_not_taken, 0,
			    G_N_ELEMENTS(wrong_modes));
	tcase_add_test(tc, a_huge_file_is_not_taken);
	tcase_add_loop_test(tc, a_foreign_name_is_not_opened, 0,
			    G_N_ELEMENTS(foreign_names));
	tcase_add_test(tc, a_value_cannot_forge_a_line);
	tcase_add_loop_test(tc, a_bad_block_is_refused, 0,
			    G_N_ELEMENTS(bad_blocks));
	tcase_add_test(tc, a_block_without_end_is_refused);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_drop_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
