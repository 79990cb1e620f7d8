// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/jobs.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "common/log.h"
#include "daemon/command.h"
#include "daemon/spawn.h"

#define EVENTS_MAX 16	/* taken at a time */

typedef struct {
	pid_t pid;
	PrivKind kind;
	char *name;
	int asks;	/* our end of its socket, or -1 */
} Job;

struct Jobs {
	const Paths *paths;
	const Agents *agents;
	GHashTable *workers;	/* number, as a pointer, to Job */
	GHashTable *commands;	/* pids of command_start, as pointers */
	int epoll;
};

/* A closed descriptor leaves the epoll by itself: nobody else has it. */
static void
job_free(gpointer data)
{
	Job *job = data;

	if (job->asks >= 0)
		close(job->asks);
	g_free(job->name);
	g_free(job);
}

Jobs *
jobs_new(const Paths *paths, const Agents *agents)
{
	Jobs *jobs = g_new0(Jobs, 1);

	jobs->paths = paths;
	jobs->agents = agents;
	jobs->workers = g_hash_table_new_full(NULL, NULL, NULL, job_free);
	jobs->commands = g_hash_table_new(NULL, NULL);
	jobs->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (jobs->epoll < 0) {
		log_problem("start", 0, "epoll: %s", g_strerror(errno));
		exit(EXIT_FAILURE);
	}
	return jobs;
}

static void
listen_to(const Jobs *jobs, guint32 number, Job *job)
{
	struct epoll_event event = { .events = EPOLLIN,
				     .data.u32 = number };

	if (job->asks < 0 ||
	    epoll_ctl(jobs->epoll, EPOLL_CTL_ADD, job->asks, &event) == 0)
		return;
	log_problem("spawn", 0, "epoll: %s", g_strerror(errno));
	close(job->asks);
	job->asks = -1;
}

int
jobs_start(Jobs *jobs, const Config *config, const PrivPacket *packet,
	   const int fds[PRIV_FDS_MAX], pid_t *ret_pid)
{
	void *key = GUINT_TO_POINTER(packet->job);
	Job *job;
	int code, asks = -1;

	if (g_hash_table_contains(jobs->workers, key))
		return EEXIST;
	if (g_hash_table_size(jobs->workers) >= JOBS_MAX)
		return EAGAIN;
	code = spawn_worker(jobs->paths, config, packet, fds, &asks,
			    ret_pid);
	if (code != 0)
		return code;
	job = g_new0(Job, 1);
	job->pid = *ret_pid;
	job->kind = packet->kind;
	job->name = g_strdup(packet->name);
	job->asks = asks;
	g_hash_table_insert(jobs->workers, key, job);
	listen_to(jobs, packet->job, job);
	return 0;
}

void
jobs_kill(const Jobs *jobs, guint32 job, int signal)
{
	const Job *worker = g_hash_table_lookup(jobs->workers,
						GUINT_TO_POINTER(job));

	if (worker != NULL && (signal == SIGTERM || signal == SIGKILL))
		kill(worker->pid, signal);
}

/* Those who see to commands end with them, and these with the workers. */
void
jobs_kill_all(const Jobs *jobs)
{
	GHashTableIter iter;
	void *key;

	g_hash_table_iter_init(&iter, jobs->workers);
	while (g_hash_table_iter_next(&iter, &key, NULL))
		jobs_kill(jobs, GPOINTER_TO_UINT(key), SIGKILL);
	g_hash_table_iter_init(&iter, jobs->commands);
	while (g_hash_table_iter_next(&iter, &key, NULL))
		kill(GPOINTER_TO_INT(key), SIGTERM);
}

gboolean
jobs_ended(Jobs *jobs, pid_t pid, guint32 *ret_job)
{
	GHashTableIter iter;
	void *key, *job;

	if (g_hash_table_remove(jobs->commands, GINT_TO_POINTER(pid)))
		return FALSE;
	g_hash_table_iter_init(&iter, jobs->workers);
	while (g_hash_table_iter_next(&iter, &key, &job)) {
		if (((Job *)job)->pid != pid)
			continue;
		*ret_job = GPOINTER_TO_UINT(key);
		g_hash_table_iter_remove(&iter);
		return TRUE;
	}
	return FALSE;
}

int
jobs_fd(const Jobs *jobs)
{
	return jobs->epoll;
}

static void
refuse(int fd, int code, const char *reason)
{
	PrivAnswer answer = { .result = code };

	g_strlcpy(answer.reason, reason, sizeof(answer.reason));
	priv_answer(fd, &answer);
}

static void
start_command(Jobs *jobs, const Job *job, const PrivAsk *ask,
	      const int fds[PRIV_ASK_FDS])
{
	const CommandAsker asker = { jobs->paths, job->kind, job->name,
				     agents_list(jobs->agents) };
	pid_t pid;

	if (g_hash_table_size(jobs->commands) >= JOBS_COMMANDS_MAX) {
		refuse(fds[PRIV_ASK_CONTROL], EAGAIN,
		       "too many commands run at the same time");
		return;
	}
	pid = command_start(&asker, ask, fds);
	if (pid < 0)
		refuse(fds[PRIV_ASK_CONTROL], errno, g_strerror(errno));
	else
		g_hash_table_add(jobs->commands, GINT_TO_POINTER(pid));
}

static void
hear_worker(Jobs *jobs, Job *job)
{
	g_autoptr(GError) error = NULL;
	int fds[PRIV_ASK_FDS], i;
	PrivAsk ask;

	if (priv_hear(job->asks, &ask, fds, &error)) {
		start_command(jobs, job, &ask, fds);
		for (i = 0; i < PRIV_ASK_FDS; i++)
			close(fds[i]);
		return;
	}
	if (g_error_matches(error, PRIV_ERROR, PRIV_ERROR_INVALID)) {
		log_problem("worker", 0, "pid=%d cannot be trusted: %s",
			    (int)job->pid, error->message);
		kill(job->pid, SIGKILL);
	}
	close(job->asks);
	job->asks = -1;
}

void
jobs_hear(Jobs *jobs)
{
	struct epoll_event events[EVENTS_MAX];
	int n = epoll_wait(jobs->epoll, events, EVENTS_MAX, 0), i;

	for (i = 0; i < n; i++) {
		Job *job = g_hash_table_lookup(
			jobs->workers, GUINT_TO_POINTER(events[i].data.u32));

		if (job != NULL && job->asks >= 0)
			hear_worker(jobs, job);
	}
}
