// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Our own failures, as GErrors: one domain for each module whose callers
 * branch on a code, and the one-line way to report a failed system call.
 * What a mail server answered is never a GError: see status.h.
 */
#ifndef MASQMAIL_COMMON_ERROR_H
#define MASQMAIL_COMMON_ERROR_H

#include <glib.h>

#define SYSTEM_ERROR (error_system_quark())

GQuark error_system_quark(void);

/*
 * Set @error from errno: "FORMAT: strerror". The code is the errno, the
 * domain SYSTEM_ERROR. Returns FALSE, so that callers can return it.
 */
gboolean error_set_errno(GError **error, const char *format, ...)
	G_GNUC_PRINTF(2, 3);

/* The same, for functions that return a pointer: returns NULL. */
void *error_null_errno(GError **error, const char *format, ...)
	G_GNUC_PRINTF(2, 3);

/* Whether @error says that a file or directory is not there. */
gboolean error_is_missing(const GError *error);

#endif
