// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The server's side of an SMTP dialogue (RFC 5321) without any socket: which
 * command is legal when, what is answered, where a message ends. smtp-in
 * plays it over TCP and `sendmail -bs` over standard input; both hand the
 * mail to the engine through the same few functions, and the engine alone
 * decides at each recipient whether the mail may go there.
 *
 * Life: session_new, session_greet, then session_feed with whatever bytes
 * came, split anywhere, until session_is_over; session_timeout and
 * session_hang_up when time or the peer ran out.
 */
#ifndef MASQMAIL_COMMON_SESSION_H
#define MASQMAIL_COMMON_SESSION_H

#include <glib.h>

/* What one peer may make a session do. */
#define SESSION_MAX_ERRORS 10 /* answers of class 5, then 421 */
#define SESSION_MAX_IDLE 100 /* commands without a message between */
#define SESSION_MAX_RECIPIENTS 1000 /* of one message; then 452 */
#define SESSION_MAX_RELEASE (366 * 86400) /* seconds ahead, RFC 4865 */
#define SESSION_MAX_OFFERED 10000 /* of one message, refused ones too */
#define SESSION_MAX_HELO 255

typedef struct {
	const char *host; /* our name in the greeting */
	const char *domain; /* completes own users' addresses; (nullable):
			       unqualified ones are refused */
	guint64 size_limit; /* bytes; 0: none */
	/*
	 * An own user's program on a pipe: LF ends a line too, and it need
	 * not wait for answers. Nobody else's mail can be hidden in it.
	 */
	gboolean piped;
	/* Add what an own submission may lack: Date, Message-ID, From. */
	gboolean own;
} SessionConfig;

/*
 * What the session does to the world. Failures of submit, recipient, data
 * and commit are WIRE_ERROR_REMOTE when the engine refuses ("5.7.1
 * sentence", wire.h), which is answered and survived; any other error means
 * that the engine is gone, which ends the session with 421.
 */
typedef struct {
	/* Send to the peer; FALSE when it is gone. */
	gboolean (*reply)(void *user, const char *bytes, gsize size);
	/* Whether bytes lie unread behind those that were fed. */
	gboolean (*input_waits)(void *user);
	/* Begin a message; @options is an a{sv} as Submit's, sunk. */
	gboolean (*submit)(void *user, const char *sender, GVariant *options,
			   GError **error);
	gboolean (*recipient)(void *user, const char *address,
			      GVariant *options, GError **error);
	gboolean (*data)(void *user, const void *bytes, gsize size,
			 GError **error);
	/* Make it durable; @late is what only the data told, as Describe's,
	   sunk. The id (transfer full). */
	char *(*commit)(void *user, guint64 size, GVariant *late,
			GError **error);
	/* Forget the begun message. */
	gboolean (*reset)(void *user, GError **error);
} SessionDriver;

typedef struct Session Session;

/* @driver and @user must outlive it; @config is copied. */
Session *session_new(const SessionConfig *config, const SessionDriver *driver,
		     void *user);
void session_free(Session *session);

/* The 220; who talked before it, is turned away. */
void session_greet(Session *session);

/* Take bytes from the peer, answer all that they complete. */
void session_feed(Session *session, const void *bytes, gsize size);

/* Nothing more is read or said: close. */
gboolean session_is_over(const Session *session);

/* Say 421 with @why and end. */
void session_timeout(Session *session, const char *why);

/* The peer is gone: what it had begun is forgotten. */
void session_hang_up(Session *session);

/*
 * Grows with every whole command and every SESSION_STEP bytes of data: a
 * peer that does not move it on in time is to be given up, however often
 * it sends a byte.
 */
#define SESSION_STEP (16 * 1024)
guint64 session_step(const Session *session);

/* How many messages were accepted. */
guint session_accepted(const Session *session);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Session, session_free)

#endif
