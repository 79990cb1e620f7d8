// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The worker of local delivery: runs as the recipient, with nothing that is
 * not theirs, puts each message of its jobs into their mailbox and says
 * what came of it. The environment holds HOME; what kind of mailbox it is
 * stands in masqmail.conf.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/error.h"
#include "common/log.h"
#include "daemon/worker/local-deliver.h"
#include "daemon/worker/worker.h"

#define LOCK_WAIT_S 30

typedef struct {
	Worker *worker;
	const BoxKind *kind;
	char *home, *path;
	/* While a message is delivered. */
	Job *job;
} Local;

static GBytes *
fetch(void *user, guint64 offset, GError **error)
{
	Local *local = user;
	g_autoptr(WirePacket) packet =
		worker_fetch(local->worker, local->job, offset, error);

	return packet ? g_bytes_new(packet->data, packet->size) : NULL;
}

static gboolean
deliver_to(Local *local, JobRecipient *recipient, GError **error)
{
	LocalDelivery delivery = {
		.kind = local->kind,
		.target = {.home = local->home,
			   .path = local->path,
			   .sender = local->job->sender,
			   .now = g_get_real_time() / G_USEC_PER_SEC,
			   .lock_wait = LOCK_WAIT_S},
		.address = recipient->address,
		.fetch = fetch,
		.user = local,
	};
	g_autoptr(Status) status = local_deliver(&delivery, error);

	return status &&
	       worker_verdict(local->worker, recipient, status, error);
}

static gboolean
deliver(Local *local, GError **error)
{
	GPtrArray *recipients = local->job->recipients;

	for (guint i = 0; i < recipients->len; i++)
		if (!deliver_to(local, recipients->pdata[i], error))
			return FALSE;
	return TRUE;
}

/*
 * With a configuration that cannot be read nobody knows which mailbox is
 * meant: mail must not go where it is not looked for.
 */
static gboolean
put_off(Local *local, const GError *cause, GError **error)
{
	g_autofree char *why = g_strdup_printf(
		"Mail for this machine cannot be delivered: %s. It waits "
		"until that is put right.", cause->message);
	g_autoptr(Status) status = status_new(OUTCOME_DEFERRED, FAULT_ROUTE,
					      0, "4.3.5", cause->message, why);

	return worker_verdict_rest(local->worker, local->job, status, error);
}

/*
 * The engine's death is nobody's fault: what is not judged is tried again.
 * @cause (nullable) keeps us from delivering.
 */
static gboolean
work(Local *local, const GError *cause, GError **error)
{
	for (;;) {
		g_autoptr(Job) job = worker_next_job(local->worker, error);
		gboolean delivered;

		if (!job)
			return FALSE;
		local->job = job;
		delivered = cause ? put_off(local, cause, error) :
				    deliver(local, error);
		local->job = NULL;
		if (!delivered)
			return FALSE;
	}
}

/*
 * A user's own agent keeps a Maildir, the system's service the classic mbox:
 * the latter starts us with the group that may lock mailboxes.
 */
static const char *
default_kind(void)
{
	return getegid() == getgid() ? "maildir" : "mbox";
}

/* %u in a path is the user. */
static char *
expand(const char *path, const char *user)
{
	GString *expanded = g_string_new(path);

	g_string_replace(expanded, "%u", user, 0);
	return g_string_free(expanded, FALSE);
}

static void
read_configuration(Local *local, const Config *config)
{
	g_autofree char *name = config_string(config, "Local", "Delivery");
	g_autofree char *path = NULL;

	local->kind = box_kind(name ? name : default_kind());
	path = config_string(config, "Local",
			     local->kind == &box_maildir ? "Maildir" : "Mbox");
	local->path =
		expand(path ? path : local->kind->path, local->worker->name);
}

/*
 * What is confined is a bug of ours, not the recipient: all that is theirs
 * to reach stays reachable where mail may lie. A link of their own to
 * another disk leads outside the home.
 */
static gboolean
confine(const Local *local, GError **error)
{
	const guint all = SANDBOX_READ | SANDBOX_WRITE | SANDBOX_MOVE;
	g_autofree char *whole =
		g_path_is_absolute(local->path)
			? g_strdup(local->path)
			: g_build_filename(local->home, local->path, NULL);
	g_autofree char *folder = g_path_get_dirname(whole);
	g_autofree char *real = realpath(whole, NULL);
	const SandboxPath paths[] = {
		{local->home, all},
		{folder, all},
		{real ? real : folder, all},
	};

	return worker_confine(local->worker, paths, G_N_ELEMENTS(paths), error);
}

static void
local_done(Local *local)
{
	worker_free(local->worker);
	g_free(local->home);
	g_free(local->path);
}

static int
run(Local *local, GError **error)
{
	g_autoptr(GError) cause = NULL;
	g_autoptr(Config) config = config_load_fd(CONFIG_MAIN, WORKER_CONFIG_FD,
						  "masqmail.conf", &cause);

	if (!config) {
		if (worker_confine(local->worker, NULL, 0, error))
			work(local, cause, error);
		return *error ? EX_TEMPFAIL : EX_CONFIG;
	}
	read_configuration(local, config);
	local->home = g_strdup(g_getenv("HOME"));
	if (!local->home || !g_path_is_absolute(local->home)) {
		errno = ENOENT;
		error_set_errno(error, "the home directory of %s",
				local->worker->name);
		return EX_OSERR;
	}
	if (!confine(local, error))
		return EX_OSERR;
	work(local, NULL, error);
	return *error ? EX_TEMPFAIL : EX_OK;
}

int
main(int argc, char **argv)
{
	Local local = {.worker = worker_start(argc, argv)};
	g_autoptr(GError) error = NULL;
	int code;

	g_set_prgname("local");
	/* A file-size limit is an error of write, not a death. */
	signal(SIGXFSZ, SIG_IGN);
	umask(007);
	code = run(&local, &error);
	/* A daemon that stops is no problem. */
	if (error && !g_error_matches(error, WIRE_ERROR, WIRE_ERROR_CLOSED))
		log_problem("local", 0, "user=%s %s", local.worker->name,
			    error->message);
	local_done(&local);
	return code;
}
