// SPDX-License-Identifier: GPL-2.0-or-later
/* Routes: what is configured, what is known of it, what waits for it. */
#include "daemon/engine/deliver.h"
#include "daemon/engine/methods.h"
#include "daemon/engine/place.h"

static guint
count_queued(Engine *engine, const Connection *connection,
	     const char *route)
{
	const ScheduleInput *input = deliver_input(engine->deliver);
	GPtrArray *messages = store_messages(engine->store);
	guint count = 0;

	for (guint i = 0; i < messages->len; i++) {
		const Message *message = messages->pdata[i];
		Way way;

		if (!connection_owns(connection, message) ||
		    message_pending(message) == 0)
			continue;
		way = route_way(&input->world, message,
				message->recipients->pdata[0]);
		count += way.kind == WAY_LOCAL
				 ? g_str_equal(route, ROUTE_LOCAL)
				 : way.route && g_str_equal(way.route->name,
							    route);
	}
	return count;
}

static gboolean
profile_uses(const Profile *profile, const char *route)
{
	return profile && g_strv_contains((const char *const *)
						  profile->routes, route);
}

/* A word for its state, and a sentence when it is not up. */
static const char *
state_of(const RouteWorld *world, const Route *route,
	 const RouteFacts *facts, const RouteRecord *record,
	 const char **ret_why)
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
	if (facts->paused_until > world->now) {
		*ret_why = facts->paused_why ? facts->paused_why : "";
		return "paused";
	}
	if (facts->host_until > world->now) {
		*ret_why = facts->host_why ? facts->host_why : "";
		return "paused";
	}
	return record->last_ok ? "up" : "untried";
}

static void
add_record(GVariantDict *dict, const RouteRecord *record)
{
	const char *const none[] = { NULL };

	g_variant_dict_insert(dict, "sent", "t", record->sent);
	g_variant_dict_insert(dict, "session", "s", record->session);
	g_variant_dict_insert(dict, "last-ok", "x", record->last_ok);
	g_variant_dict_insert(dict, "last-error", "x", record->last_error);
	g_variant_dict_insert(dict, "last-answer", "s",
			      record->last_answer);
	g_variant_dict_insert(dict, "connect", "u", record->connect_ms);
	g_variant_dict_insert_value(
		dict, "extensions",
		g_variant_new_strv(record->extensions
					   ? (const char *const *)
						     record->extensions
					   : none, -1));
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

static void
add_configured(GVariantDict *dict, const Route *route)
{
	g_auto(GStrv) match = route_match_words(route);
	g_autofree char *server =
		*route->host ? g_strdup_printf("%s:%u", route->host,
					       route->port)
			     : g_strdup("");
	g_autofree char *file =
		g_strdup_printf("routes/%s.conf", route->name);

	g_variant_dict_insert(dict, "kind", "s",
			      route_kind_name(route->kind));
	g_variant_dict_insert(dict, "server", "s", server);
	g_variant_dict_insert(dict, "tls", "s", route_tls_name(route->tls));
	g_variant_dict_insert(dict, "auth", "s", route->auth);
	g_variant_dict_insert(dict, "login", "s", route->user);
	g_variant_dict_insert(dict, "owner", "s", route->owner);
	g_variant_dict_insert(dict, "file", "s", file);
	g_variant_dict_insert_value(
		dict, "match",
		g_variant_new_strv((const char *const *)match, -1));
}

static GVariant *
route_row(Engine *engine, const Connection *connection, const Route *route)
{
	const RouteWorld *world = &deliver_input(engine->deliver)->world;
	Facts *facts = deliver_facts(engine->deliver);
	const RouteFacts *of = facts_of(facts, route->name);
	const RouteRecord *record = facts_record(facts, route->name);
	const char *why;
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "name", "s", route->name);
	g_variant_dict_insert(&dict, "state", "s",
			      state_of(world, route, of, record, &why));
	g_variant_dict_insert(&dict, "why", "s", why);
	g_variant_dict_insert(&dict, "queued", "u",
			      count_queued(engine, connection, route->name));
	g_variant_dict_insert_value(&dict, "profiles",
				    used_by(engine, route->name));
	add_configured(&dict, route);
	add_record(&dict, record);
	return g_variant_dict_end(&dict);
}

static GVariant *
local_row(Engine *engine, const Connection *connection)
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
	g_variant_dict_insert(&dict, "queued", "u",
			      count_queued(engine, connection, ROUTE_LOCAL));
	add_record(&dict, record);
	return g_variant_dict_end(&dict);
}

GVariant *
state_routes(Engine *engine, const Connection *connection)
{
	GPtrArray *routes = engine->settings->routes;
	GVariantBuilder rows;

	g_variant_builder_init(&rows, G_VARIANT_TYPE("aa{sv}"));
	for (guint i = 0; i < routes->len; i++)
		g_variant_builder_add_value(
			&rows,
			route_row(engine, connection, routes->pdata[i]));
	g_variant_builder_add_value(&rows, local_row(engine, connection));
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
