// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The worker behind one accepted SMTP connection: bytes from the client's
 * socket into a session (common/session.h), mail from there to the engine,
 * under deadlines that no slow client can stretch. It links no TLS and
 * reads no file but masqmail.conf, which it finds open.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sysexits.h>

#include "common/log.h"
#include "common/session-submit.h"
#include "daemon/worker/stream.h"
#include "daemon/worker/worker.h"

#define BUFFER_SIZE (32 * 1024)

/*
 * Until the next whole command, or SESSION_STEP bytes of data, has come: a
 * byte now and then does not count (RFC 5321 4.5.3.2.7: five minutes).
 */
#define STEP_S 300
#define ANSWER_S 60
/* All of it: a session may bring many messages, but not live for ever. */
#define SESSION_S (2 * 60 * 60)

typedef struct {
	SessionSubmit submit; /* first: session-submit.h */
	Stream *stream;
} Connection;

static gboolean
reply(void *user, const char *bytes, gsize size)
{
	Connection *connection = user;

	stream_set_deadline(connection->stream, ANSWER_S);
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

static gboolean
is_loopback(const struct sockaddr_storage *address)
{
	const struct sockaddr_in *four = (const void *)address;
	const struct sockaddr_in6 *six = (const void *)address;

	if (address->ss_family == AF_INET)
		return ntohl(four->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	return address->ss_family == AF_INET6 &&
	       IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
}

/*
 * Programs of this machine may leave out what RFC 6409 8 lets us complete.
 * It gives no rights: those are the engine's, by the client's uid.
 */
static gboolean
is_own(int fd)
{
	struct sockaddr_storage peer = {.ss_family = AF_UNSPEC};
	socklen_t size = sizeof(peer);

	return !getpeername(fd, (struct sockaddr *)&peer, &size) &&
	       is_loopback(&peer);
}

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
serve(Session *session, Stream *stream)
{
	g_autofree char *buffer = g_malloc(BUFFER_SIZE);
	g_autoptr(GError) error = NULL;
	guint64 step = session_step(session);

	stream_set_deadline(stream, STEP_S);
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
		stream_set_deadline(stream, STEP_S);
	}
}

static void
play(Worker *worker, const Config *config)
{
	g_autofree char *host = worker_host_name(config);
	g_autoptr(Stream) stream = stream_new(WORKER_CLIENT_FD);
	gboolean own = is_own(WORKER_CLIENT_FD);
	const SessionConfig settings = {
		.host = host,
		.domain = own ? host : NULL,
		.size_limit = config_number(config, "General", "SizeLimit"),
		.own = own,
	};
	Connection connection = {.submit.client = worker->engine,
				 .stream = stream};
	g_autoptr(Session) session =
		session_new(&settings, &driver, &connection);

	stream_watch(stream, worker_fd(worker));
	stream_set_session_limit(stream, SESSION_S);
	session_greet(session);
	serve(session, stream);
}

int
main(int argc, char **argv)
{
	g_autoptr(Worker) worker = worker_start(argc, argv);
	g_autoptr(GError) error = NULL;
	g_autoptr(Config) config = NULL;

	g_set_prgname("smtp-in");
	config = config_load_fd(CONFIG_MAIN, WORKER_CONFIG_FD, "masqmail.conf",
				&error);
	if (!config ||
	    !worker_confine(worker, NULL, 0, &error)) {
		log_problem("smtp-in", 0, "listener=%s %s", worker->name,
			    error->message);
		return EX_CONFIG;
	}
	play(worker, config);
	return EX_OK;
}
