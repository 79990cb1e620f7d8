// SPDX-License-Identifier: GPL-2.0-or-later
#include "tui/event.h"

#include <libintl.h>
#include <string.h>

#include "tui/app.h"

#define _(text) gettext(text)
#define N_(text) text

/* In the order in which a sentence tells them; NULL: not told. */
static const struct {
	const char *key, *words;
} told[] = {
	{ "to", "%s" },
	{ "from", N_("from %s") },
	{ "route", N_("via %s") },
	{ "host", N_("at %s") },
	{ "by", N_("by %s") },
	{ "size", "%s" },
	{ "uid", NULL },
};

static int
key_of(const char *word)
{
	const char *equals = strchr(word, '=');

	for (guint i = 0; equals && i < G_N_ELEMENTS(told); i++)
		if (strlen(told[i].key) == (gsize)(equals - word) &&
		    g_str_has_prefix(word, told[i].key))
			return i;
	return -1;
}

/* The value without its angle brackets, a number of bytes in words. */
static char *
value_of(const char *word)
{
	const char *value = strchr(word, '=') + 1;
	gsize size = strlen(value);
	guint64 bytes;

	if (g_str_has_prefix(word, "size=") &&
	    g_ascii_string_to_unsigned(value, 10, 0, G_MAXUINT64, &bytes,
				       NULL))
		return words_size(bytes);
	if (size >= 2 && value[0] == '<' && value[size - 1] == '>')
		return size == 2 ? g_strdup(_("nobody"))
				 : g_strndup(value + 1, size - 2);
	return g_strdup(value);
}

static void
append(GString *sentence, const char *gap, const char *words)
{
	if (sentence->len)
		g_string_append(sentence, gap);
	g_string_append(sentence, words);
}

static void
append_told(GString *sentence, int key, const char *word)
{
	g_autofree char *value = value_of(word);
	g_auto(GStrv) parts = NULL;
	g_autofree char *words = NULL;

	if (!told[key].words || !*value)
		return;
	/* The format is one of the table's: replace, do not print. */
	parts = g_strsplit(_(told[key].words), "%s", 2);
	words = g_strjoinv(value, parts);
	append(sentence, key == 0 ? " " : ", ", words);
}

char *
event_words(const char *text)
{
	g_auto(GStrv) words = g_strsplit(text, " ", -1);
	GString *sentence = g_string_new(NULL);
	GString *rest = g_string_new(NULL);

	for (guint key = 0; key < G_N_ELEMENTS(told); key++)
		for (guint i = 0; words[i]; i++)
			if (key_of(words[i]) == (int)key)
				append_told(sentence, key, words[i]);
	for (guint i = 0; words[i]; i++)
		if (key_of(words[i]) < 0)
			append(rest, " ", words[i]);
	if (rest->len)
		append(sentence, ": ", rest->str);
	g_string_free(rest, TRUE);
	return g_string_free(sentence, FALSE);
}
