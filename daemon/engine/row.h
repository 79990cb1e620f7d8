// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A message as people see it: the columns of List, one word for its state
 * and one sentence for why it is still here. Knows alone how an envelope,
 * the schedule and a running delivery become those.
 */
#ifndef MASQMAIL_ENGINE_ROW_H
#define MASQMAIL_ENGINE_ROW_H

#include "daemon/engine/engine.h"
#include "daemon/engine/schedule.h"

/* One message looked at: cheap for the columns that are asked. */
typedef struct {
	Engine *engine;
	const ScheduleInput *input;
	const Message *message;
	const Recipient *recipient; /* the one it is told by; never NULL */
	guint number;               /* of that recipient */
	Waiting waiting;            /* of that recipient */
	guint progress;             /* per cent, of a running delivery */
	gboolean sending;
} Row;

/* Look at @message. The values live as long as message and @input. */
void row_init(Row *row, Engine *engine, const ScheduleInput *input,
	      const Message *message);

/* "sending", "queued", "waits", ...: the words of the column state. */
const char *row_state(const Row *row);

/* The value of a column of the table, of its type; floating. */
GVariant *row_column(const Row *row, const char *column);

/* All columns, for the notification Message; floating a{sv}. */
GVariant *row_notice(Engine *engine, const Message *message);
/* The last row of a message that leaves, with gone set; floating. */
GVariant *row_gone(Engine *engine, const Message *message,
		   const char *state);

/* All that is known, for Show; floating a{sv}. */
GVariant *row_show(Engine *engine, const Message *message);

#endif
