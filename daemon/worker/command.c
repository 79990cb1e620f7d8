// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker/command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/error.h"
#include "common/text.h"
#include "daemon/priv.h"
#include "daemon/worker/worker.h"

#define BLOCK 4096	/* bytes read at a time */

struct Command {
	int control;	/* closed: the parent ends the command */
	int input, output, errors;	/* our ends, or -1 */
	int watched;
	gint64 deadline;	/* monotonic, microseconds, or 0 */
	GString *said;
	GString *complained;
	char *complaint;
	gboolean answered;
	PrivAnswer answer;
};

G_DEFINE_QUARK(masqmail-command-run-error, command_run_error)

static void
close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* What it printed may be a password. */
static void
wipe(GString *text)
{
	explicit_bzero(text->str, text->allocated_len);
	g_string_free(text, TRUE);
}

void
command_free(Command *command)
{
	if (!command)
		return;
	close_end(&command->control);
	close_end(&command->input);
	close_end(&command->output);
	close_end(&command->errors);
	wipe(command->said);
	wipe(command->complained);
	g_free(command->complaint);
	g_free(command);
}

void
command_set_seconds(Command *command, guint seconds)
{
	command->deadline = g_get_monotonic_time() +
			    seconds * G_TIME_SPAN_SECOND;
}

GString *
command_output(Command *command)
{
	return command->said;
}

/* Scripts end with what matters. */
const char *
command_complaint(Command *command)
{
	char *text = command->complained->str, *line;

	if (command->complaint)
		return command->complaint;
	g_strchomp(text);
	line = strrchr(text, '\n');
	command->complaint = text_harmless_clipped(line ? line + 1 : text,
						   STATUS_MAX_TEXT / 2);
	return command->complaint;
}

/* --- asking --------------------------------------------------------------- */

static gboolean
fill_values(PrivAsk *ask, const char *const *values, GError **error)
{
	gsize used = 0;

	for (; values && *values; values++) {
		gsize size = strlen(*values) + 1;

		if (used + size + 1 > sizeof(ask->values)) {
			g_set_error(error, COMMAND_RUN_ERROR,
				    COMMAND_RUN_ERROR_START,
				    "there is more to tell the command than "
				    "fits");
			return FALSE;
		}
		memcpy(ask->values + used, *values, size);
		used += size;
	}
	return TRUE;
}

static gboolean
fill_ask(PrivAsk *ask, const CommandCall *call, GError **error)
{
	memset(ask, 0, sizeof(*ask));
	ask->op = PRIV_RUN;
	ask->number = call->number;
	g_strlcpy(ask->key, call->key, sizeof(ask->key));
	if (g_strlcpy(ask->argument, call->argument ? call->argument : "",
		      sizeof(ask->argument)) < sizeof(ask->argument))
		return fill_values(ask, call->values, error);
	g_set_error(error, COMMAND_RUN_ERROR, COMMAND_RUN_ERROR_START,
		    "no alias has so long a name");
	return FALSE;
}

/* Our end does not block: the command's speed is its own. */
static gboolean
make_pipe(int *ret_ours, int *ret_its, gboolean we_write, GError **error)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set_errno(error, "pipe");
	*ret_ours = ends[we_write ? 1 : 0];
	*ret_its = ends[we_write ? 0 : 1];
	return fcntl(*ret_ours, F_SETFL, O_NONBLOCK) == 0 ||
	       error_set_errno(error, "pipe");
}

/* @its are closed by the caller but where @call or /dev/null is theirs. */
static gboolean
make_ends(Command *command, const CommandCall *call, int its[PRIV_ASK_FDS],
	  GError **error)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return error_set_errno(error, "socketpair");
	command->control = pair[0];
	its[PRIV_ASK_CONTROL] = pair[1];
	if (call->input < 0 &&
	    !make_pipe(&command->input, &its[PRIV_ASK_INPUT], TRUE, error))
		return FALSE;
	if (call->output < 0 &&
	    !make_pipe(&command->output, &its[PRIV_ASK_OUTPUT], FALSE, error))
		return FALSE;
	return make_pipe(&command->errors, &its[PRIV_ASK_ERROR], FALSE, error);
}

static gboolean
send_ask(const PrivAsk *ask, const CommandCall *call,
	 const int its[PRIV_ASK_FDS], GError **error)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int fds[PRIV_ASK_FDS];
	gboolean good;

	memcpy(fds, its, sizeof(fds));
	if (call->input >= 0)
		fds[PRIV_ASK_INPUT] = call->input > 0 ? call->input : null;
	if (call->output >= 0)
		fds[PRIV_ASK_OUTPUT] = call->output > 0 ? call->output : null;
	good = priv_ask(WORKER_PARENT_FD, ask, fds, error);
	if (null >= 0)
		close(null);
	return good;
}

Command *
command_start(const CommandCall *call, GError **error)
{
	g_autoptr(Command) command = g_new0(Command, 1);
	int its[PRIV_ASK_FDS] = { -1, -1, -1, -1 };
	gboolean good;
	PrivAsk ask;

	command->control = command->input = -1;
	command->output = command->errors = -1;
	command->watched = call->watched;
	command->said = g_string_new(NULL);
	command->complained = g_string_new(NULL);
	if (call->seconds > 0)
		command->deadline = g_get_monotonic_time() +
				    call->seconds * G_TIME_SPAN_SECOND;
	good = fill_ask(&ask, call, error) &&
	       make_ends(command, call, its, error) &&
	       send_ask(&ask, call, its, error);
	for (guint i = 0; i < PRIV_ASK_FDS; i++)
		close_end(&its[i]);
	return good ? g_steal_pointer(&command) : NULL;
}

/* --- waiting -------------------------------------------------------------- */

static gboolean
fail(Command *command, CommandRunError code, const char *what, GError **error)
{
	const char *complaint = command_complaint(command);

	close_end(&command->control);
	g_set_error(error, COMMAND_RUN_ERROR, code, "%s%s%s", what,
		    *complaint ? ": " : "", complaint);
	return FALSE;
}

/* What does not fit of its complaints is dropped, the beginning first. */
static void
take_complaint(Command *command)
{
	GString *text = command->complained;
	char block[BLOCK];
	ssize_t n = read(command->errors, block, sizeof(block));

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		close_end(&command->errors);
	if (n <= 0)
		return;
	g_string_append_len(text, block, n);
	if (text->len > COMMAND_COMPLAINT_MAX)
		g_string_erase(text, 0, text->len - COMMAND_COMPLAINT_MAX);
	g_clear_pointer(&command->complaint, g_free);
}

static gboolean
take_output(Command *command, GError **error)
{
	char block[BLOCK];
	ssize_t n = read(command->output, block, sizeof(block));

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		close_end(&command->output);
	if (n > 0)
		g_string_append_len(command->said, block, n);
	explicit_bzero(block, sizeof(block));
	return command->said->len <= COMMAND_OUTPUT_MAX ||
	       fail(command, COMMAND_RUN_ERROR_OUTPUT,
		    "the command says more than anybody asked for", error);
}

/* The parent hung up without an answer: it ended, or never trusted us. */
static gboolean
take_answer(Command *command, GError **error)
{
	g_autoptr(GError) mine = NULL;

	if (!priv_hear_answer(command->control, &command->answer, &mine))
		return fail(command, COMMAND_RUN_ERROR_START, mine->message,
			    error);
	if (command->answer.result != 0)
		return fail(command, COMMAND_RUN_ERROR_START,
			    command->answer.reason, error);
	command->answered = TRUE;
	close_end(&command->control);
	return TRUE;
}

static int
patience(const Command *command)
{
	gint64 left = command->deadline - g_get_monotonic_time();

	if (command->deadline == 0)
		return -1;
	return (int)MIN(MAX(left, 0) / G_TIME_SPAN_MILLISECOND + 1,
			G_MAXINT);
}

/* One wait, and all that came of it but room in its input. */
static gboolean
turn(Command *command, gboolean writing, GError **error)
{
	struct pollfd fds[] = {
		{ command->control, POLLIN, 0 },
		{ command->output, POLLIN, 0 },
		{ command->errors, POLLIN, 0 },
		{ writing ? command->input : -1, POLLOUT, 0 },
		{ command->watched, POLLRDHUP, 0 },
	};
	int n = poll(fds, G_N_ELEMENTS(fds), patience(command));

	if (n < 0 && errno != EINTR)
		return error_set_errno(error, "poll");
	if (n == 0)
		return fail(command, COMMAND_RUN_ERROR_TIMEOUT,
			    "the command took too long and was ended", error);
	if (n < 0)
		return TRUE;
	if (fds[4].revents)
		return fail(command, COMMAND_RUN_ERROR_STOPPED,
			    "no longer wanted", error);
	if (fds[2].revents)
		take_complaint(command);
	if (fds[1].revents && !take_output(command, error))
		return FALSE;
	return !fds[0].revents || take_answer(command, error);
}

gboolean
command_write(Command *command, const void *data, gsize size, GError **error)
{
	const char *at = data;

	while (size > 0 && command->input >= 0) {
		ssize_t n = write(command->input, at, size);

		if (n > 0) {
			at += n;
			size -= n;
		} else if (errno != EAGAIN && errno != EINTR) {
			close_end(&command->input);
		} else if (!turn(command, TRUE, error)) {
			return FALSE;
		}
	}
	return TRUE;
}

static gboolean
is_readable(int fd)
{
	struct pollfd one = { fd, POLLIN, 0 };

	return fd >= 0 && poll(&one, 1, 0) > 0;
}

/*
 * What it has said is there when it has ended. The end of its output is not
 * waited for: what it left running in the background may keep that open.
 */
gboolean
command_finish(Command *command, GError **error)
{
	close_end(&command->input);
	while (!command->answered)
		if (!turn(command, FALSE, error))
			return FALSE;
	while (is_readable(command->output))
		if (!take_output(command, error))
			return FALSE;
	while (is_readable(command->errors))
		take_complaint(command);
	return TRUE;
}

gboolean
command_succeeded(const Command *command)
{
	return command->answered && command->answer.status == 0;
}

Status *
command_status(Command *command, const char *name)
{
	return command_why(command->answer.status, name,
			   command_complaint(command));
}
