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

/* Where the option @key stands; the end when it is not there. */
static guint
find_option(char *const *options, const char *key)
{
	guint at = 0;

	while (options && options[at] && !g_str_equal(options[at], key))
		at += 2;
	return at;
}

static void
remove_option(char **options, guint at)
{
	g_free(options[at]);
	g_free(options[at + 1]);
	do {
		options[at] = options[at + 2];
		options[at + 1] = options[at] ? options[at + 3] : NULL;
		at += 2;
	} while (options[at - 2]);
}

/*
 * A plain list, made when the first option comes: there are few, and a
 * hundred thousand messages have them.
 */
static void
set_option(char ***options, const char *key, const char *value)
{
	guint at = find_option(*options, key);
	gboolean there = *options && (*options)[at];

	if (!value || !*value) {
		if (there)
			remove_option(*options, at);
		return;
	}
	if (there) {
		char *old = (*options)[at + 1];

		(*options)[at + 1] = g_strdup(value);
		g_free(old);
		return;
	}
	*options = g_renew(char *, *options, at + 3);
	(*options)[at] = g_strdup(key);
	(*options)[at + 1] = g_strdup(value);
	(*options)[at + 2] = NULL;
}

static const char *
get_option(char *const *options, const char *key)
{
	guint at = find_option(options, key);

	return options && options[at] ? options[at + 1] : NULL;
}

void
recipient_free(Recipient *recipient)
{
	if (!recipient)
		return;
	g_free(recipient->address);
	g_strfreev(recipient->options);
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
	message->recipients = g_ptr_array_new_with_free_func(
		(GDestroyNotify)recipient_free);
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
	g_strfreev(message->options);
	g_ptr_array_unref(message->recipients);
	g_free(message->held_why);
	g_free(message);
}

Recipient *
recipient_new(const char *address)
{
	Recipient *recipient = g_new0(Recipient, 1);

	recipient->address = g_strdup(address);
	recipient->route = g_strdup("");
	recipient->profile = g_strdup("");
	return recipient;
}

Recipient *
message_add_recipient(Message *message, const char *address)
{
	Recipient *recipient = recipient_new(address);

	g_ptr_array_add(message->recipients, recipient);
	return recipient;
}

Recipient *
recipient_copy(const Recipient *recipient)
{
	Recipient *copy = g_memdup2(recipient, sizeof(*recipient));

	copy->address = g_strdup(recipient->address);
	copy->route = g_strdup(recipient->route);
	copy->profile = g_strdup(recipient->profile);
	if (recipient->status)
		copy->status = status_copy(recipient->status);
	copy->options = g_strdupv(recipient->options);
	return copy;
}

const char *
message_option(const Message *message, const char *key)
{
	return get_option(message->options, key);
}

void
message_set_option(Message *message, const char *key, const char *value)
{
	set_option(&message->options, key, value);
}

const char *
recipient_option(const Recipient *recipient, const char *key)
{
	return get_option(recipient->options, key);
}

void
recipient_set_option(Recipient *recipient, const char *key, const char *value)
{
	set_option(&recipient->options, key, value);
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
