// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Searching the history from its end: the newest lines are the ones asked
 * for, and a line is taken apart only when it can be one of them.
 */
#include "daemon/engine/history.h"

#include <string.h>

#include "daemon/engine/history-private.h"

#define FIELDS 16
#define FIELDS_BEFORE 11 /* of lines without the place */
#define DEFAULT_LAST 1000
#define DAY 86400

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
	guint n = g_strv_length(fields);
	g_autoptr(HistoryEntry) entry = g_new0(HistoryEntry, 1);

	if ((n != FIELDS && n != FIELDS_BEFORE) ||
	    !parse_numbers(fields, entry))
		return NULL;
	entry->result = g_strdup(fields[5]);
	entry->sender = g_strdup(fields[6]);
	entry->route = g_strdup(fields[7]);
	entry->recipients = g_strdup(fields[8]);
	entry->answer = g_strdup(fields[9]);
	entry->subject = g_strdup(fields[10]);
	entry->network = g_strdup(n == FIELDS ? fields[11] : "");
	entry->profile = g_strdup(n == FIELDS ? fields[12] : "");
	entry->host = g_strdup(n == FIELDS ? fields[13] : "");
	entry->tls = g_strdup(n == FIELDS ? fields[14] : "");
	entry->remote_id = g_strdup(n == FIELDS ? fields[15] : "");
	return g_steal_pointer(&entry);
}

/* --- the filter ----------------------------------------------------------- */

/* A filter with its words folded once. */
typedef struct {
	const HistoryFilter *filter;
	gint64 since;
	char **words; /* all of them have to be in the line */
	char *from, *to;
	guint most;
	GPtrArray *found; /* newest first */
} Search;

static gboolean
has(const char *text, const char *folded)
{
	g_autofree char *own = NULL;

	if (!folded)
		return TRUE;
	own = g_utf8_casefold(text, -1);
	return strstr(own, folded) != NULL;
}

static gboolean
has_words(const char *line, char **words)
{
	g_autofree char *folded = NULL;

	if (!words || !*words)
		return TRUE;
	folded = g_utf8_casefold(line, -1);
	for (; *words; words++)
		if (!strstr(folded, *words))
			return FALSE;
	return TRUE;
}

static gboolean
passes(const HistoryEntry *entry, const Search *search)
{
	const HistoryFilter *filter = search->filter;

	if ((filter->id && entry->id != filter->id) ||
	    entry->when < search->since ||
	    (!filter->all && entry->uid != filter->uid))
		return FALSE;
	if (filter->route && !g_str_equal(entry->route, filter->route))
		return FALSE;
	return has(entry->sender, search->from) &&
	       has(entry->recipients, search->to);
}

static void
take_line(Search *search, const char *line)
{
	g_autoptr(HistoryEntry) entry = NULL;

	if (!has_words(line, search->words))
		return;
	entry = parse_line(line);
	if (entry && passes(entry, search))
		g_ptr_array_add(search->found, g_steal_pointer(&entry));
}

/* The lines of one file from its end; @text is cut up. */
static void
read_backwards(Search *search, char *text, gsize size)
{
	while (size > 0 && search->found->len < search->most) {
		char *end;

		if (text[size - 1] == '\n')
			text[--size] = '\0';
		end = memrchr(text, '\n', size);
		take_line(search, end ? end + 1 : text);
		size = end ? (gsize)(end - text) + 1 : 0;
	}
}

static gboolean
read_file(Search *search, const char *path, GError **error)
{
	g_autoptr(GError) own = NULL;
	g_autofree char *text = NULL;
	gsize size;

	if (!g_file_get_contents(path, &text, &size, &own)) {
		if (g_error_matches(own, G_FILE_ERROR, G_FILE_ERROR_NOENT))
			return TRUE;
		g_propagate_error(error, g_steal_pointer(&own));
		return FALSE;
	}
	read_backwards(search, text, size);
	return TRUE;
}

/* --- the search ----------------------------------------------------------- */

static char **
fold_words(const char *text)
{
	g_autofree char *folded = g_utf8_casefold(text ? text : "", -1);
	g_auto(GStrv) words = g_strsplit(folded, " ", HISTORY_WORDS_MAX);
	GPtrArray *kept = g_ptr_array_new();

	for (char **word = words; *word; word++)
		if (**word)
			g_ptr_array_add(kept, g_strdup(*word));
	g_ptr_array_add(kept, NULL);
	return (char **)g_ptr_array_free(kept, FALSE);
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
	g_auto(GStrv) words = fold_words(filter->words);
	g_autofree char *from =
		filter->from ? g_utf8_casefold(filter->from, -1) : NULL;
	g_autofree char *to =
		filter->to ? g_utf8_casefold(filter->to, -1) : NULL;
	g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(
		(GDestroyNotify)history_entry_free);
	Search search = { .filter = filter, .words = words, .from = from,
			  .to = to, .found = found };

	search.since = MAX(filter->since,
			   filter->now - (gint64)history->days * DAY);
	search.most = filter->last ? MIN(filter->last, HISTORY_READ_MAX)
				   : DEFAULT_LAST;
	for (guint i = 0; i < HISTORY_FILES && found->len < search.most;
	     i++) {
		g_autofree char *path = history_path(history, i);

		if (!read_file(&search, path, error))
			return NULL;
	}
	reverse(found);
	return g_steal_pointer(&found);
}
