// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whose mailbox a local part is: the user of that name, without case, or
 * the one before a separator, as in "ada+lists". Pure: who the users are is
 * a parameter. The aliases and the schedule ask it, and nobody else takes a
 * local part apart.
 */
#ifndef MASQMAIL_ENGINE_MAILBOX_H
#define MASQMAIL_ENGINE_MAILBOX_H

#include <glib.h>

typedef struct {
	GHashTable *logins;     /* login names, a set; (nullable): unknown */
	const char *separators; /* each character is one; "" or NULL: none */
} MailboxRules;

/* Whether there is a user of exactly that name. @rules (nullable). */
gboolean mailbox_is_login(const MailboxRules *rules, const char *name);

/*
 * (transfer full). The user who gets the mail of the local part @local
 * (without quotes): one of that name, or of that name without case; else
 * the longest name before a separator that is a user's; else, as not all
 * users may be known, what is before the first separator, in lower case.
 */
char *mailbox_user(const MailboxRules *rules, const char *local);

/* (transfer full). The same for a whole address. */
char *mailbox_user_of(const MailboxRules *rules, const char *address);

#endif
