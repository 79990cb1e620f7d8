// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A message as the engine knows it: the envelope, what became of each
 * recipient, and the few display fields its author's program told us. Pure:
 * it reads no clock, no file, and never the body. The one place that knows
 * which changes of a recipient's state are legal. queue.c makes these from
 * the log at start, submit.c at hand-in; deliver.c is the only caller of
 * recipient_move().
 */
#ifndef MASQMAIL_ENGINE_MESSAGE_H
#define MASQMAIL_ENGINE_MESSAGE_H

#include <sys/types.h>

#include <glib.h>

#include "common/status.h"

/* Bounds of what a submission may grow. */
#define MESSAGE_MAX_RECIPIENTS 10000
#define MESSAGE_MAX_ADDRESS 1000     /* bytes, with margin over RFC 5321 */
#define MESSAGE_MAX_OPTIONS 64       /* per message and per recipient */
#define MESSAGE_MAX_OPTION_VALUE 2000

typedef enum {
	RECIPIENT_WAITING,   /* owed: to be tried at next_try */
	RECIPIENT_ACTIVE,    /* a worker has it now; never on disk */
	RECIPIENT_DELIVERED, /* done */
	RECIPIENT_FAILED,    /* permanent; its sender is yet to be told */
	RECIPIENT_BOUNCED,   /* permanent; its sender was told, done */
	RECIPIENT_REMOVED,   /* taken off by its owner, done */
} RecipientState;

typedef struct {
	char *address;
	char **options;      /* like a message's: notify, orcpt, parent */
	RecipientState state;
	guint tries;         /* counted attempts */
	gint64 next_try;     /* Unix seconds; 0: as soon as possible */
	gint64 last_try;     /* Unix seconds; 0: never */
	char *route;         /* of the last attempt; "" before */
	char *profile;       /* at the last attempt; "" before */
	Status *status;      /* of the last attempt; (nullable) before */
} Recipient;

typedef struct {
	guint64 id;        /* microseconds since 1970, never used twice */
	gint64 arrived;    /* Unix seconds by the wall clock */
	char *sender;      /* reverse-path; "" is the null sender */
	uid_t uid;         /* who handed it in */
	char *origin;      /* how: "sendmail", "esmtp", "drop", "report" */
	guint64 size;      /* bytes of the stored body (header and body) */
	/*
	 * Name, value, name, value ... NULL, as Submit names them: key,
	 * subject, from, body (7bit, 8bitmime), smtputf8, envid, ret,
	 * language, queue-only; and ours: answers (the id of the message
	 * this bounce answers, and the numbers of its recipients), warns
	 * (the id of the message this warning is about, and which one),
	 * double (it is the postmaster's), warned (seconds). NULL if there is
	 * none; write through the functions below.
	 */
	char **options;
	GPtrArray *recipients; /* of Recipient, owned; index = number */
	gboolean held;
	char *held_why;    /* "" unless held */
	gboolean trashed;  /* deleted by its owner, can be restored */
	gint64 trashed_at; /* Unix seconds */
	gint64 meter;      /* usable seconds already spent before this start */
	gboolean ending;   /* nothing is owed, the log is being told */
	guint untold;      /* reports on it that came to nothing; memory only */
	gboolean sender_gone; /* it takes no reports; memory only */
} Message;

Message *message_new(guint64 id, const char *sender, uid_t uid);
void message_free(Message *message);

/* Append a waiting recipient; returns it (transfer none). */
Recipient *message_add_recipient(Message *message, const char *address);

/* (nullable) (transfer none) */
const char *message_option(const Message *message, const char *key);
/* @value "" or NULL takes the option away. */
void message_set_option(Message *message, const char *key,
			const char *value);

/* The same for one recipient. */
const char *recipient_option(const Recipient *recipient, const char *key);
void recipient_set_option(Recipient *recipient, const char *key,
			  const char *value);

/* (transfer full). Waiting, of no message yet. */
Recipient *recipient_new(const char *address);
/*
 * (transfer full). A copy in the same state; for tests and for children
 * of an expanded recipient.
 */
Recipient *recipient_copy(const Recipient *recipient);
void recipient_free(Recipient *recipient); /* takes NULL */

/* Recipients that are waiting or active. */
guint message_pending(const Message *message);
/* Whether nothing is owed any more: all delivered, bounced or removed. */
gboolean message_is_done(const Message *message);
/* Recipients in @state. */
guint message_count(const Message *message, RecipientState state);

/*
 * Words of the wire and the log: "waiting", "active", "delivered", ...
 * recipient_state_from_name returns FALSE for an unknown word.
 */
const char *recipient_state_name(RecipientState state);
gboolean recipient_state_from_name(const char *name,
				   RecipientState *ret_state);

/* The transition table: whether a recipient may go @from one state @to. */
gboolean recipient_may_move(RecipientState from, RecipientState to);

/*
 * The only setter of a recipient's state. @status (nullable) (transfer none)
 * replaces the last status. An illegal move is a bug: it asserts.
 */
void recipient_move(Recipient *recipient, RecipientState to,
		    const Status *status);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Message, message_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Recipient, recipient_free)

#endif
