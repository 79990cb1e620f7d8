// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker/bus.h"

#include <gio/gunixfdlist.h>
#include <unistd.h>

#include "common/log.h"

#define LOGIND "org.freedesktop.login1"
#define MANAGER_PATH "/org/freedesktop/login1"
#define MANAGER LOGIND ".Manager"

typedef struct {
	Bus *bus;
	int delay; /* while it is open, logind waits; -1: not held */
} Sleep;

/* logind may be another one than before, or have none of this. */
static void
hold_back(Sleep *sleep)
{
	g_autoptr(GUnixFDList) fds = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) reply = NULL;
	gint32 index;

	if (sleep->delay >= 0)
		return;
	reply = g_dbus_connection_call_with_unix_fd_list_sync(
		sleep->bus->connection, LOGIND, MANAGER_PATH, MANAGER,
		"Inhibit",
		g_variant_new("(ssss)", "sleep", "masqmail",
			      "Mail is on its way", "delay"),
		G_VARIANT_TYPE("(h)"), G_DBUS_CALL_FLAGS_NO_AUTO_START,
		BUS_ANSWER_MS, NULL, &fds, NULL, &error);
	if (!reply) {
		log_event("bus", 0, "sleep is not held back: %s",
			  error->message);
		return;
	}
	g_variant_get(reply, "(h)", &index);
	sleep->delay = g_unix_fd_list_get(fds, index, NULL);
}

static void
let_go(Sleep *sleep)
{
	if (sleep->delay >= 0)
		close(sleep->delay);
	sleep->delay = -1;
}

/* "About to sleep" comes with TRUE, "awake again" with FALSE. */
static void
on_sleep(G_GNUC_UNUSED GDBusConnection *connection,
	 G_GNUC_UNUSED const char *sender, G_GNUC_UNUSED const char *path,
	 G_GNUC_UNUSED const char *interface,
	 G_GNUC_UNUSED const char *signal, GVariant *parameters,
	 gpointer data)
{
	Sleep *sleep = data;
	gboolean begins;

	if (!g_variant_is_of_type(parameters, G_VARIANT_TYPE("(b)")))
		return;
	g_variant_get(parameters, "(b)", &begins);
	bus_tell(sleep->bus, "sleep", g_variant_new_boolean(begins));
	if (begins)
		let_go(sleep);
	else
		hold_back(sleep);
}

static void
on_there(G_GNUC_UNUSED GDBusConnection *connection,
	 G_GNUC_UNUSED const char *name, G_GNUC_UNUSED const char *owner,
	 gpointer data)
{
	hold_back(data);
}

/* A logind that is gone in between will not say that we are awake. */
static void
on_gone(G_GNUC_UNUSED GDBusConnection *connection,
	G_GNUC_UNUSED const char *name, gpointer data)
{
	Sleep *sleep = data;

	if (sleep->delay >= 0)
		bus_tell(sleep->bus, "sleep", g_variant_new_boolean(FALSE));
	let_go(sleep);
}

void
bus_watch_sleep(Bus *bus)
{
	Sleep *sleep = g_new0(Sleep, 1); /* for as long as we live */

	sleep->bus = bus;
	sleep->delay = -1;
	g_dbus_connection_signal_subscribe(
		bus->connection, LOGIND, MANAGER, "PrepareForSleep",
		MANAGER_PATH, NULL, G_DBUS_SIGNAL_FLAGS_NONE, on_sleep,
		sleep, NULL);
	g_bus_watch_name_on_connection(bus->connection, LOGIND,
				       G_BUS_NAME_WATCHER_FLAGS_NONE,
				       on_there, on_gone, sleep, NULL);
}
