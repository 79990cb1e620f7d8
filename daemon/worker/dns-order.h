// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * In which order hosts and their addresses are tried. Pure; chance is a
 * parameter.
 */
#ifndef MASQMAIL_WORKER_DNS_ORDER_H
#define MASQMAIL_WORKER_DNS_ORDER_H

#include "daemon/worker/dns-packet.h"

/*
 * Sort @records (of DnsRecord, MX) by preference, equal ones by chance
 * (RFC 5321 5.1).
 */
void dns_order_mx(GPtrArray *records, GRand *random);

/*
 * Sort @records (of DnsRecord, SRV) by priority, within one so that each
 * comes first as often as its weight says (RFC 2782).
 */
void dns_order_srv(GPtrArray *records, GRand *random);

/*
 * Sort @addresses (of DnsAddress) so that families take turns, beginning
 * with IPv6, and within one the order stays (RFC 8305, 4). What is not
 * @reachable (of gboolean, one for each; nullable: all are) comes last.
 */
void dns_order_addresses(GArray *addresses, const gboolean *reachable);

/*
 * Append the addresses that @text, of a hosts(5) file, has for @name; FALSE
 * when it has none.
 */
gboolean dns_hosts_find(const char *text, const char *name,
			GArray *addresses);

/* The address that @text is, without brackets; FALSE: it is none. */
gboolean dns_address_parse(const char *text, DnsAddress *ret_address);

#endif
