// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The transcripts of last attempts: of mail that was delivered the last few
 * in memory, of mail that failed or waits in a file each, in the directory
 * "transcripts" of the state directory, for as long as the mail is there.
 * Knows alone where they are kept and what bounds them. A convenience: not
 * synced, and a write that fails costs a transcript and nothing else.
 */
#ifndef MASQMAIL_ENGINE_TRANSCRIPTS_H
#define MASQMAIL_ENGINE_TRANSCRIPTS_H

#include <sys/types.h>

#include <glib.h>

#define TRANSCRIPTS_KEPT 200                     /* in memory */
#define TRANSCRIPTS_KEPT_BYTES (2 * 1024 * 1024)
#define TRANSCRIPTS_FILES 1000
#define TRANSCRIPTS_FILES_BYTES (8 * 1024 * 1024)
#define TRANSCRIPT_LINES_MAX 210                 /* of one */
#define TRANSCRIPT_BYTES_MAX (64 * 1024)

typedef struct {
	guint64 id;   /* of the message */
	uid_t uid;    /* whose it is */
	gint64 when;  /* Unix seconds */
	char *route;
	char *host;   /* "host:port", "" when none was reached */
	char *tls;    /* "TLSv1.3 verified", "" in clear */
	char **lines; /* as the worker told them, harmless */
} TranscriptEntry;

/* Strings are copied, made harmless and cut to their bounds. */
TranscriptEntry *transcript_entry_new(guint64 id, uid_t uid, gint64 when,
				      const char *route, const char *host,
				      const char *tls,
				      const char *const *lines);
void transcript_entry_free(TranscriptEntry *entry);

typedef struct Transcripts Transcripts;

/* @directory is the state directory. Opens nothing, never fails. */
Transcripts *transcripts_new(const char *directory);
void transcripts_free(Transcripts *transcripts); /* takes NULL */

/* The files of messages of which @lives says no go. */
void transcripts_tidy(Transcripts *transcripts,
		      gboolean (*lives)(gpointer data, guint64 id),
		      gpointer data);

/* @entry (transfer full), of mail that was delivered. */
void transcripts_keep(Transcripts *transcripts, TranscriptEntry *entry);

/* @entry (transfer full), of mail that is still here. */
gboolean transcripts_write(Transcripts *transcripts, TranscriptEntry *entry,
			   GError **error);

/* The message has left: its file goes. */
void transcripts_gone(Transcripts *transcripts, guint64 id);

/*
 * (transfer full) (nullable). The latest of @id. Its uid is -1 when it was
 * read from a file: then it is its message's.
 */
TranscriptEntry *transcripts_find(Transcripts *transcripts, guint64 id);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(TranscriptEntry, transcript_entry_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Transcripts, transcripts_free)

#endif
