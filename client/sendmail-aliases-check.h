// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is wrong with aliases although each line can be read: circles, names
 * that nobody has, lists and programs that are not there, domains of which
 * no mail comes here. The daemon finds that out when mail comes; newaliases
 * tells it before.
 */
#ifndef MASQMAIL_CLIENT_SENDMAIL_ALIASES_CHECK_H
#define MASQMAIL_CLIENT_SENDMAIL_ALIASES_CHECK_H

#include <glib.h>

#include "common/aliases.h"

/* Whom there is and which domains are ours; a test plays that. */
typedef struct {
	gboolean (*is_user)(const char *name);
	char **domains;    /* of this machine's mail */
	char *separators;  /* of sub-addresses */
} AliasesPlace;

#define ALIASES_CHECK_DEPTH 10 /* as the daemon has it */

/*
 * (transfer full) (element-type utf8). "line 3: ..." for each thing wrong,
 * in the order of the lines; at most ALIASES_MAX_FAULTS.
 */
GPtrArray *aliases_check_meaning(const Aliases *aliases,
				 const AliasesPlace *place);

#endif
