// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is asked of the place, and what is said of it by hand.
 */
#include <string.h>

#include "common/config.h"
#include "common/text.h"
#include "daemon/engine/hints.h"
#include "daemon/engine/place-private.h"

/* --- by hand -------------------------------------------------------------- */

gboolean
place_check_profile(const Place *place, const char *name, GError **error)
{
	GPtrArray *profiles = place->engine->settings->profiles;
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	const char *nearest;

	if (g_str_equal(name, PROFILE_OFFLINE) ||
	    profile_find(profiles, name))
		return TRUE;
	for (guint i = 0; i < profiles->len; i++)
		g_ptr_array_add(names,
				((Profile *)profiles->pdata[i])->name);
	g_ptr_array_add(names, (gpointer)PROFILE_OFFLINE);
	g_ptr_array_add(names, NULL);
	nearest = text_nearest(name, (const char *const *)names->pdata);
	g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_VALUE,
		    "There is no profile %s%s%s%s", name,
		    nearest ? "; did you mean " : "", nearest ? nearest : "",
		    nearest ? "?" : ".");
	return FALSE;
}

gboolean
place_pin(Place *place, const char *profile, PinKind kind, gint64 seconds,
	  GError **error)
{
	gint64 until = kind == PIN_UNTIL_TIME ? engine_now() + seconds : 0;

	if (!place_check_profile(place, profile, error))
		return FALSE;
	place_set_pin(place, pin_new(kind, profile, until, place->place));
	g_free(place->last_chosen);
	place->last_chosen = g_strdup(profile);
	place_keep(place, LAST_FILE, profile);
	place_take(place, FALSE);
	return TRUE;
}

void
place_unpin(Place *place)
{
	place_set_pin(place, NULL);
	place_take(place, FALSE);
}

/* --- learned networks ----------------------------------------------------- */

gboolean
place_learn(Place *place, KnownNetwork *known, GError **error)
{
	if (!known_store_add(place->known, known, error))
		return FALSE;
	place_take(place, FALSE);
	return TRUE;
}

gboolean
place_forget(Place *place, const char *name, GError **error)
{
	if (!known_store_forget(place->known, name, error))
		return FALSE;
	/* What is no more was not left. */
	g_clear_pointer(&place->visiting, g_free);
	place_take(place, FALSE);
	return TRUE;
}

gboolean
place_rename(Place *place, const char *name, const char *to, GError **error)
{
	g_autofree char *key = known_visit_key("", name, TRUE);

	if (!known_store_rename(place->known, name, to, error))
		return FALSE;
	/* The same visit goes on under another name. */
	if (g_strcmp0(place->visiting, key) == 0) {
		g_free(place->visiting);
		place->visiting = known_visit_key("", to, TRUE);
	}
	place_take(place, FALSE);
	return TRUE;
}

GPtrArray *
place_clashes(const Place *place, const KnownNetwork *fresh)
{
	const ProfileInput input = place_input(place, NULL);

	return known_clashes(fresh, &input);
}

KnownStore *
place_known(const Place *place)
{
	return place->known;
}

/* --- asking --------------------------------------------------------------- */

Online *
place_online(const Place *place)
{
	return place->online;
}

void
place_mail_waits(Place *place)
{
	online_mail_waits(place->online);
}

const char *
place_profile(const Place *place)
{
	return place->profile;
}

const ProfileChoice *
place_choice(const Place *place)
{
	return place->choice;
}

gboolean
place_is_settling(const Place *place)
{
	return place->settle.pending;
}

const NetworkState *
place_network(const Place *place)
{
	return netwatch_state(place->watch);
}

const Pin *
place_pin_now(const Place *place)
{
	return place->pin;
}

gint64
place_arrived(const Place *place)
{
	return place->arrived;
}

gint64
place_switched(const Place *place)
{
	return place->switched;
}

gint64
place_settled_in(const Place *place)
{
	return place->settled_in;
}

const char *
place_before(const Place *place)
{
	return place->before;
}
