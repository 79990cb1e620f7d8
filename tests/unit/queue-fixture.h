// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A queue in a scratch directory, and its calls made to wait for their
 * callbacks. Shared by the queue's unit tests and the crash driver.
 */
#ifndef MASQMAIL_TESTS_QUEUE_FIXTURE_H
#define MASQMAIL_TESTS_QUEUE_FIXTURE_H

#include "daemon/engine/queue.h"

/* (transfer full). A new directory, removed by scratch_remove(). */
char *scratch_make(void);
void scratch_remove(char *path);

/* Bodies that name themselves: @size bytes that depend on @seed. */
GBytes *make_body(guint seed, gsize size);

/* Hand in a body and wait. (nullable): refused, @error says why. */
Message *submit(Queue *queue, Message *message, GBytes *body,
		GError **error);
/* The same with one recipient for each of @recipients. */
Message *submit_simple(Queue *queue, guint seed, gsize size,
		       guint recipients);

/* Each waits until it is durable, then changes memory, as deliver.c does. */
void settle(Queue *queue, Message *message, guint number,
	    RecipientState state);
void act(Queue *queue, Message *message, Action *action);
/* Also frees the message. */
void finish(Queue *queue, Message *message);

/* Run the main loop for what is pending, at most @ms. */
void idle(guint ms);

/* The whole body as stored. (transfer full) (nullable) */
GBytes *fetch(Queue *queue, const Message *message, GError **error);

/* Segments in the directory. */
guint count_segments(const char *path);

/* (transfer full). The file of the segment that is newest, or @nth. */
char *segment_path(const char *path, guint nth);

#endif
