// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Maildir by the book: the message is written to tmp/ under a name that no
 * other process can choose, synced, moved to new/ where readers look, and
 * new/ is synced. A name in new/ is never replaced. What a crash leaves in
 * tmp/ is removed by mail readers after 36 hours, as the book says.
 */
#include "daemon/worker/local-box.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "common/error.h"

#define FILE_MODE 0600
#define NAME_TRIES 8
#define SEEN ":2,S"

typedef struct {
	Box box;
	int tmp, new, file; /* new: where it ends, cur/ for read mail */
	char *name;
	const char *suffix; /* of the name where it ends */
	gboolean in_tmp;
} Maildir;

static void
maildir_free(Box *box)
{
	Maildir *maildir = (Maildir *)box;

	if (maildir->in_tmp)
		unlinkat(maildir->tmp, maildir->name, 0);
	if (maildir->file >= 0)
		close(maildir->file);
	if (maildir->tmp >= 0)
		close(maildir->tmp);
	if (maildir->new >= 0)
		close(maildir->new);
	g_free(maildir->name);
	g_free(box->place);
	g_free(maildir);
}

/* '/' and ':' have a meaning of their own in the names of a Maildir. */
static char *
host_part(void)
{
	GString *host = g_string_new(g_get_host_name());

	g_string_replace(host, "/", "\\057", 0);
	g_string_replace(host, ":", "\\072", 0);
	return g_string_free(host, FALSE);
}

static char *
unique_name(void)
{
	g_autofree char *host = host_part();
	struct timeval now;

	gettimeofday(&now, NULL);
	return g_strdup_printf("%ld.M%ldP%ldR%08x.%s", (long)now.tv_sec,
			       (long)now.tv_usec, (long)getpid(),
			       g_random_int(), host);
}

static gboolean
create_file(Maildir *maildir, GError **error)
{
	for (guint i = 0; i < NAME_TRIES; i++) {
		g_free(maildir->name);
		maildir->name = unique_name();
		maildir->file = openat(maildir->tmp, maildir->name,
				       O_WRONLY | O_CREAT | O_EXCL |
					       O_NOFOLLOW | O_CLOEXEC,
				       FILE_MODE);
		if (maildir->file >= 0) {
			maildir->in_tmp = TRUE;
			return TRUE;
		}
		if (errno != EEXIST)
			break;
	}
	return error_set_errno(error, "create tmp/%s in the Maildir",
			       maildir->name);
}

/*
 * The three folders are never links: a Maildir whose new/ lies on another
 * file system could not be delivered to, and readers would not expect it.
 */
static int
open_folder(int parent, const char *name, GError **error)
{
	struct stat about;

	if (!fstatat(parent, name, &about, AT_SYMLINK_NOFOLLOW) &&
	    !S_ISDIR(about.st_mode)) {
		g_set_error(error, BOX_ERROR, BOX_ERROR_UNSAFE,
			    "%s in the Maildir is not a directory", name);
		return -1;
	}
	return box_open_directory(parent, name, TRUE, error);
}

static gboolean
open_folders(Maildir *maildir, int directory, GError **error)
{
	int cur = open_folder(directory, "cur", error);
	int other;

	if (cur < 0)
		return FALSE;
	other = open_folder(directory, "new", error);
	maildir->new = *maildir->suffix ? cur : other;
	if (maildir->new == cur)
		cur = other;
	if (cur >= 0)
		close(cur);
	if (other < 0)
		return FALSE;
	maildir->tmp = open_folder(directory, "tmp", error);
	return maildir->tmp >= 0;
}

static int
open_maildir(const BoxTarget *target, GError **error)
{
	g_autofree char *name = NULL;
	int parent, directory;

	parent = box_open_parent(target, TRUE, &name, error);
	if (parent < 0)
		return -1;
	directory = box_open_directory(parent, name, TRUE, error);
	close(parent);
	return directory;
}

static Box *
maildir_begin(const BoxTarget *target, GError **error)
{
	Maildir *maildir = g_new0(Maildir, 1);
	g_autoptr(Box) box = &maildir->box;
	int directory;
	gboolean opened;

	box->kind = &box_maildir;
	maildir->suffix = target->seen ? SEEN : "";
	box->place = box_place(target);
	maildir->tmp = maildir->new = maildir->file = -1;
	directory = open_maildir(target, error);
	if (directory < 0)
		return NULL;
	opened = open_folders(maildir, directory, error);
	close(directory);
	if (!opened || !create_file(maildir, error))
		return NULL;
	return g_steal_pointer(&box);
}

static gboolean
maildir_write(Box *box, const void *bytes, gsize size, GError **error)
{
	Maildir *maildir = (Maildir *)box;

	return box_write_all(maildir->file, bytes, size, box->place, error);
}

/*
 * Where the file system cannot rename without replacing (NFS), a link can
 * be made, which never replaces either.
 */
static gboolean
move_to_new(Maildir *maildir, GError **error)
{
	const char *from = maildir->name;
	g_autofree char *name = g_strconcat(from, maildir->suffix, NULL);

	if (!renameat2(maildir->tmp, from, maildir->new, name,
		       RENAME_NOREPLACE)) {
		maildir->in_tmp = FALSE;
		return TRUE;
	}
	if (errno != EINVAL && errno != ENOSYS)
		return error_set_errno(error, "rename to new/%s", name);
	if (linkat(maildir->tmp, from, maildir->new, name, 0))
		return error_set_errno(error, "link to new/%s", name);
	return TRUE;
}

static gboolean
maildir_commit(Box *box, GError **error)
{
	Maildir *maildir = (Maildir *)box;
	g_autofree char *final = NULL;
	int file = maildir->file;

	if (fsync(file))
		return error_set_errno(error, "fsync %s", box->place);
	maildir->file = -1;
	if (close(file))
		return error_set_errno(error, "close %s", box->place);
	if (!move_to_new(maildir, error))
		return FALSE;
	if (!fsync(maildir->new))
		return TRUE;
	/* Not durable, so not delivered: it would come a second time. */
	error_set_errno(error, "fsync new/ of %s", box->place);
	final = g_strconcat(maildir->name, maildir->suffix, NULL);
	unlinkat(maildir->new, final, 0);
	return FALSE;
}

const BoxKind box_maildir = {
	.name = "maildir",
	.path = "Maildir",
	.begin = maildir_begin,
	.write = maildir_write,
	.commit = maildir_commit,
	.free = maildir_free,
};
