// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A preloaded library that stands between a program and its files, counts
 * every call that changes something below CRASH_DIR, and at call CRASH_AT
 * ends the program and leaves the directory as CRASH_MODE says a machine
 * could find it:
 *
 *	keep	as it is: only the program was killed
 *	drop	power cut: each file ends at its last synced length, and
 *		creations, renames and unlinks of unsynced directories are
 *		undone
 *	names	the same for the names only
 *	order	of the unsynced unlinks only the first is undone: names reach
 *		the disk in any order
 *	torn	half of what was not synced is there, and half of the write
 *		that was going on
 *	zero	what was not synced has its length, but is zero
 *
 * Or it fails CRASH_FAIL_COUNT calls from CRASH_FAIL_AT on with
 * CRASH_FAIL_ERRNO (with CRASH_SHORT the first of them, if a write, is cut
 * short instead). What a failed sync should have written is never synced by
 * a later one, as the kernel does it. Nothing is really synced: this model
 * is stricter than a disk, and fast.
 *
 * CRASH_GRAVE is a directory on the same file system for what is unlinked
 * and not yet gone. To unlink CRASH_DIR/crash-now is to crash.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/crash/model.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int
counted_open(int at, const char *name, int flags, mode_t access)
{
	char path[PATH_SIZE];
	int fd, made;

	if (!(flags & O_CREAT) || !path_at(at, name, path))
		return real.openat(at, name, flags, access);
	pthread_mutex_lock(&lock);
	made = !exists(path);
	if (made && next_call() != GO_ON) {
		pthread_mutex_unlock(&lock);
		return -1;
	}
	fd = real.openat(at, name, flags, access);
	if (fd >= 0 && made) {
		forget_file(path);
		file_at(path);
		add_step(STEP_CREATE, "", path);
	}
	pthread_mutex_unlock(&lock);
	return fd;
}

#define OPEN_ACCESS(access)                                              \
	mode_t access = 0;                                               \
	if (flags & O_CREAT) {                                           \
		va_list arguments;                                       \
		va_start(arguments, flags);                              \
		access = va_arg(arguments, mode_t);                      \
		va_end(arguments);                                       \
	}

int
openat(int at, const char *name, int flags, ...)
{
	OPEN_ACCESS(access)
	return counted_open(at, name, flags, access);
}

int
openat64(int at, const char *name, int flags, ...)
{
	OPEN_ACCESS(access)
	return counted_open(at, name, flags, access);
}

int
open(const char *name, int flags, ...)
{
	OPEN_ACCESS(access)
	return counted_open(AT_FDCWD, name, flags, access);
}

int
open64(const char *name, int flags, ...)
{
	OPEN_ACCESS(access)
	return counted_open(AT_FDCWD, name, flags, access);
}

ssize_t
write(int fd, const void *bytes, size_t size)
{
	char path[PATH_SIZE];
	ssize_t done = -1;
	Go go;

	if (!path_of_fd(fd, path))
		return real.write(fd, bytes, size);
	pthread_mutex_lock(&lock);
	file_at(path);
	if (is_next_torn())
		real.write(fd, bytes, size / 2);
	go = next_call();
	if (go == GO_SHORT && size < 2)
		go = GO_ON;
	if (go != GO_FAIL)
		done = real.write(fd, bytes,
				  go == GO_SHORT ? size / 2 : size);
	pthread_mutex_unlock(&lock);
	return done;
}

/* The first half of a vector's bytes. */
static ssize_t
write_half(int fd, const struct iovec *parts, int count)
{
	size_t size = 0, half;
	ssize_t done = 0;

	for (int i = 0; i < count; i++)
		size += parts[i].iov_len;
	half = size / 2;
	for (int i = 0; i < count && half; i++) {
		size_t part = parts[i].iov_len < half ? parts[i].iov_len :
							half;

		done += real.write(fd, parts[i].iov_base, part);
		half -= part;
	}
	return done;
}

ssize_t
writev(int fd, const struct iovec *parts, int count)
{
	char path[PATH_SIZE];
	ssize_t done = -1;
	Go go;

	if (!path_of_fd(fd, path))
		return real.writev(fd, parts, count);
	pthread_mutex_lock(&lock);
	file_at(path);
	if (is_next_torn())
		write_half(fd, parts, count);
	go = next_call();
	if (go == GO_ON)
		done = real.writev(fd, parts, count);
	else if (go == GO_SHORT)
		done = write_half(fd, parts, count);
	pthread_mutex_unlock(&lock);
	return done;
}

static int
counted_sync(int fd, int (*call)(int))
{
	char path[PATH_SIZE];
	struct stat facts;
	int result = -1, is_directory;

	if (!path_of_fd(fd, path))
		return call(fd);
	pthread_mutex_lock(&lock);
	is_directory = !fstat(fd, &facts) && S_ISDIR(facts.st_mode);
	if (next_call() == GO_ON) {
		result = 0;
		if (is_directory)
			sync_names(path);
		else if (!file_at(path)->poisoned)
			file_at(path)->synced = facts.st_size;
	} else if (!is_directory) {
		file_at(path)->poisoned = 1;
	}
	pthread_mutex_unlock(&lock);
	return result;
}

int
fsync(int fd)
{
	return counted_sync(fd, real.fsync);
}

int
fdatasync(int fd)
{
	return counted_sync(fd, real.fdatasync);
}

int
renameat(int from_at, const char *from, int to_at, const char *to)
{
	char from_path[PATH_SIZE], to_path[PATH_SIZE];
	int result = -1;

	if (!path_at(from_at, from, from_path) ||
	    !path_at(to_at, to, to_path))
		return real.renameat(from_at, from, to_at, to);
	pthread_mutex_lock(&lock);
	file_at(from_path);
	if (next_call() == GO_ON)
		result = real.renameat(from_at, from, to_at, to);
	if (!result) {
		forget_file(to_path);
		snprintf(file_at(from_path)->path, PATH_SIZE, "%s", to_path);
		add_step(STEP_RENAME, from_path, to_path);
	}
	pthread_mutex_unlock(&lock);
	return result;
}

int
rename(const char *from, const char *to)
{
	return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

/* Into a grave, from which a crash may raise it. */
int
unlinkat(int at, const char *name, int flags)
{
	char path[PATH_SIZE], grave[PATH_SIZE];
	int result = -1;

	if (flags || !path_at(at, name, path))
		return real.unlinkat(at, name, flags);
	pthread_mutex_lock(&lock);
	if (strstr(path, "/crash-now"))
		crash();
	if (!exists(path)) {
		pthread_mutex_unlock(&lock);
		errno = ENOENT;
		return -1;
	}
	file_at(path);
	grave_for(grave);
	if (next_call() == GO_ON)
		result = real.renameat(AT_FDCWD, path, AT_FDCWD, grave);
	if (!result) {
		snprintf(file_at(path)->path, PATH_SIZE, "%s", grave);
		add_step(STEP_UNLINK, path, grave);
	}
	pthread_mutex_unlock(&lock);
	return result;
}

int
unlink(const char *name)
{
	return unlinkat(AT_FDCWD, name, 0);
}

int
ftruncate(int fd, off_t size)
{
	char path[PATH_SIZE];
	int result = -1;

	if (!path_of_fd(fd, path))
		return real.ftruncate(fd, size);
	pthread_mutex_lock(&lock);
	if (next_call() == GO_ON)
		result = real.ftruncate(fd, size);
	if (!result && file_at(path)->synced > size)
		file_at(path)->synced = size;
	pthread_mutex_unlock(&lock);
	return result;
}

int
fallocate(int fd, int flags, off_t offset, off_t size)
{
	char path[PATH_SIZE];
	int result = -1;

	if (!path_of_fd(fd, path))
		return real.fallocate(fd, flags, offset, size);
	pthread_mutex_lock(&lock);
	file_at(path);
	if (next_call() == GO_ON)
		result = real.fallocate(fd, flags, offset, size);
	pthread_mutex_unlock(&lock);
	return result;
}

int
mkdirat(int at, const char *name, mode_t access)
{
	char path[PATH_SIZE];
	int result = -1;

	if (!path_at(at, name, path) ||
	    exists(path))
		return real.mkdirat(at, name, access);
	pthread_mutex_lock(&lock);
	if (next_call() == GO_ON)
		result = real.mkdirat(at, name, access);
	pthread_mutex_unlock(&lock);
	return result;
}
