// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The calling side of the wire: connect to the engine, call a method and
 * wait for its reply under a deadline. Used by every client and worker;
 * the engine never uses it. Calls may be pipelined: client_send now,
 * client_wait later, in the same order.
 */
#ifndef MASQMAIL_COMMON_CLIENT_H
#define MASQMAIL_COMMON_CLIENT_H

#include <glib.h>

#include "common/wire.h"

#define CLIENT_HELLO_MS 2000 /* a daemon that says nothing is not there */

typedef struct Client Client;

/*
 * Connect to the engine's socket at @path, check that the peer's uid is
 * @trusted_uid, 0 or that of the account "masqmail", and say Hello. NULL
 * with an error when nobody answers within CLIENT_HELLO_MS.
 */
Client *client_connect(const char *path, uid_t trusted_uid, GError **error);

/*
 * The two halves of client_connect, for who has a few small calls to send
 * at once: client_open says Hello, calls may follow, client_greet waits for
 * the answer to Hello before any other is waited for.
 */
Client *client_open(const char *path, uid_t trusted_uid, GError **error);
gboolean client_greet(Client *client, GError **error);

/* Take over a connected socket, such as a worker's; no Hello. */
Client *client_new(int fd);
void client_free(Client *client);

/* For poll(2), and for notifications after Watch. (transfer none) */
int client_fd(const Client *client);

/* The roles told by Hello, or 0. */
guint client_roles(const Client *client);

/* Milliseconds client_wait waits at most; -1 for ever, the default. */
void client_set_timeout(Client *client, int milliseconds);

/* Send a call; @body is sunk. The method must be in the table. */
gboolean client_send(Client *client, const char *method, GVariant *body,
		     GError **error);

/* Send message data in packets of at most WIRE_MAX_DATA. */
gboolean client_send_data(Client *client, const void *data, gsize size,
			  GError **error);

/*
 * The reply (transfer full) to the oldest call not yet waited for. Its body
 * is of the table's type. Notifications met on the way are kept for
 * client_notice. WIRE_ERROR_REMOTE if the engine refused.
 */
WirePacket *client_wait(Client *client, GError **error);

/* client_send and client_wait: the reply's body (transfer full). */
GVariant *client_call(Client *client, const char *method, GVariant *body,
		      GError **error);

/*
 * The next notification (transfer full): a kept one, else received.
 * With a non-blocking descriptor WIRE_ERROR_AGAIN.
 */
WirePacket *client_notice(Client *client, GError **error);

/* Whether client_notice would return one without receiving. */
gboolean client_has_notice(const Client *client);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Client, client_free)

#endif
