// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * When a letter is to leave: by --at, else by its own Deferred-Delivery
 * field, which is an instruction to us and does not travel.
 */
#ifndef MASQMAIL_CLIENT_SENDMAIL_LATER_H
#define MASQMAIL_CLIENT_SENDMAIL_LATER_H

#include "client/sendmail-letter.h"
#include "client/sendmail-options.h"

/*
 * Set letter->not_before; 0: at once. FALSE with EX_DATAERR for a field that
 * is no date: to send now what was to wait cannot be taken back.
 */
gboolean later_find(const SendmailOptions *options, Letter *letter,
		    GError **error);

#endif
