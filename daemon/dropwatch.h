// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The drop directory as the parent sees it: which finished files are there,
 * which the engine has already, and when to look again. Only the parent
 * calls it: dropwatch_new, then on every wake-up of its descriptor
 * dropwatch_next until there is none.
 */
#ifndef MASQMAIL_DAEMON_DROPWATCH_H
#define MASQMAIL_DAEMON_DROPWATCH_H

#include <glib.h>
#include <sys/types.h>

#include "common/drop.h"

#define DROPWATCH_OUT_MAX 16	/* files handed out and not yet done */
#define DROPWATCH_NAMES_MAX 4096	/* refused, and said so once */

typedef struct Dropwatch Dropwatch;

/* (transfer full). Watches the directory @path. */
Dropwatch *dropwatch_new(const char *path, GError **error);

/* Readable when something changed. (transfer none) */
int dropwatch_fd(const Dropwatch *watch);

/*
 * (transfer full). A descriptor of a file that is to be handed over, or -1:
 * none, or enough are out. Files that will never be taken are logged once;
 * unfinished ones older than a day are removed.
 */
int dropwatch_next(Dropwatch *watch, char ret_name[DROP_NAME_LENGTH + 1],
		   uid_t *ret_owner);

/*
 * The engine answered for @name: it is removed, or with @keep left where it
 * is until dropwatch_retry. A name that is not out is ignored.
 */
void dropwatch_done(Dropwatch *watch, const char *name, gboolean keep);

/* Forget which files were refused or kept. */
void dropwatch_retry(Dropwatch *watch);

void dropwatch_free(Dropwatch *watch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Dropwatch, dropwatch_free)

#endif
