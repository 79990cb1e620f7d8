// SPDX-License-Identifier: GPL-2.0-or-later
#include "client/sendmail-aliases.h"

#include <string.h>

#define SHOWN_MAX 20 /* bad lines that are named */

static gboolean
is_empty(const char *line)
{
	line += strspn(line, " \t\r");
	return *line == '\0' || *line == '#';
}

/* Where the name of "name: targets" ends; NULL when there is no colon. */
static const char *
find_colon(const char *line)
{
	gboolean quoted = FALSE;

	for (; *line; line++) {
		if (*line == '\\' && line[1])
			line++;
		else if (*line == '"')
			quoted = !quoted;
		else if (*line == ':' && !quoted)
			return line;
	}
	return NULL;
}

static gboolean
quotes_close(const char *text)
{
	gboolean quoted = FALSE;

	for (; *text; text++) {
		if (*text == '\\' && text[1])
			text++;
		else if (*text == '"')
			quoted = !quoted;
	}
	return !quoted;
}

/* What is wrong with a line, or NULL. @has_name: an alias began before. */
static const char *
find_fault(const char *line, gboolean has_name)
{
	const char *colon;

	if (is_empty(line))
		return NULL;
	if (!quotes_close(line))
		return "a quote is not closed";
	if (*line == ' ' || *line == '\t')
		return has_name ? NULL :
				  "continues an alias that never began";
	colon = find_colon(line);
	if (!colon)
		return "has no \"name:\"";
	if (strspn(line, " \t\"") >= (gsize)(colon - line))
		return "has an empty name";
	return NULL;
}

gboolean
aliases_check_text(const char *text, const char *path, GError **error)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	g_autoptr(GString) faults = g_string_new(NULL);
	gboolean has_name = FALSE;
	guint count = 0;

	for (guint i = 0; lines[i]; i++) {
		const char *fault = find_fault(lines[i], has_name);

		if (!is_empty(lines[i]) && !fault)
			has_name = TRUE;
		if (!fault || ++count > SHOWN_MAX)
			continue;
		g_string_append_printf(faults, "%sline %u %s",
				       faults->len ? "; " : "", i + 1, fault);
	}
	return count == 0 ||
	       sendmail_fail(error, EX_DATAERR, "%s: %s%s", path, faults->str,
			     count > SHOWN_MAX ? "; and more" : "");
}

gboolean
aliases_check(const char *path, GError **error)
{
	g_autofree char *text = NULL;
	g_autoptr(GError) why = NULL;
	gsize size;

	if (!g_file_get_contents(path, &text, &size, &why)) {
		if (g_error_matches(why, G_FILE_ERROR, G_FILE_ERROR_NOENT))
			return TRUE;
		return sendmail_fail(error, EX_NOINPUT, "%s", why->message);
	}
	if (size > ALIASES_FILE_MAX || strlen(text) != size)
		return sendmail_fail(error, EX_DATAERR,
				     "%s: too large, or no text", path);
	return aliases_check_text(text, path, error);
}
