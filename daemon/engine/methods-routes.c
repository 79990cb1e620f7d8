// SPDX-License-Identifier: GPL-2.0-or-later
/* Routes: what is configured, what is known of it, what waits for it. */
#include "common/text.h"
#include "daemon/engine/deliver-learn.h"
#include "daemon/engine/deliver.h"
#include "daemon/engine/methods.h"
#include "daemon/engine/place.h"

#define MAX_WORDS 32
#define MAX_WORD 200 /* characters */

/*
 * Route name (transfer none: the settings') to how many of the caller's
 * messages go by it: one look at the queue for all routes.
 */
static GHashTable *
count_queued(Engine *engine, const Connection *connection)
{
	const ScheduleInput *input = deliver_input(engine->deliver);
	GPtrArray *messages = store_messages(engine->store);
	GHashTable *counts = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; i < messages->len; i++) {
		const Message *message = messages->pdata[i];
		const char *name;
		guint count;
		Way way;

		if (!connection_owns(connection, message) ||
		    message_pending(message) == 0)
			continue;
		way = route_way(&input->world, message,
				message->recipients->pdata[0]);
		if (way.kind != WAY_LOCAL && !way.route)
			continue;
		name = way.route ? way.route->name : ROUTE_LOCAL;
		count = GPOINTER_TO_UINT(g_hash_table_lookup(counts, name));
		g_hash_table_insert(counts, (gpointer)name,
				    GUINT_TO_POINTER(count + 1));
	}
	return counts;
}

static void
add_queued(GVariantDict *dict, GHashTable *counts, const char *route)
{
	g_variant_dict_insert(dict, "queued", "u",
			      GPOINTER_TO_UINT(
				      g_hash_table_lookup(counts, route)));
}

static gboolean
profile_uses(const Profile *profile, const char *route)
{
	return profile && g_strv_contains((const char *const *)
						  profile->routes, route);
}

/*
 * A word for its state and a sentence, when something is in its way; else
 * NULL.
 */
static const char *
state_of(const RouteWorld *world, const Route *route,
	 const RouteFacts *facts, const char **ret_why)
{
	*ret_why = "";
	if (route->error) {
		*ret_why = route->error;
		return "broken";
	}
	if (!world->usable && !(world->pinned && route_is_loopback(route))) {
		*ret_why = "There is no network for it now.";
		return "off";
	}
	if (!world->profile) {
		*ret_why = "No profile is active, so no route is used.";
		return "off";
	}
	if (!profile_uses(world->profile, route->name)) {
		*ret_why = "The present profile does not use it.";
		return "off";
	}
	if (!route_is_safe(world, route)) {
		*ret_why = "It would not be safe on this network.";
		return "off";
	}
	if (route_is_hindered(world, route)) {
		*ret_why = world->portal;
		return "paused";
	}
	if (facts->paused_until > world->now) {
		*ret_why = facts->paused_why ? facts->paused_why : "";
		return "paused";
	}
	if (facts->host_until > world->now) {
		*ret_why = facts->host_why ? facts->host_why : "";
		return "paused";
	}
	return NULL;
}

/* What this engine saw itself, and before its start what is remembered. */
static void
add_record(GVariantDict *dict, const RouteRecord *record,
	   const HostRecord *host)
{
	gint64 ok = host ? host->last_ok : 0;
	gint64 error = host ? host->last_error : 0;

	g_variant_dict_insert(dict, "sent", "t", record->sent);
	g_variant_dict_insert(dict, "last-ok", "x", MAX(ok, record->last_ok));
	g_variant_dict_insert(dict, "last-error", "x",
			      MAX(error, record->last_error));
	g_variant_dict_insert(dict, "last-answer", "s",
			      host && !record->last_error
				      ? host->answer
				      : record->last_answer);
}

/* How the next hop looked when it was seen last. */
static void
add_host(GVariantDict *dict, const HostRecord *host)
{
	const char *const none[] = { NULL };

	g_variant_dict_insert(dict, "session", "s",
			      host ? host->session : "");
	g_variant_dict_insert(dict, "connect", "u",
			      host ? host->connect_ms : 0);
	g_variant_dict_insert(dict, "speed", "t", host ? host->speed : 0);
	g_variant_dict_insert_value(
		dict, "extensions",
		g_variant_new_strv(
			host ? (const char *const *)host->extensions : none,
			-1));
}

/* A direct route has many hops: how many were met, and rest just now. */
static void
add_hops(GVariantDict *dict, Engine *engine, const Route *route)
{
	GHashTable *hops = facts_hops(deliver_facts(engine->deliver));
	gint64 now = engine_now();
	guint met = 0, resting = 0;
	GHashTableIter iter;
	gpointer hop, facts;

	g_hash_table_iter_init(&iter, hops);
	while (g_hash_table_iter_next(&iter, &hop, &facts)) {
		if (!g_str_equal(((Hop *)hop)->route, route->name))
			continue;
		met++;
		resting += ((RouteFacts *)facts)->host_until > now;
	}
	g_variant_dict_insert(dict, "hosts", "u", met);
	g_variant_dict_insert(dict, "resting", "u", resting);
}

/* What is known of the hop of a smart host's route. (nullable) */
static const HostRecord *
host_of(Engine *engine, const Route *route)
{
	g_autofree char *name = learn_hop_name(route, "");

	return route->kind == ROUTE_DIRECT
		       ? NULL
		       : hosts_find(deliver_hosts(engine->deliver), name);
}

static GVariant *
used_by(const Engine *engine, const char *route)
{
	GVariantBuilder names;

	g_variant_builder_init(&names, G_VARIANT_TYPE_STRING_ARRAY);
	for (guint i = 0; i < engine->settings->profiles->len; i++) {
		const Profile *profile = engine->settings->profiles->pdata[i];

		if (profile_uses(profile, route))
			g_variant_builder_add(&names, "s", profile->name);
	}
	return g_variant_builder_end(&names);
}

/* As many words, and as much of them, as anybody reads. */
static GVariant *
clipped(char *const *words)
{
	GVariantBuilder builder;

	g_variant_builder_init(&builder, G_VARIANT_TYPE_STRING_ARRAY);
	for (guint i = 0; words[i] && i < MAX_WORDS; i++) {
		g_autofree char *word =
			text_harmless_clipped(words[i], MAX_WORD);

		g_variant_builder_add(&builder, "s", word);
	}
	return g_variant_builder_end(&builder);
}

/* (transfer full) */
static char *
server_words(const Route *route)
{
	if (route->kind == ROUTE_DIRECT)
		return g_strdup("each domain's own (MX)");
	return route->port ? g_strdup_printf("%s:%u", route->host,
					     route->port)
			   : g_strdup(route->host);
}

static void
add_configured(GVariantDict *dict, const Route *route)
{
	g_auto(GStrv) match = route_match_words(route);
	g_autofree char *server = server_words(route);
	g_autofree char *auth = g_strjoinv(" ", route->auth);
	g_autofree char *file =
		g_strdup_printf("routes/%s.conf", route->name);

	g_variant_dict_insert(dict, "kind", "s",
			      route_kind_name(route->kind));
	g_variant_dict_insert(dict, "server", "s", server);
	g_variant_dict_insert(dict, "tls", "s", route_tls_name(route->tls));
	g_variant_dict_insert(dict, "auth", "s", auth);
	g_variant_dict_insert(dict, "login", "s", route->user);
	g_variant_dict_insert(dict, "owner", "s", route->owner);
	g_variant_dict_insert(dict, "file", "s", file);
	g_variant_dict_insert_value(dict, "match", clipped(match));
}

static GVariant *
route_row(Engine *engine, GHashTable *queued, const Route *route)
{
	const RouteWorld *world = &deliver_input(engine->deliver)->world;
	Facts *facts = deliver_facts(engine->deliver);
	const RouteFacts *of = facts_of(facts, route->name);
	const RouteRecord *record = facts_record(facts, route->name);
	const HostRecord *host = host_of(engine, route);
	const char *why, *state = state_of(world, route, of, &why);
	GVariantDict dict;

	if (!state)
		state = record->last_ok || (host && host->last_ok)
				? "up"
				: "untried";

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "name", "s", route->name);
	g_variant_dict_insert(&dict, "state", "s", state);
	g_variant_dict_insert(&dict, "why", "s", why);
	add_queued(&dict, queued, route->name);
	g_variant_dict_insert_value(&dict, "profiles",
				    used_by(engine, route->name));
	add_configured(&dict, route);
	add_record(&dict, record, host);
	add_host(&dict, host);
	if (route->kind == ROUTE_DIRECT)
		add_hops(&dict, engine, route);
	return g_variant_dict_end(&dict);
}

static GVariant *
local_row(Engine *engine, GHashTable *queued)
{
	const RouteRecord *record =
		facts_record(deliver_facts(engine->deliver), ROUTE_LOCAL);
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "name", "s", ROUTE_LOCAL);
	g_variant_dict_insert(&dict, "kind", "s", ROUTE_LOCAL);
	g_variant_dict_insert(&dict, "server", "s", "mailboxes here");
	g_variant_dict_insert(&dict, "state", "s", "up");
	g_variant_dict_insert(&dict, "why", "s", "");
	add_queued(&dict, queued, ROUTE_LOCAL);
	add_record(&dict, record, NULL);
	add_host(&dict, NULL);
	return g_variant_dict_end(&dict);
}

GVariant *
state_routes(Engine *engine, const Connection *connection)
{
	GPtrArray *routes = engine->settings->routes;
	g_autoptr(GHashTable) queued = count_queued(engine, connection);
	GVariantBuilder rows;
	gsize bytes = 0;

	g_variant_builder_init(&rows, G_VARIANT_TYPE("aa{sv}"));
	for (guint i = 0; i < routes->len; i++)
		if (!methods_add_row(&rows,
				     route_row(engine, queued,
					       routes->pdata[i]),
				     &bytes))
			break;
	bytes = 0;
	methods_add_row(&rows, local_row(engine, queued), &bytes);
	return g_variant_builder_end(&rows);
}

void
method_routes(Connection *connection, guint32 serial, GVariant *in)
{
	(void)in;
	connection_reply(connection, "Routes", serial,
			 g_variant_new("(@aa{sv})",
				       state_routes(connection->engine,
						    connection)));
}
