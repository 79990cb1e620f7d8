// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How long each route could have been used: the clock by which a message
 * grows old. Pure values; time is seconds of a clock that stands still while
 * the machine sleeps (CLOCK_MONOTONIC), so that neither a jump of the wall
 * clock nor two weeks in a drawer bounce mail. The engine turns a meter on
 * and off as the route becomes usable and not, keeps the text in the state
 * directory (on transitions, now and then, at the end), and gives each new
 * message a snapshot.
 */
#ifndef MASQMAIL_ENGINE_METER_H
#define MASQMAIL_ENGINE_METER_H

#include <glib.h>

#define METER_MAX_ROUTES 256

typedef struct Meter Meter;

Meter *meter_new(void);
void meter_free(Meter *meter);

/* From @now on @route runs, or stands. Doing it again changes nothing. */
void meter_run(Meter *meter, const char *route, gboolean running,
	       gint64 now);

/* Stop all but the routes in @names (NULL-terminated), and run those. */
void meter_run_only(Meter *meter, const char *const *names, gint64 now);

/* Back to nothing; it goes on running if it did. */
void meter_clear(Meter *meter, const char *route, gint64 now);

/* Usable seconds of @route so far; 0 for an unknown one. */
gint64 meter_read(const Meter *meter, const char *route, gint64 now);

/*
 * (transfer full). All readings as "isp=1234 uni=99": the text of the state
 * file, and what a message keeps (option "meters") from its arrival.
 */
char *meter_snapshot(const Meter *meter, gint64 now);

/* Take readings from such a text; broken parts are left out. */
void meter_load(Meter *meter, const char *text);

/*
 * The age in usable seconds of a message that keeps @snapshot (nullable:
 * 0): the largest growth since then among @routes, or among all when
 * @routes is NULL. A route younger than the message counts from its birth.
 */
gint64 meter_age(const Meter *meter, const char *snapshot,
		 const char *const *routes, gint64 now);

/* Whether one of @routes (NULL-terminated) runs. */
gboolean meter_runs(const Meter *meter, const char *const *routes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Meter, meter_free)

#endif
