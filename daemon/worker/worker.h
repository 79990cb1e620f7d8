// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What all workers share: the descriptors they are born with, their
 * confinement, the job and the verdicts. A worker is begun by the parent
 * for one purpose, given as its only argument (a route, a user, a listener,
 * a message), and knows nothing else:
 *
 *	worker_start, read configuration and secret, worker_confine;
 *	for each worker_next_job: deliver, one worker_verdict for each
 *	recipient; worker_finish, exit.
 *
 * When the engine is gone (worker_is_stopped, or stream_watch on
 * worker_fd) nothing more is to be done: what was not judged is the
 * engine's to try again.
 */
#ifndef MASQMAIL_WORKER_WORKER_H
#define MASQMAIL_WORKER_WORKER_H

#include <glib.h>

#include "common/client.h"
#include "common/config.h"
#include "common/status.h"
#include "daemon/sandbox.h"

/* The descriptors a worker finds open; what it has not is /dev/null. */
#define WORKER_ENGINE_FD 3
#define WORKER_CONFIG_FD 4 /* masqmail.conf */
#define WORKER_ROUTE_FD 5  /* routes/NAME.conf */
#define WORKER_TEMPLATES_FD 5 /* the directory templates, of report */
#define WORKER_SECRET_FD 6 /* secrets/NAME */
#define WORKER_CLIENT_FD 7 /* the client's socket, of smtp-in */
#define WORKER_PARENT_FD 8 /* to ask for commands: command.h */

#define WORKER_MAX_SECRET 4096 /* bytes */

typedef struct {
	const char *name; /* argv[1] */
	Client *engine;
	gboolean confirm;  /* deliveries are the engine's to confirm */
} Worker;

typedef struct {
	guint number;
	char *address;
	GHashTable *options; /* string -> string: notify, orcpt */
	gboolean judged;     /* its verdict was sent */
} JobRecipient;

/* One message to deliver, as Job of api.c tells it. */
typedef struct {
	char *id;
	guint64 size;
	char *sender;          /* "" is the null sender */
	char *route;
	char *domain;          /* of all recipients, on a direct route; "" */
	gboolean trusted;      /* the present network is */
	GHashTable *options;   /* of the message, string -> string */
	GPtrArray *recipients; /* of JobRecipient */
	GVariant *reply;       /* all of it, for keys of one worker only */
	GByteArray *head; /* goes out instead of the message's first .. */
	guint64 replaced; /* .. bytes, this many; NULL and 0: nothing does */
} Job;

/*
 * Take over the descriptors and check the argument. A program that was not
 * started by the parent ends here, with a sentence and EX_USAGE.
 */
Worker *worker_start(int argc, char **argv);
void worker_free(Worker *worker);

/*
 * Give up all that is not needed to read the system's own files and @paths
 * (sandbox.h), and to talk over the network; before the first byte from
 * outside.
 */
gboolean worker_confine(Worker *worker, const SandboxPath *paths,
			gsize n_paths, GError **error);

/* For stream_watch. */
int worker_fd(const Worker *worker);

/* Whether the engine has closed its end, without waiting. */
gboolean worker_is_stopped(const Worker *worker);

/*
 * The next message (transfer full); NULL without an error: no more.
 * What was not judged of the one before is the engine's again.
 */
Job *worker_next_job(Worker *worker, GError **error);
Job *job_from_variant(GVariant *reply);

/*
 * What it will be, most likely (transfer full) (nullable), while the present
 * one goes on. Only what worker_next_job gave may be judged.
 */
Job *worker_look_ahead(Worker *worker);
void job_free(Job *job);

/* (transfer none) (nullable) */
const char *job_option(const Job *job, const char *key);

/*
 * Up to 64 KiB of the message (transfer full); size 0 at its end. Offsets
 * are those of the message as it goes out.
 */
WirePacket *worker_fetch(Worker *worker, const Job *job, guint64 offset,
			 GError **error);

/*
 * Let @head (taken over) go out instead of the first @replaced bytes of the
 * message; .size follows.
 */
void worker_replace_head(Job *job, GByteArray *head, guint64 replaced);

/* How much of the message in the queue is sent once @offset is. */
guint64 worker_sent(const Job *job, guint64 offset);

/*
 * Tell what became of a recipient; FALSE: the engine is gone or will not
 * hear it. The second tells the same of all not judged so far.
 */
gboolean worker_verdict(Worker *worker, JobRecipient *recipient,
			const Status *status, GError **error);
gboolean worker_verdict_rest(Worker *worker, Job *job, const Status *status,
			     GError **error);

/* Tell who gets it instead of a recipient: @list (sunk) as Expand has it. */
gboolean worker_expand(Worker *worker, JobRecipient *recipient,
		       GVariant *list, GError **error);

/* Send the a{sv} @facts (sunk) as Report. */
gboolean worker_report(Worker *worker, GVariant *facts, GError **error);

/*
 * The first line of the secret file (transfer full), or NULL. To be given
 * to worker_secret_free, which wipes it.
 */
char *worker_read_secret(Worker *worker, GError **error);
/* The second line of it (transfer full), or NULL: a proxy's password. */
char *worker_read_second_secret(Worker *worker);
void worker_secret_free(char *secret);

/*
 * This machine's mail name as General.HostName says it, else /etc/mailname,
 * else the host's own name. (transfer full)
 */
char *worker_host_name(const Config *config);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Worker, worker_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Job, job_free)

#endif
