// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the three sources of a session share: session.c (lines and verbs),
 * session-mail.c (envelope) and session-data.c (data). Nobody else includes
 * this.
 */
#ifndef MASQMAIL_COMMON_SESSION_PRIVATE_H
#define MASQMAIL_COMMON_SESSION_PRIVATE_H

#include "common/session.h"
#include "common/smtp.h"

typedef enum {
	STATE_START = 1 << 0, /* not greeted by the peer yet */
	STATE_READY = 1 << 1, /* between messages */
	STATE_SENDER = 1 << 2, /* has a sender, no recipient yet */
	STATE_RECIPIENT = 1 << 3, /* has both */
} SessionState;

#define STATE_ANY (STATE_START | STATE_READY | STATE_SENDER | STATE_RECIPIENT)

struct Session {
	SessionConfig config;
	char *host, *domain; /* behind config's pointers */
	const SessionDriver *driver;
	void *user;
	SessionState state;
	gboolean esmtp, smtputf8, over;
	guint errors, idle, accepted;
	guint recipients, offered; /* of this message: taken, and in all */
	guint64 commands, received; /* for session_step */
	char *helo;
	/* Lines. */
	GString *line;
	gboolean line_too_long, after_cr;
	gsize unread; /* bytes of the present feed behind this command */
	GString *out; /* answers not sent yet */
	/* Data. */
	gboolean in_data;
	SmtpDotReader dots;
	GByteArray *head; /* the header so far; NULL once it was passed on */
	GVariantDict *late; /* what Describe tells; NULL before */
	char *sender;
	guint64 raw; /* bytes received */
	guint64 passed; /* bytes of the message so far */
	const char *fault; /* why it was given up; NULL: it was not */
	const char *fault_enhanced;
	guint fault_code;
};

/* Queue an answer. @text may be foreign. Counts errors. */
void session_answer(Session *session, guint code, const char *enhanced,
		    const char *text);

/* The same, then close. */
void session_refuse(Session *session, guint code, const char *enhanced,
		    const char *text);

/*
 * Answer what the engine said: its refusal, or 421 when it is gone. @code5
 * is the code for a permanent one.
 */
void session_answer_error(Session *session, const GError *error, guint code5);

/* Forget the message that was begun, if any. */
void session_forget(Session *session);

/* Whether the peer sent more than it was asked for. */
gboolean session_is_ahead(const Session *session);

/* Send the queued answers. */
void session_flush(Session *session);

void session_on_mail(Session *session, const char *argument);
void session_on_rcpt(Session *session, const char *argument);
void session_on_data(Session *session, const char *argument);

/* Data from the peer: how many of the bytes it was. */
gsize session_feed_data(Session *session, const char *bytes, gsize size);

/* Refuse the running message with this, once it has come to its end. */
void session_give_up(Session *session, guint code, const char *enhanced,
		     const char *fault);

/* session-head.c: gather; TRUE when the header is whole. */
gboolean session_take_head(Session *session, const guint8 *bytes, gsize size);

/* What to pass on of all gathered (transfer full); fills in late. */
GByteArray *session_end_head(Session *session);

/* Release what a message's data held. */
void session_clear_data(Session *session);

#endif
