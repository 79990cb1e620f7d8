// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The worker behind one accepted SMTP connection. It links no TLS and reads
 * no file but masqmail.conf, which it finds open.
 */
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

/* What the engine calls a client that it knows to be a user of ours. */
#define OWN "own"

static void
play(Worker *worker, const Config *config)
{
	g_autofree char *host = worker_host_name(config);
	gboolean own = g_str_equal(worker->name, OWN);
	const SessionConfig settings = {
		.host = host,
		.domain = own ? host : NULL,
		.size_limit = config_number(config, "General", "SizeLimit"),
		.own = own,
	};

	smtp_in_serve(worker->engine, WORKER_CLIENT_FD, &settings, &limits);
}

/* The caller keeps its mail; silence would not tell it to. */
static void
apologise(void)
{
	static const char line[] =
		"421 4.3.5 This mail service is not set up right; try again "
		"later\r\n";

	send(WORKER_CLIENT_FD, line, strlen(line), MSG_NOSIGNAL);
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
		apologise();
		return EX_CONFIG;
	}
	play(worker, config);
	return EX_OK;
}
