// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/change.h"

#include "daemon/engine/change-edit.h"

static const char *const action_names[ACTION_KINDS] = {
	[ACTION_HELD] = "held",
	[ACTION_RELEASED] = "released",
	[ACTION_TRASHED] = "trashed",
	[ACTION_RESTORED] = "restored",
	[ACTION_NOT_BEFORE] = "not-before",
	[ACTION_METER] = "meter",
	[ACTION_OPTION] = "option",
	[ACTION_EXPANDED] = "expanded",
	[ACTION_EDITED] = "edited",
	[ACTION_REROUTED] = "rerouted",
};

RecipientChange
recipient_change(const Recipient *recipient)
{
	return (RecipientChange){
		.state = recipient->state == RECIPIENT_ACTIVE ?
				 RECIPIENT_WAITING :
				 recipient->state,
		.tries = recipient->tries,
		.next_try = recipient->next_try,
		.last_try = recipient->last_try,
	};
}

/*
 * The log never says "active", so what waits there may have been with a
 * worker when the change came.
 */
static gboolean
may_change(RecipientState from, RecipientState to)
{
	if (from == RECIPIENT_WAITING && to == RECIPIENT_WAITING)
		return TRUE;
	return recipient_may_move(from, to) ||
	       (from == RECIPIENT_WAITING &&
		recipient_may_move(RECIPIENT_ACTIVE, to));
}

static void
replace_string(char **field, const char *value)
{
	if (!value)
		return;
	g_free(*field);
	*field = g_strdup(value);
}

gboolean
recipient_apply(Recipient *recipient, const RecipientChange *change)
{
	Status *status = change->status ? status_copy(change->status) : NULL;

	if (!may_change(recipient->state, change->state)) {
		status_free(status);
		return FALSE;
	}
	recipient->state = change->state;
	recipient->tries = change->tries;
	recipient->next_try = change->next_try;
	recipient->last_try = change->last_try;
	replace_string(&recipient->route, change->route);
	replace_string(&recipient->profile, change->profile);
	if (status) {
		status_free(recipient->status);
		recipient->status = status;
	}
	return TRUE;
}

Action *
action_new(ActionKind kind, uid_t who, gint64 when, const char *why)
{
	Action *action = g_new0(Action, 1);

	action->kind = kind;
	action->who = who;
	action->when = when;
	action->why = g_strdup(why ? why : "");
	action->key = g_strdup("");
	action->value = g_strdup("");
	action->children = g_ptr_array_new_with_free_func(
		(GDestroyNotify)recipient_free);
	return action;
}

Action *
action_new_option(uid_t who, gint64 when, const char *key, const char *value)
{
	Action *action = action_new(ACTION_OPTION, who, when, NULL);

	g_free(action->key);
	g_free(action->value);
	action->key = g_strdup(key);
	action->value = g_strdup(value ? value : "");
	return action;
}

void
action_free(Action *action)
{
	if (!action)
		return;
	g_free(action->why);
	g_free(action->key);
	g_free(action->value);
	g_ptr_array_unref(action->children);
	g_free(action);
}

Recipient *
action_add_child(Action *action, const char *address)
{
	Recipient *child = recipient_new(address);

	g_ptr_array_add(action->children, child);
	return child;
}

const char *
action_name(ActionKind kind)
{
	return action_names[kind];
}

gboolean
action_from_name(const char *name, ActionKind *ret_kind)
{
	for (guint i = 0; i < ACTION_KINDS; i++) {
		if (!g_str_equal(name, action_names[i]))
			continue;
		*ret_kind = i;
		return TRUE;
	}
	return FALSE;
}

static gboolean
act_held(Message *message, const Action *action)
{
	message->held = TRUE;
	replace_string(&message->held_why, action->why);
	return TRUE;
}

static gboolean
act_released(Message *message, const Action *action)
{
	(void)action;
	message->held = FALSE;
	message->untold = 0;
	message->sender_gone = FALSE;
	replace_string(&message->held_why, "");
	return TRUE;
}

static gboolean
act_trashed(Message *message, const Action *action)
{
	message->trashed = TRUE;
	message->trashed_at = action->when;
	return TRUE;
}

static gboolean
act_restored(Message *message, const Action *action)
{
	(void)action;
	message->trashed = FALSE;
	message->trashed_at = 0;
	return TRUE;
}

static gboolean
act_not_before(Message *message, const Action *action)
{
	for (guint i = 0; i < message->recipients->len; i++) {
		Recipient *recipient = message->recipients->pdata[i];

		if (recipient->state == RECIPIENT_WAITING)
			recipient->next_try = action->number;
	}
	return TRUE;
}

static gboolean
act_meter(Message *message, const Action *action)
{
	message->meter = action->number;
	return TRUE;
}

static gboolean
act_option(Message *message, const Action *action)
{
	if (!*action->key)
		return FALSE;
	message_set_option(message, action->key, action->value);
	return TRUE;
}

static gboolean
act_expanded(Message *message, const Action *action)
{
	GPtrArray *recipients = message->recipients;
	char parent[16];
	Recipient *expanded;

	if (action->recipient >= recipients->len ||
	    recipients->len + action->children->len > MESSAGE_MAX_RECIPIENTS)
		return FALSE;
	expanded = recipients->pdata[action->recipient];
	if (!may_change(expanded->state, RECIPIENT_DELIVERED))
		return FALSE;
	expanded->state = RECIPIENT_DELIVERED;
	expanded->last_try = action->when;
	g_snprintf(parent, sizeof(parent), "%u", action->recipient);
	for (guint i = 0; i < action->children->len; i++) {
		Recipient *child = recipient_copy(action->children->pdata[i]);

		recipient_set_option(child, "parent", parent);
		g_ptr_array_add(recipients, child);
	}
	return TRUE;
}

static gboolean (*const acts[ACTION_KINDS])(Message *, const Action *) = {
	[ACTION_HELD] = act_held,
	[ACTION_RELEASED] = act_released,
	[ACTION_TRASHED] = act_trashed,
	[ACTION_RESTORED] = act_restored,
	[ACTION_NOT_BEFORE] = act_not_before,
	[ACTION_METER] = act_meter,
	[ACTION_OPTION] = act_option,
	[ACTION_EXPANDED] = act_expanded,
	[ACTION_EDITED] = change_edited,
	[ACTION_REROUTED] = change_rerouted,
};

gboolean
message_act(Message *message, const Action *action)
{
	return acts[action->kind](message, action);
}
