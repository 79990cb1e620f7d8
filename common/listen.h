// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The entries of Listen=: what "loopback:25" stands for, and which address
 * may be bound for it. The engine asks for addresses, the parent decides.
 * Pure, but for the look at this machine's interfaces.
 */
#ifndef MASQMAIL_COMMON_LISTEN_H
#define MASQMAIL_COMMON_LISTEN_H

#include <glib.h>
#include <sys/socket.h>

#include "common/config.h"

/* Of lan:PORT: private addresses of ours, as the engine names them. */
#define LISTEN_LAN "lan"

typedef struct {
	struct sockaddr_storage storage;
	socklen_t size;
} ListenAddress;

/*
 * (transfer full). The entries that hold for @config (nullable: defaults):
 * without the key loopback:25 for the system, none for a user's agent.
 */
char **listen_entries(const Config *config, gboolean user);

/*
 * (transfer full) (nullable). The addresses @entry stands for, as text:
 * those of "loopback", or the literal one it names, none yet of "lan"; NULL:
 * no entry at all.
 */
char **listen_addresses(const char *entry);

/*
 * Whether @address may be bound for @entry, and then the socket address
 * with the port of the entry. Never a wildcard, multicast or broadcast one,
 * nor one that @entry does not stand for.
 */
gboolean listen_resolve(const char *entry, const char *address,
			ListenAddress *ret_address);

/* Whether @address is loopback's or on one of the interfaces. */
gboolean listen_is_ours(const ListenAddress *address);

/* Whether two are the same address and port. */
gboolean listen_equal(const ListenAddress *a, const ListenAddress *b);

#endif
