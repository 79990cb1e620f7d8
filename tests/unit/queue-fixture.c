// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/queue-fixture.h"

#include <string.h>

#include <glib/gstdio.h>

typedef struct {
	gboolean done;
	Message *message;
	GError *error;
} Waiting;

/* In memory where that can be: thousands of queues are synced here. */
char *
scratch_make(void)
{
	char *shared = g_strdup("/dev/shm/masqmail-queue-XXXXXX");

	if (!g_getenv("TMPDIR") && g_mkdtemp(shared))
		return shared;
	g_free(shared);
	return g_dir_make_tmp("masqmail-queue-XXXXXX", NULL);
}

static void
remove_below(const char *path)
{
	g_autoptr(GDir) listing = g_dir_open(path, 0, NULL);
	const char *name;

	while (listing && (name = g_dir_read_name(listing))) {
		g_autofree char *child = g_build_filename(path, name, NULL);

		if (g_file_test(child, G_FILE_TEST_IS_DIR))
			remove_below(child);
		else
			g_unlink(child);
	}
	g_rmdir(path);
}

void
scratch_remove(char *path)
{
	remove_below(path);
	g_free(path);
}

GBytes *
make_body(guint seed, gsize size)
{
	g_autoptr(GString) text = g_string_sized_new(size + 80);

	g_string_append_printf(text, "Subject: %u\r\n\r\n", seed);
	for (guint i = 0; text->len < size; i++)
		g_string_append_printf(text, "line %u of %u\r\n", i, seed);
	g_string_truncate(text, size);
	return g_string_free_to_bytes(g_steal_pointer(&text));
}

static void
wait_for(Waiting *waiting)
{
	while (!waiting->done)
		g_main_context_iteration(NULL, TRUE);
}

static void
on_committed(gpointer data, Message *message, const GError *error)
{
	Waiting *waiting = data;

	waiting->done = TRUE;
	waiting->message = message;
	waiting->error = error ? g_error_copy(error) : NULL;
}

static void
on_done(gpointer data, const GError *error)
{
	Waiting *waiting = data;

	g_assert_no_error(error);
	waiting->done = TRUE;
}

static gboolean
write_body(QueueSubmission *submission, GBytes *body, GError **error)
{
	gsize size;
	const guint8 *bytes = g_bytes_get_data(body, &size);

	for (gsize at = 0; at < size; at += 65536)
		if (!queue_submission_write(submission, bytes + at,
					    MIN(65536, size - at), error))
			return FALSE;
	return TRUE;
}

Message *
submit(Queue *queue, Message *message, GBytes *body, GError **error)
{
	g_autoptr(QueueSubmission) submission =
		queue_submission_new(queue, 0);
	Waiting waiting = { 0 };

	if (!write_body(submission, body, error)) {
		message_free(message);
		return NULL;
	}
	queue_submission_commit(g_steal_pointer(&submission), message,
				on_committed, &waiting);
	wait_for(&waiting);
	if (waiting.error)
		g_propagate_error(error, waiting.error);
	return waiting.message;
}

Message *
submit_simple(Queue *queue, guint seed, gsize size, guint recipients)
{
	Message *message = message_new(0, "sender@example.org", 1000);
	g_autoptr(GBytes) body = make_body(seed, size);
	g_autofree char *subject = g_strdup_printf("%u", seed);
	g_autoptr(GError) error = NULL;
	Message *queued;

	message_set_option(message, "subject", subject);
	for (guint i = 0; i < recipients; i++) {
		g_autofree char *address =
			g_strdup_printf("r%u@example.net", i);

		message_add_recipient(message, address);
	}
	queued = submit(queue, message, body, &error);
	g_assert_no_error(error);
	return queued;
}

void
settle(Queue *queue, Message *message, guint number, RecipientState state)
{
	Recipient *recipient = message->recipients->pdata[number];
	RecipientChange change = recipient_change(recipient);
	Waiting waiting = { 0 };

	change.state = state;
	change.tries++;
	change.route = "isp";
	queue_verdict(queue, message, number, &change, on_done, &waiting);
	wait_for(&waiting);
	g_assert_true(recipient_apply(recipient, &change));
}

void
act(Queue *queue, Message *message, Action *action)
{
	Waiting waiting = { 0 };

	queue_action(queue, message, action, on_done, &waiting);
	wait_for(&waiting);
	g_assert_true(message_act(message, action));
	action_free(action);
}

void
finish(Queue *queue, Message *message)
{
	Waiting waiting = { 0 };

	queue_end(queue, message, on_done, &waiting);
	wait_for(&waiting);
	message_free(message);
}

static gboolean
on_timeout(gpointer data)
{
	*(gboolean *)data = TRUE;
	return G_SOURCE_REMOVE;
}

void
idle(guint ms)
{
	gboolean over = FALSE;

	g_timeout_add(ms, on_timeout, &over);
	while (!over)
		g_main_context_iteration(NULL, TRUE);
}

GBytes *
fetch(Queue *queue, const Message *message, GError **error)
{
	g_autoptr(GByteArray) body = g_byte_array_new();
	g_autofree guint8 *buffer = g_malloc(QUEUE_READ_MAX);
	gssize got;

	while ((got = queue_read(queue, message->id, body->len, buffer,
				 QUEUE_READ_MAX, error)) > 0)
		g_byte_array_append(body, buffer, got);
	return got < 0 ? NULL :
			 g_byte_array_free_to_bytes(g_steal_pointer(&body));
}

static gint
compare_names(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static GPtrArray *
list_segments(const char *path)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GDir) listing = g_dir_open(path, 0, NULL);
	const char *name;

	while (listing && (name = g_dir_read_name(listing)))
		if (g_str_has_suffix(name, ".seg"))
			g_ptr_array_add(names,
					g_build_filename(path, name, NULL));
	g_ptr_array_sort(names, compare_names);
	return names;
}

guint
count_segments(const char *path)
{
	g_autoptr(GPtrArray) names = list_segments(path);

	return names->len;
}

char *
segment_path(const char *path, guint nth)
{
	g_autoptr(GPtrArray) names = list_segments(path);

	return nth < names->len ? g_strdup(names->pdata[nth]) : NULL;
}
