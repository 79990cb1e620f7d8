// SPDX-License-Identifier: GPL-2.0-or-later
#include "tui/keys.h"

#include <libintl.h>
#include <string.h>

#include "tui/term.h"

#define _(text) gettext(text)

guint
keys_stroke(const char *name)
{
	static const struct {
		const char *name;
		guint key;
	} table[] = {
		{ "Up", STROKE_UP },
		{ "Down", STROKE_DOWN },
		{ "Left", STROKE_LEFT },
		{ "Right", STROKE_RIGHT },
		{ "Home", STROKE_HOME },
		{ "End", STROKE_END },
		{ "PgUp", STROKE_PAGE_UP },
		{ "PgDn", STROKE_PAGE_DOWN },
		{ "Del", STROKE_DELETE },
		{ "Enter", STROKE_ENTER },
		{ "Esc", STROKE_ESCAPE },
		{ "Space", ' ' },
		{ "Tab", STROKE_TAB },
		{ "Shift-Tab", STROKE_BACKTAB },
	};
	guint64 number;

	for (guint i = 0; i < G_N_ELEMENTS(table); i++)
		if (strcmp(table[i].name, name) == 0)
			return table[i].key;
	if (g_str_has_prefix(name, "Ctrl-") && strlen(name) == 6)
		return name[5] & 0x1f;
	if (name[0] == 'F' &&
	    g_ascii_string_to_unsigned(name + 1, 10, 1, 12, &number, NULL))
		return STROKE_F0 + number;
	return strlen(name) == 1 ? (guint)name[0] : STROKE_NONE;
}

static gboolean
has_stroke(const KeyRow *row, guint stroke)
{
	g_auto(GStrv) names = g_strsplit(row->strokes, " ", -1);

	for (guint i = 0; names[i]; i++)
		if (keys_stroke(names[i]) == stroke)
			return TRUE;
	return FALSE;
}

const KeyRow *
keys_find(guint stroke, guint where)
{
	if (stroke == STROKE_NONE)
		return NULL;
	for (const KeyRow *row = keys_table; row->action; row++)
		if (row->where & where && has_stroke(row, stroke))
			return row;
	return NULL;
}

const KeyRow *
keys_row(Action action, guint where)
{
	for (const KeyRow *row = keys_table; row->action; row++)
		if (row->action == action && row->where & where)
			return row;
	return NULL;
}

char *
keys_footer_key(const KeyRow *row)
{
	const char *last = strrchr(row->strokes, ' ');

	return g_strdup(last ? last + 1 : row->strokes);
}

const char *
keys_group_title(KeyGroup group)
{
	switch (group) {
	case KEYS_MOVE:
		return _("Move");
	case KEYS_TAG:
		return _("Tag");
	case KEYS_ACT:
		return _("Act on tagged, or this");
	case KEYS_LOOK:
		return _("Look");
	case KEYS_GROUPS:
		break;
	}
	return "";
}

char *
keys_names(const KeyRow *row)
{
	g_auto(GStrv) names = g_strsplit(row->strokes, " ", -1);

	return g_strjoinv("  ", names);
}

static char *
footer_word(const KeyRow *row, gboolean compact)
{
	g_autofree char *key = keys_footer_key(row);

	if (compact)
		return g_strdup(row->compact ? _(row->compact) : "");
	return g_strdup_printf("%s %s", key, _(row->footer));
}

static GPtrArray *
footer_words(guint where, guint have, gboolean compact)
{
	GPtrArray *words = g_ptr_array_new_with_free_func(g_free);

	for (const KeyRow *row = keys_table; row->action; row++) {
		if (!(row->where & where) || row->needs & ~have)
			continue;
		if (compact ? row->compact != NULL : row->footer != NULL)
			g_ptr_array_add(words, footer_word(row, compact));
	}
	return words;
}

char *
keys_footer(guint where, guint have, int columns, gboolean compact)
{
	g_autoptr(GPtrArray) words = footer_words(where, have, compact);
	GString *footer = g_string_new(NULL);
	glong total = 1;

	for (guint i = 0; i < words->len; i++)
		total += g_utf8_strlen(words->pdata[i], -1) + 1;
	while (total > columns && words->len > 2) {
		const char *word = words->pdata[words->len - 2];

		total -= g_utf8_strlen(word, -1) + 1;
		g_ptr_array_remove_index(words, words->len - 2);
	}
	for (guint i = 0; i < words->len; i++)
		g_string_append_printf(footer, " %s",
				       (const char *)words->pdata[i]);
	return g_string_free(footer, FALSE);
}
