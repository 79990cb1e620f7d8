// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker/local-box.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"

#define OPEN_DIRECTORY (O_RDONLY | O_DIRECTORY | O_CLOEXEC)
#define DIRECTORY_MODE 0700

G_DEFINE_QUARK(masqmail - box - error, box_error)

const BoxKind *
box_kind(const char *name)
{
	static const BoxKind *const kinds[] = {&box_maildir, &box_mbox};

	for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
		if (!g_ascii_strcasecmp(name, kinds[i]->name))
			return kinds[i];
	return NULL;
}

Box *
box_begin(const BoxKind *kind, const BoxTarget *target, GError **error)
{
	return kind->begin(target, error);
}

gboolean
box_write(Box *box, const void *bytes, gsize size, GError **error)
{
	return box->kind->write(box, bytes, size, error);
}

gboolean
box_commit(Box *box, GError **error)
{
	return box->kind->commit(box, error);
}

Status *
box_status(Box *box)
{
	Status *status;

	if (box->kind->status)
		return box->kind->status(box);
	status = status_new(OUTCOME_DELIVERED, FAULT_NONE, 0, "2.0.0",
			    "delivered to the mailbox", NULL);
	g_free(status->host);
	status->host = g_strdup(box->place);
	return status;
}

void
box_free(Box *box)
{
	if (box)
		box->kind->free(box);
}

/* -1 with an error unless @fd is a directory of ours; else @fd. */
static int
check_directory(int fd, const char *name, GError **error)
{
	struct stat about;

	if (fd >= 0 && !fstat(fd, &about) && about.st_uid == geteuid())
		return fd;
	if (fd < 0)
		error_set_errno(error, "%s", name);
	else
		g_set_error(error, BOX_ERROR, BOX_ERROR_UNSAFE,
			    "%s does not belong to the recipient", name);
	if (fd >= 0)
		close(fd);
	return -1;
}

/* What openat with O_NOFOLLOW says of a symbolic link to a directory. */
static gboolean
is_own_link(int parent, const char *name)
{
	struct stat about;

	return (errno == ENOTDIR || errno == ELOOP) &&
	       !fstatat(parent, name, &about, AT_SYMLINK_NOFOLLOW) &&
	       S_ISLNK(about.st_mode) && about.st_uid == geteuid();
}

int
box_open_directory(int parent, const char *name, gboolean create,
		   GError **error)
{
	int fd = openat(parent, name, OPEN_DIRECTORY | O_NOFOLLOW);

	if (fd < 0 && errno == ENOENT && create) {
		if (mkdirat(parent, name, DIRECTORY_MODE) && errno != EEXIST)
			return check_directory(-1, name, error);
		fsync(parent);
		fd = openat(parent, name, OPEN_DIRECTORY | O_NOFOLLOW);
	}
	if (fd < 0 && is_own_link(parent, name))
		fd = openat(parent, name, OPEN_DIRECTORY);
	return check_directory(fd, name, error);
}

static int
open_home(const BoxTarget *target, GError **error)
{
	return check_directory(open(target->home, OPEN_DIRECTORY), target->home,
			       error);
}

/* From the home directory down to the parent of the last of @parts. */
static int
walk(const BoxTarget *target, char **parts, gboolean create, GError **error)
{
	int fd = open_home(target, error);

	for (; fd >= 0 && parts[1]; parts++) {
		int next;

		if (!**parts)
			continue;
		next = box_open_directory(fd, *parts, create, error);
		close(fd);
		fd = next;
	}
	return fd;
}

/* The part of an absolute path below the home, or NULL. */
static const char *
below_home(const BoxTarget *target)
{
	gsize length = strlen(target->home);

	if (!g_path_is_absolute(target->path))
		return target->path;
	if (length > 1 && !strncmp(target->path, target->home, length) &&
	    target->path[length] == '/')
		return target->path + length + 1;
	return NULL;
}

static char *
without_final_slashes(const char *path)
{
	gsize length = strlen(path);

	while (length > 1 && path[length - 1] == '/')
		length--;
	return g_strndup(path, length);
}

/*
 * A path outside the home is configured by the machine's owner and leads
 * through directories of the system, such as /var/mail.
 */
static int
open_system_parent(const char *path, GError **error)
{
	g_autofree char *parent = g_path_get_dirname(path);
	int fd = open(parent, OPEN_DIRECTORY);

	if (fd < 0)
		error_set_errno(error, "%s", parent);
	return fd;
}

int
box_open_parent(const BoxTarget *target, gboolean create, char **ret_name,
		GError **error)
{
	const char *inside = below_home(target);
	g_autofree char *path =
		without_final_slashes(inside ? inside : target->path);
	g_autofree char *name = g_path_get_basename(path);
	g_auto(GStrv) parts = g_strsplit(path, "/", -1);
	int fd;

	if (!*path || g_strv_contains((const char *const *)parts, "..") ||
	    g_str_equal(name, ".") || g_str_equal(name, "/")) {
		g_set_error(error, BOX_ERROR, BOX_ERROR_UNSAFE,
			    "“%s” is no path for a mailbox", target->path);
		return -1;
	}
	fd = inside ? walk(target, parts, create, error)
		    : open_system_parent(path, error);
	if (fd >= 0)
		*ret_name = g_steal_pointer(&name);
	return fd;
}

char *
box_place(const BoxTarget *target)
{
	return g_path_is_absolute(target->path)
		       ? g_strdup(target->path)
		       : g_build_filename(target->home, target->path, NULL);
}

gboolean
box_write_all(int fd, const void *bytes, gsize size, const char *what,
	      GError **error)
{
	const char *at = bytes;

	while (size > 0) {
		gssize written = write(fd, at, size);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return error_set_errno(error, "write %s", what);
		at += written;
		size -= written;
	}
	return TRUE;
}
