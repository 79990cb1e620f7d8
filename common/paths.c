// SPDX-License-Identifier: GPL-2.0-or-later
#include "common/paths.h"

#include <sys/stat.h>
#include <unistd.h>

static void
set_spool(Paths *paths, char *spool)
{
	g_free(paths->spool);
	g_free(paths->queue);
	g_free(paths->state);
	g_free(paths->drop);
	paths->spool = spool;
	paths->queue = g_build_filename(spool, "queue", NULL);
	paths->state = g_build_filename(spool, "state", NULL);
	paths->drop = g_build_filename(spool, "drop", NULL);
}

static void
set_run(Paths *paths, char *run)
{
	paths->run = run;
	paths->submit = g_build_filename(run, "submit", NULL);
	paths->agent = g_build_filename(run, "agent", NULL);
}

Paths *
paths_system(void)
{
	Paths *paths = g_new0(Paths, 1);

	paths->config = g_strdup(PKGSYSCONFDIR);
	set_spool(paths, g_strdup(LOCALSTATEDIR "/spool/masqmail"));
	set_run(paths, g_strdup(RUNSTATEDIR "/masqmail"));
	paths->libexec = g_strdup(PKGLIBEXECDIR);
	return paths;
}

static char *
xdg_directory(const char *variable, const char *in_home)
{
	const char *value = g_getenv(variable);

	if (value != NULL && g_path_is_absolute(value))
		return g_build_filename(value, "masqmail", NULL);
	return g_build_filename(g_get_home_dir(), in_home, "masqmail", NULL);
}

static char *
run_directory(void)
{
	const char *value = g_getenv("XDG_RUNTIME_DIR");

	if (value != NULL && g_path_is_absolute(value))
		return g_build_filename(value, "masqmail", NULL);
	return g_strdup_printf("/run/user/%lu/masqmail",
			       (unsigned long)geteuid());
}

Paths *
paths_user(void)
{
	Paths *paths = g_new0(Paths, 1);
	const char *libexec = g_getenv("MASQMAIL_LIBEXEC");

	paths->user = TRUE;
	paths->config = xdg_directory("XDG_CONFIG_HOME", ".config");
	set_spool(paths, xdg_directory("XDG_STATE_HOME", ".local/state"));
	set_run(paths, run_directory());
	if (libexec == NULL || !g_path_is_absolute(libexec))
		libexec = PKGLIBEXECDIR;
	paths->libexec = g_strdup(libexec);
	return paths;
}

/*
 * The owner matters: under sudo HOME may still be that of the user who
 * typed it, and root's mail must not end in that user's queue.
 */
Paths *
paths_client(void)
{
	g_autoptr(Paths) user = paths_user();
	struct stat status;

	if (stat(user->config, &status) == 0 && S_ISDIR(status.st_mode) &&
	    status.st_uid == geteuid())
		return g_steal_pointer(&user);
	return paths_system();
}

void
paths_override(Paths *paths, const char *config, const char *spool)
{
	if (config != NULL) {
		g_free(paths->config);
		paths->config = g_strdup(config);
	}
	if (spool != NULL)
		set_spool(paths, g_strdup(spool));
}

void
paths_free(Paths *paths)
{
	if (paths == NULL)
		return;
	g_free(paths->config);
	g_free(paths->spool);
	g_free(paths->queue);
	g_free(paths->state);
	g_free(paths->drop);
	g_free(paths->run);
	g_free(paths->submit);
	g_free(paths->agent);
	g_free(paths->libexec);
	g_free(paths);
}
