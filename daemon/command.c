// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/error.h"
#include "daemon/agents.h"
#include "daemon/child.h"
#include "daemon/command-agent.h"
#include "daemon/sandbox.h"

#define SEARCH_PATH "/usr/local/bin:/usr/bin:/bin"
#define FILE_BLOCK 4096
#define FILE_MAX (32 * 1024)	/* fits a pipe: nobody may read it yet */
#define FILES_MAX 1024	/* open at once; more than select(2) can take */

/* The descriptors of PrivAsk, out of the way of 0 to 2. */
enum {
	CONTROL = 3,
	INPUT,
	OUTPUT,
	ERROR,
	END
};

/* --- what went wrong ------------------------------------------------------ */

/* To the worker, in a sentence; nothing runs then. */
static G_GNUC_NORETURN void
refuse(int code, const char *reason)
{
	PrivAnswer answer = { .result = code ? code : EINVAL };

	g_strlcpy(answer.reason, reason, sizeof(answer.reason));
	priv_answer(CONTROL, &answer);
	_exit(CHILD_EXIT_SYSTEM);
}

static G_GNUC_NORETURN void
refuse_errno(const char *what, const char *name)
{
	int code = errno;
	g_autofree char *reason = g_strdup_printf("%s %s: %s", what, name,
						  g_strerror(code));

	refuse(code, reason);
}

static G_GNUC_NORETURN void
refuse_error(const GError *error)
{
	refuse(error->domain == SYSTEM_ERROR ? error->code : EINVAL,
	       error->message);
}

/* --- the command ---------------------------------------------------------- */

static char **
set_if(char **env, const char *name, const char *value)
{
	return value ? g_environ_setenv(env, name, value, TRUE) : env;
}

/* A user's own session, for pass, secret-tool and their like. */
static char **
add_session(char **env, uid_t uid)
{
	g_autofree char *run = g_strdup_printf("/run/user/%u", (guint)uid);
	g_autofree char *bus = g_build_filename(run, "bus", NULL);
	g_autofree char *address = g_strconcat("unix:path=", bus, NULL);
	struct stat status;

	if (lstat(run, &status) < 0 || !S_ISDIR(status.st_mode) ||
	    status.st_uid != uid)
		return env;
	env = set_if(env, "XDG_RUNTIME_DIR", run);
	if (lstat(bus, &status) < 0 || !S_ISSOCK(status.st_mode))
		return env;
	return set_if(env, "DBUS_SESSION_BUS_ADDRESS", address);
}

/* In user mode the daemon is of that session and knows better. */
static char **
keep_session(char **env)
{
	static const char *const kept[] = { "XDG_RUNTIME_DIR",
		"DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY",
		"XAUTHORITY", "GNUPGHOME", "PASSWORD_STORE_DIR",
		"XDG_CONFIG_HOME", "XDG_DATA_HOME" };
	gsize i;

	for (i = 0; i < G_N_ELEMENTS(kept); i++)
		env = set_if(env, kept[i], g_getenv(kept[i]));
	return env;
}

static char **
environment(const struct passwd *pw, gboolean user_mode, char **values)
{
	static const char *const kept[] = { "LANG", "LANGUAGE", "LC_ALL",
		"LC_MESSAGES", "TZ" };
	char **env = set_if(NULL, "PATH", SEARCH_PATH), **value;
	gsize i;

	env = set_if(env, "HOME", user_mode ? g_get_home_dir() : pw->pw_dir);
	env = set_if(env, "USER", pw->pw_name);
	env = set_if(env, "LOGNAME", pw->pw_name);
	env = set_if(env, "SHELL", "/bin/sh");
	for (i = 0; i < G_N_ELEMENTS(kept); i++)
		env = set_if(env, kept[i], g_getenv(kept[i]));
	env = user_mode ? keep_session(env) : add_session(env, pw->pw_uid);
	for (value = values; *value != NULL; value++) {
		const char *equals = strchr(*value, '=');
		g_autofree char *name = g_strndup(*value, equals - *value);

		env = set_if(env, name, equals + 1);
	}
	return env;
}

static void
limit(__rlimit_resource_t resource, rlim_t soft)
{
	struct rlimit limits;

	if (getrlimit(resource, &limits) < 0)
		return;
	limits.rlim_cur = MIN(soft, limits.rlim_max);
	setrlimit(resource, &limits);
}

static void
enter_sandbox(const char *home)
{
	const SandboxPath paths[] = {
		{ "/", SANDBOX_READ | SANDBOX_RUN },
		{ "/tmp", SANDBOX_READ | SANDBOX_WRITE | SANDBOX_RUN },
		{ home, SANDBOX_READ | SANDBOX_WRITE | SANDBOX_MOVE |
			SANDBOX_RUN },
	};
	const SandboxLimits limits = { .may_fork = TRUE };
	g_autoptr(GError) error = NULL;

	if (!sandbox_enter(paths, G_N_ELEMENTS(paths), &limits, &error))
		refuse_error(error);
}

/* Standard input, output and error; CONTROL is closed by the exec. */
static void
lay_out_descriptors(void)
{
	if (dup2(INPUT, STDIN_FILENO) < 0 || dup2(OUTPUT, STDOUT_FILENO) < 0 ||
	    dup2(ERROR, STDERR_FILENO) < 0 ||
	    close_range(CONTROL + 1, ~0U, 0) < 0 ||
	    fcntl(CONTROL, F_SETFD, FD_CLOEXEC) < 0)
		refuse_errno("descriptors of the", "command");
}

/*
 * Not execvp(3), which hands to a shell what is no program. PATH is that of
 * @env: the search is by the command's user, who may not see all.
 */
static G_GNUC_NORETURN void
execute(char **argv, char **env)
{
	g_autofree char *program = NULL;

	g_setenv("PATH", SEARCH_PATH, TRUE);
	program = g_find_program_in_path(argv[0]);
	errno = ENOENT;
	if (program != NULL)
		execve(program, argv, env);
	refuse_errno("start", argv[0]);
}

static G_GNUC_NORETURN void
run(const CommandRule *rule, const struct passwd *pw, gboolean user_mode,
    char **values, pid_t starter)
{
	char **env = environment(pw, user_mode, values);
	const char *home = g_environ_getenv(env, "HOME");
	sigset_t none;

	setsid();
	umask(077);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	lay_out_descriptors();
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_NOFILE, FILES_MAX);
	if (!user_mode && !child_become(pw, pw->pw_gid))
		refuse_errno("become", pw->pw_name);
	if (chdir(home) < 0 && chdir("/") < 0)
		refuse_errno("change to", home);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != starter)
		_exit(CHILD_EXIT_SYSTEM);
	if (rule->sandbox)
		enter_sandbox(home);
	execute(rule->argv, env);
}

/* --- who sees to it ------------------------------------------------------- */

static const struct passwd *
look_up(const CommandRule *rule, gboolean user_mode)
{
	const struct passwd *pw;

	errno = 0;
	pw = rule->user ? getpwnam(rule->user) : getpwuid(getuid());
	if (pw == NULL && errno == 0)
		errno = ESRCH;
	if (pw == NULL)
		refuse_errno("find the user", rule->user ? rule->user : "");
	errno = EPERM;
	if (user_mode && pw->pw_uid != getuid())
		refuse_errno("run a command as", rule->user);
	if (!user_mode && pw->pw_uid == 0)
		refuse_errno("run a command as", rule->user);
	return pw;
}

/* The lowest descriptor from @from on that belongs to an agent, or -1. */
static int
next_agent(const GArray *agents, int from)
{
	int next = -1;
	guint i;

	for (i = 0; i < agents->len; i++) {
		int fd = g_array_index(agents, Agent, i).fd;

		if (fd >= from && (next < 0 || fd < next))
			next = fd;
	}
	return next;
}

static void
close_all_but(const GArray *agents)
{
	int from = END, next;

	while ((next = next_agent(agents, from)) >= 0) {
		if (next > from)
			close_range(from, next - 1, 0);
		from = next + 1;
	}
	close_range(from, ~0U, 0);
}

/*
 * First out of the way, then to their places; of the parent's none stays
 * but the agents.
 */
static void
take_descriptors(const int fds[PRIV_ASK_FDS], const GArray *agents)
{
	int high[PRIV_ASK_FDS], i;

	for (i = 0; i < PRIV_ASK_FDS; i++) {
		high[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, END);
		if (high[i] < 0)
			_exit(CHILD_EXIT_SYSTEM);
	}
	for (i = 0; i < PRIV_ASK_FDS; i++)
		if (dup2(high[i], CONTROL + i) < 0)
			_exit(CHILD_EXIT_SYSTEM);
	close_all_but(agents);
}

static int
take_signals(void)
{
	sigset_t signals;
	int fd;

	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_SETMASK, &signals, NULL);
	fd = signalfd(-1, &signals, SFD_CLOEXEC);
	if (fd < 0)
		refuse_errno("see to the", "command");
	return fd;
}

static void
answer(int status)
{
	const PrivAnswer answer = { .status = status };

	priv_answer(CONTROL, &answer);
}

/* Whether it has ended; waits up to @milliseconds, -1: for ever. */
static gboolean
wait_for(pid_t pid, int signals, int milliseconds, int *ret_status)
{
	struct pollfd fds[] = {
		{ signals, POLLIN, 0 },
		{ milliseconds < 0 ? CONTROL : -1, POLLIN, 0 },
	};
	struct signalfd_siginfo info;

	while (waitpid(pid, ret_status, WNOHANG) == 0) {
		if (poll(fds, G_N_ELEMENTS(fds), milliseconds) == 0 ||
		    fds[1].revents != 0)
			return FALSE;
		if (fds[0].revents != 0 &&
		    read(signals, &info, sizeof(info)) == sizeof(info) &&
		    info.ssi_signo == SIGTERM)
			return FALSE;
	}
	return TRUE;
}

/* The group, for a script's children too; it may not have one yet. */
static void
end(pid_t pid, int signal)
{
	kill(pid, signal);
	kill(-pid, signal);
}

/*
 * What was asked to end and did not is killed. The worker says nothing on
 * CONTROL: what is heard there is its end.
 */
static G_GNUC_NORETURN void
see_to(pid_t pid, int signals)
{
	int status;

	if (wait_for(pid, signals, -1, &status)) {
		answer(status);
		_exit(0);
	}
	end(pid, SIGTERM);
	if (!wait_for(pid, signals, COMMAND_GRACE_MS, &status)) {
		end(pid, SIGKILL);
		waitpid(pid, &status, 0);
	}
	kill(-pid, SIGKILL);
	_exit(0);
}

static G_GNUC_NORETURN void
ask_agents(const GArray *agents, uid_t uid, const AgentRequest *request,
	   int signals)
{
	g_autoptr(GError) error = NULL;

	if (!command_ask_agents(agents, uid, request, OUTPUT,
				(int[]){ CONTROL, signals }, &error))
		refuse_error(error);
	answer(0);
	_exit(0);
}

static G_GNUC_NORETURN void
refuse_foreign(const char *path)
{
	g_autofree char *reason = g_strdup_printf(
		"%s has to belong to the daemon's owner, with mode 0600",
		path);

	refuse(EPERM, reason);
}

/* What others may read is no secret, and who could write it chose it. */
static G_GNUC_NORETURN void
show_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	char block[FILE_BLOCK];
	gsize size = 0;
	struct stat status;
	ssize_t n = 0;

	if (fd < 0 || fstat(fd, &status) < 0)
		refuse_errno("read", path);
	if (!S_ISREG(status.st_mode) || status.st_uid != geteuid() ||
	    (status.st_mode & 077) != 0)
		refuse_foreign(path);
	while (size < FILE_MAX && (n = read(fd, block, sizeof(block))) > 0) {
		if (write(OUTPUT, block, n) != n)
			refuse_errno("show", path);
		size += n;
	}
	explicit_bzero(block, sizeof(block));
	answer(n < 0 ? W_EXITCODE(1, 0) : 0);
	_exit(0);
}

static G_GNUC_NORETURN void
be_runner(const CommandAsker *asker, const PrivAsk *ask,
	  const int fds[PRIV_ASK_FDS], pid_t starter)
{
	gboolean user_mode = asker->paths->user;
	g_autoptr(GError) error = NULL;
	const struct passwd *pw;
	CommandRule *rule = NULL;
	char **values;
	int signals;
	pid_t self = getpid(), pid;

	take_descriptors(fds, asker->agents);
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) < 0 || getppid() != starter)
		_exit(CHILD_EXIT_SYSTEM);
	signals = take_signals();
	values = command_values(ask, &error);
	if (values != NULL)
		rule = command_rule_read(asker, ask, values, &error);
	if (rule == NULL)
		refuse_error(error);
	if (rule->way == COMMAND_FILE)
		show_file(rule->path);
	pw = look_up(rule, user_mode);
	if (rule->way == COMMAND_AGENT)
		ask_agents(asker->agents, pw->pw_uid, rule->request, signals);
	pid = fork();
	if (pid < 0)
		refuse_errno("start", rule->argv[0]);
	if (pid == 0)
		run(rule, pw, user_mode, values, self);
	close_range(INPUT, ERROR, 0);
	see_to(pid, signals);
}

pid_t
command_start(const CommandAsker *asker, const PrivAsk *ask,
	      const int fds[PRIV_ASK_FDS])
{
	pid_t starter = getpid();
	pid_t pid = fork();

	if (pid == 0)
		be_runner(asker, ask, fds, starter);
	return pid;
}
