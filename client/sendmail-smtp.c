// SPDX-License-Identifier: GPL-2.0-or-later
#include "client/sendmail-smtp.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/sendmail-envelope.h"
#include "common/hostname.h"
#include "common/session-submit.h"

#define PIECE 16384

typedef struct {
	SessionSubmit submit; /* first: see session-submit.h */
} Dialogue;

static gboolean
send_reply(void *user G_GNUC_UNUSED, const char *bytes, gsize size)
{
	while (size > 0) {
		ssize_t n = write(STDOUT_FILENO, bytes, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return FALSE;
		bytes += n;
		size -= n;
	}
	return TRUE;
}

static gboolean
input_waits(void *user G_GNUC_UNUSED)
{
	struct pollfd item = { .fd = STDIN_FILENO, .events = POLLIN };

	return poll(&item, 1, 0) > 0 && (item.revents & POLLIN);
}

static const SessionDriver driver = {
	.reply = send_reply,
	.input_waits = input_waits,
	.submit = session_submit_begin,
	.recipient = session_submit_recipient,
	.data = session_submit_data,
	.commit = session_submit_commit,
	.reset = session_submit_reset,
};

static gboolean
is_network(int fd)
{
	struct sockaddr_storage address;
	socklen_t size = sizeof(address);

	if (getsockname(fd, (struct sockaddr *)&address, &size) < 0)
		return FALSE;
	return address.ss_family != AF_UNIX;
}

static gboolean
play(Session *session, GError **error)
{
	char bytes[PIECE];
	ssize_t n;

	session_greet(session);
	while (!session_is_over(session)) {
		n = read(STDIN_FILENO, bytes, sizeof(bytes));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return sendmail_fail(error, EX_IOERR,
					     "standard input cannot be read: "
					     "%s",
					     g_strerror(errno));
		if (n == 0) {
			session_hang_up(session);
			return TRUE;
		}
		session_feed(session, bytes, n);
	}
	return TRUE;
}

static void
say_unavailable(void)
{
	static const char text[] =
		"421 4.3.2 The mail daemon does not answer, try later\r\n";

	send_reply(NULL, text, sizeof(text) - 1);
}

gboolean
smtp_serve(const SendmailOptions *options, const Paths *paths, GError **error)
{
	g_autoptr(Config) config = NULL;
	g_autoptr(Client) client = NULL;
	g_autoptr(Session) session = NULL;
	g_autofree char *host = NULL;
	SessionConfig session_config = { .piped = TRUE, .own = TRUE };
	Dialogue dialogue;

	if (is_network(STDIN_FILENO) || is_network(STDOUT_FILENO))
		return sendmail_fail(error, EX_CONFIG,
				     "-bs speaks on a pipe, not on a network "
				     "connection: name the address in Listen "
				     "of masqmail.conf(5) instead");
	config = envelope_config(options, paths, error);
	if (!config)
		return FALSE;
	client = sendmail_connect(paths, error);
	if (!client) {
		say_unavailable();
		return FALSE;
	}
	host = hostname_for_mail(config);
	session_config.host = session_config.domain = host;
	session_config.size_limit =
		config_number(config, "General", "SizeLimit");
	dialogue.submit.client = client;
	session = session_new(&session_config, &driver, &dialogue);
	return play(session, error);
}
