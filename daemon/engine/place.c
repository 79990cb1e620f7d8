// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/place.h"

#include <string.h>

#include "common/config.h"
#include "common/log.h"
#include "common/text.h"
#include "daemon/engine/place-private.h"

static gint64
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- what is kept --------------------------------------------------------- */

static char *
state_file(const Place *place, const char *name)
{
	return g_build_filename(place->engine->paths->state, name, NULL);
}

void
place_keep(const Place *place, const char *name, const char *text)
{
	g_autofree char *path = state_file(place, name);
	g_autoptr(GError) error = NULL;

	if (!g_file_set_contents_full(path, text, -1,
				      G_FILE_SET_CONTENTS_CONSISTENT, 0600,
				      &error))
		log_problem("state", 0, "%s", error->message);
}

static char *
recall(const Place *place, const char *name)
{
	g_autofree char *path = state_file(place, name);
	char *text = NULL;

	g_file_get_contents(path, &text, NULL, NULL);
	return text;
}

void
place_set_pin(Place *place, Pin *pin)
{
	g_autofree char *text = pin ? pin_to_text(pin) : g_strdup("");

	pin_free(place->pin);
	place->pin = pin;
	place_keep(place, PIN_FILE, text);
}

/* --- choosing ------------------------------------------------------------- */

ProfileInput
place_input(const Place *place, const char *pinned)
{
	const char *by = "";
	const char *said = online_said(place->online, &by);

	return (ProfileInput){
		.said = said,
		.said_by = by,
		.network = netwatch_state(place->watch),
		.profiles = place->engine->settings->profiles,
		.known = known_store_networks(place->known),
		.pin = pinned,
		.last_chosen = place->last_chosen,
	};
}

static ProfileChoice *
choose(const Place *place, const char *pinned)
{
	const ProfileInput input = place_input(place, pinned);

	return profile_choose(&input);
}

ProfileChoice *
place_suppose(const Place *place, const char *profile)
{
	return choose(place, profile);
}

/* Before anything is settled: offline, and that is why. */
static ProfileChoice *
choose_nothing(const Place *place)
{
	ProfileChoice *choice = choose(place, PROFILE_OFFLINE);

	g_ptr_array_set_size(choice->why, 0);
	g_ptr_array_add(choice->why,
			g_strdup("The network is still being looked at."));
	return choice;
}

static void
drop_ended_pin(Place *place)
{
	if (!place->pin ||
	    pin_holds(place->pin, place->place, engine_now()))
		return;
	events_add(place->engine->events, "profile", FALSE, NULL, NULL,
		   "the choice of %s has ended, following the network again",
		   place->pin->profile);
	place_set_pin(place, NULL);
}

static void
set_choice(Place *place, ProfileChoice *choice)
{
	profile_choice_free(place->choice);
	place->choice = choice;
	g_free(place->profile);
	place->profile = g_strdup(choice->profile);
}

/* The key of the place as it looks, whatever was chosen; (nullable). */
static char *
visit_key(const Place *place)
{
	const GPtrArray *candidates = place->choice->candidates;
	const Candidate *candidate =
		candidates->len ? candidates->pdata[0] : NULL;

	if (!candidate || !candidate->matched || candidate->fallback)
		return NULL;
	return known_visit_key(candidate->profile->name, candidate->fingerprint,
			       candidate->learned);
}

/* A known place was entered or left: only then something is written. */
static void
note_visit(Place *place)
{
	g_autofree char *key = visit_key(place);

	if (g_strcmp0(key, place->visiting) == 0)
		return;
	if (place->visiting)
		known_store_visit(place->known, place->visiting, FALSE,
				  engine_now());
	if (key)
		known_store_visit(place->known, key, TRUE, engine_now());
	g_free(place->visiting);
	place->visiting = g_steal_pointer(&key);
}

static void arm(Place *place);

static void
tell_switch(const Place *place)
{
	const ProfileChoice *choice = place->choice;
	g_autofree char *where =
		network_state_describe(netwatch_state(place->watch));

	events_add(place->engine->events, "profile", FALSE, NULL, NULL,
		   "%s -> %s (%s): %s", place->before, choice->profile,
		   where,
		   choice->why->len ? (char *)choice->why->pdata[0] : "");
}

/* Take what holds now. @network: the network itself was settled anew. */
void
place_take(Place *place, gboolean network)
{
	const NetworkState *state = netwatch_state(place->watch);
	g_autofree char *here = network_state_place(state);
	g_autofree char *was = g_strdup(place->profile);
	gboolean moved, switched;

	moved = network && !network_place_same(place->place, here);
	/* The same place, of which more is known: its gateway's MAC. */
	if (network || network_place_same(place->place, here)) {
		g_free(place->place);
		place->place = g_steal_pointer(&here);
	}
	if (moved)
		portal_arrive(&place->portal);
	else
		portal_note_signal(&place->portal);
	drop_ended_pin(place);
	set_choice(place, choose(place, place->pin ? place->pin->profile
						   : NULL));
	switched = !g_str_equal(was, place->profile);
	/* A container's link or a renewed lease is no arrival. */
	if ((moved || switched) && network_state_usable(state))
		place->arrived = engine_now();
	if (switched) {
		g_free(place->before);
		place->before = g_steal_pointer(&was);
		place->switched = engine_now();
		tell_switch(place);
	}
	if (network) {
		place->settled_in = now_ms() - place->settle.first_change;
		settle_done(&place->settle,
			    switched && place->choice->active, now_ms());
	}
	note_visit(place);
	if (network)
		online_ask(place->online);
	engine_place_changed(place->engine, switched || moved);
	arm(place);
}

static gboolean
on_timer(gpointer data)
{
	Place *place = data;

	place->timer = 0;
	if (place->settle.pending)
		place_take(place, TRUE);
	else
		place_take(place, FALSE);
	return G_SOURCE_REMOVE;
}

/* The one timer: the end of settling, else of a pin that has one. */
static void
arm(Place *place)
{
	gint64 wait = -1, ends = place->pin ? pin_ends(place->pin) : 0;

	g_clear_handle_id(&place->timer, g_source_remove);
	if (place->settle.pending) {
		g_autoptr(ProfileChoice) would = choose(place, NULL);

		wait = settle_due(&place->settle, would->complete,
				  would->awaited) - now_ms();
	} else if (ends) {
		wait = (ends - engine_now()) * 1000;
	}
	if (place->settle.pending || ends)
		place->timer = g_timeout_add(CLAMP(wait, 0, G_MAXINT),
					     on_timer, place);
}

static void
on_network(const NetworkState *state, NetworkChange change, gpointer data)
{
	Place *place = data;

	if (change == NETWORK_ROAMED) {
		g_autofree char *where = network_state_describe(state);

		events_add(place->engine->events, "roam", FALSE, NULL, NULL,
			   "%s moved to another access point, the profile "
			   "stays", where);
	}
	if (change == NETWORK_CHANGED) {
		settle_note(&place->settle, now_ms());
		arm(place);
		engine_place_changed(place->engine, FALSE);
	} else if (place->settle.pending) {
		/* It may be complete now; it is not less quiet for it. */
		arm(place);
	} else {
		place_take(place, FALSE);
	}
}

static void
on_word(gpointer data)
{
	Place *place = data;

	/* While it is being built nothing is chosen yet. */
	if (place->choice)
		place_take(place, FALSE);
}

/* --- life ----------------------------------------------------------------- */

Place *
place_new(Engine *engine, GError **error)
{
	Place *place = g_new0(Place, 1);
	g_autofree char *pin = NULL;

	place->engine = engine;
	place->place = g_strdup("");
	place->before = g_strdup(PROFILE_OFFLINE);
	place->known = known_store_new(engine->paths->state);
	place->online = online_new(engine, on_word, place);
	place->watch = netwatch_new(on_network, place, error);
	if (!place->watch) {
		place_free(place);
		return NULL;
	}
	pin = recall(place, PIN_FILE);
	if (pin && *pin)
		place->pin = pin_from_text(pin);
	place->last_chosen = recall(place, LAST_FILE);
	settle_init(&place->settle);
	settle_note(&place->settle, now_ms());
	/* What a pin says holds from the first moment. */
	set_choice(place, place->pin ? choose(place, place->pin->profile)
				     : choose_nothing(place));
	arm(place);
	return place;
}

void
place_free(Place *place)
{
	if (!place)
		return;
	g_clear_handle_id(&place->timer, g_source_remove);
	if (place->visiting)
		known_store_visit(place->known, place->visiting, FALSE,
				  engine_now());
	profile_choice_free(place->choice);
	if (place->watch)
		netwatch_free(place->watch);
	pin_free(place->pin);
	portal_clear(&place->portal);
	online_free(place->online);
	known_store_free(place->known);
	g_free(place->visiting);
	g_free(place->profile);
	g_free(place->last_chosen);
	g_free(place->place);
	g_free(place->before);
	g_free(place);
}

void
place_forget_choice(Place *place)
{
	g_clear_pointer(&place->choice, profile_choice_free);
}

void
place_reconfigured(Place *place)
{
	online_configure(place->online);
	place_take(place, FALSE);
}

void
place_hinted(Place *place)
{
	place_follow_hints(place);
	place_take(place, FALSE);
}

void
place_set_domains(Place *place, const char *const *domains)
{
	netwatch_set_domains(place->watch, domains);
}

void
place_resumed(Place *place)
{
	netwatch_refresh(place->watch);
	/* Wherever this is: it is an arrival. */
	g_free(place->place);
	place->place = g_strdup("");
	settle_note(&place->settle, now_ms());
	arm(place);
}
