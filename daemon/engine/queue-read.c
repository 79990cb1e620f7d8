// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Bodies, read for delivery. A checksum runs along with whoever reads a body
 * in order; when the last bytes of a body that was not verified yet are
 * asked for, the rest of the check is made up first. So a worker that has
 * the whole body has the right one, and one that gets an error before its
 * end has not sent the final dot.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/error.h"
#include "common/text.h"
#include "daemon/engine/queue-private.h"
#include "daemon/engine/queue-replay.h"

/* How far a body was verified. */
typedef struct {
	guint64 offset;
	guint32 crc;
} Check;

void
queue_read_forget(Queue *queue, guint64 id)
{
	g_hash_table_remove(queue->checks, &id);
}

void
queue_read_close(Queue *queue, guint64 number)
{
	if (queue->read_fd < 0 || queue->read_number != number)
		return;
	close(queue->read_fd);
	queue->read_fd = -1;
}

static gboolean
open_segment(Queue *queue, guint64 number, GError **error)
{
	char name[DISK_NAME_SIZE];

	if (queue->read_fd >= 0 && queue->read_number == number)
		return TRUE;
	if (queue->read_fd >= 0)
		close(queue->read_fd);
	queue->read_number = number;
	queue->read_fd = openat(queue->directory, disk_name(number, name),
				O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (queue->read_fd < 0)
		return error_set_errno(error, "open segment %s", name);
	return TRUE;
}

static gboolean
read_body(Queue *queue, const Entry *entry, guint64 offset, void *buffer,
	  gsize size, GError **error)
{
	guint8 *at = buffer;

	if (!open_segment(queue, entry->segment->number, error))
		return FALSE;
	while (size) {
		ssize_t got = pread(queue->read_fd, at, size,
				    entry->body_offset + offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got == 0)
			errno = ENODATA;
		if (got <= 0)
			return error_set_errno(error, "read a message");
		at += got;
		offset += got;
		size -= got;
	}
	return TRUE;
}

static Check *
check_of(Queue *queue, guint64 id)
{
	Check *check = g_hash_table_lookup(queue->checks, &id);

	if (check)
		return check;
	check = g_new0(Check, 1);
	g_hash_table_insert(queue->checks, g_memdup2(&id, sizeof(id)), check);
	return check;
}

static void
take_along(Check *check, guint64 offset, const void *bytes, gsize size)
{
	if (check->offset != offset)
		return;
	check->crc = record_crc(check->crc, bytes, size);
	check->offset += size;
}

/* A copy for people; the message itself is held by the engine. */
static void
keep_copy(Queue *queue, const Entry *entry)
{
	g_autoptr(Scan) scan = scan_segment(queue->directory,
					    entry->segment->number, NULL);
	g_autofree char *name = NULL;

	if (scan && scan_open(scan, NULL))
		replay_keep(queue->corrupt, scan, entry->body_offset,
			    entry->body_size, &name);
}

static gboolean
set_damaged(Queue *queue, Entry *entry, GError **error)
{
	char id[TEXT_ID_SIZE];
	g_autofree char *sentence = g_strdup_printf(
		"The disk no longer has message %s as it was accepted; it is "
		"not delivered. What is left of it is in %s/%s.",
		text_id(entry->id, id), queue->path, QUEUE_CORRUPT);

	g_set_error_literal(error, QUEUE_ERROR, QUEUE_ERROR_DAMAGED, sentence);
	if (entry->damaged)
		return FALSE;
	entry->damaged = TRUE;
	keep_copy(queue, entry);
	if (queue->events.damaged)
		queue->events.damaged(queue->user_data, entry->message,
				      sentence);
	return FALSE;
}

/* The check up to the end of the body, and its judgement. */
static gboolean
make_up(Queue *queue, Entry *entry, Check *check, GError **error)
{
	g_autofree guint8 *window = NULL;
	guint32 crc;

	if (check->offset < entry->body_size)
		window = g_malloc(QUEUE_READ_MAX);
	while (check->offset < entry->body_size) {
		gsize size = MIN(QUEUE_READ_MAX,
				 entry->body_size - check->offset);

		if (!read_body(queue, entry, check->offset, window, size,
			       error))
			return FALSE;
		take_along(check, check->offset, window, size);
	}
	crc = check->crc;
	queue_read_forget(queue, entry->id);
	if (crc != entry->body_crc)
		return set_damaged(queue, entry, error);
	entry->verified = TRUE;
	return TRUE;
}

static gboolean
verify(Queue *queue, Entry *entry, guint64 offset, const void *bytes,
       gsize size, GError **error)
{
	Check *check = check_of(queue, entry->id);

	take_along(check, offset, bytes, size);
	if (offset + size < entry->body_size)
		return TRUE;
	return make_up(queue, entry, check, error);
}

gssize
queue_read(Queue *queue, guint64 id, guint64 offset, void *buffer,
	   gsize size, GError **error)
{
	Entry *entry = index_find(queue->index, id);

	if (!entry) {
		g_set_error_literal(error, QUEUE_ERROR, QUEUE_ERROR_UNKNOWN,
				    "There is no such message.");
		return -1;
	}
	if (entry->damaged) {
		set_damaged(queue, entry, error);
		return -1;
	}
	if (offset >= entry->body_size)
		return 0;
	size = MIN(MIN(size, QUEUE_READ_MAX), entry->body_size - offset);
	if (!read_body(queue, entry, offset, buffer, size, error))
		return -1;
	if (!entry->verified &&
	    !verify(queue, entry, offset, buffer, size, error))
		return -1;
	return size;
}
