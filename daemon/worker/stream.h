// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One network connection as blocking lines and bytes under a deadline,
 * plain or TLS. The only place that polls a peer: it knows that a deadline
 * belongs to a whole step and not to a byte (so a slow drip ends), that
 * nothing may lie in the buffer when a handshake begins, and that a worker
 * whose engine is gone stops.
 *
 * Made from a connected socket by a worker; stream_set_deadline before each
 * step; freed at the end of the connection. After any error but
 * STREAM_ERROR_LINE the connection is of no more use.
 */
#ifndef MASQMAIL_WORKER_STREAM_H
#define MASQMAIL_WORKER_STREAM_H

#include <sys/socket.h>

#include <glib.h>

#define STREAM_ERROR (stream_error_quark())

GQuark stream_error_quark(void);

typedef enum {
	STREAM_ERROR_TIMEOUT, /* the step's or the session's deadline passed */
	STREAM_ERROR_CLOSED,  /* the peer closed or reset the connection */
	STREAM_ERROR_LINE,    /* a line over its bound, or with a NUL in it */
	STREAM_ERROR_EARLY,   /* bytes came before the TLS handshake */
	STREAM_ERROR_STOPPED, /* the watched descriptor hung up */
} StreamError;

typedef struct Stream Stream;

typedef enum {
	LAYER_DONE,
	LAYER_WANT_READ,  /* call again when the socket is readable */
	LAYER_WANT_WRITE, /* ... writable */
	LAYER_CLOSED,     /* the peer is gone */
	LAYER_FAILED,     /* with a GError */
} LayerResult;

/*
 * What may stand between stream and socket: TLS, and only in programs that
 * link it (tls.h). A layer never waits.
 */
typedef struct {
	/* Whether the peer spoke before the handshake gave it reason to. */
	gboolean (*is_early)(gconstpointer layer);
	LayerResult (*handshake)(gpointer layer, GError **error);
	/* At least one byte when LAYER_DONE. */
	LayerResult (*read)(gpointer layer, void *buffer, gsize size,
			    gsize *ret_got, GError **error);
	LayerResult (*write)(gpointer layer, const void *data, gsize size,
			     gsize *ret_put, GError **error);
	void (*free)(gpointer layer);
} StreamLayer;

/*
 * Connect to @address within @seconds, or until @watched (-1: nothing) hangs
 * up. NULL with STREAM_ERROR_TIMEOUT, _STOPPED or a system error.
 */
Stream *stream_connect(const struct sockaddr *address, socklen_t size,
		       guint seconds, int watched, GError **error);

/* @fd (transfer full) is a connected socket; it is made non-blocking. */
Stream *stream_new(int fd);
void stream_free(Stream *stream);

/*
 * Give up with STREAM_ERROR_STOPPED as soon as @fd (transfer none) hangs up
 * or its peer shuts it down; -1 ends the watch.
 */
void stream_watch(Stream *stream, int fd);

/*
 * The time left for all that follows, until set anew. The session's limit
 * holds for as long as the stream lives and cannot be prolonged by steps;
 * 0 seconds means no such limit.
 */
void stream_set_deadline(Stream *stream, guint seconds);
void stream_set_session_limit(Stream *stream, guint seconds);

/*
 * The next line (transfer full) without its LF or CRLF, or NULL. A line of
 * more than @max bytes or with a NUL is STREAM_ERROR_LINE.
 */
char *stream_read_line(Stream *stream, gsize max, GError **error);

/* Bytes that are there, at least one; 0 at the peer's end, -1 on error. */
gssize stream_read(Stream *stream, void *buffer, gsize size, GError **error);

/* Write all of it. */
gboolean stream_write(Stream *stream, const void *data, gsize size,
		      GError **error);

/*
 * Be told of all that is written (whole or in part, as it is asked for) and
 * of each line read, without its end. What stream_read reads is not told.
 */
typedef void (*StreamTap)(gpointer data, gboolean said, const char *bytes,
			  gsize size);
void stream_set_tap(Stream *stream, StreamTap tap, gpointer data);

/* Bytes received and not yet read. */
gsize stream_buffered(const Stream *stream);

/*
 * Do the handshake of @layer (transfer full), which must be made for
 * stream_fd(), and speak through it from then on. Received bytes that were
 * not read yet are STREAM_ERROR_EARLY: a peer may not say in clear what is
 * then taken for said under TLS (CVE-2021-38371 and its kin).
 */
gboolean stream_start_layer(Stream *stream, const StreamLayer *operations,
			    gpointer layer, GError **error);

int stream_fd(const Stream *stream);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Stream, stream_free)

#endif
