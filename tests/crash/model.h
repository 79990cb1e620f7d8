// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the preloaded library knows of the files below CRASH_DIR: how much
 * of each is synced, which names are not, and how to leave them behind in a
 * crash. preload.c takes the lock around all of this.
 */
#ifndef MASQMAIL_TESTS_CRASH_MODEL_H
#define MASQMAIL_TESTS_CRASH_MODEL_H

#include <sys/types.h>
#include <sys/uio.h>

#define PATH_SIZE 512

typedef struct {
	char path[PATH_SIZE];
	off_t synced;
	int poisoned; /* a sync failed: later ones do not count */
} File;

typedef enum { STEP_CREATE, STEP_RENAME, STEP_UNLINK } StepKind;

typedef enum { GO_ON, GO_SHORT, GO_FAIL } Go;

/* The calls behind the interposed ones. */
typedef struct {
	int (*openat)(int, const char *, int, ...);
	ssize_t (*write)(int, const void *, size_t);
	ssize_t (*writev)(int, const struct iovec *, int);
	int (*fsync)(int);
	int (*fdatasync)(int);
	int (*renameat)(int, const char *, int, const char *);
	int (*unlinkat)(int, const char *, int);
	int (*ftruncate)(int, off_t);
	int (*fallocate)(int, int, off_t, off_t);
	int (*mkdirat)(int, const char *, mode_t);
} Real;

extern Real real;

/* The path behind a descriptor, or of a name; 0 when it is none of ours. */
int path_of_fd(int fd, char path[PATH_SIZE]);
int path_at(int at, const char *name, char path[PATH_SIZE]);
int exists(const char *path);

/* What was there before us has survived already: it counts as synced. */
File *file_at(const char *path);
void forget_file(const char *path);

/* A change of names that no sync of its directory has covered yet. */
void add_step(StepKind kind, const char *from, const char *to);
void sync_names(const char *directory);

/* Where an unlinked file waits for the sync of its directory. */
void grave_for(char path[PATH_SIZE]);

/* Count a call: may crash, or say that it fails (errno is set). */
Go next_call(void);
/* Whether the next one crashes in its middle. */
int is_next_torn(void);
void crash(void);

#endif
