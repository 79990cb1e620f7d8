// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/mailbox.h"

#include <string.h>

#include "common/address.h"

gboolean
mailbox_is_login(const MailboxRules *rules, const char *name)
{
	return rules && rules->logins &&
	       g_hash_table_contains(rules->logins, name);
}

static char *
lower_case(const char *text)
{
	return g_utf8_validate(text, -1, NULL) ? g_utf8_strdown(text, -1)
					       : g_ascii_strdown(text, -1);
}

/* As it is spelt, else in lower case: a login name; (nullable). */
static char *
login_of(const MailboxRules *rules, const char *name)
{
	g_autofree char *lower = lower_case(name);

	if (mailbox_is_login(rules, name))
		return g_strdup(name);
	return mailbox_is_login(rules, lower) ? g_steal_pointer(&lower) : NULL;
}

static gboolean
is_separator(const MailboxRules *rules, char c)
{
	return rules && rules->separators && strchr(rules->separators, c);
}

char *
mailbox_user(const MailboxRules *rules, const char *local)
{
	char *login = login_of(rules, local);
	gsize first = strlen(local);
	g_autofree char *start = NULL;

	/* A separator at the very start separates nothing. */
	for (gsize at = strlen(local); !login && at-- > 1;) {
		g_autofree char *before = NULL;

		if (!is_separator(rules, local[at]))
			continue;
		first = at;
		before = g_strndup(local, at);
		login = login_of(rules, before);
	}
	if (login)
		return login;
	start = g_strndup(local, first);
	return lower_case(start);
}

char *
mailbox_user_of(const MailboxRules *rules, const char *address)
{
	g_autofree char *local = address_local(address);

	return mailbox_user(rules, local);
}
