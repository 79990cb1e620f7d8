// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What was said over a connection, for people: commands, replies, and notes
 * of our own, with the time. Knows alone what must not stand in it: what we
 * say while a login is under way, what the server asks then, whatever it
 * quotes of that later, and the text of messages, of which only the size is
 * told. It listens to the stream itself and follows the protocol, so nobody
 * who speaks has to think of it.
 *
 * Pure; times are monotonic microseconds. Several messages go over one
 * connection, and the commands of one may be on their way before the answer
 * to another has come: each line is kept with the message it belongs to, and
 * no message's transcript shows another's.
 *
 * Bounded: of a crowd of lines the first and the last are kept.
 */
#ifndef MASQMAIL_WORKER_TRANSCRIPT_H
#define MASQMAIL_WORKER_TRANSCRIPT_H

#include <glib.h>

#define TRANSCRIPT_FIRST 50     /* lines of a part that are always kept */
#define TRANSCRIPT_LAST 50      /* the same at its end */
#define TRANSCRIPT_LINE_MAX 300 /* bytes of a line */
#define TRANSCRIPT_PARTS 4      /* messages remembered at once */

/* What stands for a secret. */
#define TRANSCRIPT_BLANK "········"

typedef struct Transcript Transcript;

Transcript *transcript_new(void);
void transcript_free(Transcript *transcript); /* takes NULL */

/* An attempt begins: all that was before is forgotten. */
void transcript_forget(Transcript *transcript, gint64 now);

/* A connection begins, perhaps after another that led nowhere. */
void transcript_connection(Transcript *transcript);

/*
 * What we say from now on is about the message @id, until the next is
 * named.
 */
void transcript_message(Transcript *transcript, const char *id);

/*
 * The same behind the end of the message that is said now: its final dot, or
 * its last chunk.
 */
void transcript_ahead(Transcript *transcript, const char *id);

/*
 * The final dot is answered once for each accepted recipient (RFC 2033), or
 * but once.
 */
void transcript_set_lmtp(Transcript *transcript, gboolean lmtp);

/* Bytes as we send them; a line as it came, without its end. */
void transcript_said(Transcript *transcript, const char *bytes, gsize size,
		     gint64 now);
void transcript_heard(Transcript *transcript, const char *line, gint64 now);

/* A remark: "connected to ...". */
void transcript_note(Transcript *transcript, const char *text, gint64 now);

/* Be told of each line as it is added, in the form of transcript_lines. */
void transcript_watch(Transcript *transcript,
		      void (*told)(gpointer data, const char *line),
		      gpointer data);

/*
 * (transfer full). The lines about the message @id, behind those of the
 * connection's beginning: "MS > TEXT", "MS < TEXT", "MS * TEXT" for said,
 * heard and noted, MS milliseconds since the attempt began. TEXT is
 * harmless.
 */
char **transcript_lines(const Transcript *transcript, const char *id);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Transcript, transcript_free)

#endif
