// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The two actions by which an owner changes where mail goes: other
 * recipients or another sender, another route. Part of change.c, which
 * calls them; pure.
 */
#ifndef MASQMAIL_ENGINE_CHANGE_EDIT_H
#define MASQMAIL_ENGINE_CHANGE_EDIT_H

#include "daemon/engine/change.h"

#define CHANGE_SENDER "sender" /* Action.key, .value being the new one */

/*
 * ACTION_EDITED: children with the state removed name recipients that go,
 * others come. FALSE, and nothing done, when one that should go does not
 * wait, or there would be too many.
 */
gboolean change_edited(Message *message, const Action *action);

/* ACTION_REROUTED: .value is the route, "" for the usual choice. */
gboolean change_rerouted(Message *message, const Action *action);

#endif
