// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Packets over SOCK_SEQPACKET: the only place that knows how a method call
 * looks in bytes. A packet is a GVariant (ysuv): kind, name, serial, body;
 * or raw message data behind one byte 'd'. One recv is one packet, so there
 * is no framing and no read buffer. What wire_receive returns is in normal
 * form and, once wire_check accepted it, of the type the table (api.h)
 * names: g_variant_get cannot fail after that.
 *
 * Works on blocking sockets (workers, clients) and on non-blocking ones
 * (the engine), where WIRE_ERROR_AGAIN says: later.
 */
#ifndef MASQMAIL_COMMON_WIRE_H
#define MASQMAIL_COMMON_WIRE_H

#include <glib.h>

#include "common/api.h"

#define WIRE_MAX_PACKET (96 * 1024)
#define WIRE_MAX_DATA (64 * 1024) /* bytes of message in one 'd' packet */

#define WIRE_ERROR (wire_error_quark())

typedef enum {
	WIRE_ERROR_AGAIN,   /* non-blocking: nothing there, or no room */
	WIRE_ERROR_CLOSED,  /* the peer is gone */
	WIRE_ERROR_INVALID, /* too large, malformed, of a wrong type */
	WIRE_ERROR_REMOTE,  /* the peer answered with an error packet */
	WIRE_ERROR_TIMEOUT, /* no answer before the deadline */
} WireError;

GQuark wire_error_quark(void);

typedef enum {
	WIRE_CALL = 'c',
	WIRE_REPLY = 'r',
	WIRE_FAILURE = 'e',
	WIRE_NOTICE = 'n',
	WIRE_DATA = 'd',
} WireKind;

typedef struct {
	WireKind kind;
	char *name;     /* of the method; NULL for data */
	guint32 serial; /* chosen by the caller, repeated in the reply */
	GVariant *body; /* NULL for data */
	guint8 *data;   /* for data: the message bytes, NUL not included */
	gsize size;
} WirePacket;

/*
 * Receive one packet (transfer full), or NULL with a WireError or a system
 * error. An over-long, malformed or non-normal packet is INVALID: the
 * connection must then be closed.
 */
WirePacket *wire_receive(int fd, GError **error);
void wire_packet_free(WirePacket *packet);

/*
 * Whether the packet's body has the type that its method or notice has in
 * the table for this direction. @ret_method (nullable) is set on TRUE.
 */
gboolean wire_check_call(const WirePacket *packet,
			 const ApiMethod **ret_method, GError **error);
gboolean wire_check_reply(const WirePacket *packet, const ApiMethod *method,
			  GError **error);
gboolean wire_check_notice(const WirePacket *packet, GError **error);

/*
 * Send one packet. @body is sunk. FALSE with AGAIN when a non-blocking
 * socket is full (the packet was not sent), CLOSED when the peer is gone.
 */
gboolean wire_send(int fd, WireKind kind, const char *name, guint32 serial,
		   GVariant *body, GError **error);

/* Send message data, 0 to WIRE_MAX_DATA bytes. */
gboolean wire_send_data(int fd, const void *data, gsize size,
			GError **error);

/*
 * An error packet: enhanced status code and sentence (api.c). An engine's
 * GError for WIRE_ERROR_REMOTE carries "5.7.1 sentence" as its message;
 * wire_remote_parts splits it again: @ret_enhanced (nullable) (transfer
 * full), returns the sentence (transfer none).
 */
gboolean wire_send_failure(int fd, const char *name, guint32 serial,
			   const char *enhanced, const char *sentence,
			   GError **error);
const char *wire_remote_parts(const GError *error, char **ret_enhanced);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(WirePacket, wire_packet_free)

#endif
