// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The one way in which a message in the queue changes: the log first, then
 * memory, the log line and the watchers, then what follows from it (its
 * end, or a report to its sender). Everybody who wants a change asks here.
 */
#ifndef MASQMAIL_ENGINE_TRANSITION_H
#define MASQMAIL_ENGINE_TRANSITION_H

#include "daemon/engine/engine.h"

/* What a verdict makes of a recipient. @status (transfer none). */
void transition_verdict(Engine *engine, Message *message, guint number,
			const RecipientChange *change);

/* The report that tells its sender of this recipient is safely queued. */
void transition_bounced(Engine *engine, Message *message, guint number);

/* Memory only: a worker took it, or gave it back without a verdict. */
void transition_activity(Engine *engine, Message *message, guint number,
			 gboolean active);

/* An action upon the whole message; @action (transfer full). */
void transition_action(Engine *engine, Message *message, Action *action);

/*
 * The same for an edit of the envelope: until it is on disk nobody begins
 * to deliver what it was. No recipient may be active.
 */
void transition_edit(Engine *engine, Message *message, Action *action);

/* One option of it, in memory at once; NULL takes it away. */
void transition_option(Engine *engine, Message *message, const char *key,
		       const char *value);

/*
 * Call @callback once all changes asked for so far are on disk and in
 * memory; at once when there are none. What is answered then holds.
 */
void transition_settled(Engine *engine, void (*callback)(gpointer data),
			gpointer data);

/* Log the end of a message of which nothing is owed any more. */
void transition_conclude(Engine *engine, Message *message);

#endif
