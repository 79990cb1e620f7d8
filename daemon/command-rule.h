// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which command a worker may ask for, and as whom it runs: one table of
 * keys, read anew from the configuration each time. Neither the worker nor
 * the engine says a word of it. Called in the forked child of command.c
 * only: it parses files, and nothing of that touches the parent.
 */
#ifndef MASQMAIL_DAEMON_COMMAND_RULE_H
#define MASQMAIL_DAEMON_COMMAND_RULE_H

#include <glib.h>

#include "common/agent.h"
#include "common/paths.h"
#include "daemon/priv.h"

#define COMMAND_ERROR (command_error_quark())
GQuark command_error_quark(void);

typedef enum {
	COMMAND_ERROR_NONE,	/* the file names no such command */
	COMMAND_ERROR_REFUSED,	/* it names one, but not so that it may run */
	COMMAND_ERROR_VALUE,	/* what the worker says has no place in it */
} CommandError;

/* Who wants a command: as the engine named the worker. */
typedef struct {
	const Paths *paths;
	PrivKind kind;
	const char *name;
	const GArray *agents;	/* of Agent: who could be asked instead */
} CommandAsker;

/* Some keys name no command, but what is done in its place. */
typedef enum {
	COMMAND_RUN,
	COMMAND_FILE,	/* the content of a file that only we may read */
	COMMAND_AGENT,	/* a secret of the user's session */
} CommandWay;

typedef struct {
	CommandWay way;
	char **argv;
	char *user;		/* NULL: in user mode, the daemon's owner */
	gboolean sandbox;	/* Sandbox=yes */
	char *path;		/* of COMMAND_FILE */
	AgentRequest *request;	/* of COMMAND_AGENT */
} CommandRule;

/*
 * (transfer full). What @ask stands for. The words of the file, split as a
 * shell would but by no shell; "${RECIPIENT}" in a word becomes that value
 * of @values. COMMAND_ERROR, or why the file cannot be read.
 */
CommandRule *command_rule_read(const CommandAsker *asker, const PrivAsk *ask,
			       char **values, GError **error);
void command_rule_free(CommandRule *rule);

/*
 * (transfer full). The values of @ask as an environment, or NULL: one of
 * them is unknown to us (command-rule.c has the list), or not clean text.
 */
char **command_values(const PrivAsk *ask, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CommandRule, command_rule_free)

#endif
