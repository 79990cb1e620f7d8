// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/queue-guard.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define GUARD_NAME "recovering"
#define LINE_SIZE 64

typedef struct {
	guint64 number;
	guint64 offset;
	guint strikes; /* starts that ended here, one after the other */
} Suspect;

struct Guard {
	int directory;
	int fd;         /* -1: nothing can be written down */
	gboolean wary;  /* the last start did not come through */
	Suspect suspect;
};

/* Not synced: a power cut is nobody's fault. */
static void
write_down(const Guard *guard, const Suspect *suspect)
{
	char line[LINE_SIZE + 1];

	g_snprintf(line, sizeof(line),
		   "%20" G_GUINT64_FORMAT " %20" G_GUINT64_FORMAT " %2u\n",
		   suspect->number, suspect->offset,
		   MIN(suspect->strikes, 99));
	if (pwrite(guard->fd, line, strlen(line), 0) < 0)
		return; /* then this start strikes at nothing */
}

static void
read_suspect(Guard *guard)
{
	char line[LINE_SIZE + 1] = "";
	Suspect suspect = { 0 };

	if (pread(guard->fd, line, LINE_SIZE, 0) > 0 &&
	    sscanf(line, "%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %u",
		   &suspect.number, &suspect.offset, &suspect.strikes) == 3)
		guard->suspect = suspect;
}

Guard *
guard_new(int directory)
{
	Guard *guard = g_new0(Guard, 1);

	guard->directory = directory;
	guard->fd = openat(directory, GUARD_NAME,
			   O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	guard->wary = guard->fd >= 0;
	if (guard->wary)
		read_suspect(guard);
	else
		guard->fd = openat(directory, GUARD_NAME,
				   O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC,
				   0600);
	return guard;
}

void
guard_free(Guard *guard)
{
	if (!guard)
		return;
	if (guard->fd >= 0) {
		close(guard->fd);
		unlinkat(guard->directory, GUARD_NAME, 0);
	}
	g_free(guard);
}

gboolean
guard_pass(Guard *guard, guint64 number, guint64 offset)
{
	Suspect next = { number, offset, 1 };

	if (!guard || !guard->wary)
		return TRUE;
	if (number == guard->suspect.number &&
	    offset == guard->suspect.offset) {
		if (guard->suspect.strikes >= GUARD_STRIKES)
			return FALSE;
		next.strikes = guard->suspect.strikes + 1;
	}
	write_down(guard, &next);
	return TRUE;
}
