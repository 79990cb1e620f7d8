// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A next hop, as schedule and facts tell them apart: the smart host of a
 * route, or of a direct route each domain that mail goes to. One that is
 * dead never delays another. Pure. Knows alone which part of an address
 * names the hop, and that upper and lower case are alike there.
 */
#ifndef MASQMAIL_ENGINE_HOP_H
#define MASQMAIL_ENGINE_HOP_H

#include <glib.h>

typedef struct {
	const char *route;
	const char *domain; /* "" of a smart host */
} Hop;

/*
 * What follows the last "@" of @address, "" when there is none.
 * (transfer none)
 */
const char *hop_domain(const char *address);

/* For tables with keys of Hop. */
guint hop_hash(gconstpointer hop);
gboolean hop_equal(gconstpointer one, gconstpointer other);

/* (transfer full). With strings of its own, for hop_free. */
Hop *hop_copy(const Hop *hop);
void hop_free(Hop *hop);

#endif
