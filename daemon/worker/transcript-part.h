// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A part of a transcript: the connection's beginning, or what was said about
 * one message. Only transcript.c calls this; it knows what bounds the lines.
 */
#ifndef MASQMAIL_WORKER_TRANSCRIPT_PART_H
#define MASQMAIL_WORKER_TRANSCRIPT_PART_H

#include <glib.h>

#include "daemon/worker/transcript.h"

typedef struct {
	char *id;         /* "" is the beginning */
	GPtrArray *first; /* of char * */
	GQueue last;      /* of char * */
	guint left_out;   /* lines between them */
	guint accepted;   /* recipients */
} Part;

Part *part_new(const char *id);
void part_free(gpointer part);

/*
 * One more line, made harmless and cut to its bound; (transfer none), until
 * the next.
 */
const char *part_add(Part *part, gint64 milliseconds, char direction,
	      const char *text);

/* Append copies of its lines. */
void part_append(const Part *part, GPtrArray *lines);

#endif
