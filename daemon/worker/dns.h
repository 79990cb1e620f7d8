// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From the name of a host to its addresses: the only user of the resolver
 * and of libidn2. It keeps "there is no such name" and "nobody could say"
 * apart, and it comes back in time.
 */
#ifndef MASQMAIL_WORKER_DNS_H
#define MASQMAIL_WORKER_DNS_H

#include <netinet/in.h>
#include <sys/socket.h>

#include <glib.h>

#define DNS_ERROR (dns_error_quark())

GQuark dns_error_quark(void);

typedef enum {
	DNS_ERROR_NAME,      /* no host can be called so */
	DNS_ERROR_MISSING,   /* the name has no address */
	DNS_ERROR_TEMPORARY, /* no name server had an answer */
} DnsError;

#define DNS_MAX_ADDRESSES 16
#define DNS_SECONDS 40 /* a look-up that takes longer ends the process */

typedef struct {
	socklen_t size;
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} socket;
	char text[INET6_ADDRSTRLEN]; /* without port */
} DnsAddress;

/*
 * (transfer full). The name as the DNS knows it: A-labels, lower case, no
 * final dot. An address is given back without brackets.
 */
char *dns_host_name(const char *host, GError **error);

/*
 * (transfer full). Of DnsAddress, at least one, in the order they should be
 * tried (RFC 6724). @host is as dns_host_name gives it.
 */
GArray *dns_addresses(const char *host, guint16 port, GError **error);

/* Whether @address is this machine itself. */
gboolean dns_is_loopback(const DnsAddress *address);

#endif
