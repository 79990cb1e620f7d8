// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The aliases file and the lists it includes, as they are on disk now, and who
 * of /etc/passwd there is and is to read root's mail. The one place that reads
 * them and knows whether they have changed since: their directories are
 * watched, and whoever is about to use them may have a look as well. What is
 * wrong with them are sentences; what can be read of them holds in any case.
 */
#ifndef MASQMAIL_ENGINE_ALIAS_FILE_H
#define MASQMAIL_ENGINE_ALIAS_FILE_H

#include "daemon/engine/alias.h"

#define ALIAS_FILE_LISTS 64    /* files of :include: */
#define ALIAS_FILE_REST_MS 300 /* editors write in several steps */

typedef struct AliasFile AliasFile;

/* @changed is called from the loop when the files were read anew. */
AliasFile *alias_file_new(GSourceFunc changed, gpointer data);
void alias_file_free(AliasFile *file); /* takes NULL */

/*
 * Where it lies, to be read; "": there is none. NULL: nothing is read, as a
 * user's own agent needs nothing of all this.
 */
void alias_file_set_path(AliasFile *file, const char *path);

/*
 * Read again what has changed by size, time or inode; TRUE when anything
 * was. Costs one stat() for each file.
 */
gboolean alias_file_refresh(AliasFile *file);

/*
 * Sets .aliases, .lists, .path, .fault and .human; valid until the next
 * refresh.
 */
void alias_file_fill(const AliasFile *file, AliasWorld *world);

/*
 * Login names of passwd, a set (transfer none); NULL where nothing is
 * read. Its content changes with the next refresh.
 */
GHashTable *alias_file_logins(const AliasFile *file);

/* (transfer none), of char *: what is wrong, for people. */
const GPtrArray *alias_file_errors(const AliasFile *file);

#endif
