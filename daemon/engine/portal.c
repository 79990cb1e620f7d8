// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/portal.h"

/* After so many seconds it is probed again; the last one repeats. */
static const guint intervals[] = { 30, 60, 120, 300 };

static const char *const names[] = {
	[PORTAL_NO_SIGN] = "",
	[PORTAL_NAME] = "name",
	[PORTAL_HANDSHAKE] = "handshake",
	[PORTAL_STRIPPED] = "stripped",
	[PORTAL_CLOSED] = "closed",
	[PORTAL_GARBAGE] = "garbage",
	[PORTAL_ONE_ADDRESS] = "one-address",
};

PortalSign
portal_sign_from_name(const char *name)
{
	for (PortalSign sign = PORTAL_NAME; sign <= PORTAL_ONE_ADDRESS; sign++)
		if (g_str_equal(names[sign], name))
			return sign;
	return PORTAL_NO_SIGN;
}

void
portal_clear(Portal *portal)
{
	g_free(portal->why);
	*portal = (Portal){ 0 };
}

void
portal_arrive(Portal *portal)
{
	portal_clear(portal);
}

/*
 * Where a server has proved itself since we came, another that does not is
 * at fault itself; and at a trusted place nobody answers for others. That
 * all names have one address is a portal anywhere.
 */
static gboolean
is_telling(const Portal *portal, PortalSign sign, gboolean trusted)
{
	switch (sign) {
	case PORTAL_NO_SIGN:
		return FALSE;
	case PORTAL_ONE_ADDRESS:
		return TRUE;
	case PORTAL_NAME:
	case PORTAL_HANDSHAKE:
	case PORTAL_STRIPPED:
	case PORTAL_CLOSED:
	case PORTAL_GARBAGE:
		return portal->hinted || (!portal->proven && !trusted);
	}
	return FALSE;
}

static const char *
sentence_of(PortalSign sign)
{
	if (sign == PORTAL_ONE_ADDRESS)
		return "Its name service answers every question with the "
		       "same address.";
	return "Since we came here no mail server could prove who it is.";
}

static void
suspect(Portal *portal, char *why, gint64 now)
{
	guint step = MIN(portal->probes, G_N_ELEMENTS(intervals) - 1);

	portal->suspected = TRUE;
	portal->probing = FALSE;
	portal->next = now + intervals[step];
	portal->probes++;
	g_free(portal->why);
	portal->why = why;
}

gboolean
portal_note_sign(Portal *portal, PortalSign sign, gboolean trusted,
		 const char *detail, gint64 now)
{
	if (!portal->suspected && !is_telling(portal, sign, trusted))
		return FALSE;
	/* Two routes that probe at once are one probe. */
	if (portal->suspected && !portal->probing &&
	    sign != PORTAL_ONE_ADDRESS)
		return TRUE;
	/* The probe got nowhere, by whoever's fault. */
	if (sign == PORTAL_NO_SIGN) {
		suspect(portal, g_steal_pointer(&portal->why), now);
		return TRUE;
	}
	/* What comes after the fault says more of the same probe. */
	if (portal->suspected && !portal->probing)
		portal->probes--;
	suspect(portal,
		g_strdup_printf("This network answers in place of mail "
				"servers: perhaps it wants a sign-in in the "
				"browser first. %s %s",
				sentence_of(sign), detail),
		now);
	return TRUE;
}

gboolean
portal_note_proof(Portal *portal)
{
	gboolean was = portal->suspected;

	portal_clear(portal);
	portal->proven = TRUE;
	return was;
}

gboolean
portal_note_hint(Portal *portal, gboolean captive, const char *detail,
		 gint64 now)
{
	gboolean was = portal->hinted;

	portal->hinted = captive;
	if (!captive) {
		portal_note_signal(portal);
		return was || portal->suspected;
	}
	if (was && portal->suspected)
		return FALSE;
	portal->probes = 0;
	suspect(portal,
		g_strdup_printf("This network wants a sign-in in the browser "
				"first%s%s.",
				detail && *detail ? ": " : "",
				detail ? detail : ""),
		now);
	return TRUE;
}

void
portal_note_signal(Portal *portal)
{
	if (portal->suspected)
		portal->probing = TRUE;
}

gboolean
portal_is_shut(Portal *portal, gint64 now)
{
	/* A clock that was set back makes no wait longer than the longest. */
	if (portal->suspected &&
	    (now >= portal->next ||
	     portal->next - now > intervals[G_N_ELEMENTS(intervals) - 1]))
		portal->probing = TRUE;
	return portal->suspected && !portal->probing;
}
