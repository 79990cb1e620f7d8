// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The worker behind one accepted SMTP connection. It links no TLS and reads
 * no file but masqmail.conf, which it finds open.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sysexits.h>

#include "common/log.h"
#include "daemon/worker/smtp-in-serve.h"
#include "daemon/worker/worker.h"

/*
 * RFC 5321 4.5.3.2.7: five minutes for a command. A session may bring many
 * messages, but not live for ever.
 */
static const ServeLimits limits = {
	.step = 300,
	.answer = 60,
	.session = 2 * 60 * 60,
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
play(Worker *worker, const Config *config)
{
	g_autofree char *host = worker_host_name(config);
	gboolean own = is_own(WORKER_CLIENT_FD);
	const SessionConfig settings = {
		.host = host,
		.domain = own ? host : NULL,
		.size_limit = config_number(config, "General", "SizeLimit"),
		.own = own,
	};

	smtp_in_serve(worker->engine, WORKER_CLIENT_FD, &settings, &limits);
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
	if (!config || !worker_confine(worker, NULL, 0, &error)) {
		log_problem("smtp-in", 0, "listener=%s %s", worker->name,
			    error->message);
		return EX_CONFIG;
	}
	play(worker, config);
	return EX_OK;
}
