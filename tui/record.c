// SPDX-License-Identifier: GPL-2.0-or-later
#include "tui/record.h"

#include "common/text.h"

GVariant *
record_value(GVariant *record, const char *key, const char *type)
{
	if (!record || !g_variant_is_of_type(record, G_VARIANT_TYPE_VARDICT))
		return NULL;
	return g_variant_lookup_value(record, key, G_VARIANT_TYPE(type));
}

char *
record_text(GVariant *record, const char *key)
{
	g_autoptr(GVariant) value = record_value(record, key, "s");

	if (!value)
		return g_strdup("");
	return text_harmless(g_variant_get_string(value, NULL));
}

char **
record_words(GVariant *record, const char *key)
{
	g_autoptr(GVariant) value = record_value(record, key, "as");
	char **words;

	if (!value)
		return g_new0(char *, 1);
	words = g_variant_dup_strv(value, NULL);
	for (guint i = 0; words[i]; i++) {
		char *raw = words[i];

		words[i] = text_harmless(raw);
		g_free(raw);
	}
	return words;
}

gint64
record_integer(GVariant *value)
{
	switch (g_variant_classify(value)) {
	case G_VARIANT_CLASS_UINT32:
		return g_variant_get_uint32(value);
	case G_VARIANT_CLASS_INT32:
		return g_variant_get_int32(value);
	case G_VARIANT_CLASS_UINT64:
		return MIN(g_variant_get_uint64(value), G_MAXINT64);
	case G_VARIANT_CLASS_INT64:
		return g_variant_get_int64(value);
	default:
		return 0;
	}
}

gint64
record_number(GVariant *record, const char *key)
{
	g_autoptr(GVariant) value = record_value(record, key, "*");

	return value ? record_integer(value) : 0;
}

gboolean
record_flag(GVariant *record, const char *key)
{
	g_autoptr(GVariant) value = record_value(record, key, "b");

	return value && g_variant_get_boolean(value);
}

static char *
format_time(gint64 when, const char *format)
{
	g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(when);
	char *text = time ? g_date_time_format(time, format) : NULL;

	return text ? text : g_strdup("?");
}

static gboolean
same_day(gint64 a, gint64 b)
{
	g_autofree char *first = format_time(a, "%F");
	g_autofree char *second = format_time(b, "%F");

	return g_str_equal(first, second);
}

char *
record_time(gint64 when, gint64 now)
{
	if (same_day(when, now))
		return format_time(when, "%H:%M");
	if (ABS(when - now) < 6 * 86400)
		return format_time(when, "%a %H:%M");
	return format_time(when, "%-d %b");
}

char *
record_date(gint64 when, gint64 now)
{
	return format_time(when,
			   same_day(when, now) ? "%H:%M" : "%a %-d %b %H:%M");
}
