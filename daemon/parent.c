// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * masqmaild: starts the engine, then does for it what only the starter of
 * the service can do. When the engine dies, all its workers die, and so
 * does this process, or it begins anew as a fresh one: restart is recovery.
 */
#include "build.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib.h>

#include "common/config.h"
#include "common/error.h"
#include "common/listen.h"
#include "common/log.h"
#include "common/paths.h"
#include "daemon/agents.h"
#include "daemon/dropwatch.h"
#include "daemon/jobs.h"
#include "daemon/listener.h"
#include "daemon/priv.h"
#include "daemon/service.h"
#include "daemon/spawn.h"

#define STOP_MS 15000	/* what the engine gets to end in good order */

typedef struct {
	char **argv;
	Paths *paths;
	char **listen;		/* the entries of Listen= */
	Config *config;		/* masqmail.conf */
	struct timespec read;	/* its st_ctim then */
	pid_t engine;
	int priv;		/* socket to it, or -1 */
	Jobs *jobs;
	Agents *agents;
	Dropwatch *drops;
	sigset_t signals;
	int signal_fd;
	int detached;		/* for service_ready */
	gint64 started;		/* monotonic, microseconds */
	gint64 stop_at;		/* when patience with the engine ends, or 0 */
} Parent;

static G_GNUC_NORETURN void
give_up(const char *what, const char *why)
{
	log_problem("start", 0, "%s: %s", what, why);
	exit(EXIT_FAILURE);
}

static struct timespec
changed_at(const char *path)
{
	struct stat status = { 0 };

	stat(path, &status);
	return status.st_ctim;
}

/* A broken file leaves everything as it was. */
static void
read_configuration(Parent *parent)
{
	g_autofree char *path = g_build_filename(parent->paths->config,
						 "masqmail.conf", NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(Config) config = config_load(CONFIG_MAIN, path, &error);

	parent->read = changed_at(path);
	if (config == NULL && !error_is_missing(error)) {
		log_problem("config", 0, "%s", error->message);
		if (parent->config == NULL)
			parent->config = config_new(CONFIG_MAIN);
		return;
	}
	if (config == NULL)
		config = config_new(CONFIG_MAIN);
	g_strfreev(parent->listen);
	parent->listen = listen_entries(config, parent->paths->user);
	config_free(parent->config);
	parent->config = g_steal_pointer(&config);
}

/* The engine watches the file and reads it anew; nobody tells us. */
static void
follow_configuration(Parent *parent)
{
	g_autofree char *path = g_build_filename(parent->paths->config,
						 "masqmail.conf", NULL);
	struct timespec now = changed_at(path);

	if (now.tv_sec != parent->read.tv_sec ||
	    now.tv_nsec != parent->read.tv_nsec)
		read_configuration(parent);
}

static void
kill_all(const Parent *parent)
{
	jobs_kill_all(parent->jobs);
	if (parent->engine > 0)
		kill(parent->engine, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
}

static G_GNUC_NORETURN void
engine_is_gone(Parent *parent, int status)
{
	gboolean stopping = parent->stop_at != 0;

	parent->engine = 0;
	kill_all(parent);
	if (stopping && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		exit(EXIT_SUCCESS);
	log_problem("engine", 0, "ended by %s %d",
		    WIFSIGNALED(status) ? "signal" : "exit code",
		    WIFSIGNALED(status) ? WTERMSIG(status) :
		    WEXITSTATUS(status));
	/* Who waits for --detach learns it from our end. */
	if (stopping || service_is_managed() || parent->detached >= 0)
		exit(EXIT_FAILURE);
	service_begin_anew(parent->argv,
			   (g_get_monotonic_time() - parent->started) /
			   G_USEC_PER_SEC, &parent->signals);
}

static void
answer(Parent *parent, PrivPacket *packet, int fd)
{
	g_autoptr(GError) error = NULL;

	/* That the engine is gone is told by SIGCHLD. */
	if (parent->priv >= 0 &&
	    !priv_send(parent->priv, packet, &fd, fd >= 0 ? 1 : 0, &error))
		log_problem("engine", 0, "%s", error->message);
	if (fd >= 0)
		close(fd);
}

static void
do_spawn(Parent *parent, PrivPacket *packet, const int fds[PRIV_FDS_MAX])
{
	pid_t pid = 0;

	follow_configuration(parent);
	packet->result = jobs_start(parent->jobs, parent->config, packet, fds,
				    &pid);
	packet->op = PRIV_STARTED;
	packet->pid = pid;
	answer(parent, packet, -1);
}

static void
offer_drops(Parent *parent)
{
	char name[DROP_NAME_LENGTH + 1];
	PrivPacket packet;
	uid_t owner;
	int fd;

	while ((fd = dropwatch_next(parent->drops, name, &owner)) >= 0) {
		priv_packet_init(&packet, PRIV_DROP, name);
		packet.uid = owner;
		answer(parent, &packet, fd);
	}
}

/* The engine may have seen a changed file that nobody told us of. */
static gboolean
is_listened(Parent *parent, const char *name)
{
	if (!g_strv_contains((const char *const *)parent->listen, name))
		read_configuration(parent);
	return g_strv_contains((const char *const *)parent->listen, name);
}

static int
open_listener(Parent *parent, const PrivPacket *packet)
{
	ListenAddress address;

	if (strcmp(packet->name, "submit") == 0)
		return listener_submit(parent->paths);
	if (is_listened(parent, packet->name) &&
	    listen_resolve(packet->name, packet->address, &address) &&
	    listen_is_ours(&address))
		return listener_tcp(&address);
	errno = EACCES;
	return -1;
}

/* The engine listens for submissions once it has read the queue. */
static void
do_listen(Parent *parent, PrivPacket *packet)
{
	int fd = open_listener(parent, packet);

	packet->result = fd < 0 ? errno : 0;
	answer(parent, packet, fd);
	if (fd >= 0 && strcmp(packet->name, "submit") == 0) {
		service_ready(parent->detached);
		parent->detached = -1;
		offer_drops(parent);
	}
}

static void
do_dropped(Parent *parent, const PrivPacket *packet)
{
	dropwatch_done(parent->drops, packet->name, packet->result != 0);
	offer_drops(parent);
}

static G_GNUC_NORETURN void
distrust(Parent *parent, const char *reason)
{
	log_problem("engine", 0, "cannot be trusted: %s", reason);
	kill_all(parent);
	exit(EXIT_FAILURE);
}

static void
handle(Parent *parent, PrivPacket *packet, const int fds[PRIV_FDS_MAX])
{
	switch ((PrivOp)packet->op) {
	case PRIV_SPAWN:
		do_spawn(parent, packet, fds);
		break;
	case PRIV_KILL:
		jobs_kill(parent->jobs, packet->job, packet->result);
		break;
	case PRIV_LISTEN:
		do_listen(parent, packet);
		break;
	case PRIV_DROPPED:
		do_dropped(parent, packet);
		break;
	case PRIV_STARTED:
	case PRIV_EXITED:
	case PRIV_DROP:
		distrust(parent, "it says what only the parent says");
	}
}

static void
hear_engine(Parent *parent)
{
	g_autoptr(GError) error = NULL;
	PrivPacket packet;
	int fds[PRIV_FDS_MAX], i;

	if (priv_receive(parent->priv, &packet, fds, &error)) {
		handle(parent, &packet, fds);
		for (i = 0; i < PRIV_FDS_MAX; i++)
			if (fds[i] >= 0)
				close(fds[i]);
	} else if (g_error_matches(error, PRIV_ERROR, PRIV_ERROR_INVALID)) {
		distrust(parent, error->message);
	} else {
		/*
		 * It may still live, but nobody could ever tell it a thing.
		 * Asked to end, it hangs up just before it does, and must
		 * not be seen to die of that.
		 */
		if (parent->stop_at == 0)
			kill(parent->engine, SIGKILL);
		shutdown(parent->priv, SHUT_RDWR);
		parent->priv = -1;
	}
}

static void
child_is_gone(Parent *parent, pid_t pid, int status)
{
	PrivPacket packet;

	priv_packet_init(&packet, PRIV_EXITED, "");
	packet.result = status;
	packet.pid = pid;
	if (jobs_ended(parent->jobs, pid, &packet.job))
		answer(parent, &packet, -1);
}

static void
reap(Parent *parent)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == parent->engine)
			engine_is_gone(parent, status);
		child_is_gone(parent, pid, status);
	}
}

static void
hear_signal(Parent *parent)
{
	struct signalfd_siginfo info;

	if (read(parent->signal_fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGCHLD) {
		reap(parent);
	} else if (info.ssi_signo == SIGHUP) {
		read_configuration(parent);
		kill(parent->engine, SIGHUP);
		dropwatch_retry(parent->drops);
		offer_drops(parent);
	} else if (parent->stop_at == 0) {
		service_notify("STOPPING=1");
		parent->stop_at = g_get_monotonic_time() +
				  STOP_MS * G_TIME_SPAN_MILLISECOND;
		kill(parent->engine, SIGTERM);
	}
}

static int
patience(const Parent *parent)
{
	gint64 left = parent->stop_at - g_get_monotonic_time();

	if (parent->stop_at == 0)
		return -1;
	return (int)(MAX(left, 0) / G_TIME_SPAN_MILLISECOND);
}

static G_GNUC_NORETURN void
serve(Parent *parent)
{
	for (;;) {
		struct pollfd fds[] = {
			{ parent->signal_fd, POLLIN, 0 },
			{ parent->priv, POLLIN, 0 },
			{ dropwatch_fd(parent->drops), POLLIN, 0 },
			{ jobs_fd(parent->jobs), POLLIN, 0 },
			{ agents_fd(parent->agents), POLLIN, 0 },
		};
		int n = poll(fds, G_N_ELEMENTS(fds), patience(parent));

		if (n == 0)
			kill(parent->engine, SIGKILL);
		if (fds[1].revents != 0)
			hear_engine(parent);
		if (fds[0].revents != 0)
			hear_signal(parent);
		if (fds[2].revents != 0)
			offer_drops(parent);
		if (fds[3].revents != 0)
			jobs_hear(parent->jobs);
		if (fds[4].revents != 0)
			agents_hear(parent->agents);
	}
}

static void
start_engine(Parent *parent)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		give_up("socketpair", g_strerror(errno));
	parent->priv = ends[0];
	parent->engine = spawn_engine(parent->paths, ends[1]);
	if (parent->engine < 0)
		give_up("start the engine", g_strerror(errno));
	close(ends[1]);
}

static void
make_directory(const char *path, mode_t mode)
{
	if (g_mkdir_with_parents(path, 0755) < 0 || chmod(path, mode) < 0)
		give_up(path, g_strerror(errno));
}

static void
make_directories(const Paths *paths)
{
	make_directory(paths->spool, paths->user ? 0700 : 0755);
	make_directory(paths->run, paths->user ? 0700 : 0755);
	make_directory(paths->drop, paths->user ? 0700 : 01733);
}

static void
take_place(Parent *parent)
{
	g_autofree char *lock = g_build_filename(parent->paths->run, "lock",
						 NULL);
	g_autoptr(GError) error = NULL;

	if (!service_lock(lock, &error))
		give_up("another masqmaild is running", error->message);
	parent->drops = dropwatch_new(parent->paths->drop, &error);
	if (parent->drops == NULL)
		give_up("drop directory", error->message);
}

static void
catch_signals(Parent *parent)
{
	sigemptyset(&parent->signals);
	sigaddset(&parent->signals, SIGCHLD);
	sigaddset(&parent->signals, SIGHUP);
	sigaddset(&parent->signals, SIGINT);
	sigaddset(&parent->signals, SIGTERM);
	sigprocmask(SIG_SETMASK, &parent->signals, NULL);
	parent->signal_fd = signalfd(-1, &parent->signals, SFD_CLOEXEC);
	if (parent->signal_fd < 0)
		give_up("signalfd", g_strerror(errno));
}

static Paths *
choose_paths(gboolean user)
{
	if (user)
		return paths_user();
	if (geteuid() == 0)
		return paths_system();
	give_up("the system's mail service is started by root",
		"your own is started by masqmaild --user");
}

static struct {
	gboolean user, detach, foreground, version;
} options;

static const GOptionEntry option_entries[] = {
	{ "user", 0, 0, G_OPTION_ARG_NONE, &options.user,
	  "Be your own mail agent, without root", NULL },
	{ "foreground", 0, 0, G_OPTION_ARG_NONE, &options.foreground,
	  "Stay in the foreground (default)", NULL },
	{ "detach", 0, 0, G_OPTION_ARG_NONE, &options.detach,
	  "Go to the background when ready", NULL },
	{ "version", 0, 0, G_OPTION_ARG_NONE, &options.version,
	  "Print the version", NULL },
	G_OPTION_ENTRY_NULL
};

static void
read_options(int argc, char **argv)
{
	g_autoptr(GOptionContext) context = g_option_context_new(NULL);
	g_auto(GStrv) copy = g_strdupv(argv);
	g_autoptr(GError) error = NULL;
	char **rest = g_memdup2(copy, sizeof(*copy) * ((gsize)argc + 1));

	g_option_context_set_summary(context, "masqmail's daemon.");
	g_option_context_add_main_entries(context, option_entries, NULL);
	if (!g_option_context_parse(context, &argc, &rest, &error)) {
		fprintf(stderr, "masqmaild: %s\n", error->message);
		exit(64);
	}
	g_free(rest);
	if (options.version) {
		printf("masqmaild %s\n", PACKAGE_VERSION);
		exit(EXIT_SUCCESS);
	}
}

int
main(int argc, char **argv)
{
	Parent parent = { .argv = argv, .priv = -1, .detached = -1 };

	g_set_prgname("masqmaild");
	read_options(argc, argv);
	parent.paths = choose_paths(options.user);
	if (options.detach)
		parent.detached = service_detach();
	parent.started = g_get_monotonic_time();
	umask(022);
	make_directories(parent.paths);
	take_place(&parent);
	parent.agents = agents_new(parent.paths);
	parent.jobs = jobs_new(parent.paths, parent.agents);
	read_configuration(&parent);
	catch_signals(&parent);
	start_engine(&parent);
	serve(&parent);
}
