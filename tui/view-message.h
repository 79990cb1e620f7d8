// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One opened message, shared by the files that draw its parts:
 * view-message.c (frame and keys), view-message-parts.c (recipients, route,
 * history), view-message-text.c (the message itself),
 * view-message-transcript.c (what was said about it).
 */
#ifndef MASQMAIL_TUI_VIEW_MESSAGE_H
#define MASQMAIL_TUI_VIEW_MESSAGE_H

#include "tui/app.h"
#include "tui/list.h"

#define MESSAGE_TEXT_MAX (1024 * 1024) /* bytes shown at most */

typedef enum {
	PART_RECIPIENTS,
	PART_HEADERS,
	PART_BODY,
	PART_TRANSCRIPT,
	PART_ROUTE,
	PART_HISTORY,
	PART_COUNT,
} Part;

typedef struct {
	App *app;
	char *id;
	guint serial;      /* tells answers for this instance from others' */
	Part part;
	List lists[PART_COUNT];
	GVariant *record;  /* of Show; (nullable) */
	GVariant *explained; /* aa{sv}; (nullable) */
	GVariant *history; /* aa{sv}; (nullable) */
	GVariant *transcript; /* a{sv}; (nullable) */
	GByteArray *text;  /* what was fetched of it so far */
	gboolean fetched;  /* all that is shown */
	GPtrArray *headers, *body; /* lines, harmless; (nullable) */
} Message;

/*
 * The view may be closed while an answer is on its way: (nullable) the one
 * with this serial, if it is open.
 */
Message *message_find_open(App *app, guint serial);

/* Rows that the list of the part has. */
guint message_rows(const Message *message, Part part);

/* Draw the lines of the part between @from and @end. */
void message_draw_part(Message *message, Canvas *canvas, int from, int end);

/* Start to fetch the message; message_split when it is all there. */
void message_fetch(Message *message);
void message_draw_text(Message *message, Canvas *canvas, GPtrArray *lines,
		       int from, int end);

/* Ask for the transcript; its lines (transfer full); draw them. */
void message_ask_transcript(Message *message);
GPtrArray *message_transcript_lines(const Message *message);
guint message_transcript_rows(const Message *message);
void message_draw_transcript(Message *message, Canvas *canvas, int from,
			     int end);

/* Write all of it to "ID.eml" in the current folder. */
void message_save(Message *message);

#endif
