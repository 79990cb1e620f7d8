// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/watch.h"

#include "daemon/engine/methods.h"
#include "daemon/engine/row.h"
#include "daemon/engine/server-private.h"

#define MAX_EVENTS 200  /* unread ones of one watcher; older are dropped */
#define MAX_GONE 1000   /* the same of messages that left */
#define REST 20         /* times as long as a flush took, the next waits */
#define REST_MOST (1000 * 1000) /* microseconds */

struct Watcher {
	GHashTable *messages; /* set of guint64 * (owned) */
	GQueue gone;          /* of GVariant: last rows */
	GQueue events;        /* of GVariant */
	guint topics;
	guint idle;           /* the source that flushes */
	gint64 rested;        /* monotonic us: when it may run again */
};

static void
unref_variant(gpointer data)
{
	g_variant_unref(data);
}

void
watcher_free(Watcher *watcher)
{
	if (!watcher)
		return;
	g_clear_handle_id(&watcher->idle, g_source_remove);
	g_hash_table_unref(watcher->messages);
	g_queue_clear_full(&watcher->gone, unref_variant);
	g_queue_clear_full(&watcher->events, unref_variant);
	g_free(watcher);
}

static guint
count_watchers(const Connection *connection)
{
	g_autoptr(GPtrArray) watching =
		server_watching(connection->engine->server);
	guint count = 0;

	for (guint i = 0; i < watching->len; i++) {
		const Connection *other = watching->pdata[i];

		count += other != connection && other->uid == connection->uid;
	}
	return count;
}

void
method_watch(Connection *connection, guint32 serial, GVariant *in)
{
	(void)in;
	if (count_watchers(connection) >= SERVER_MAX_WATCHERS) {
		connection_fail(connection, "Watch", serial, "4.7.0",
				"There are %d of your programs watching "
				"already.", SERVER_MAX_WATCHERS);
		return;
	}
	if (!connection->watcher) {
		Watcher *watcher = g_new0(Watcher, 1);

		watcher->messages = g_hash_table_new_full(
			g_int64_hash, g_int64_equal, g_free, NULL);
		g_queue_init(&watcher->gone);
		g_queue_init(&watcher->events);
		connection->watcher = watcher;
	}
	connection_reply(connection, "Watch", serial, g_variant_new("()"));
}

/* --- telling ------------------------------------------------------------ */

static gboolean
flush_messages(Connection *connection)
{
	Watcher *watcher = connection->watcher;
	Engine *engine = connection->engine;
	GHashTableIter iter;
	gpointer id;

	g_hash_table_iter_init(&iter, watcher->messages);
	while (g_hash_table_iter_next(&iter, &id, NULL)) {
		const Message *message =
			store_find(engine->store, *(guint64 *)id);

		if (message &&
		    !connection_notify(connection, "Message",
				       g_variant_new("(@a{sv})",
						     row_notice(engine,
								message))))
			return FALSE;
		g_hash_table_iter_remove(&iter);
	}
	return TRUE;
}

static gboolean
flush_queue(Connection *connection, GQueue *queue, const char *notice)
{
	GVariant *row;

	while ((row = g_queue_peek_head(queue))) {
		if (!connection_notify(connection, notice,
				       g_variant_new("(@a{sv})", row)))
			return FALSE;
		g_variant_unref(g_queue_pop_head(queue));
	}
	return TRUE;
}

static gboolean
flush_topic(Connection *connection, WatchTopic topic)
{
	Engine *engine = connection->engine;

	switch (topic) {
	case WATCH_STATUS:
		return connection_notify(
			connection, "Status",
			g_variant_new("(@a{sv})",
				      state_status(engine, connection)));
	case WATCH_ROUTES:
		return connection_notify(
			connection, "Routes",
			g_variant_new("(@aa{sv})",
				      state_routes(engine, connection)));
	case WATCH_NETWORKS:
		return connection_notify(
			connection, "Networks",
			g_variant_new("(@a{sv})", state_networks(engine)));
	}
	return TRUE;
}

void
watch_flush(Connection *connection)
{
	Watcher *watcher = connection->watcher;
	gint64 now, began = g_get_monotonic_time();

	if (!watcher || connection->closed)
		return;
	/* A peer found gone while it is told must not take itself away. */
	connection->references++;
	if (flush_messages(connection) &&
	    flush_queue(connection, &watcher->gone, "Message") &&
	    flush_queue(connection, &watcher->events, "Log"))
		for (guint topic = WATCH_STATUS; topic <= WATCH_NETWORKS;
		     topic <<= 1) {
			if (!(watcher->topics & topic))
				continue;
			if (!flush_topic(connection, topic))
				break;
			watcher->topics &= ~topic;
		}
	now = g_get_monotonic_time();
	connection->references--;
	if (connection->closed)
		connection_close(connection);
	else
		watcher->rested = now + MIN((now - began) * REST, REST_MOST);
}

static gboolean
on_idle(gpointer data)
{
	Connection *connection = data;

	connection->watcher->idle = 0;
	watch_flush(connection);
	return G_SOURCE_REMOVE;
}

/*
 * Later, when the work is done: bursts become one. What counts a long queue
 * takes its time, and does so the less often.
 */
static void
flush_soon(Connection *connection)
{
	Watcher *watcher = connection->watcher;
	gint64 wait = watcher->rested - g_get_monotonic_time();

	if (watcher->idle)
		return;
	if (wait >= 1000)
		watcher->idle = g_timeout_add_full(
			G_PRIORITY_LOW, wait / 1000, on_idle, connection,
			NULL);
	else
		watcher->idle = g_idle_add_full(G_PRIORITY_LOW, on_idle,
						connection, NULL);
}

/* --- marking ------------------------------------------------------------ */

void
watch_message(Engine *engine, const Message *message)
{
	g_autoptr(GPtrArray) watching = server_watching(engine->server);

	for (guint i = 0; i < watching->len; i++) {
		Connection *connection = watching->pdata[i];

		if (!connection_owns(connection, message))
			continue;
		g_hash_table_add(connection->watcher->messages,
				 g_memdup2(&message->id,
					   sizeof(message->id)));
		flush_soon(connection);
	}
}

static void
push_bounded(GQueue *queue, GVariant *row, guint bound)
{
	g_queue_push_tail(queue, g_variant_ref(row));
	if (queue->length > bound)
		g_variant_unref(g_queue_pop_head(queue));
}

void
watch_message_gone(Engine *engine, Message *message, const char *state)
{
	g_autoptr(GPtrArray) watching = server_watching(engine->server);
	g_autoptr(GVariant) row = NULL;

	if (watching->len > 0)
		row = g_variant_ref_sink(row_gone(engine, message, state));
	for (guint i = 0; i < watching->len; i++) {
		Connection *connection = watching->pdata[i];

		if (!connection_owns(connection, message))
			continue;
		g_hash_table_remove(connection->watcher->messages,
				    &message->id);
		push_bounded(&connection->watcher->gone, row, MAX_GONE);
		flush_soon(connection);
	}
}

void
watch_topics(Engine *engine, guint topics)
{
	g_autoptr(GPtrArray) watching = server_watching(engine->server);

	for (guint i = 0; i < watching->len; i++) {
		Connection *connection = watching->pdata[i];

		connection->watcher->topics |= topics;
		flush_soon(connection);
	}
}

void
watch_event(Engine *engine, const Event *event)
{
	g_autoptr(GPtrArray) watching = server_watching(engine->server);
	g_autoptr(GVariant) row = NULL;

	if (watching->len > 0)
		row = g_variant_ref_sink(event_to_variant(event));
	for (guint i = 0; i < watching->len; i++) {
		Connection *connection = watching->pdata[i];

		if (!event_is_for(event, connection->uid,
				  connection->roles & ROLE_ADMIN))
			continue;
		push_bounded(&connection->watcher->events, row, MAX_EVENTS);
		flush_soon(connection);
	}
}
