// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A command as a mailbox: the message goes to its standard input, and what
 * its exit says is what came of the delivery. Which command it is stands in
 * a file that the parent reads; it runs as the user that file means.
 */
#include "daemon/worker/local-box.h"

#include "common/error.h"

#define COMMAND_SECONDS 600 /* for all of it */

typedef struct {
	Box box;
	Command *command;
	Status *status;
} Pipe;

static void
pipe_free(Box *box)
{
	Pipe *pipe = (Pipe *)box;

	command_free(pipe->command);
	status_free(pipe->status);
	g_free(box->place);
	g_free(pipe);
}

static Box *
pipe_begin(const BoxTarget *target, GError **error)
{
	Pipe *pipe = g_new0(Pipe, 1);
	g_autoptr(Box) box = &pipe->box;
	CommandCall call = *target->call;

	box->kind = &box_command;
	box->place = g_strdup(target->path);
	call.input = -1;
	call.output = -1;
	call.seconds = COMMAND_SECONDS;
	pipe->command = command_start(&call, error);
	return pipe->command ? g_steal_pointer(&box) : NULL;
}

static gboolean
pipe_write(Box *box, const void *bytes, gsize size, GError **error)
{
	return command_write(((Pipe *)box)->command, bytes, size, error);
}

/* "|/usr/bin/procmail -t" is "procmail" for people. */
static char *
name_of(const char *place)
{
	g_auto(GStrv) words = NULL;

	if (*place != '|' ||
	    !g_shell_parse_argv(place + 1, NULL, &words, NULL))
		return g_strdup(place);
	return g_path_get_basename(words[0]);
}

static gboolean
pipe_commit(Box *box, GError **error)
{
	Pipe *pipe = (Pipe *)box;
	g_autofree char *name = NULL;

	if (!command_finish(pipe->command, error))
		return FALSE;
	name = name_of(box->place);
	pipe->status = command_status(pipe->command, name);
	g_free(pipe->status->host);
	pipe->status->host = g_strdup(box->place);
	return TRUE;
}

static Status *
pipe_status(Box *box)
{
	return g_steal_pointer(&((Pipe *)box)->status);
}

const BoxKind box_command = {
	.name = "command",
	.path = "",
	.begin = pipe_begin,
	.write = pipe_write,
	.commit = pipe_commit,
	.status = pipe_status,
	.free = pipe_free,
};
