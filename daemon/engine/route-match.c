// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The conditions of a route: which message it is for, whose, and where.
 */
#include "daemon/engine/route.h"

#include <string.h>

#include "common/address.h"
#include "common/own.h"
#include "common/text.h"

#define NULL_SENDER "<>"

/* Whether @address is one of @globs. */
static gboolean
is_among(char **globs, const char *address)
{
	g_autofree char *lower = NULL;

	if (!*globs)
		return FALSE;
	lower = g_ascii_strdown(address, -1);
	for (; *globs; globs++)
		if (g_pattern_match_simple(*globs, lower) ||
		    (!*address && g_str_equal(*globs, NULL_SENDER)))
			return TRUE;
	return FALSE;
}

/* Whether any of the From header's addresses is one of @globs. */
static gboolean
is_author_among(char **globs, const Message *message)
{
	const char *authors = message_option(message, ROUTE_AUTHORS);
	g_autoptr(GPtrArray) list = NULL;

	if (!*globs || !authors)
		return FALSE;
	list = address_list_parse(authors, strlen(authors), NULL);
	for (guint i = 0; list && i < list->len; i++) {
		const Mailbox *mailbox = list->pdata[i];

		if (is_among(globs, mailbox->address))
			return TRUE;
	}
	return FALSE;
}

static gboolean
is_in_group(const RouteWorld *world, uid_t uid, const char *name)
{
	GHashTable *members =
		world->groups ? g_hash_table_lookup(world->groups, name) : NULL;

	return members && g_hash_table_contains(members,
						GUINT_TO_POINTER(uid));
}

static gboolean
is_user(const RouteWorld *world, uid_t uid, const char *name)
{
	const char *login = NULL;
	char number[16];

	if (*name == '@')
		return is_in_group(world, uid, name + 1);
	if (world->users)
		login = g_hash_table_lookup(world->users,
					    GUINT_TO_POINTER(uid));
	g_snprintf(number, sizeof(number), "%u", uid);
	return g_str_equal(name, "*") || g_str_equal(name, number) ||
	       (login && g_str_equal(name, login));
}

static gboolean
is_one_of(const RouteWorld *world, uid_t uid, char **names)
{
	for (; *names; names++)
		if (is_user(world, uid, *names))
			return TRUE;
	return FALSE;
}

/* A route with a login belongs to somebody: it is theirs unless shared. */
gboolean
route_is_for_user(const RouteWorld *world, const Route *route, uid_t uid)
{
	if (is_one_of(world, uid, route->not_users))
		return FALSE;
	if (*route->users)
		return is_one_of(world, uid, route->users);
	return !*route->owner || is_user(world, uid, route->owner);
}

static RouteRefusal
refuse_addresses(const Route *route, const Message *message,
		 const Recipient *recipient)
{
	if (*route->senders && !is_among(route->senders, message->sender))
		return REFUSAL_SENDER;
	if (is_among(route->not_senders, message->sender))
		return REFUSAL_NOT_SENDER;
	if (*route->from && !is_author_among(route->from, message))
		return REFUSAL_FROM;
	if (is_author_among(route->not_from, message))
		return REFUSAL_NOT_FROM;
	if (*route->recipients &&
	    !is_among(route->recipients, recipient->address))
		return REFUSAL_RECIPIENT;
	if (is_among(route->not_recipients, recipient->address))
		return REFUSAL_NOT_RECIPIENT;
	return REFUSAL_NONE;
}

RouteRefusal
route_refusal(const RouteWorld *world, const Route *route,
	      const Message *message, const Recipient *recipient)
{
	RouteRefusal refusal = refuse_addresses(route, message, recipient);

	if (refusal != REFUSAL_NONE)
		return refusal;
	if (message->size < route->min_size)
		return REFUSAL_MIN_SIZE;
	if (route->max_size && message->size > route->max_size)
		return REFUSAL_MAX_SIZE;
	if (is_one_of(world, message->uid, route->not_users))
		return REFUSAL_NOT_USER;
	return route_is_for_user(world, route, message->uid) ? REFUSAL_NONE :
							       REFUSAL_USER;
}

gboolean
route_is_passed(const Route *route, const Recipient *recipient)
{
	const char *passed = recipient_option(recipient, ROUTE_PASSED);
	g_auto(GStrv) names = passed ? g_strsplit(passed, " ", -1) : NULL;

	return names && g_strv_contains((const char *const *)names,
					route->name);
}

gboolean
route_is_permanent(const RouteWorld *world, const Route *route)
{
	return world->permanent &&
	       g_strv_contains(world->permanent, route->name);
}

gboolean
route_serves(const RouteWorld *world, const Route *route,
	     const Message *message, const Recipient *recipient)
{
	const char *asked = message_option(message, ROUTE_ASKED);

	if (asked)
		return g_str_equal(asked, route->name) &&
		       route_is_for_user(world, route, message->uid);
	if (route_is_near(world, recipient->address) &&
	    !route_is_permanent(world, route))
		return FALSE;
	return route_refusal(world, route, message, recipient) ==
	       REFUSAL_NONE;
}

/* --- the place ------------------------------------------------------------ */

static gboolean
has_vpn(const NetworkState *network, char **globs)
{
	for (guint i = 0; network && i < network->links->len; i++) {
		const NetLink *link =
			&g_array_index(network->links, NetLink, i);

		if (link->type != LINK_VPN || !link->up)
			continue;
		for (char **glob = globs; *glob; glob++)
			if (g_pattern_match_simple(*glob, link->name))
				return TRUE;
	}
	return FALSE;
}

gboolean
route_is_in_place(const RouteWorld *world, const Route *route)
{
	if (*route->vpns && !has_vpn(world->network, route->vpns))
		return FALSE;
	if (route_unmet_need(world, route))
		return FALSE;
	if (!*route->profiles)
		return TRUE;
	for (char **glob = route->profiles; world->profile && *glob; glob++)
		if (g_pattern_match_simple(*glob, world->profile->name))
			return TRUE;
	return FALSE;
}

/* An address of @net in the brackets of an address literal. */
static gboolean
literal_is_in(const char *domain, const char *net)
{
	g_autofree char *inside = NULL;
	NetAddress address;
	NetAddress subnet;

	if (*domain != '[' || !net_address_parse(net, &subnet))
		return FALSE;
	domain += g_ascii_strncasecmp(domain, "[IPv6:", 6) == 0 ? 6 : 1;
	inside = g_strndup(domain, strcspn(domain, "]"));
	return net_address_parse(inside, &address) &&
	       net_address_in(&address, &subnet);
}

gboolean
route_is_near(const RouteWorld *world, const char *address)
{
	const char *domain = address_domain(address);

	if (!world->permanent || !*world->permanent || !*domain)
		return FALSE;
	if (own_matches(world->local_nets, domain))
		return TRUE;
	for (const char *const *net = world->local_nets; net && *net; net++)
		if (literal_is_in(domain, *net))
			return TRUE;
	return FALSE;
}

/* --- in words ------------------------------------------------------------- */

static char *
only(const char *what, const char *value, char **words)
{
	g_autofree char *list = g_strjoinv(", ", words);

	return g_strdup_printf("it is %s %s, and the route takes only mail "
			       "%s %s", what, value, what, list);
}

static char *
never(const char *what, const char *value, char **words)
{
	g_autofree char *list = g_strjoinv(", ", words);

	return g_strdup_printf("it is %s %s, and the route takes no mail %s "
			       "%s", what, value, what, list);
}

static char *
size_words(const Message *message, guint64 bound, const char *than)
{
	g_autofree char *size = text_size(message->size);
	g_autofree char *limit = text_size(bound);

	return g_strdup_printf("it has %s, and the route takes only mail of "
			       "at %s %s", size, than, limit);
}

char *
route_refusal_words(const Route *route, RouteRefusal refusal,
		    const Message *message, const Recipient *recipient)
{
	const char *sender = *message->sender ? message->sender : NULL_SENDER;
	const char *authors = message_option(message, ROUTE_AUTHORS);

	if (!authors)
		authors = "nobody";
	switch (refusal) {
	case REFUSAL_NONE:
		return g_strdup("");
	case REFUSAL_SENDER:
		return only("from", sender, route->senders);
	case REFUSAL_NOT_SENDER:
		return never("from", sender, route->not_senders);
	case REFUSAL_FROM:
		return only("written by", authors, route->from);
	case REFUSAL_NOT_FROM:
		return never("written by", authors, route->not_from);
	case REFUSAL_RECIPIENT:
		return only("for", recipient->address, route->recipients);
	case REFUSAL_NOT_RECIPIENT:
		return never("for", recipient->address,
			     route->not_recipients);
	case REFUSAL_MIN_SIZE:
		return size_words(message, route->min_size, "least");
	case REFUSAL_MAX_SIZE:
		return size_words(message, route->max_size, "most");
	case REFUSAL_USER:
		return g_strdup("it was handed in by somebody else");
	case REFUSAL_NOT_USER:
		return g_strdup("it was handed in by one of its NotUsers");
	}
	return NULL;
}

static void
add_words(GPtrArray *lines, const char *what, char **words)
{
	g_autofree char *list = NULL;

	if (!*words)
		return;
	list = g_strjoinv(", ", words);
	g_ptr_array_add(lines, g_strdup_printf("%s %s", what, list));
}

static void
add_size(GPtrArray *lines, const char *what, guint64 bytes)
{
	g_autofree char *size = NULL;

	if (!bytes)
		return;
	size = text_size(bytes);
	g_ptr_array_add(lines, g_strdup_printf("%s %s", what, size));
}

char **
route_match_words(const Route *route)
{
	GPtrArray *lines = g_ptr_array_new();
	char *owner[] = { *route->owner ? route->owner : NULL, NULL };

	add_words(lines, "from", route->senders);
	add_words(lines, "not from", route->not_senders);
	add_words(lines, "written by", route->from);
	add_words(lines, "not written by", route->not_from);
	add_words(lines, "to", route->recipients);
	add_words(lines, "not to", route->not_recipients);
	add_size(lines, "of at least", route->min_size);
	add_size(lines, "of at most", route->max_size);
	add_words(lines, "handed in by",
		  *route->users ? route->users : owner);
	add_words(lines, "not handed in by", route->not_users);
	add_words(lines, "while there is the VPN", route->vpns);
	add_words(lines, "in the profile", route->profiles);
	if (route->last)
		g_ptr_array_add(lines, g_strdup("or it waits: no later "
						"route is tried"));
	g_ptr_array_add(lines, NULL);
	return (char **)g_ptr_array_free(lines, FALSE);
}
