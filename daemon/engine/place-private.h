// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What place.c (the choice and its time) and place-ask.c (what people say
 * and ask) share.
 */
#ifndef MASQMAIL_ENGINE_PLACE_PRIVATE_H
#define MASQMAIL_ENGINE_PLACE_PRIVATE_H

#include "daemon/engine/known-store.h"
#include "daemon/engine/netwatch.h"
#include "daemon/engine/online.h"
#include "daemon/engine/place.h"
#include "daemon/engine/portal.h"

#define PIN_FILE "pin"
#define LAST_FILE "last-chosen"

struct Place {
	Engine *engine;
	Netwatch *watch;
	Settle settle;
	guint timer;        /* of settling, or of the pin's end */
	ProfileChoice *choice;
	char *profile;      /* name of the active one, as chosen last */
	Pin *pin;           /* (nullable) */
	char *last_chosen;  /* by hand; (nullable) */
	char *place;        /* network_state_place() as settled */
	char *before;       /* profile before the last switch */
	gint64 arrived;     /* Unix seconds */
	gint64 switched;    /* Unix seconds */
	gint64 settled_in;  /* ms */
	Online *online;     /* what others say of it */
	Portal portal;      /* of this place */
	gboolean metered;   /* as somebody said */
	KnownStore *known;  /* learned networks, and visits */
	char *visiting;     /* key of the place we are at; (nullable) */
};

/* What the desktop says of a portal. */
void place_follow_hints(Place *place);

/* Write a small file of the state directory. */
void place_keep(const Place *place, const char *name, const char *text);

/* @pin (transfer full) (nullable). Kept over a restart. */
void place_set_pin(Place *place, Pin *pin);

/* What a choice is made of, now. */
ProfileInput place_input(const Place *place, const char *pinned);

/* Take what holds now. @network: the network itself was settled anew. */
void place_take(Place *place, gboolean network);

#endif
