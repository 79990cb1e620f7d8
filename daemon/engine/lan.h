// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Service for the machines beside us: entries lan:PORT of Listen=. Bound to
 * our private addresses on links that deserve it, while the place is
 * trusted and settled; closed at the first sign that it is left. Knows
 * alone who counts as a neighbour.
 */
#ifndef MASQMAIL_ENGINE_LAN_H
#define MASQMAIL_ENGINE_LAN_H

#include "daemon/engine/engine.h"
#include "daemon/engine/peer.h"

typedef struct Lan Lan;

Lan *lan_new(Engine *engine);
void lan_free(Lan *lan);

/* The place, or the configuration, is another: open and close. */
void lan_follow(Lan *lan);

/* The listeners were closed by others: open them again at the next look. */
void lan_forget(Lan *lan);

/* Whether @entry of Listen= is of the LAN. */
gboolean lan_is_entry(const char *entry);

/*
 * Whether @peer may be served now, and may have its mail relayed: it is in
 * the subnet of one of our private addresses, and the place is trusted. A
 * user's own agent relays for nobody.
 */
gboolean lan_serves(const Lan *lan, const PeerAddress *peer);

#endif
