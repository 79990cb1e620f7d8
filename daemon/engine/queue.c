// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/queue.h"

#include <errno.h>
#include <stdint.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <glib-unix.h>

#include "daemon/engine/queue-private.h"

#define INODES_PERCENT 1

G_DEFINE_QUARK(masqmail-queue-error, queue_error)

static void
set_default(guint64 *value, guint64 standard)
{
	if (!*value)
		*value = standard;
}

static QueueOptions
with_defaults(const QueueOptions *given)
{
	QueueOptions options = given ? *given : (QueueOptions){ 0 };

	set_default(&options.segment_bytes, QUEUE_SEGMENT_BYTES);
	set_default(&options.gather_max, QUEUE_GATHER_MAX);
	set_default(&options.gather_all_max, QUEUE_GATHER_ALL_MAX);
	set_default(&options.reserve_bytes, QUEUE_RESERVE_BYTES);
	if (!options.segment_records)
		options.segment_records = QUEUE_SEGMENT_RECORDS;
	if (!options.lock_wait_ms)
		options.lock_wait_ms = QUEUE_LOCK_WAIT_MS;
	if (!options.retry_ms)
		options.retry_ms = 1000;
	return options;
}

static void
free_messages(Queue *queue)
{
	if (!queue->messages)
		return;
	g_ptr_array_set_free_func(queue->messages,
				  (GDestroyNotify)message_free);
	g_clear_pointer(&queue->messages, g_ptr_array_unref);
}

static void
queue_free(Queue *queue)
{
	g_clear_handle_id(&queue->source, g_source_remove);
	free_messages(queue);
	disk_free(queue->writer.disk);
	g_free(queue->writer.sentence);
	if (queue->writer.event >= 0)
		close(queue->writer.event);
	queue_keys_done(queue);
	g_hash_table_unref(queue->checks);
	index_free(queue->index);
	g_ptr_array_unref(queue->sentences);
	for (guint i = 0; i < 4; i++) {
		const int fds[4] = { queue->read_fd, queue->tmp,
				     queue->corrupt, queue->directory };

		if (fds[i] >= 0)
			close(fds[i]);
	}
	g_free(queue->sentence);
	g_free(queue->path);
	g_free(queue);
}

static QueueCondition
look(Queue *queue, char **ret_sentence)
{
	Writer *writer = &queue->writer;
	struct statvfs facts;
	guint64 wanted, available;
	gboolean bad;

	g_mutex_lock(&writer->lock);
	bad = writer->bad;
	*ret_sentence = g_strdup(bad ? writer->sentence : "");
	g_mutex_unlock(&writer->lock);
	if (bad)
		return QUEUE_READ_ONLY;
	if (fstatvfs(queue->directory, &facts))
		return QUEUE_OK;
	available = (guint64)facts.f_bavail * facts.f_frsize;
	wanted = queue->options.size_limit + queue->options.size_limit / 2 +
		 queue->options.reserve_bytes;
	if (available >= wanted &&
	    facts.f_favail >= facts.f_files / 100 * INODES_PERCENT)
		return QUEUE_OK;
	g_free(*ret_sentence);
	*ret_sentence = g_strdup_printf(
		"There is too little room on the disk of the queue (%"
		G_GUINT64_FORMAT " KiB); new mail is refused until there is "
		"more, what is queued goes on.", available / 1024);
	return QUEUE_LOW;
}

/* Tell the engine what changed, if anything did. */
static void
update_condition(Queue *queue)
{
	g_autofree char *sentence = NULL;
	QueueCondition condition = look(queue, &sentence);

	g_free(queue->sentence);
	queue->sentence = g_steal_pointer(&sentence);
	if (condition == queue->condition)
		return;
	queue->condition = condition;
	if (queue->events.condition)
		queue->events.condition(queue->user_data, condition,
					queue->sentence);
}

QueueCondition
queue_condition(Queue *queue, const char **ret_sentence)
{
	update_condition(queue);
	if (ret_sentence)
		*ret_sentence = queue->sentence;
	return queue->condition;
}

guint64
queue_bytes_free(Queue *queue)
{
	struct statvfs facts;

	if (fstatvfs(queue->directory, &facts))
		return 0;
	return (guint64)facts.f_bavail * facts.f_frsize;
}

static void
finish_tasks(Queue *queue)
{
	Task *task;

	while ((task = writer_pop(&queue->writer))) {
		if (task->kind == TASK_APPEND && !task->error)
			index_set_current(queue->index, task->piece.segment);
		task->done(queue, task);
		task_free(task);
	}
}

static gboolean
on_event(gint fd, GIOCondition condition, gpointer data)
{
	Queue *queue = data;
	guint64 before = queue->index->current;
	uint64_t count;

	(void)condition;
	while (read(fd, &count, sizeof(count)) < 0 && errno == EINTR)
		;
	finish_tasks(queue);
	if (queue->index->current != before)
		queue_keys_carry(queue);
	queue_release(queue);
	update_condition(queue);
	return G_SOURCE_CONTINUE;
}

static Queue *
queue_new(const char *path, const QueueOptions *options,
	  const QueueEvents *events, gpointer user_data)
{
	Queue *queue = g_new0(Queue, 1);

	queue->path = g_strdup(path);
	queue->options = with_defaults(options);
	if (events)
		queue->events = *events;
	queue->user_data = user_data;
	queue->directory = queue->corrupt = queue->tmp = queue->read_fd = -1;
	queue->writer.event = -1;
	queue->sentence = g_strdup("");
	queue->sentences = g_ptr_array_new_with_free_func(g_free);
	queue->checks = g_hash_table_new_full(g_int64_hash, g_int64_equal,
					      g_free, g_free);
	queue_keys_init(queue);
	return queue;
}

Queue *
queue_open(const char *directory, const QueueOptions *options,
	   const QueueEvents *events, gpointer user_data, GError **error)
{
	Queue *queue = queue_new(directory, options, events, user_data);
	Disk *disk = queue_recover(queue, error);
	char *sentence;

	if (!disk || !writer_start(&queue->writer, disk,
				   queue->options.retry_ms, error)) {
		queue_free(queue);
		return NULL;
	}
	queue->source = g_unix_fd_add(queue->writer.event, G_IO_IN, on_event,
				      queue);
	queue_release(queue);
	queue->condition = look(queue, &sentence);
	g_free(queue->sentence);
	queue->sentence = sentence;
	return queue;
}

void
queue_close(Queue *queue)
{
	if (!queue)
		return;
	writer_stop(&queue->writer);
	finish_tasks(queue);
	queue_free(queue);
}

GPtrArray *
queue_take_messages(Queue *queue)
{
	GPtrArray *messages = g_steal_pointer(&queue->messages);

	if (!messages)
		return g_ptr_array_new();
	g_ptr_array_set_free_func(messages, (GDestroyNotify)message_free);
	return messages;
}

const char *const *
queue_sentences(Queue *queue)
{
	return (const char *const *)queue->sentences->pdata;
}
