// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/service.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/error.h"
#include "common/log.h"

#define LISTEN_FDS_START 3
#define LISTEN_FDS_MAX 64
#define RESTARTS "MASQMAIL_RESTARTS"	/* in a row, as told to ourselves */
#define RESTARTS_MAX 16
#define LOCK_STEP_MS 50

gboolean
service_is_managed(void)
{
	return g_getenv("NOTIFY_SOCKET") != NULL;
}

void
service_notify(const char *state)
{
	const char *path = g_getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	gsize length;
	int fd;

	if (path == NULL || (path[0] != '/' && path[0] != '@'))
		return;
	length = strlen(path);
	if (length >= sizeof(address.sun_path))
		return;
	memcpy(address.sun_path, path, length);
	if (path[0] == '@')
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	(void)sendto(fd, state, strlen(state), MSG_NOSIGNAL,
		     (struct sockaddr *)&address,
		     (socklen_t)(G_STRUCT_OFFSET(struct sockaddr_un,
						 sun_path) + length));
	close(fd);
}

static int
listener_count(void)
{
	const char *pid = g_getenv("LISTEN_PID");
	const char *count = g_getenv("LISTEN_FDS");
	guint64 n;

	if (pid == NULL || count == NULL ||
	    !g_ascii_string_to_unsigned(pid, 10, 1, G_MAXINT32, &n, NULL) ||
	    (pid_t)n != getpid() ||
	    !g_ascii_string_to_unsigned(count, 10, 1, LISTEN_FDS_MAX, &n,
					NULL))
		return 0;
	return (int)n;
}

int
service_listener(const struct sockaddr *address, socklen_t size)
{
	int end = LISTEN_FDS_START + listener_count(), fd;

	for (fd = LISTEN_FDS_START; fd < end; fd++) {
		struct sockaddr_storage bound = { 0 };
		socklen_t bound_size = sizeof(bound);

		if (getsockname(fd, (struct sockaddr *)&bound,
				&bound_size) == 0 &&
		    bound_size == size && memcmp(&bound, address, size) == 0)
			return fcntl(fd, F_DUPFD_CLOEXEC, end);
	}
	return -1;
}

static G_GNUC_NORETURN void
wait_for_background(int fd)
{
	char byte;
	ssize_t n;

	do
		n = read(fd, &byte, 1);
	while (n < 0 && errno == EINTR);
	_exit(n == 1 ? EXIT_SUCCESS : EXIT_FAILURE);
}

int
service_detach(void)
{
	int ends[2];
	pid_t pid;

	if (g_getenv(RESTARTS) != NULL || pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	pid = fork();
	if (pid < 0)
		return -1;
	if (pid > 0) {
		close(ends[1]);
		wait_for_background(ends[0]);
	}
	close(ends[0]);
	setsid();
	return ends[1];
}

void
service_ready(int detached)
{
	service_notify("READY=1\nSTATUS=Serving");
	if (detached < 0)
		return;
	(void)!write(detached, "", 1);
	close(detached);
}

gboolean
service_lock(const char *path, GError **error)
{
	int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	int waited;

	if (fd < 0)
		return error_set_errno(error, "open %s", path);
	for (waited = 0; flock(fd, LOCK_EX | LOCK_NB) < 0;
	     waited += LOCK_STEP_MS) {
		if (errno != EWOULDBLOCK || waited >= SERVICE_LOCK_MS) {
			error_set_errno(error, "lock %s", path);
			close(fd);
			return FALSE;
		}
		g_usleep(LOCK_STEP_MS * 1000);
	}
	return TRUE;
}

static guint
restarts_in_a_row(gint64 lasted_seconds)
{
	const char *before = g_getenv(RESTARTS);
	guint64 n = 0;

	if (before != NULL && lasted_seconds < SERVICE_WAIT_MAX_S)
		g_ascii_string_to_unsigned(before, 10, 0, RESTARTS_MAX, &n,
					   NULL);
	return (guint)n;
}

void
service_begin_anew(char **argv, gint64 lasted_seconds,
		   const sigset_t *signals)
{
	guint restarts = restarts_in_a_row(lasted_seconds);
	g_autofree char *count = NULL;
	struct timespec wait = { 0, 0 };
	int signal;

	count = g_strdup_printf("%u", MIN(restarts + 1, RESTARTS_MAX));
	g_setenv(RESTARTS, count, TRUE);
	wait.tv_sec = MIN(1L << restarts, SERVICE_WAIT_MAX_S);
	log_problem("restart", 0, "in=%lds", (long)wait.tv_sec);
	do
		signal = sigtimedwait(signals, NULL, &wait);
	while (signal == SIGCHLD || (signal < 0 && errno == EINTR));
	if (signal == SIGTERM || signal == SIGINT)
		exit(EXIT_SUCCESS);
	execv("/proc/self/exe", argv);
	log_problem("restart", 0, "exec: %s", g_strerror(errno));
	exit(EXIT_FAILURE);
}
