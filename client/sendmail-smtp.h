// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sendmail -bs: an SMTP dialogue on standard input and output, by the same
 * session as the listener's (session.h), as the user who runs the program.
 */
#ifndef MASQMAIL_CLIENT_SENDMAIL_SMTP_H
#define MASQMAIL_CLIENT_SENDMAIL_SMTP_H

#include "client/sendmail-options.h"

/*
 * Play the dialogue to its end. Refused on a network connection, which
 * would get this account's rights: the daemon listens for itself.
 */
gboolean smtp_serve(const SendmailOptions *options, const Paths *paths,
		    GError **error);

#endif
