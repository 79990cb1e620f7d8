// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Hint as scripts and mservdetect say it, and Online. What the desktop's
 * helper says is in hints.c.
 */
#include "common/text.h"
#include "daemon/engine/methods.h"
#include "daemon/engine/online.h"
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
	const char *word, *why = "";
	gboolean metered;

	g_variant_lookup(hints, "why", "&s", &why);
	if (g_variant_lookup(hints, "online", "&s", &word))
		online_answered(connection, word, why);
	hint_portal(place, hints);
	if (g_variant_lookup(hints, "metered", "b", &metered))
		place_hint_metered(place, metered);
	connection_reply(connection, "Hint", serial, g_variant_new("()"));
}

void
method_online(Connection *connection, guint32 serial, GVariant *in)
{
	Engine *engine = connection->engine;
	g_autoptr(GError) error = NULL;
	const char *name;

	g_variant_get(in, "(&s)", &name);
	if (*name && !place_check_profile(engine->place, name, &error)) {
		connection_fail(connection, "Online", serial, "5.1.0", "%s",
				error->message);
		return;
	}
	events_add(engine->events, "online", FALSE, NULL, NULL,
		   *name ? "a script says: %s%s" : "%sno script says more%s",
		   *name && !g_str_equal(name, PROFILE_OFFLINE) ? "online as "
								 : "",
		   name);
	online_tell(place_online(engine->place), name);
	connection_reply(connection, "Online", serial, g_variant_new("()"));
}
