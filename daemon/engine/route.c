// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/route.h"

#include <string.h>
#include <sys/socket.h>

#include "common/address.h"
#include "common/own.h"

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
	route->not_users = g_new0(char *, 1);
	route->senders = g_new0(char *, 1);
	route->not_senders = g_new0(char *, 1);
	route->from = g_new0(char *, 1);
	route->not_from = g_new0(char *, 1);
	route->recipients = g_new0(char *, 1);
	route->not_recipients = g_new0(char *, 1);
	route->vpns = g_new0(char *, 1);
	route->profiles = g_new0(char *, 1);
	route->needs = g_new0(char *, 1);
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
	g_strfreev(route->not_users);
	g_strfreev(route->senders);
	g_strfreev(route->not_senders);
	g_strfreev(route->from);
	g_strfreev(route->not_from);
	g_strfreev(route->recipients);
	g_strfreev(route->not_recipients);
	g_strfreev(route->vpns);
	g_strfreev(route->profiles);
	g_strfreev(route->needs);
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
route_is_vouched(const Route *route)
{
	return route->command || route_is_loopback(route);
}

gboolean
route_is_loopback(const Route *route)
{
	NetAddress address;
	NetAddress loopback;

	if (route->proxied)
		return FALSE;
	if (g_ascii_strcasecmp(route->host, "localhost") == 0 ||
	    *route->host == '/')
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
	const OwnAddresses own = { world->local_names, world->also_local,
				   world->not_local };

	return own_has(&own, address);
}

gboolean
route_is_for_alias_user(const Recipient *recipient)
{
	const char *by = recipient_option(recipient, ROUTE_BY);

	return recipient_option(recipient, ROUTE_TARGET) &&
	       g_strcmp0(by, ROUTE_BY_FORWARD) != 0 &&
	       g_strcmp0(by, ROUTE_BY_SENT) != 0;
}

char *
route_local_user(const RouteWorld *world, const Recipient *recipient)
{
	if (route_is_for_alias_user(recipient))
		return g_strdup(world->alias_user ? world->alias_user : "");
	return mailbox_user_of(world->mailboxes, recipient->address);
}

gboolean
route_is_safe(const RouteWorld *world, const Route *route)
{
	if (route_is_vouched(route))
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

/* What is on this machine or on the LAN is behind no sign-in page. */
gboolean
route_is_hindered(const RouteWorld *world, const Route *route)
{
	return world->portal && !route_is_loopback(route) &&
	       !route_is_permanent(world, route);
}

/* What stands in the way of @route, whose conditions this fits. */
static WaitReason
judge(const RouteWorld *world, const Route *route,
      const Recipient *recipient, gint64 *ret_until)
{
	const RouteFacts *facts = facts_of(world, route);
	const RouteFacts *host;
	Hop hop;

	*ret_until = 0;
	if (route->error)
		return WAIT_BROKEN;
	if (!route_is_in_place(world, route))
		return WAIT_PLACE;
	if (!route_is_safe(world, route))
		return WAIT_UNSAFE;
	if (world->shut && route_is_hindered(world, route)) {
		*ret_until = world->portal_until;
		return WAIT_PORTAL;
	}
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

/*
 * Try one route for what fits it. TRUE ends the search: it takes the mail,
 * or no later route may.
 */
static gboolean
try_route(const RouteWorld *world, const Route *route,
	  const Message *message, const Recipient *recipient, Way *way)
{
	RouteRefusal refusal =
		route_refusal(world, route, message, recipient);
	WaitReason reason;
	gint64 until = 0;

	if (world->passing && !route->last &&
	    route_is_passed(route, recipient))
		return FALSE;
	if (refusal >= REFUSAL_USER)
		reason = WAIT_OWNER;
	else if (refusal != REFUSAL_NONE)
		reason = WAIT_NO_ROUTE;
	else
		reason = judge(world, route, recipient, &until);
	if (reason == WAIT_NONE) {
		*way = (Way){ .kind = WAY_ROUTE, .route = route,
			      .domain = route_hop(route, recipient->address)
						.domain };
		return TRUE;
	}
	note_obstacle(way, route, recipient, reason, until);
	return refusal == REFUSAL_NONE && route->last && !route->error;
}

/*
 * Whether the aliases have had their say. A command or file that they do
 * not name any more is not run: what they say now is asked.
 */
static gboolean
is_settled(const RouteWorld *world, const Recipient *recipient)
{
	const char *by = recipient_option(recipient, ROUTE_BY);
	const char *number = recipient_option(recipient, ROUTE_NUMBER);

	if (!recipient_option(recipient, ROUTE_EXACT))
		return FALSE;
	if (!by || !g_str_has_prefix(by, ROUTE_BY_ALIAS))
		return TRUE;
	return !world->aliases->fault &&
	       alias_has_target(world->aliases, by + strlen(ROUTE_BY_ALIAS),
				recipient_option(recipient, ROUTE_TARGET),
				g_ascii_strtoull(number ? number : "", NULL,
						 10));
}

static Way
local_way(const RouteWorld *world, const Recipient *recipient)
{
	Way way = { .kind = WAY_LOCAL };

	if (!world->aliases || is_settled(world, recipient))
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

/* Its owner's word replaces list and conditions, but nothing else. */
static Way
asked_way(const RouteWorld *world, const Message *message,
	  const Recipient *recipient, const char *name)
{
	const Route *route = route_find(world->routes, name);
	Way way = { .kind = WAY_WAIT, .reason = WAIT_NO_ROUTE,
		    .asked = name };

	if (!route)
		return way;
	way.route = route;
	way.domain = route_hop(route, recipient->address).domain;
	if (!world->usable && !route_is_loopback(route))
		way.reason = WAIT_OFFLINE;
	else if (world->settling)
		way.reason = WAIT_SETTLING;
	else if (!route_is_for_user(world, route, message->uid))
		way.reason = WAIT_OWNER;
	else
		way.reason = judge(world, route, recipient, &way.until);
	if (way.reason == WAIT_NONE)
		way.kind = WAY_ROUTE;
	return way;
}

/* The LAN is there when a link is, whatever the profile says. */
static Way
near_way(const RouteWorld *world, const Message *message,
	 const Recipient *recipient)
{
	Way way = { .kind = WAY_WAIT, .reason = WAIT_NO_ROUTE, .near = TRUE };

	if (world->settling)
		return (Way){ .kind = WAY_WAIT, .reason = WAIT_SETTLING };
	for (const char *const *name = world->permanent; *name; name++) {
		const Route *route = route_find(world->routes, *name);

		if (!route)
			continue;
		if (!world->linked && !route_is_loopback(route))
			note_obstacle(&way, route, recipient, WAIT_NO_LINK,
				      0);
		else if (try_route(world, route, message, recipient, &way))
			break;
	}
	return way;
}

static Way
far_way(const RouteWorld *world, const Message *message,
	const Recipient *recipient)
{
	Way way = { .kind = WAY_WAIT, .reason = judge_place(world) };

	if (way.reason == WAIT_NONE && world->size_limit &&
	    message->size > world->size_limit)
		way.reason = WAIT_SIZE;
	if (way.reason != WAIT_NONE)
		return way;
	way.reason = WAIT_NO_ROUTE;
	for (char **name = world->profile->routes; *name; name++) {
		const Route *route = route_find(world->routes, *name);

		if (route && is_reachable(world, route) &&
		    try_route(world, route, message, recipient, &way))
			break;
	}
	if (!world->usable && way.reason == WAIT_NO_ROUTE)
		way.reason = WAIT_OFFLINE;
	return way;
}

static gboolean
waits_for_others(const Message *message, const Recipient *recipient)
{
	RouteSent sent = route_sent_copy(message, recipient);

	return sent == ROUTE_SENT_LATER || sent == ROUTE_SENT_NOT;
}

static Way
find_way(const RouteWorld *world, const Message *message,
	 const Recipient *recipient)
{
	const char *asked = message_option(message, ROUTE_ASKED);

	if (waits_for_others(message, recipient))
		return (Way){ .kind = WAY_WAIT, .reason = WAIT_SENT };
	if (route_is_local(world, recipient->address))
		return local_way(world, recipient);
	if (asked)
		return asked_way(world, message, recipient, asked);
	if (route_is_near(world, recipient->address))
		return near_way(world, message, recipient);
	return far_way(world, message, recipient);
}

Way
route_way(const RouteWorld *world, const Message *message,
	  const Recipient *recipient)
{
	RouteWorld others = *world;
	Way way;

	if (!recipient_option(recipient, ROUTE_PASSED))
		return find_way(world, message, recipient);
	others.passing = TRUE;
	way = find_way(&others, message, recipient);
	/* Refused everywhere it begins anew, when its time has come. */
	return way.kind == WAY_WAIT ? find_way(world, message, recipient)
				    : way;
}

static gboolean
is_listed(const RouteWorld *world, const Route *route)
{
	return world->profile &&
	       g_strv_contains((const char *const *)world->profile->routes,
			       route->name);
}

gboolean
route_is_usable(const RouteWorld *world, const Route *route)
{
	const RouteFacts *facts = facts_of(world, route);
	gboolean near = route_is_permanent(world, route) &&
			(world->linked || route_is_loopback(route));
	gboolean far = is_listed(world, route) && is_reachable(world, route);

	return (near || far) && !route->error &&
	       !route_is_hindered(world, route) &&
	       route_is_in_place(world, route) &&
	       route_is_safe(world, route) && !(facts && facts->off);
}
