// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From the names of hosts to their addresses, in the order a route wishes:
 * the file hosts, the DNS, or the system's own ways. It keeps "there is no
 * such name", "the answer says nothing" and "nobody could say" apart, and it
 * comes back in time.
 *
 * The DNS has other files beside this one: dns-packet (what an answer says),
 * dns-query (how it is had) and dns-order (what is tried first);
 * smtp-out-where.h knows what mail makes of it.
 */
#ifndef MASQMAIL_WORKER_DNS_H
#define MASQMAIL_WORKER_DNS_H

#include "daemon/worker/dns-query.h"

#define DNS_ERROR (dns_error_quark())

GQuark dns_error_quark(void);

typedef enum {
	DNS_ERROR_NAME,  /* no host can be called so */
	DNS_ERROR_ORDER, /* Resolver= has a word that means nothing */
} DnsError;

#define DNS_MAX_ADDRESSES 16 /* of one host */
#define DNS_SECONDS 40 /* a look-up by the system that takes longer ends us */

/* How names are looked up. */
typedef struct {
	char **order;       /* "hosts", "dns", "system"; empty: our own */
	DnsServers *servers;
	int watched;        /* hangs up when we are to stop; -1: nothing */
} DnsLookup;

/* (transfer full). @order (transfer none) is of Resolver=, (nullable). */
DnsLookup *dns_lookup_new(const char *const *order, int watched,
			  GError **error);
void dns_lookup_free(DnsLookup *lookup);

/* Whether the DNS may be asked for what only it knows. */
gboolean dns_lookup_asks_dns(const DnsLookup *lookup);

/* A host and what is known of it. */
typedef struct {
	char *name;         /* as dns_host_name gives it */
	gboolean foreign;   /* named by others: no name of this house */
	DnsResult result;
	gboolean secure;    /* the addresses, or that there are none */
	char *canonical;    /* what the name is a CNAME for, or the name */
	GArray *addresses;  /* of DnsAddress with port 0, the best first */
} DnsHost;

DnsHost *dns_host_new(const char *name);
void dns_host_free(DnsHost *host);

/*
 * Find the addresses of @hosts (of DnsHost), all together. FALSE: told to
 * stop.
 */
gboolean dns_find_hosts(const DnsLookup *lookup, GPtrArray *hosts);

/*
 * (transfer full). The name as the DNS knows it: A-labels, lower case, no
 * final dot. An address is given back without brackets and "IPv6:".
 */
char *dns_host_name(const char *host, GError **error);

/* Whether @address is this machine itself. */
gboolean dns_is_loopback(const DnsAddress *address);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(DnsLookup, dns_lookup_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DnsHost, dns_host_free)

#endif
