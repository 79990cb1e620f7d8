// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is said to one peer. A packet that does not fit its socket waits in
 * `pending`; while anything waits there, nothing more is read from that
 * peer, so it cannot make us gather replies that it does not take.
 */
#include "daemon/engine/server.h"

#include <glib-unix.h>
#include <string.h>

#include "common/text.h"
#include "common/wire.h"
#include "daemon/engine/server-private.h"

#define MAX_SENTENCE 1000 /* characters */
#define PACKET_MARGIN 64  /* bytes around name, type and body */

typedef struct {
	WireKind kind;
	char *name;
	guint32 serial;
	GVariant *body;
	GBytes *data;
} Pending;

void
pending_free(gpointer item)
{
	Pending *pending = item;

	g_free(pending->name);
	if (pending->body)
		g_variant_unref(pending->body);
	if (pending->data)
		g_bytes_unref(pending->data);
	g_free(pending);
}

static gboolean
send_pending(int fd, const Pending *pending, GError **error)
{
	gsize size;
	const void *bytes;

	if (pending->kind != WIRE_DATA)
		return wire_send(fd, pending->kind, pending->name,
				 pending->serial, pending->body, error);
	bytes = g_bytes_get_data(pending->data, &size);
	return wire_send_data(fd, bytes, size, error);
}

static gboolean
on_unread(gpointer data)
{
	Connection *connection = data;

	connection->unread = 0;
	connection_close(connection);
	return G_SOURCE_REMOVE;
}

static void
stop_waiting(Connection *connection)
{
	g_clear_handle_id(&connection->output, g_source_remove);
	g_clear_handle_id(&connection->unread, g_source_remove);
}

/* FALSE when the peer is gone. */
static gboolean
flush(Connection *connection)
{
	Pending *pending;

	while ((pending = g_queue_peek_head(&connection->pending))) {
		g_autoptr(GError) error = NULL;

		if (!send_pending(connection->fd, pending, &error))
			return g_error_matches(error, WIRE_ERROR,
					       WIRE_ERROR_AGAIN);
		pending_free(g_queue_pop_head(&connection->pending));
	}
	return TRUE;
}

static gboolean
on_writable(int fd, GIOCondition condition, gpointer data)
{
	Connection *connection = data;

	(void)fd;
	(void)condition;
	if (!flush(connection)) {
		connection->output = 0;
		connection_close(connection);
		return G_SOURCE_REMOVE;
	}
	if (!g_queue_is_empty(&connection->pending))
		return G_SOURCE_CONTINUE;
	connection->output = 0;
	g_clear_handle_id(&connection->unread, g_source_remove);
	connection_resume_input(connection);
	watch_flush(connection);
	return G_SOURCE_REMOVE;
}

static void
wait_for_room(Connection *connection)
{
	if (!connection->output)
		connection->output = g_unix_fd_add(
			connection->fd, G_IO_OUT | G_IO_HUP | G_IO_ERR,
			on_writable, connection);
	if (!connection->unread)
		connection->unread = g_timeout_add_seconds(
			SERVER_UNREAD_SECONDS, on_unread, connection);
	connection_pause_input(connection);
}

/* Takes @pending. */
static void
send_or_queue(Connection *connection, Pending *pending)
{
	g_autoptr(GError) error = NULL;

	if (connection->closed) {
		pending_free(pending);
		return;
	}
	if (g_queue_is_empty(&connection->pending) &&
	    send_pending(connection->fd, pending, &error)) {
		pending_free(pending);
		return;
	}
	if ((error && !g_error_matches(error, WIRE_ERROR,
				       WIRE_ERROR_AGAIN)) ||
	    connection->pending.length >= SERVER_MAX_PENDING) {
		pending_free(pending);
		connection_close(connection);
		return;
	}
	g_queue_push_tail(&connection->pending, pending);
	wait_for_room(connection);
}

static Pending *
pending_new(WireKind kind, const char *name, guint32 serial, GVariant *body)
{
	Pending *pending = g_new0(Pending, 1);

	pending->kind = kind;
	pending->name = g_strdup(name);
	pending->serial = serial;
	if (body)
		pending->body = g_variant_ref_sink(body);
	return pending;
}

/* Methods bound what they say; this is for the case that they do not. */
static gboolean
fits_a_packet(const char *name, GVariant *body)
{
	return g_variant_get_size(body) + strlen(name) +
	       strlen(g_variant_get_type_string(body)) + PACKET_MARGIN <=
	       WIRE_MAX_PACKET;
}

void
connection_reply(Connection *connection, const char *method, guint32 serial,
		 GVariant *body)
{
	g_autoptr(GVariant) owned = g_variant_ref_sink(body);

	if (fits_a_packet(method, owned))
		send_or_queue(connection, pending_new(WIRE_REPLY, method,
						      serial, owned));
	else
		connection_fail(connection, method, serial, "5.3.4",
				"The answer would be longer than a packet; "
				"ask for less.");
}

void
connection_reply_data(Connection *connection, const void *bytes, gsize size)
{
	Pending *pending = pending_new(WIRE_DATA, "", 0, NULL);

	pending->data = g_bytes_new(bytes, size);
	send_or_queue(connection, pending);
}

void
connection_fail(Connection *connection, const char *method, guint32 serial,
		const char *enhanced, const char *format, ...)
{
	g_autofree char *sentence = NULL;
	g_autofree char *raw = NULL;
	va_list arguments;

	va_start(arguments, format);
	raw = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	sentence = text_harmless_clipped(raw, MAX_SENTENCE);
	send_or_queue(connection,
		      pending_new(WIRE_FAILURE, method, serial,
				  g_variant_new("(ss)", enhanced, sentence)));
}

/*
 * A notification that does not fit is not kept: the watcher stays dirty and
 * is served when there is room.
 */
gboolean
connection_notify(Connection *connection, const char *notice, GVariant *body)
{
	g_autoptr(GVariant) owned = g_variant_ref_sink(body);
	g_autoptr(GError) error = NULL;

	if (connection->closed || !g_queue_is_empty(&connection->pending))
		return FALSE;
	if (!fits_a_packet(notice, owned))
		return TRUE;
	if (wire_send(connection->fd, WIRE_NOTICE, notice, 0, owned, &error))
		return TRUE;
	if (!g_error_matches(error, WIRE_ERROR, WIRE_ERROR_AGAIN))
		connection_close(connection);
	else
		wait_for_room(connection);
	return FALSE;
}

void
connection_stop_output(Connection *connection)
{
	stop_waiting(connection);
	g_queue_clear_full(&connection->pending, pending_free);
}

gboolean
connection_owns(const Connection *connection, const Message *message)
{
	if (connection->roles & ROLE_ADMIN)
		return TRUE;
	return (connection->roles & ROLE_USER) &&
	       connection->uid == message->uid;
}
