// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/ageing.h"

static const RouteFacts *
facts_of(const RouteWorld *world, const Route *route)
{
	return world->facts ? g_hash_table_lookup(world->facts, route->name) :
			      NULL;
}

static Fault
fault_of(const RouteWorld *world, const Route *route)
{
	const RouteFacts *facts = facts_of(world, route);

	return facts ? facts->fault : FAULT_NONE;
}

static char *
blame_name(const char *route, Fault fault)
{
	return g_strconcat(route, "/", fault_name(fault), NULL);
}

char *
ageing_fault_name(const RouteWorld *world, const Route *route)
{
	Fault fault = fault_of(world, route);

	return fault == FAULT_ROUTE || fault == FAULT_NETWORK ?
		       blame_name(route->name, fault) :
		       NULL;
}

/*
 * A place that answers on another route is no place without the Internet.
 * On a trusted one a refused login is what it seems to be; but that nothing
 * is reached from there may still be its line's fault.
 */
static gboolean
is_own_fault(const RouteWorld *world, const Route *route)
{
	return facts_of(world, route)->others_answer;
}

Ageing
ageing_of(const RouteWorld *world, const Route *route, const Meter *blame,
	  gint64 now)
{
	g_autofree char *name = ageing_fault_name(world, route);

	if (!route_is_usable(world, route))
		return AGEING_STANDS;
	if (!name)
		return AGEING_RUNS;
	if (world->trusted && fault_of(world, route) == FAULT_ROUTE)
		return AGEING_RUNS;
	if (!is_own_fault(world, route))
		return AGEING_STANDS;
	return meter_read(blame, name, now) < AGEING_PATIENCE ?
		       AGEING_BLAMED :
		       AGEING_RUNS;
}

void
ageing_run(const RouteWorld *world, Meter *meter, Meter *blame, gint64 now)
{
	g_autoptr(GPtrArray) runs = g_ptr_array_new();
	g_autoptr(GPtrArray) blamed = g_ptr_array_new_with_free_func(g_free);

	g_ptr_array_add(runs, (gpointer)ROUTE_LOCAL);
	for (guint i = 0; i < world->routes->len; i++) {
		const Route *route = world->routes->pdata[i];

		switch (ageing_of(world, route, blame, now)) {
		case AGEING_STANDS:
			break;
		case AGEING_BLAMED:
			g_ptr_array_add(blamed,
					ageing_fault_name(world, route));
			break;
		case AGEING_RUNS:
			g_ptr_array_add(runs, route->name);
			break;
		}
	}
	g_ptr_array_add(runs, NULL);
	g_ptr_array_add(blamed, NULL);
	meter_run_only(meter, (const char *const *)runs->pdata, now);
	meter_run_only(blame, (const char *const *)blamed->pdata, now);
}

void
ageing_forgive(Meter *blame, const char *route, gint64 now)
{
	static const Fault faults[] = { FAULT_ROUTE, FAULT_NETWORK };

	for (guint i = 0; i < G_N_ELEMENTS(faults); i++) {
		g_autofree char *name = blame_name(route, faults[i]);

		meter_clear(blame, name, now);
	}
}
