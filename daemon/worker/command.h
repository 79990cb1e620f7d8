// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Running a command that the configuration names: the worker's side of
 * priv.h's RUN. The worker says only which key it means; the parent reads
 * the command, and runs it as the user that the file says. Blocking, under
 * one deadline for all of it, so that callers read top to bottom:
 *
 *	g_autoptr(Command) command = command_start(&call, &error);
 *
 *	while (...)
 *		command_write(command, block, size, &error)
 *	command_finish(command, &error)
 *	status = command_status(command, "uux");
 *
 * Each FALSE or NULL leaves a sentence in @error, with the last line the
 * command complained with. command_free at any time ends a command that
 * still runs, with all of its process group.
 */
#ifndef MASQMAIL_WORKER_COMMAND_H
#define MASQMAIL_WORKER_COMMAND_H

#include <glib.h>

#include "common/status.h"

#define COMMAND_OUTPUT_MAX (64 * 1024)	/* bytes; more ends the command */
#define COMMAND_COMPLAINT_MAX 4096	/* bytes kept of standard error */

#define COMMAND_RUN_ERROR (command_run_error_quark())
GQuark command_run_error_quark(void);

typedef enum {
	COMMAND_RUN_ERROR_START,   /* it never ran */
	COMMAND_RUN_ERROR_TIMEOUT,
	COMMAND_RUN_ERROR_STOPPED, /* CommandCall.watched hung up */
	COMMAND_RUN_ERROR_OUTPUT,  /* it said more than we take */
} CommandRunError;

typedef struct {
	const char *key;      /* "PasswordCommand", ...: command-rule.c */
	const char *argument; /* the name of an alias; (nullable) */
	guint number;         /* which of that alias' commands, from 0 */
	/*
	 * "SENDER=a@b.example", ... NULL at the end; (nullable). Names that
	 * command-rule.c does not list are refused.
	 */
	const char *const *values;
	/*
	 * Standard input and output, a socket for instance, for who speaks
	 * with it himself; 0: none; -1: ours, by command_write and
	 * command_output.
	 */
	int input, output;
	guint seconds; /* for all of it; 0: no deadline */
	int watched;   /* hangs up when it is no longer wanted; or -1 */
} CommandCall;

typedef struct Command Command;

/* @call is not needed any more afterwards. Its descriptors stay open. */
Command *command_start(const CommandCall *call, GError **error);
void command_free(Command *command);

/* From now on it has @seconds left, whatever CommandCall said. */
void command_set_seconds(Command *command, guint seconds);

/*
 * All of @data to its standard input. A command that closes it early has
 * read enough: what follows is dropped, and its exit says what it thinks.
 */
gboolean command_write(Command *command, const void *data, gsize size,
		       GError **error);

/* Close its input and wait for its end. TRUE: it ran, see below. */
gboolean command_finish(Command *command, GError **error);

/* What it wrote so far, NUL-terminated. (transfer none) */
GString *command_output(Command *command);

/* The last line of its standard error, harmless, or "". (transfer none) */
const char *command_complaint(Command *command);

/* After command_finish: whether it exited with 0. */
gboolean command_succeeded(const Command *command);

/*
 * After command_finish: its exit as sysexits.h has it. (transfer full)
 * @name is what people call it. What no exit code of sysexits.h explains
 * is deferred: a script that is wrong must not lose mail.
 */
Status *command_status(Command *command, const char *name);

/* The same by itself, pure; @status as of waitpid(2), @complaint "" if none. */
Status *command_why(int status, const char *name, const char *complaint);

/* A start or a run that failed: deferred, the fault is the route's. */
Status *command_trouble(const char *name, const GError *error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Command, command_free)

#endif
