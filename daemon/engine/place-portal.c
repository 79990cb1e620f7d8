// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What workers and helpers say of the network we are at: that somebody
 * stands in the way, that nobody does, that it costs by volume.
 */
#include <string.h>

#include "daemon/engine/deliver-learn.h"
#include "daemon/engine/hints.h"
#include "daemon/engine/place-private.h"
#include "daemon/engine/watch.h"

/* What was held against routes and hosts was the network's doing. */
static void
forgive(Place *place)
{
	learn_forgive(place->engine->deliver, NULL);
	engine_place_changed(place->engine, FALSE);
}

static void
tell_suspicion(Place *place)
{
	events_add(place->engine->events, "portal", TRUE, NULL, NULL,
		   "%s No attempt is counted, nothing was sent.",
		   place->portal.why);
	forgive(place);
}

static void
tell_open(Place *place)
{
	events_add(place->engine->events, "portal", FALSE, NULL, NULL,
		   "the way to the mail servers is open");
	forgive(place);
}

void
place_note_proof(Place *place)
{
	if (portal_note_proof(&place->portal))
		tell_open(place);
}

/* TLS, as workers describe it, with a server that proved its name. */
static gboolean
is_proof(const char *tls)
{
	return strstr(tls, " verified") && !strstr(tls, "not verified");
}

gboolean
place_note_sign(Place *place, const char *sign, const char *why)
{
	gboolean was = place->portal.suspected;

	if (!portal_note_sign(&place->portal, portal_sign_from_name(sign),
			      place->choice->trusted, why, engine_now()))
		return FALSE;
	if (!was)
		tell_suspicion(place);
	watch_topics(place->engine, WATCH_STATUS | WATCH_NETWORKS);
	return TRUE;
}

gboolean
place_note_fault(Place *place, const char *sign, const Status *status)
{
	if (is_proof(status->tls)) {
		place_note_proof(place);
		return FALSE;
	}
	return place_note_sign(place, sign, status->why);
}

void
place_note_good(Place *place, const char *name)
{
	RouteWorld world = { .portal = "",
			     .permanent = (const char *const *)
				     place->engine->settings->permanent };
	const Route *route =
		route_find(place->engine->settings->routes, name);

	/* What is near says nothing of the way beyond. */
	if (route && route_is_hindered(&world, route))
		place_note_proof(place);
}

void
place_note_signal(Place *place)
{
	portal_note_signal(&place->portal);
	online_ask(place->online);
}

void
place_hint_portal(Place *place, gboolean captive, const char *detail)
{
	gboolean was = place->portal.suspected;

	if (!portal_note_hint(&place->portal, captive, detail, engine_now()))
		return;
	if (!was && place->portal.suspected)
		tell_suspicion(place);
	else
		engine_place_changed(place->engine, FALSE);
}

void
place_follow_hints(Place *place)
{
	switch (hints_connectivity(place->engine->hints)) {
	case HINT_PORTAL:
		place_hint_portal(place, TRUE, NULL);
		break;
	case HINT_FULL:
		place_hint_portal(place, FALSE, NULL);
		break;
	case HINT_UNKNOWN:
	case HINT_NONE:
	case HINT_LIMITED:
		break;
	}
}

void
place_hint_metered(Place *place, gboolean metered)
{
	if (place->metered == metered)
		return;
	place->metered = metered;
	events_add(place->engine->events, "network", FALSE, NULL, NULL,
		   metered ? "the way out is metered: large mail may wait"
			   : "the way out is not metered any more");
	engine_place_changed(place->engine, FALSE);
}

const char *
place_portal(const Place *place)
{
	return place->portal.suspected ? place->portal.why : NULL;
}

gboolean
place_metered(const Place *place)
{
	return place->metered || hints_metered(place->engine->hints);
}

/* What a profile lets out here. */
static guint64
size_limit(const Place *place, const Profile *profile)
{
	guint64 limit = profile ? profile->size_limit : 0;
	guint64 metered = profile && place_metered(place)
				  ? profile->metered_limit : 0;

	if (!limit || !metered)
		return limit ? limit : metered;
	return MIN(limit, metered);
}

void
place_fill_supposed(const Place *place, const ProfileChoice *choice,
		    RouteWorld *world)
{
	world->profile = choice->active;
	world->trusted = choice->trusted;
	world->strength = choice->strength;
	world->size_limit = size_limit(place, choice->active);
}

void
place_fill_world(Place *place, RouteWorld *world)
{
	place_fill_supposed(place, place->choice, world);
	world->choice = place->choice;
	world->network = netwatch_state(place->watch);
	world->linked = network_state_has_address(world->network);
	/* A place that is known may have no way beyond it. */
	world->usable = network_state_usable(world->network) ||
			(place->choice->usable && world->linked);
	world->settling = place->settle.pending ||
			  hints_asleep(place->engine->hints);
	world->pinned = place->pin != NULL;
	world->shut = portal_is_shut(&place->portal, world->now);
	world->portal = place_portal(place);
	world->portal_until = place->portal.next;
}
