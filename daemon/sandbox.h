// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Giving up what a process does not need: set-id programs, debuggers and
 * core dumps, resources, and with Landlock all files but a few. The engine
 * and every worker call it, first sandbox_die_with_parent, then, as soon as
 * they are ready to meet strangers, sandbox_enter. What the kernel does not
 * have is left out without a word: the uid still stands.
 */
#ifndef MASQMAIL_DAEMON_SANDBOX_H
#define MASQMAIL_DAEMON_SANDBOX_H

#include <glib.h>

typedef enum {
	SANDBOX_READ = 1 << 0,
	SANDBOX_WRITE = 1 << 1,	/* also create, rename within, remove */
	SANDBOX_MOVE = 1 << 2,	/* rename from one directory to another */
	SANDBOX_RUN = 1 << 3,	/* execute programs */
} SandboxAccess;

typedef struct {
	const char *path;	/* a file, or a directory and all below */
	guint access;		/* of SandboxAccess */
} SandboxPath;

typedef struct {
	guint files;		/* open descriptors; 0: as it is */
	guint64 file_size;	/* bytes of a written file; 0: as it is */
	gboolean may_fork;	/* also: may still start threads */
} SandboxLimits;

/*
 * SIGKILL when the parent dies, or FALSE when it is dead already. Call it
 * after the last change of uid, which would clear it.
 */
gboolean sandbox_die_with_parent(GError **error);

/*
 * Keeps reading the system's own files (/etc, /usr, ...) and @paths, of
 * which those that do not exist count for nothing. Open descriptors stay
 * what they are.
 */
gboolean sandbox_enter(const SandboxPath *paths, gsize n_paths,
		       const SandboxLimits *limits, GError **error);

/* The version of the kernel's Landlock, 0: none. */
int sandbox_landlock_version(void);

#endif
