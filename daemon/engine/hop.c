// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/hop.h"

#include <string.h>

const char *
hop_domain(const char *address)
{
	const char *at = strrchr(address, '@');

	return at ? at + 1 : "";
}

/* As g_str_hash, but of lower case: the domain stands in an address. */
guint
hop_hash(gconstpointer key)
{
	const Hop *hop = key;
	guint hash = g_str_hash(hop->route);

	for (const char *at = hop->domain; *at; at++)
		hash = hash * 33 + g_ascii_tolower(*at);
	return hash;
}

gboolean
hop_equal(gconstpointer one, gconstpointer other)
{
	const Hop *a = one, *b = other;

	return g_str_equal(a->route, b->route) &&
	       g_ascii_strcasecmp(a->domain, b->domain) == 0;
}

Hop *
hop_copy(const Hop *hop)
{
	Hop *copy = g_new(Hop, 1);

	copy->route = g_strdup(hop->route);
	copy->domain = g_ascii_strdown(hop->domain, -1);
	return copy;
}

void
hop_free(Hop *hop)
{
	if (!hop)
		return;
	g_free((char *)hop->route);
	g_free((char *)hop->domain);
	g_free(hop);
}
