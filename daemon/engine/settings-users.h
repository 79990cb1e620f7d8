// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names of users and groups, from the files themselves: the name service
 * may block or load foreign code, which has no place in the engine. Called
 * once by settings_load().
 */
#ifndef MASQMAIL_ENGINE_SETTINGS_USERS_H
#define MASQMAIL_ENGINE_SETTINGS_USERS_H

#include "daemon/engine/settings.h"

/*
 * Fill users and groups of @settings. A user's own agent (@user) knows its
 * @owner only.
 */
void settings_load_users(Settings *settings, gboolean user, uid_t owner);

#endif
