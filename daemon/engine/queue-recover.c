// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The start: lock, replay, repair, begin to append. What a killed engine
 * wrote may be visible without being on disk, and somebody may be told on
 * the strength of it; so everything that can be unsynced is synced before
 * it counts.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"
#include "daemon/engine/queue-private.h"
#include "daemon/engine/queue-replay.h"

#define LOCK_STEP_MS 20

static int
open_directory(int at, const char *path, GError **error)
{
	int fd;

	if (mkdirat(at, path, 0700) && errno != EEXIST) {
		error_set_errno(error, "mkdir %s", path);
		return -1;
	}
	fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		error_set_errno(error, "open %s", path);
	return fd;
}

/* The lock dies with its descriptor, however this process ends. */
static gboolean
lock(Queue *queue, GError **error)
{
	gint64 until = g_get_monotonic_time() +
		       (gint64)queue->options.lock_wait_ms * 1000;

	while (flock(queue->directory, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return error_set_errno(error, "lock %s", queue->path);
		if (g_get_monotonic_time() >= until) {
			g_set_error(error, QUEUE_ERROR, QUEUE_ERROR_LOCKED,
				    "Another masqmail owns the queue %s.",
				    queue->path);
			return FALSE;
		}
		g_usleep(LOCK_STEP_MS * 1000);
	}
	return TRUE;
}

static gboolean
open_directories(Queue *queue, GError **error)
{
	queue->directory = open_directory(AT_FDCWD, queue->path, error);
	if (queue->directory < 0 || !lock(queue, error))
		return FALSE;
	queue->tmp = open_directory(queue->directory, QUEUE_TMP, error);
	if (queue->tmp < 0)
		return FALSE;
	queue->corrupt = open_directory(queue->directory, QUEUE_CORRUPT,
					error);
	return queue->corrupt >= 0;
}

/* Nothing in tmp/ was ever acknowledged. */
static void
clear_tmp(int tmp)
{
	int fd = openat(tmp, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *listing = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *item;

	while (listing && (item = readdir(listing)))
		if (item->d_name[0] != '.')
			unlinkat(tmp, item->d_name, 0);
	if (listing)
		closedir(listing);
}

/* The ordinary segment with the highest number; (nullable). */
static Scan *
newest(const Replay *replay)
{
	for (guint i = replay->scans->len; i > 0; i--) {
		Scan *scan = replay->scans->pdata[i - 1];

		if (!scan->line.large)
			return scan;
	}
	return NULL;
}

/* A torn tail that is left would be in the way of what is appended. */
static gboolean
cut_tail(Queue *queue, Scan *scan)
{
	char name[DISK_NAME_SIZE];
	gboolean cut;
	int fd;

	if (scan->end == scan->size)
		return TRUE;
	fd = openat(queue->directory, disk_name(scan->number, name),
		    O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return FALSE;
	cut = !ftruncate(fd, scan->end) && !fdatasync(fd);
	close(fd);
	return cut;
}

static gboolean
sync_scan(Scan *scan, GError **error)
{
	gboolean synced;

	if (!scan_open(scan, error))
		return FALSE;
	synced = !fdatasync(scan->fd);
	if (!synced)
		error_set_errno(error, "fdatasync segment %" G_GUINT64_FORMAT,
				scan->number);
	scan_close(scan);
	return synced;
}

static gboolean
sync_all(Queue *queue, Replay *replay, GError **error)
{
	Scan *last = newest(replay);

	for (guint i = 0; i < replay->scans->len; i++) {
		Scan *scan = replay->scans->pdata[i];

		if ((!scan->sealed || scan == last) &&
		    !sync_scan(scan, error))
			return FALSE;
	}
	if (fsync(queue->directory))
		return error_set_errno(error, "fsync %s", queue->path);
	return TRUE;
}

static gboolean
may_resume(const Queue *queue, const Scan *scan)
{
	return scan && scan->has_line && !scan->sealed && !scan->failed &&
	       scan->damage->len == 0 &&
	       scan->places->len < queue->options.segment_records &&
	       scan->end < queue->options.segment_bytes;
}

static gboolean
resume(Queue *queue, Disk *disk, const Replay *replay)
{
	Scan *scan = newest(replay);
	g_autoptr(GByteArray) headers = NULL;

	if (!may_resume(queue, scan) || !cut_tail(queue, scan))
		return FALSE;
	headers = scan_headers(scan);
	return disk_resume(disk, scan->number, &scan->line.key, scan->end,
			   headers, NULL);
}

static void
look_for_reserve(Disk *disk)
{
	struct stat facts;

	disk->has_reserve = !fstatat(disk->directory, "reserve", &facts,
				     AT_SYMLINK_NOFOLLOW) &&
			    (guint64)facts.st_blocks * 512 >=
				    disk->reserve_bytes;
	disk_take_reserve(disk);
}

static Disk *
make_disk(Queue *queue, const Replay *replay)
{
	Disk *disk = disk_new(fcntl(queue->directory, F_DUPFD_CLOEXEC, 3),
			      fcntl(queue->tmp, F_DUPFD_CLOEXEC, 3));
	GPtrArray *scans = replay->scans;

	disk->segment_bytes = queue->options.segment_bytes;
	disk->segment_records = queue->options.segment_records;
	disk->reserve_bytes = queue->options.reserve_bytes;
	disk->last_id = replay->last_id;
	if (scans->len) {
		const Scan *last = scans->pdata[scans->len - 1];

		disk->next_number = last->number + 1;
	}
	look_for_reserve(disk);
	/* Refused here, it is tried again when the first record comes. */
	if (!resume(queue, disk, replay))
		disk_roll(disk, NULL);
	return disk;
}

static void
take_keys(Queue *queue, const Replay *replay)
{
	for (guint i = 0; i < replay->messages->len; i++)
		queue_key_add(queue, replay->messages->pdata[i]);
	for (guint i = 0; i < replay->keys->len; i++)
		queue_key_recall(queue, replay->keys->pdata[i]);
}

/* Whatever was needed for nothing at the last stop goes now. */
static void
consider_all(Index *index)
{
	GHashTableIter iter;
	gpointer value;

	g_hash_table_iter_init(&iter, index->segments);
	while (g_hash_table_iter_next(&iter, NULL, &value))
		index_consider(index, value);
}

static void
take_replay(Queue *queue, Replay *replay)
{
	queue->last_id = replay->last_id;
	queue->index = g_steal_pointer(&replay->index);
	replay->index = index_new();
	g_ptr_array_extend_and_steal(queue->sentences,
				     g_steal_pointer(&replay->sentences));
	replay->sentences = g_ptr_array_new();
	take_keys(queue, replay);
	queue->messages = g_steal_pointer(&replay->messages);
	g_ptr_array_set_free_func(queue->messages, NULL);
}

Disk *
queue_recover(Queue *queue, GError **error)
{
	g_autoptr(Replay) replay = NULL;
	gint64 now = g_get_real_time() / G_USEC_PER_SEC;
	Guard *guard;
	Disk *disk;

	queue->index = index_new();
	if (!open_directories(queue, error))
		return NULL;
	clear_tmp(queue->tmp);
	guard = guard_new(queue->directory);
	replay = replay_read(queue->directory, queue->corrupt,
			     now - QUEUE_RECENT_SECONDS, guard, error);
	guard_free(guard);
	if (!replay || !sync_all(queue, replay, error))
		return NULL;
	disk = make_disk(queue, replay);
	index_free(queue->index);
	take_replay(queue, replay);
	g_ptr_array_add(queue->sentences, NULL);
	if (disk->fd >= 0) {
		index_segment(queue->index, disk->number);
		queue->index->current = disk->number;
	}
	consider_all(queue->index);
	return disk;
}
