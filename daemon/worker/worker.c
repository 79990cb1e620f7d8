// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/error.h"
#include "common/hostname.h"

/* Nothing the engine answers a worker waits for the network. */
#define ENGINE_ANSWER_MS 60000
#define MAX_FILES 64 /* open at once */

static gboolean
is_socket(int fd)
{
	int type;
	socklen_t size = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 &&
	       type == SOCK_SEQPACKET;
}

Worker *
worker_start(int argc, char **argv)
{
	const char *program = argc > 0 ? argv[0] : "worker";
	Worker *worker;

	if (argc != 2 || !*argv[1] || !is_socket(WORKER_ENGINE_FD)) {
		fprintf(stderr,
			"%s is started by masqmaild and does nothing when "
			"started by hand.\n",
			program);
		exit(EX_USAGE);
	}
	for (int fd = WORKER_ENGINE_FD; fd <= WORKER_PARENT_FD; fd++)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	signal(SIGPIPE, SIG_IGN);
	worker = g_new0(Worker, 1);
	worker->name = argv[1];
	worker->engine = client_new(WORKER_ENGINE_FD);
	client_set_timeout(worker->engine, ENGINE_ANSWER_MS);
	return worker;
}

void
worker_free(Worker *worker)
{
	if (!worker)
		return;
	client_free(worker->engine);
	g_free(worker);
}

int
worker_fd(const Worker *worker)
{
	return client_fd(worker->engine);
}

gboolean
worker_is_stopped(const Worker *worker)
{
	struct pollfd item = { .fd = worker_fd(worker), .events = POLLRDHUP };

	return poll(&item, 1, 0) > 0;
}

/* A dictionary of strings, whatever the engine left out. */
static GHashTable *
take_options(GVariant *dictionary)
{
	GHashTable *options = g_hash_table_new_full(g_str_hash, g_str_equal,
						    g_free, g_free);
	GVariantIter iter;
	char *key, *value;

	g_variant_iter_init(&iter, dictionary);
	while (g_variant_iter_next(&iter, "{ss}", &key, &value))
		g_hash_table_insert(options, key, value);
	return options;
}

static void
recipient_free(JobRecipient *recipient)
{
	g_free(recipient->address);
	g_hash_table_unref(recipient->options);
	g_free(recipient);
}

static void
take_recipients(Job *job, GVariant *list)
{
	GVariantIter iter;
	const char *address;
	GVariant *options;
	guint number;

	g_variant_iter_init(&iter, list);
	while (g_variant_iter_next(&iter, "(u&s@a{ss})", &number, &address,
				   &options)) {
		JobRecipient *recipient = g_new0(JobRecipient, 1);

		recipient->number = number;
		recipient->address = g_strdup(address);
		recipient->options = take_options(options);
		g_ptr_array_add(job->recipients, recipient);
		g_variant_unref(options);
	}
}

static char *
lookup_string(GVariant *dictionary, const char *key)
{
	char *value = NULL;

	g_variant_lookup(dictionary, key, "s", &value);
	return value ? value : g_strdup("");
}

Job *
job_from_variant(GVariant *reply)
{
	Job *job = g_new0(Job, 1);
	g_autoptr(GVariant) options = g_variant_lookup_value(
		reply, "options", G_VARIANT_TYPE("a{ss}"));
	g_autoptr(GVariant) recipients = g_variant_lookup_value(
		reply, "recipients", G_VARIANT_TYPE("a(usa{ss})"));

	job->reply = g_variant_ref(reply);
	job->id = lookup_string(reply, "id");
	job->sender = lookup_string(reply, "sender");
	job->route = lookup_string(reply, "route");
	job->domain = lookup_string(reply, "domain");
	g_variant_lookup(reply, "size", "t", &job->size);
	g_variant_lookup(reply, "trusted", "b", &job->trusted);
	if (options)
		job->options = take_options(options);
	else
		job->options = g_hash_table_new(g_str_hash, g_str_equal);
	job->recipients = g_ptr_array_new_with_free_func(
		(GDestroyNotify)recipient_free);
	if (recipients)
		take_recipients(job, recipients);
	return job;
}

void
job_free(Job *job)
{
	if (!job)
		return;
	g_free(job->id);
	g_free(job->sender);
	g_free(job->route);
	g_free(job->domain);
	g_hash_table_unref(job->options);
	g_ptr_array_unref(job->recipients);
	g_variant_unref(job->reply);
	if (job->head)
		g_byte_array_unref(job->head);
	g_free(job);
}

const char *
job_option(const Job *job, const char *key)
{
	return g_hash_table_lookup(job->options, key);
}

/* The job that @method answers; NULL when there is none. */
static Job *
ask_for_job(Worker *worker, const char *method, GError **error)
{
	g_autoptr(GVariant) reply =
		client_call(worker->engine, method, g_variant_new("()"),
			    error);
	g_autoptr(GVariant) dictionary = NULL;
	g_autofree char *id = NULL;

	if (!reply)
		return NULL;
	dictionary = g_variant_get_child_value(reply, 0);
	id = lookup_string(dictionary, "id");
	return *id ? job_from_variant(dictionary) : NULL;
}

Job *
worker_next_job(Worker *worker, GError **error)
{
	return ask_for_job(worker, "Job", error);
}

Job *
worker_look_ahead(Worker *worker)
{
	return ask_for_job(worker, "Ahead", NULL);
}

gboolean
worker_verdict(Worker *worker, JobRecipient *recipient, const Status *status,
	       GError **error)
{
	g_autoptr(GVariant) plain =
		g_variant_ref_sink(status_to_variant(status));
	g_autoptr(GVariant) reply = NULL;
	GVariantDict verdict;

	g_variant_dict_init(&verdict, plain);
	if (worker->confirm)
		g_variant_dict_insert(&verdict, "confirm", "b", TRUE);
	reply = client_call(worker->engine, "Verdict",
			    g_variant_new("(u@a{sv})", recipient->number,
					  g_variant_dict_end(&verdict)),
			    error);

	recipient->judged = TRUE;
	return reply != NULL;
}

gboolean
worker_verdict_rest(Worker *worker, Job *job, const Status *status,
		    GError **error)
{
	for (guint i = 0; i < job->recipients->len; i++) {
		JobRecipient *recipient = job->recipients->pdata[i];

		if (!recipient->judged &&
		    !worker_verdict(worker, recipient, status, error))
			return FALSE;
	}
	return TRUE;
}

gboolean
worker_expand(Worker *worker, JobRecipient *recipient, GVariant *list,
	      GError **error)
{
	g_autoptr(GVariant) reply = client_call(
		worker->engine, "Expand",
		g_variant_new("(u@a(sa{sv}))", recipient->number, list),
		error);

	recipient->judged = TRUE;
	return reply != NULL;
}

gboolean
worker_report(Worker *worker, GVariant *facts, GError **error)
{
	g_autoptr(GVariant) reply =
		client_call(worker->engine, "Report",
			    g_variant_new("(@a{sv})", facts), error);

	return reply != NULL;
}

char *
worker_read_secret(Worker *worker, GError **error)
{
	char *secret = g_malloc0(WORKER_MAX_SECRET + 1);
	ssize_t got = pread(WORKER_SECRET_FD, secret, WORKER_MAX_SECRET, 0);
	gsize length = strcspn(secret, "\r\n");

	explicit_bzero(secret + length, WORKER_MAX_SECRET - length);
	if (got >= 0 && length > 0)
		return secret;
	if (got < 0)
		error_set_errno(error, "secrets/%s", worker->name);
	else
		g_set_error(error, SYSTEM_ERROR, ENODATA,
			    "secrets/%s is empty or missing", worker->name);
	g_free(secret);
	return NULL;
}

char *
worker_read_second_secret(Worker *worker)
{
	char *secret = g_malloc0(WORKER_MAX_SECRET + 1);
	char *second = NULL;
	gsize first;

	(void)worker;
	if (pread(WORKER_SECRET_FD, secret, WORKER_MAX_SECRET, 0) > 0) {
		first = strcspn(secret, "\n");
		if (secret[first] == '\n')
			second = g_strndup(secret + first + 1,
					   strcspn(secret + first + 1,
						   "\r\n"));
	}
	explicit_bzero(secret, WORKER_MAX_SECRET);
	g_free(secret);
	return second;
}

void
worker_secret_free(char *secret)
{
	if (!secret)
		return;
	explicit_bzero(secret, strlen(secret));
	g_free(secret);
}

char *
worker_host_name(const Config *config)
{
	return hostname_for_mail(config);
}

gboolean
worker_confine(G_GNUC_UNUSED Worker *worker, const SandboxPath *paths,
	       gsize n_paths, GError **error)
{
	const SandboxLimits limits = { .files = MAX_FILES };

	return sandbox_die_with_parent(error) &&
	       sandbox_enter(paths, n_paths, &limits, error);
}
