// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Mail that shall not leave yet: sent later by its author's wish, still
 * within the window in which it can be taken back, or held until a time.
 * The times are options of the message, Unix seconds by the wall clock, so
 * they survive restart and sleep. Pure; the one place that knows the names
 * and bounds.
 */
#ifndef MASQMAIL_ENGINE_LATER_H
#define MASQMAIL_ENGINE_LATER_H

#include <glib.h>

#include "daemon/engine/message.h"

#define LATER_OPTION "later"      /* not to be sent before */
#define LATER_UNDO "undo"         /* until then it can be taken back */
#define LATER_HELD "held-until"
#define LATER_FRESH "fresh"       /* since then its lifetime is reckoned */

#define LATER_MOST (366 * 86400)  /* seconds from now */
#define LATER_WINDOW_MOST 86400   /* of an undo window */

/* A time among the options, 0 when there is none. */
gint64 later_time(const Message *message, const char *option);

/* Before when it does not go (Unix seconds), 0: nothing holds it back. */
gint64 later_not_before(const Message *message, gint64 now);

/* Whether it can still be taken back at @now. */
gboolean later_is_undoable(const Message *message, gint64 now);

/* Whether one of its times has come, so that its lifetime begins. */
gboolean later_is_ripe(const Message *message, gint64 now);

/* When it first counted as waiting: arrival, or what came after it. */
gint64 later_began(const Message *message);

#endif
