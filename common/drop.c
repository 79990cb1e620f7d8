// SPDX-License-Identifier: GPL-2.0-or-later
#include "common/drop.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"

#define MAGIC "masqmail-drop 1"
#define OPTION "Option-"
#define MODE_UNFINISHED 0200
#define MODE_FINISHED 0600

struct DropWriter {
	int fd;
	char *path;
	char key[DROP_NAME_LENGTH + 1];
	gboolean in_message;
	gboolean committed;
};

G_DEFINE_QUARK(masqmail-drop-error, drop_error)

static void
random_name(char name[DROP_NAME_LENGTH + 1])
{
	guint8 bytes[DROP_NAME_LENGTH / 2];
	gsize i;

	/* Up to 256 bytes come whole or not at all. */
	while (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		;
	for (i = 0; i < sizeof(bytes); i++)
		g_snprintf(name + 2 * i, 3, "%02x", bytes[i]);
}

static gboolean
write_all(DropWriter *writer, const void *bytes, gsize size, GError **error)
{
	const char *next = bytes;
	ssize_t n;

	while (size > 0) {
		n = write(writer->fd, next, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set_errno(error, "write %s",
					       writer->path);
		next += n;
		size -= (gsize)n;
	}
	return TRUE;
}

static char *
magic_line(int fd, const char *name, const char *key, GError **error)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return error_null_errno(error, "fstat drop file %s", name);
	return g_strdup_printf(MAGIC " %s %" G_GUINT64_FORMAT
			       " %s\n", name, (guint64)status.st_ino, key);
}

static gboolean
write_magic(DropWriter *writer, const char *name, GError **error)
{
	g_autofree char *line = magic_line(writer->fd, name, writer->key,
					   error);

	return line != NULL &&
	       write_all(writer, line, strlen(line), error);
}

void
drop_make_key(char key[DROP_NAME_LENGTH + 1])
{
	random_name(key);
}

DropWriter *
drop_create(const char *directory, GError **error)
{
	char key[DROP_NAME_LENGTH + 1];

	random_name(key);
	return drop_create_again(directory, key, error);
}

DropWriter *
drop_create_again(const char *directory, const char *key, GError **error)
{
	g_autoptr(DropWriter) writer = g_new0(DropWriter, 1);
	char name[DROP_NAME_LENGTH + 1];

	g_assert(drop_is_name(key));
	random_name(name);
	memcpy(writer->key, key, sizeof(writer->key));
	writer->path = g_build_filename(directory, name, NULL);
	writer->fd = open(writer->path,
			  O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			  MODE_UNFINISHED);
	if (writer->fd < 0)
		return error_null_errno(error, "create %s", writer->path);
	if (!write_magic(writer, name, error))
		return NULL;
	return g_steal_pointer(&writer);
}

static gboolean
has_control(const char *text)
{
	for (; *text != '\0'; text++)
		if ((guchar)*text < ' ' || *text == 0x7f)
			return TRUE;
	return FALSE;
}

gboolean
drop_add(DropWriter *writer, const char *name, const char *value,
	 GError **error)
{
	g_autofree char *line = NULL;

	g_assert(!writer->in_message);
	if (has_control(name) || has_control(value)) {
		g_set_error(error, DROP_ERROR, DROP_ERROR_MALFORMED,
			    "control character in %s", name);
		return FALSE;
	}
	line = g_strdup_printf("%s: %s\n", name, value);
	return write_all(writer, line, strlen(line), error);
}

static gboolean
end_block(DropWriter *writer, GError **error)
{
	if (writer->in_message)
		return TRUE;
	writer->in_message = TRUE;
	return write_all(writer, "\n", 1, error);
}

gboolean
drop_write(DropWriter *writer, const void *bytes, gsize size, GError **error)
{
	return end_block(writer, error) &&
	       write_all(writer, bytes, size, error);
}

/*
 * The mode comes before the sync: a crash in between then leaves either a
 * file that is not finished or one that is whole, never a promise broken.
 */
gboolean
drop_commit(DropWriter *writer, GError **error)
{
	if (!end_block(writer, error))
		return FALSE;
	if (fchmod(writer->fd, MODE_FINISHED) < 0)
		return error_set_errno(error, "fchmod %s", writer->path);
	/* It may be taken from here on; a failed sync gives it back. */
	if (fsync(writer->fd) < 0)
		return error_set_errno(error, "fsync %s", writer->path);
	writer->committed = TRUE;
	return TRUE;
}

const char *
drop_key(const DropWriter *writer)
{
	return writer->key;
}

void
drop_writer_free(DropWriter *writer)
{
	if (writer == NULL)
		return;
	if (writer->fd >= 0) {
		if (!writer->committed)
			unlink(writer->path);
		close(writer->fd);
	}
	g_free(writer->path);
	g_free(writer);
}

gboolean
drop_is_name(const char *name)
{
	return strlen(name) == DROP_NAME_LENGTH &&
	       strspn(name, "0123456789abcdef") == DROP_NAME_LENGTH;
}

static void
refuse(GError **error, DropError code, const char *name, const char *reason)
{
	g_set_error(error, DROP_ERROR, code, "drop file %s: %s", name, reason);
}

static gboolean
check_status(const struct stat *status, const char *name, GError **error)
{
	mode_t mode = status->st_mode & 07777;

	if (!S_ISREG(status->st_mode))
		refuse(error, DROP_ERROR_FOREIGN, name, "not a regular file");
	else if (mode == MODE_UNFINISHED)
		refuse(error, DROP_ERROR_UNFINISHED, name, "not finished");
	else if (mode != MODE_FINISHED)
		refuse(error, DROP_ERROR_FOREIGN, name, "wrong mode");
	else if (status->st_nlink != 1)
		refuse(error, DROP_ERROR_FOREIGN, name, "more than one link");
	else if ((guint64)status->st_size > DROP_FILE_MAX)
		refuse(error, DROP_ERROR_FOREIGN, name, "too large");
	else
		return TRUE;
	return FALSE;
}

/* "masqmail-drop 1 NAME INODE KEY": (transfer full) the key. */
static char *
parse_magic(const char *line, const char *name, guint64 inode)
{
	g_autofree char *start = NULL;
	const char *key;

	start = g_strdup_printf(MAGIC " %s %" G_GUINT64_FORMAT " ", name,
				inode);
	if (!g_str_has_prefix(line, start))
		return NULL;
	key = line + strlen(start);
	return drop_is_name(key) ? g_strdup(key) : NULL;
}

static gboolean
check_magic(int fd, const char *name, guint64 inode, GError **error)
{
	char line[256];
	g_autofree char *key = NULL;
	ssize_t n = pread(fd, line, sizeof(line) - 1, 0);
	char *end;

	if (n < 0)
		return error_set_errno(error, "read drop file %s", name);
	line[n] = '\0';
	end = strchr(line, '\n');
	if (end != NULL) {
		*end = '\0';
		key = parse_magic(line, name, inode);
	}
	if (key == NULL)
		refuse(error, DROP_ERROR_FOREIGN, name,
		       "its first line is not its own");
	return key != NULL;
}

/* Whoever is not root cannot read its own file before it is finished. */
static void
open_failed(const char *name, GError **error)
{
	if (errno == EACCES)
		refuse(error, DROP_ERROR_UNFINISHED, name, "not finished");
	else
		error_set_errno(error, "open drop file %s", name);
}

int
drop_open(int directory, const char *name, uid_t *ret_owner, GError **error)
{
	struct stat status;
	int fd;

	if (!drop_is_name(name)) {
		refuse(error, DROP_ERROR_FOREIGN, name, "no name of ours");
		return -1;
	}
	/* Not blocking: it could be a FIFO until fstat says otherwise. */
	fd = openat(directory, name,
		    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0) {
		open_failed(name, error);
		return -1;
	}
	if (fstat(fd, &status) < 0)
		error_set_errno(error, "fstat drop file %s", name);
	else if (check_status(&status, name, error) &&
		 check_magic(fd, name, status.st_ino, error)) {
		*ret_owner = status.st_uid;
		return fd;
	}
	close(fd);
	return -1;
}

static gboolean
take_line(DropFile *file, const char *line)
{
	const char *value = strstr(line, ": ");
	gsize option = strlen(OPTION);

	if (value == NULL)
		return FALSE;
	value += 2;
	if (g_str_has_prefix(line, "Sender: ")) {
		if (file->sender != NULL)
			return FALSE;
		file->sender = g_strdup(value);
	} else if (g_str_has_prefix(line, "Recipient: ")) {
		g_ptr_array_add(file->recipients, g_strdup(value));
	} else if (g_str_has_prefix(line, OPTION)) {
		g_hash_table_insert(file->options,
				    g_strndup(line + option,
					      (gsize)(value - 2 - line) -
					      option),
				    g_strdup(value));
	} else {
		return FALSE;
	}
	return TRUE;
}

/* The first line was checked by drop_open; here only its key is wanted. */
static gboolean
take_block(DropFile *file, char *block)
{
	char **lines = g_strsplit(block, "\n", -1);
	const char *key = strrchr(lines[0], ' ');
	gboolean good = g_str_has_prefix(lines[0], MAGIC " ") && key != NULL &&
			drop_is_name(key + 1);
	int i;

	if (good)
		file->key = g_strdup(key + 1);
	for (i = 1; good && lines[i] != NULL; i++)
		good = g_utf8_validate(lines[i], -1, NULL) &&
		       take_line(file, lines[i]);
	g_strfreev(lines);
	return good && file->sender != NULL && file->recipients->len > 0;
}

/* (transfer full). The file up to its first empty line, which is cut off. */
static char *
read_block(int fd, gsize *ret_size, GError **error)
{
	g_autofree char *block = g_malloc(DROP_BLOCK_MAX + 1);
	gsize size = 0;
	char *end;
	ssize_t n;

	do {
		n = pread(fd, block + size, DROP_BLOCK_MAX - size,
			  (off_t)size);
		if (n < 0)
			return error_null_errno(error, "read drop file");
		size += (gsize)n;
		block[size] = '\0';
		end = strstr(block, "\n\n");
	} while (end == NULL && n > 0);
	if (end == NULL) {
		refuse(error, DROP_ERROR_MALFORMED, "", "no end of its block");
		return NULL;
	}
	*end = '\0';
	*ret_size = (gsize)(end - block) + 2;
	return g_steal_pointer(&block);
}

DropFile *
drop_read(int fd, GError **error)
{
	g_autoptr(DropFile) file = g_new0(DropFile, 1);
	g_autofree char *block = NULL;
	gsize size = 0;

	file->recipients = g_ptr_array_new_with_free_func(g_free);
	file->options = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
					      g_free);
	block = read_block(fd, &size, error);
	if (block == NULL)
		return NULL;
	if (!take_block(file, block)) {
		refuse(error, DROP_ERROR_MALFORMED, "",
		       "sender, recipients or options make no sense");
		return NULL;
	}
	file->message_offset = size;
	return g_steal_pointer(&file);
}

void
drop_file_free(DropFile *file)
{
	if (file == NULL)
		return;
	g_free(file->key);
	g_free(file->sender);
	g_ptr_array_unref(file->recipients);
	g_hash_table_unref(file->options);
	g_free(file);
}
