// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whether mail grows old by a route just now: whether its meter runs. The
 * one place that knows which faults are the route's own, for which no
 * message shall be returned too early, and for how long. Pure; the engine
 * runs two meters by what this says: one of the usable seconds, and one of
 * the seconds in which a fault was to blame.
 */
#ifndef MASQMAIL_ENGINE_AGEING_H
#define MASQMAIL_ENGINE_AGEING_H

#include "daemon/engine/meter.h"
#include "daemon/engine/route.h"

/* So long the same fault of a route makes no message older. */
#define AGEING_PATIENCE 86400

typedef enum {
	AGEING_STANDS,  /* no mail could go: nothing is counted */
	AGEING_BLAMED,  /* it could, if people mended the route */
	AGEING_RUNS,
} Ageing;

/*
 * @blame counts the seconds of ageing_fault_name(); @now is of the meters'
 * clock.
 */
Ageing ageing_of(const RouteWorld *world, const Route *route,
		 const Meter *blame, gint64 now);

/*
 * (transfer full) (nullable). What @blame calls the present fault of
 * @route, "isp/route"; NULL when it has none.
 */
char *ageing_fault_name(const RouteWorld *world, const Route *route);

/*
 * Let both meters run as they shall from @now on: every route by which
 * mail could go, the local way, and the faults.
 */
void ageing_run(const RouteWorld *world, Meter *meter, Meter *blame,
		gint64 now);

/* @route delivered: what it was blamed for is over. */
void ageing_forgive(Meter *blame, const char *route, gint64 now);

#endif
