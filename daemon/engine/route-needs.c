// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a route needs to be there, whatever profile is active: a VPN, or a
 * known network. Several networks can be present at once; only one of them
 * gives the profile.
 */
#include "daemon/engine/route.h"

#include <string.h>

#define NEEDS_VPN "vpn:"
#define NEEDS_NETWORK "network:"

static gboolean
has_vpn(const NetworkState *network, const char *glob)
{
	for (guint i = 0; network && i < network->links->len; i++) {
		const NetLink *link =
			&g_array_index(network->links, NetLink, i);

		if (link->up && g_pattern_match_simple(glob, link->name) &&
		    (link->type == LINK_VPN || link->type == LINK_TUNNEL))
			return TRUE;
	}
	return FALSE;
}

/* A network is called as it was learned, or as its profile. */
static gboolean
has_network(const ProfileChoice *choice, const char *glob)
{
	for (guint i = 0; choice && i < choice->candidates->len; i++) {
		const Candidate *candidate = choice->candidates->pdata[i];

		if (!candidate->matched || candidate->fallback)
			continue;
		if (g_pattern_match_simple(glob, candidate->profile->name) ||
		    g_pattern_match_simple(glob, candidate->fingerprint))
			return TRUE;
	}
	return FALSE;
}

static gboolean
is_met(const RouteWorld *world, const char *need)
{
	if (g_str_has_prefix(need, NEEDS_VPN))
		return has_vpn(world->network, need + strlen(NEEDS_VPN));
	return has_network(world->choice, need + strlen(NEEDS_NETWORK));
}

gboolean
route_need_is_valid(const char *need)
{
	const char *colon = strchr(need, ':');

	return (g_str_has_prefix(need, NEEDS_VPN) ||
		g_str_has_prefix(need, NEEDS_NETWORK)) && colon[1];
}

const char *
route_unmet_need(const RouteWorld *world, const Route *route)
{
	for (char **need = route->needs; *need; need++)
		if (!is_met(world, *need))
			return *need;
	return NULL;
}
