// SPDX-License-Identifier: GPL-2.0-or-later
/* Hosts and PurgeHosts: what is known of each next hop. */
#include "common/text.h"
#include "daemon/engine/deliver-learn.h"
#include "daemon/engine/methods.h"
#include "daemon/engine/watch.h"

/*
 * To which domains mail went direct is its writers' own business; the smart
 * hosts of routes are everybody's.
 */
static gboolean
may_see(const Connection *connection, const HostRecord *record)
{
	GPtrArray *routes = connection->engine->settings->routes;

	if (connection->roles & ROLE_ADMIN)
		return TRUE;
	for (guint i = 0; i < routes->len; i++) {
		const Route *route = routes->pdata[i];
		g_autofree char *name = learn_hop_name(route, "");

		if (route->kind != ROUTE_DIRECT &&
		    host_record_is(record, name))
			return TRUE;
	}
	return FALSE;
}

static GVariant *
seen_rows(const HostRecord *record)
{
	GVariantBuilder rows;

	g_variant_builder_init(&rows, G_VARIANT_TYPE("a(sbx)"));
	for (guint i = 0; i < record->seen->len; i++) {
		const HostSeen *seen = record->seen->pdata[i];

		g_variant_builder_add(&rows, "(sbx)", seen->host,
				      seen->verified, seen->when);
	}
	return g_variant_builder_end(&rows);
}

static GVariant *
host_row(const HostRecord *record)
{
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "name", "s", record->name);
	g_variant_dict_insert(&dict, "used", "x", record->used);
	g_variant_dict_insert(&dict, "last-ok", "x", record->last_ok);
	g_variant_dict_insert(&dict, "last-error", "x", record->last_error);
	g_variant_dict_insert(&dict, "last-answer", "s", record->answer);
	g_variant_dict_insert(&dict, "sent", "t", record->sent);
	g_variant_dict_insert(&dict, "faults", "u", record->faults);
	g_variant_dict_insert(&dict, "until", "x", record->until);
	g_variant_dict_insert(&dict, "why", "s", record->why);
	g_variant_dict_insert(&dict, "host", "s", record->host);
	g_variant_dict_insert(&dict, "session", "s", record->session);
	g_variant_dict_insert(&dict, "extensions", "^as",
			      record->extensions);
	g_variant_dict_insert(&dict, "connect", "u", record->connect_ms);
	g_variant_dict_insert(&dict, "speed", "t", record->speed);
	g_variant_dict_insert_value(&dict, "tls-seen", seen_rows(record));
	return g_variant_dict_end(&dict);
}

static int
by_use(gconstpointer one, gconstpointer other)
{
	const HostRecord *a = *(HostRecord *const *)one;
	const HostRecord *b = *(HostRecord *const *)other;

	return a->used > b->used ? -1 : a->used < b->used;
}

void
method_hosts(Connection *connection, guint32 serial, GVariant *in)
{
	Engine *engine = connection->engine;
	g_autoptr(GPtrArray) list =
		hosts_list(deliver_hosts(engine->deliver));
	GVariantBuilder rows;
	const char *name;
	gsize bytes = 0;

	g_variant_get(in, "(&s)", &name);
	g_ptr_array_sort(list, by_use);
	g_variant_builder_init(&rows, G_VARIANT_TYPE("aa{sv}"));
	for (guint i = 0; i < list->len; i++) {
		const HostRecord *record = list->pdata[i];

		if ((*name && !host_record_is(record, name)) ||
		    !may_see(connection, record))
			continue;
		if (!methods_add_row(&rows, host_row(record), &bytes))
			break;
	}
	connection_reply(connection, "Hosts", serial,
			 g_variant_new("(aa{sv})", &rows));
}

void
method_purge_hosts(Connection *connection, guint32 serial, GVariant *in)
{
	Engine *engine = connection->engine;
	const char *name;
	guint dropped;

	g_variant_get(in, "(&s)", &name);
	dropped = learn_purge(engine->deliver, *name ? name : NULL);
	events_add(engine->events, "hosts", FALSE, NULL, NULL,
		   "what was known of %u next hops was dropped", dropped);
	watch_topics(engine, WATCH_ROUTES);
	deliver_kick(engine->deliver);
	connection_reply(connection, "PurgeHosts", serial,
			 g_variant_new("(u)", dropped));
}
