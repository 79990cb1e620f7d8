// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/window.h"

#include <errno.h>

#include "common/error.h"
#include "daemon/engine/later.h"

#define FILE_NAME "undo-windows"

struct Windows {
	char *path;
	GHashTable *seconds; /* uid -> seconds + 1, both as pointers */
};

/* "1000 15" */
static void
take_line(Windows *windows, const char *line)
{
	g_auto(GStrv) words = g_strsplit(line, " ", 2);
	guint64 uid, seconds;

	if (words[0] && words[1] &&
	    g_ascii_string_to_unsigned(words[0], 10, 0, G_MAXUINT32 - 1, &uid,
				       NULL) &&
	    g_ascii_string_to_unsigned(words[1], 10, 0, LATER_WINDOW_MOST,
				       &seconds, NULL) &&
	    g_hash_table_size(windows->seconds) < WINDOWS_MAX)
		g_hash_table_insert(windows->seconds,
				    GUINT_TO_POINTER((guint)uid),
				    GUINT_TO_POINTER((guint)seconds + 1));
}

Windows *
windows_load(const char *directory)
{
	Windows *windows = g_new0(Windows, 1);
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;

	windows->path = g_build_filename(directory, FILE_NAME, NULL);
	windows->seconds = g_hash_table_new(NULL, NULL);
	if (!g_file_get_contents(windows->path, &text, NULL, NULL))
		return windows;
	lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line; line++)
		take_line(windows, *line);
	return windows;
}

void
windows_free(Windows *windows)
{
	if (!windows)
		return;
	g_free(windows->path);
	g_hash_table_unref(windows->seconds);
	g_free(windows);
}

gint64
windows_of(const Windows *windows, uid_t uid)
{
	gpointer found = g_hash_table_lookup(windows->seconds,
					     GUINT_TO_POINTER(uid));

	return (gint64)GPOINTER_TO_UINT(found) - 1;
}

static gboolean
keep(const Windows *windows, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	GHashTableIter iter;
	gpointer uid, seconds;

	g_hash_table_iter_init(&iter, windows->seconds);
	while (g_hash_table_iter_next(&iter, &uid, &seconds))
		g_string_append_printf(text, "%u %u\n", GPOINTER_TO_UINT(uid),
				       GPOINTER_TO_UINT(seconds) - 1);
	return g_file_set_contents_full(windows->path, text->str, text->len,
					G_FILE_SET_CONTENTS_CONSISTENT, 0600,
					error);
}

gboolean
windows_set(Windows *windows, uid_t uid, gint64 seconds, GError **error)
{
	if (seconds < 0) {
		g_hash_table_remove(windows->seconds, GUINT_TO_POINTER(uid));
		return keep(windows, error);
	}
	if (g_hash_table_size(windows->seconds) >= WINDOWS_MAX) {
		errno = ENOSPC;
		return error_set_errno(error, "%s", windows->path);
	}
	g_hash_table_insert(windows->seconds, GUINT_TO_POINTER(uid),
			    GUINT_TO_POINTER((guint)MIN(seconds,
							LATER_WINDOW_MOST) +
					     1));
	return keep(windows, error);
}
