// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/route.h"

#include <string.h>
#include <sys/socket.h>

Route *
route_new(const char *name)
{
	Route *route = g_new0(Route, 1);

	route->name = g_strdup(name);
	route->host = g_strdup("");
	route->port = 587;
	route->tls = ROUTE_TLS_REQUIRED;
	route->auth = g_new0(char *, 1);
	route->user = g_strdup("");
	route->owner = g_strdup("");
	route->users = g_new0(char *, 1);
	route->senders = g_new0(char *, 1);
	route->recipients = g_new0(char *, 1);
	route->connections = 1;
	return route;
}

void
route_free(Route *route)
{
	if (!route)
		return;
	g_free(route->name);
	g_free(route->host);
	g_strfreev(route->auth);
	g_free(route->user);
	g_free(route->owner);
	g_strfreev(route->users);
	g_strfreev(route->senders);
	g_strfreev(route->recipients);
	g_free(route->error);
	g_free(route);
}

const Route *
route_find(GPtrArray *routes, const char *name)
{
	for (guint i = 0; i < routes->len; i++) {
		const Route *route = routes->pdata[i];

		if (g_str_equal(route->name, name))
			return route;
	}
	return NULL;
}

Hop
route_hop(const Route *route, const char *address)
{
	return (Hop){ route->name, route->kind == ROUTE_DIRECT
					   ? hop_domain(address) : "" };
}

gboolean
route_is_loopback(const Route *route)
{
	NetAddress address;
	NetAddress loopback;

	if (route->proxied)
		return FALSE;
	if (g_ascii_strcasecmp(route->host, "localhost") == 0)
		return TRUE;
	if (!net_address_parse(route->host, &address))
		return FALSE;
	net_address_parse(address.family == AF_INET ? "127.0.0.0/8" : "::1",
			  &loopback);
	return net_address_in(&address, &loopback);
}

RouteFacts *
route_facts_new(void)
{
	return g_new0(RouteFacts, 1);
}

void
route_facts_free(RouteFacts *facts)
{
	if (!facts)
		return;
	g_free(facts->paused_why);
	g_free(facts->host_why);
	g_free(facts);
}

gboolean
route_is_local(const RouteWorld *world, const char *address)
{
	const char *at = strrchr(address, '@');

	if (!at)
		return TRUE;
	for (const char *const *name = world->local_names; name && *name;
	     name++)
		if (g_ascii_strcasecmp(at + 1, *name) == 0)
			return TRUE;
	return FALSE;
}

char *
route_local_user(const char *address)
{
	const char *at = strrchr(address, '@');

	return g_ascii_strdown(address, at ? at - address : -1);
}

/* Whether @text is one of @globs, or there are none. */
static gboolean
matches_any(char **globs, const char *text)
{
	g_autofree char *lower = NULL;

	if (!*globs)
		return TRUE;
	lower = g_ascii_strdown(text, -1);
	for (; *globs; globs++)
		if (g_pattern_match_simple(*globs, lower))
			return TRUE;
	return FALSE;
}

static gboolean
is_user(const RouteWorld *world, uid_t uid, const char *name)
{
	const char *login = NULL;
	char number[16];

	if (world->users)
		login = g_hash_table_lookup(world->users,
					    GUINT_TO_POINTER(uid));
	g_snprintf(number, sizeof(number), "%u", uid);
	return g_str_equal(name, "*") || g_str_equal(name, number) ||
	       (login && g_str_equal(name, login));
}

/* A route with a login belongs to somebody: it is theirs unless shared. */
static gboolean
is_for_user(const RouteWorld *world, const Route *route, uid_t uid)
{
	if (!*route->users)
		return !*route->owner || is_user(world, uid, route->owner);
	for (char **user = route->users; *user; user++)
		if (is_user(world, uid, *user))
			return TRUE;
	return FALSE;
}

gboolean
route_serves(const RouteWorld *world, const Route *route,
	     const Message *message, const Recipient *recipient)
{
	return matches_any(route->senders, message->sender) &&
	       matches_any(route->recipients, recipient->address) &&
	       is_for_user(world, route, message->uid);
}

gboolean
route_is_safe(const RouteWorld *world, const Route *route)
{
	if (route_is_loopback(route))
		return TRUE;
	switch (route->tls) {
	case ROUTE_TLS_REQUIRED:
	case ROUTE_TLS_IMPLICIT:
		return TRUE;
	case ROUTE_TLS_IF_POSSIBLE:
		return world->trusted;
	case ROUTE_TLS_NEVER:
		return route->insecure && world->trusted &&
		       world->strength >= WEIGHT_GATEWAY_MAC;
	}
	return FALSE;
}

static const RouteFacts *
facts_of(const RouteWorld *world, const Route *route)
{
	return world->facts ? g_hash_table_lookup(world->facts, route->name) :
			      NULL;
}

const RouteFacts *
route_hop_facts(const RouteWorld *world, const Hop *hop)
{
	if (!*hop->domain)
		return world->facts ? g_hash_table_lookup(world->facts,
							  hop->route) : NULL;
	return world->hops ? g_hash_table_lookup(world->hops, hop) : NULL;
}

/* What stands in the way of @route; WAIT_NONE when nothing does. */
static WaitReason
judge(const RouteWorld *world, const Route *route, const Message *message,
      const Recipient *recipient, gint64 *ret_until)
{
	const RouteFacts *facts = facts_of(world, route);
	const RouteFacts *host;
	Hop hop;

	*ret_until = 0;
	if (!matches_any(route->senders, message->sender) ||
	    !matches_any(route->recipients, recipient->address))
		return WAIT_NO_ROUTE;
	if (!is_for_user(world, route, message->uid))
		return WAIT_OWNER;
	if (route->error)
		return WAIT_BROKEN;
	if (!route_is_safe(world, route))
		return WAIT_UNSAFE;
	if (facts && (facts->off || facts->paused_until > world->now)) {
		*ret_until = facts->off ? 0 : facts->paused_until;
		return WAIT_ROUTE;
	}
	hop = route_hop(route, recipient->address);
	host = route_hop_facts(world, &hop);
	if (host && host->host_until > world->now) {
		*ret_until = host->host_until;
		return WAIT_HOST;
	}
	return WAIT_NONE;
}

/* Without a network only this machine is, and only by somebody's word. */
static gboolean
is_reachable(const RouteWorld *world, const Route *route)
{
	return world->usable || (world->pinned && route_is_loopback(route));
}

/* Why nothing far can go from here, whatever the message. */
static WaitReason
judge_place(const RouteWorld *world)
{
	if (!world->profile && world->pinned)
		return WAIT_PINNED;
	/* A smart host on this machine needs no network, if one says so. */
	if (!world->usable && !(world->pinned && world->profile))
		return WAIT_OFFLINE;
	if (!world->profile)
		return world->settling ? WAIT_SETTLING : WAIT_NO_PROFILE;
	return world->settling ? WAIT_SETTLING : WAIT_NONE;
}

/*
 * Remember the obstacle that is nearest to going (the reasons are listed in
 * that order), and the earliest time at which one of them ends.
 */
static void
note_obstacle(Way *way, const Route *route, const Recipient *recipient,
	      WaitReason reason, gint64 until)
{
	if (until && (!way->until || until < way->until))
		way->until = until;
	if (reason <= way->reason)
		return;
	way->reason = reason;
	way->route = reason == WAIT_NO_ROUTE ? NULL : route;
	way->domain = route_hop(route, recipient->address).domain;
}

static Way
local_way(const RouteWorld *world, const Recipient *recipient)
{
	Way way = { .kind = WAY_LOCAL };

	if (!world->aliases || recipient_option(recipient, ROUTE_EXACT))
		return way;
	switch (alias_outcome(world->aliases, recipient->address)) {
	case ALIAS_NONE:
		break;
	case ALIAS_BECOMES:
	case ALIAS_FAILS:
		way.kind = WAY_ALIAS;
		break;
	case ALIAS_WAITS:
		way.kind = WAY_WAIT;
		way.reason = WAIT_ALIAS;
		break;
	}
	return way;
}

Way
route_way(const RouteWorld *world, const Message *message,
	  const Recipient *recipient)
{
	Way way = { .kind = WAY_WAIT, .reason = judge_place(world) };

	if (route_is_local(world, recipient->address))
		return local_way(world, recipient);
	if (way.reason != WAIT_NONE)
		return way;
	way.reason = WAIT_NO_ROUTE;
	for (char **name = world->profile->routes; *name; name++) {
		const Route *route = route_find(world->routes, *name);
		WaitReason reason;
		gint64 until;

		if (!route)
			continue;
		reason = judge(world, route, message, recipient, &until);
		if (!is_reachable(world, route))
			continue;
		if (reason == WAIT_NONE)
			return (Way){ .kind = WAY_ROUTE, .route = route,
				      .domain = route_hop(route,
						recipient->address).domain };
		note_obstacle(&way, route, recipient, reason, until);
	}
	if (!world->usable && way.reason == WAIT_NO_ROUTE)
		way.reason = WAIT_OFFLINE;
	return way;
}

gboolean
route_is_usable(const RouteWorld *world, const Route *route)
{
	const RouteFacts *facts = facts_of(world, route);

	if (!world->profile || route->error || !is_reachable(world, route))
		return FALSE;
	if (!g_strv_contains((const char *const *)world->profile->routes,
			     route->name))
		return FALSE;
	return route_is_safe(world, route) && !(facts && facts->off);
}

const char *
wait_reason_name(WaitReason reason)
{
	static const char *const names[] = {
		[WAIT_NONE] = "none",
		[WAIT_TURN] = "turn",
		[WAIT_ACTIVE] = "active",
		[WAIT_DONE] = "done",
		[WAIT_HELD] = "held",
		[WAIT_TRASHED] = "trashed",
		[WAIT_STOPPED] = "stopped",
		[WAIT_NOT_BEFORE] = "not-before",
		[WAIT_QUEUE_RUN] = "queue-run",
		[WAIT_RETRY] = "retry",
		[WAIT_ORDER] = "order",
		[WAIT_ALIAS] = "alias",
		[WAIT_SETTLING] = "settling",
		[WAIT_OFFLINE] = "offline",
		[WAIT_PINNED] = "pinned-offline",
		[WAIT_NO_PROFILE] = "no-profile",
		[WAIT_NO_ROUTE] = "no-route",
		[WAIT_OWNER] = "owner",
		[WAIT_BROKEN] = "broken",
		[WAIT_UNSAFE] = "unsafe",
		[WAIT_ROUTE] = "paused",
		[WAIT_HOST] = "host",
	};

	return names[reason];
}

const char *
route_tls_name(RouteTls tls)
{
	static const char *const names[] = {
		[ROUTE_TLS_NEVER] = "never",
		[ROUTE_TLS_IF_POSSIBLE] = "if-possible",
		[ROUTE_TLS_REQUIRED] = "required",
		[ROUTE_TLS_IMPLICIT] = "implicit",
	};

	return names[tls];
}

const char *
route_kind_name(RouteKind kind)
{
	static const char *const names[] = {
		[ROUTE_SMARTHOST] = "smarthost",
		[ROUTE_DIRECT] = "direct",
	};

	return names[kind];
}
