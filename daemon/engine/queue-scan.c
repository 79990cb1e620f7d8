// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/queue-scan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"
#include "daemon/engine/queue-disk.h"

#define WINDOW (64 * 1024)

static gint
compare_numbers(gconstpointer a, gconstpointer b)
{
	guint64 one = *(const guint64 *)a, two = *(const guint64 *)b;

	return one < two ? -1 : one > two;
}

static gboolean
parse_name(const char *name, guint64 *ret_number)
{
	g_autofree char *digits = NULL;

	if (strlen(name) < 20 || !g_str_has_suffix(name, ".seg"))
		return FALSE;
	digits = g_strndup(name, strlen(name) - strlen(".seg"));
	return g_ascii_string_to_unsigned(digits, 10, 1, G_MAXINT64,
					  ret_number, NULL);
}

GArray *
scan_numbers(int directory, GError **error)
{
	g_autoptr(GArray) numbers = g_array_new(FALSE, FALSE,
						sizeof(guint64));
	int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *listing = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *item;
	guint64 number;

	if (!listing)
		return error_null_errno(error, "read the queue directory");
	while ((errno = 0, item = readdir(listing)))
		if (parse_name(item->d_name, &number))
			g_array_append_val(numbers, number);
	if (errno) {
		error_set_errno(error, "read the queue directory");
		closedir(listing);
		return NULL;
	}
	closedir(listing);
	g_array_sort(numbers, compare_numbers);
	return g_steal_pointer(&numbers);
}

gboolean
scan_open(Scan *scan, GError **error)
{
	char name[DISK_NAME_SIZE];

	if (scan->fd >= 0)
		return TRUE;
	scan->fd = openat(scan->directory, disk_name(scan->number, name),
			  O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);
	if (scan->fd < 0)
		return error_set_errno(error, "open segment %s", name);
	return TRUE;
}

void
scan_close(Scan *scan)
{
	if (scan->fd >= 0)
		close(scan->fd);
	scan->fd = -1;
}

void
scan_free(Scan *scan)
{
	if (!scan)
		return;
	scan_close(scan);
	g_array_unref(scan->places);
	g_array_unref(scan->damage);
	g_free(scan);
}

gboolean
scan_read(Scan *scan, guint64 offset, void *bytes, gsize size,
	  GError **error)
{
	guint8 *at = bytes;

	while (size) {
		ssize_t got = pread(scan->fd, at, size, offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			scan->failed = TRUE;
		if (got == 0)
			errno = ENODATA;
		if (got <= 0)
			return error_set_errno(
				error, "read segment %" G_GUINT64_FORMAT,
				scan->number);
		at += got;
		offset += got;
		size -= got;
	}
	return TRUE;
}

char *
scan_text(Scan *scan, const Place *place)
{
	gsize size = place->record.text_size;
	g_autofree char *text = g_malloc(size + 1);

	if (!scan_read(scan, place->offset + RECORD_HEADER_SIZE, text, size,
		       NULL) ||
	    record_crc(0, text, size) != place->record.text_crc)
		return NULL;
	text[size] = 0;
	return g_steal_pointer(&text);
}

gboolean
scan_check_body(Scan *scan, const Place *place)
{
	guint64 offset = record_body_offset(&place->record, place->offset);
	guint64 left = place->record.body_size;
	g_autofree guint8 *window = g_malloc(WINDOW);
	guint32 crc = 0;

	while (left) {
		gsize size = MIN(left, WINDOW);

		if (!scan_read(scan, offset, window, size, NULL))
			return FALSE;
		crc = record_crc(crc, window, size);
		offset += size;
		left -= size;
	}
	return crc == place->record.body_crc;
}

static const RecordKey *
key_of(const Scan *scan)
{
	return scan->has_line ? &scan->line.key : NULL;
}

static void
add_place(Scan *scan, const Record *record, guint64 offset)
{
	Place place = { *record, offset };

	g_array_append_val(scan->places, place);
	scan->end = offset + record_span(record);
}

/* A true record at @offset that lies in the file whole. */
static gboolean
take_record(Scan *scan, guint64 offset)
{
	guint8 header[RECORD_HEADER_SIZE];
	Record record;

	if (offset + RECORD_HEADER_SIZE > scan->size ||
	    !scan_read(scan, offset, header, sizeof(header), NULL) ||
	    !record_decode(header, key_of(scan), offset, &record))
		return FALSE;
	if (offset + record_span(&record) > scan->size) {
		scan->torn_record = TRUE;
		return FALSE;
	}
	add_place(scan, &record, offset);
	return TRUE;
}

/* The next true record from @offset on; FALSE when none is left. */
static gboolean
find_record(Scan *scan, guint64 offset, guint64 *ret_offset)
{
	g_autofree guint8 *window = g_malloc(WINDOW);

	while (offset + RECORD_HEADER_SIZE <= scan->size) {
		gsize size = MIN(scan->size - offset, WINDOW);
		gssize at;

		if (!scan_read(scan, offset, window, size, NULL))
			return FALSE;
		at = record_search(window, size, key_of(scan), offset);
		if (at >= 0) {
			*ret_offset = offset + at;
			return TRUE;
		}
		offset += size < WINDOW ? size :
					  size - RECORD_HEADER_SIZE + 1;
	}
	return FALSE;
}

/*
 * Record by record. Behind a bad header only a true tag counts; with the
 * key lost there is none, so what follows cannot be told from a body.
 */
static void
walk(Scan *scan)
{
	guint64 offset = RECORD_LINE_SIZE;

	while (offset < scan->size) {
		Range damage = { .from = offset };

		if (take_record(scan, offset)) {
			offset = scan->end;
			continue;
		}
		if (!scan->has_line ||
		    !find_record(scan, offset + 1, &offset))
			return;
		damage.to = offset;
		g_array_append_val(scan->damage, damage);
	}
}

static gboolean
decode_at(Scan *scan, guint64 offset, RecordType type, Record *ret_record)
{
	guint8 header[RECORD_HEADER_SIZE];

	return offset + RECORD_HEADER_SIZE <= scan->size &&
	       scan_read(scan, offset, header, sizeof(header), NULL) &&
	       record_decode(header, &scan->line.key, offset, ret_record) &&
	       ret_record->type == type;
}

/* The headers of an index, whose tags prove their offsets. */
static gboolean
take_headers(Scan *scan, const guint8 *headers, guint count, guint64 end)
{
	guint64 offset = RECORD_LINE_SIZE;
	Record record;

	for (guint i = 0; i < count; i++) {
		const guint8 *header = headers + i * RECORD_HEADER_SIZE;

		if (scan->line.large &&
		    record_decode(header, NULL, end, &record) &&
		    record.detail & RECORD_BODY_BEFORE)
			offset += record.body_size;
		if (!record_decode(header, &scan->line.key, offset, &record))
			return FALSE;
		add_place(scan, &record, offset);
		offset = scan->end;
	}
	return offset == end;
}

/* The short way, for a sealed segment with a sound index. */
static gboolean
read_index(Scan *scan)
{
	guint64 seal_at = scan->size - RECORD_HEADER_SIZE;
	Place index;
	Record seal;
	g_autofree char *headers = NULL;

	if (!scan->has_line ||
	    scan->size < RECORD_LINE_SIZE + RECORD_HEADER_SIZE ||
	    !decode_at(scan, seal_at, RECORD_SEAL, &seal))
		return FALSE;
	index.offset = seal.id;
	if (!decode_at(scan, index.offset, RECORD_INDEX, &index.record) ||
	    index.offset + record_span(&index.record) != seal_at ||
	    index.record.text_size != (guint64)seal.number * RECORD_HEADER_SIZE)
		return FALSE;
	headers = scan_text(scan, &index);
	return headers && take_headers(scan, (guint8 *)headers, seal.number,
				       index.offset);
}

Scan *
scan_segment(int directory, guint64 number, GError **error)
{
	g_autoptr(Scan) scan = g_new0(Scan, 1);
	guint8 line[RECORD_LINE_SIZE];
	struct stat facts;

	scan->directory = directory;
	scan->fd = -1;
	scan->number = number;
	scan->end = RECORD_LINE_SIZE;
	scan->places = g_array_new(FALSE, FALSE, sizeof(Place));
	scan->damage = g_array_new(FALSE, FALSE, sizeof(Range));
	if (!scan_open(scan, error))
		return NULL;
	if (fstat(scan->fd, &facts))
		return error_null_errno(error, "stat a segment");
	scan->size = facts.st_size;
	scan->has_line = scan->size >= sizeof(line) &&
			 scan_read(scan, 0, line, sizeof(line), NULL) &&
			 record_line_decode(line, &scan->line);
	scan->sealed = read_index(scan);
	if (scan->sealed) {
		scan->end = scan->size;
	} else {
		g_array_set_size(scan->places, 0);
		scan->end = MIN(RECORD_LINE_SIZE, scan->size);
		walk(scan);
	}
	scan_close(scan);
	return g_steal_pointer(&scan);
}

GByteArray *
scan_headers(const Scan *scan)
{
	GByteArray *headers = g_byte_array_new();
	guint8 header[RECORD_HEADER_SIZE];

	for (guint i = 0; i < scan->places->len; i++) {
		const Place *place = &g_array_index(scan->places, Place, i);

		record_encode(&place->record, &scan->line.key, place->offset,
			      header);
		g_byte_array_append(headers, header, sizeof(header));
	}
	return headers;
}
