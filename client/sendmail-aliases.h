// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * newaliases: there is no database to build, for the daemon reads the file
 * itself; what people want to know is whether it can.
 */
#ifndef MASQMAIL_CLIENT_SENDMAIL_ALIASES_H
#define MASQMAIL_CLIENT_SENDMAIL_ALIASES_H

#include "client/sendmail.h"

/*
 * Check the aliases file of the system, where masqmail.conf says it is.
 * EX_DATAERR names every bad line; a file that is not there is fine.
 */
gboolean aliases_check(GError **error);

/* The same for @text, which errors call @path. */
gboolean aliases_check_text(const char *text, const char *path,
			    GError **error);

#endif
