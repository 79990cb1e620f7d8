// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What happens to a message after it was handed in, as values: the change
 * that an attempt or an owner makes to one recipient (a V record of the
 * queue log), and an action upon the whole message (an A record). The one
 * place that knows what each of them does to a Message: the queue replays
 * the log with the same functions that the engine calls, in the callback
 * which says that the change is durable. Pure.
 */
#ifndef MASQMAIL_ENGINE_CHANGE_H
#define MASQMAIL_ENGINE_CHANGE_H

#include <glib.h>

#include "daemon/engine/message.h"

/* What a recipient shall be after an attempt. All strings are borrowed. */
typedef struct {
	RecipientState state; /* WAITING is "deferred"; never ACTIVE */
	guint tries;
	gint64 next_try;      /* Unix seconds */
	gint64 last_try;      /* Unix seconds */
	const char *route;    /* (nullable): unchanged */
	const char *profile;  /* (nullable): unchanged */
	const Status *status; /* (nullable): unchanged */
} RecipientChange;

/* A change that keeps everything of @recipient, to be altered and used. */
RecipientChange recipient_change(const Recipient *recipient);

/*
 * Make @change to @recipient. FALSE, and nothing done, when the transition
 * table forbids it; a recipient counts as active here, because activity is
 * never on disk.
 */
gboolean recipient_apply(Recipient *recipient,
			 const RecipientChange *change);

typedef enum {
	ACTION_HELD,
	ACTION_RELEASED,
	ACTION_TRASHED,
	ACTION_RESTORED,
	ACTION_NOT_BEFORE, /* number: Unix seconds, for all that wait */
	ACTION_METER,      /* number: usable seconds spent so far */
	ACTION_OPTION,     /* key, value: one option of the message */
	ACTION_EXPANDED,   /* recipient became children (aliases, .forward) */
	ACTION_EDITED,     /* children came or went; key sender: value */
	ACTION_REROUTED,   /* value: the route to go by, or "" */
} ActionKind;

#define ACTION_KINDS (ACTION_REROUTED + 1)

typedef struct {
	ActionKind kind;
	gint64 when;         /* Unix seconds */
	uid_t who;           /* who asked for it */
	char *why;           /* plain sentence; never NULL */
	gint64 number;       /* ACTION_NOT_BEFORE, ACTION_METER */
	char *key;           /* ACTION_OPTION; never NULL */
	char *value;         /* ACTION_OPTION; "" takes the option away */
	guint recipient;     /* ACTION_EXPANDED: which one */
	GPtrArray *children; /* of Recipient: of ACTION_EXPANDED, waiting;
	                        of ACTION_EDITED also removed */
} Action;

/* (transfer full). @why (nullable). Set the other fields yourself. */
Action *action_new(ActionKind kind, uid_t who, gint64 when,
		   const char *why);
/* (transfer full). ACTION_OPTION; @value (nullable) takes it away. */
Action *action_new_option(uid_t who, gint64 when, const char *key,
			  const char *value);
void action_free(Action *action);

/* Append a waiting child; returns it (transfer none). */
Recipient *action_add_child(Action *action, const char *address);

/* Words of the log and the wire: "held", "not-before", ... */
const char *action_name(ActionKind kind);
gboolean action_from_name(const char *name, ActionKind *ret_kind);

/*
 * Do to @message what @action says. The expanded recipient becomes
 * delivered and its children are appended as copies, each with the option
 * "parent" (the number of the expanded one). FALSE, and nothing done, when
 * the action does not fit the message (no such recipient, too many).
 */
gboolean message_act(Message *message, const Action *action);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Action, action_free)

#endif
