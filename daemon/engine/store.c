// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/store.h"

struct Store {
	GPtrArray *messages;
	GHashTable *by_id; /* guint64 * inside the message -> message */
};

Store *
store_new(GPtrArray *messages)
{
	Store *store = g_new0(Store, 1);

	store->messages = messages;
	store->by_id = g_hash_table_new(g_int64_hash, g_int64_equal);
	for (guint i = 0; i < messages->len; i++) {
		Message *message = messages->pdata[i];

		g_hash_table_insert(store->by_id, &message->id, message);
	}
	return store;
}

void
store_free(Store *store)
{
	if (!store)
		return;
	g_hash_table_unref(store->by_id);
	g_ptr_array_unref(store->messages);
	g_free(store);
}

/* Where @id is or would be: ids only grow, so the end is near. */
static guint
position(const Store *store, guint64 id)
{
	guint low = 0, high = store->messages->len;

	while (low < high) {
		guint middle = low + (high - low) / 2;
		const Message *at = store->messages->pdata[middle];

		if (at->id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void
store_add(Store *store, Message *message)
{
	g_ptr_array_insert(store->messages, position(store, message->id),
			   message);
	g_hash_table_insert(store->by_id, &message->id, message);
}

void
store_remove(Store *store, Message *message)
{
	g_hash_table_remove(store->by_id, &message->id);
	g_ptr_array_remove_index(store->messages,
				 position(store, message->id));
}

Message *
store_find(const Store *store, guint64 id)
{
	return g_hash_table_lookup(store->by_id, &id);
}

GPtrArray *
store_messages(const Store *store)
{
	return store->messages;
}
