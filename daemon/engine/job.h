// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One worker's work, as deliver.c (which starts it) and deliver-methods.c
 * (to which it speaks) share it, and nobody else.
 */
#ifndef MASQMAIL_ENGINE_JOB_H
#define MASQMAIL_ENGINE_JOB_H

#include "daemon/engine/deliver.h"
#include "daemon/priv.h"

/* A message of a batch and those of its recipients not judged yet. */
typedef struct {
	Message *message;
	GArray *numbers; /* of guint */
} JobItem;

/* A message that was given to the worker, and what it said of it. */
typedef struct {
	guint64 id;
	uid_t uid;
	gboolean delivered; /* one recipient at least */
	gboolean trouble;   /* one at least was not */
} JobGiven;

#define JOB_GIVEN_MAX 4 /* remembered at once */

struct Job {
	Deliver *deliver;
	guint32 number;
	PrivKind kind;
	char *name;        /* route, user, or message id */
	char *next_hop;    /* of far mail, as hosts.h calls it; (nullable) */
	char *domain;      /* Hop.domain: "" unless of a direct route */
	char *profile;     /* active when it began */
	GQueue items;      /* of JobItem, not begun yet */
	JobItem *current;  /* (nullable) */
	JobGiven given[JOB_GIVEN_MAX]; /* the last is the current one */
	guint64 sent;      /* bytes of the current one */
	Connection *connection; /* NULL when its socket has ended */
	gboolean waiting;  /* a Job call is not answered: it lingers */
	guint32 serial;    /* of that call */
	guint linger;      /* its timer */
	guint leave;       /* timer after which it is killed */
	gboolean left;     /* its network is gone: nobody's fault */
	gboolean stale;    /* born with files that have changed since */
	gboolean spoke;    /* it asked for work */
	gboolean judged;   /* it gave a verdict or told a fault */
	gboolean told;     /* a report: its mail is safely queued */
	gboolean later;    /* a report: its mail was refused for now */
	struct ReportPlan *report; /* (nullable): a report's */
	gboolean over;     /* it exited, or never ran */
	int code;          /* errno when it never ran */
	int status;        /* of waitpid */
};

void job_item_free(gpointer item);

/* The worker's job; NULL, and the call refused. */
Job *job_of(Connection *connection, const char *method, guint32 serial);

/* Whether @number is one the worker was given; it is then judged. */
gboolean job_strike_out(JobItem *item, guint number);

/* Give back what @item still has, without a verdict. */
void job_give_back(Job *job, JobItem *item);

/* Answer the call that waits, with work or with "no more". */
void job_answer(Job *job);

/* A report worker's message is done with: was its sender told? */
void job_end_report(Job *job);

/* The route's name, or "local". */
const char *job_route(const Job *job);

/* Where it delivers to; (transfer none): it points into @job. */
Hop job_hop(const Job *job);

/* Whether its worker speaks to @hop. */
gboolean job_is_for(const Job *job, const Hop *hop);

#endif
