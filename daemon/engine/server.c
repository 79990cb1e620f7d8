// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/server.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/log.h"
#include "common/wire.h"
#include "daemon/engine/deliver.h"
#include "daemon/engine/hints.h"
#include "daemon/engine/lan.h"
#include "daemon/engine/online.h"
#include "daemon/engine/methods.h"
#include "daemon/engine/server-private.h"
#include "daemon/engine/submit.h"

#define PACKETS_A_TURN 32 /* then others have theirs */

typedef struct {
	Server *server;
	int fd;
	guint source;
	gboolean tcp;
	gboolean lan; /* serves the local network, and nobody else */
} Listener;

struct Server {
	Engine *engine;
	GPtrArray *listeners;   /* of Listener, owned */
	GPtrArray *connections; /* of Connection, owned */
	guint sessions;         /* smtp-in workers that run */
};

static void
listener_free(gpointer data)
{
	Listener *listener = data;

	g_clear_handle_id(&listener->source, g_source_remove);
	close(listener->fd);
	g_free(listener);
}

static void
connection_free(gpointer data)
{
	Connection *connection = data;

	g_free(connection->origin);
	g_free(connection);
}

Server *
server_new(Engine *engine)
{
	Server *server = g_new0(Server, 1);

	server->engine = engine;
	server->listeners = g_ptr_array_new_with_free_func(listener_free);
	server->connections =
		g_ptr_array_new_with_free_func(connection_free);
	return server;
}

void
server_free(Server *server)
{
	if (!server)
		return;
	g_ptr_array_set_size(server->listeners, 0);
	while (server->connections->len > 0) {
		Connection *connection = server->connections->pdata[0];

		connection->references = 0;
		connection_close(connection);
	}
	g_ptr_array_unref(server->connections);
	g_ptr_array_unref(server->listeners);
	g_free(server);
}

void
server_forget_submissions(Server *server)
{
	for (guint i = 0; i < server->connections->len; i++) {
		Connection *connection = server->connections->pdata[i];

		g_clear_pointer(&connection->submission, submission_free);
	}
}

static gboolean on_connection(int fd, GIOCondition condition,
			      gpointer data);

/* With all sessions taken, the others wait in the kernel's backlog. */
static void
pause_tcp(Server *server, gboolean pause)
{
	for (guint i = 0; i < server->listeners->len; i++) {
		Listener *listener = server->listeners->pdata[i];

		if (!listener->tcp)
			continue;
		if (pause)
			g_clear_handle_id(&listener->source, g_source_remove);
		else if (!listener->source)
			listener->source = g_unix_fd_add(
				listener->fd, G_IO_IN, on_connection,
				listener);
	}
}

/* --- one connection's life --------------------------------------------- */

void
connection_close(Connection *connection)
{
	Server *server = connection->engine->server;

	if (!connection->closed) {
		connection->closed = TRUE;
		connection_pause_input(connection);
		connection_stop_output(connection);
		close(connection->fd);
		connection->fd = -1;
		g_clear_pointer(&connection->submission, submission_free);
		g_clear_pointer(&connection->watcher, watcher_free);
		deliver_connection_lost(connection);
		hints_connection_lost(connection);
		online_connection_lost(connection);
		if (connection->session) {
			server->sessions--;
			pause_tcp(server, FALSE);
		}
	}
	/* Who still refers to it calls again. */
	if (connection->references == 0)
		g_ptr_array_remove_fast(server->connections, connection);
}

static void
call(Connection *connection, const WirePacket *packet,
     const ApiMethod *method)
{
	if (method->roles & connection->roles) {
		methods_handler(method->name)(connection, packet->serial,
					      packet->body);
		return;
	}
	if (!connection->refused_once)
		log_problem("refused", 0, "uid=%u method=%s: not its role",
			    (guint)connection->uid, method->name);
	connection->refused_once = TRUE;
	connection_fail(connection, method->name, packet->serial, "5.7.1",
			"You may not do this: it is for others (%s).",
			method->name);
}

/* FALSE when the connection was closed. */
static gboolean
take_packet(Connection *connection, const WirePacket *packet)
{
	g_autoptr(GError) error = NULL;
	const ApiMethod *method;

	if (packet->kind == WIRE_DATA) {
		submit_data(connection, packet->data, packet->size);
		return !connection->closed;
	}
	if (wire_check_call(packet, &method, &error)) {
		call(connection, packet, method);
		return !connection->closed;
	}
	log_problem("bad-packet", 0, "uid=%u: %s", (guint)connection->uid,
		    error->message);
	connection_close(connection);
	return FALSE;
}

/* FALSE when there is nothing more to read now, or ever. */
static gboolean
receive_one(Connection *connection)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(WirePacket) packet = wire_receive(connection->fd, &error);

	if (packet)
		return take_packet(connection, packet);
	if (g_error_matches(error, WIRE_ERROR, WIRE_ERROR_AGAIN))
		return FALSE;
	if (!g_error_matches(error, WIRE_ERROR, WIRE_ERROR_CLOSED))
		log_problem("bad-packet", 0, "uid=%u: %s",
			    (guint)connection->uid, error->message);
	connection_close(connection);
	return FALSE;
}

static gboolean
on_readable(int fd, GIOCondition condition, gpointer data)
{
	Connection *connection = data;
	guint source = connection->input;

	(void)fd;
	(void)condition;
	/*
	 * The connection may be gone after any packet: its source is removed
	 * with it, and removing it twice is what must not happen. While a
	 * handler closes, the reference keeps the memory.
	 */
	connection->references++;
	for (guint i = 0; i < PACKETS_A_TURN; i++)
		if (!connection->input || !receive_one(connection))
			break;
	connection->references--;
	if (connection->closed) {
		connection_close(connection);
		return G_SOURCE_REMOVE;
	}
	return connection->input == source ? G_SOURCE_CONTINUE
					   : G_SOURCE_REMOVE;
}

void
connection_resume_input(Connection *connection)
{
	if (connection->input || connection->closed)
		return;
	connection->input =
		g_unix_fd_add(connection->fd, G_IO_IN | G_IO_HUP | G_IO_ERR,
			      on_readable, connection);
}

void
connection_pause_input(Connection *connection)
{
	g_clear_handle_id(&connection->input, g_source_remove);
}

static Connection *
connection_new(Server *server, int fd)
{
	Connection *connection = g_new0(Connection, 1);

	connection->engine = server->engine;
	connection->fd = fd;
	connection->origin = g_strdup("sendmail");
	g_queue_init(&connection->pending);
	g_ptr_array_add(server->connections, connection);
	connection_resume_input(connection);
	return connection;
}

Connection *
server_add_worker(Server *server, int fd, guint roles)
{
	Connection *connection = connection_new(server, fd);

	connection->worker = TRUE;
	connection->roles = roles;
	connection->uid = server->engine->owner;
	return connection;
}

/* --- accepting --------------------------------------------------------- */

static guint
count_of_uid(const Server *server, uid_t uid)
{
	guint count = 0;

	for (guint i = 0; i < server->connections->len; i++) {
		const Connection *other = server->connections->pdata[i];

		count += !other->worker && other->uid == uid;
	}
	return count;
}

static guint
roles_of(const Engine *engine, uid_t uid, gboolean in_group)
{
	guint roles = ROLE_SUBMIT | ROLE_USER;

	if (engine->paths->user)
		return uid == engine->owner || uid == 0 ? roles | ROLE_ADMIN
							: 0;
	if (uid == 0 || in_group || settings_is_admin(engine->settings, uid))
		roles |= ROLE_ADMIN;
	return roles;
}

static void
accept_client(Server *server, int fd)
{
	gboolean in_group = FALSE;
	g_autoptr(GError) error = NULL;
	Connection *connection;
	uid_t uid;

	if (!peer_of_unix(fd, getegid(), &uid, &in_group, &error) ||
	    server->connections->len >= SERVER_MAX_CONNECTIONS ||
	    count_of_uid(server, uid) >= SERVER_MAX_PER_UID ||
	    !roles_of(server->engine, uid, in_group)) {
		log_problem("refused", 0, "a client: %s",
			    error ? error->message
				  : "too many connections or another's agent");
		close(fd);
		return;
	}
	connection = connection_new(server, fd);
	connection->uid = uid;
	connection->identified = TRUE;
	connection->roles = roles_of(server->engine, uid, in_group);
}

static guint
sessions_from(const Server *server, const char *address)
{
	guint count = 0;

	for (guint i = 0; i < server->connections->len; i++) {
		const Connection *other = server->connections->pdata[i];

		count += other->session &&
			 g_str_equal(other->peer.text, address);
	}
	return count;
}

/* One line into an empty buffer, for a client that is not served. */
static void
turn_away(int fd)
{
	static const char text[] =
		"421 4.7.0 Too many connections from you, try later\r\n";

	(void)!send(fd, text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL);
	close(fd);
}

static gboolean
has_room_for(const Server *server, const PeerAddress *peer)
{
	return sessions_from(server, peer->text) <
	       (peer->loopback ? SERVER_MAX_SMTP_IN_HERE
			       : SERVER_MAX_SMTP_IN_PEER);
}

/* A user's own agent relays for nobody else on the machine. */
static gboolean
is_own_user(const Engine *engine, int fd, uid_t *ret_uid)
{
	return peer_uid_of_tcp(fd, ret_uid) &&
	       (!engine->paths->user || *ret_uid == engine->owner);
}

/* The engine reads nothing from the network: a worker serves it. */
static void
accept_session(Server *server, int fd, gboolean lan)
{
	Engine *engine = server->engine;
	g_autoptr(GError) error = NULL;
	PeerAddress peer = { .text = "" };
	Connection *connection;
	gboolean identified;
	uid_t uid = 0;
	int ours;

	if (!peer_address(fd, &peer) || !has_room_for(server, &peer) ||
	    (lan && !lan_serves(engine->lan, &peer))) {
		turn_away(fd);
		return;
	}
	identified = is_own_user(engine, fd, &uid);
	if (!spawner_spawn(engine->spawner, PRIV_SMTP_IN,
			   identified ? "own" : "foreign", fd, &ours,
			   &error)) {
		log_problem("session", 0, "%s", error->message);
		return;
	}
	server->sessions++;
	connection = server_add_worker(server, ours, ROLE_SUBMIT);
	connection->uid = uid;
	connection->identified = identified;
	connection->near = lan;
	connection->peer = peer;
	connection->session = TRUE;
	g_free(connection->origin);
	connection->origin = g_strdup("esmtp");
}

static gboolean
on_rested(gpointer data)
{
	Listener *listener = data;

	listener->source = g_unix_fd_add(listener->fd, G_IO_IN,
					 on_connection, listener);
	return G_SOURCE_REMOVE;
}

static gboolean
on_connection(int fd, GIOCondition condition, gpointer data)
{
	Listener *listener = data;
	Server *server = listener->server;
	int client = accept4(fd, NULL, NULL,
			     SOCK_CLOEXEC |
			     (listener->tcp ? 0 : SOCK_NONBLOCK));

	(void)condition;
	if (client < 0 && errno != EMFILE && errno != ENFILE &&
	    errno != ENOBUFS && errno != ENOMEM)
		return G_SOURCE_CONTINUE;
	if (client < 0) {
		/* It stays readable: do not run in circles for it. */
		listener->source = g_timeout_add_seconds(
			SERVER_REST_SECONDS, on_rested, listener);
		return G_SOURCE_REMOVE;
	}
	if (listener->tcp)
		accept_session(server, client, listener->lan);
	else
		accept_client(server, client);
	if (server->sessions < SERVER_MAX_SMTP_IN)
		return G_SOURCE_CONTINUE;
	pause_tcp(server, TRUE);
	return listener->tcp ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

void
server_add_listener(Server *server, int fd, gboolean tcp, gboolean lan)
{
	Listener *listener = g_new0(Listener, 1);

	fcntl(fd, F_SETFL, O_NONBLOCK);
	listener->server = server;
	listener->fd = fd;
	listener->tcp = tcp;
	listener->lan = lan;
	listener->source =
		g_unix_fd_add(fd, G_IO_IN, on_connection, listener);
	g_ptr_array_add(server->listeners, listener);
}

void
server_close_lan(Server *server)
{
	for (guint i = server->listeners->len; i-- > 0;) {
		const Listener *listener = server->listeners->pdata[i];

		if (listener->lan)
			g_ptr_array_remove_index_fast(server->listeners, i);
	}
}

void
server_close_tcp(Server *server)
{
	for (guint i = server->listeners->len; i-- > 0;) {
		const Listener *listener = server->listeners->pdata[i];

		if (listener->tcp)
			g_ptr_array_remove_index_fast(server->listeners, i);
	}
}

GPtrArray *
server_watching(Server *server)
{
	GPtrArray *watching = g_ptr_array_new();

	for (guint i = 0; i < server->connections->len; i++) {
		Connection *connection = server->connections->pdata[i];

		if (connection->watcher)
			g_ptr_array_add(watching, connection);
	}
	return watching;
}
