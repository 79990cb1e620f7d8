// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/reload.h"

#include <glib-unix.h>
#include <sys/inotify.h>
#include <unistd.h>

#define WATCHED (IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | \
		 IN_CREATE)

struct Reload {
	int fd;
	guint source;
	guint rest;
	char *config;
	GSourceFunc changed;
	gpointer data;
};

/* Directories that came later are found at the next change above them. */
static void
watch_all(Reload *reload)
{
	/* Only a user's own agent may look at the secrets. */
	static const char *const below[] = { "", "routes", "profiles",
					     "secrets" };

	for (guint i = 0; i < G_N_ELEMENTS(below); i++) {
		g_autofree char *path =
			g_build_filename(reload->config, below[i], NULL);

		inotify_add_watch(reload->fd, path, WATCHED);
	}
}

static gboolean
on_rest(gpointer data)
{
	Reload *reload = data;

	reload->rest = 0;
	watch_all(reload);
	reload->changed(reload->data);
	return G_SOURCE_REMOVE;
}

static gboolean
on_readable(int fd, GIOCondition condition, gpointer data)
{
	Reload *reload = data;
	char events[4096];

	(void)condition;
	while (read(fd, events, sizeof(events)) > 0)
		;
	g_clear_handle_id(&reload->rest, g_source_remove);
	reload->rest = g_timeout_add(RELOAD_REST_MS, on_rest, reload);
	return G_SOURCE_CONTINUE;
}

Reload *
reload_new(const char *config, GSourceFunc changed, gpointer data)
{
	Reload *reload = g_new0(Reload, 1);

	reload->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	reload->config = g_strdup(config);
	reload->changed = changed;
	reload->data = data;
	if (reload->fd < 0)
		return reload;
	watch_all(reload);
	reload->source = g_unix_fd_add(reload->fd, G_IO_IN, on_readable,
				       reload);
	return reload;
}

void
reload_free(Reload *reload)
{
	if (!reload)
		return;
	g_clear_handle_id(&reload->source, g_source_remove);
	g_clear_handle_id(&reload->rest, g_source_remove);
	if (reload->fd >= 0)
		close(reload->fd);
	g_free(reload->config);
	g_free(reload);
}
