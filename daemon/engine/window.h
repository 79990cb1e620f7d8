// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * For how long each user can take mail back: their own choice, kept in the
 * state directory, before UndoWindow= of the configuration.
 */
#ifndef MASQMAIL_ENGINE_WINDOW_H
#define MASQMAIL_ENGINE_WINDOW_H

#include <sys/types.h>

#include <glib.h>

#define WINDOWS_MAX 10000 /* users who chose */

typedef struct Windows Windows;

/* Those of the file in @directory; one that cannot be read is empty. */
Windows *windows_load(const char *directory);
void windows_free(Windows *windows); /* takes NULL */

/* Seconds that @uid chose; -1 for none. */
gint64 windows_of(const Windows *windows, uid_t uid);

/* @seconds -1: as the configuration says again. */
gboolean windows_set(Windows *windows, uid_t uid, gint64 seconds,
		     GError **error);

#endif
