// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The helper "bus": optional, asked by nobody, it only adds what the kernel
 * cannot tell. It ends with exit status 0 when there is no system bus.
 */
#include "daemon/worker/bus.h"

#include <glib-unix.h>
#include <stdlib.h>
#include <sysexits.h>

#include "common/log.h"

#define MAX_FILES 64

void
bus_tell(Bus *bus, const char *key, GVariant *value)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) reply = NULL;
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert_value(&dict, key, value);
	reply = client_call(bus->worker->engine, "Hint",
			    g_variant_new("(@a{sv})",
					  g_variant_dict_end(&dict)),
			    &error);
	if (!reply)
		g_main_loop_quit(bus->loop);
}

static gboolean
on_engine_gone(G_GNUC_UNUSED int fd, G_GNUC_UNUSED GIOCondition condition,
	       gpointer data)
{
	g_main_loop_quit(data);
	return G_SOURCE_REMOVE;
}

static void
on_bus_gone(G_GNUC_UNUSED GDBusConnection *connection,
	    G_GNUC_UNUSED gboolean vanished, G_GNUC_UNUSED GError *error,
	    gpointer data)
{
	g_main_loop_quit(data);
}

/* GDBus has a thread of its own, which is started before confinement. */
static gboolean
confine(GError **error)
{
	const SandboxLimits limits = { .files = MAX_FILES,
				       .may_fork = TRUE };

	return sandbox_die_with_parent(error) &&
	       sandbox_enter(NULL, 0, &limits, error);
}

static void
watch(Bus *bus)
{
	g_dbus_connection_set_exit_on_close(bus->connection, FALSE);
	g_signal_connect(bus->connection, "closed", G_CALLBACK(on_bus_gone),
			 bus->loop);
	g_unix_fd_add(worker_fd(bus->worker), G_IO_HUP, on_engine_gone,
		      bus->loop);
	bus_watch_sleep(bus);
	bus_watch_network(bus);
	g_main_loop_run(bus->loop);
}

int
main(int argc, char **argv)
{
	g_autoptr(Worker) worker = worker_start(argc, argv);
	g_autoptr(GError) error = NULL;
	g_autoptr(GDBusConnection) connection =
		g_bus_get_sync(G_BUS_TYPE_SYSTEM, NULL, NULL);
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	Bus bus = { worker, connection, loop };

	if (!connection)
		return EXIT_SUCCESS;
	if (!confine(&error)) {
		log_problem("bus", 0, "%s", error->message);
		return EX_OSERR;
	}
	watch(&bus);
	return EXIT_SUCCESS;
}
