// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/facts.h"

struct Facts {
	GHashTable *facts;   /* name -> RouteFacts */
	GHashTable *hops;    /* Hop -> RouteFacts, of direct routes */
	GHashTable *records; /* name -> RouteRecord */
};

static void
record_free(gpointer data)
{
	RouteRecord *record = data;

	g_free(record->last_answer);
	g_free(record->told);
	g_free(record);
}

Facts *
facts_new(void)
{
	Facts *facts = g_new0(Facts, 1);

	facts->facts = g_hash_table_new_full(
		g_str_hash, g_str_equal, g_free,
		(GDestroyNotify)route_facts_free);
	facts->hops = g_hash_table_new_full(hop_hash, hop_equal,
					    (GDestroyNotify)hop_free,
					    (GDestroyNotify)route_facts_free);
	facts->records = g_hash_table_new_full(g_str_hash, g_str_equal,
					       g_free, record_free);
	return facts;
}

void
facts_free(Facts *facts)
{
	if (!facts)
		return;
	g_hash_table_unref(facts->facts);
	g_hash_table_unref(facts->hops);
	g_hash_table_unref(facts->records);
	g_free(facts);
}

RouteFacts *
facts_of(Facts *facts, const char *route)
{
	RouteFacts *found = g_hash_table_lookup(facts->facts, route);

	if (!found) {
		found = route_facts_new();
		g_hash_table_insert(facts->facts, g_strdup(route), found);
	}
	return found;
}

static gboolean
is_forgettable(gpointer hop, gpointer value, gpointer data)
{
	const RouteFacts *of = value;

	(void)hop;
	(void)data;
	return !of->busy && !of->faults;
}

static gboolean
is_idle(gpointer hop, gpointer value, gpointer data)
{
	(void)hop;
	(void)data;
	return !((RouteFacts *)value)->busy;
}

/* Those that are well go first; where all are dead, none is worth more. */
static void
make_room(GHashTable *hops)
{
	if (g_hash_table_size(hops) >= FACTS_MAX_HOPS)
		g_hash_table_foreach_remove(hops, is_forgettable, NULL);
	if (g_hash_table_size(hops) >= FACTS_MAX_HOPS)
		g_hash_table_foreach_remove(hops, is_idle, NULL);
}

RouteFacts *
facts_of_hop(Facts *facts, const Hop *hop)
{
	RouteFacts *found;

	if (!*hop->domain)
		return facts_of(facts, hop->route);
	found = g_hash_table_lookup(facts->hops, hop);
	if (found)
		return found;
	make_room(facts->hops);
	found = route_facts_new();
	g_hash_table_insert(facts->hops, hop_copy(hop), found);
	return found;
}

RouteRecord *
facts_record(Facts *facts, const char *route)
{
	RouteRecord *found = g_hash_table_lookup(facts->records, route);

	if (!found) {
		found = g_new0(RouteRecord, 1);
		found->last_answer = g_strdup("");
		found->told = g_strdup("");
		g_hash_table_insert(facts->records, g_strdup(route), found);
	}
	return found;
}

GHashTable *
facts_table(Facts *facts)
{
	return facts->facts;
}

GHashTable *
facts_hops(Facts *facts)
{
	return facts->hops;
}

static void
forgive(RouteFacts *facts)
{
	facts->fault = FAULT_NONE;
	facts->paused_until = 0;
	facts->host_until = 0;
	facts->faults = 0;
	g_clear_pointer(&facts->paused_why, g_free);
	g_clear_pointer(&facts->host_why, g_free);
}

void
facts_note_good(Facts *facts, const Hop *hop, guint delivered, gint64 now)
{
	RouteRecord *record = facts_record(facts, hop->route);

	record->sent += delivered;
	record->last_ok = now;
	record->told[0] = '\0';
	forgive(facts_of(facts, hop->route));
	forgive(facts_of_hop(facts, hop));
}

/* first, twice that, ... at most @most; and up to a quarter longer. */
static gint64
pause_seconds(guint faults, gint64 first, gint64 most, double jitter)
{
	gint64 pause = MIN(first << MIN(faults, 16), most);

	return pause + (gint64)(pause * jitter / 4);
}

static void
set_until(gint64 *until, char **why, gint64 when, const char *sentence)
{
	*until = when;
	g_free(*why);
	*why = g_strdup(sentence);
}

void
facts_note_fault(Facts *facts, const Hop *hop, const Status *status,
		 double jitter, gint64 now)
{
	RouteFacts *of = facts_of(facts, hop->route);
	RouteRecord *record = facts_record(facts, hop->route);

	switch (status->fault) {
	case FAULT_NONE:
	case FAULT_RECIPIENT:
	case FAULT_MESSAGE:
		return;
	case FAULT_ROUTE:
		set_until(&of->paused_until, &of->paused_why,
			  now + pause_seconds(of->faults,
					      FACTS_ROUTE_FIRST,
					      FACTS_ROUTE_MOST, jitter),
			  status->why);
		break;
	case FAULT_HOST:
	case FAULT_NETWORK:
		/* No way to this one, of IPv6 only perhaps; not to all. */
		of = facts_of_hop(facts, hop);
		set_until(&of->host_until, &of->host_why,
			  now + pause_seconds(of->faults,
					      FACTS_HOST_FIRST,
					      FACTS_HOST_MOST, jitter),
			  status->why);
		break;
	}
	of->fault = status->fault;
	of->faults++;
	record->last_error = now;
	g_free(record->last_answer);
	record->last_answer = g_strdup(*status->text ? status->text
						     : status->why);
}

void
facts_forgive_hop(Facts *facts, const Hop *hop)
{
	forgive(facts_of(facts, hop->route));
	forgive(facts_of_hop(facts, hop));
}

static void
forgive_hops(Facts *facts, const char *route)
{
	GHashTableIter iter;
	gpointer hop, of;

	g_hash_table_iter_init(&iter, facts->hops);
	while (g_hash_table_iter_next(&iter, &hop, &of))
		if (!route || g_str_equal(((Hop *)hop)->route, route))
			forgive(of);
}

gboolean
facts_is_news(Facts *facts, const char *route, const Status *status)
{
	RouteRecord *record = facts_record(facts, route);

	if (status->fault != FAULT_ROUTE)
		return TRUE;
	if (g_str_equal(record->told, status->why))
		return FALSE;
	g_free(record->told);
	record->told = g_strdup(status->why);
	return TRUE;
}

gboolean
facts_others_answer(const Facts *facts, const char *route, gint64 since)
{
	GHashTableIter iter;
	gpointer name, value;

	g_hash_table_iter_init(&iter, facts->records);
	while (g_hash_table_iter_next(&iter, &name, &value)) {
		const RouteRecord *record = value;

		if (!g_str_equal(name, route) &&
		    !g_str_equal(name, ROUTE_LOCAL) && record->last_ok &&
		    record->last_ok >= since)
			return TRUE;
	}
	return FALSE;
}

void
facts_forgive(Facts *facts, const char *route)
{
	GHashTableIter iter;
	gpointer name, of;

	g_hash_table_iter_init(&iter, facts->facts);
	while (g_hash_table_iter_next(&iter, &name, &of))
		if (!route || g_str_equal(route, name))
			forgive(of);
	forgive_hops(facts, route);
}
