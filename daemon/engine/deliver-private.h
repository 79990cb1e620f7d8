// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What deliver.c (the schedule), job.c (one worker's life) and
 * deliver-methods.c (what it says) share.
 */
#ifndef MASQMAIL_ENGINE_DELIVER_PRIVATE_H
#define MASQMAIL_ENGINE_DELIVER_PRIVATE_H

#include "daemon/engine/deliver.h"
#include "daemon/engine/job.h"

#define DELIVER_REST 8 /* times as long as a run took, the next waits */
#define DELIVER_REST_MOST (500 * 1000) /* microseconds */

struct Deliver {
	Engine *engine;
	GPtrArray *jobs; /* of Job */
	Facts *facts;
	Hosts *hosts;
	guint hosts_kept;     /* hosts_version() of what is on disk */
	gint64 hosts_kept_at; /* monotonic microseconds; 0: not yet */
	gboolean hosts_urgent; /* what a crash should not take */
	GRand *random;   /* for jitter */
	ScheduleInput input;
	AliasWorld alias_world;
	MailboxRules mailboxes;
	GHashTable *owner; /* the login of a user's own agent, a set */
	GArray *expanding; /* of Expanding: on their way to the disk */
	QueueCondition condition;
	guint idle;      /* the source that runs the schedule */
	gint64 rested;   /* monotonic us: when it may run again */
	gint64 no_reports_before; /* Unix seconds: after a worker that died */
};

/* Let input.world see the aliases as they were read last. */
void deliver_fill_aliases(Deliver *deliver);

/*
 * Make recipients of what a name stands for, or fail it. It counts as
 * active until that is on disk.
 */
void deliver_expand(Deliver *deliver, const Expansion *expansion);

/* An expansion that is not yet in memory. */
typedef struct {
	const Message *message;
	const Action *action;
} Expanding;

/* Log @action (transfer full), an expansion of a recipient of @message. */
void deliver_log_expansion(Deliver *deliver, Message *message,
			   Action *action);

/*
 * Append @child (transfer full) to @action, an expansion of a recipient of
 * @message whose options it inherits; not if the mail gets there anyway.
 */
void deliver_add_child(Deliver *deliver, Action *action,
		       const Message *message, Recipient *child);

/*
 * Start a worker; NULL when it could not even be asked for (logged).
 * @domain is Hop.domain.
 */
Job *job_start(Deliver *deliver, PrivKind kind, const char *name,
	       const char *domain, guint roles);

/* End its worker's process, unless it ends by itself before. */
void job_kill_after(Job *job, guint milliseconds);

/* It is over: give back what it had, forget it. */
void job_end(Job *job);

#endif
