// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/engine.h"

#include <time.h>

#include "common/listen.h"
#include "common/log.h"
#include "daemon/engine/ageing.h"
#include "daemon/engine/deliver-learn.h"
#include "daemon/engine/deliver.h"
#include "daemon/engine/lan.h"
#include "daemon/engine/hints.h"
#include "daemon/engine/place.h"
#include "daemon/engine/server.h"
#include "daemon/engine/watch.h"

#define METER_FILE "meters"
#define BLAME_FILE "blame"
#define KEEP_METERS 900 /* seconds */

gint64
engine_now(void)
{
	return g_get_real_time() / G_USEC_PER_SEC;
}

gint64
engine_awake_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
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

static void
keep_meter(const Engine *engine, const Meter *meter, const char *name)
{
	g_autofree char *path =
		g_build_filename(engine->paths->state, name, NULL);
	g_autofree char *text = meter_snapshot(meter, engine_awake_now());
	g_autoptr(GError) error = NULL;

	if (!g_file_set_contents_full(path, text, -1,
				      G_FILE_SET_CONTENTS_CONSISTENT, 0600,
				      &error))
		log_problem("state", 0, "%s", error->message);
}

void
engine_keep_meters(Engine *engine)
{
	engine->meters_kept = engine_awake_now();
	keep_meter(engine, engine->meter, METER_FILE);
	keep_meter(engine, engine->blame, BLAME_FILE);
}

static Meter *
load_meter(const Engine *engine, const char *name)
{
	g_autofree char *path =
		g_build_filename(engine->paths->state, name, NULL);
	g_autofree char *text = NULL;
	Meter *meter = meter_new();

	if (g_file_get_contents(path, &text, NULL, NULL))
		meter_load(meter, text);
	return meter;
}

void
engine_load_meters(Engine *engine)
{
	engine->meter = load_meter(engine, METER_FILE);
	engine->blame = load_meter(engine, BLAME_FILE);
	engine->meters_kept = engine_awake_now();
}

void
engine_run_meters(Engine *engine)
{
	gint64 now = engine_awake_now();

	ageing_run(&deliver_input(engine->deliver)->world, engine->meter,
		   engine->blame, now);
	if (now >= engine->meters_kept + KEEP_METERS)
		engine_keep_meters(engine);
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
		learn_forgive(engine->deliver, NULL);
		learn_keep(engine->deliver);
		deliver_leave_network(engine->deliver);
		hints_start(engine->hints);
	}
	lan_follow(engine->lan);
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
			events_add(engine->events, "listen", TRUE, NULL, NULL,
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
	history_keep(engine->history, engine->settings->history_days,
		     engine->settings->history_subjects);
	alias_file_set_path(engine->aliases, engine->settings->aliases);
	learn_forgive(engine->deliver, NULL);
	deliver_retire_workers(engine->deliver);
	if (!same_listeners) {
		server_close_tcp(engine->server);
		lan_forget(engine->lan);
		engine_ask_listeners(engine);
	}
	place_reconfigured(engine->place);
	events_add(engine->events, "config", FALSE, NULL, NULL,
		   "the configuration was read anew: %u routes, %u profiles",
		   engine->settings->routes->len,
		   engine->settings->profiles->len);
}
