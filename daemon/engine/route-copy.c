// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The sender's own copy is a recipient that waits for the others: it is a
 * copy of mail that was sent.
 */
#include "daemon/engine/route.h"

static gboolean
is_copy(const Recipient *recipient)
{
	const char *by = recipient_option(recipient, ROUTE_BY);

	return g_strcmp0(by, ROUTE_BY_SENT) == 0 ||
	       g_strcmp0(by, ROUTE_BY_ARCHIVE) == 0;
}

RouteSent
route_sent_copy(const Message *message, const Recipient *recipient)
{
	RouteSent sent = ROUTE_SENT_NOT;

	if (g_strcmp0(recipient_option(recipient, ROUTE_BY), ROUTE_BY_SENT))
		return ROUTE_SENT_NO_COPY;
	for (guint i = 0; i < message->recipients->len; i++) {
		const Recipient *other = message->recipients->pdata[i];

		if (is_copy(other))
			continue;
		if (other->state == RECIPIENT_WAITING ||
		    other->state == RECIPIENT_ACTIVE)
			return ROUTE_SENT_LATER;
		/* What became others has no status of its own. */
		if (other->state == RECIPIENT_DELIVERED && other->status)
			sent = ROUTE_SENT_NOW;
	}
	return sent;
}
