// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A file is named after its message's id, in decimal. Its first line has
 * fields behind tabs, all others are the transcript's:
 *
 *	masqmail transcript 1 <tab> when <tab> route <tab> host <tab> tls
 */
#include "daemon/engine/transcripts.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"
#include "common/text.h"

#define DIRECTORY "transcripts"
#define MAGIC "masqmail transcript 1"
#define FIELDS 5
#define WORD_MAX 200 /* characters of route, host, tls */
#define LINE_MAX_CHARACTERS 400

typedef struct {
	guint64 id;
	gsize bytes;
} File;

struct Transcripts {
	char *directory;
	GQueue kept;       /* of TranscriptEntry, the oldest first */
	gsize kept_bytes;
	GQueue files;      /* of File, the oldest first */
	gsize files_bytes;
	gboolean listed;   /* files is what the directory holds */
};

TranscriptEntry *
transcript_entry_new(guint64 id, uid_t uid, gint64 when, const char *route,
		     const char *host, const char *tls,
		     const char *const *lines)
{
	TranscriptEntry *entry = g_new0(TranscriptEntry, 1);
	GPtrArray *copy = g_ptr_array_new();
	gsize bytes = 0;

	entry->id = id;
	entry->uid = uid;
	entry->when = when;
	entry->route = text_harmless_clipped(route, WORD_MAX);
	entry->host = text_harmless_clipped(host, WORD_MAX);
	entry->tls = text_harmless_clipped(tls, WORD_MAX);
	for (; *lines && copy->len < TRANSCRIPT_LINES_MAX; lines++) {
		g_autofree char *line =
			text_harmless_clipped(*lines, LINE_MAX_CHARACTERS);

		bytes += strlen(line) + 1;
		if (bytes > TRANSCRIPT_BYTES_MAX)
			break;
		g_ptr_array_add(copy, g_steal_pointer(&line));
	}
	g_ptr_array_add(copy, NULL);
	entry->lines = (char **)g_ptr_array_free(copy, FALSE);
	return entry;
}

void
transcript_entry_free(TranscriptEntry *entry)
{
	if (!entry)
		return;
	g_free(entry->route);
	g_free(entry->host);
	g_free(entry->tls);
	g_strfreev(entry->lines);
	g_free(entry);
}

static gsize
bytes_of(const TranscriptEntry *entry)
{
	gsize bytes = sizeof(*entry);

	for (char **line = entry->lines; *line; line++)
		bytes += strlen(*line) + sizeof(*line) + 1;
	return bytes;
}

Transcripts *
transcripts_new(const char *directory)
{
	Transcripts *transcripts = g_new0(Transcripts, 1);

	transcripts->directory =
		g_build_filename(directory, DIRECTORY, NULL);
	g_queue_init(&transcripts->kept);
	g_queue_init(&transcripts->files);
	return transcripts;
}

void
transcripts_free(Transcripts *transcripts)
{
	if (!transcripts)
		return;
	g_free(transcripts->directory);
	g_queue_clear_full(&transcripts->kept,
			   (GDestroyNotify)transcript_entry_free);
	g_queue_clear_full(&transcripts->files, g_free);
	g_free(transcripts);
}

/* --- in memory ------------------------------------------------------------ */

static void
drop_kept(Transcripts *transcripts, GList *link)
{
	TranscriptEntry *entry = link->data;

	transcripts->kept_bytes -= bytes_of(entry);
	transcript_entry_free(entry);
	g_queue_delete_link(&transcripts->kept, link);
}

static GList *
find_kept(const Transcripts *transcripts, guint64 id)
{
	GList *link = transcripts->kept.tail;

	while (link && ((TranscriptEntry *)link->data)->id != id)
		link = link->prev;
	return link;
}

void
transcripts_keep(Transcripts *transcripts, TranscriptEntry *entry)
{
	GList *older = find_kept(transcripts, entry->id);

	if (older)
		drop_kept(transcripts, older);
	g_queue_push_tail(&transcripts->kept, entry);
	transcripts->kept_bytes += bytes_of(entry);
	while (transcripts->kept.length > TRANSCRIPTS_KEPT ||
	       transcripts->kept_bytes > TRANSCRIPTS_KEPT_BYTES)
		drop_kept(transcripts, transcripts->kept.head);
}

/* --- on disk -------------------------------------------------------------- */

static char *
file_path(const Transcripts *transcripts, guint64 id)
{
	return g_strdup_printf("%s/%" G_GUINT64_FORMAT,
			       transcripts->directory, id);
}

static GList *
find_file(const Transcripts *transcripts, guint64 id)
{
	GList *link = transcripts->files.tail;

	while (link && ((File *)link->data)->id != id)
		link = link->prev;
	return link;
}

static void
drop_file(Transcripts *transcripts, GList *link)
{
	File *file = link->data;
	g_autofree char *path = file_path(transcripts, file->id);

	unlink(path);
	transcripts->files_bytes -= file->bytes;
	g_free(file);
	g_queue_delete_link(&transcripts->files, link);
}

static void
add_file(Transcripts *transcripts, guint64 id, gsize bytes)
{
	File *file = g_new0(File, 1);

	file->id = id;
	file->bytes = bytes;
	g_queue_push_tail(&transcripts->files, file);
	transcripts->files_bytes += bytes;
}

static int
by_id(gconstpointer one, gconstpointer other, gpointer data)
{
	const File *a = one, *b = other;

	(void)data;
	return a->id < b->id ? -1 : a->id > b->id;
}

/* What an earlier engine left; the age of its mail stands for its own. */
static void
list_files(Transcripts *transcripts)
{
	GDir *folder;
	const char *name;

	if (transcripts->listed)
		return;
	transcripts->listed = TRUE;
	folder = g_dir_open(transcripts->directory, 0, NULL);
	while (folder && (name = g_dir_read_name(folder))) {
		g_autofree char *path = g_build_filename(
			transcripts->directory, name, NULL);
		struct stat facts;
		guint64 id;

		if (g_ascii_string_to_unsigned(name, 10, 0, G_MAXUINT64, &id,
					       NULL) &&
		    !lstat(path, &facts) && S_ISREG(facts.st_mode))
			add_file(transcripts, id, facts.st_size);
	}
	if (folder)
		g_dir_close(folder);
	g_queue_sort(&transcripts->files, by_id, NULL);
}

void
transcripts_tidy(Transcripts *transcripts,
		 gboolean (*lives)(gpointer data, guint64 id), gpointer data)
{
	GList *link, *next;

	list_files(transcripts);
	for (link = transcripts->files.head; link; link = next) {
		next = link->next;
		if (!lives(data, ((File *)link->data)->id))
			drop_file(transcripts, link);
	}
}

static GString *
entry_text(const TranscriptEntry *entry)
{
	GString *text = g_string_new(NULL);

	g_string_printf(text, MAGIC "\t%" G_GINT64_FORMAT "\t%s\t%s\t%s\n",
			entry->when, entry->route, entry->host, entry->tls);
	for (char **line = entry->lines; *line; line++)
		g_string_append_printf(text, "%s\n", *line);
	return text;
}

static gboolean
write_file(const char *path, const GString *text, GError **error)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC |
				    O_NOFOLLOW, 0600);
	gssize done;

	if (fd < 0)
		return error_set_errno(error, "open %s", path);
	done = write(fd, text->str, text->len);
	if (done >= 0 && done != (gssize)text->len)
		errno = ENOSPC;
	if (done != (gssize)text->len) {
		error_set_errno(error, "write %s", path);
		close(fd);
		return FALSE;
	}
	close(fd);
	return TRUE;
}

gboolean
transcripts_write(Transcripts *transcripts, TranscriptEntry *given,
		  GError **error)
{
	g_autoptr(TranscriptEntry) entry = given;
	g_autofree char *path = file_path(transcripts, entry->id);
	g_autoptr(GString) text = entry_text(entry);
	GList *older;

	list_files(transcripts);
	older = find_file(transcripts, entry->id);
	if (older)
		drop_file(transcripts, older);
	if (mkdir(transcripts->directory, 0700) && errno != EEXIST)
		return error_set_errno(error, "mkdir %s",
				       transcripts->directory);
	add_file(transcripts, entry->id, text->len);
	while (transcripts->files.length > TRANSCRIPTS_FILES ||
	       transcripts->files_bytes > TRANSCRIPTS_FILES_BYTES)
		drop_file(transcripts, transcripts->files.head);
	return write_file(path, text, error);
}

void
transcripts_gone(Transcripts *transcripts, guint64 id)
{
	GList *link;

	list_files(transcripts);
	link = find_file(transcripts, id);
	if (link)
		drop_file(transcripts, link);
}

/* (transfer full) (nullable) */
static TranscriptEntry *
read_file(const Transcripts *transcripts, guint64 id)
{
	g_autofree char *path = file_path(transcripts, id), *text = NULL;
	g_auto(GStrv) lines = NULL, fields = NULL;
	gint64 when;
	guint n;

	if (!g_file_get_contents(path, &text, NULL, NULL) ||
	    !g_utf8_validate(text, -1, NULL))
		return NULL;
	lines = g_strsplit(text, "\n", -1);
	n = g_strv_length(lines);
	if (n < 2)
		return NULL;
	/* Behind the last newline is nothing, or half a line. */
	g_clear_pointer(&lines[n - 1], g_free);
	fields = g_strsplit(lines[0], "\t", FIELDS);
	if (g_strv_length(fields) != FIELDS ||
	    !g_str_equal(fields[0], MAGIC) ||
	    !g_ascii_string_to_signed(fields[1], 10, 0, G_MAXINT64, &when,
				      NULL))
		return NULL;
	return transcript_entry_new(id, -1, when, fields[2], fields[3],
				    fields[4],
				    (const char *const *)lines + 1);
}

TranscriptEntry *
transcripts_find(Transcripts *transcripts, guint64 id)
{
	GList *link = find_kept(transcripts, id);
	const TranscriptEntry *kept = link ? link->data : NULL;
	g_autoptr(TranscriptEntry) file = NULL;

	list_files(transcripts);
	if (find_file(transcripts, id))
		file = read_file(transcripts, id);
	if (file && (!kept || file->when > kept->when))
		return g_steal_pointer(&file);
	if (!kept)
		return NULL;
	return transcript_entry_new(kept->id, kept->uid, kept->when,
				    kept->route, kept->host, kept->tls,
				    (const char *const *)kept->lines);
}
