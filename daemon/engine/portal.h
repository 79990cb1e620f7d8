// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whether somebody stands between us and the Internet: a sign-in page that
 * answers for every server, or half a network. Pure; times are Unix
 * seconds. While it is so no route over the network is used but for a probe
 * now and then: one connection for each route that has mail, which sends
 * nothing before the server has proved who it is. Knows alone which signs
 * count, and when it is probed.
 */
#ifndef MASQMAIL_ENGINE_PORTAL_H
#define MASQMAIL_ENGINE_PORTAL_H

#include <glib.h>

/* What a worker met instead of its server; the words of Report's sign. */
typedef enum {
	PORTAL_NO_SIGN,
	PORTAL_NAME,        /* a certificate of somebody else */
	PORTAL_HANDSHAKE,   /* no TLS at all where TLS should be */
	PORTAL_STRIPPED,    /* STARTTLS is not offered */
	PORTAL_CLOSED,      /* the connection was cut before any mail */
	PORTAL_GARBAGE,     /* what answers speaks no SMTP */
	PORTAL_ONE_ADDRESS, /* the DNS answers everything with one address */
} PortalSign;

typedef struct {
	gboolean suspected;
	gboolean proven;  /* a server proved who it is, since we came here */
	gboolean hinted;  /* the network itself, or a script, says so */
	gboolean probing; /* one try is allowed */
	guint probes;     /* that found it shut */
	gint64 next;      /* when it is probed again */
	char *why;        /* a sentence; NULL when not suspected */
} Portal;

void portal_clear(Portal *portal);

/* We came to another place: nothing is known of it. */
void portal_arrive(Portal *portal);

/*
 * A worker met @sign (its @detail is a sentence) at @now; any fault while
 * the place is suspected says that it still is. TRUE when it is the place's
 * fault: the caller then blames no route. @trusted: the place is
 * one we know and trust, so that a wrong certificate is what it seems.
 */
gboolean portal_note_sign(Portal *portal, PortalSign sign, gboolean trusted,
			  const char *detail, gint64 now);

/* A server proved who it is. TRUE if that ends a suspicion. */
gboolean portal_note_proof(Portal *portal);

/*
 * Somebody who should know says that there is a portal, with @detail
 * (nullable), or that there is none. TRUE when that changes anything.
 */
gboolean portal_note_hint(Portal *portal, gboolean captive,
			  const char *detail, gint64 now);

/* Something happened that may have opened it: probe at once. */
void portal_note_signal(Portal *portal);

/* Whether routes are to wait now; begins a probe when one is due. */
gboolean portal_is_shut(Portal *portal, gint64 now);

/* "name", "one-address", ...; unknown words are PORTAL_NO_SIGN. */
PortalSign portal_sign_from_name(const char *name);

#endif
