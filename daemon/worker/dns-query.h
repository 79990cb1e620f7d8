// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Asking the name servers of resolv.conf, many questions at once and under
 * a deadline. Unlike libc's resolver it tells a server that failed from one
 * that is away, and it stops when its worker must. Knows alone which
 * servers there are and whether their word on DNSSEC counts.
 */
#ifndef MASQMAIL_WORKER_DNS_QUERY_H
#define MASQMAIL_WORKER_DNS_QUERY_H

#include "daemon/worker/dns-packet.h"

#define DNS_MAX_SERVERS 3
#define DNS_MAX_QUESTIONS 40 /* at once */
#define DNS_PATIENCE_MS 100  /* for AAAA when A is there (RFC 8305, 3) */

typedef struct {
	GArray *servers; /* of DnsAddress, with port */
	guint seconds;   /* for an answer of one; 1 to 5 */
	guint rounds;    /* 1 or 2 */
	gboolean local;  /* all on this machine: their AD bit is believed */
} DnsServers;

/* (transfer full). Of the text of a resolv.conf; none in it: 127.0.0.1. */
DnsServers *dns_servers_parse(const char *text);
/* (transfer full). Of /etc/resolv.conf as it is now. */
DnsServers *dns_servers_load(void);
void dns_servers_free(DnsServers *servers);

/*
 * Put all @answers (of DnsAnswer) to the servers. Each has its result then;
 * of more than DNS_MAX_QUESTIONS the rest is DNS_AWAY. FALSE: @watched (-1:
 * nothing) hung up.
 */
gboolean dns_ask(const DnsServers *servers, GPtrArray *answers, int watched);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(DnsServers, dns_servers_free)

#endif
