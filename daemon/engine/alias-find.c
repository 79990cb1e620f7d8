// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/alias-find.h"

#include <string.h>

static const Alias *
find_exact(const AliasWorld *world, const char *name, const char *domain)
{
	g_autofree char *both = g_strconcat(name, "@", domain, NULL);
	const Alias *alias = aliases_find(world->aliases, both);

	return alias ? alias : aliases_find(world->aliases, name);
}

/* The longest name before a separator that is one. */
static const Alias *
find_before_separator(const AliasWorld *world, const char *name,
		      const char *domain)
{
	const char *separators =
		world->mailboxes ? world->mailboxes->separators : NULL;
	const Alias *alias = NULL;

	for (gsize at = strlen(name); separators && !alias && at-- > 1;) {
		g_autofree char *before = NULL;

		if (!strchr(separators, name[at]))
			continue;
		before = g_strndup(name, at);
		alias = find_exact(world, before, domain);
	}
	return alias;
}

/* A catch-all takes nobody's own mail, and not what must always arrive. */
static gboolean
is_somebody(const AliasWorld *world, const char *name)
{
	g_autofree char *user = mailbox_user(world->mailboxes, name);

	return mailbox_is_login(world->mailboxes, user) ||
	       g_str_equal(user, ALIAS_ROOT) ||
	       g_str_equal(user, ALIAS_POSTMASTER);
}

const Alias *
alias_find(const AliasWorld *world, const char *name, const char *domain)
{
	const Alias *alias;

	if (!world->aliases)
		return NULL;
	alias = find_exact(world, name, domain);
	/* A user whose name holds a separator is nobody's sub-address. */
	if (!alias && !mailbox_is_login(world->mailboxes, name))
		alias = find_before_separator(world, name, domain);
	if (!alias && !is_somebody(world, name))
		alias = aliases_find_pattern(world->aliases, name, domain);
	return alias;
}

guint
alias_command_number(const Alias *alias, const AliasTarget *target)
{
	guint number = 0;

	for (guint i = 0; i < alias->targets->len &&
			  alias->targets->pdata[i] != target; i++)
		number += ((AliasTarget *)alias->targets->pdata[i])->kind ==
			  ALIAS_COMMAND;
	return target->kind == ALIAS_COMMAND ? number : 0;
}

gboolean
alias_has_target(const AliasWorld *world, const char *name,
		 const char *text, guint number)
{
	const Alias *alias = world->aliases
		? aliases_find(world->aliases, name) : NULL;

	for (guint i = 0; alias && !alias->fault && i < alias->targets->len;
	     i++) {
		const AliasTarget *target = alias->targets->pdata[i];

		if ((target->kind == ALIAS_COMMAND ||
		     target->kind == ALIAS_PATH) &&
		    g_str_equal(target->text, text) &&
		    alias_command_number(alias, target) == number)
			return TRUE;
	}
	return FALSE;
}

const char *
alias_goal_text(const AliasGoal *goal)
{
	return goal->target ? goal->target : goal->address;
}

void
alias_goal_free(gpointer data)
{
	AliasGoal *goal = data;

	g_free(goal->address);
	g_free(goal->target);
	g_free(goal->alias);
	g_free(goal);
}
