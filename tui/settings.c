// SPDX-License-Identifier: GPL-2.0-or-later
#include "tui/settings.h"

#include "tui/row.h"

#define SIZE_MAX_BYTES 4096

static void
set_flag(gboolean *flag, const char *value)
{
	if (g_str_equal(value, "yes") || g_str_equal(value, "no"))
		*flag = g_str_equal(value, "yes");
}

/* What is not understood keeps its usual value. */
static void
take_line(Settings *settings, const char *line)
{
	g_auto(GStrv) words = g_strsplit(line, " ", 2);

	if (!words[0] || !words[1])
		return;
	if (g_str_equal(words[0], "order") &&
	    g_strv_contains(row_orders, words[1])) {
		g_free(settings->order);
		settings->order = g_strdup(words[1]);
	}
	if (g_str_equal(words[0], "reverse"))
		set_flag(&settings->reverse, words[1]);
	if (g_str_equal(words[0], "wide"))
		set_flag(&settings->wide, words[1]);
	if (g_str_equal(words[0], "mouse"))
		set_flag(&settings->mouse, words[1]);
}

Settings *
settings_load(const char *path)
{
	Settings *settings = g_new0(Settings, 1);
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;
	gsize size;

	settings->order = g_strdup(row_orders[0]);
	settings->wide = settings->mouse = TRUE;
	if (!g_file_get_contents(path, &text, &size, NULL) ||
	    size > SIZE_MAX_BYTES)
		return settings;
	lines = g_strsplit(text, "\n", -1);
	for (guint i = 0; lines[i]; i++)
		take_line(settings, lines[i]);
	return settings;
}

static const char *
flag_word(gboolean flag)
{
	return flag ? "yes" : "no";
}

void
settings_save(const Settings *settings, const char *path)
{
	g_autofree char *folder = g_path_get_dirname(path);
	g_autofree char *text = g_strdup_printf(
		"order %s\nreverse %s\nwide %s\nmouse %s\n", settings->order,
		flag_word(settings->reverse), flag_word(settings->wide),
		flag_word(settings->mouse));

	g_mkdir_with_parents(folder, 0700);
	g_file_set_contents_full(path, text, -1,
				 G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL);
}

void
settings_free(Settings *settings)
{
	if (!settings)
		return;
	g_free(settings->order);
	g_free(settings);
}
