// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/alias-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"

#define WATCHED (IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | \
		 IN_ATTRIB)
#define NO_PATH "the file that Aliases= names"
#define PASSWD_FILE "/etc/passwd"

/* Uids of people on a Debian system, as adduser gives them. */
#define HUMAN_FIRST 1000
#define HUMAN_END 60000

/* How a file looked when it was read; all zero: it was not there. */
typedef struct {
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec changed; /* st_ctim: an edit cannot hide from it */
	int code;                /* errno of stat() */
} Stamp;

typedef struct {
	char *path;
	Stamp stamp;
} Part;

struct AliasFile {
	GSourceFunc changed;
	gpointer data;
	char *path;        /* "": there is none; NULL: read nothing */
	GArray *parts;     /* of Part: all files that were read */
	char *human;       /* who reads root's mail, or NULL */
	GHashTable *logins; /* names in passwd, a set */
	Aliases *aliases;  /* NULL: not there, or not readable */
	GHashTable *lists; /* path -> Alias */
	char *fault;       /* why it cannot be used, or NULL */
	GPtrArray *errors; /* of char * */
	int fd;            /* inotify; -1 without */
	guint source;
	guint rest;
};

static Stamp
stamp_of(const char *path)
{
	Stamp stamp;
	struct stat status;

	memset(&stamp, 0, sizeof(stamp));
	if (stat(path, &status) < 0) {
		stamp.code = errno;
		return stamp;
	}
	stamp.device = status.st_dev;
	stamp.inode = status.st_ino;
	stamp.size = status.st_size;
	stamp.changed = status.st_ctim;
	return stamp;
}

static gboolean
stamps_equal(const Stamp *a, const Stamp *b)
{
	return a->device == b->device && a->inode == b->inode &&
	       a->size == b->size && a->code == b->code &&
	       a->changed.tv_sec == b->changed.tv_sec &&
	       a->changed.tv_nsec == b->changed.tv_nsec;
}

static void
part_clear(gpointer data)
{
	Part *part = data;

	g_free(part->path);
}

/* --- reading -------------------------------------------------------------- */

static gboolean
read_open_file(int fd, const char *path, GString *text, GError **error)
{
	char buffer[16384];
	struct stat status;
	gssize got;

	if (fstat(fd, &status) < 0)
		return error_set_errno(error, "%s", path);
	if (!S_ISREG(status.st_mode)) {
		errno = EINVAL;
		return error_set_errno(error, "%s is no file", path);
	}
	while ((got = read(fd, buffer, sizeof(buffer))) > 0) {
		g_string_append_len(text, buffer, got);
		if (text->len > ALIASES_FILE_MAX) {
			errno = EFBIG;
			return error_set_errno(error, "%s", path);
		}
	}
	if (got == 0 && strlen(text->str) != text->len) {
		errno = EILSEQ;
		return error_set_errno(error, "%s is no text", path);
	}
	return got == 0 || error_set_errno(error, "%s", path);
}

/* (transfer full) (nullable). Never waits for a device or a pipe. */
static char *
read_text(const char *path, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	gboolean good;

	if (fd < 0) {
		error_set_errno(error, "%s", path);
		return NULL;
	}
	good = read_open_file(fd, path, text, error);
	close(fd);
	return good ? g_strdup(text->str) : NULL;
}

/* The stamp is taken first: what changes while we read is read again. */
static void
note_part(AliasFile *file, const char *path)
{
	Part part = { g_strdup(path), stamp_of(path) };
	g_autofree char *directory = g_path_get_dirname(path);

	g_array_append_val(file->parts, part);
	if (file->fd >= 0)
		inotify_add_watch(file->fd, directory, WATCHED);
}

static gboolean
is_human(const struct passwd *entry)
{
	g_autofree char *shell = g_path_get_basename(entry->pw_shell);

	return entry->pw_uid >= HUMAN_FIRST && entry->pw_uid < HUMAN_END &&
	       !g_str_equal(shell, "nologin") && !g_str_equal(shell, "false");
}

/*
 * Who there is, and the first who can log in. No name service: it may
 * block, or load code.
 */
static void
read_users(AliasFile *file)
{
	const struct passwd *entry;
	uid_t lowest = HUMAN_END;
	FILE *passwd;

	note_part(file, PASSWD_FILE);
	passwd = fopen(PASSWD_FILE, "re");
	while (passwd && (entry = fgetpwent(passwd))) {
		g_hash_table_add(file->logins, g_strdup(entry->pw_name));
		if (!is_human(entry) || entry->pw_uid >= lowest)
			continue;
		lowest = entry->pw_uid;
		g_free(file->human);
		file->human = g_strdup(entry->pw_name);
	}
	if (passwd)
		fclose(passwd);
}

static void
read_list(AliasFile *file, const char *path)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;
	Alias *list;

	if (g_hash_table_contains(file->lists, path) ||
	    file->parts->len >= ALIAS_FILE_LISTS + 2)
		return;
	note_part(file, path);
	text = read_text(path, &error);
	if (!text) {
		g_ptr_array_add(file->errors, g_strdup(error->message));
		return;
	}
	list = alias_parse_list(text);
	if (list->fault)
		g_ptr_array_add(file->errors,
				g_strdup_printf("%s: %s", path,
						list->fault));
	g_hash_table_insert(file->lists, g_strdup(path), list);
}

static void
read_lists(AliasFile *file)
{
	GHashTableIter iter;
	gpointer alias;

	g_hash_table_iter_init(&iter, file->aliases->names);
	while (g_hash_table_iter_next(&iter, NULL, &alias)) {
		const GPtrArray *targets = ((Alias *)alias)->targets;

		for (guint i = 0; i < targets->len; i++) {
			const AliasTarget *target = targets->pdata[i];

			if (target->kind == ALIAS_INCLUDE)
				read_list(file, target->text);
		}
	}
}

static void
note_faults(AliasFile *file)
{
	for (guint i = 0; i < file->aliases->faults->len; i++)
		g_ptr_array_add(file->errors,
				g_strdup_printf("%s: %s", file->path,
						(char *)file->aliases->faults
							->pdata[i]));
}

static void
forget(AliasFile *file)
{
	g_array_set_size(file->parts, 0);
	g_clear_pointer(&file->aliases, aliases_free);
	g_hash_table_remove_all(file->lists);
	g_clear_pointer(&file->fault, g_free);
	g_clear_pointer(&file->human, g_free);
	g_hash_table_remove_all(file->logins);
	g_ptr_array_set_size(file->errors, 0);
}

/*
 * A file that is not there is fine; one that cannot be read is not taken
 * for an empty one, or mail would go where it never should.
 */
static void
read_all(AliasFile *file)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;

	forget(file);
	if (!file->path)
		return;
	read_users(file);
	if (!*file->path)
		return;
	note_part(file, file->path);
	text = read_text(file->path, &error);
	if (text) {
		file->aliases = aliases_parse(text);
		note_faults(file);
		read_lists(file);
	} else if (!error_is_missing(error)) {
		g_ptr_array_add(file->errors, g_strdup(error->message));
		file->fault = g_strdup_printf(
			"The aliases cannot be read (%s), so nobody can "
			"say whose mail this is. It goes once they can.",
			error->message);
	}
}

gboolean
alias_file_refresh(AliasFile *file)
{
	for (guint i = 0; i < file->parts->len; i++) {
		const Part *part = &g_array_index(file->parts, Part, i);
		Stamp now = stamp_of(part->path);

		if (stamps_equal(&part->stamp, &now))
			continue;
		read_all(file);
		return TRUE;
	}
	return FALSE;
}

/* --- watching ------------------------------------------------------------- */

static gboolean
on_rest(gpointer data)
{
	AliasFile *file = data;

	file->rest = 0;
	if (alias_file_refresh(file))
		file->changed(file->data);
	return G_SOURCE_REMOVE;
}

/* Other files of the directory change too: the stamps tell. */
static gboolean
on_readable(int fd, GIOCondition condition, gpointer data)
{
	AliasFile *file = data;
	char events[4096];

	(void)condition;
	while (read(fd, events, sizeof(events)) > 0)
		;
	if (!file->rest)
		file->rest = g_timeout_add(ALIAS_FILE_REST_MS, on_rest, file);
	return G_SOURCE_CONTINUE;
}

AliasFile *
alias_file_new(GSourceFunc changed, gpointer data)
{
	AliasFile *file = g_new0(AliasFile, 1);

	file->changed = changed;
	file->data = data;
	file->parts = g_array_new(FALSE, FALSE, sizeof(Part));
	g_array_set_clear_func(file->parts, part_clear);
	file->lists = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
					    (GDestroyNotify)alias_free);
	file->logins = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
					     NULL);
	file->errors = g_ptr_array_new_with_free_func(g_free);
	file->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (file->fd >= 0)
		file->source = g_unix_fd_add(file->fd, G_IO_IN, on_readable,
					     file);
	return file;
}

void
alias_file_free(AliasFile *file)
{
	if (!file)
		return;
	g_clear_handle_id(&file->source, g_source_remove);
	g_clear_handle_id(&file->rest, g_source_remove);
	if (file->fd >= 0)
		close(file->fd);
	forget(file);
	g_array_unref(file->parts);
	g_hash_table_unref(file->lists);
	g_hash_table_unref(file->logins);
	g_ptr_array_unref(file->errors);
	g_free(file->path);
	g_free(file);
}

void
alias_file_set_path(AliasFile *file, const char *path)
{
	if (g_strcmp0(file->path, path) == 0 && file->parts->len > 0)
		return;
	g_free(file->path);
	file->path = g_strdup(path);
	read_all(file);
}

void
alias_file_fill(const AliasFile *file, AliasWorld *world)
{
	world->aliases = file->aliases;
	world->lists = file->lists;
	world->path = file->path && *file->path ? file->path : NO_PATH;
	world->human = file->human;
	world->fault = file->fault;
}

GHashTable *
alias_file_logins(const AliasFile *file)
{
	return file->path ? file->logins : NULL;
}

const GPtrArray *
alias_file_errors(const AliasFile *file)
{
	return file->errors;
}
