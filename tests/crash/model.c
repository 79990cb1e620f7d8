// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/crash/model.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES_MAX 4096
#define STEPS_MAX 4096

typedef struct {
	StepKind kind;
	char from[PATH_SIZE];
	char to[PATH_SIZE];
} Step;

static File files[FILES_MAX];
static int file_count;
static Step steps[STEPS_MAX];
static int step_count;
static long calls;
static long graves;

Real real;

__attribute__((constructor)) static void
find_real_calls(void)
{
	real.openat = dlsym(RTLD_NEXT, "openat");
	real.write = dlsym(RTLD_NEXT, "write");
	real.writev = dlsym(RTLD_NEXT, "writev");
	real.fsync = dlsym(RTLD_NEXT, "fsync");
	real.fdatasync = dlsym(RTLD_NEXT, "fdatasync");
	real.renameat = dlsym(RTLD_NEXT, "renameat");
	real.unlinkat = dlsym(RTLD_NEXT, "unlinkat");
	real.ftruncate = dlsym(RTLD_NEXT, "ftruncate");
	real.fallocate = dlsym(RTLD_NEXT, "fallocate");
	real.mkdirat = dlsym(RTLD_NEXT, "mkdirat");
}

static long
number_of(const char *name)
{
	const char *value = getenv(name);

	return value ? strtol(value, NULL, 10) : 0;
}

static const char *
mode(void)
{
	const char *value = getenv("CRASH_MODE");

	return value ? value : "keep";
}

static void
die(const char *why)
{
	dprintf(2, "crash preload: %s\n", why);
	_exit(99);
}

static int
is_below(const char *path)
{
	const char *directory = getenv("CRASH_DIR");
	size_t size = directory ? strlen(directory) : 0;

	return size && !strncmp(path, directory, size) &&
	       (path[size] == '/' || !path[size]);
}

int
path_of_fd(int fd, char path[PATH_SIZE])
{
	char link[64];
	ssize_t size;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	size = readlink(link, path, PATH_SIZE - 1);
	if (size <= 0)
		return 0;
	path[size] = 0;
	return is_below(path);
}

int
path_at(int at, const char *name, char path[PATH_SIZE])
{
	char base[PATH_SIZE];

	if (name[0] == '/' || at == AT_FDCWD) {
		snprintf(path, PATH_SIZE, "%s", name);
		return is_below(path);
	}
	if (!path_of_fd(at, base))
		return 0;
	if ((size_t)snprintf(path, PATH_SIZE, "%s/%s", base, name) >=
	    PATH_SIZE)
		die("a path is too long");
	return 1;
}

static off_t
size_of(const char *path)
{
	struct stat facts;

	return stat(path, &facts) ? 0 : facts.st_size;
}

File *
file_at(const char *path)
{
	File *file;

	for (int i = 0; i < file_count; i++)
		if (!strcmp(files[i].path, path))
			return &files[i];
	if (file_count == FILES_MAX)
		die("too many files");
	file = &files[file_count++];
	snprintf(file->path, PATH_SIZE, "%s", path);
	file->synced = size_of(path);
	file->poisoned = 0;
	return file;
}

void
forget_file(const char *path)
{
	for (int i = 0; i < file_count; i++)
		if (!strcmp(files[i].path, path))
			files[i] = files[--file_count];
}

void
add_step(StepKind kind, const char *from, const char *to)
{
	Step *step = &steps[step_count++];

	if (step_count == STEPS_MAX)
		die("too many unsynced names");
	step->kind = kind;
	snprintf(step->from, PATH_SIZE, "%s", from);
	snprintf(step->to, PATH_SIZE, "%s", to);
}

/* Whether a sync of @directory makes @step last. */
static int
is_step_in(const Step *step, const char *directory)
{
	const char *path = step->kind == STEP_UNLINK ? step->from : step->to;
	const char *slash = strrchr(path, '/');
	size_t size = strlen(directory);

	return (size_t)(slash - path) == size &&
	       !strncmp(path, directory, size);
}

void
sync_names(const char *directory)
{
	int kept = 0;

	for (int i = 0; i < step_count; i++) {
		if (!is_step_in(&steps[i], directory))
			steps[kept++] = steps[i];
		else if (steps[i].kind == STEP_UNLINK)
			real.unlinkat(AT_FDCWD, steps[i].to, 0);
	}
	step_count = kept;
}

static void
undo(const Step *step)
{
	switch (step->kind) {
	case STEP_CREATE:
		real.unlinkat(AT_FDCWD, step->to, 0);
		break;
	case STEP_RENAME:
	case STEP_UNLINK:
		real.renameat(AT_FDCWD, step->to, AT_FDCWD, step->from);
		break;
	}
	for (int i = 0; i < file_count; i++)
		if (step->kind != STEP_CREATE &&
		    !strcmp(files[i].path, step->to))
			snprintf(files[i].path, PATH_SIZE, "%s", step->from);
}

static void
lose_data(const File *file)
{
	off_t size = size_of(file->path), left = file->synced;
	int fd = real.openat(AT_FDCWD, file->path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || size <= left) {
		if (fd >= 0)
			close(fd);
		return;
	}
	if (!strcmp(mode(), "torn"))
		left += (size - left) / 2;
	real.ftruncate(fd, left);
	if (!strcmp(mode(), "zero"))
		real.ftruncate(fd, size);
	close(fd);
}

static void
undo_first_unlink(void)
{
	for (int i = 0; i < step_count; i++)
		if (steps[i].kind == STEP_UNLINK) {
			undo(&steps[i]);
			return;
		}
}

/* For who wants to know how many there are. */
static void
tell_calls(void)
{
	const char *path = getenv("CRASH_COUNT");
	int fd = path ? real.openat(AT_FDCWD, path, O_WRONLY | O_CREAT, 0600) :
			-1;

	if (fd < 0)
		return;
	dprintf(fd, "%ld\n", calls);
	close(fd);
}

void
crash(void)
{
	int drop = !strcmp(mode(), "drop");

	tell_calls();
	if (drop || !strcmp(mode(), "names"))
		while (step_count)
			undo(&steps[--step_count]);
	if (!strcmp(mode(), "order"))
		undo_first_unlink();
	if (drop || !strcmp(mode(), "torn") || !strcmp(mode(), "zero"))
		for (int i = 0; i < file_count; i++)
			lose_data(&files[i]);
	kill(getpid(), SIGKILL);
	pause();
}

Go
next_call(void)
{
	long at = number_of("CRASH_AT");
	long fail_at = number_of("CRASH_FAIL_AT");
	long count = number_of("CRASH_FAIL_COUNT");

	calls++;
	if (at && calls == at)
		crash();
	if (!fail_at || calls < fail_at || calls >= fail_at + count)
		return GO_ON;
	errno = number_of("CRASH_FAIL_ERRNO");
	return calls == fail_at && number_of("CRASH_SHORT") ? GO_SHORT :
							      GO_FAIL;
}

int
is_next_torn(void)
{
	long at = number_of("CRASH_AT");

	return at && calls + 1 == at && !strcmp(mode(), "torn");
}

int
exists(const char *path)
{
	return faccessat(AT_FDCWD, path, F_OK, 0) == 0;
}

void
grave_for(char path[PATH_SIZE])
{
	snprintf(path, PATH_SIZE, "%s/%d-%ld", getenv("CRASH_GRAVE"),
		 getpid(), ++graves);
}
