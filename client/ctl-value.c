// SPDX-License-Identifier: GPL-2.0-or-later
#include "client/ctl.h"

#include <string.h>

#include "common/text.h"

const char *
ctl_string(GVariant *dictionary, const char *key)
{
	const char *value = "";

	g_variant_lookup(dictionary, key, "&s", &value);
	return value;
}

/* Whatever kind of number the protocol has there. */
gint64
ctl_number(GVariant *dictionary, const char *key)
{
	gint64 x = 0;
	guint64 t;
	guint32 u;
	gint32 i;

	if (g_variant_lookup(dictionary, key, "x", &x))
		return x;
	if (g_variant_lookup(dictionary, key, "t", &t))
		return (gint64)MIN(t, (guint64)G_MAXINT64);
	if (g_variant_lookup(dictionary, key, "u", &u))
		return u;
	if (g_variant_lookup(dictionary, key, "i", &i))
		return i;
	return 0;
}

gboolean
ctl_boolean(GVariant *dictionary, const char *key)
{
	gboolean value = FALSE;

	g_variant_lookup(dictionary, key, "b", &value);
	return value;
}

char *
ctl_size(guint64 bytes)
{
	g_autofree char *size = text_size(bytes);
	gsize last = strlen(size) - 1;

	if (g_ascii_isdigit(size[last]))
		return g_strdup_printf("%s B", size);
	return g_strdup_printf("%.*s %cB", (int)last, size, size[last]);
}

char *
ctl_words(GVariant *dictionary, const char *key)
{
	g_autofree const char **words = NULL;
	g_autofree char *joined = NULL;

	g_variant_lookup(dictionary, key, "^a&s", &words);
	joined = words ? g_strjoinv(", ", (char **)words) : g_strdup("");
	return text_harmless(joined);
}

char *
ctl_time(const Ctl *ctl, gint64 unix_seconds)
{
	g_autoptr(GDateTime) when =
		g_date_time_new_from_unix_local(unix_seconds);
	g_autoptr(GDateTime) now = g_date_time_new_from_unix_local(ctl->now);
	gint64 apart = ABS(unix_seconds - ctl->now);
	char *text;

	if (unix_seconds <= 0 || !when || !now)
		return g_strdup("-");
	if (g_date_time_get_day_of_year(when) ==
		    g_date_time_get_day_of_year(now) &&
	    apart < 86400)
		text = g_date_time_format(when, "%H:%M");
	else if (apart < 6 * 86400)
		text = g_date_time_format(when, "%a %H:%M");
	else
		text = g_date_time_format(when, "%e %b %Y");
	return text ? text : g_strdup("-");
}
