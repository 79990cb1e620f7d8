// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the optional helper "bus" was told by the desktop: that the machine
 * is about to sleep, that a portal stands before the Internet, that the
 * network is paid by volume, which search domains a link has. They add to
 * what the kernel says and never overrule it; without the helper all of
 * them are unknown. Starts the helper, and knows when it may go on.
 */
#ifndef MASQMAIL_ENGINE_HINTS_H
#define MASQMAIL_ENGINE_HINTS_H

#include "daemon/engine/server.h"

/* How long sleep is held back for deliveries; logind allows 5 s. */
#define HINTS_SLEEP_MS 4000
#define HINTS_MAX_DOMAINS 16
/* A sleep that never ends (a lost word) is believed for so long. */
#define HINTS_ASLEEP_MS 30000

typedef enum {
	HINT_UNKNOWN,
	HINT_NONE,
	HINT_PORTAL,
	HINT_LIMITED,
	HINT_FULL,
} HintConnectivity;

typedef struct Hints Hints;

Hints *hints_new(Engine *engine);
void hints_free(Hints *hints);

/* Ask for the helper, unless it runs; where it is not installed nothing. */
void hints_start(Hints *hints);

HintConnectivity hints_connectivity(const Hints *hints);
/* Whether bytes cost money here, as far as is known. */
gboolean hints_metered(const Hints *hints);
/* The machine is about to sleep: nothing far is begun any more. */
gboolean hints_asleep(const Hints *hints);

/* What is known, as sentences for people: "as", floating. */
GVariant *hints_sentences(const Hints *hints);

/* The clock jumped or a new place is here: we are awake. */
void hints_awake(Hints *hints);

/* A job has ended; if it was the last that sleep waits for, let it come. */
void hints_job_ended(Hints *hints);

/* From the server: this connection has ended; is it the helper's? */
void hints_connection_lost(Connection *connection);

#endif
