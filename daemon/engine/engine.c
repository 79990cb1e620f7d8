// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/engine.h"

#include <time.h>

#include "common/listen.h"
#include "common/log.h"
#include "daemon/engine/deliver.h"
#include "daemon/engine/place.h"
#include "daemon/engine/server.h"
#include "daemon/engine/watch.h"

#define METER_FILE "meters"

gint64
engine_now(void)
{
	return g_get_real_time() / G_USEC_PER_SEC;
}

gint64
engine_boot_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec;
}

void
engine_stop(Engine *engine, int status)
{
	engine->stopping = TRUE;
	engine->status = status;
	g_main_loop_quit(engine->loop);
}

/* --- meters --------------------------------------------------------------- */

void
engine_keep_meters(Engine *engine)
{
	g_autofree char *path =
		g_build_filename(engine->paths->state, METER_FILE, NULL);
	g_autofree char *text =
		meter_snapshot(engine->meter, engine_boot_now());
	g_autoptr(GError) error = NULL;

	if (!g_file_set_contents_full(path, text, -1,
				      G_FILE_SET_CONTENTS_CONSISTENT, 0600,
				      &error))
		log_problem("state", 0, "%s", error->message);
}

void
engine_load_meters(Engine *engine)
{
	g_autofree char *path =
		g_build_filename(engine->paths->state, METER_FILE, NULL);
	g_autofree char *text = NULL;

	engine->meter = meter_new();
	if (g_file_get_contents(path, &text, NULL, NULL))
		meter_load(engine->meter, text);
}

/* A route's meter runs while mail could go by it. */
void
engine_run_meters(Engine *engine)
{
	const RouteWorld *world = &deliver_input(engine->deliver)->world;
	g_autoptr(GPtrArray) names = g_ptr_array_new();

	g_ptr_array_add(names, (gpointer)ROUTE_LOCAL);
	for (char **name = world->profile ? world->profile->routes : NULL;
	     name && *name; name++) {
		const Route *route = route_find(world->routes, *name);

		if (route && !route->error && world->usable &&
		    route_is_safe(world, route))
			g_ptr_array_add(names, *name);
	}
	g_ptr_array_add(names, NULL);
	meter_run_only(engine->meter, (const char *const *)names->pdata,
		       engine_boot_now());
}

void
engine_place_changed(Engine *engine, gboolean switched)
{
	/* Before all parts are there, nobody needs to follow. */
	if (!engine->deliver || !engine->place)
		return;
	engine_run_meters(engine);
	if (switched) {
		engine_keep_meters(engine);
		facts_forgive(deliver_facts(engine->deliver), NULL);
		deliver_leave_network(engine->deliver);
	}
	deliver_kick(engine->deliver);
	watch_topics(engine, WATCH_STATUS | WATCH_NETWORKS | WATCH_ROUTES);
}

/* --- configuration -------------------------------------------------------- */

void
engine_ask_listeners(Engine *engine)
{
	for (char **entry = engine->settings->listen; *entry; entry++) {
		g_auto(GStrv) addresses = listen_addresses(*entry);

		if (!addresses)
			log_problem("listen", 0,
				    "Listen=%s: this is no address with a "
				    "port", *entry);
		for (char **address = addresses; address && *address;
		     address++)
			spawner_listen(engine->spawner, *entry, *address);
	}
}

void
engine_tell_errors(Engine *engine, const GPtrArray *errors)
{
	for (guint i = 0; i < errors->len; i++)
		events_add(engine->events, "config", TRUE, NULL, NULL, "%s",
			   (char *)errors->pdata[i]);
}

void
engine_reload(Engine *engine)
{
	g_autoptr(Settings) fresh =
		settings_load(engine->paths, engine->owner);
	gboolean same_listeners;

	g_ptr_array_set_size(engine->errors, 0);
	if (fresh->errors->len > 0) {
		/* What works is not given up for what does not. */
		for (guint i = 0; i < fresh->errors->len; i++)
			g_ptr_array_add(engine->errors,
					g_strdup(fresh->errors->pdata[i]));
		engine_tell_errors(engine, engine->errors);
		watch_topics(engine, WATCH_STATUS);
		return;
	}
	same_listeners = g_strv_equal(
		(const char *const *)engine->settings->listen,
		(const char *const *)fresh->listen);
	place_forget_choice(engine->place);
	settings_free(engine->settings);
	engine->settings = g_steal_pointer(&fresh);
	alias_file_set_path(engine->aliases, engine->settings->aliases);
	facts_forgive(deliver_facts(engine->deliver), NULL);
	deliver_end_lingering(engine->deliver);
	if (!same_listeners) {
		server_close_tcp(engine->server);
		engine_ask_listeners(engine);
	}
	place_reconfigured(engine->place);
	events_add(engine->events, "config", FALSE, NULL, NULL,
		   "the configuration was read anew: %u routes, %u profiles",
		   engine->settings->routes->len,
		   engine->settings->profiles->len);
}
