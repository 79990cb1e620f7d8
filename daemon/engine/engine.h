// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The parts of one engine and the few verbs by which they move each other.
 * main.c builds it; the shell files (server, submit, deliver, methods) find
 * their neighbours through it. Pure modules never see it.
 */
#ifndef MASQMAIL_ENGINE_ENGINE_H
#define MASQMAIL_ENGINE_ENGINE_H

#include <sys/types.h>

#include <glib.h>

#include "common/paths.h"
#include "daemon/engine/alarm.h"
#include "daemon/engine/alias-file.h"
#include "daemon/engine/events.h"
#include "daemon/engine/history.h"
#include "daemon/engine/meter.h"
#include "daemon/engine/queue.h"
#include "daemon/engine/settings.h"
#include "daemon/engine/spawner.h"
#include "daemon/engine/store.h"
#include "daemon/engine/window.h"
#include "daemon/engine/transcripts.h"

typedef struct Deliver Deliver;
typedef struct Hints Hints;
typedef struct Place Place;
typedef struct Server Server;

typedef struct Engine {
	GMainLoop *loop;
	Paths *paths;
	uid_t owner;        /* of a user's own agent; else our own uid */
	Settings *settings;
	GPtrArray *errors;  /* of char *: of a reload that was not taken */
	AliasFile *aliases;
	Queue *queue;
	Store *store;
	History *history;
	Transcripts *transcripts;
	Events *events;
	Windows *windows;
	Meter *meter;       /* seconds in which a route could be used */
	Meter *blame;       /* and in which its own fault was in the way */
	gint64 meters_kept; /* awake seconds: when they were last */
	Alarm *alarm;
	Spawner *spawner;
	Place *place;
	struct Lan *lan;
	Hints *hints;
	Server *server;
	Deliver *deliver;
	gint64 started;     /* Unix seconds */
	gint64 last_sent;   /* Unix seconds; 0: nothing yet */
	char *last_sent_to; /* "" at first */
	uid_t last_sent_uid; /* whose that was */
	guint64 steps_begun; /* changes on their way through the log, */
	guint64 steps_done;  /* and those that came out of it */
	GQueue settling;     /* who waits for them: transition.c's */
	gboolean stopping;
	int status;         /* of exit */
} Engine;

/* Unix seconds by the wall clock. */
gint64 engine_now(void);

/*
 * Seconds of a clock that never jumps and stands still in sleep, when no
 * mail could go: the meters'.
 */
gint64 engine_awake_now(void);

/* Take the meters' readings from the state directory, and keep them. */
void engine_load_meters(Engine *engine);
void engine_keep_meters(Engine *engine);
/*
 * See which meters run now (ageing.h), and keep their readings now and
 * then: a crash costs a quarter of an hour of age.
 */
void engine_run_meters(Engine *engine);

/* Ask the parent for the listening sockets of the configuration. */
void engine_ask_listeners(Engine *engine);

/* Log what is wrong with the configuration. */
void engine_tell_errors(Engine *engine, const GPtrArray *errors);

/* Read the configuration anew; if anything is wrong, the old one stays. */
void engine_reload(Engine *engine);

/*
 * The network, the profile, a pin or the routes are others than before:
 * meters, schedule and watchers follow.
 */
void engine_place_changed(Engine *engine, gboolean switched);

/* End: orderly with status 0, or because something broke. */
void engine_stop(Engine *engine, int status);

#endif
