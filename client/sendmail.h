// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the sources of the sendmail command share: its failures. They are
 * GErrors whose code is the exit status of sysexits.h, so that the place
 * that knows what went wrong also says what the caller is told.
 */
#ifndef MASQMAIL_CLIENT_SENDMAIL_H
#define MASQMAIL_CLIENT_SENDMAIL_H

#include <glib.h>
#include <sysexits.h>

#include "common/client.h"
#include "common/paths.h"

#define SENDMAIL_ERROR (sendmail_error_quark())

GQuark sendmail_error_quark(void);

/* Set @error with the exit status @code; returns FALSE. */
gboolean sendmail_fail(GError **error, int code, const char *format, ...)
	G_GNUC_PRINTF(3, 4);

/*
 * Give @error, whatever its domain, the exit status it means: a refusal of
 * the engine by its enhanced code, our own by themselves, else @otherwise.
 */
void sendmail_wrap(GError **error, int otherwise);

/* (transfer full). The engine, or NULL with EX_TEMPFAIL in @error. */
Client *sendmail_connect(const Paths *paths, GError **error);

/* The same without its answer to Hello: see client_open. */
Client *sendmail_open(const Paths *paths, GError **error);

#endif
