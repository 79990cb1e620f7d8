// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Signs of a link (name, access point, gateway, subnet, interface, type)
 * must all be those of one and the same link: the name of one Wi-Fi and the
 * gateway of a cable plugged in elsewhere are no place. VPNs and domains
 * belong to the machine.
 */
#include "daemon/engine/profile-match.h"

#include <string.h>

#include "common/text.h"

/* What a condition is held against. */
typedef struct {
	const NetworkState *network;
	const NetLink *link; /* (nullable) */
} Place;

/* What one value of a condition came to. */
typedef struct {
	gboolean matched;
	gboolean unknown;
	guint weight;
} Finding;

static const char *const keys[] = {
	[CONDITION_SSID] = "Ssid",           [CONDITION_BSSID] = "Bssid",
	[CONDITION_GATEWAY] = "Gateway",     [CONDITION_SUBNET] = "Subnet",
	[CONDITION_INTERFACE] = "Interface", [CONDITION_TYPE] = "Type",
	[CONDITION_VPN] = "Vpn",             [CONDITION_DOMAIN] = "Domain",
	[CONDITION_SECURITY] = "Security",
};

/* How people call the sign; the value follows. */
static const char *const signs[] = {
	[CONDITION_SSID] = "Wi-Fi name",
	[CONDITION_BSSID] = "access point",
	[CONDITION_GATEWAY] = "gateway",
	[CONDITION_SUBNET] = "subnet",
	[CONDITION_INTERFACE] = "interface",
	[CONDITION_TYPE] = "kind of link",
	[CONDITION_VPN] = "VPN",
	[CONDITION_DOMAIN] = "domain",
	[CONDITION_SECURITY] = "Wi-Fi security",
};

const char *
condition_key(ConditionKind kind)
{
	return keys[kind];
}

static Finding
hold_ssid(const ConditionValue *value, const Place *place)
{
	const NetWifi *wifi = place->link ? &place->link->wifi : NULL;
	Finding finding = { .weight = WEIGHT_SSID_KEY };

	if (!wifi || wifi->ssid_length == 0)
		return finding;
	if (!wifi_security_has_key(wifi->security))
		finding.weight = WEIGHT_SSID_OPEN;
	finding.matched = wifi->ssid_length == value->ssid_length &&
			  memcmp(wifi->ssid, value->ssid,
				 wifi->ssid_length) == 0;
	return finding;
}

static Finding
hold_bssid(const ConditionValue *value, const Place *place)
{
	Finding finding = { .weight = WEIGHT_BSSID };

	finding.matched = place->link && place->link->wifi.ssid_length > 0 &&
			  memcmp(place->link->wifi.bssid, value->mac,
				 NETWORK_MAC_SIZE) == 0;
	return finding;
}

static Finding
hold_gateway_of(const ConditionValue *value, const NetRoute *route)
{
	Finding finding = { .weight = WEIGHT_GATEWAY_IP };

	if (value->has_mac)
		finding.weight = net_mac_is_virtual(value->mac) ?
			WEIGHT_VIRTUAL_MAC : WEIGHT_GATEWAY_MAC;
	if (value->address.family != 0 &&
	    !net_address_equal(&route->gateway, &value->address))
		return finding;
	if (!value->has_mac)
		finding.matched = TRUE;
	else if (route->mac_state == MAC_UNKNOWN)
		finding.unknown = TRUE;
	else
		finding.matched = route->mac_state == MAC_KNOWN &&
				  memcmp(route->mac, value->mac,
					 NETWORK_MAC_SIZE) == 0;
	return finding;
}

static gboolean
is_better(const Finding *one, const Finding *than)
{
	if (one->matched != than->matched)
		return one->matched;
	if (one->matched)
		return one->weight > than->weight;
	return one->unknown && !than->unknown;
}

static Finding
hold_gateway(const ConditionValue *value, const Place *place)
{
	const NetRoute nowhere = { .mac_state = MAC_NONE };
	Finding best = hold_gateway_of(value, &nowhere);

	for (guint i = 0; i < place->network->routes->len; i++) {
		const NetRoute *route = &g_array_index(
			place->network->routes, NetRoute, i);
		Finding finding;

		if (!place->link || route->link != place->link->index ||
		    route->gateway.family == 0)
			continue;
		finding = hold_gateway_of(value, route);
		if (is_better(&finding, &best))
			best = finding;
	}
	return best;
}

static Finding
hold_subnet(const ConditionValue *value, const Place *place)
{
	Finding finding = { .weight = WEIGHT_SUBNET };
	const GArray *addresses = place->link ? place->link->addresses : NULL;

	for (guint i = 0; addresses && i < addresses->len; i++)
		if (net_address_in(&g_array_index(addresses, NetAddress, i),
				   &value->address))
			finding.matched = TRUE;
	return finding;
}

/* The kind and name that count are those of the link mail leaves by. */
static gboolean
is_way_out(const Place *place)
{
	const GArray *routes = place->network->routes;

	for (guint i = 0; place->link && i < routes->len; i++)
		if (g_array_index(routes, NetRoute, i).link ==
		    place->link->index)
			return TRUE;
	return place->link && routes->len == 0;
}

static Finding
hold_interface(const ConditionValue *value, const Place *place)
{
	Finding finding = { .weight = WEIGHT_INTERFACE };

	finding.matched =
		is_way_out(place) &&
		g_pattern_match_simple(value->text, place->link->name);
	return finding;
}

static Finding
hold_type(const ConditionValue *value, const Place *place)
{
	Finding finding = { .weight = WEIGHT_TYPE };

	finding.matched = is_way_out(place) &&
			  place->link->type == value->type;
	return finding;
}

static Finding
hold_vpn(const ConditionValue *value, const Place *place)
{
	Finding finding = { .weight = WEIGHT_VPN };

	for (guint i = 0; i < place->network->links->len; i++) {
		const NetLink *link =
			&g_array_index(place->network->links, NetLink, i);

		if (!link->up || (link->type != LINK_VPN &&
				  link->type != LINK_TUNNEL))
			continue;
		if (g_pattern_match_simple(value->text, link->name))
			finding.matched = TRUE;
	}
	return finding;
}

static Finding
hold_domain(const ConditionValue *value, const Place *place)
{
	Finding finding = { .weight = WEIGHT_DOMAIN };

	for (guint i = 0; i < place->network->domains->len; i++)
		if (g_ascii_strcasecmp(place->network->domains->pdata[i],
				       value->text) == 0)
			finding.matched = TRUE;
	return finding;
}

static Finding
hold_security(const ConditionValue *value, const Place *place)
{
	Finding finding = { .weight = WEIGHT_SECURITY };
	const NetWifi *wifi = place->link ? &place->link->wifi : NULL;

	if (!wifi || wifi->ssid_length == 0)
		return finding;
	finding.matched = wifi->security == value->security;
	finding.unknown = wifi->security == WIFI_UNKNOWN;
	return finding;
}

static Finding (*const holders[])(const ConditionValue *, const Place *) = {
	[CONDITION_SSID] = hold_ssid,
	[CONDITION_BSSID] = hold_bssid,
	[CONDITION_GATEWAY] = hold_gateway,
	[CONDITION_SUBNET] = hold_subnet,
	[CONDITION_INTERFACE] = hold_interface,
	[CONDITION_TYPE] = hold_type,
	[CONDITION_VPN] = hold_vpn,
	[CONDITION_DOMAIN] = hold_domain,
	[CONDITION_SECURITY] = hold_security,
};

static void
result_free(gpointer data)
{
	ConditionResult *result = data;

	g_free(result->words);
	g_free(result);
}

/* 'gateway 10.0.0.1 00:11:22:33:44:55', 'domain a or b'. */
static char *
condition_words(const Condition *condition)
{
	gboolean quoted = condition->kind == CONDITION_SSID;
	g_autoptr(GString) words = g_string_new(signs[condition->kind]);
	const ConditionValue *first = condition->values->pdata[0];

	if (condition->kind == CONDITION_GATEWAY && first->has_mac &&
	    first->address.family == 0)
		g_string_append(words, " MAC");
	for (guint i = 0; i < condition->values->len; i++) {
		const ConditionValue *value = condition->values->pdata[i];

		g_string_append(words, i ? " or " : " ");
		g_string_append_printf(words, quoted ? "\"%s\"" : "%s",
				       value->text);
	}
	return text_harmless(words->str);
}

static ConditionResult *
hold(const Condition *condition, const Place *place)
{
	ConditionResult *result = g_new0(ConditionResult, 1);
	Finding best = { 0 };

	for (guint i = 0; i < condition->values->len; i++) {
		Finding finding = holders[condition->kind](
			condition->values->pdata[i], place);

		if (i == 0 || is_better(&finding, &best))
			best = finding;
	}
	result->kind = condition->kind;
	result->matched = best.matched;
	result->unknown = best.unknown;
	result->weight = best.weight;
	result->words = condition_words(condition);
	return result;
}

/*
 * An access point only ever adds: walking through a house must not lose the
 * place. Alone it is the only sign there is, so then it decides.
 */
static gboolean
is_demanded(const Fingerprint *fingerprint, ConditionKind kind)
{
	if (kind != CONDITION_BSSID)
		return TRUE;
	for (guint i = 0; i < fingerprint->conditions->len; i++) {
		const Condition *each = fingerprint->conditions->pdata[i];

		if (each->kind != CONDITION_BSSID)
			return FALSE;
	}
	return TRUE;
}

static void
judge_all(Candidate *candidate, const Fingerprint *fingerprint)
{
	candidate->matched = candidate->possible =
		candidate->conditions->len > 0;
	for (guint i = 0; i < candidate->conditions->len; i++) {
		const ConditionResult *each =
			candidate->conditions->pdata[i];

		if (each->matched) {
			candidate->score += each->weight;
			continue;
		}
		if (!is_demanded(fingerprint, each->kind))
			continue;
		candidate->matched = FALSE;
		if (!each->unknown)
			candidate->possible = FALSE;
	}
	candidate->possible = candidate->possible && !candidate->matched;
}

static void
judge_any(Candidate *candidate)
{
	for (guint i = 0; i < candidate->conditions->len; i++) {
		const ConditionResult *each =
			candidate->conditions->pdata[i];

		if (each->matched) {
			candidate->matched = TRUE;
			candidate->score = MAX(candidate->score,
					       each->weight);
		}
		if (each->unknown)
			candidate->possible = TRUE;
	}
}

static guint
heaviest(const GPtrArray *conditions)
{
	guint heaviest = 0;

	for (guint i = 0; i < conditions->len; i++) {
		const ConditionResult *each = conditions->pdata[i];

		if (each->matched)
			heaviest = MAX(heaviest, each->weight);
	}
	return heaviest;
}

static void
take_link(Candidate *candidate, const Place *place)
{
	candidate->metric = G_MAXUINT32;
	if (!place->link)
		return;
	candidate->link = place->link->index;
	for (guint i = 0; i < place->network->routes->len; i++) {
		const NetRoute *route = &g_array_index(
			place->network->routes, NetRoute, i);

		if (route->link == place->link->index)
			candidate->metric = MIN(candidate->metric,
						route->metric);
	}
}

static Candidate *
candidate_new(const Profile *profile, const char *fingerprint)
{
	Candidate *candidate = g_new0(Candidate, 1);

	candidate->profile = profile;
	candidate->fingerprint = g_strdup(fingerprint);
	candidate->conditions = g_ptr_array_new_with_free_func(result_free);
	return candidate;
}

void
candidate_free(Candidate *candidate)
{
	if (!candidate)
		return;
	g_free(candidate->fingerprint);
	g_ptr_array_unref(candidate->conditions);
	g_free(candidate);
}

static Candidate *
match_link(const Profile *profile, const Fingerprint *fingerprint,
	   const Place *place)
{
	Candidate *candidate = candidate_new(profile, fingerprint->name);

	for (guint i = 0; i < fingerprint->conditions->len; i++)
		g_ptr_array_add(candidate->conditions,
				hold(fingerprint->conditions->pdata[i],
				     place));
	if (fingerprint->any)
		judge_any(candidate);
	else
		judge_all(candidate, fingerprint);
	candidate->strength = heaviest(candidate->conditions);
	take_link(candidate, place);
	return candidate;
}

static gboolean
fits_better(const Candidate *one, const Candidate *than)
{
	if (one->matched != than->matched)
		return one->matched;
	if (one->possible != than->possible)
		return one->possible;
	if (one->score != than->score)
		return one->score > than->score;
	return one->metric < than->metric;
}

Candidate *
profile_match(const Profile *profile, const Fingerprint *fingerprint,
	      const NetworkState *network)
{
	Place place = { .network = network };
	Candidate *best = NULL;

	for (guint i = 0; i < network->links->len; i++) {
		Candidate *candidate;

		place.link = &g_array_index(network->links, NetLink, i);
		if (!place.link->up || place.link->type == LINK_LOOPBACK)
			continue;
		candidate = match_link(profile, fingerprint, &place);
		if (best && !fits_better(candidate, best)) {
			candidate_free(candidate);
			continue;
		}
		candidate_free(best);
		best = candidate;
	}
	place.link = NULL;
	return best ? best : match_link(profile, fingerprint, &place);
}

Candidate *
profile_match_fallback(const Profile *profile, const NetworkState *network)
{
	Candidate *candidate = candidate_new(profile, "");
	const NetRoute *route = network_state_default(network);

	candidate->fallback = TRUE;
	candidate->matched = route != NULL;
	candidate->link = route ? route->link : 0;
	candidate->metric = route ? route->metric : G_MAXUINT32;
	return candidate;
}
