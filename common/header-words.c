// SPDX-License-Identifier: GPL-2.0-or-later
/* How dates and names are spelled in a header, whatever the locale. */
#include "common/header.h"

#include <string.h>
#include <time.h>

#include "common/text.h"

#define PHRASE_MAX 256        /* characters of a display name */
#define ENCODED_WORD_MAX 75   /* RFC 2047 2, with the marks around */
#define ENCODED_OPEN "=?UTF-8?Q?"
#define ENCODED_CLOSE "?="

char *
header_date(gint64 unix_seconds, gint zone)
{
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed",
					    "Thu", "Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr",
					      "May", "Jun", "Jul", "Aug",
					      "Sep", "Oct", "Nov", "Dec" };
	gint minutes = ABS(zone) / 60;
	time_t local = unix_seconds + zone;
	struct tm tm;

	/* A year that fits no tm is a broken clock: say 1970. */
	if (!gmtime_r(&local, &tm)) {
		local = 0;
		gmtime_r(&local, &tm);
	}
	return g_strdup_printf("%s, %d %s %04d %02d:%02d:%02d %c%02d%02d",
			       days[tm.tm_wday], tm.tm_mday,
			       months[tm.tm_mon], tm.tm_year + 1900,
			       tm.tm_hour, tm.tm_min, tm.tm_sec,
			       zone < 0 ? '-' : '+', minutes / 60,
			       minutes % 60);
}

static gboolean
is_bare(const char *name)
{
	for (; *name; name++)
		if (!g_ascii_isalnum(*name) && !strchr("!#$%&'*+-/=?^_`{|}~ ",
						       *name))
			return FALSE;
	return TRUE;
}

static char *
quote(const char *name)
{
	GString *quoted = g_string_new("\"");

	for (; *name; name++) {
		if (*name == '"' || *name == '\\')
			g_string_append_c(quoted, '\\');
		g_string_append_c(quoted, *name);
	}
	g_string_append_c(quoted, '"');
	return g_string_free(quoted, FALSE);
}

/* RFC 2047 5 (3): in a phrase only these may stand for themselves. */
static void
append_encoded(GString *word, const char *at, gsize size)
{
	for (gsize i = 0; i < size; i++) {
		if (g_ascii_isalnum(at[i]) || strchr("!*+-/", at[i]))
			g_string_append_c(word, at[i]);
		else if (at[i] == ' ')
			g_string_append_c(word, '_');
		else
			g_string_append_printf(word, "=%02X",
					       (guchar)at[i]);
	}
}

/* Never split inside a character: each word must decode alone. */
static char *
encode_words(const char *name)
{
	GString *words = g_string_new(ENCODED_OPEN);
	gsize start = 0;

	for (const char *at = name; *at; at = g_utf8_next_char(at)) {
		gsize before = words->len;

		append_encoded(words, at, g_utf8_next_char(at) - at);
		if (words->len + strlen(ENCODED_CLOSE) - start <=
		    ENCODED_WORD_MAX)
			continue;
		g_string_truncate(words, before);
		g_string_append(words, ENCODED_CLOSE "\r\n ");
		start = words->len;
		g_string_append(words, ENCODED_OPEN);
		append_encoded(words, at, g_utf8_next_char(at) - at);
	}
	g_string_append(words, ENCODED_CLOSE);
	return g_string_free(words, FALSE);
}

char *
header_phrase(const char *name)
{
	g_autofree char *plain = text_harmless_clipped(name, PHRASE_MAX);

	g_strstrip(plain);
	if (!g_str_is_ascii(plain))
		return encode_words(plain);
	/* What looks like an encoded word must not be read as one. */
	if (is_bare(plain) && !strstr(plain, "=?"))
		return g_steal_pointer(&plain);
	return quote(plain);
}
