// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A whole segment file of any bytes, read as at a start. What lives in it
 * must be one of the messages that were once written, with its own
 * recipients: bytes can be lost, never made up.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/engine/queue-disk.h"
#include "daemon/engine/queue-replay.h"
#include "tests/fuzz/fuzz.h"

#define MESSAGES 3
#define FIRST_ID 1000

static char *directory_path;

static void
remove_directory(void)
{
	rmdir(directory_path);
	g_free(directory_path);
}

/* The directory with the one file, made at the first input. */
static int
directory(void)
{
	static int fd = -1;
	char *path;

	if (fd >= 0)
		return fd;
	path = g_strdup("/dev/shm/masqmail-fuzz-XXXXXX");
	if (!g_mkdtemp(path)) {
		g_free(path);
		path = g_dir_make_tmp(NULL, NULL);
	}
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	g_assert_cmpint(fd, >=, 0);
	directory_path = path;
	atexit(remove_directory);
	return fd;
}

static void
put_file(const guint8 *data, gsize size)
{
	char name[DISK_NAME_SIZE];
	int fd = openat(directory(), disk_name(1, name),
			O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	g_assert_true(disk_write_all(fd, data, size));
	close(fd);
}

static void
check_message(const Message *message)
{
	guint64 number = message->id - FIRST_ID;

	g_assert_cmpuint(number, <, MESSAGES);
	g_assert_cmpuint(message->recipients->len, ==, number + 1);
	for (guint i = 0; i < message->recipients->len; i++) {
		const Recipient *recipient = message->recipients->pdata[i];

		g_assert_cmpstr(recipient->address, ==, "r@example.org");
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(Replay) replay = NULL;
	char name[DISK_NAME_SIZE];

	put_file(data, size);
	replay = replay_read(directory(), -1, 0, NULL, NULL);
	g_assert_nonnull(replay);
	for (guint i = 0; i < replay->messages->len; i++)
		check_message(replay->messages->pdata[i]);
	unlinkat(directory(), disk_name(1, name), 0);
	return 0;
}

static void
put_record(GByteArray *file, const RecordKey *key, RecordType type,
	   guint64 id, GString *text, const char *body)
{
	guint8 header[RECORD_HEADER_SIZE];
	Record record = { .type = type, .id = id, .number = 0 };

	record.text_size = text->len;
	record.text_crc = record_crc(0, text->str, text->len);
	record.body_size = strlen(body);
	record.body_crc = record_crc(0, body, strlen(body));
	if (type == RECORD_VERDICT)
		record.detail = RECIPIENT_DELIVERED;
	record_encode(&record, key, file->len, header);
	g_byte_array_append(file, header, sizeof(header));
	g_byte_array_append(file, (guint8 *)text->str, text->len);
	g_byte_array_append(file, (const guint8 *)body, strlen(body));
	g_string_free(text, TRUE);
}

static void
put_message(GByteArray *file, const RecordKey *key, guint number)
{
	g_autoptr(Message) message = message_new(0, "a@b", 1000);

	for (guint i = 0; i <= number; i++)
		message_add_recipient(message, "r@example.org");
	put_record(file, key, RECORD_MESSAGE, FIRST_ID + number,
		   record_text_message(message), "Subject: x\r\n\r\nBody.\r\n");
}

/* One file as it is, one in which a message ended. */
GBytes *
fuzz_seed(guint number)
{
	RecordLine line = { .key = { "0123456789abcde" }, .last_id = 9 };
	GByteArray *file;

	if (number >= 2)
		return NULL;
	file = g_byte_array_new();
	g_byte_array_set_size(file, RECORD_LINE_SIZE);
	record_line_encode(&line, file->data);
	for (guint i = 0; i < MESSAGES; i++) {
		put_message(file, &line.key, i);
		put_record(file, &line.key, RECORD_VERDICT, FIRST_ID + i,
			   g_string_new("Tries: 1\n"), "");
	}
	if (number)
		put_record(file, &line.key, RECORD_END, FIRST_ID,
			   g_string_new(NULL), "");
	return g_byte_array_free_to_bytes(file);
}
