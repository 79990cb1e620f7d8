// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker/smtp-in-serve.h"

#include <sys/socket.h>

#include "common/session-submit.h"
#include "daemon/worker/stream.h"

#define BUFFER_SIZE (32 * 1024)

typedef struct {
	SessionSubmit submit; /* first: session-submit.h */
	Stream *stream;
	const ServeLimits *limits;
} Connection;

static gboolean
reply(void *user, const char *bytes, gsize size)
{
	Connection *connection = user;

	stream_set_deadline(connection->stream, connection->limits->answer);
	return stream_write(connection->stream, bytes, size, NULL);
}

static gboolean
input_waits(void *user)
{
	Connection *connection = user;
	char byte;

	return stream_buffered(connection->stream) > 0 ||
	       recv(stream_fd(connection->stream), &byte, 1,
		    MSG_PEEK | MSG_DONTWAIT) > 0;
}

static const SessionDriver driver = {
	.reply = reply,
	.input_waits = input_waits,
	.submit = session_submit_begin,
	.recipient = session_submit_recipient,
	.data = session_submit_data,
	.commit = session_submit_commit,
	.reset = session_submit_reset,
};

static void
end(Session *session, const GError *error)
{
	if (g_error_matches(error, STREAM_ERROR, STREAM_ERROR_TIMEOUT))
		session_timeout(session, "Nothing came for too long, goodbye");
	else if (g_error_matches(error, STREAM_ERROR, STREAM_ERROR_STOPPED))
		session_timeout(session, "The mail system is stopping, "
					 "try again later");
	else
		session_hang_up(session);
}

static void
serve(Session *session, Stream *stream, const ServeLimits *limits)
{
	g_autofree char *buffer = g_malloc(BUFFER_SIZE);
	g_autoptr(GError) error = NULL;
	guint64 step = session_step(session);

	stream_set_deadline(stream, limits->step);
	while (!session_is_over(session)) {
		gssize got = stream_read(stream, buffer, BUFFER_SIZE, &error);

		if (got <= 0) {
			end(session, error);
			return;
		}
		session_feed(session, buffer, got);
		if (step == session_step(session))
			continue;
		step = session_step(session);
		stream_set_deadline(stream, limits->step);
	}
}

void
smtp_in_serve(Client *engine, int fd, const SessionConfig *config,
	      const ServeLimits *limits)
{
	g_autoptr(Stream) stream = stream_new(fd);
	Connection connection = {.submit.client = engine,
				 .stream = stream,
				 .limits = limits};
	g_autoptr(Session) session = session_new(config, &driver, &connection);

	stream_watch(stream, client_fd(engine));
	stream_set_session_limit(stream, limits->session);
	session_greet(session);
	serve(session, stream, limits);
}
