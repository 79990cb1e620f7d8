// SPDX-License-Identifier: GPL-2.0-or-later
#include "client/sendmail-aliases.h"

#include <pwd.h>
#include <string.h>

#include "client/sendmail-aliases-check.h"
#include "common/aliases.h"
#include "common/config.h"
#include "common/hostname.h"
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
static Config *
load_config(void)
{
	g_autoptr(Paths) paths = paths_system();
	g_autofree char *file =
		g_build_filename(paths->config, "masqmail.conf", NULL);
	Config *config = config_load(CONFIG_MAIN, file, NULL);

	return config ? config : config_new(CONFIG_MAIN);
}

static gboolean
is_user(const char *name)
{
	return getpwnam(name) != NULL;
}

/* (transfer full). Our own name first. */
static char **
own_domains(const Config *config)
{
	g_auto(GStrv) others = config_list(config, "General", "LocalHosts");
	GPtrArray *domains = g_ptr_array_new();

	g_ptr_array_add(domains, hostname_for_mail(config));
	g_ptr_array_add(domains, g_strdup("localhost"));
	for (char **other = others; *other; other++)
		g_ptr_array_add(domains, g_strdup(*other));
	g_ptr_array_add(domains, NULL);
	return (char **)g_ptr_array_free(domains, FALSE);
}

static gboolean
check_meaning(const char *text, const char *path, const Config *config,
	      GError **error)
{
	g_auto(GStrv) domains = own_domains(config);
	g_autofree char *separators =
		config_string(config, "General", "Separator");
	const AliasesPlace place = { is_user, domains, separators };
	g_autoptr(Aliases) aliases = aliases_parse(text);
	g_autoptr(GPtrArray) faults = aliases_check_meaning(aliases, &place);
	g_autofree char *all = NULL;

	if (faults->len == 0)
		return TRUE;
	g_ptr_array_add(faults, NULL);
	all = g_strjoinv("; ", (char **)faults->pdata);
	return sendmail_fail(error, EX_DATAERR, "%s: %s", path, all);
}

gboolean
aliases_check(GError **error)
{
	g_autoptr(Config) config = load_config();
	g_autofree char *path = config_string(config, "General", "Aliases");
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
	return aliases_check_text(text, path, error) &&
	       check_meaning(text, path, config, error);
}
