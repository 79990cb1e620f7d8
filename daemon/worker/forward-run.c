// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs one command of a .forward as the user whose it is: the parent starts
 * it when the local worker asks for the key "Forward" and knows nothing of
 * it but its number. The file is read and checked here once more. The
 * message is on standard input; HOME, and EXTENSION for user+x, say which
 * .forward it is.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "daemon/worker/local-forward.h"

static G_GNUC_NORETURN void
fail(int code, const char *why)
{
	fprintf(stderr, "%s: %s\n", FORWARD_FILE, why);
	exit(code);
}

static char *
read_command(guint number)
{
	const char *extension = g_getenv("EXTENSION");
	g_autoptr(GError) error = NULL;
	g_autoptr(Alias) forward =
		forward_read(g_get_home_dir(), extension ? extension : "",
			     &error);
	const char *command;

	if (error)
		fail(EX_TEMPFAIL, error->message);
	command = forward ? forward_command(forward, number) : NULL;
	if (!command)
		fail(EX_TEMPFAIL, "it has changed; the mail is tried again");
	if (forward->fault)
		fail(EX_TEMPFAIL, forward->fault);
	return g_strdup(command);
}

int
main(int argc, char **argv)
{
	g_autofree char *command = NULL;
	g_autoptr(GError) error = NULL;
	char **words = NULL;
	guint64 number;

	if (argc != 2 || !g_ascii_string_to_unsigned(argv[1], 10, 0,
						     ALIASES_MAX_TARGETS,
						     &number, NULL))
		fail(EX_USAGE, "forward-run is started by masqmaild");
	command = read_command(number);
	if (!g_shell_parse_argv(command, NULL, &words, &error))
		fail(EX_TEMPFAIL, error->message);
	execvp(words[0], words);
	perror(words[0]);
	return EX_TEMPFAIL;
}
