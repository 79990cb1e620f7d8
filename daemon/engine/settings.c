// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/settings.h"

#include <string.h>
#include <unistd.h>

#include "common/config.h"
#include "common/error.h"
#include "common/listen.h"
#include "common/text.h"
#include "daemon/engine/later.h"
#include "daemon/engine/settings-users.h"

#define MAILNAME_FILE "/etc/mailname"
#define MAX_HOST 255

static void
add_error(Settings *settings, const char *message)
{
	g_ptr_array_add(settings->errors, g_strdup(message));
}

/* --- routes and profiles ------------------------------------------------ */

static void
load_route(Settings *settings, const char *name, const char *path)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Config) config = config_load(CONFIG_ROUTE, path, &error);
	Route *route = NULL;

	if (config)
		route = route_from_config(config, name, &error);
	if (config && !route)
		g_prefix_error(&error, "%s: ", path);
	if (!route) {
		route = route_new(name);
		route->error = g_strdup(error->message);
		add_error(settings, error->message);
	}
	g_ptr_array_add(settings->routes, route);
}

static void
load_profile(Settings *settings, const char *name, const char *path)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Config) config = config_load(CONFIG_PROFILE, path, &error);
	Profile *profile = NULL;

	if (config)
		profile = profile_from_config(config, name, &error);
	if (config && !profile)
		g_prefix_error(&error, "%s: ", path);
	if (!profile) {
		profile = profile_new(name);
		profile->error = g_strdup(error->message);
		add_error(settings, error->message);
	}
	g_ptr_array_add(settings->profiles, profile);
}

/* The permanent routes must be there too, and have something to do. */
static void
check_permanent(Settings *settings)
{
	for (char **name = settings->permanent; *name; name++) {
		g_autofree char *text = NULL;

		if (route_find(settings->routes, *name))
			continue;
		text = g_strdup_printf("masqmail.conf: PermanentRoutes names "
				       "%s, but there is no routes/%s.conf",
				       *name, *name);
		add_error(settings, text);
	}
	if (*settings->permanent && !*settings->local_nets)
		add_error(settings, "masqmail.conf: PermanentRoutes is for "
			  "the mail to LocalNets, and that is empty");
}

/* A route that a profile names must be there: say so, with the nearest. */
static void
check_route_names(Settings *settings)
{
	for (guint i = 0; i < settings->profiles->len; i++) {
		const Profile *profile = settings->profiles->pdata[i];

		for (char **name = profile->routes; *name; name++) {
			g_autofree char *text = NULL;

			if (route_find(settings->routes, *name) ||
			    g_str_equal(*name, ROUTE_LOCAL))
				continue;
			text = g_strdup_printf(
				"profile %s: Routes names %s, but there is "
				"no routes/%s.conf",
				profile->name, *name, *name);
			add_error(settings, text);
		}
	}
}

/* One route and no profile is enough: then it serves everywhere. */
static void
add_default_profile(Settings *settings)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	Profile *profile;

	if (settings->profiles->len > 0 || settings->routes->len == 0)
		return;
	profile = profile_new(PROFILE_DEFAULT);
	for (guint i = 0; i < settings->routes->len; i++) {
		const Route *route = settings->routes->pdata[i];

		if (!g_strv_contains((const char *const *)settings->permanent,
				     route->name))
			g_ptr_array_add(names, route->name);
	}
	g_ptr_array_add(names, NULL);
	g_strfreev(profile->routes);
	profile->routes = g_strdupv((char **)names->pdata);
	g_ptr_array_add(settings->profiles, profile);
}

/* --- directories ------------------------------------------------------- */

typedef void (*LoadFile)(Settings *settings, const char *name,
			 const char *path);

static int
compare_names(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names of the *.conf files of a directory, sorted. (transfer full) */
static GPtrArray *
list_names(Settings *settings, const char *directory)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
	const char *entry;

	while (dir && (entry = g_dir_read_name(dir))) {
		g_autofree char *name = NULL;

		if (!g_str_has_suffix(entry, ".conf") || entry[0] == '.')
			continue;
		name = g_strndup(entry, strlen(entry) - strlen(".conf"));
		if (!config_name_is_valid(name) ||
		    names->len >= SETTINGS_MAX_FILES) {
			g_autofree char *text = g_strdup_printf(
				"%s/%s: this cannot be a name", directory,
				entry);

			add_error(settings, text);
			continue;
		}
		g_ptr_array_add(names, g_steal_pointer(&name));
	}
	g_ptr_array_sort(names, compare_names);
	return names;
}

static void
load_directory(Settings *settings, const Paths *paths, const char *what,
	       LoadFile load)
{
	g_autofree char *directory =
		g_build_filename(paths->config, what, NULL);
	g_autoptr(GPtrArray) names = list_names(settings, directory);

	for (guint i = 0; i < names->len; i++) {
		g_autofree char *file =
			g_strdup_printf("%s.conf", (char *)names->pdata[i]);
		g_autofree char *path =
			g_build_filename(directory, file, NULL);

		load(settings, names->pdata[i], path);
	}
}

/* --- masqmail.conf ----------------------------------------------------- */

static char *
first_line_of(const char *path)
{
	g_autofree char *text = NULL;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return NULL;
	text[strcspn(text, "\r\n")] = '\0';
	return *g_strstrip(text) ? g_steal_pointer(&text) : NULL;
}

static char *
find_host(const Config *config)
{
	g_autofree char *host = config_string(config, "General", "HostName");

	if (!host || !*host) {
		g_free(host);
		host = first_line_of(MAILNAME_FILE);
	}
	if (!host || !g_utf8_validate(host, -1, NULL)) {
		g_free(host);
		host = g_utf8_make_valid(g_get_host_name(), -1);
	}
	if (strlen(host) > MAX_HOST)
		host[MAX_HOST] = '\0';
	return g_utf8_strdown(host, -1);
}

/* A user's own agent has no aliases; the system's lie where we can read. */
static void
fill_aliases(Settings *settings, const Config *config, gboolean user)
{
	g_autofree char *path = config_string(config, "General", "Aliases");

	if (user)
		return;
	if (g_path_is_absolute(path))
		settings->aliases = g_steal_pointer(&path);
	else
		settings->aliases = g_strdup("");
	if (!*settings->aliases && !g_str_equal(path, "none"))
		add_error(settings, "masqmail.conf: Aliases has to be an "
			  "absolute path, or \"none\"");
}

static int
compare_seconds(gconstpointer a, gconstpointer b)
{
	gint64 one = *(const gint64 *)a, other = *(const gint64 *)b;

	return one < other ? -1 : one > other;
}

static void
fill_warnings(Settings *settings, const Config *config)
{
	g_auto(GStrv) words = config_list(config, "General", "WarnAfter");
	GArray *all = g_array_new(TRUE, FALSE, sizeof(gint64));

	for (char **word = words; *word; word++) {
		g_autofree char *text = NULL;
		gint64 seconds;

		if (g_str_equal(*word, "none"))
			continue;
		if (text_parse_duration(*word, &seconds) && seconds > 0) {
			g_array_append_val(all, seconds);
			continue;
		}
		text = g_strdup_printf("masqmail.conf: WarnAfter: “%s” is no "
				       "duration such as 4h", *word);
		add_error(settings, text);
	}
	g_array_sort(all, compare_seconds);
	settings->warnings = (gint64 *)g_array_free(all, FALSE);
}

static void
fill_general(Settings *settings, const Config *config, gboolean user)
{
	g_auto(GStrv) others = config_list(config, "General", "LocalHosts");
	g_autoptr(GPtrArray) names = g_ptr_array_new();

	settings->host = find_host(config);
	g_ptr_array_add(names, g_strdup(settings->host));
	g_ptr_array_add(names, g_strdup("localhost"));
	for (char **name = others; *name; name++)
		g_ptr_array_add(names, g_utf8_strdown(*name, -1));
	g_ptr_array_add(names, NULL);
	settings->local_names =
		(char **)g_ptr_array_free(g_steal_pointer(&names), FALSE);
	settings->also_local =
		config_list(config, "General", "LocalAddresses");
	settings->not_local =
		config_list(config, "General", "NotLocalAddresses");
	settings->local_nets = config_list(config, "General", "LocalNets");
	settings->permanent =
		config_list(config, "General", "PermanentRoutes");
	settings->admins = config_list(config, "General", "Admins");
	settings->size_limit = config_number(config, "General", "SizeLimit");
	settings->lifetime = config_number(config, "General", "Lifetime");
	fill_warnings(settings, config);
	settings->undo_window =
		MIN(config_number(config, "General", "UndoWindow"),
		    LATER_WINDOW_MOST);
	settings->retry_first =
		config_number(config, "General", "RetryFirst");
	settings->retry_max = config_number(config, "General", "RetryMax");
	settings->history_days =
		CLAMP(config_number(config, "General", "HistoryDays"), 0,
		      SETTINGS_MAX_DAYS);
	settings->history_subjects =
		config_boolean(config, "General", "HistorySubjects");
	settings->listen = listen_entries(config, user);
	settings->archive = config_string(config, "General", "Archive");
	settings->root_mail = config_string(config, "General", "RootMail");
	settings->separators = config_string(config, "General", "Separator");
	settings->alias_user = config_string(config, "Local", "PipeUser");
	fill_aliases(settings, config, user);
}

static void
load_main(Settings *settings, const Paths *paths)
{
	g_autofree char *path =
		g_build_filename(paths->config, "masqmail.conf", NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(Config) config = config_load(CONFIG_MAIN, path, &error);

	if (!config && !error_is_missing(error))
		add_error(settings, error->message);
	if (!config)
		config = config_new(CONFIG_MAIN);
	fill_general(settings, config, paths->user);
	settings->config = g_steal_pointer(&config);
}

Settings *
settings_load(const Paths *paths, uid_t owner)
{
	Settings *settings = g_new0(Settings, 1);

	settings->routes = g_ptr_array_new_with_free_func(
		(GDestroyNotify)route_free);
	settings->profiles = g_ptr_array_new_with_free_func(
		(GDestroyNotify)profile_free);
	settings->errors = g_ptr_array_new_with_free_func(g_free);
	load_main(settings, paths);
	settings_load_users(settings, paths->user, owner);
	load_directory(settings, paths, "routes", load_route);
	load_directory(settings, paths, "profiles", load_profile);
	check_route_names(settings);
	check_permanent(settings);
	add_default_profile(settings);
	return settings;
}

void
settings_free(Settings *settings)
{
	if (!settings)
		return;
	g_free(settings->host);
	g_free(settings->warnings);
	g_strfreev(settings->local_names);
	g_strfreev(settings->also_local);
	g_strfreev(settings->not_local);
	g_strfreev(settings->local_nets);
	g_strfreev(settings->permanent);
	g_strfreev(settings->admins);
	g_strfreev(settings->listen);
	g_free(settings->aliases);
	g_ptr_array_unref(settings->routes);
	g_ptr_array_unref(settings->profiles);
	g_ptr_array_unref(settings->errors);
	g_hash_table_unref(settings->users);
	g_hash_table_unref(settings->groups);
	g_free(settings->separators);
	g_free(settings->alias_user);
	g_free(settings->root_mail);
	g_free(settings->archive);
	config_free(settings->config);
	g_free(settings);
}

gboolean
settings_is_admin(const Settings *settings, uid_t uid)
{
	const char *name = settings_user(settings, uid);

	return name && g_strv_contains(
			       (const char *const *)settings->admins, name);
}
