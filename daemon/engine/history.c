// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files history, history.1 ... in the directory, the first one appended to;
 * rotated by renaming from the oldest on, so that a crash in between leaves
 * at most a gap in the numbers. A file covers at most its share of the days
 * that are kept, so that what is too old goes with its file. A line is
 * fields behind tabs, each made harmless, so that a reader needs no more
 * than to split it:
 *
 *	when id uid arrived size result sender route recipients answer
 *	subject network profile host tls remote-id
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
#include "daemon/engine/history-private.h"

#define ANSWER_MAX 300  /* characters */
#define SUBJECT_MAX 200 /* characters */
#define WORD_MAX 100    /* characters of what is told of the place */
#define ADDRESSES_MAX 4096 /* bytes of the recipients' field */
#define TIME_MAX 20     /* digits at the beginning of a line */
#define DAY 86400

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
	g_free(entry->network);
	g_free(entry->profile);
	g_free(entry->host);
	g_free(entry->tls);
	g_free(entry->remote_id);
	g_free(entry);
}

History *
history_new(const char *directory, guint64 file_bytes)
{
	History *history = g_new0(History, 1);

	history->directory = g_strdup(directory);
	history->file_bytes = file_bytes ? file_bytes : HISTORY_FILE_BYTES;
	history->days = HISTORY_DAYS;
	history->subjects = TRUE;
	return history;
}

void
history_keep(History *history, guint days, gboolean subjects)
{
	history->days = days;
	history->subjects = subjects;
}

void
history_free(History *history)
{
	if (!history)
		return;
	g_free(history->directory);
	g_free(history);
}

char *
history_path(const History *history, guint number)
{
	if (!number)
		return g_build_filename(history->directory, FILE_NAME, NULL);
	return g_strdup_printf("%s/" FILE_NAME ".%u", history->directory,
			       number);
}

/* When the first line of the file was written; @now for none. */
static gint64
first_time(const char *path, gint64 now)
{
	char line[TIME_MAX + 1] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	gint64 when = now;

	if (fd < 0)
		return now;
	if (read(fd, line, TIME_MAX) > 0) {
		line[strcspn(line, "\t\n")] = '\0';
		if (!g_ascii_string_to_signed(line, 10, 0, now, &when, NULL))
			when = now;
	}
	close(fd);
	return when;
}

void
history_prune(History *history, gint64 now)
{
	for (guint i = 0; i < HISTORY_FILES; i++) {
		g_autofree char *path = history_path(history, i);
		struct stat facts;

		if (!stat(path, &facts) &&
		    facts.st_mtime <= now - (gint64)history->days * DAY)
			unlink(path);
	}
}

static gboolean
rotate(History *history, gint64 now, GError **error)
{
	for (guint i = HISTORY_FILES - 1; i > 0; i--) {
		g_autofree char *from = history_path(history, i - 1);
		g_autofree char *to = history_path(history, i);

		if (rename(from, to) && errno != ENOENT)
			return error_set_errno(error, "rename %s", from);
	}
	history_prune(history, now);
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
static void
add_field(GString *line, const char *text, gsize most)
{
	g_autofree char *clean =
		text_harmless_clipped(text ? text : "", most);

	g_string_append_c(line, '\t');
	g_string_append(line, clean);
}

static GString *
make_line(const History *history, const Message *message,
	  const char *network, gint64 now)
{
	const Recipient *last = telling(message);
	const Status *status = last->status;
	g_autofree char *sender = text_harmless(message->sender);
	g_autofree char *recipients = list_recipients(message);
	GString *line = g_string_new(NULL);

	g_string_printf(line,
			"%" G_GINT64_FORMAT "\t%" G_GUINT64_FORMAT
			"\t%u\t%" G_GINT64_FORMAT "\t%" G_GUINT64_FORMAT
			"\t%s\t%s",
			now, message->id, (guint)message->uid,
			message->arrived, message->size, result_of(message),
			sender);
	add_field(line, last->route, WORD_MAX);
	g_string_append_printf(line, "\t%s", recipients);
	add_field(line, status ? status->text : "", ANSWER_MAX);
	add_field(line, history->subjects ? message_option(message, "subject")
					  : "", SUBJECT_MAX);
	add_field(line, network, WORD_MAX);
	add_field(line, last->profile, WORD_MAX);
	add_field(line, status ? status->host : "", WORD_MAX);
	add_field(line, status ? status->tls : "", WORD_MAX);
	add_field(line, status ? status->remote_id : "", WORD_MAX);
	g_string_append_c(line, '\n');
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

/* The file is full, or it has had its share of the days. */
static gboolean
is_full(const History *history, const char *path, gsize more, gint64 now)
{
	gint64 share = (gint64)history->days * DAY / (HISTORY_FILES - 1);
	struct stat facts;

	if (stat(path, &facts))
		return FALSE;
	return (guint64)facts.st_size + more > history->file_bytes ||
	       first_time(path, now) < now - MAX(share, DAY);
}

gboolean
history_add(History *history, const Message *message, const char *network,
	    gint64 now, GError **error)
{
	g_autofree char *path = history_path(history, 0);
	g_autoptr(GString) line = NULL;

	if (!history->days)
		return TRUE;
	line = make_line(history, message, network, now);
	if (is_full(history, path, line->len, now) &&
	    !rotate(history, now, error))
		return FALSE;
	return append(path, line, error);
}
