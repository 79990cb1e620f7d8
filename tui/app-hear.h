// SPDX-License-Identifier: GPL-2.0-or-later
/* What app hears from the engine; only app.c gives it to its link. */
#ifndef MASQMAIL_TUI_APP_HEAR_H
#define MASQMAIL_TUI_APP_HEAR_H

#include "tui/app.h"
#include "tui/record.h"

extern const LinkEvents app_hear_events;

#endif
