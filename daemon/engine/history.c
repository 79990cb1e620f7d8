// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A line is key=value fields with tabs between, every value escaped so that
 * it holds neither tab nor newline:
 *
 *	when=1700000000	id=7KX2-9F	uid=1000	arrived=...	size=...
 *	result=delivered	sender=...	recipients=...	route=...
 *	subject=...	answer=...
 *
 * "history" is written to; full, it becomes "history.1", that "history.2"
 * and so on. Unknown fields are skipped, so later versions may add some.
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
#define READ_LAST 1000
#define DAY 86400

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

/* The name of the current file (0) or of an older one. */
static char *
file_path(const History *history, guint number)
{
	g_autofree char *name =
		number ? g_strdup_printf(FILE_NAME ".%u", number)
		       : g_strdup(FILE_NAME);

	return g_build_filename(history->directory, name, NULL);
}

/* --- writing -------------------------------------------------------------- */

static gboolean
is_too_old(const char *path, gint64 now)
{
	struct stat facts;

	return stat(path, &facts) == 0 &&
	       facts.st_mtime + HISTORY_DAYS * DAY < now;
}

/* Each file becomes the next older one; the last falls off. */
static void
rotate(const History *history, gint64 now)
{
	for (guint number = HISTORY_FILES; number-- > 0;) {
		g_autofree char *from = file_path(history, number);
		g_autofree char *to = file_path(history, number + 1);

		if (number == HISTORY_FILES - 1 || is_too_old(from, now))
			unlink(from);
		else
			rename(from, to);
	}
}

static const char *
result_of(const Message *message)
{
	guint delivered = message_count(message, RECIPIENT_DELIVERED);
	guint bounced = message_count(message, RECIPIENT_BOUNCED);
	guint all = message->recipients->len;

	if (delivered == all)
		return "delivered";
	if (bounced == all)
		return "bounced";
	return delivered || bounced ? "mixed" : "removed";
}

static char *
recipients_of(const Message *message)
{
	GString *text = g_string_new(NULL);
	guint all = message->recipients->len;

	for (guint i = 0; i < all; i++) {
		const Recipient *recipient = message->recipients->pdata[i];

		if (text->len > HISTORY_LINE_MAX / 2) {
			g_string_append_printf(text, " +%u", all - i);
			break;
		}
		g_string_append_printf(text, "%s%s=%s", i ? " " : "",
				       recipient->address,
				       recipient_state_name(
					       recipient->state));
	}
	return g_string_free(text, FALSE);
}

static void
add_field(GString *line, const char *name, const char *value)
{
	g_autofree char *clean =
		text_harmless_clipped(value ? value : "", 1000);
	g_autofree char *escaped = g_strescape(clean, NULL);

	g_string_append_printf(line, "\t%s=%s", name, escaped);
}

static char *
line_of(const Message *message, gint64 now)
{
	const Recipient *last =
		message->recipients->pdata[message->recipients->len - 1];
	g_autofree char *recipients = recipients_of(message);
	g_autofree char *escaped = g_strescape(recipients, NULL);
	GString *line = g_string_new(NULL);
	char buffer[TEXT_ID_SIZE];

	g_string_printf(line,
			"when=%" G_GINT64_FORMAT "\tid=%s\tuid=%u"
			"\tarrived=%" G_GINT64_FORMAT
			"\tsize=%" G_GUINT64_FORMAT,
			now, text_id(message->id, buffer),
			(guint)message->uid, message->arrived,
			message->size);
	add_field(line, "result", result_of(message));
	add_field(line, "sender", message->sender);
	g_string_append_printf(line, "\trecipients=%s", escaped);
	add_field(line, "route", last->route);
	add_field(line, "subject", message_option(message, "subject"));
	add_field(line, "answer", last->status ? last->status->text : "");
	g_string_append_c(line, '\n');
	return g_string_free(line, FALSE);
}

gboolean
history_add(History *history, const Message *message, gint64 now,
	    GError **error)
{
	g_autofree char *path = file_path(history, 0);
	g_autofree char *line = line_of(message, now);
	gsize size = strlen(line);
	struct stat facts;
	ssize_t written;
	int fd;

	if (stat(path, &facts) == 0 &&
	    (guint64)facts.st_size + size > history->file_bytes)
		rotate(history, now);
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC |
			O_NOFOLLOW, 0600);
	if (fd < 0)
		return error_set_errno(error, "open %s", path);
	written = write(fd, line, size);
	close(fd);
	if (written == (ssize_t)size)
		return TRUE;
	if (written >= 0)
		errno = ENOSPC;
	return error_set_errno(error, "write %s", path);
}

/* --- reading -------------------------------------------------------------- */

static void
take_text(char **field, const char *value)
{
	g_free(*field);
	*field = g_strcompress(value);
}

static void
take_field(HistoryEntry *entry, const char *name, const char *value)
{
	const struct {
		const char *name;
		char **field;
	} texts[] = {
		{ "result", &entry->result },
		{ "sender", &entry->sender },
		{ "recipients", &entry->recipients },
		{ "route", &entry->route },
		{ "subject", &entry->subject },
		{ "answer", &entry->answer },
	};

	for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
		if (g_str_equal(texts[i].name, name))
			take_text(texts[i].field, value);
	if (g_str_equal(name, "when"))
		entry->when = g_ascii_strtoll(value, NULL, 10);
	else if (g_str_equal(name, "arrived"))
		entry->arrived = g_ascii_strtoll(value, NULL, 10);
	else if (g_str_equal(name, "size"))
		entry->size = g_ascii_strtoull(value, NULL, 10);
	else if (g_str_equal(name, "uid"))
		entry->uid = g_ascii_strtoull(value, NULL, 10);
	else if (g_str_equal(name, "id"))
		text_parse_id(value, &entry->id);
}

/* (transfer full); NULL for a line that makes no sense. */
static HistoryEntry *
parse_line(const char *line)
{
	g_auto(GStrv) fields = g_strsplit(line, "\t", -1);
	g_autoptr(HistoryEntry) entry = g_new0(HistoryEntry, 1);

	entry->result = g_strdup("");
	entry->sender = g_strdup("");
	entry->recipients = g_strdup("");
	entry->route = g_strdup("");
	entry->subject = g_strdup("");
	entry->answer = g_strdup("");
	for (char **field = fields; *field; field++) {
		char *equals = strchr(*field, '=');

		if (!equals)
			return NULL;
		*equals = '\0';
		take_field(entry, *field, equals + 1);
	}
	return entry->id && entry->when ? g_steal_pointer(&entry) : NULL;
}

static gboolean
passes(const HistoryEntry *entry, const HistoryFilter *filter)
{
	return (!filter->id || entry->id == filter->id) &&
	       entry->when >= filter->since &&
	       (filter->all || entry->uid == filter->uid);
}

static gboolean
read_file(const char *path, const HistoryFilter *filter, guint last,
	  GPtrArray *entries, GError **error)
{
	char line[2 * HISTORY_LINE_MAX];
	FILE *file = fopen(path, "re");

	if (!file && errno == ENOENT)
		return TRUE;
	if (!file)
		return error_set_errno(error, "open %s", path);
	while (fgets(line, sizeof(line), file)) {
		g_autoptr(HistoryEntry) entry = NULL;

		line[strcspn(line, "\n")] = '\0';
		entry = parse_line(line);
		if (!entry || !passes(entry, filter))
			continue;
		g_ptr_array_add(entries, g_steal_pointer(&entry));
		if (entries->len > last)
			g_ptr_array_remove_index(entries, 0);
	}
	fclose(file);
	return TRUE;
}

GPtrArray *
history_read(History *history, const HistoryFilter *filter, GError **error)
{
	g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func(
		(GDestroyNotify)history_entry_free);
	guint last = filter->last ? MIN(filter->last, HISTORY_READ_MAX)
				  : READ_LAST;

	for (guint number = HISTORY_FILES + 1; number-- > 0;) {
		g_autofree char *path = file_path(history, number);

		if (!read_file(path, filter, last, entries, error))
			return NULL;
	}
	return g_steal_pointer(&entries);
}
