// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Forgetting and renaming what the daemon has learned, from the screen
 * Networks, whose state this shares.
 */
#ifndef MASQMAIL_TUI_VIEW_NETWORKS_ACT_H
#define MASQMAIL_TUI_VIEW_NETWORKS_ACT_H

#include "tui/app.h"
#include "tui/list.h"

typedef struct {
	List list;
} Networks;

/* FALSE when @action is none of these. */
gboolean networks_act_learned(App *app, const Networks *networks,
			      Action action);

#endif
