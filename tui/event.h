// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What happened, for people: the engine's log lines say "to=<anna@x>
 * route=isp size=2048 ..."; here they become a sentence. Pure.
 */
#ifndef MASQMAIL_TUI_EVENT_H
#define MASQMAIL_TUI_EVENT_H

#include <glib.h>

/* (transfer full). Words that are no KEY=VALUE stay as they are. */
char *event_words(const char *text);

#endif
