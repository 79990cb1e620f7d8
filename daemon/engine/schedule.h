// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What to deliver now, and when to look again. Pure: the messages, the
 * world of routes and the time go in, batches come out; starting workers
 * and applying what they say is deliver.c's. Run it after every change: a
 * message came, a verdict, the network, a hand, the timer. Knows alone the
 * back-off, the order, the limits and the age at which a message is given
 * up.
 */
#ifndef MASQMAIL_ENGINE_SCHEDULE_H
#define MASQMAIL_ENGINE_SCHEDULE_H

#include <glib.h>

#include "daemon/engine/message.h"
#include "daemon/engine/meter.h"
#include "daemon/engine/route.h"

#define SCHEDULE_LIFETIME (5 * 86400)   /* usable seconds */
#define SCHEDULE_STALE (30 * 86400)     /* by the wall clock: then held */
#define SCHEDULE_WORKERS 16             /* of all routes together */
#define SCHEDULE_DOUBTFUL_PART 2        /* of them, for hops that failed */
#define SCHEDULE_BATCH 200              /* messages over one connection */
#define SCHEDULE_PER_CONNECTION 10      /* worth a connection of its own */
#define SCHEDULE_QUEUE_RUN 900          /* queue-only mail waits at most */
#define SCHEDULE_RETRY_FIRST 60
#define SCHEDULE_RETRY_MOST 5400

typedef struct {
	GPtrArray *messages; /* of Message, oldest first */
	RouteWorld world;    /* world.now is the present */
	gint64 arrived; /* Unix seconds when this network was settled; 0 */
	guint busy;     /* workers that deliver now, all kinds */
	guint workers;  /* at most; 0: SCHEDULE_WORKERS */
	guint doubtful; /* of the busy ones, those at hops that failed last */
	gboolean stopped; /* read-only queue, or stopping: start nothing */
	const Meter *meter; /* (nullable): then nothing grows old */
	gint64 meter_now;   /* seconds of the meter's clock */
	gint64 lifetime;    /* usable seconds; 0: SCHEDULE_LIFETIME */
	const gint64 *warnings; /* usable seconds after which a sender is
				   told, rising, ends with 0 (nullable) */
	gint64 retry_first; /* seconds; 0: SCHEDULE_RETRY_FIRST */
	gint64 retry_most;  /* seconds; 0: SCHEDULE_RETRY_MOST */
} ScheduleInput;

typedef struct {
	Message *message; /* (transfer none) */
	GArray *recipients; /* of guint: numbers, at least one */
} BatchItem;

/* One worker's work: a route's, or one local user's. */
typedef struct {
	const Route *route; /* (nullable) (transfer none) */
	char *domain;       /* of a direct route's hop, lower case, or "" */
	char *user;         /* (nullable): local delivery */
	gboolean for_aliases; /* .user is not the recipient, but who gets
	                         commands and files of the aliases */
	GPtrArray *items;   /* of BatchItem, in order */
} Batch;

/* A recipient to be given up. */
typedef struct {
	Message *message;
	guint recipient;
	Status *status; /* failed, 4.4.7's permanent form 5.4.7 */
} Expired;

/* A message that is late: its sender is to be told. */
typedef struct {
	Message *message;
	gint64 seconds;     /* of usable time: which warning it is */
	GArray *recipients; /* of guint: numbers, at least one */
} Delayed;

/* A local recipient whose name stands for others, and whose turn it is. */
typedef struct {
	Message *message;
	guint recipient;
} Expansion;

typedef struct {
	GArray *expansions; /* of Expansion: do them, then run again */
	GPtrArray *batches; /* of Batch; start them all */
	GPtrArray *expired; /* of Expired */
	GPtrArray *delayed; /* of Delayed: tell their senders */
	GPtrArray *ripe;    /* of Message *: their time has come (later.h) */
	GPtrArray *stale;   /* of Message *: hold them, tell their owner;
	                       not those with the option "stale" */
	gint64 next_wake;   /* Unix seconds; 0: no timer */
	guint waiting;      /* recipients that wait and are in no batch */
} SchedulePlan;

/* (transfer full). Valid as long as messages and routes of the input. */
SchedulePlan *schedule_run(const ScheduleInput *input);
void schedule_plan_free(SchedulePlan *plan);

/*
 * Why one recipient has not gone yet: what List, Show and Explain say. It
 * looks at nothing but this message, so it is cheap; WAIT_TURN stands for
 * all that only a run can know.
 */
typedef struct {
	WaitReason reason;
	gint64 until; /* Unix seconds; 0: no time ends it */
	Way way;
} Waiting;

Waiting schedule_waiting(const ScheduleInput *input, const Message *message,
			 guint recipient);

/* (transfer full). The same as a plain sentence; "" when nothing is owed. */
char *schedule_why(const ScheduleInput *input, const Message *message,
		   guint recipient);

/*
 * When to try again after @tries counted tries: Unix seconds. The wait
 * doubles from retry_first to retry_most; @jitter in [0, 1) adds up to a
 * quarter, to spread what failed together.
 */
gint64 schedule_retry_at(const ScheduleInput *input, guint tries,
			 double jitter);

/*
 * When the recipient would be given up, were its way usable from now on
 * (Unix seconds).
 */
gint64 schedule_gives_up(const ScheduleInput *input, const Message *message,
			 guint recipient);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SchedulePlan, schedule_plan_free)

#endif
