// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * When a change of the network is believed, and how long a choice by hand
 * holds. Pure: time is a parameter, in milliseconds of a clock that counts
 * sleep (CLOCK_BOOTTIME) for settling and in Unix seconds for pins. The
 * engine notes each change, arms its one timer for settle_due(), and takes
 * what then holds.
 */
#ifndef MASQMAIL_ENGINE_SETTLE_H
#define MASQMAIL_ENGINE_SETTLE_H

#include <glib.h>

#define SETTLE_QUIET_KNOWN_MS 100     /* a known place, complete */
#define SETTLE_QUIET_MS 1000          /* anything else */
#define SETTLE_AWAITED_MS 2100        /* a sign that is yet to be told */
/*
 * Soon after the last switch: longer than for a known place, yet short
 * enough that mail is on its way within 1.5 s of a default route.
 */
#define SETTLE_QUIET_FLAPPING_MS 1000
#define SETTLE_FLAPPING_MS 10000      /* how long "soon" is */
#define SETTLE_CHURN_MS 10000         /* then what holds counts */

typedef struct {
	gboolean pending;     /* a change was noted and not settled yet */
	gint64 first_change;  /* ms: of those not settled yet */
	gint64 last_change;   /* ms */
	gboolean switched;    /* a switch happened since the start */
	gint64 last_switch;   /* ms */
} Settle;

/* Nothing pending, no switch yet; a zeroed Settle is the same. */
void settle_init(Settle *settle);

/* The network changed at @now_ms. */
void settle_note(Settle *settle, gint64 now_ms);

/*
 * When what holds may be believed (ms, may be in the past), or -1 when
 * nothing is pending. @complete: the network is usable and every condition
 * of a known fingerprint is met (ProfileChoice.complete). @awaited: a known
 * place would fit, were the gateway's MAC told (ProfileChoice.awaited); that
 * is worth a longer wait, but not for ever.
 */
gint64 settle_due(const Settle *settle, gboolean complete,
		  gboolean awaited);

/*
 * The present state was taken at @now_ms. @switched: it made another
 * profile active than before, other than by going offline (which is no
 * arrival, and must not slow the next one).
 */
void settle_done(Settle *settle, gboolean switched, gint64 now_ms);

typedef enum {
	PIN_NONE,
	PIN_UNTIL_NETWORK, /* until another place is settled */
	PIN_UNTIL_TIME,
	PIN_UNTIL_CHANGED, /* by hand */
} PinKind;

typedef struct {
	PinKind kind;
	char *profile; /* "" when PIN_NONE */
	gint64 until;  /* Unix seconds, PIN_UNTIL_TIME */
	char *place;   /* network_state_place() when pinned; may be "" */
} Pin;

/* (transfer full) */
Pin *pin_new(PinKind kind, const char *profile, gint64 until,
	     const char *place);
void pin_free(Pin *pin);

/*
 * Whether @pin (nullable) still holds at @now (Unix seconds) in a settled
 * @place. Having no network (@place "") is no other place: a pin outlives
 * sleep and a pulled cable; made without one, it holds until the first.
 */
gboolean pin_holds(const Pin *pin, const char *place, gint64 now);

/* When it ends by itself (Unix seconds), 0 when by no clock. */
gint64 pin_ends(const Pin *pin);

/* (transfer full). "until the network changes", "until 15:04", ... */
char *pin_describe(const Pin *pin);

/* The small text that is kept in the state directory, and back. */
char *pin_to_text(const Pin *pin);           /* (transfer full) */
Pin *pin_from_text(const char *text);        /* (nullable) if broken */

/* Words of the wire: "network", "time", "changed", "none". */
const char *pin_kind_name(PinKind kind);
gboolean pin_kind_from_name(const char *name, PinKind *ret_kind);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Pin, pin_free)

#endif
