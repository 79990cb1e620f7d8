// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/parent-fixture.h"

#include <check.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static char *top;
static int control;
Paths *paths;
int priv;
pid_t parent, engine;

static void
remove_all(char *path)
{
	char *argv[] = { (char *)"rm", (char *)"-r", path, NULL };

	ck_assert(g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL,
			       NULL, NULL, NULL, NULL, NULL));
}

void
write_file(const char *name, const char *text, int mode)
{
	g_autofree char *path = g_build_filename(paths->config, name, NULL);
	g_autofree char *directory = g_path_get_dirname(path);

	g_mkdir_with_parents(directory, 0700);
	ck_assert(g_file_set_contents(path, text, -1, NULL));
	ck_assert_int_eq(chmod(path, mode), 0);
}

static void
set_directory(const char *variable, const char *name)
{
	g_autofree char *path = g_build_filename(top, name, NULL);

	g_mkdir_with_parents(path, 0700);
	g_setenv(variable, path, TRUE);
}

static void
link_fake(const char *name)
{
	g_autofree char *path = g_build_filename(top, "libexec", name, NULL);
	g_autofree char *here = g_get_current_dir();
	g_autofree char *fake = g_build_filename(here, "tests/unit/fake",
						 NULL);

	ck_assert_int_eq(symlink(fake, path), 0);
}

static void
listen_for_engine(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	g_autofree char *path = g_build_filename(paths->config, "control",
						 NULL);

	control = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
	ck_assert_int_eq(bind(control, (struct sockaddr *)&address,
			      sizeof(address)), 0);
	ck_assert_int_eq(listen(control, 5), 0);
}

void
wait_readable(int fd)
{
	struct pollfd one = { fd, POLLIN, 0 };

	ck_assert_int_eq(poll(&one, 1, PATIENCE_MS), 1);
}

/* The engine's socket to the parent becomes ours. */
void
meet_engine(void)
{
	PrivPacket packet;
	int fds[PRIV_FDS_MAX], connection;

	wait_readable(control);
	connection = accept(control, NULL, NULL);
	ck_assert(priv_receive(connection, &packet, fds, NULL));
	close(connection);
	ck_assert_str_eq(packet.name, "--user");
	engine = packet.pid;
	priv = fds[0];
}

static void
start_parent(void)
{
	parent = fork();
	if (parent == 0) {
		execl("./masqmaild", "masqmaild", "--user", NULL);
		_exit(1);
	}
	meet_engine();
}

void
fixture_start(void)
{
	top = g_dir_make_tmp("test-parent-XXXXXX", NULL);
	set_directory("HOME", "home");
	set_directory("XDG_CONFIG_HOME", "config");
	set_directory("XDG_STATE_HOME", "state");
	set_directory("XDG_RUNTIME_DIR", "run");
	set_directory("MASQMAIL_LIBEXEC", "libexec");
	g_setenv("LEAK", "leaked", TRUE);
	g_unsetenv("NOTIFY_SOCKET");
	paths = paths_user();
	write_file("masqmail.conf", "[General]\nListen=127.0.0.1:52525\n",
		   0600);
	write_file("routes/isp.conf", "the route", 0600);
	write_file("secrets/isp", "the secret", 0600);
	link_fake("engine");
	link_fake("smtp-out");
	link_fake("smtp-in");
	link_fake("local");
	listen_for_engine();
	start_parent();
}

void
fixture_stop(void)
{
	kill(parent, SIGKILL);
	waitpid(parent, NULL, 0);
	close(priv);
	close(control);
	remove_all(top);
	paths_free(paths);
	g_free(top);
}

PrivPacket
hear(int fds[PRIV_FDS_MAX])
{
	PrivPacket packet;

	wait_readable(priv);
	ck_assert(priv_receive(priv, &packet, fds, NULL));
	return packet;
}

void
say(PrivOp op, PrivKind kind, guint job, const char *name, int result)
{
	PrivPacket packet;

	priv_packet_init(&packet, op, name);
	packet.kind = kind;
	packet.job = job;
	packet.result = result;
	ck_assert(priv_send(priv, &packet, NULL, 0, NULL));
}

/* (transfer full): our end of the worker's socket; what STARTED says. */
int
spawn(PrivKind kind, guint job, const char *name, int *ret_socket)
{
	int ends[2], client[2], fds[PRIV_FDS_MAX];
	PrivPacket packet;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	ck_assert_int_eq(pipe(client), 0);
	ck_assert_int_eq(write(client[1], "client", 6), 6);
	close(client[1]);
	priv_packet_init(&packet, PRIV_SPAWN, name);
	packet.kind = kind;
	packet.job = job;
	ck_assert(priv_send(priv, &packet, (int[]){ ends[1], client[0] },
			    kind == PRIV_SMTP_IN ? 2 : 1, NULL));
	close(ends[1]);
	close(client[0]);
	packet = hear(fds);
	ck_assert_int_eq(packet.op, PRIV_STARTED);
	ck_assert_int_eq(packet.job, job);
	*ret_socket = ends[0];
	return packet.result;
}

void
assert_exited(guint job, int status)
{
	int fds[PRIV_FDS_MAX];
	PrivPacket packet = hear(fds);

	ck_assert_int_eq(packet.op, PRIV_EXITED);
	ck_assert_int_eq(packet.job, job);
	ck_assert_int_eq(packet.result, status);
}

void
assert_says(int fd, const char *expected)
{
	char text[512] = "";

	wait_readable(fd);
	ck_assert_int_gt(recv(fd, text, sizeof(text) - 1, 0), 0);
	ck_assert_str_eq(text, expected);
}
