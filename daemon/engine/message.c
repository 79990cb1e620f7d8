// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/message.h"

static const char *const state_names[] = {
	[RECIPIENT_WAITING] = "waiting",     [RECIPIENT_ACTIVE] = "active",
	[RECIPIENT_DELIVERED] = "delivered", [RECIPIENT_FAILED] = "failed",
	[RECIPIENT_BOUNCED] = "bounced",     [RECIPIENT_REMOVED] = "removed",
};

#define TO(state) (1u << (state))

/* From each state, the states it may become. */
static const guint moves[] = {
	[RECIPIENT_WAITING] = TO(RECIPIENT_ACTIVE) | TO(RECIPIENT_FAILED) |
			      TO(RECIPIENT_REMOVED),
	[RECIPIENT_ACTIVE] = TO(RECIPIENT_WAITING) |
			     TO(RECIPIENT_DELIVERED) | TO(RECIPIENT_FAILED),
	[RECIPIENT_DELIVERED] = 0,
	[RECIPIENT_FAILED] = TO(RECIPIENT_BOUNCED),
	[RECIPIENT_BOUNCED] = 0,
	[RECIPIENT_REMOVED] = 0,
};

static GHashTable *
options_new(void)
{
	return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

static void
recipient_free(gpointer data)
{
	Recipient *recipient = data;

	g_free(recipient->address);
	g_hash_table_unref(recipient->options);
	g_free(recipient->route);
	g_free(recipient->profile);
	status_free(recipient->status);
	g_free(recipient);
}

Message *
message_new(guint64 id, const char *sender, uid_t uid)
{
	Message *message = g_new0(Message, 1);

	message->id = id;
	message->sender = g_strdup(sender);
	message->uid = uid;
	message->origin = g_strdup("");
	message->options = options_new();
	message->recipients = g_ptr_array_new_with_free_func(recipient_free);
	message->held_why = g_strdup("");
	return message;
}

void
message_free(Message *message)
{
	if (!message)
		return;
	g_free(message->sender);
	g_free(message->origin);
	g_hash_table_unref(message->options);
	g_ptr_array_unref(message->recipients);
	g_free(message->held_why);
	g_free(message);
}

Recipient *
message_add_recipient(Message *message, const char *address)
{
	Recipient *recipient = g_new0(Recipient, 1);

	recipient->address = g_strdup(address);
	recipient->options = options_new();
	recipient->route = g_strdup("");
	recipient->profile = g_strdup("");
	g_ptr_array_add(message->recipients, recipient);
	return recipient;
}

const char *
message_option(const Message *message, const char *key)
{
	return g_hash_table_lookup(message->options, key);
}

void
message_set_option(Message *message, const char *key, const char *value)
{
	g_hash_table_replace(message->options, g_strdup(key),
			     g_strdup(value));
}

guint
message_count(const Message *message, RecipientState state)
{
	guint count = 0;

	for (guint i = 0; i < message->recipients->len; i++) {
		const Recipient *recipient = message->recipients->pdata[i];

		count += recipient->state == state;
	}
	return count;
}

guint
message_pending(const Message *message)
{
	return message_count(message, RECIPIENT_WAITING) +
	       message_count(message, RECIPIENT_ACTIVE);
}

gboolean
message_is_done(const Message *message)
{
	return message_pending(message) == 0 &&
	       message_count(message, RECIPIENT_FAILED) == 0;
}

const char *
recipient_state_name(RecipientState state)
{
	return state_names[state];
}

gboolean
recipient_state_from_name(const char *name, RecipientState *ret_state)
{
	for (guint i = 0; i < G_N_ELEMENTS(state_names); i++) {
		if (!g_str_equal(name, state_names[i]))
			continue;
		*ret_state = i;
		return TRUE;
	}
	return FALSE;
}

gboolean
recipient_may_move(RecipientState from, RecipientState to)
{
	return (moves[from] & TO(to)) != 0;
}

void
recipient_move(Recipient *recipient, RecipientState to, const Status *status)
{
	Status *copy = status ? status_copy(status) : NULL;

	g_assert(recipient_may_move(recipient->state, to));
	recipient->state = to;
	if (!copy)
		return;
	status_free(recipient->status);
	recipient->status = copy;
}
