// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Submission keys: who handed in what, so that a drop file that is handed
 * in again after a crash is acknowledged and not doubled. A living message
 * keeps its key among its options; that of an ended one is in its E, and is
 * carried into each new segment while it is fresh.
 */
#include "daemon/engine/queue-private.h"

static void
key_entry_free(gpointer data)
{
	KeyEntry *entry = data;

	g_free(entry->name);
	g_free(entry);
}

void
queue_keys_init(Queue *queue)
{
	queue->keys = g_hash_table_new_full(g_str_hash, g_str_equal, NULL,
					    key_entry_free);
	g_queue_init(&queue->recent);
}

void
queue_keys_done(Queue *queue)
{
	g_queue_clear(&queue->recent);
	g_hash_table_unref(queue->keys);
}

static char *
key_name(uid_t uid, const char *key)
{
	return g_strdup_printf("%u %s", (guint)uid, key);
}

/* Of two messages with one key the first is the one: the table keeps it. */
static KeyEntry *
add(Queue *queue, uid_t uid, const char *key, guint64 id)
{
	g_autofree char *name = key_name(uid, key);
	KeyEntry *entry = g_hash_table_lookup(queue->keys, name);

	if (entry)
		return entry->id == id ? entry : NULL;
	entry = g_new0(KeyEntry, 1);
	entry->name = g_steal_pointer(&name);
	entry->id = id;
	g_hash_table_insert(queue->keys, entry->name, entry);
	return entry;
}

void
queue_key_add(Queue *queue, const Message *message)
{
	const char *key = message_option(message, "key");

	if (key)
		add(queue, message->uid, key, message->id);
}

static void
forget_old(Queue *queue, gint64 now)
{
	KeyEntry *oldest;

	while ((oldest = g_queue_peek_head(&queue->recent)) &&
	       (queue->recent.length > QUEUE_RECENT_KEYS ||
		oldest->ended < now - QUEUE_RECENT_SECONDS)) {
		g_queue_pop_head(&queue->recent);
		g_hash_table_remove(queue->keys, oldest->name);
	}
}

static void
set_ended(Queue *queue, KeyEntry *entry, gint64 ended)
{
	if (!entry || entry->ended)
		return;
	entry->ended = MAX(ended, 1);
	g_queue_push_tail(&queue->recent, entry);
}

void
queue_key_end(Queue *queue, const Message *message, gint64 now)
{
	const char *key = message_option(message, "key");

	if (key)
		set_ended(queue, add(queue, message->uid, key, message->id),
			  now);
	forget_old(queue, now);
}

void
queue_key_recall(Queue *queue, const RecordKeyLine *line)
{
	set_ended(queue, add(queue, line->uid, line->key, line->id),
		  line->ended);
	forget_old(queue, g_get_real_time() / G_USEC_PER_SEC);
}

gboolean
queue_find_key(Queue *queue, uid_t uid, const char *key, guint64 *ret_id)
{
	g_autofree char *name = key_name(uid, key);
	const KeyEntry *entry;

	forget_old(queue, g_get_real_time() / G_USEC_PER_SEC);
	entry = g_hash_table_lookup(queue->keys, name);
	if (!entry)
		return FALSE;
	if (ret_id)
		*ret_id = entry->id;
	return TRUE;
}

static void
carried(Queue *queue, Task *task)
{
	(void)queue;
	(void)task;
}

void
queue_keys_carry(Queue *queue)
{
	g_autoptr(GString) text = g_string_new(NULL);
	guint count;
	Task *task;

	forget_old(queue, g_get_real_time() / G_USEC_PER_SEC);
	count = queue->recent.length;
	if (!count)
		return;
	for (GList *at = queue->recent.head; at; at = at->next) {
		const KeyEntry *entry = at->data;
		g_auto(GStrv) words = g_strsplit(entry->name, " ", 2);
		RecordKeyLine line = {
			.id = entry->id,
			.uid = g_ascii_strtoull(words[0], NULL, 10),
			.ended = entry->ended,
			.key = words[1],
		};

		record_text_key(text, &line);
	}
	task = task_append(RECORD_KEYS, 0,
			   g_string_free_to_bytes(g_steal_pointer(&text)), NULL,
			   TRUE, carried);
	task->piece.record.number = count;
	writer_push(&queue->writer, task);
}
