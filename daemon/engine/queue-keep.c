// SPDX-License-Identifier: GPL-2.0-or-later
/* Copies of what is damaged, for people to look at. */
#include <fcntl.h>
#include <unistd.h>

#include "daemon/engine/queue-disk.h"
#include "daemon/engine/queue-replay.h"

#define WINDOW (64 * 1024)

static gboolean
copy_range(Scan *scan, guint64 offset, guint64 size, int to)
{
	g_autofree guint8 *window = g_malloc(WINDOW);

	while (size) {
		gsize part = MIN(size, WINDOW);

		if (!scan_read(scan, offset, window, part, NULL) ||
		    !disk_write_all(to, window, part))
			return FALSE;
		offset += part;
		size -= part;
	}
	return TRUE;
}

gboolean
replay_keep(int corrupt, Scan *scan, guint64 offset, guint64 size,
	    char **ret_name)
{
	g_autofree char *name =
		g_strdup_printf("%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT,
				scan->number, offset);
	gboolean kept;
	int fd = corrupt < 0 ? -1 : openat(corrupt, name, O_WRONLY | O_CREAT |
					   O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return FALSE;
	kept = copy_range(scan, offset, size, fd) && !fsync(fd) &&
	       !fsync(corrupt);
	close(fd);
	if (kept)
		*ret_name = g_steal_pointer(&name);
	else
		unlinkat(corrupt, name, 0);
	return kept;
}
