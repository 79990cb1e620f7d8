// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lines of the ledger: small letters ask, capitals are what was promised.
 *
 *	c ID SEED SIZE RECIPIENTS	commit		C ID	R ID (refused)
 *	v ID NUMBER STATE		verdict		V ID NUMBER
 *	h ID				hold		H ID
 *	e ID				end		E ID
 */
#include "tests/crash/ledger.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/queue-fixture.h"

void
ledger_write(int fd, const char *format, ...)
{
	g_autofree char *line = NULL;
	va_list arguments;

	va_start(arguments, format);
	line = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	if (write(fd, line, strlen(line)) != (ssize_t)strlen(line))
		_exit(98);
}

static void
line_free(gpointer data)
{
	Line *line = data;

	for (guint i = 0; i < LEDGER_RECIPIENTS; i++)
		g_array_unref(line->states[i]);
	g_free(line);
}

static Line *
line_of(GHashTable *ledger, guint64 id)
{
	Line *line = g_hash_table_lookup(ledger, &id);

	if (line)
		return line;
	line = g_new0(Line, 1);
	line->id = id;
	for (guint i = 0; i < LEDGER_RECIPIENTS; i++)
		line->states[i] = g_array_new(FALSE, FALSE,
					      sizeof(RecipientState));
	g_hash_table_insert(ledger, &line->id, line);
	return line;
}

static void
take_line(GHashTable *ledger, const char *text)
{
	guint64 id = 0;
	guint one = 0, two = 0, three = 0;
	char kind = 0;
	Line *line;

	if (sscanf(text, "%c %" G_GUINT64_FORMAT " %u %u %u", &kind, &id,
		   &one, &two, &three) < 2)
		return;
	line = line_of(ledger, id);
	switch (kind) {
	case 'c':
		line->seed = one;
		line->size = two;
		line->recipients = three;
		break;
	case 'C':
		line->accepted = TRUE;
		break;
	case 'R':
		line->refused = TRUE;
		break;
	case 'v': {
		RecipientState state = two;

		g_array_append_val(line->states[one], state);
		break;
	}
	case 'V':
		line->durable[one] = line->states[one]->len;
		break;
	case 'h':
		line->holding = TRUE;
		break;
	case 'H':
		line->held = TRUE;
		break;
	case 'e':
		line->ending = TRUE;
		break;
	case 'E':
		line->ended = TRUE;
		break;
	}
}

GHashTable *
ledger_read(const char *path)
{
	GHashTable *ledger = g_hash_table_new_full(
		g_int64_hash, g_int64_equal, NULL, line_free);
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return ledger;
	lines = g_strsplit(text, "\n", -1);
	for (char **at = lines; *at; at++)
		take_line(ledger, *at);
	return ledger;
}

static gboolean
wrong(const char *format, ...) G_GNUC_PRINTF(1, 2);

static gboolean
wrong(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
	return FALSE;
}

/* A state that was asked for, and none before one that was promised. */
static gboolean
check_state(const Line *line, guint number, RecipientState state)
{
	GArray *states = line->states[number];
	guint durable = line->durable[number];

	if (!durable && state == RECIPIENT_WAITING)
		return TRUE;
	for (guint i = durable ? durable - 1 : 0; i < states->len; i++)
		if (g_array_index(states, RecipientState, i) == state)
			return TRUE;
	return wrong("%" G_GUINT64_FORMAT ": recipient %u is %s", line->id,
		     number, recipient_state_name(state));
}

static gboolean
check_body(Queue *queue, const Line *line, const Message *message)
{
	g_autoptr(GBytes) expected = make_body(line->seed, line->size);
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) body = fetch(queue, message, &error);

	if (!body)
		return wrong("%" G_GUINT64_FORMAT ": %s", line->id,
			     error->message);
	if (!g_bytes_equal(body, expected))
		return wrong("%" G_GUINT64_FORMAT ": another body", line->id);
	return TRUE;
}

static gboolean
check_living(Queue *queue, const Line *line, const Message *message)
{
	gboolean right = TRUE;

	if (!line || !line->recipients)
		return wrong("%" G_GUINT64_FORMAT ": nobody handed it in",
			     message->id);
	if (line->ended)
		right = wrong("%" G_GUINT64_FORMAT ": came back", line->id);
	if (line->refused)
		right = wrong("%" G_GUINT64_FORMAT ": was refused", line->id);
	if (message->recipients->len != line->recipients)
		return wrong("%" G_GUINT64_FORMAT ": %u recipients",
			     line->id, message->recipients->len);
	if (message->held ? !line->holding : line->held)
		right = wrong("%" G_GUINT64_FORMAT ": held %d", line->id,
			      message->held);
	for (guint i = 0; i < line->recipients; i++) {
		Recipient *recipient = message->recipients->pdata[i];

		if (!check_state(line, i, recipient->state))
			right = FALSE;
	}
	return check_body(queue, line, message) && right;
}

static gboolean
check_messages(Queue *queue, GHashTable *ledger, GPtrArray *messages)
{
	g_autoptr(GHashTable) living = g_hash_table_new(g_int64_hash,
							g_int64_equal);
	GHashTableIter iter;
	gpointer value;
	gboolean right = TRUE;

	for (guint i = 0; i < messages->len; i++) {
		Message *message = messages->pdata[i];
		Line *line = g_hash_table_lookup(ledger, &message->id);

		g_hash_table_add(living, &message->id);
		if (!check_living(queue, line, message))
			right = FALSE;
	}
	g_hash_table_iter_init(&iter, ledger);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		Line *line = value;

		if (line->accepted && !line->ending &&
		    !g_hash_table_contains(living, &line->id))
			right = wrong("%" G_GUINT64_FORMAT ": is lost",
				      line->id);
	}
	return right;
}

static Queue *
open_queue(const char *directory, const QueueOptions *options)
{
	g_autoptr(GError) error = NULL;
	Queue *queue = queue_open(directory, options, NULL, NULL, &error);

	if (!queue)
		wrong("open: %s", error->message);
	return queue;
}

/* All ends; one comes; it alone is there, in few files. */
static gboolean
check_going_on(Queue *queue, GPtrArray *messages, const char *directory,
	       const QueueOptions *options)
{
	g_autoptr(GPtrArray) left = NULL;
	gboolean right = TRUE;
	guint64 id;

	while (messages->len)
		finish(queue, g_ptr_array_steal_index(messages, 0));
	{
		g_autoptr(Message) last = submit_simple(queue, 1, 500, 1);

		id = last->id;
		queue_close(queue);
	}
	queue = open_queue(directory, options);
	if (!queue)
		return FALSE;
	left = queue_take_messages(queue);
	if (left->len != 1 || ((Message *)left->pdata[0])->id != id)
		right = wrong("later: %u messages", left->len);
	queue_close(queue);
	queue = open_queue(directory, options);
	if (!queue)
		return FALSE;
	queue_close(queue);
	if (count_segments(directory) > 3)
		right = wrong("later: %u segments",
			      count_segments(directory));
	return right;
}

gboolean
ledger_check(GHashTable *ledger, const char *directory,
	     const QueueOptions *options)
{
	Queue *queue = open_queue(directory, options);
	g_autoptr(GPtrArray) messages = NULL;
	gboolean right;

	if (!queue)
		return FALSE;
	messages = queue_take_messages(queue);
	right = check_messages(queue, ledger, messages);
	for (const char *const *at = queue_sentences(queue); !right && *at;
	     at++)
		wrong("said: %s", *at);
	return check_going_on(queue, messages, directory, options) && right;
}
