// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/queue-disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "common/error.h"

#define WRITEV_PIECES 256 /* each is up to three of IOV_MAX (1024) parts */
#define UNSYNCED_MAX 256  /* then a sync is due even if nobody waits */

void
piece_init(Piece *piece, RecordType type, guint64 id, GBytes *text,
	   GBytes *body)
{
	*piece = (Piece){ .text = text, .body = body };
	piece->record.type = type;
	piece->record.id = id;
	piece->record.time = g_get_real_time();
	if (text) {
		gsize size;
		const void *bytes = g_bytes_get_data(text, &size);

		piece->record.text_size = size;
		piece->record.text_crc = record_crc(0, bytes, size);
	}
	if (body) {
		gsize size;
		const void *bytes = g_bytes_get_data(body, &size);

		piece->record.body_size = size;
		piece->record.body_crc = record_crc(0, bytes, size);
	}
}

void
piece_done(Piece *piece)
{
	g_clear_pointer(&piece->text, g_bytes_unref);
	g_clear_pointer(&piece->body, g_bytes_unref);
}

static void
piece_free(gpointer data)
{
	piece_done(data);
	g_free(data);
}

static Piece *
piece_copy(const Piece *piece)
{
	Piece *copy = g_memdup2(piece, sizeof(*piece));

	if (copy->text)
		g_bytes_ref(copy->text);
	if (copy->body)
		g_bytes_ref(copy->body);
	return copy;
}

Disk *
disk_new(int directory, int tmp)
{
	Disk *disk = g_new0(Disk, 1);

	disk->directory = directory;
	disk->tmp = tmp;
	disk->fd = -1;
	disk->next_number = 1;
	disk->index = g_byte_array_new();
	disk->unsynced = g_ptr_array_new_with_free_func(piece_free);
	return disk;
}

void
disk_free(Disk *disk)
{
	if (!disk)
		return;
	if (disk->fd >= 0)
		close(disk->fd);
	close(disk->directory);
	close(disk->tmp);
	g_byte_array_unref(disk->index);
	g_ptr_array_unref(disk->unsynced);
	g_free(disk);
}

const char *
disk_name(guint64 number, char name[DISK_NAME_SIZE])
{
	g_snprintf(name, DISK_NAME_SIZE, "%016" G_GUINT64_FORMAT ".seg",
		   number);
	return name;
}

static DiskResult
result_of_errno(void)
{
	return errno == ENOSPC || errno == EDQUOT ? DISK_FULL : DISK_BAD;
}

gboolean
disk_write_all(int fd, const void *bytes, gsize size)
{
	const guint8 *at = bytes;

	while (size) {
		ssize_t done = write(fd, at, size);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return FALSE;
		at += done;
		size -= done;
	}
	return TRUE;
}

static gboolean
writev_all(int fd, struct iovec *parts, guint count)
{
	while (count) {
		ssize_t done = writev(fd, parts, count);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return FALSE;
		while (count && (gsize)done >= parts->iov_len) {
			done -= parts->iov_len;
			parts++;
			count--;
		}
		if (!count)
			break;
		parts->iov_base = (guint8 *)parts->iov_base + done;
		parts->iov_len -= done;
	}
	return TRUE;
}

static guint
add_part(struct iovec *part, GBytes *bytes)
{
	gsize size = 0;

	if (!bytes)
		return 0;
	part->iov_base = (void *)g_bytes_get_data(bytes, &size);
	part->iov_len = size;
	return size ? 1 : 0;
}

/* At most WRITEV_PIECES of them. */
static gboolean
write_pieces(Disk *disk, Piece **pieces, guint count)
{
	guint8 headers[WRITEV_PIECES][RECORD_HEADER_SIZE] = { 0 };
	struct iovec parts[3 * WRITEV_PIECES];
	guint used = 0;
	guint64 offset = disk->size;

	for (guint i = 0; i < count; i++) {
		Piece *piece = pieces[i];

		record_encode(&piece->record, &disk->key, offset, headers[i]);
		piece->segment = disk->number;
		piece->offset = offset;
		offset += record_span(&piece->record);
		parts[used++] = (struct iovec){ headers[i],
						RECORD_HEADER_SIZE };
		used += add_part(&parts[used], piece->text);
		used += add_part(&parts[used], piece->body);
	}
	if (!writev_all(disk->fd, parts, used))
		return FALSE;
	disk->size = offset;
	disk->records += count;
	g_byte_array_append(disk->index, headers[0],
			    count * RECORD_HEADER_SIZE);
	for (guint i = 0; i < count; i++)
		if (pieces[i]->record.type == RECORD_MESSAGE)
			disk->last_id = MAX(disk->last_id,
					    pieces[i]->record.id);
	return TRUE;
}

/*
 * Never trust or append to the current segment again. What it holds beyond
 * the last sync is cut off: best effort, for a reader after a crash must
 * cope with it anyway.
 */
static void
give_up(Disk *disk)
{
	if (disk->fd < 0)
		return;
	if (ftruncate(disk->fd, disk->synced))
		errno = 0;
	close(disk->fd);
	disk->fd = -1;
}

static DiskResult
sync_current(Disk *disk, GError **error)
{
	if (fdatasync(disk->fd)) {
		error_set_errno(error, "fdatasync segment %" G_GUINT64_FORMAT,
				disk->number);
		give_up(disk);
		return DISK_BAD;
	}
	disk->synced = disk->size;
	g_ptr_array_set_size(disk->unsynced, 0);
	return DISK_OK;
}

/* Take a half-written tail away, so that the segment can go on. */
static DiskResult
cut_back(Disk *disk, guint64 size, guint records, GError **error)
{
	DiskResult result = result_of_errno();

	error_set_errno(error, "write segment %" G_GUINT64_FORMAT,
			disk->number);
	if (result == DISK_FULL && !ftruncate(disk->fd, size)) {
		disk->size = size;
		disk->records = records;
		g_byte_array_set_size(disk->index,
				      records * RECORD_HEADER_SIZE);
		return DISK_FULL;
	}
	give_up(disk);
	return DISK_BAD;
}

static DiskResult
write_run(Disk *disk, Piece **pieces, guint count, GError **error)
{
	guint64 size = disk->size;
	guint records = disk->records;

	for (guint i = 0; i < count; i += WRITEV_PIECES)
		if (!write_pieces(disk, pieces + i,
				  MIN(WRITEV_PIECES, count - i)))
			return cut_back(disk, size, records, error);
	return DISK_OK;
}

DiskResult
disk_append(Disk *disk, GPtrArray *pieces, gboolean sync, GError **error)
{
	DiskResult result = write_run(disk, (Piece **)pieces->pdata,
				      pieces->len, error);

	if (result != DISK_OK)
		return result;
	if (sync || disk->unsynced->len + pieces->len > UNSYNCED_MAX)
		return sync_current(disk, error);
	for (guint i = 0; i < pieces->len; i++)
		g_ptr_array_add(disk->unsynced, piece_copy(pieces->pdata[i]));
	return DISK_OK;
}

gboolean
disk_is_full_for(const Disk *disk, const Piece *piece)
{
	guint64 span = record_span(&piece->record);

	if (disk->fd < 0)
		return TRUE;
	return disk->records > 0 &&
	       (disk->records >= disk->segment_records ||
		disk->size + span > disk->segment_bytes);
}

/* The index and the seal, appended to @fd whose size is @size. */
static gboolean
write_seal(int fd, guint64 size, GByteArray *headers, const RecordKey *key)
{
	guint8 header[RECORD_HEADER_SIZE];
	Record index = { .type = RECORD_INDEX, .text_size = headers->len };
	Record seal = { .type = RECORD_SEAL, .id = size };

	index.text_crc = record_crc(0, headers->data, headers->len);
	seal.number = headers->len / RECORD_HEADER_SIZE;
	record_encode(&index, key, size, header);
	if (!disk_write_all(fd, header, sizeof(header)) ||
	    !disk_write_all(fd, headers->data, headers->len))
		return FALSE;
	record_encode(&seal, key, size + record_span(&index), header);
	return disk_write_all(fd, header, sizeof(header));
}

/*
 * Without a seal a start only takes longer, so no failure here loses more
 * than that; but the marks nobody waited for must be synced or moved on.
 */
static void
seal_current(Disk *disk)
{
	if (disk->fd < 0)
		return;
	if (!write_seal(disk->fd, disk->size, disk->index, &disk->key) &&
	    ftruncate(disk->fd, disk->size)) {
		give_up(disk);
		return;
	}
	if (sync_current(disk, NULL) != DISK_OK)
		return;
	close(disk->fd);
	disk->fd = -1;
}

gboolean
disk_new_line(guint64 last_id, gboolean large, RecordLine *ret_line,
	      GError **error)
{
	RecordLine line = { .last_id = last_id, .large = large };

	if (getrandom(&line.key, sizeof(line.key), 0) !=
	    (ssize_t)sizeof(line.key))
		return error_set_errno(error, "getrandom");
	*ret_line = line;
	return TRUE;
}

static void
begin_current(Disk *disk, int fd, guint64 number, const RecordKey *key)
{
	disk->fd = fd;
	disk->number = number;
	disk->key = *key;
	disk->size = RECORD_LINE_SIZE;
	disk->synced = RECORD_LINE_SIZE;
	disk->records = 0;
	g_byte_array_set_size(disk->index, 0);
}

/* Undo a segment that could not be begun. */
static DiskResult
drop_segment(Disk *disk, int fd, const char *name, GError **error)
{
	DiskResult result = result_of_errno();

	error_set_errno(error, "begin segment %s", name);
	close(fd);
	unlinkat(disk->directory, name, 0);
	return result;
}

/* Or no segment: one without them would let the next sync forget them. */
static DiskResult
write_unsynced(Disk *disk, const char *name, GError **error)
{
	DiskResult result = write_run(disk, (Piece **)disk->unsynced->pdata,
				      disk->unsynced->len, error);

	if (result == DISK_OK)
		return DISK_OK;
	give_up(disk);
	unlinkat(disk->directory, name, 0);
	return result;
}

DiskResult
disk_roll(Disk *disk, GError **error)
{
	char name[DISK_NAME_SIZE];
	guint8 bytes[RECORD_LINE_SIZE];
	RecordLine line;
	int fd;

	seal_current(disk);
	if (!disk_new_line(disk->last_id, FALSE, &line, error))
		return DISK_BAD;
	record_line_encode(&line, bytes);
	disk_name(disk->next_number++, name);
	fd = openat(disk->directory, name,
		    O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0) {
		DiskResult result = result_of_errno();

		error_set_errno(error, "create segment %s", name);
		return result;
	}
	if (!disk_write_all(fd, bytes, sizeof(bytes)) ||
	    fsync(disk->directory))
		return drop_segment(disk, fd, name, error);
	begin_current(disk, fd, disk->next_number - 1, &line.key);
	return write_unsynced(disk, name, error);
}

gboolean
disk_resume(Disk *disk, guint64 number, const RecordKey *key, guint64 size,
	    GByteArray *headers, GError **error)
{
	char name[DISK_NAME_SIZE];
	int fd = openat(disk->directory, disk_name(number, name),
			O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return error_set_errno(error, "open segment %s", name);
	begin_current(disk, fd, number, key);
	disk->size = size;
	disk->synced = size;
	disk->records = headers->len / RECORD_HEADER_SIZE;
	g_byte_array_append(disk->index, headers->data, headers->len);
	return TRUE;
}

static gboolean
finish_large(int fd, const RecordLine *line, Piece *piece)
{
	guint8 header[RECORD_HEADER_SIZE];
	g_autoptr(GByteArray) headers = g_byte_array_new();
	guint64 offset = RECORD_LINE_SIZE + piece->record.body_size;
	gsize size;
	const void *text = g_bytes_get_data(piece->text, &size);

	piece->offset = offset;
	record_encode(&piece->record, &line->key, offset, header);
	g_byte_array_append(headers, header, sizeof(header));
	return disk_write_all(fd, header, sizeof(header)) &&
	       disk_write_all(fd, text, size) &&
	       write_seal(fd, offset + record_span(&piece->record), headers,
			  &line->key) &&
	       !fdatasync(fd);
}

DiskResult
disk_place_large(Disk *disk, int fd, const char *name,
		 const RecordLine *line, Piece *piece, GError **error)
{
	char placed[DISK_NAME_SIZE];
	guint64 number = disk->next_number++;
	DiskResult result;

	if (!finish_large(fd, line, piece) ||
	    renameat(disk->tmp, name, disk->directory,
		     disk_name(number, placed))) {
		result = result_of_errno();
		error_set_errno(error, "keep a large message");
		unlinkat(disk->tmp, name, 0);
		return result;
	}
	piece->segment = number;
	if (fsync(disk->directory)) {
		error_set_errno(error, "fsync the queue directory");
		unlinkat(disk->directory, placed, 0);
		return DISK_BAD;
	}
	disk->last_id = MAX(disk->last_id, piece->record.id);
	return DISK_OK;
}

gboolean
disk_unlink(Disk *disk, guint64 number, GError **error)
{
	char name[DISK_NAME_SIZE];

	if (unlinkat(disk->directory, disk_name(number, name), 0) &&
	    errno != ENOENT)
		return error_set_errno(error, "unlink segment %s", name);
	return TRUE;
}

gboolean
disk_sync_directory(Disk *disk, GError **error)
{
	if (fsync(disk->directory))
		return error_set_errno(error, "fsync the queue directory");
	return TRUE;
}
