// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The engine: builds its parts, runs the loop, stops cleanly. Started by
 * masqmaild with the socket to it at PRIV_FD; never by hand.
 */
#include <errno.h>
#include <glib-unix.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "common/error.h"
#include "common/listen.h"
#include "common/log.h"
#include "daemon/engine/deliver.h"
#include "daemon/engine/drops.h"
#include "daemon/engine/engine.h"
#include "daemon/engine/hints.h"
#include "daemon/engine/lan.h"
#include "daemon/engine/online.h"
#include "daemon/engine/place.h"
#include "daemon/engine/reload.h"
#include "daemon/engine/report.h"
#include "daemon/engine/server.h"
#include "daemon/engine/transition.h"
#include "daemon/engine/watch.h"
#include "daemon/sandbox.h"

#define SUBMIT_SOCKET "submit"
#define METER_FILE "meters"
#define MAX_DESCRIPTORS 4096

/* --- what the parts and the system tell ----------------------------------- */

static gboolean
on_files_changed(gpointer data)
{
	engine_reload(data);
	return G_SOURCE_CONTINUE;
}

static gboolean
on_signal(int fd, GIOCondition condition, gpointer data)
{
	struct signalfd_siginfo info;

	(void)condition;
	if (read(fd, &info, sizeof(info)) != sizeof(info))
		return G_SOURCE_CONTINUE;
	if (info.ssi_signo == SIGHUP)
		engine_reload(data);
	else
		engine_stop(data, EXIT_SUCCESS);
	return G_SOURCE_CONTINUE;
}

/*
 * Signals come through a descriptor: g_unix_signal_add() would start a
 * thread for them. Blocked before the queue's thread starts, which inherits
 * it.
 */
static gboolean
take_signals(Engine *engine, GError **error)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return error_set_errno(error, "signalfd");
	g_unix_fd_add(fd, G_IO_IN, on_signal, engine);
	return TRUE;
}

static void
on_job_failed(gpointer data, guint32 job, int code)
{
	Engine *engine = data;

	deliver_job_failed(engine->deliver, job, code);
}

static void
on_job_exited(gpointer data, guint32 job, int status)
{
	Engine *engine = data;

	deliver_job_exited(engine->deliver, job, status);
}

static void
on_listening(gpointer data, const char *name, const char *address, int fd,
	     int code)
{
	Engine *engine = data;
	gboolean tcp = !g_str_equal(name, SUBMIT_SOCKET);

	if (fd >= 0) {
		server_add_listener(engine->server, fd, tcp,
				    lan_is_entry(name));
		if (tcp)
			log_event("listen", 0, "entry=%s address=%s", name,
				  address);
		return;
	}
	events_add(engine->events, "listen", TRUE, NULL, g_strerror(code),
		   "entry=%s address=%s cannot be served", name, address);
	if (!tcp)
		engine_stop(engine, EXIT_FAILURE);
}

static void
on_dropped(gpointer data, const char *name, uid_t uid, int fd)
{
	drops_take(data, name, uid, fd);
}

static void
on_parent_gone(gpointer data, const GError *error)
{
	log_problem("parent", 0, "%s", error->message);
	engine_stop(data, EXIT_FAILURE);
}

static void
on_event(gpointer data, const Event *event)
{
	Engine *engine = data;

	if (engine->server)
		watch_event(engine, event);
}

static void
on_alarm(gpointer data, gboolean jumped)
{
	Engine *engine = data;

	if (jumped) {
		place_resumed(engine->place);
		hints_awake(engine->hints);
		deliver_clock_jumped(engine->deliver);
	}
	deliver_consider_reports(engine->deliver);
	deliver_kick(engine->deliver);
}

static gboolean
on_aliases_changed(gpointer data)
{
	Engine *engine = data;

	deliver_aliases_changed(engine->deliver);
	return G_SOURCE_CONTINUE;
}

static void
on_condition(gpointer data, QueueCondition condition, const char *sentence)
{
	Engine *engine = data;

	/* Still being built: build() asks once all that hear it is there. */
	if (!engine->deliver)
		return;
	events_add(engine->events, "queue", condition != QUEUE_OK, NULL,
		   NULL, "%s", *sentence ? sentence
					 : "The queue can be written again.");
	deliver_set_condition(engine->deliver, condition);
	watch_topics(engine, WATCH_STATUS);
}

static void
on_damaged(gpointer data, Message *message, const char *sentence)
{
	Engine *engine = data;

	if (!message->ending)
		transition_action(engine, message,
				  action_new(ACTION_HELD, engine->owner,
					     engine_now(), sentence));
}

/* --- building ------------------------------------------------------------- */

static gboolean
open_queue(Engine *engine, GError **error)
{
	const QueueEvents events = { .condition = on_condition,
				     .damaged = on_damaged };
	const QueueOptions options = {
		.size_limit = engine->settings->size_limit,
	};

	engine->queue = queue_open(engine->paths->queue, &options, &events,
				   engine, error);
	if (!engine->queue)
		return FALSE;
	for (const char *const *sentence = queue_sentences(engine->queue);
	     *sentence; sentence++)
		events_add(engine->events, "recovery", TRUE, NULL, NULL,
			   "%s", *sentence);
	engine->store = store_new(queue_take_messages(engine->queue));
	return TRUE;
}

static gboolean
build(Engine *engine, GError **error)
{
	const SpawnerEvents spawner_events = {
		.failed = on_job_failed,
		.exited = on_job_exited,
		.listening = on_listening,
		.dropped = on_dropped,
		.closed = on_parent_gone,
	};
	QueueCondition condition;
	const char *sentence;

	if (!take_signals(engine, error))
		return FALSE;
	engine->errors = g_ptr_array_new_with_free_func(g_free);
	engine->events = events_new(on_event, engine);
	engine->settings = settings_load(engine->paths, engine->owner);
	engine_tell_errors(engine, engine->settings->errors);
	engine->aliases = alias_file_new(on_aliases_changed, engine);
	alias_file_set_path(engine->aliases, engine->settings->aliases);
	engine_tell_errors(engine, alias_file_errors(engine->aliases));
	engine->history = history_new(engine->paths->state, 0);
	history_keep(engine->history, engine->settings->history_days,
		     engine->settings->history_subjects);
	history_prune(engine->history, engine_now());
	engine->transcripts = transcripts_new(engine->paths->state);
	engine_load_meters(engine);
	engine->windows = windows_load(engine->paths->state);
	if (!open_queue(engine, error))
		return FALSE;
	engine->alarm = alarm_new(on_alarm, engine, error);
	if (!engine->alarm)
		return FALSE;
	engine->place = place_new(engine, error);
	if (!engine->place)
		return FALSE;
	engine->server = server_new(engine);
	engine->spawner = spawner_new(PRIV_FD, &spawner_events, engine);
	engine->lan = lan_new(engine);
	engine->deliver = deliver_new(engine);
	engine->hints = hints_new(engine);
	condition = queue_condition(engine->queue, &sentence);
	if (condition != QUEUE_OK)
		on_condition(engine, condition, sentence);
	return TRUE;
}

static gboolean
give_up_rights(const Engine *engine, GError **error)
{
	g_autofree char *online = online_directory(engine->paths->config);
	const SandboxPath paths[] = {
		{ engine->paths->queue, SANDBOX_READ | SANDBOX_WRITE |
						SANDBOX_MOVE },
		{ engine->paths->state, SANDBOX_READ | SANDBOX_WRITE |
						SANDBOX_MOVE },
		{ engine->paths->config, SANDBOX_READ },
		{ online ? online : engine->paths->config, SANDBOX_READ },
	};
	const SandboxLimits limits = {
		.files = MAX_DESCRIPTORS,
		.may_fork = TRUE, /* the queue's sync thread */
	};

	return sandbox_die_with_parent(error) &&
	       sandbox_enter(paths, G_N_ELEMENTS(paths), &limits, error);
}

/*
 * What recovery found finished but not ended, or failed and not told, goes
 * on where it stopped.
 */
static void
resume_messages(Engine *engine)
{
	g_autoptr(GPtrArray) messages = g_ptr_array_new();
	GPtrArray *all = store_messages(engine->store);

	for (guint i = 0; i < all->len; i++)
		g_ptr_array_add(messages, all->pdata[i]);
	for (guint i = 0; i < messages->len; i++)
		report_took(engine, messages->pdata[i]);
	for (guint i = 0; i < messages->len; i++)
		transition_conclude(engine, messages->pdata[i]);
}

static gboolean
is_here(gpointer data, guint64 id)
{
	return store_find(data, id) != NULL;
}

static void
run(Engine *engine)
{
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	Reload *reload;

	engine->loop = loop;
	engine->started = engine_now();
	reload = reload_new(engine->paths->config, on_files_changed, engine);
	transcripts_tidy(engine->transcripts, is_here, engine->store);
	resume_messages(engine);
	engine_run_meters(engine);
	deliver_kick(engine->deliver);
	spawner_listen(engine->spawner, SUBMIT_SOCKET, "");
	hints_start(engine->hints);
	engine_ask_listeners(engine);
	log_event("start", 0, "host=%s queued=%u routes=%u profiles=%u",
		  engine->settings->host,
		  store_messages(engine->store)->len,
		  engine->settings->routes->len,
		  engine->settings->profiles->len);
	g_main_loop_run(loop);
	reload_free(reload);
}

/* Everything that was promised reaches the disk before anything goes. */
static void
take_apart(Engine *engine)
{
	engine->stopping = TRUE;
	if (engine->meter)
		engine_keep_meters(engine);
	if (engine->server)
		server_forget_submissions(engine->server);
	/* Its last answers still go to jobs and connections. */
	queue_close(engine->queue);
	deliver_free(engine->deliver);
	server_free(engine->server);
	engine->server = NULL;
	hints_free(engine->hints);
	engine->hints = NULL;
	lan_free(engine->lan);
	place_free(engine->place);
	alarm_free(engine->alarm);
	store_free(engine->store);
	history_free(engine->history);
	transcripts_free(engine->transcripts);
	events_free(engine->events);
	windows_free(engine->windows);
	meter_free(engine->meter);
	meter_free(engine->blame);
	alias_file_free(engine->aliases);
	settings_free(engine->settings);
	g_ptr_array_unref(engine->errors);
	g_free(engine->last_sent_to);
	paths_free(engine->paths);
	/* Last: to the parent it is our end. */
	spawner_free(engine->spawner);
}

static Paths *
parse_arguments(int argc, char **argv)
{
	g_autofree char *config = NULL, *spool = NULL;
	gboolean user = FALSE;
	const GOptionEntry entries[] = {
		{ "config", 0, 0, G_OPTION_ARG_FILENAME, &config,
		  "directory of the configuration", "DIR" },
		{ "spool", 0, 0, G_OPTION_ARG_FILENAME, &spool,
		  "directory of queue and state", "DIR" },
		{ "user", 0, 0, G_OPTION_ARG_NONE, &user,
		  "one user's own agent", NULL },
		{ NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
	};
	g_autoptr(GOptionContext) context = g_option_context_new(NULL);
	g_autoptr(GError) error = NULL;
	Paths *paths;

	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, &argc, &argv, &error)) {
		log_problem("arguments", 0, "%s", error->message);
		return NULL;
	}
	paths = user ? paths_user() : paths_system();
	paths_override(paths, config, spool);
	return paths;
}

int
main(int argc, char **argv)
{
	Engine engine = { .owner = getuid(), .status = EXIT_SUCCESS };
	g_autoptr(GError) error = NULL;

	/* One arena: the sync thread's few bytes are not worth a second. */
	mallopt(M_ARENA_MAX, 1);
	g_set_prgname("masqmail-engine");
	signal(SIGPIPE, SIG_IGN);
	engine.paths = parse_arguments(argc, argv);
	if (!engine.paths)
		return EXIT_FAILURE;
	engine.last_sent_to = g_strdup("");
	if (!give_up_rights(&engine, &error) || !build(&engine, &error)) {
		log_problem("start", 0, "%s", error->message);
		return EXIT_FAILURE;
	}
	run(&engine);
	take_apart(&engine);
	return engine.status;
}
