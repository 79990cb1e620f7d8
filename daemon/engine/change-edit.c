// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What an owner changes of the envelope while the message waits. Edits are
 * one record each: who comes, who goes and a new sender hold together.
 */
#include "daemon/engine/change-edit.h"

#include "common/address.h"
#include "daemon/engine/route.h"

/* The recipient who still waits for the mail at @address. */
static Recipient *
find_waiting(const Message *message, const char *address)
{
	for (guint i = 0; i < message->recipients->len; i++) {
		Recipient *recipient = message->recipients->pdata[i];

		if (recipient->state == RECIPIENT_WAITING &&
		    address_equal(recipient->address, address))
			return recipient;
	}
	return NULL;
}

static gboolean
fits(const Message *message, const Action *action)
{
	guint added = 0;

	for (guint i = 0; i < action->children->len; i++) {
		const Recipient *child = action->children->pdata[i];

		if (child->state != RECIPIENT_REMOVED)
			added++;
		else if (!find_waiting(message, child->address))
			return FALSE;
	}
	return message->recipients->len + added <= MESSAGE_MAX_RECIPIENTS;
}

gboolean
change_edited(Message *message, const Action *action)
{
	if (!fits(message, action))
		return FALSE;
	for (guint i = 0; i < action->children->len; i++) {
		const Recipient *child = action->children->pdata[i];
		Recipient *gone = NULL;

		if (child->state == RECIPIENT_REMOVED)
			gone = find_waiting(message, child->address);
		if (gone)
			gone->state = RECIPIENT_REMOVED;
		else if (child->state == RECIPIENT_WAITING)
			g_ptr_array_add(message->recipients,
					recipient_copy(child));
	}
	if (!g_str_equal(action->key, CHANGE_SENDER))
		return TRUE;
	g_free(message->sender);
	message->sender = g_strdup(action->value);
	return TRUE;
}

/* A wait that was asked for stays; one for a retry by the old way ends. */
gboolean
change_rerouted(Message *message, const Action *action)
{
	message_set_option(message, ROUTE_ASKED, action->value);
	for (guint i = 0; i < message->recipients->len; i++) {
		Recipient *recipient = message->recipients->pdata[i];

		if (recipient->state == RECIPIENT_WAITING &&
		    recipient->last_try)
			recipient->next_try = 0;
	}
	return TRUE;
}
