// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * resolv.conf is rewritten by whoever manages the network, often through a
 * symbolic link and mostly by renaming a new file into place. So the
 * directories of both names are watched, not the file.
 */
#include "daemon/engine/netwatch-parts.h"

#include <glib-unix.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "daemon/engine/network-read.h"

#define RESOLV_CONF "/etc/resolv.conf"
#define MAX_RESOLV_CONF 16384
#define EVENTS_AT_ONCE 4096 /* bytes */

struct Resolv {
	Netwatch *netwatch;
	int inotify;
	guint source;
	char *text; /* never NULL */
	char *target_name; /* the file behind the link, or NULL */
};

static void
watch_directory(Resolv *resolv, const char *path)
{
	g_autofree char *directory = g_path_get_dirname(path);

	inotify_add_watch(resolv->inotify, directory,
			  IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE |
				  IN_DELETE | IN_ONLYDIR);
}

static void
read_text(Resolv *resolv)
{
	g_autofree char *text = NULL;
	g_autofree char *target = realpath(RESOLV_CONF, NULL);
	gsize size;

	g_clear_pointer(&resolv->target_name, g_free);
	if (target && !g_str_equal(target, RESOLV_CONF)) {
		resolv->target_name = g_path_get_basename(target);
		watch_directory(resolv, target);
	}
	g_free(resolv->text);
	if (g_file_get_contents(RESOLV_CONF, &text, &size, NULL) &&
	    size <= MAX_RESOLV_CONF)
		resolv->text = g_utf8_make_valid(text, size);
	else
		resolv->text = g_strdup("");
}

static gboolean
concerns_us(const Resolv *resolv, const struct inotify_event *event)
{
	if (event->mask & IN_Q_OVERFLOW)
		return TRUE;
	if (event->len == 0)
		return FALSE;
	return g_str_equal(event->name, "resolv.conf") ||
	       g_strcmp0(event->name, resolv->target_name) == 0;
}

static gboolean
on_inotify(gint fd, GIOCondition condition, gpointer data)
{
	char buffer[EVENTS_AT_ONCE]
		__attribute__((aligned(__alignof__(struct inotify_event))));
	Resolv *resolv = data;
	gboolean changed = FALSE;
	ssize_t got = read(fd, buffer, sizeof(buffer));

	(void)condition;
	for (ssize_t at = 0; at < got;) {
		const struct inotify_event *event =
			(const struct inotify_event *)(buffer + at);

		changed = changed || concerns_us(resolv, event);
		at += sizeof(*event) + event->len;
	}
	if (changed) {
		read_text(resolv);
		netwatch_schedule(resolv->netwatch, 0);
	}
	return G_SOURCE_CONTINUE;
}

Resolv *
resolv_new(Netwatch *netwatch)
{
	Resolv *resolv = g_new0(Resolv, 1);

	resolv->netwatch = netwatch;
	resolv->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (resolv->inotify >= 0) {
		watch_directory(resolv, RESOLV_CONF);
		resolv->source = g_unix_fd_add(resolv->inotify, G_IO_IN,
					       on_inotify, resolv);
	}
	read_text(resolv);
	return resolv;
}

void
resolv_free(Resolv *resolv)
{
	if (!resolv)
		return;
	if (resolv->source)
		g_source_remove(resolv->source);
	if (resolv->inotify >= 0)
		close(resolv->inotify);
	g_free(resolv->text);
	g_free(resolv->target_name);
	g_free(resolv);
}

void
resolv_fill(Resolv *resolv, NetworkState *state)
{
	network_read_resolv(resolv->text, state);
}
