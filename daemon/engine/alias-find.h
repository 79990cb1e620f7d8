// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which line of the aliases file speaks for a name. Knows alone the order
 * of exact names, names before a separator and patterns. Pure; alias.c
 * follows what is found.
 */
#ifndef MASQMAIL_ENGINE_ALIAS_FIND_H
#define MASQMAIL_ENGINE_ALIAS_FIND_H

#include "daemon/engine/alias.h"

#define ALIAS_ROOT "root"
#define ALIAS_POSTMASTER "postmaster"

/*
 * (nullable) (transfer none). The alias for the local part @name (lower
 * case) at our @domain (lower case): name@domain, name, the same for what
 * is before a separator; then, for what is no user and neither root nor
 * postmaster, the first pattern with a domain, the first without.
 */
const Alias *alias_find(const AliasWorld *world, const char *name,
			const char *domain);

void alias_goal_free(gpointer goal);

/* Which of the commands of @alias @target is, from 0; 0 for a file. */
guint alias_command_number(const Alias *alias, const AliasTarget *target);

#endif
