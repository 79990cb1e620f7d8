// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hoststat and purgestat: what is known of the hosts that mail went to, in
 * the form that scripts know.
 */
#ifndef MASQMAIL_CLIENT_SENDMAIL_HOSTS_H
#define MASQMAIL_CLIENT_SENDMAIL_HOSTS_H

#include "client/sendmail-options.h"

/* -bh: those named in the arguments, or all. */
gboolean hosts_list(const SendmailOptions *options, const Paths *paths,
		    GError **error);

/* -bH: forget those named, or all. */
gboolean hosts_purge(const SendmailOptions *options, const Paths *paths,
		     GError **error);

/* (transfer full). The line of one row of Hosts. */
char *hosts_format(GVariant *row, gint64 now);

#endif
