// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Stands in for the engine and the workers in tests of the parent. As the
 * engine it hands its socket to the test, over CONFIG/control, and waits to
 * be killed: so the test itself speaks the engine's part. As a worker it
 * says on descriptor 3 what it finds, with its socket to the parent attached
 * if it has one, then waits for the end of that socket, or with the name
 * "exit" exits with 5.
 */
#include <glib.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/priv.h"

static int
be_engine(char **argv)
{
	g_autofree char *path = g_build_filename(argv[2], "control", NULL);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0), priv = PRIV_FD;
	PrivPacket packet;

	g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return 1;
	priv_packet_init(&packet, PRIV_DROP, argv[5] ? argv[5] : "");
	packet.pid = getpid();
	if (!priv_send(fd, &packet, &priv, 1, NULL))
		return 1;
	close(priv);
	signal(SIGHUP, SIG_IGN);
	for (;;)
		pause();
}

static void
add_content(GString *text, int fd)
{
	char buffer[64];
	ssize_t n = read(fd, buffer, sizeof(buffer));

	g_string_append_len(text, buffer, MAX(n, 0));
	g_string_append_c(text, '|');
}

static gboolean
has_socket(int fd)
{
	int type;
	socklen_t size = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0;
}

static gboolean
tell(const GString *text)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { .header = { .cmsg_len = CMSG_LEN(sizeof(int)),
				  .cmsg_level = SOL_SOCKET,
				  .cmsg_type = SCM_RIGHTS } };
	struct iovec part = { text->str, text->len };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	int fd = PRIV_WORKER_PARENT;

	if (has_socket(fd)) {
		memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
	}
	return sendmsg(PRIV_WORKER_ENGINE, &message, 0) >= 0;
}

static int
be_worker(char **argv)
{
	g_autoptr(GString) text = g_string_new(NULL);
	int signal = 0, fd;
	char byte;

	prctl(PR_GET_PDEATHSIG, &signal);
	g_string_printf(text, "%s %s|", argv[0], argv[1]);
	for (fd = PRIV_WORKER_CONFIG; fd < PRIV_WORKER_PARENT; fd++)
		add_content(text, fd);
	g_string_append_printf(text, "%d|%d|%s|%s", dup(PRIV_WORKER_ENGINE),
			       signal, g_getenv("HOME"), g_getenv("LEAK"));
	if (!tell(text) ||
	    strcmp(argv[1], "exit") == 0)
		return 5;
	return read(PRIV_WORKER_ENGINE, &byte, 1) == 0 ? 0 : 6;
}

int
main(int argc, char **argv)
{
	if (argc > 2 && g_str_has_suffix(argv[0], "engine"))
		return be_engine(argv);
	return argc > 1 ? be_worker(argv) : 1;
}
