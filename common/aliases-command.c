// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A command among the targets is split into words as a shell would do it,
 * but no shell ever sees it. What only a shell understands would silently
 * mean something else, so it is a fault.
 */
#include "common/aliases-private.h"

#include <string.h>

#define SHELL_SIGNS ";&<>`$()|"

/* "${SENDER}" is ours; a .forward has it from the environment only. */
static gboolean
is_shell_sign(const Alias *alias, const char *at)
{
	if (*at == '$' && at[1] == '{')
		return alias->forward;
	return strchr(SHELL_SIGNS, *at) != NULL;
}

/* Outside of quotes; (nullable). */
static const char *
find_shell_sign(const Alias *alias, const char *command)
{
	char quote = '\0';

	for (const char *at = command; *at; at++) {
		if (*at == '\\' && quote != '\'' && at[1])
			at++;
		else if (quote)
			quote = *at == quote ? '\0' : quote;
		else if (*at == '\'' || *at == '"')
			quote = *at;
		else if (is_shell_sign(alias, at))
			return at;
	}
	return NULL;
}

void
alias_check_command(Alias *alias, const char *command)
{
	const char *sign = find_shell_sign(alias, command);
	g_autoptr(GError) error = NULL;
	g_auto(GStrv) words = NULL;

	if (sign)
		alias_set_fault(alias, "has a command with \"%c\", but no "
				"shell runs it; write \"|/bin/sh -c '...'\"",
				*sign);
	else if (!g_shell_parse_argv(command, NULL, &words, &error))
		alias_set_fault(alias, "has a command that cannot be read: "
				"%s", error->message);
}
