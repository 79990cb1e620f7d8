// SPDX-License-Identifier: GPL-2.0-or-later
/* Room on the disk: holes where dead mail was, and the reserve. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "daemon/engine/queue-disk.h"

#define RESERVE_NAME "reserve"
#define RESERVE_MARGIN 4 /* times itself must be free to take it again */

void
disk_punch(Disk *disk, guint64 number, guint64 offset, guint64 size)
{
	char name[DISK_NAME_SIZE];
	struct stat facts;
	guint64 block, from, to;
	int fd;

	if (disk->no_holes)
		return;
	fd = openat(disk->directory, disk_name(number, name),
		    O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return;
	block = fstat(fd, &facts) ? 4096 : MAX(facts.st_blksize, 512);
	from = (offset + block - 1) / block * block;
	to = (offset + size) / block * block;
	if (from < to &&
	    fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, from,
		      to - from) &&
	    errno == EOPNOTSUPP)
		disk->no_holes = TRUE;
	close(fd);
}

static gboolean
has_room_for_reserve(const Disk *disk)
{
	struct statvfs facts;

	return !fstatvfs(disk->directory, &facts) &&
	       (guint64)facts.f_bavail * facts.f_frsize >
		       RESERVE_MARGIN * disk->reserve_bytes;
}

/* Written where fallocate is not known: blocks must be there, not promised. */
static gboolean
fill(int fd, guint64 size)
{
	static const guint8 zeros[65536];

	if (!fallocate(fd, 0, 0, size))
		return TRUE;
	if (errno != EOPNOTSUPP)
		return FALSE;
	for (; size; size -= MIN(size, sizeof(zeros)))
		if (!disk_write_all(fd, zeros, MIN(size, sizeof(zeros))))
			return FALSE;
	return TRUE;
}

void
disk_take_reserve(Disk *disk)
{
	int fd;

	if (disk->has_reserve || !has_room_for_reserve(disk))
		return;
	fd = openat(disk->directory, RESERVE_NAME,
		    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
		    0600);
	if (fd < 0)
		return;
	disk->has_reserve = fill(fd, disk->reserve_bytes);
	close(fd);
	if (!disk->has_reserve)
		unlinkat(disk->directory, RESERVE_NAME, 0);
}

gboolean
disk_give_reserve(Disk *disk)
{
	if (!disk->has_reserve)
		return FALSE;
	disk->has_reserve = FALSE;
	return !unlinkat(disk->directory, RESERVE_NAME, 0);
}
