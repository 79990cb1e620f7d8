// SPDX-License-Identifier: GPL-2.0-or-later
#include "common/client.h"

#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/error.h"

#define SERVICE_ACCOUNT "masqmail"
#define MAX_KEPT_NOTICES 4096
#define SEND_MS 60000 /* an engine that reads nothing has died */

struct Client {
	int fd;
	int timeout;
	guint32 serial;
	guint roles;
	GQueue *calls;   /* of const ApiMethod, sent and not yet answered */
	GQueue *notices; /* of WirePacket */
};

Client *
client_new(int fd)
{
	Client *client = g_new0(Client, 1);

	client->fd = fd;
	client->timeout = -1;
	client->calls = g_queue_new();
	client->notices = g_queue_new();
	return client;
}

void
client_free(Client *client)
{
	if (!client)
		return;
	close(client->fd);
	g_queue_free(client->calls);
	g_queue_free_full(client->notices, (GDestroyNotify)wire_packet_free);
	g_free(client);
}

int
client_fd(const Client *client)
{
	return client->fd;
}

guint
client_roles(const Client *client)
{
	return client->roles;
}

void
client_set_timeout(Client *client, int milliseconds)
{
	client->timeout = milliseconds;
}

/* A socket anybody could have bound must not be given mail. */
static gboolean
check_peer(int fd, uid_t trusted_uid, GError **error)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);
	const struct passwd *service;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		return error_set_errno(error, "getsockopt SO_PEERCRED");
	if (peer.uid == 0 || peer.uid == trusted_uid)
		return TRUE;
	service = getpwnam(SERVICE_ACCOUNT);
	if (service && service->pw_uid == peer.uid)
		return TRUE;
	g_set_error(error, WIRE_ERROR, WIRE_ERROR_INVALID,
		    "the mail daemon's socket belongs to uid %u, which is "
		    "neither root nor %s",
		    (guint)peer.uid, SERVICE_ACCOUNT);
	return FALSE;
}

static void
set_send_timeout(int fd, int milliseconds)
{
	struct timeval time = {
		.tv_sec = milliseconds / 1000,
		.tv_usec = milliseconds % 1000 * 1000,
	};

	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof(time));
}

static int
connect_to(const char *path, GError **error)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		error_set_errno(error, "%s", path);
		return -1;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		error_set_errno(error, "socket");
		return -1;
	}
	/* A daemon that hangs accepts nobody, and its queue fills up. */
	set_send_timeout(fd, CLIENT_HELLO_MS);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		error_set_errno(error, "connect %s", path);
		close(fd);
		return -1;
	}
	set_send_timeout(fd, SEND_MS);
	return fd;
}

static guint
parse_roles(const char *text)
{
	g_auto(GStrv) words = g_strsplit(text, " ", -1);
	guint roles = 0;

	for (guint bit = ROLE_SUBMIT; bit <= ROLE_DELIVER; bit <<= 1) {
		g_autofree char *word = api_roles_text(bit);

		if (g_strv_contains((const char *const *)words, word))
			roles |= bit;
	}
	return roles;
}

Client *
client_open(const char *path, uid_t trusted_uid, GError **error)
{
	g_autoptr(Client) client = NULL;
	int fd = connect_to(path, error);

	if (fd < 0)
		return NULL;
	client = client_new(fd);
	if (!check_peer(fd, trusted_uid, error) ||
	    !client_send(client, "Hello", g_variant_new("(u)", API_VERSION),
			 error))
		return NULL;
	return g_steal_pointer(&client);
}

gboolean
client_greet(Client *client, GError **error)
{
	int timeout = client->timeout;
	g_autoptr(WirePacket) reply = NULL;
	const char *roles;

	client->timeout = CLIENT_HELLO_MS;
	reply = client_wait(client, error);
	client->timeout = timeout;
	if (!reply)
		return FALSE;
	g_variant_get(reply->body, "(u&s)", NULL, &roles);
	client->roles = parse_roles(roles);
	return TRUE;
}

Client *
client_connect(const char *path, uid_t trusted_uid, GError **error)
{
	g_autoptr(Client) client = client_open(path, trusted_uid, error);

	if (!client || !client_greet(client, error))
		return NULL;
	return g_steal_pointer(&client);
}

gboolean
client_send(Client *client, const char *method, GVariant *body,
	    GError **error)
{
	const ApiMethod *row = api_method(method);

	g_assert(row);
	g_queue_push_tail(client->calls, (gpointer)row);
	return wire_send(client->fd, WIRE_CALL, method, ++client->serial,
			 body, error);
}

gboolean
client_send_data(Client *client, const void *data, gsize size,
		 GError **error)
{
	const char *bytes = data;

	while (size > 0) {
		gsize part = MIN(size, WIRE_MAX_DATA);

		if (!wire_send_data(client->fd, bytes, part, error))
			return FALSE;
		bytes += part;
		size -= part;
	}
	return TRUE;
}

static gboolean
wait_readable(Client *client, GError **error)
{
	struct pollfd item = { .fd = client->fd, .events = POLLIN };
	int ready;

	do
		ready = poll(&item, 1, client->timeout);
	while (ready < 0 && errno == EINTR);
	if (ready < 0)
		return error_set_errno(error, "poll");
	if (ready > 0)
		return TRUE;
	g_set_error(error, WIRE_ERROR, WIRE_ERROR_TIMEOUT,
		    "the mail daemon does not answer");
	return FALSE;
}

static gboolean
keep_notice(Client *client, WirePacket *packet, GError **error)
{
	if (client->notices->length >= MAX_KEPT_NOTICES) {
		wire_packet_free(packet);
		g_set_error(error, WIRE_ERROR, WIRE_ERROR_INVALID,
			    "too many notifications before a reply");
		return FALSE;
	}
	g_queue_push_tail(client->notices, packet);
	return TRUE;
}

WirePacket *
client_wait(Client *client, GError **error)
{
	const ApiMethod *method = g_queue_pop_head(client->calls);
	g_autoptr(WirePacket) packet = NULL;

	g_assert(method);
	while (!packet) {
		if (!wait_readable(client, error))
			return NULL;
		packet = wire_receive(client->fd, error);
		if (!packet)
			return NULL;
		if (packet->kind == WIRE_NOTICE &&
		    !keep_notice(client, g_steal_pointer(&packet), error))
			return NULL;
	}
	if (!wire_check_reply(packet, method, error))
		return NULL;
	return g_steal_pointer(&packet);
}

GVariant *
client_call(Client *client, const char *method, GVariant *body,
	    GError **error)
{
	g_autoptr(WirePacket) packet = NULL;

	if (!client_send(client, method, body, error))
		return NULL;
	packet = client_wait(client, error);
	if (!packet)
		return NULL;
	return packet->body ? g_variant_ref(packet->body) : NULL;
}

WirePacket *
client_notice(Client *client, GError **error)
{
	g_autoptr(WirePacket) packet = g_queue_pop_head(client->notices);

	if (packet)
		return g_steal_pointer(&packet);
	packet = wire_receive(client->fd, error);
	if (!packet || !wire_check_notice(packet, error))
		return NULL;
	return g_steal_pointer(&packet);
}

gboolean
client_has_notice(const Client *client)
{
	return !g_queue_is_empty(client->notices);
}
