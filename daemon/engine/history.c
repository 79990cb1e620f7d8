// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files history, history.1 ... in the directory, the first one appended to;
 * rotated by renaming from the oldest on, so that a crash in between leaves
 * at most a gap in the numbers. A line is fields behind tabs, each made
 * harmless, so that a reader needs no more than to split it:
 *
 *	when id uid arrived size result sender route recipients answer
 *	subject
 *
 * A line that a crash cut ends without its newline; the next one begins by
 * adding it, and the half one makes no sense to the reader, who skips it.
 */
#include "daemon/engine/history.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"
#include "common/text.h"

#define FILE_NAME "history"
#define FIELDS 11
#define ANSWER_MAX 300  /* characters */
#define SUBJECT_MAX 200 /* characters */
#define ADDRESSES_MAX 4096 /* bytes of the recipients' field */
#define DEFAULT_LAST 1000

struct History {
	char *directory;
	guint64 file_bytes;
};

void
history_entry_free(HistoryEntry *entry)
{
	if (!entry)
		return;
	g_free(entry->result);
	g_free(entry->sender);
	g_free(entry->recipients);
	g_free(entry->route);
	g_free(entry->subject);
	g_free(entry->answer);
	g_free(entry);
}

History *
history_new(const char *directory, guint64 file_bytes)
{
	History *history = g_new0(History, 1);

	history->directory = g_strdup(directory);
	history->file_bytes = file_bytes ? file_bytes : HISTORY_FILE_BYTES;
	return history;
}

void
history_free(History *history)
{
	if (!history)
		return;
	g_free(history->directory);
	g_free(history);
}

static char *
file_path(const History *history, guint number)
{
	if (!number)
		return g_build_filename(history->directory, FILE_NAME, NULL);
	return g_strdup_printf("%s/" FILE_NAME ".%u", history->directory,
			       number);
}

static gboolean
is_old(const char *path, gint64 now)
{
	struct stat facts;

	return !stat(path, &facts) &&
	       facts.st_mtime < now - (gint64)HISTORY_DAYS * 86400;
}

/* The files nobody wrote to for too long; the oldest line of one that is
 * still written to may be older by as long as it took to fill it. */
static void
drop_old(const History *history, gint64 now)
{
	for (guint i = 1; i < HISTORY_FILES; i++) {
		g_autofree char *path = file_path(history, i);

		if (is_old(path, now))
			unlink(path);
	}
}

static gboolean
rotate(const History *history, gint64 now, GError **error)
{
	for (guint i = HISTORY_FILES - 1; i > 0; i--) {
		g_autofree char *from = file_path(history, i - 1);
		g_autofree char *to = file_path(history, i);

		if (rename(from, to) && errno != ENOENT)
			return error_set_errno(error, "rename %s", from);
	}
	drop_old(history, now);
	return TRUE;
}

static const char *
result_of(const Message *message)
{
	guint delivered = message_count(message, RECIPIENT_DELIVERED);
	guint removed = message_count(message, RECIPIENT_REMOVED);
	guint all = message->recipients->len;

	if (delivered == all)
		return "delivered";
	if (removed == all)
		return "removed";
	return delivered || removed ? "mixed" : "bounced";
}

/* "a@b=delivered c@d=bounced +3": as many as fit. */
static char *
list_recipients(const Message *message)
{
	g_autoptr(GString) list = g_string_new(NULL);

	for (guint i = 0; i < message->recipients->len; i++) {
		const Recipient *recipient = message->recipients->pdata[i];
		g_autofree char *address = text_harmless(recipient->address);

		if (list->len + strlen(address) > ADDRESSES_MAX) {
			g_string_append_printf(list, " +%u",
					       message->recipients->len - i);
			break;
		}
		g_string_append_printf(list, "%s%s=%s", i ? " " : "", address,
				       recipient_state_name(recipient->state));
	}
	return g_string_free(g_steal_pointer(&list), FALSE);
}

/* The recipient whose last attempt says most: the last that was tried. */
static const Recipient *
telling(const Message *message)
{
	const Recipient *best = message->recipients->pdata[0];

	for (guint i = 1; i < message->recipients->len; i++) {
		const Recipient *one = message->recipients->pdata[i];

		if (one->status && (!best->status ||
				    one->last_try >= best->last_try))
			best = one;
	}
	return best;
}

/* No field has a tab or a newline, for both are made blanks. */
static GString *
make_line(const Message *message, gint64 now)
{
	const Recipient *last = telling(message);
	const char *said = message_option(message, "subject");
	g_autofree char *sender = text_harmless(message->sender);
	g_autofree char *route = text_harmless(last->route);
	g_autofree char *recipients = list_recipients(message);
	g_autofree char *answer = text_harmless_clipped(
		last->status ? last->status->text : "", ANSWER_MAX);
	g_autofree char *subject =
		text_harmless_clipped(said ? said : "", SUBJECT_MAX);
	GString *line = g_string_new(NULL);

	g_string_printf(line,
			"%" G_GINT64_FORMAT "\t%" G_GUINT64_FORMAT
			"\t%u\t%" G_GINT64_FORMAT "\t%" G_GUINT64_FORMAT
			"\t%s\t%s\t%s\t%s\t%s\t%s\n",
			now, message->id, (guint)message->uid,
			message->arrived, message->size, result_of(message),
			sender, route, recipients, answer, subject);
	return line;
}

/* Whether the file ends in the middle of a line. */
static gboolean
ends_torn(int fd, guint64 size)
{
	char last = '\n';

	return size && pread(fd, &last, 1, size - 1) == 1 && last != '\n';
}

static gboolean
append(const char *path, GString *line, GError **error)
{
	struct stat facts;
	gssize done;
	int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC |
				    O_NOFOLLOW, 0600);

	if (fd < 0)
		return error_set_errno(error, "open %s", path);
	if (!fstat(fd, &facts) && ends_torn(fd, facts.st_size))
		g_string_prepend_c(line, '\n');
	done = write(fd, line->str, line->len);
	if (done != (gssize)line->len) {
		if (done >= 0)
			errno = ENOSPC;
		error_set_errno(error, "write %s", path);
		close(fd);
		return FALSE;
	}
	close(fd);
	return TRUE;
}

gboolean
history_add(History *history, const Message *message, gint64 now,
	    GError **error)
{
	g_autofree char *path = file_path(history, 0);
	g_autoptr(GString) line = make_line(message, now);
	struct stat facts;

	if (!stat(path, &facts) &&
	    ((guint64)facts.st_size + line->len > history->file_bytes ||
	     is_old(path, now)) &&
	    !rotate(history, now, error))
		return FALSE;
	return append(path, line, error);
}

static gboolean
parse_numbers(char **fields, HistoryEntry *entry)
{
	guint64 uid;

	if (!g_ascii_string_to_signed(fields[0], 10, 0, G_MAXINT64,
				      &entry->when, NULL) ||
	    !g_ascii_string_to_unsigned(fields[1], 10, 0, G_MAXUINT64,
					&entry->id, NULL) ||
	    !g_ascii_string_to_unsigned(fields[2], 10, 0, G_MAXUINT32, &uid,
					NULL) ||
	    !g_ascii_string_to_signed(fields[3], 10, G_MININT64, G_MAXINT64,
				      &entry->arrived, NULL) ||
	    !g_ascii_string_to_unsigned(fields[4], 10, 0, G_MAXUINT64,
					&entry->size, NULL))
		return FALSE;
	entry->uid = uid;
	return TRUE;
}

/* (transfer full) (nullable) */
static HistoryEntry *
parse_line(const char *line)
{
	g_auto(GStrv) fields = g_strsplit(line, "\t", FIELDS);
	g_autoptr(HistoryEntry) entry = g_new0(HistoryEntry, 1);

	if (g_strv_length(fields) != FIELDS || !parse_numbers(fields, entry))
		return NULL;
	entry->result = g_strdup(fields[5]);
	entry->sender = g_strdup(fields[6]);
	entry->route = g_strdup(fields[7]);
	entry->recipients = g_strdup(fields[8]);
	entry->answer = g_strdup(fields[9]);
	entry->subject = g_strdup(fields[10]);
	return g_steal_pointer(&entry);
}

static gboolean
passes(const HistoryEntry *entry, const HistoryFilter *filter)
{
	if (filter->id && entry->id != filter->id)
		return FALSE;
	if (entry->when < filter->since)
		return FALSE;
	return filter->all || entry->uid == filter->uid;
}

/* The lines of one file from its end, put before those of newer files. */
static void
read_backwards(char **lines, const HistoryFilter *filter, guint last,
	       GPtrArray *newest_first)
{
	for (guint i = g_strv_length(lines); i > 0; i--) {
		g_autoptr(HistoryEntry) entry = NULL;

		if (newest_first->len >= last)
			return;
		entry = parse_line(lines[i - 1]);
		if (entry && passes(entry, filter))
			g_ptr_array_add(newest_first,
					g_steal_pointer(&entry));
	}
}

static gboolean
read_file(const char *path, const HistoryFilter *filter, guint last,
	  GPtrArray *newest_first, GError **error)
{
	g_autoptr(GError) own = NULL;
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;

	if (!g_file_get_contents(path, &text, NULL, &own)) {
		if (g_error_matches(own, G_FILE_ERROR, G_FILE_ERROR_NOENT))
			return TRUE;
		g_propagate_error(error, g_steal_pointer(&own));
		return FALSE;
	}
	lines = g_strsplit(text, "\n", -1);
	read_backwards(lines, filter, last, newest_first);
	return TRUE;
}

static void
reverse(GPtrArray *array)
{
	for (guint i = 0; i < array->len / 2; i++) {
		gpointer kept = array->pdata[i];

		array->pdata[i] = array->pdata[array->len - 1 - i];
		array->pdata[array->len - 1 - i] = kept;
	}
}

GPtrArray *
history_read(History *history, const HistoryFilter *filter, GError **error)
{
	guint last = filter->last ? MIN(filter->last, HISTORY_READ_MAX) :
				    DEFAULT_LAST;
	g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func(
		(GDestroyNotify)history_entry_free);

	for (guint i = 0; i < HISTORY_FILES && entries->len < last; i++) {
		g_autofree char *path = file_path(history, i);

		if (!read_file(path, filter, last, entries, error))
			return NULL;
	}
	reverse(entries);
	return g_steal_pointer(&entries);
}
