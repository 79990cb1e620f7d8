// SPDX-License-Identifier: GPL-2.0-or-later
#include "client/json.h"

#include <math.h>

/* As in text.h: controls and what turns the direction of writing. */
static gboolean
needs_escape(gunichar c)
{
	return c < 0x20 || c == '"' || c == '\\' || (c >= 0x7f && c < 0xa0) ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

void
json_append_string(GString *json, const char *text)
{
	g_string_append_c(json, '"');
	for (; *text; text = g_utf8_next_char(text)) {
		gunichar c = g_utf8_get_char(text);

		if (c == '"' || c == '\\')
			g_string_append_printf(json, "\\%c", (char)c);
		else if (needs_escape(c))
			g_string_append_printf(json, "\\u%04x", c);
		else
			g_string_append_unichar(json, c);
	}
	g_string_append_c(json, '"');
}

static void
append_dictionary(GString *json, GVariant *value)
{
	g_string_append_c(json, '{');
	for (gsize i = 0; i < g_variant_n_children(value); i++) {
		g_autoptr(GVariant) entry = g_variant_get_child_value(value, i);
		g_autoptr(GVariant) key = g_variant_get_child_value(entry, 0);
		g_autoptr(GVariant) item = g_variant_get_child_value(entry, 1);

		if (i > 0)
			g_string_append_c(json, ',');
		json_append_string(json, g_variant_get_string(key, NULL));
		g_string_append_c(json, ':');
		json_append(json, item);
	}
	g_string_append_c(json, '}');
}

static void
append_children(GString *json, GVariant *value)
{
	g_string_append_c(json, '[');
	for (gsize i = 0; i < g_variant_n_children(value); i++) {
		g_autoptr(GVariant) item = g_variant_get_child_value(value, i);

		if (i > 0)
			g_string_append_c(json, ',');
		json_append(json, item);
	}
	g_string_append_c(json, ']');
}

static void
append_container(GString *json, GVariant *value)
{
	if (g_variant_is_of_type(value, G_VARIANT_TYPE("a{s*}")))
		append_dictionary(json, value);
	else if (g_variant_is_of_type(value, G_VARIANT_TYPE_VARIANT)) {
		g_autoptr(GVariant) inner = g_variant_get_variant(value);

		json_append(json, inner);
	} else {
		append_children(json, value);
	}
}

/* JSON has no infinity: unknown. */
static void
append_double(GString *json, double number)
{
	char buffer[G_ASCII_DTOSTR_BUF_SIZE];

	if (isfinite(number))
		g_string_append(json,
				g_ascii_dtostr(buffer, sizeof(buffer), number));
	else
		g_string_append(json, "null");
}

void
json_append(GString *json, GVariant *value)
{
	if (g_variant_is_of_type(value, G_VARIANT_TYPE_STRING))
		json_append_string(json, g_variant_get_string(value, NULL));
	else if (g_variant_is_of_type(value, G_VARIANT_TYPE_BOOLEAN))
		g_string_append(json, g_variant_get_boolean(value) ? "true"
								   : "false");
	else if (g_variant_is_of_type(value, G_VARIANT_TYPE_DOUBLE))
		append_double(json, g_variant_get_double(value));
	else if (g_variant_is_of_type(value, G_VARIANT_TYPE_INT32))
		g_string_append_printf(json, "%d", g_variant_get_int32(value));
	else if (g_variant_is_of_type(value, G_VARIANT_TYPE_UINT32))
		g_string_append_printf(json, "%u", g_variant_get_uint32(value));
	else if (g_variant_is_of_type(value, G_VARIANT_TYPE_INT64))
		g_string_append_printf(json, "%" G_GINT64_FORMAT,
				       g_variant_get_int64(value));
	else if (g_variant_is_of_type(value, G_VARIANT_TYPE_UINT64))
		g_string_append_printf(json, "%" G_GUINT64_FORMAT,
				       g_variant_get_uint64(value));
	else if (g_variant_is_container(value))
		append_container(json, value);
	else
		g_string_append(json, "null");
}
