// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/listener.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/service.h"

#define BACKLOG 128

/* (transfer full): @fd, or -1 with errno when @good is not. */
static int
keep_if(int fd, gboolean good)
{
	int code = errno;

	if (good)
		return fd;
	close(fd);
	errno = code;
	return -1;
}

/* Everybody may hand in mail; who it was is asked of the socket. */
int
listener_submit(const Paths *paths)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t size = (socklen_t)(G_STRUCT_OFFSET(struct sockaddr_un,
			sun_path) + strlen(paths->submit) + 1);
	int fd;

	if (g_strlcpy(address.sun_path, paths->submit,
		      sizeof(address.sun_path)) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = service_listener((struct sockaddr *)&address, size);
	if (fd >= 0)
		return fd;
	unlink(paths->submit);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	return keep_if(fd, bind(fd, (struct sockaddr *)&address, size) == 0 &&
		       chmod(paths->submit, paths->user ? 0600 : 0666) == 0 &&
		       listen(fd, BACKLOG) == 0);
}

int
listener_tcp(const ListenAddress *address)
{
	const struct sockaddr *at = (const struct sockaddr *)&address->storage;
	const int on = 1;
	int fd = service_listener(at, address->size);

	if (fd >= 0)
		return fd;
	fd = socket(at->sa_family,
		    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	return keep_if(fd, setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on,
				      sizeof(on)) == 0 &&
		       bind(fd, at, address->size) == 0 &&
		       listen(fd, BACKLOG) == 0);
}
