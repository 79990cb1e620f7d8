// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who is at the other end of an accepted socket: by SO_PEERCRED on a Unix
 * socket, by the kernel's socket table (sock_diag) on loopback TCP. The one
 * place that knows when such an answer can be believed.
 */
#ifndef MASQMAIL_ENGINE_PEER_H
#define MASQMAIL_ENGINE_PEER_H

#include <sys/types.h>

#include <glib.h>

#define PEER_ADDRESS_TEXT 64

typedef struct {
	char text[PEER_ADDRESS_TEXT]; /* "127.0.0.1", "::1"; "" if none */
	gboolean loopback;
} PeerAddress;

/*
 * Uid of a Unix socket's peer, and whether it is in the group @gid
 * (SO_PEERGROUPS).
 */
gboolean peer_of_unix(int fd, gid_t gid, uid_t *ret_uid,
		      gboolean *ret_in_group, GError **error);

/* The address of a TCP socket's peer. */
gboolean peer_address(int fd, PeerAddress *ret_address);

/*
 * The uid at the other end of a TCP connection over loopback. FALSE when it
 * is not known for sure: a client that closed early shows no inode and uid
 * 0, so only a socket in state ESTABLISHED with an inode counts, and uid 0
 * never does.
 */
gboolean peer_uid_of_tcp(int fd, uid_t *ret_uid);

#endif
