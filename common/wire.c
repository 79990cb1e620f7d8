// SPDX-License-Identifier: GPL-2.0-or-later
#include "common/wire.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "common/error.h"

#define PACKET_TYPE "(ysuv)"

G_DEFINE_QUARK(masqmail-wire-error, wire_error)

void
wire_packet_free(WirePacket *packet)
{
	if (!packet)
		return;
	g_free(packet->name);
	if (packet->body)
		g_variant_unref(packet->body);
	g_free(packet->data);
	g_free(packet);
}

/* Errors of a socket call in the words of this module; returns FALSE. */
static gboolean
set_socket_error(GError **error, const char *what)
{
	switch (errno) {
	case EAGAIN:
		g_set_error(error, WIRE_ERROR, WIRE_ERROR_AGAIN,
			    "%s: not now", what);
		return FALSE;
	case EPIPE:
	case ECONNRESET:
	case ENOTCONN:
		g_set_error(error, WIRE_ERROR, WIRE_ERROR_CLOSED,
			    "the other side has closed the connection");
		return FALSE;
	default:
		return error_set_errno(error, "%s", what);
	}
}

static ssize_t
receive_retrying(int fd, void *buffer, size_t size, int flags)
{
	ssize_t got;

	do
		got = recv(fd, buffer, size, flags);
	while (got < 0 && errno == EINTR);
	return got;
}

static WirePacket *
take_data(guint8 *bytes, gsize size)
{
	WirePacket *packet = g_new0(WirePacket, 1);

	packet->kind = WIRE_DATA;
	packet->size = size - 1;
	memmove(bytes, bytes + 1, size - 1);
	packet->data = bytes;
	return packet;
}

/* Takes @bytes over, also on failure. */
static WirePacket *
take_variant(guint8 *bytes, gsize size, GError **error)
{
	g_autoptr(GVariant) whole = g_variant_ref_sink(g_variant_new_from_data(
		G_VARIANT_TYPE(PACKET_TYPE), bytes, size, FALSE, g_free,
		bytes));
	WirePacket *packet;
	guchar kind;

	if (!g_variant_is_normal_form(whole)) {
		g_set_error(error, WIRE_ERROR, WIRE_ERROR_INVALID,
			    "the packet is malformed");
		return NULL;
	}
	g_variant_get_child(whole, 0, "y", &kind);
	if (!strchr("cren", kind) || !kind) {
		g_set_error(error, WIRE_ERROR, WIRE_ERROR_INVALID,
			    "the packet is of no known kind");
		return NULL;
	}
	packet = g_new0(WirePacket, 1);
	packet->kind = kind;
	g_variant_get_child(whole, 1, "s", &packet->name);
	g_variant_get_child(whole, 2, "u", &packet->serial);
	g_variant_get_child(whole, 3, "v", &packet->body);
	return packet;
}

WirePacket *
wire_receive(int fd, GError **error)
{
	ssize_t size, got;
	guint8 *bytes;

	/* A look at the length first: idle peers must cost no buffer. */
	size = receive_retrying(fd, NULL, 0, MSG_PEEK | MSG_TRUNC);
	if (size < 0) {
		set_socket_error(error, "recv");
		return NULL;
	}
	if (size > WIRE_MAX_PACKET) {
		g_set_error(error, WIRE_ERROR, WIRE_ERROR_INVALID,
			    "the packet is longer than %d bytes",
			    WIRE_MAX_PACKET);
		return NULL;
	}
	bytes = g_malloc(size + 1);
	got = size ? receive_retrying(fd, bytes, size, 0) : 0;
	if (got < 0) {
		set_socket_error(error, "recv");
		g_free(bytes);
		return NULL;
	}
	if (got == 0) {
		g_free(bytes);
		g_set_error(error, WIRE_ERROR, WIRE_ERROR_CLOSED,
			    "the other side has closed the connection");
		return NULL;
	}
	return bytes[0] == WIRE_DATA ? take_data(bytes, got)
				     : take_variant(bytes, got, error);
}

static gboolean
check_type(const WirePacket *packet, const char *type, GError **error)
{
	if (packet->body &&
	    g_variant_is_of_type(packet->body, G_VARIANT_TYPE(type)))
		return TRUE;
	g_set_error(error, WIRE_ERROR, WIRE_ERROR_INVALID,
		    "%s: the body should be of type %s", packet->name, type);
	return FALSE;
}

gboolean
wire_check_call(const WirePacket *packet, const ApiMethod **ret_method,
		GError **error)
{
	const ApiMethod *method;

	if (packet->kind != WIRE_CALL) {
		g_set_error(error, WIRE_ERROR, WIRE_ERROR_INVALID,
			    "a call was expected here");
		return FALSE;
	}
	method = api_method(packet->name);
	if (!method) {
		g_set_error(error, WIRE_ERROR, WIRE_ERROR_INVALID,
			    "there is no such method");
		return FALSE;
	}
	if (!check_type(packet, method->in, error))
		return FALSE;
	if (ret_method)
		*ret_method = method;
	return TRUE;
}

/* Turn an error packet into the GError that it tells of. */
static void
set_remote_error(GError **error, const WirePacket *packet)
{
	const char *enhanced, *sentence;

	if (!check_type(packet, "(ss)", error))
		return;
	g_variant_get(packet->body, "(&s&s)", &enhanced, &sentence);
	g_set_error(error, WIRE_ERROR, WIRE_ERROR_REMOTE, "%s %s", enhanced,
		    sentence);
}

gboolean
wire_check_reply(const WirePacket *packet, const ApiMethod *method,
		 GError **error)
{
	if (packet->kind == WIRE_FAILURE) {
		set_remote_error(error, packet);
		return FALSE;
	}
	if (g_str_equal(method->out, API_DATA)) {
		if (packet->kind == WIRE_DATA)
			return TRUE;
	} else if (packet->kind == WIRE_REPLY &&
		   g_str_equal(packet->name, method->name)) {
		return check_type(packet, method->out, error);
	}
	g_set_error(error, WIRE_ERROR, WIRE_ERROR_INVALID,
		    "a reply to %s was expected here", method->name);
	return FALSE;
}

gboolean
wire_check_notice(const WirePacket *packet, GError **error)
{
	const ApiNotice *notice = NULL;

	if (packet->kind == WIRE_NOTICE)
		notice = api_notice(packet->name);
	if (notice)
		return check_type(packet, notice->body, error);
	g_set_error(error, WIRE_ERROR, WIRE_ERROR_INVALID,
		    "a notification was expected here");
	return FALSE;
}

static gboolean
send_parts(int fd, struct iovec *parts, guint n, GError **error)
{
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = n };
	ssize_t sent;

	do
		sent = sendmsg(fd, &message, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? set_socket_error(error, "send") : TRUE;
}

gboolean
wire_send(int fd, WireKind kind, const char *name, guint32 serial,
	  GVariant *body, GError **error)
{
	g_autoptr(GVariant) whole = g_variant_ref_sink(
		g_variant_new(PACKET_TYPE, kind, name, serial, body));
	struct iovec part = {
		.iov_base = (void *)g_variant_get_data(whole),
		.iov_len = g_variant_get_size(whole),
	};

	if (part.iov_len > WIRE_MAX_PACKET) {
		g_set_error(error, WIRE_ERROR, WIRE_ERROR_INVALID,
			    "%s: the packet would be longer than %d bytes",
			    name, WIRE_MAX_PACKET);
		return FALSE;
	}
	return send_parts(fd, &part, 1, error);
}

gboolean
wire_send_data(int fd, const void *data, gsize size, GError **error)
{
	char kind = WIRE_DATA;
	struct iovec parts[] = {
		{ .iov_base = &kind, .iov_len = 1 },
		{ .iov_base = (void *)data, .iov_len = size },
	};

	g_assert(size <= WIRE_MAX_DATA);
	return send_parts(fd, parts, G_N_ELEMENTS(parts), error);
}

gboolean
wire_send_failure(int fd, const char *name, guint32 serial,
		  const char *enhanced, const char *sentence, GError **error)
{
	return wire_send(fd, WIRE_FAILURE, name, serial,
			 g_variant_new("(ss)", enhanced, sentence), error);
}

const char *
wire_remote_parts(const GError *error, char **ret_enhanced)
{
	const char *blank = strchr(error->message, ' ');

	if (!g_error_matches(error, WIRE_ERROR, WIRE_ERROR_REMOTE) || !blank) {
		if (ret_enhanced)
			*ret_enhanced = g_strdup("4.3.0");
		return error->message;
	}
	if (ret_enhanced)
		*ret_enhanced =
			g_strndup(error->message, blank - error->message);
	return blank + 1;
}
