// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/child.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/log.h"

#define MAILBOXES "/var/mail"
#define MAIL_GROUP "mail"
#define SEARCH_PATH "/usr/local/bin:/usr/bin:/bin"

static void
fail(int code, const char *what, const char *name)
{
	log_problem("spawn", 0, "%s %s: %s", what, name, g_strerror(errno));
	_exit(code);
}

/* In user mode nobody is looked up but the recipient, who must be us. */
static const struct passwd *
look_up(const Child *child)
{
	const struct passwd *pw;

	if (child->paths->user && !child->recipient)
		return NULL;
	errno = 0;
	pw = getpwnam(child->user);
	if (pw == NULL)
		fail(CHILD_EXIT_USER, "no user", child->user);
	errno = EPERM;
	if (child->paths->user && pw->pw_uid != getuid())
		fail(CHILD_EXIT_USER, "not the owner:", child->user);
	/* Who reads root's mail is the engine's to say: see aliases. */
	if (!child->paths->user && pw->pw_uid == 0)
		fail(CHILD_EXIT_ROOT, "refusing to run as", child->user);
	return pw;
}

static gid_t
mail_group(gid_t fallback)
{
	const struct group *group = getgrnam(MAIL_GROUP);

	return group != NULL ? group->gr_gid : fallback;
}

static void
make_mailbox(const struct passwd *pw, gid_t group)
{
	g_autofree char *path = g_build_filename(MAILBOXES, pw->pw_name, NULL);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW |
		      O_CLOEXEC, 0);

	if (fd < 0 && errno != EEXIST)
		log_problem("mailbox", 0, "create %s: %s", path,
			    g_strerror(errno));
	if (fd < 0)
		return;
	/* In this order: it is root's no more after fchown. */
	if (fchmod(fd, 0660) < 0 || fchown(fd, pw->pw_uid, group) < 0)
		log_problem("mailbox", 0, "give %s to its owner: %s", path,
			    g_strerror(errno));
	close(fd);
}

/*
 * The real group stays the user's own: so the worker can give up @group, the
 * one that may lock mailboxes, before it runs anything of the user's.
 */
gboolean
child_become(const struct passwd *pw, gid_t group)
{
	uid_t uid[3];
	gid_t gid[3];

	if (pw->pw_uid == 0 || initgroups(pw->pw_name, pw->pw_gid) < 0 ||
	    setresgid(pw->pw_gid, group, group) < 0 ||
	    setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) < 0 ||
	    getresuid(&uid[0], &uid[1], &uid[2]) < 0 ||
	    getresgid(&gid[0], &gid[1], &gid[2]) < 0)
		return FALSE;
	return uid[0] == pw->pw_uid && uid[1] == uid[0] && uid[2] == uid[0] &&
	       gid[0] == pw->pw_gid && gid[1] == group && gid[2] == group &&
	       setuid(0) < 0;
}

static void
drop_privileges(const Child *child, const struct passwd *pw)
{
	gid_t group = child->owner ? mail_group(pw->pw_gid) : pw->pw_gid;

	if (child->recipient && child->mailbox)
		make_mailbox(pw, group);
	if (!child_become(pw, group))
		fail(CHILD_EXIT_SYSTEM, "cannot become", pw->pw_name);
}

static void
make_directories(const Child *child, const struct passwd *pw)
{
	gsize i;

	for (i = 0; i < G_N_ELEMENTS(child->own); i++) {
		const char *path = child->own[i];

		if (path == NULL || (mkdir(path, 0700) < 0 && errno == EEXIST))
			continue;
		if (pw != NULL && lchown(path, pw->pw_uid, pw->pw_gid) < 0)
			fail(CHILD_EXIT_SYSTEM, "make directory", path);
	}
}

static char **
environment(const Child *child, const struct passwd *pw)
{
	/* The last ones are what a build with sanitizers needs to know. */
	static const char *const kept[] = { "LANG", "LANGUAGE", "LC_ALL",
		"LC_MESSAGES", "TZ", "ASAN_OPTIONS", "UBSAN_OPTIONS" };
	/* A ticket is a user's own, as its daemon is. */
	static const char *const tickets[] = { "KRB5CCNAME", "KRB5_CONFIG" };
	g_autofree char *pid = g_strdup_printf("%d", (int)getppid());
	char **env = g_environ_setenv(NULL, "PATH", SEARCH_PATH, TRUE);
	gsize i;

	for (i = 0; i < G_N_ELEMENTS(kept); i++)
		if (g_getenv(kept[i]) != NULL)
			env = g_environ_setenv(env, kept[i], g_getenv(kept[i]),
					       TRUE);
	for (i = 0; child->paths->user && i < G_N_ELEMENTS(tickets); i++)
		if (g_getenv(tickets[i]) != NULL)
			env = g_environ_setenv(env, tickets[i],
					       g_getenv(tickets[i]), TRUE);
	env = g_environ_setenv(env, "MASQMAIL_PARENT", pid, TRUE);
	env = g_environ_setenv(env, "MASQMAIL_MODE",
			       child->paths->user ? "user" : "system", TRUE);
	if (child->recipient) {
		env = g_environ_setenv(env, "USER", pw->pw_name, TRUE);
		env = g_environ_setenv(env, "HOME", child->paths->user ?
				       g_get_home_dir() : pw->pw_dir, TRUE);
	}
	return env;
}

/* First all out of the way, then each to its place. */
static void
lay_out_descriptors(const Child *child)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int fds[PRIV_WORKER_FDS - PRIV_FD];
	guint i;

	for (i = 0; i < child->n_fds; i++) {
		fds[i] = fcntl(child->fds[i] >= 0 ? child->fds[i] : null,
			       F_DUPFD_CLOEXEC, PRIV_WORKER_FDS);
		if (fds[i] < 0)
			fail(CHILD_EXIT_SYSTEM, "descriptors of",
			     child->argv[0]);
	}
	if (dup2(null, STDIN_FILENO) < 0)
		fail(CHILD_EXIT_SYSTEM, "descriptors of", child->argv[0]);
	for (i = 0; i < child->n_fds; i++)
		if (dup2(fds[i], PRIV_FD + (int)i) < 0)
			fail(CHILD_EXIT_SYSTEM, "descriptors of",
			     child->argv[0]);
	if (close_range(PRIV_FD + child->n_fds, ~0U, 0) < 0)
		fail(CHILD_EXIT_SYSTEM, "descriptors of", child->argv[0]);
}

static G_GNUC_NORETURN void
run(const Child *child, pid_t starter)
{
	g_autofree char *path = g_build_filename(child->paths->libexec,
						 child->argv[0], NULL);
	const struct passwd *pw = look_up(child);
	char **env = environment(child, pw);
	sigset_t none;

	setsid();
	umask(077);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	lay_out_descriptors(child);
	if (chdir("/") < 0)
		fail(CHILD_EXIT_SYSTEM, "chdir", "/");
	make_directories(child, pw);
	if (!child->paths->user)
		drop_privileges(child, pw);
	/* Not earlier: a change of uid clears it. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != starter)
		_exit(CHILD_EXIT_SYSTEM);
	execve(path, child->argv, env);
	if (child->optional && errno == ENOENT)
		_exit(EXIT_SUCCESS);
	fail(CHILD_EXIT_SYSTEM, "exec", path);
	abort();
}

pid_t
child_start(const Child *child)
{
	pid_t starter = getpid();
	pid_t pid = fork();

	if (pid == 0)
		run(child, starter);
	return pid;
}
