// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/config.h"
#include "common/local.h"
#include "common/log.h"
#include "daemon/child.h"

#define ENGINE_USER "masqmail"
#define NETWORK_USER "masqmail-net"
#define LISTEN_USER "masqmail-in"

static const struct {
	const char *program;
	const char *user;	/* NULL: see recipient_of */
	gboolean route;		/* gets the route's file and secret */
	gboolean client;	/* gets the client's socket */
	gboolean asks;		/* has a socket to the parent */
	gboolean optional;	/* need not be installed */
	gboolean templates;	/* gets that directory */
} kinds[PRIV_KINDS] = {
	[PRIV_SMTP_OUT] = { "smtp-out", NETWORK_USER, .route = TRUE,
			    .asks = TRUE },
	[PRIV_SMTP_IN] = { "smtp-in", LISTEN_USER, .client = TRUE },
	[PRIV_LOCAL] = { "local", NULL, .asks = TRUE },
	[PRIV_ALIAS] = { "local", NULL, .asks = TRUE },
	[PRIV_REPORT] = { "report", LISTEN_USER, .templates = TRUE },
	[PRIV_BUS] = { "bus", LISTEN_USER, .optional = TRUE },
	[PRIV_ONLINE] = { "mservdetect", NETWORK_USER, .asks = TRUE },
};

pid_t
spawn_engine(const Paths *paths, int priv)
{
	char *const argv[] = { (char *)"engine",
		(char *)"--config", paths->config,
		(char *)"--spool", paths->spool,
		paths->user ? (char *)"--user" : NULL, NULL };
	const Child child = { .paths = paths, .argv = argv,
			      .user = ENGINE_USER,
			      .own = { paths->queue, paths->state },
			      .fds = { priv }, .n_fds = 1 };

	return child_start(&child);
}

/* -1 with errno; a file that is not there is left out, with errno 0. */
static int
open_file(const char *directory, const char *name)
{
	g_autofree char *path = g_build_filename(directory, name, NULL);
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		errno = 0;
	return fd;
}

/* LoadCredential= of the service, see systemd.exec(5). */
static int
open_credential(const char *name)
{
	g_autofree char *file = g_strconcat("secret.", name, NULL);
	const char *directory = g_getenv("CREDENTIALS_DIRECTORY");

	return directory != NULL ? open_file(directory, file) : -1;
}

static int
open_secret(const char *directory, const char *name)
{
	struct stat status;
	int fd = open_credential(name);

	if (fd >= 0)
		return fd;
	fd = open_file(directory, name);
	if (fd < 0)
		return -1;
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
	    (status.st_mode & 077) == 0 && status.st_uid == geteuid())
		return fd;
	close(fd);
	log_problem("secret", 0, "route=%s refused: secrets/%s must belong to "
		    "the daemon's owner and have mode 0600", name, name);
	errno = EPERM;
	return -1;
}

static int
open_route(const Paths *paths, const char *name, int *ret_route,
	   int *ret_secret)
{
	g_autofree char *routes = g_build_filename(paths->config,
						   "routes", NULL);
	g_autofree char *secrets = g_build_filename(paths->config,
						    "secrets", NULL);
	g_autofree char *file = g_strconcat(name, ".conf", NULL);

	*ret_route = open_file(routes, file);
	if (*ret_route < 0 && errno != 0)
		return errno;
	*ret_secret = open_secret(secrets, name);
	return *ret_secret < 0 ? errno : 0;
}

/* One component of a path, and no option of a program. */
static gboolean
name_is_safe(const PrivPacket *packet)
{
	const char *name = packet->name;

	if (name[0] == '\0' || name[0] == '.' || name[0] == '-' ||
	    strchr(name, '/') != NULL)
		return FALSE;
	return !kinds[packet->kind].route || config_name_is_valid(name);
}

static int
open_files(const Paths *paths, const PrivPacket *packet, Child *child)
{
	int *at = child->fds - PRIV_FD;

	at[PRIV_WORKER_CONFIG] = open_file(paths->config,
					   "masqmail.conf");
	if (at[PRIV_WORKER_CONFIG] < 0 && errno != 0)
		return errno;
	/* Without one, or without the right to it, there are our own words. */
	if (kinds[packet->kind].templates)
		at[PRIV_WORKER_ROUTE] = open_file(paths->config, "templates");
	if (!kinds[packet->kind].route)
		return 0;
	return open_route(paths, packet->name, &at[PRIV_WORKER_ROUTE],
			  &at[PRIV_WORKER_SECRET]);
}

/* Never on the engine's word alone who gets what the aliases lead to. */
static char *
recipient_of(const Paths *paths, const Config *config,
	     const PrivPacket *packet)
{
	return packet->kind == PRIV_ALIAS && !paths->user
		       ? config_string(config, "Local", "PipeUser")
		       : g_strdup(packet->name);
}

static int
open_pair(Child *child, int *ret_asks)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return errno;
	child->fds[PRIV_WORKER_PARENT - PRIV_FD] = ends[1];
	*ret_asks = ends[0];
	return 0;
}

int
spawn_worker(const Paths *paths, const Config *config,
	     const PrivPacket *packet, const int fds[PRIV_FDS_MAX],
	     int *ret_asks, pid_t *ret_pid)
{
	const char *user = kinds[packet->kind].user;
	g_autofree char *recipient = recipient_of(paths, config, packet);
	char *const argv[] = { (char *)kinds[packet->kind].program,
			       recipient, NULL };
	Child child = { .paths = paths, .argv = argv,
			.user = user ? user : recipient,
			.optional = kinds[packet->kind].optional,
			.recipient = user == NULL,
			.mailbox = packet->kind == PRIV_LOCAL &&
				   !paths->user &&
				   local_uses_spool(config, recipient),
			.owner = packet->kind == PRIV_LOCAL,
			.fds = { fds[0], -1, -1, -1, fds[1], -1 },
			.n_fds = PRIV_WORKER_FDS - PRIV_FD };
	int code, asks = -1, i;

	if (argv[0] == NULL || !name_is_safe(packet) || fds[0] < 0 ||
	    (fds[1] >= 0) != kinds[packet->kind].client)
		return EINVAL;
	code = open_files(paths, packet, &child);
	if (code == 0 && kinds[packet->kind].asks)
		code = open_pair(&child, &asks);
	if (code == 0) {
		*ret_pid = child_start(&child);
		code = *ret_pid < 0 ? errno : 0;
	}
	for (i = PRIV_WORKER_CONFIG; i < PRIV_WORKER_FDS; i++)
		if (i != PRIV_WORKER_CLIENT && child.fds[i - PRIV_FD] >= 0)
			close(child.fds[i - PRIV_FD]);
	if (code == 0)
		*ret_asks = asks;
	else if (asks >= 0)
		close(asks);
	return code;
}
