// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mbox: one file, each message behind a line "From sender date", lines of
 * its text that look like one get another '>' (local-lines.c),
 * an empty line at its end. Locked as Debian's policy (11.6) wants: fcntl
 * first, then the dot lock, where the directory lets us make one. What was
 * appended without success is cut off again under the same lock.
 */
#include "daemon/worker/local-box.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/error.h"
#include "daemon/worker/local-lines.h"

#define FILE_MODE 0600
/* In a spool directory the group mail shares, as policy says. */
#define SPOOL_MODE 0660
#define LOCK_MODE 0600
#define LOCK_POLL_MS 50
#define LOCK_STALE_S 300

typedef struct {
	Box box;
	int directory, file;
	char *name;
	char *lock; /* name of the dot lock; NULL: not held */
	off_t before;
	gboolean grown, last_was_newline;
	FromQuoter quoter;
} Mbox;

static void
roll_back(Mbox *mbox)
{
	if (!mbox->grown || ftruncate(mbox->file, mbox->before))
		return;
	fsync(mbox->file);
}

static void
mbox_free(Box *box)
{
	Mbox *mbox = (Mbox *)box;

	roll_back(mbox);
	if (mbox->lock)
		unlinkat(mbox->directory, mbox->lock, 0);
	if (mbox->file >= 0)
		close(mbox->file);
	if (mbox->directory >= 0)
		close(mbox->directory);
	g_free(mbox->lock);
	g_free(mbox->name);
	g_free(box->place);
	g_free(mbox);
}

/* Why the opened file is not to be appended to, or NULL. */
static const char *
unsafe(const struct stat *about)
{
	if (!S_ISREG(about->st_mode))
		return "is not an ordinary file";
	if (about->st_nlink != 1)
		return "has several names (hard links)";
	if (about->st_uid != geteuid())
		return "does not belong to the recipient";
	if (about->st_mode & S_IWOTH)
		return "can be written by everybody";
	return NULL;
}

static gboolean
check_file(Mbox *mbox, GError **error)
{
	struct stat about;
	const char *why;

	if (fstat(mbox->file, &about))
		return error_set_errno(error, "fstat %s", mbox->box.place);
	why = unsafe(&about);
	if (!why)
		return TRUE;
	g_set_error(error, BOX_ERROR, BOX_ERROR_UNSAFE, "%s %s",
		    mbox->box.place, why);
	return FALSE;
}

static mode_t
mode_of_new_file(int directory)
{
	struct stat about;

	return !fstat(directory, &about) && about.st_uid != geteuid()
		       ? SPOOL_MODE
		       : FILE_MODE;
}

/* O_NONBLOCK so that a FIFO in its place cannot stop us. */
static gboolean
open_file(Mbox *mbox, GError **error)
{
	const int flags = O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK |
			  O_NOCTTY | O_CLOEXEC;

	mbox->file = openat(mbox->directory, mbox->name, flags);
	if (mbox->file < 0 && errno == ENOENT) {
		mbox->file = openat(mbox->directory, mbox->name,
				    flags | O_CREAT | O_EXCL,
				    mode_of_new_file(mbox->directory));
		if (mbox->file >= 0)
			fsync(mbox->directory);
	}
	if (mbox->file < 0 && errno == ELOOP) {
		g_set_error(error, BOX_ERROR, BOX_ERROR_UNSAFE,
			    "%s is a symbolic link", mbox->box.place);
		return FALSE;
	}
	if (mbox->file < 0)
		return error_set_errno(error, "open %s", mbox->box.place);
	return check_file(mbox, error);
}

static gboolean
still_locked(gint64 deadline, const char *place, GError **error)
{
	if (g_get_monotonic_time() < deadline) {
		g_usleep(LOCK_POLL_MS * 1000);
		return FALSE;
	}
	g_set_error(error, BOX_ERROR, BOX_ERROR_LOCKED,
		    "%s is locked by another program", place);
	return TRUE;
}

static gboolean
take_file_lock(Mbox *mbox, gint64 deadline, GError **error)
{
	/* Of the open file, so that closing another descriptor of it does
	   not drop the lock; conflicts with the classic kind. */
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	while (fcntl(mbox->file, F_OFD_SETLK, &whole)) {
		if (errno != EAGAIN && errno != EACCES && errno != EINTR)
			return error_set_errno(error, "lock %s",
					       mbox->box.place);
		if (still_locked(deadline, mbox->box.place, error))
			return FALSE;
	}
	return TRUE;
}

/* A program that was killed leaves its dot lock behind. */
static void
remove_stale_lock(Mbox *mbox, const char *lock)
{
	struct stat about;

	if (!fstatat(mbox->directory, lock, &about, AT_SYMLINK_NOFOLLOW) &&
	    about.st_mtime + LOCK_STALE_S < time(NULL))
		unlinkat(mbox->directory, lock, 0);
}

static gboolean
take_dot_lock(Mbox *mbox, gint64 deadline, GError **error)
{
	g_autofree char *lock = g_strconcat(mbox->name, ".lock", NULL);

	for (;;) {
		int fd = openat(mbox->directory, lock,
				O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW |
					O_CLOEXEC,
				LOCK_MODE);

		if (fd >= 0) {
			close(fd);
			mbox->lock = g_steal_pointer(&lock);
			return TRUE;
		}
		if (errno == EACCES || errno == EPERM || errno == EROFS)
			return TRUE;
		if (errno != EEXIST)
			return error_set_errno(error, "create %s.lock",
					       mbox->box.place);
		remove_stale_lock(mbox, lock);
		if (still_locked(deadline, mbox->box.place, error))
			return FALSE;
	}
}

/* A mail reader may have put a new file in its place while we waited. */
static gboolean
is_still_there(Mbox *mbox)
{
	struct stat ours, named;

	return !fstat(mbox->file, &ours) &&
	       !fstatat(mbox->directory, mbox->name, &named,
			AT_SYMLINK_NOFOLLOW) &&
	       ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

static gboolean
lock(Mbox *mbox, guint wait, GError **error)
{
	gint64 deadline =
		g_get_monotonic_time() + wait * (gint64)G_USEC_PER_SEC;

	for (;;) {
		if (!take_file_lock(mbox, deadline, error) ||
		    !take_dot_lock(mbox, deadline, error))
			return FALSE;
		if (is_still_there(mbox))
			return check_file(mbox, error);
		if (mbox->lock)
			unlinkat(mbox->directory, mbox->lock, 0);
		g_clear_pointer(&mbox->lock, g_free);
		close(mbox->file);
		if (still_locked(deadline, mbox->box.place, error) ||
		    !open_file(mbox, error))
			return FALSE;
	}
}

/* RFC 4155: no blank in the address, the date as asctime in UTC. */
static char *
from_line(const BoxTarget *target)
{
	const char *sender = *target->sender ? target->sender : "MAILER-DAEMON";
	g_autofree char *address = g_strdup(sender);
	char text[32] = "\n";
	time_t now = target->now;
	struct tm parts;

	for (char *at = address; *at; at++)
		if ((guchar)*at <= ' ')
			*at = '-';
	if (gmtime_r(&now, &parts))
		asctime_r(&parts, text);
	return g_strdup_printf("From %s %s", address, text);
}

static gboolean
append(Mbox *mbox, const char *bytes, gsize size, GError **error)
{
	if (!size)
		return TRUE;
	mbox->grown = TRUE;
	mbox->last_was_newline = bytes[size - 1] == '\n';
	return box_write_all(mbox->file, bytes, size, mbox->box.place, error);
}

static gboolean
mbox_write(Box *box, const void *bytes, gsize size, GError **error)
{
	Mbox *mbox = (Mbox *)box;
	g_autoptr(GString) quoted = g_string_sized_new(size + 16);

	from_quoter_feed(&mbox->quoter, bytes, size, quoted);
	return append(mbox, quoted->str, quoted->len, error);
}

/* The first line of a message must follow an empty one. */
static gboolean
separate(Mbox *mbox, GError **error)
{
	char tail[2] = "\n\n";
	gsize size = MIN(mbox->before, 2);

	if (pread(mbox->file, tail + 2 - size, size, mbox->before - size) !=
	    (gssize)size)
		return error_set_errno(error, "read %s", mbox->box.place);
	if (tail[1] != '\n')
		return append(mbox, "\n\n", 2, error);
	if (tail[0] != '\n')
		return append(mbox, "\n", 1, error);
	return TRUE;
}

static gboolean
start(Mbox *mbox, const BoxTarget *target, GError **error)
{
	g_autofree char *line = from_line(target);

	mbox->before = lseek(mbox->file, 0, SEEK_END);
	if (mbox->before < 0)
		return error_set_errno(error, "lseek %s", mbox->box.place);
	return separate(mbox, error) && append(mbox, line, strlen(line), error);
}

static Box *
mbox_begin(const BoxTarget *target, GError **error)
{
	Mbox *mbox = g_new0(Mbox, 1);
	g_autoptr(Box) box = &mbox->box;

	box->kind = &box_mbox;
	box->place = box_place(target);
	mbox->file = -1;
	mbox->directory = box_open_parent(target, TRUE, &mbox->name, error);
	if (mbox->directory < 0 || !open_file(mbox, error) ||
	    !lock(mbox, target->lock_wait, error) ||
	    !start(mbox, target, error))
		return NULL;
	return g_steal_pointer(&box);
}

static gboolean
mbox_commit(Box *box, GError **error)
{
	Mbox *mbox = (Mbox *)box;
	g_autoptr(GString) rest = g_string_new(NULL);

	from_quoter_finish(&mbox->quoter, rest);
	if (!append(mbox, rest->str, rest->len, error) ||
	    (!mbox->last_was_newline && !append(mbox, "\n", 1, error)) ||
	    !append(mbox, "\n", 1, error))
		return FALSE;
	if (fsync(mbox->file))
		return error_set_errno(error, "fsync %s", box->place);
	mbox->grown = FALSE;
	return TRUE;
}

const BoxKind box_mbox = {
	.name = "mbox",
	.path = "/var/mail/%u",
	.begin = mbox_begin,
	.write = mbox_write,
	.commit = mbox_commit,
	.free = mbox_free,
};
