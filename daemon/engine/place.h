// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where we are: the shell around netwatch, settle and profile. It feeds the
 * pure decisions with the kernel's news and the time, keeps the pin, and
 * says when another profile holds. The one owner of the present choice.
 */
#ifndef MASQMAIL_ENGINE_PLACE_H
#define MASQMAIL_ENGINE_PLACE_H

#include "daemon/engine/engine.h"
#include "daemon/engine/known-store.h"
#include "daemon/engine/route.h"
#include "daemon/engine/settle.h"

/* Watch the network and settle on what holds. */
Place *place_new(Engine *engine, GError **error);
void place_free(Place *place);

/*
 * The configuration is about to be another: the choice points into the old
 * one. Call place_reconfigured next, before anything is asked.
 */
void place_forget_choice(Place *place);
/* The configuration is another: choose anew, at once. */
void place_reconfigured(Place *place);

/* What hints.h says is another: follow it. */
void place_hinted(Place *place);

/* Search domains beside those of resolv.conf. */
void place_set_domains(Place *place, const char *const *domains);

/* The machine slept or the clock was set: treat all as new. */
void place_resumed(Place *place);

/*
 * Pin @profile until the network changes, for @seconds, or until changed.
 * FALSE when there is no such profile; @error says the nearest.
 */
gboolean place_pin(Place *place, const char *profile, PinKind kind,
		   gint64 seconds, GError **error);
/* Follow the network again. */
void place_unpin(Place *place);

/* Whether there is such a profile, or "offline"; else @error says so. */
gboolean place_check_profile(const Place *place, const char *name,
			     GError **error);

/*
 * The networks that were shown to us: keep @known (transfer full), forget
 * or rename one. The choice is made anew.
 */
gboolean place_learn(Place *place, KnownNetwork *known, GError **error);
gboolean place_forget(Place *place, const char *name, GError **error);
gboolean place_rename(Place *place, const char *name, const char *to,
		      GError **error);
/* (transfer full). What @fresh could be confused with: known_clashes(). */
GPtrArray *place_clashes(const Place *place, const KnownNetwork *fresh);
/* For its visits. (transfer none) */
KnownStore *place_known(const Place *place);

/* Name of the active profile, "offline" if there is none. */
const char *place_profile(const Place *place);
/* All about the choice (transfer none), until the next change. */
const ProfileChoice *place_choice(const Place *place);
gboolean place_is_settling(const Place *place);
const NetworkState *place_network(const Place *place);
/* (nullable) */
const Pin *place_pin_now(const Place *place);
/* When this network was settled (Unix seconds), 0: never. */
gint64 place_arrived(const Place *place);
/* When the profile became another (Unix seconds), 0: not since the start. */
gint64 place_switched(const Place *place);
/* How long the last settling took (ms), and the profile before it. */
gint64 place_settled_in(const Place *place);
const char *place_before(const Place *place);

/* Set what of @world depends on the place; its .now is set already. */
void place_fill_world(Place *place, RouteWorld *world);
/* The same of a choice that is only supposed. */
void place_fill_supposed(const Place *place, const ProfileChoice *choice,
			 RouteWorld *world);

/* What others say of it. (transfer none) */
struct Online *place_online(const Place *place);
/* Far mail waits here; a word that we are online is awaited. */
void place_mail_waits(Place *place);

/* --- place-portal.c --- */

/*
 * A worker met a fault before any mail went, with the @sign of Report (or
 * ""). TRUE when it is this network's fault: then blame no route.
 */
gboolean place_note_fault(Place *place, const char *sign,
			  const Status *status);
/* The same of a @sign alone. */
gboolean place_note_sign(Place *place, const char *sign, const char *why);
/* Mail went by @route; or a server proved its name. */
void place_note_good(Place *place, const char *route);
void place_note_proof(Place *place);
/* Somebody wants mail to be tried now. */
void place_note_signal(Place *place);
/* Somebody knows of a sign-in page (@detail: where; nullable), or of none. */
void place_hint_portal(Place *place, gboolean captive, const char *detail);
void place_hint_metered(Place *place, gboolean metered);
/* (nullable): why this network is suspected. */
const char *place_portal(const Place *place);
gboolean place_metered(const Place *place);


/* (transfer full). The choice that would hold, were @profile pinned. */
ProfileChoice *place_suppose(const Place *place, const char *profile);

#endif
