// SPDX-License-Identifier: GPL-2.0-or-later
#include "client/sendmail-aliases.h"

#include <string.h>

#include "common/aliases.h"
#include "common/config.h"
#include "common/paths.h"

gboolean
aliases_check_text(const char *text, const char *path, GError **error)
{
	g_autoptr(Aliases) aliases = aliases_parse(text);
	g_autofree char *faults = aliases_fault_text(aliases);

	return !faults ||
	       sendmail_fail(error, EX_DATAERR, "%s: %s", path, faults);
}

/* (transfer full). A configuration we may not read cannot be asked. */
static char *
aliases_path(void)
{
	g_autoptr(Paths) paths = paths_system();
	g_autofree char *file =
		g_build_filename(paths->config, "masqmail.conf", NULL);
	g_autoptr(Config) config = config_load(CONFIG_MAIN, file, NULL);

	return config ? config_string(config, "General", "Aliases")
		      : g_strdup(ALIASES_FILE);
}

gboolean
aliases_check(GError **error)
{
	g_autofree char *path = aliases_path();
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
