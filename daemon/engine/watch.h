// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who is told of changes. Each watcher has a mark for every message that
 * changed since it was last told, and one for each other thing: a burst of
 * changes of one message is one notification, and a watcher that does not
 * read costs a set of ids, no packets.
 */
#ifndef MASQMAIL_ENGINE_WATCH_H
#define MASQMAIL_ENGINE_WATCH_H

#include "daemon/engine/engine.h"

typedef enum {
	WATCH_STATUS = 1 << 0,
	WATCH_ROUTES = 1 << 1,
	WATCH_NETWORKS = 1 << 2,
} WatchTopic;

void watch_message(Engine *engine, const Message *message);
/* Just before it is freed; @state is its last: "sent", "returned", ... */
void watch_message_gone(Engine *engine, Message *message,
			const char *state);
void watch_topics(Engine *engine, guint topics);
void watch_event(Engine *engine, const Event *event);

#endif
