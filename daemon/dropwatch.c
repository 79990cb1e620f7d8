// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/dropwatch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/error.h"
#include "common/log.h"

struct Dropwatch {
	int directory;
	int events;
	GHashTable *out;	/* names the engine has */
	GHashTable *passed;	/* names refused or kept */
};

Dropwatch *
dropwatch_new(const char *path, GError **error)
{
	g_autoptr(Dropwatch) watch = g_new0(Dropwatch, 1);

	watch->out = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
					   NULL);
	watch->passed = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
					      NULL);
	watch->directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	watch->events = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (watch->directory < 0)
		return error_null_errno(error, "open %s", path);
	/* A file is finished by fchmod. */
	if (watch->events < 0 ||
	    inotify_add_watch(watch->events, path,
			      IN_ATTRIB | IN_MOVED_TO | IN_ONLYDIR) < 0)
		return error_null_errno(error, "watch %s", path);
	return g_steal_pointer(&watch);
}

int
dropwatch_fd(const Dropwatch *watch)
{
	return watch->events;
}

static void
remove_if_old(const Dropwatch *watch, const char *name)
{
	struct stat status;

	if (fstatat(watch->directory, name, &status,
		    AT_SYMLINK_NOFOLLOW) == 0 &&
	    time(NULL) - status.st_mtime > DROP_AGE_UNFINISHED &&
	    unlinkat(watch->directory, name, 0) == 0)
		log_problem("drop", 0, "removed %s: its sender never finished "
			    "it", name);
}

/* It stays where it is, for the administrator to look at. */
static void
pass(Dropwatch *watch, const char *name, const GError *error)
{
	if (g_hash_table_size(watch->passed) >= DROPWATCH_NAMES_MAX)
		return;
	log_problem("drop", 0, "not taken: %s", error->message);
	g_hash_table_add(watch->passed, g_strdup(name));
}

static int
look_at(Dropwatch *watch, const char *name, uid_t *ret_owner)
{
	g_autoptr(GError) error = NULL;
	int fd;

	if (name[0] == '.' || g_hash_table_contains(watch->out, name) ||
	    g_hash_table_contains(watch->passed, name))
		return -1;
	fd = drop_open(watch->directory, name, ret_owner, &error);
	if (fd >= 0)
		g_hash_table_add(watch->out, g_strdup(name));
	else if (g_error_matches(error, DROP_ERROR, DROP_ERROR_UNFINISHED))
		remove_if_old(watch, name);
	else if (!error_is_missing(error))
		pass(watch, name, error);
	return fd;
}

/* Events only say that there is something: what it is, the directory says. */
static DIR *
open_directory(const Dropwatch *watch)
{
	char events[4096];
	int fd;

	while (read(watch->events, events, sizeof(events)) > 0)
		;
	fd = openat(watch->directory, ".",
		    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? NULL : fdopendir(fd);
}

int
dropwatch_next(Dropwatch *watch, char ret_name[DROP_NAME_LENGTH + 1],
	       uid_t *ret_owner)
{
	const struct dirent *entry;
	DIR *directory = open_directory(watch);
	int fd = -1;

	if (directory == NULL)
		return -1;
	while (fd < 0 && g_hash_table_size(watch->out) < DROPWATCH_OUT_MAX &&
	       (entry = readdir(directory)) != NULL) {
		fd = look_at(watch, entry->d_name, ret_owner);
		if (fd >= 0)
			g_strlcpy(ret_name, entry->d_name,
				  DROP_NAME_LENGTH + 1);
	}
	closedir(directory);
	return fd;
}

void
dropwatch_done(Dropwatch *watch, const char *name, gboolean keep)
{
	if (!g_hash_table_remove(watch->out, name))
		return;
	if (keep)
		g_hash_table_add(watch->passed, g_strdup(name));
	else
		unlinkat(watch->directory, name, 0);
}

void
dropwatch_retry(Dropwatch *watch)
{
	g_hash_table_remove_all(watch->passed);
}

void
dropwatch_free(Dropwatch *watch)
{
	if (watch == NULL)
		return;
	if (watch->directory >= 0)
		close(watch->directory);
	if (watch->events >= 0)
		close(watch->events);
	g_hash_table_unref(watch->out);
	g_hash_table_unref(watch->passed);
	g_free(watch);
}
