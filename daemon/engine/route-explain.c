// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The decision of route.c in plain sentences: what stands in the way, and
 * what would help.
 */
#include "daemon/engine/route.h"

#include <string.h>

#include "common/text.h"

#include "common/address.h"
#include "common/own.h"

/* Sentences that need nothing but the reason. */
static const char *const sentences[] = {
	[WAIT_NONE] = "",
	[WAIT_TURN] = "It goes as soon as a connection is free.",
	[WAIT_ACTIVE] = "It is being delivered now.",
	[WAIT_DONE] = "",
	[WAIT_HELD] = "It is held; release it and it goes.",
	[WAIT_TRASHED] = "It was deleted and can still be restored.",
	[WAIT_STOPPED] = "The mail daemon starts no deliveries just now.",
	[WAIT_NOT_BEFORE] = "It was asked to leave later.",
	[WAIT_QUEUE_RUN] = "It was handed in for the next queue run.",
	[WAIT_RETRY] = "The last attempt failed; it is tried again.",
	[WAIT_ORDER] = "An earlier message of the same sender goes first.",
	[WAIT_SENT] = "This is the sender's own copy, which is kept once "
		      "the mail was sent.",
	[WAIT_ALIAS] = "The aliases of this machine do not say where it "
		       "goes.",
	[WAIT_SETTLING] = "The network is changing; it goes when that has "
			  "settled.",
	[WAIT_OFFLINE] = "There is no network; it goes when there is one.",
	[WAIT_PINNED] = "Everything is kept here, because \"offline\" was "
			"chosen by hand.",
	[WAIT_NO_PROFILE] = "No profile is known for this network, so mail "
			    "for elsewhere waits. Teach it this network, "
			    "choose a profile by hand, or add a profile "
			    "\"default\".",
	[WAIT_NO_ROUTE] = "No route of the active profile takes this mail.",
	[WAIT_NO_LINK] = "No link to the local network is up; it goes when "
			 "there is one.",
};

static const RouteFacts *
facts_of(const RouteWorld *world, const Route *route)
{
	return world->facts ? g_hash_table_lookup(world->facts, route->name) :
			      NULL;
}

static char *
why_unsafe(const Route *route)
{
	if (route->tls == ROUTE_TLS_NEVER)
		return g_strdup_printf(
			"The route \"%s\" sends in clear text, which this "
			"network is not trusted with.", route->name);
	return g_strdup_printf(
		"The route \"%s\" does not insist on verified TLS, and this "
		"network is not trusted; Tls=required would do.",
		route->name);
}

static char *
why_paused(const RouteWorld *world, const Route *route)
{
	const RouteFacts *facts = facts_of(world, route);

	if (facts && facts->off)
		return g_strdup_printf("The route \"%s\" was paused by "
				       "hand.", route->name);
	return g_strdup_printf("The route \"%s\" is paused: %s", route->name,
			       facts && facts->paused_why ?
				       facts->paused_why :
				       "it did not work.");
}

static char *
why_host(const RouteWorld *world, const Way *way)
{
	const Route *route = way->route;
	const Hop hop = { route->name, way->domain ? way->domain : "" };
	const RouteFacts *facts = route_hop_facts(world, &hop);

	if (facts && facts->host_why)
		return g_strdup(facts->host_why);
	return g_strdup_printf("%s did not answer; it is tried again.",
			       *hop.domain ? hop.domain : route->host);
}

static char *
why_place(const RouteWorld *world, const Route *route)
{
	g_autofree char *list = NULL;
	RouteWorld anywhere = *world;
	Route alone = *route;
	char *none[] = { NULL };
	const char *need = route_unmet_need(world, route);

	if (need)
		return g_strdup_printf("The route \"%s\" is used only while %s "
				       "is there.", route->name, need);
	alone.profiles = none;
	anywhere.profile = NULL;
	if (!route_is_in_place(&anywhere, &alone)) {
		list = g_strjoinv(", ", route->vpns);
		return g_strdup_printf("The route \"%s\" is used only while "
				       "the VPN %s is up.", route->name,
				       list);
	}
	list = g_strjoinv(", ", route->profiles);
	return g_strdup_printf("The route \"%s\" is used only in the profile "
			       "%s.", route->name, list);
}

static char *
why_size(const RouteWorld *world)
{
	g_autofree char *size = text_size(world->size_limit);

	return g_strdup_printf("It is larger than %s, which is all that leaves "
			       "from here (profile \"%s\"); it goes from "
			       "another place.", size, world->profile->name);
}

static char *
why_no_route(const RouteWorld *world, const Way *way)
{
	if (way->asked)
		return g_strdup_printf(
			"It is to go by the route \"%s\", as was asked for, "
			"and there is no such route.", way->asked);
	if (way->near)
		return g_strdup("It is for the local network, and no "
				"permanent route takes it.");
	if (!world->profile)
		return g_strdup(sentences[WAIT_NO_ROUTE]);
	return g_strdup_printf("No route of the profile \"%s\" takes this "
			       "mail.", world->profile->name);
}

char *
route_why(const RouteWorld *world, const Way *way)
{
	const Route *route = way->route;

	switch (way->reason) {
	case WAIT_OWNER:
		return g_strdup_printf(
			"The route \"%s\" would take it, but only for mail "
			"handed in by %s.", route->name,
			*route->users || !*route->owner ? "its Users"
							: route->owner);
	case WAIT_PLACE:
		return why_place(world, route);
	case WAIT_SIZE:
		return why_size(world);
	case WAIT_PORTAL:
		return g_strdup(world->portal);
	case WAIT_BROKEN:
		return g_strdup_printf(
			"The configuration of the route \"%s\" is broken: %s",
			route->name, route->error);
	case WAIT_UNSAFE:
		return why_unsafe(route);
	case WAIT_ROUTE:
		return why_paused(world, route);
	case WAIT_HOST:
		return why_host(world, way);
	case WAIT_NO_ROUTE:
		return why_no_route(world, way);
	case WAIT_NONE:
	case WAIT_TURN:
	case WAIT_ACTIVE:
	case WAIT_DONE:
	case WAIT_HELD:
	case WAIT_TRASHED:
	case WAIT_STOPPED:
	case WAIT_NOT_BEFORE:
	case WAIT_QUEUE_RUN:
	case WAIT_RETRY:
	case WAIT_ORDER:
	case WAIT_ALIAS:
	case WAIT_SENT:
	case WAIT_SETTLING:
	case WAIT_OFFLINE:
	case WAIT_PINNED:
	case WAIT_NO_PROFILE:
	case WAIT_NO_LINK:
		return g_strdup(sentences[way->reason]);
	}
	return NULL;
}

static G_GNUC_PRINTF(2, 3) void
step(GPtrArray *steps, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_ptr_array_add(steps, g_strdup_vprintf(format, arguments));
	va_end(arguments);
}

/* The way by a list of this one route, as route_way() would judge it. */
static Way
way_by(const RouteWorld *world, const char *name, const Message *message,
       const Recipient *recipient)
{
	char *names[] = { (char *)name, NULL };
	Profile alone = { 0 };
	RouteWorld one = *world;

	if (world->profile) {
		alone = *world->profile;
		alone.routes = names;
		one.profile = &alone;
	}
	if (route_is_near(world, recipient->address))
		one.permanent = (const char *const *)names;
	return route_way(&one, message, recipient);
}

/* (transfer full) */
static char *
route_server_words(const Route *route)
{
	if (route->kind == ROUTE_DIRECT)
		return g_strdup_printf("the mail servers of its domain (MX), "
				       "port %u", route->port);
	if (g_str_has_prefix(route->host, ROUTE_SRV))
		return g_strdup_printf("the server that the DNS names for "
				       "%s", route->host + strlen(ROUTE_SRV));
	if (!route->port)
		return g_strdup(route->host);
	return g_strdup_printf("%s, port %u", route->host, route->port);
}

static void
step_taken(GPtrArray *steps, const Route *route)
{
	g_autofree char *server = route_server_words(route);

	step(steps, "Route \"%s\" takes it: %s, TLS %s.", route->name,
	     server, route_tls_name(route->tls));
}

/* What one route says; TRUE when the search ends with it. */
static gboolean
explain_route(const RouteWorld *world, const char *name,
	      const Message *message, const Recipient *recipient,
	      GPtrArray *steps)
{
	const Route *route = route_find(world->routes, name);
	g_autofree char *why = NULL;
	RouteRefusal refusal;
	Way way;

	if (!route) {
		step(steps, "Route \"%s\": there is no such route.", name);
		return FALSE;
	}
	refusal = route_refusal(world, route, message, recipient);
	way = way_by(world, name, message, recipient);
	if (way.kind == WAY_ROUTE) {
		step_taken(steps, route);
		return TRUE;
	}
	if (way.reason == WAIT_NO_ROUTE) {
		why = route_refusal_words(route, refusal, message, recipient);
		step(steps, "Route \"%s\": not this mail; %s.", name, why);
		return FALSE;
	}
	why = route_why(world, &way);
	step(steps, "Route \"%s\": no. %s", name, why);
	if (refusal != REFUSAL_NONE || !route->last || route->error)
		return FALSE;
	step(steps, "It says LastRoute, so no later route is tried.");
	return TRUE;
}

static void
explain_aliases(const RouteWorld *world, const Recipient *recipient,
		GPtrArray *steps)
{
	g_autoptr(AliasResult) result =
		alias_resolve(world->aliases, recipient->address, steps);

	switch (result->outcome) {
	case ALIAS_NONE:
		break;
	case ALIAS_BECOMES:
		if (result->targets->len == 0)
			step(steps, "The mail is thrown away.");
		for (guint i = 0; i < result->targets->len; i++)
			step(steps, "The mail goes to %s.",
			     alias_goal_text(result->targets->pdata[i]));
		break;
	case ALIAS_WAITS:
		step(steps, "So it waits.");
		break;
	case ALIAS_FAILS:
		step(steps, "So it is returned to its sender.");
		break;
	}
}

static void
explain_local(const RouteWorld *world, const Recipient *recipient,
	      const Way *way, GPtrArray *steps)
{
	const char *domain = address_domain(recipient->address);
	g_autofree char *user = route_local_user(world, recipient);
	const char *target = recipient_option(recipient, ROUTE_TARGET);

	if (*domain && own_has_domain(world->local_names, domain))
		step(steps, "%s is one of this machine's mail names.",
		     domain);
	else if (*domain)
		step(steps, "%s is one of LocalAddresses.",
		     recipient->address);
	else
		step(steps, "An address without a domain is of this "
		     "machine.");
	if (way->kind == WAY_LOCAL && target)
		step(steps, "The mail goes to %s, as the user %s.", target,
		     user);
	else if (way->kind == WAY_LOCAL)
		step(steps, "The mail goes to the mailbox of %s; no network "
		     "is needed.", user);
	else
		explain_aliases(world, recipient, steps);
}

static void
explain_profile(const RouteWorld *world, GPtrArray *steps)
{
	g_autofree char *list = NULL;

	if (!world->profile)
		return;
	list = g_strjoinv(", ", world->profile->routes);
	step(steps, "The active profile is \"%s\"%s; its routes: %s.",
	     world->profile->name,
	     world->pinned ? ", chosen by hand" : "",
	     *list ? list : "none");
}

static void
explain_list(const RouteWorld *world, const char *const *names,
	     const Message *message, const Recipient *recipient,
	     const Way *way, GPtrArray *steps)
{
	for (; *names; names++) {
		const Route *route = route_find(world->routes, *names);

		if (way->kind == WAY_ROUTE && way->route != route && route &&
		    route_is_passed(route, recipient))
			step(steps, "Route \"%s\": its server refused this "
			     "mail; the next one is tried.", *names);
		else if (explain_route(world, *names, message, recipient,
				       steps))
			break;
	}
	if (way->kind == WAY_WAIT)
		step(steps, "So it waits.");
}

static void
explain_asked(const RouteWorld *world, const char *name, const Way *way,
	      GPtrArray *steps)
{
	g_autofree char *why = NULL;

	step(steps, "Its owner chose the route \"%s\" for it.", name);
	if (way->kind == WAY_ROUTE) {
		step_taken(steps, way->route);
		return;
	}
	why = route_why(world, way);
	step(steps, "%s", why);
}

static void
explain_near(const RouteWorld *world, const Message *message,
	     const Recipient *recipient, const Way *way, GPtrArray *steps)
{
	g_autofree char *list =
		g_strjoinv(", ", (char **)world->permanent);

	step(steps, "It is for the local network; the permanent routes: %s.",
	     list);
	if (way->reason == WAIT_SETTLING || way->reason == WAIT_NO_LINK)
		step(steps, "%s", sentences[way->reason]);
	else
		explain_list(world, world->permanent, message, recipient, way,
			     steps);
}

static void
explain_far(const RouteWorld *world, const Message *message,
	    const Recipient *recipient, const Way *way, GPtrArray *steps)
{
	explain_profile(world, steps);
	if (way->reason == WAIT_SIZE) {
		g_autofree char *why = why_size(world);

		step(steps, "%s", why);
	} else if (way->kind == WAY_WAIT && way->reason < WAIT_NO_ROUTE)
		step(steps, "%s", sentences[way->reason]);
	else
		explain_list(world,
			     (const char *const *)world->profile->routes,
			     message, recipient, way, steps);
}

GPtrArray *
route_explain(const RouteWorld *world, const Message *message,
	      const Recipient *recipient, Way *ret_way)
{
	GPtrArray *steps = g_ptr_array_new_with_free_func(g_free);
	const char *asked = message_option(message, ROUTE_ASKED);
	Way way = route_way(world, message, recipient);

	if (ret_way)
		*ret_way = way;
	if (route_is_local(world, recipient->address)) {
		explain_local(world, recipient, &way, steps);
		return steps;
	}
	if (own_matches(world->not_local, recipient->address))
		step(steps, "%s is one of NotLocalAddresses.",
		     recipient->address);
	else
		step(steps, "%s is not on this machine.", recipient->address);
	if (asked)
		explain_asked(world, asked, &way, steps);
	else if (route_is_near(world, recipient->address))
		explain_near(world, message, recipient, &way, steps);
	else
		explain_far(world, message, recipient, &way, steps);
	return steps;
}

void
route_suppose(const RouteWorld *world, Message *message, const char *address)
{
	g_autoptr(AliasResult) result = NULL;

	message_add_recipient(message, address);
	if (!world->aliases || !route_is_local(world, address))
		return;
	result = alias_resolve(world->aliases, address, NULL);
	for (guint i = 0; i < result->targets->len; i++) {
		const AliasGoal *goal = result->targets->pdata[i];
		Recipient *recipient =
			message_add_recipient(message, goal->address);

		recipient_set_option(recipient, ROUTE_EXACT, "yes");
		recipient_set_option(recipient, ROUTE_TARGET, goal->target);
	}
}
