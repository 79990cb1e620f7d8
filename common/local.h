// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How mail for one user of this machine is delivered, as masqmail.conf says
 * it: [Local NAME] goes before [Local], key by key. The one place that
 * knows so; the parent asks it before a delivery starts, the worker for all
 * the rest. Pure.
 */
#ifndef MASQMAIL_COMMON_LOCAL_H
#define MASQMAIL_COMMON_LOCAL_H

#include "common/config.h"

#define LOCAL_GROUP "Local"

/* (transfer full). The group that has @key for @user. */
char *local_group(const Config *config, const char *user, const char *key);

/* (transfer full) (nullable). The value of a key of [Local] for @user. */
char *local_string(const Config *config, const char *user, const char *key);
gboolean local_boolean(const Config *config, const char *user,
		       const char *key);

/*
 * Whether the mail of @user lies in the system's directory, where only root
 * can make a mailbox that is missing. Not for a user's own agent.
 */
gboolean local_uses_spool(const Config *config, const char *user);

#endif
