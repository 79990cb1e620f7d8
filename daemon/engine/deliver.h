// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Deliveries under way: what the schedule wants started, which worker has
 * which messages, and what they say. The only module that starts workers
 * for mail. A job lives from its spawn to the end of its socket, read to
 * the end; what was not judged by then waits again.
 */
#ifndef MASQMAIL_ENGINE_DELIVER_H
#define MASQMAIL_ENGINE_DELIVER_H

#include "daemon/engine/engine.h"
#include "daemon/engine/facts.h"
#include "daemon/engine/hosts.h"
#include "daemon/engine/schedule.h"
#include "daemon/engine/server.h"

#define DELIVER_LINGER_MS 2000     /* an idle connection waits for mail */
#define DELIVER_LEAVE_MS 2000      /* workers of a network that was left */
#define DELIVER_LEAVE_DOT_MS 10000 /* the same with the final dot sent */
#define DELIVER_TRASH_SECONDS 86400

Deliver *deliver_new(Engine *engine);
void deliver_free(Deliver *deliver);

/* @action, which expanded a recipient, is durable or never will be. */
void deliver_expanded(Deliver *deliver, const Action *action);

/* Look at the schedule, once the present work is done. */
void deliver_kick(Deliver *deliver);

/* The aliases were read anew: say so, and look at what waits for them. */
void deliver_aliases_changed(Deliver *deliver);

/* What the schedule sees now (transfer none); valid until the next call. */
const ScheduleInput *deliver_input(Deliver *deliver);

/* Keep the meters' readings with a message that is about to be queued. */
void deliver_stamp(Deliver *deliver, Message *message);

Facts *deliver_facts(Deliver *deliver);
Hosts *deliver_hosts(Deliver *deliver);

/* Times that were reckoned by the old clock mean nothing any more. */
void deliver_clock_jumped(Deliver *deliver);

/* The queue can be written, or not: then nothing is started. */
void deliver_set_condition(Deliver *deliver, QueueCondition condition);

/* Whether it is in a worker's hands now, and per cent sent. */
gboolean deliver_progress(Deliver *deliver, const Message *message,
			  guint *ret_percent);

/* Whether a worker of ours may be talking to another host. */
gboolean deliver_has_far_jobs(const Deliver *deliver);

/*
 * The network was left: its workers get a moment, then are ended. What
 * they had waits again and costs no try.
 */
void deliver_leave_network(Deliver *deliver);

/*
 * The files that workers were born with have changed: those that talk to
 * another host end after their present message, the idle ones at once.
 */
void deliver_retire_workers(Deliver *deliver);

/* Try all of @message at the next chance, whatever its retry time. */
void deliver_retry(Deliver *deliver, Message *message, uid_t who);

/* Start the reports that are due by now. */
void deliver_consider_reports(Deliver *deliver);

/* From the parent, by job number. */
void deliver_job_failed(Deliver *deliver, guint32 job, int code);
void deliver_job_exited(Deliver *deliver, guint32 job, int status);

/* A worker's connection has ended. */
void deliver_connection_lost(Connection *connection);

/* @message has ended and is about to be freed: no job may know it. */
void deliver_message_gone(Deliver *deliver, const Message *message);

/*
 * Begin the dictionary of a Job: the message and those of its recipients
 * with @numbers (nullable: none).
 */
void deliver_fill_job(GVariantDict *dict, const Message *message,
		      const GArray *numbers);

#endif
