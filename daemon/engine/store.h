// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The living messages in memory, oldest first, and their counts. The only
 * owner of Message values in the engine.
 */
#ifndef MASQMAIL_ENGINE_STORE_H
#define MASQMAIL_ENGINE_STORE_H

#include <glib.h>

#include "daemon/engine/message.h"

typedef struct Store Store;

/* Takes @messages over (transfer full), which are in the order of ids. */
Store *store_new(GPtrArray *messages);
void store_free(Store *store);

/* A message that was committed (transfer full). */
void store_add(Store *store, Message *message);

/* Forget and free it. */
void store_remove(Store *store, Message *message);

/* (nullable) (transfer none) */
Message *store_find(const Store *store, guint64 id);

/* All of them, oldest first (transfer none). */
GPtrArray *store_messages(const Store *store);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Store, store_free)

#endif
