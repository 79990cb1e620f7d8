// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The files of the queue, read: which records a segment holds, whatever
 * happened to it. Reads only, so that it serves recovery and the offline
 * tool alike; skips bodies; takes the index of a sealed segment where that
 * is sound.
 */
#ifndef MASQMAIL_ENGINE_QUEUE_SCAN_H
#define MASQMAIL_ENGINE_QUEUE_SCAN_H

#include <glib.h>

#include "daemon/engine/record.h"

typedef struct {
	Record record;
	guint64 offset;
} Place;

typedef struct {
	guint64 from;
	guint64 to;
} Range;

typedef struct {
	int directory; /* borrowed */
	int fd;        /* -1 between scan_open and scan_close */
	guint64 number;
	guint64 size;  /* of the file */
	guint64 end;   /* behind the last sound record */
	gboolean has_line; /* else the key is lost and tags are not checked */
	RecordLine line;
	gboolean sealed;
	gboolean torn_record; /* a true header, its rest beyond the file */
	gboolean failed; /* the disk refused to read: nothing can be said */
	GArray *places; /* of Place, in order */
	GArray *damage; /* of Range, with sound records behind each */
} Scan;

/* (transfer full). The numbers of all segments, ascending. */
GArray *scan_numbers(int directory, GError **error);

/* (transfer full). NULL and @error when the file cannot be read. */
Scan *scan_segment(int directory, guint64 number, GError **error);
void scan_free(Scan *scan); /* takes NULL */

gboolean scan_open(Scan *scan, GError **error);
void scan_close(Scan *scan);

/* @size bytes at @offset of the opened segment, all or FALSE. */
gboolean scan_read(Scan *scan, guint64 offset, void *bytes, gsize size,
		   GError **error);

/* (transfer full) (nullable). A record's text, NULL if its CRC is wrong. */
char *scan_text(Scan *scan, const Place *place);

/* Whether the body of an M has its CRC. */
gboolean scan_check_body(Scan *scan, const Place *place);

/* (transfer full). All headers of a sound segment, as disk_resume() wants. */
GByteArray *scan_headers(const Scan *scan);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Scan, scan_free)

#endif
