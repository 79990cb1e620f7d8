// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What happened lately, as rows of Log: a bounded ring in memory, one line
 * in the daemon's log for each, and a callback for watchers. Knows who may
 * see which row.
 */
#ifndef MASQMAIL_ENGINE_EVENTS_H
#define MASQMAIL_ENGINE_EVENTS_H

#include <sys/types.h>

#include <glib.h>

#include "daemon/engine/message.h"

#define EVENTS_KEPT 500
#define EVENTS_MAX_TEXT 3000 /* characters */

typedef struct {
	gint64 when;      /* Unix seconds */
	char *event;      /* "in", "sent", "retry", "failed", "profile" ... */
	guint64 id;       /* of a message, or 0 */
	uid_t uid;        /* whose message; (uid_t)-1 for everybody's */
	char *text;       /* for people */
	char *answer;     /* the raw answer; "" */
	gboolean problem;
} Event;

typedef struct Events Events;

typedef void (*EventHappened)(gpointer data, const Event *event);

Events *events_new(EventHappened happened, gpointer data);
void events_free(Events *events);

/*
 * Something happened to @message (nullable: to all of us). @answer
 * (nullable). @text is a sentence or a line for people.
 */
void events_add(Events *events, const char *event, gboolean problem,
		const Message *message, const char *answer,
		const char *format, ...) G_GNUC_PRINTF(6, 7);

/* The kept ones, oldest first: of Event (transfer none). */
GQueue *events_kept(Events *events);

/* Whether @uid may see it; @all: may see everything. */
gboolean event_is_for(const Event *event, uid_t uid, gboolean all);

/* A row of Log; floating. */
GVariant *event_to_variant(const Event *event);

#endif
