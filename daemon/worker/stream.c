// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker/stream.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include <glib-unix.h>

#include "common/error.h"

#define BUFFER_SIZE (16 * 1024)

struct Stream {
	int fd;
	int watched;        /* -1: nothing */
	gint64 deadline;    /* monotonic microseconds */
	gint64 session_end; /* G_MAXINT64: never */
	const StreamLayer *operations; /* NULL: plain */
	gpointer layer;
	gboolean ended;
	StreamTap tap; /* (nullable) */
	gpointer tap_data;
	gsize start, end;   /* unread bytes of buffer */
	char buffer[BUFFER_SIZE];
};

G_DEFINE_QUARK(masqmail-stream-error, stream_error)

Stream *
stream_new(int fd)
{
	Stream *stream = g_new(Stream, 1);

	stream->fd = fd;
	stream->watched = -1;
	stream->deadline = G_MAXINT64;
	stream->session_end = G_MAXINT64;
	stream->operations = NULL;
	stream->layer = NULL;
	stream->ended = FALSE;
	stream->tap = NULL;
	stream->tap_data = NULL;
	stream->start = stream->end = 0;
	g_unix_set_fd_nonblocking(fd, TRUE, NULL);
	return stream;
}

/* What was read may have been a secret (smtp-in), so it is wiped. */
void
stream_free(Stream *stream)
{
	if (!stream)
		return;
	if (stream->operations)
		stream->operations->free(stream->layer);
	close(stream->fd);
	explicit_bzero(stream->buffer, sizeof(stream->buffer));
	g_free(stream);
}

void
stream_watch(Stream *stream, int fd)
{
	stream->watched = fd;
}

static gint64
seconds_from_now(guint seconds)
{
	return g_get_monotonic_time() + seconds * G_USEC_PER_SEC;
}

void
stream_set_deadline(Stream *stream, guint seconds)
{
	stream->deadline = seconds ? seconds_from_now(seconds) : G_MAXINT64;
}

void
stream_set_session_limit(Stream *stream, guint seconds)
{
	stream->session_end = seconds ? seconds_from_now(seconds)
				      : G_MAXINT64;
}

void
stream_set_tap(Stream *stream, StreamTap tap, gpointer data)
{
	stream->tap = tap;
	stream->tap_data = data;
}

gsize
stream_buffered(const Stream *stream)
{
	return stream->end - stream->start;
}

int
stream_fd(const Stream *stream)
{
	return stream->fd;
}

static gboolean
set_closed(GError **error)
{
	g_set_error(error, STREAM_ERROR, STREAM_ERROR_CLOSED,
		    "the other side closed the connection");
	return FALSE;
}

static gboolean
set_timeout(GError **error)
{
	g_set_error(error, STREAM_ERROR, STREAM_ERROR_TIMEOUT,
		    "no answer in time");
	return FALSE;
}

/* Milliseconds until the nearer deadline, rounded up; -1 for ever. */
static int
time_left(const Stream *stream)
{
	gint64 end = MIN(stream->deadline, stream->session_end), left;

	if (end == G_MAXINT64)
		return -1;
	left = end - g_get_monotonic_time();
	return left <= 0 ? 0 : (int)MIN((left + 999) / 1000, G_MAXINT);
}

/*
 * Wait until the socket is ready for @events. The deadline is looked at
 * first: a peer that always has one more byte ready would else never be
 * late.
 */
static gboolean
wait_ready(Stream *stream, short events, GError **error)
{
	struct pollfd items[] = {
		{ .fd = stream->fd, .events = events },
		{ .fd = stream->watched, .events = POLLRDHUP },
	};
	int ready, left = time_left(stream);

	if (left == 0)
		return set_timeout(error);
	do
		ready = poll(items, G_N_ELEMENTS(items), left);
	while (ready < 0 && errno == EINTR && (left = time_left(stream)));
	if (ready < 0 && errno != EINTR)
		return error_set_errno(error, "poll");
	if (ready <= 0)
		return set_timeout(error);
	if (items[1].revents) {
		g_set_error(error, STREAM_ERROR, STREAM_ERROR_STOPPED,
			    "told to stop");
		return FALSE;
	}
	return TRUE;
}

/* What became of a connect that did not finish at once. */
static gboolean
finish_connect(Stream *stream, GError **error)
{
	int result = 0;
	socklen_t size = sizeof(result);

	if (!wait_ready(stream, POLLOUT, error))
		return FALSE;
	getsockopt(stream->fd, SOL_SOCKET, SO_ERROR, &result, &size);
	if (result == 0)
		return TRUE;
	errno = result;
	return error_set_errno(error, "connect");
}

Stream *
stream_connect(const struct sockaddr *address, socklen_t size, guint seconds,
	       int watched, GError **error)
{
	g_autoptr(Stream) stream = NULL;
	const int yes = 1;
	int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return error_null_errno(error, "socket");
	stream = stream_new(fd);
	stream_watch(stream, watched);
	stream_set_deadline(stream, seconds);
	/* We write whole batches; a last short packet must not wait. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	if (connect(fd, address, size) < 0) {
		if (errno != EINPROGRESS)
			return error_null_errno(error, "connect");
		if (!finish_connect(stream, error))
			return NULL;
	}
	return g_steal_pointer(&stream);
}

/* A failed send or recv: wait for the socket, or give up. */
static gboolean
handle_errno(Stream *stream, short events, GError **error)
{
	switch (errno) {
	case EINTR:
		return TRUE;
	case EAGAIN:
		return wait_ready(stream, events, error);
	case ETIMEDOUT:
		return set_timeout(error);
	case ECONNRESET:
	case ECONNABORTED:
	case EPIPE:
		return set_closed(error);
	default:
		return error_set_errno(error, "connection");
	}
}

/* One receive that got nothing: TRUE means try again. */
static gboolean
handle_layer(Stream *stream, LayerResult result, GError **error)
{
	switch (result) {
	case LAYER_DONE:
		return TRUE;
	case LAYER_WANT_READ:
		return wait_ready(stream, POLLIN, error);
	case LAYER_WANT_WRITE:
		return wait_ready(stream, POLLOUT, error);
	case LAYER_CLOSED:
		return set_closed(error);
	case LAYER_FAILED:
		return FALSE;
	}
	g_assert_not_reached();
}

static gssize
receive(Stream *stream, void *buffer, gsize size, GError **error)
{
	for (;;) {
		gboolean again;

		if (stream->operations) {
			gsize got = 0;
			LayerResult result = stream->operations->read(
				stream->layer, buffer, size, &got, error);

			if (result == LAYER_DONE || result == LAYER_CLOSED)
				return got;
			again = handle_layer(stream, result, error);
		} else {
			gssize got = recv(stream->fd, buffer, size, 0);

			if (got >= 0)
				return got;
			again = handle_errno(stream, POLLIN, error);
		}
		if (!again)
			return -1;
	}
}

/* More bytes into the buffer, after those unread. */
static gboolean
fill(Stream *stream, GError **error)
{
	gssize got;

	if (time_left(stream) == 0)
		return set_timeout(error);
	if (stream->start > 0) {
		memmove(stream->buffer, stream->buffer + stream->start,
			stream_buffered(stream));
		stream->end -= stream->start;
		stream->start = 0;
	}
	got = receive(stream, stream->buffer + stream->end,
		      BUFFER_SIZE - stream->end, error);
	if (got < 0)
		return FALSE;
	stream->end += got;
	stream->ended = got == 0;
	return TRUE;
}

/* Move the buffer's first @size bytes to @line, of which @max may be. */
static gboolean
take(Stream *stream, GString *line, gsize size, gsize max, GError **error)
{
	const char *from = stream->buffer + stream->start;

	if (memchr(from, '\0', size)) {
		g_set_error(error, STREAM_ERROR, STREAM_ERROR_LINE,
			    "a line with a NUL byte in it");
		return FALSE;
	}
	g_string_append_len(line, from, size);
	stream->start += size;
	if (line->len <= max + strlen("\r\n"))
		return TRUE;
	g_set_error(error, STREAM_ERROR, STREAM_ERROR_LINE,
		    "a line of more than %" G_GSIZE_FORMAT " bytes", max);
	return FALSE;
}

static void
cut_line_end(GString *line)
{
	g_string_truncate(line, line->len - 1);
	if (line->len > 0 && line->str[line->len - 1] == '\r')
		g_string_truncate(line, line->len - 1);
}

char *
stream_read_line(Stream *stream, gsize max, GError **error)
{
	g_autoptr(GString) line = g_string_new(NULL);

	for (;;) {
		char *from = stream->buffer + stream->start;
		gsize there = stream_buffered(stream);
		char *end = memchr(from, '\n', there);

		if (end)
			there = end + 1 - from;
		if (!take(stream, line, there, max, error))
			return NULL;
		if (end)
			break;
		if (!fill(stream, error))
			return NULL;
		if (stream->ended) {
			set_closed(error);
			return NULL;
		}
	}
	cut_line_end(line);
	if (stream->tap)
		stream->tap(stream->tap_data, FALSE, line->str, line->len);
	return g_string_free(g_steal_pointer(&line), FALSE);
}

gssize
stream_read(Stream *stream, void *buffer, gsize size, GError **error)
{
	gsize there;

	if (stream_buffered(stream) == 0 && !fill(stream, error))
		return -1;
	there = MIN(size, stream_buffered(stream));
	memcpy(buffer, stream->buffer + stream->start, there);
	stream->start += there;
	return there;
}

gboolean
stream_write(Stream *stream, const void *data, gsize size, GError **error)
{
	const char *at = data, *end = at + size;

	if (stream->tap)
		stream->tap(stream->tap_data, TRUE, data, size);
	while (at < end) {
		gboolean again;

		if (time_left(stream) == 0)
			return set_timeout(error);
		if (stream->operations) {
			gsize put = 0;
			LayerResult result = stream->operations->write(
				stream->layer, at, end - at, &put, error);

			at += put;
			again = handle_layer(stream, result, error);
		} else {
			gssize put = send(stream->fd, at, end - at,
					  MSG_NOSIGNAL);

			at += MAX(put, 0);
			again = put >= 0 ||
				handle_errno(stream, POLLOUT, error);
		}
		if (!again)
			return FALSE;
	}
	return TRUE;
}

static gboolean
do_handshake(Stream *stream, const StreamLayer *operations, gpointer layer,
	     GError **error)
{
	LayerResult result;

	if (stream_buffered(stream) > 0 || operations->is_early(layer)) {
		g_set_error(error, STREAM_ERROR, STREAM_ERROR_EARLY,
			    "bytes in clear before the TLS handshake");
		return FALSE;
	}
	do {
		if (time_left(stream) == 0)
			return set_timeout(error);
		result = operations->handshake(layer, error);
		if (!handle_layer(stream, result, error))
			return FALSE;
	} while (result != LAYER_DONE);
	return TRUE;
}

gboolean
stream_start_layer(Stream *stream, const StreamLayer *operations,
		   gpointer layer, GError **error)
{
	if (!do_handshake(stream, operations, layer, error)) {
		operations->free(layer);
		return FALSE;
	}
	stream->operations = operations;
	stream->layer = layer;
	return TRUE;
}
