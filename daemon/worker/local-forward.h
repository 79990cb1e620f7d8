// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A user's .forward, read as that user: where it lies and whose it must be.
 * The local worker reads it to tell the engine who gets the mail instead, then
 * again to write its files; forward-run reads it again to run its commands.
 */
#ifndef MASQMAIL_WORKER_LOCAL_FORWARD_H
#define MASQMAIL_WORKER_LOCAL_FORWARD_H

#include <glib.h>

#include "common/aliases.h"

#define FORWARD_FILE ".forward"
#define FORWARD_MAX (64 * 1024) /* bytes */
#define FORWARD_EXTENSION_MAX 64 /* bytes of "x" in .forward+x */

/*
 * (transfer full) (nullable). The .forward in @home; for mail to user+x,
 * with @extension "x" (else ""), .forward+x before it. NULL without an
 * error: there is none, or it names nobody. BOX_ERROR_UNSAFE: it may be
 * somebody else's. A line that is wrong is the Alias' fault.
 */
Alias *forward_read(const char *home, const char *extension, GError **error);

/* Whether @forward has this command or file, as it is written there. */
gboolean forward_has(const Alias *forward, const char *target);

/*
 * Which of the commands of @forward is @target, from 0; -1: none. And the
 * other way round, without its '|' (transfer none) (nullable).
 */
int forward_number(const Alias *forward, const char *target);
const char *forward_command(const Alias *forward, guint number);

/*
 * (transfer full). What of the local part of @address is behind the user's
 * name and a separator; "" if nothing is.
 */
char *forward_extension(const char *address, const char *user,
			const char *separators);

#endif
