// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The files of the queue, written: one current segment, appended to and
 * synced; large messages put in place; segments unlinked, holes punched, the
 * reserve given up and taken again. Knows how each step is made durable and
 * what to do when the disk refuses it. After queue_open() only the sync
 * thread uses it; it locks nothing and calls nobody.
 */
#ifndef MASQMAIL_ENGINE_QUEUE_DISK_H
#define MASQMAIL_ENGINE_QUEUE_DISK_H

#include <glib.h>

#include "daemon/engine/record.h"

#define DISK_NAME_SIZE 32

/* A record to append, and where it came to stand. */
typedef struct {
	Record record; /* sizes and CRCs are set by piece_init() */
	GBytes *text;  /* (nullable) */
	GBytes *body;  /* (nullable) */
	guint64 segment;
	guint64 offset;
} Piece;

/* Takes @text and @body (transfer full) (nullable), sets sizes and CRCs. */
void piece_init(Piece *piece, RecordType type, guint64 id, GBytes *text,
		GBytes *body);
void piece_done(Piece *piece);

typedef enum {
	DISK_OK,
	DISK_FULL, /* nothing changed: ENOSPC or EDQUOT */
	DISK_BAD,  /* the current segment was given up */
} DiskResult;

typedef struct {
	int directory; /* descriptors, all close-on-exec */
	int tmp;
	guint64 segment_bytes; /* bounds of a segment */
	guint segment_records;
	guint64 reserve_bytes;

	guint64 next_number;
	guint64 last_id; /* the highest id written */
	gboolean has_reserve;
	gboolean no_holes; /* the file system has no hole punching */

	int fd;         /* of the current segment; -1: none */
	guint64 number; /* its number; stays when it was given up */
	guint64 size;
	guint64 synced; /* its size at the last sync */
	guint records;
	RecordKey key;
	GByteArray *index;   /* its headers so far */
	GPtrArray *unsynced; /* of Piece: copies, to be written anew */
} Disk;

/* Takes both descriptors. */
Disk *disk_new(int directory, int tmp);
void disk_free(Disk *disk); /* takes NULL; syncs nothing */

/* "0000000000000042.seg" */
const char *disk_name(guint64 number, char name[DISK_NAME_SIZE]);

/* Whether appending @piece would overfill the current segment. */
gboolean disk_is_full_for(const Disk *disk, const Piece *piece);

/*
 * Seal the current segment, if there is one, and begin a new one whose
 * directory entry is synced.
 */
DiskResult disk_roll(Disk *disk, GError **error);

/* Go on appending to a recovered, sound and synced segment. */
gboolean disk_resume(Disk *disk, guint64 number, const RecordKey *key,
		     guint64 size, GByteArray *headers, GError **error);

/*
 * Append @pieces (of Piece) to the current segment, with one fdatasync
 * when @sync. After DISK_BAD the pieces may be in the old segment as well,
 * and disk->unsynced are owed to the next one: disk_roll() writes them.
 */
DiskResult disk_append(Disk *disk, GPtrArray *pieces, gboolean sync,
		       GError **error);

/*
 * Make the body written to @fd (the file @name in tmp/, a whole line, then
 * the body of @piece) a segment: append the record, seal, fsync, rename,
 * fsync the directory. The key and line are @line's. Sets the piece's
 * segment. DISK_BAD: not durable, yet perhaps seen after a crash when
 * piece->segment is set.
 */
DiskResult disk_place_large(Disk *disk, int fd, const char *name,
			    const RecordLine *line, Piece *piece,
			    GError **error);

/* Unlink; a missing one is as good. disk_sync_directory() comes after. */
gboolean disk_unlink(Disk *disk, guint64 number, GError **error);
gboolean disk_sync_directory(Disk *disk, GError **error);

/* Give back the blocks within @size bytes at @offset of a segment. */
void disk_punch(Disk *disk, guint64 number, guint64 offset, guint64 size);

/* Make the reserve if it is missing and there is room for it. */
void disk_take_reserve(Disk *disk);
/* FALSE when there is none to give up. */
gboolean disk_give_reserve(Disk *disk);

/* A line with a random key for a new segment. */
gboolean disk_new_line(guint64 last_id, gboolean large,
		       RecordLine *ret_line, GError **error);

/* Write all of @size bytes. */
gboolean disk_write_all(int fd, const void *bytes, gsize size);

#endif
