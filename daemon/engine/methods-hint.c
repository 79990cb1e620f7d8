// SPDX-License-Identifier: GPL-2.0-or-later
/* Hint as a script says it: hints.c has what the helper says. */
#include "common/text.h"
#include "daemon/engine/methods.h"
#include "daemon/engine/place.h"

#define MAX_WHERE 200 /* characters of a sign-in page's address */

static void
hint_portal(Place *place, GVariant *hints)
{
	g_autofree char *clean = NULL;
	const char *where = "", *word;

	if (!g_variant_lookup(hints, "connectivity", "&s", &word))
		return;
	g_variant_lookup(hints, "portal-at", "&s", &where);
	clean = text_harmless_clipped(where, MAX_WHERE);
	if (g_str_equal(word, "portal"))
		place_hint_portal(place, TRUE, clean);
	else if (g_str_equal(word, "full"))
		place_hint_portal(place, FALSE, clean);
}

void
methods_hint_by_hand(Connection *connection, guint32 serial, GVariant *hints)
{
	Place *place = connection->engine->place;
	gboolean metered;

	hint_portal(place, hints);
	if (g_variant_lookup(hints, "metered", "b", &metered))
		place_hint_metered(place, metered);
	connection_reply(connection, "Hint", serial, g_variant_new("()"));
}
