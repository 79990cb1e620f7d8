// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mservdetect: asks which connection is up, for [Online] of masqmail.conf.
 * As a worker it is begun for "mserver" or "command", and tells the engine a
 * profile's name. By hand, as the old masqmail had it:
 *
 *	mservdetect HOST [PORT]
 *
 * prints the name of the connection; exit status 1: none is up, 69: nobody
 * could say.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "common/error.h"
#include "daemon/worker/command.h"
#include "daemon/worker/mserver.h"
#include "daemon/worker/worker.h"

#define COMMAND_SECONDS 30
#define MSERVER_NAME "mserver"
#define COMMAND_NAME "command"

static char *
ask_mserver(Worker *worker, GError **error)
{
	g_autoptr(Config) config = config_load_fd(
		CONFIG_MAIN, WORKER_CONFIG_FD, "masqmail.conf", error);
	g_autofree char *text = NULL;
	g_autofree char *host = NULL;
	guint16 port;

	if (!config)
		return NULL;
	text = config_string(config, "Online", "Mserver");
	if (text && mserver_parse(text, &host, &port))
		return mserver_detect(host, port, worker_fd(worker), error);
	g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_VALUE,
		    "[Online] Mserver should be HOST or HOST:PORT");
	return NULL;
}

/* What it prints is the profile; nothing, or a failure, is offline. */
static char *
ask_command(Worker *worker, GError **error)
{
	const CommandCall call = {
		.key = "Online",
		.output = -1,
		.seconds = COMMAND_SECONDS,
		.watched = worker_fd(worker),
	};
	g_autoptr(Command) command = command_start(&call, error);

	if (!command || !command_finish(command, error))
		return NULL;
	if (!command_succeeded(command))
		return g_strdup("");
	return g_strdup(command_output(command)->str);
}

static void
tell(Worker *worker, const char *word, const char *why)
{
	GVariantDict hint;

	g_variant_dict_init(&hint, NULL);
	g_variant_dict_insert(&hint, "online", "s", word);
	g_variant_dict_insert(&hint, "why", "s", why);
	g_autoptr(GVariant) reply = client_call(
		worker->engine, "Hint",
		g_variant_new("(@a{sv})", g_variant_dict_end(&hint)), NULL);
}

static int
work(int argc, char **argv)
{
	g_autoptr(Worker) worker = worker_start(argc, argv);
	g_autoptr(GError) error = NULL;
	g_autofree char *word = NULL;

	if (worker_confine(worker, NULL, 0, &error))
		word = g_str_equal(worker->name, COMMAND_NAME)
			       ? ask_command(worker, &error)
			       : ask_mserver(worker, &error);
	if (word) {
		g_strstrip(word);
		word[strcspn(word, " \t\r\n")] = '\0';
	}
	tell(worker, word ? word : "", word ? "" : error->message);
	return EXIT_SUCCESS;
}

static int
by_hand(const char *host, const char *port)
{
	g_autofree char *text =
		port ? g_strdup_printf(strchr(host, ':') ? "[%s]:%s" : "%s:%s",
				       host, port)
		     : g_strdup(host);
	g_autoptr(GError) error = NULL;
	g_autofree char *name = NULL;
	g_autofree char *parsed = NULL;
	guint16 number;

	if (!mserver_parse(text, &parsed, &number)) {
		fprintf(stderr, "mservdetect: %s is no port\n", port);
		return EX_USAGE;
	}
	name = mserver_detect(parsed, number, -1, &error);
	if (!name) {
		fprintf(stderr, "mservdetect: %s\n", error->message);
		return EX_UNAVAILABLE;
	}
	if (*name)
		puts(name);
	return *name ? EXIT_SUCCESS : EXIT_FAILURE;
}

int
main(int argc, char **argv)
{
	gboolean worker = argc == 2 && (g_str_equal(argv[1], MSERVER_NAME) ||
					g_str_equal(argv[1], COMMAND_NAME));

	if (worker || argc < 2 || argc > 3)
		return work(argc, argv);
	return by_hand(argv[1], argc == 3 ? argv[2] : NULL);
}
