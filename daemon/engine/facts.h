// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the schedule goes by of each route and next hop: whether it is paused
 * and why. In memory only: a restart or a new place is a new chance; what is
 * to outlive that is in hosts.h. Knows alone how long a fault keeps a route
 * quiet.
 */
#ifndef MASQMAIL_ENGINE_FACTS_H
#define MASQMAIL_ENGINE_FACTS_H

#include <glib.h>

#include "daemon/engine/route.h"

#define FACTS_HOST_FIRST 60       /* seconds after the first fault */
#define FACTS_HOST_MOST 1800
#define FACTS_ROUTE_FIRST 300     /* a login or certificate: for people */
#define FACTS_ROUTE_MOST 3600
#define FACTS_MAX_HOPS 1000       /* then those that are well are forgotten */

typedef struct {
	guint64 sent;       /* recipients delivered since the start */
	gint64 last_ok;     /* Unix seconds; 0: never */
	gint64 last_error;  /* Unix seconds; 0: never */
	char *last_answer;  /* of that error; "" */
	char *told;         /* the fault of the route that people know; "" */
} RouteRecord;

typedef struct Facts Facts;

Facts *facts_new(void);
void facts_free(Facts *facts);

/* Of that route, made at the first question. (transfer none) */
RouteFacts *facts_of(Facts *facts, const char *route);
RouteRecord *facts_record(Facts *facts, const char *route);

/*
 * Of a next hop: that of its route when there is but one. Made at the first
 * question; (transfer none), until the next question.
 */
RouteFacts *facts_of_hop(Facts *facts, const Hop *hop);

/*
 * name -> RouteFacts, and Hop -> RouteFacts of those with a domain; for
 * RouteWorld (transfer none).
 */
GHashTable *facts_table(Facts *facts);
GHashTable *facts_hops(Facts *facts);

/* A delivery to @hop went well, or was refused for its own sake. */
void facts_note_good(Facts *facts, const Hop *hop, guint delivered,
		     gint64 now);

/*
 * Keep quiet for a while that grows with each fault: the next hop after one
 * of host or network, the route after its own. Others are no concern of
 * either. @jitter, 0 to 1, makes it up to a quarter longer: not all agents
 * behind one broken line come back at once.
 */
void facts_note_fault(Facts *facts, const Hop *hop, const Status *status,
		      double jitter, gint64 now);

/*
 * Whether people have to hear of this fault of @route. A refused login or
 * certificate is told of once, until mail went by it or another is met.
 */
gboolean facts_is_news(Facts *facts, const char *route,
		       const Status *status);

/* Whether a host of another route answered since (Unix seconds). */
gboolean facts_others_answer(const Facts *facts, const char *route,
			     gint64 since);

/* Forget the back-off of @hop, and a pause of its route. */
void facts_forgive_hop(Facts *facts, const Hop *hop);

/* Forget pauses and back-offs of @route, or of all when NULL. */
void facts_forgive(Facts *facts, const char *route);

#endif
