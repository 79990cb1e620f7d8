// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Direct to a domain's own servers, by RFC 5321 5.1: MX, the best first, or
 * without any the host of that name. Those that are this machine, and who is
 * no better, are left out.
 */
#include <ifaddrs.h>
#include <string.h>

#include "common/own.h"
#include "daemon/worker/dns-order.h"
#include "daemon/worker/smtp-out-where.h"

/* Final where the word of the DNS is as good as that. */
static gboolean
domain_refused(const Where *where, SmtpTrouble trouble, const char *detail,
	       gboolean secure)
{
	Session *session = where->session;

	return session_trouble(session,
			       secure || session->job->trusted
				       ? trouble
				       : SMTP_DOMAIN_DOUBTED,
			       detail);
}

static gboolean
is_own_address(const DnsAddress *address, const struct ifaddrs *own)
{
	if (dns_is_loopback(address))
		return TRUE;
	for (; own; own = own->ifa_next) {
		const struct sockaddr *any = own->ifa_addr;
		DnsAddress other;

		if (!any || any->sa_family != address->socket.any.sa_family)
			continue;
		memcpy(&other.socket, any, address->size);
		if (any->sa_family == AF_INET
			    ? other.socket.in.sin_addr.s_addr ==
				      address->socket.in.sin_addr.s_addr
			    : IN6_ARE_ADDR_EQUAL(
				      &other.socket.in6.sin6_addr,
				      &address->socket.in6.sin6_addr))
			return TRUE;
	}
	return FALSE;
}

static gboolean
is_own_host(const Where *where, const DnsHost *host,
	    const struct ifaddrs *own)
{
	const SmtpRoute *route = where->session->route;

	if (own_has_domain((const char *const *)route->own_names,
			   host->name))
		return TRUE;
	for (guint i = 0; i < host->addresses->len; i++)
		if (is_own_address(&g_array_index(host->addresses, DnsAddress,
						  i), own))
			return TRUE;
	return FALSE;
}

/* Leave out ourselves and who is no better (RFC 5321 5.1). */
static void
leave_out_own(Where *where)
{
	struct ifaddrs *own = NULL;
	guint cut = where->hosts->len;

	getifaddrs(&own);
	for (guint i = 0; i < cut; i++)
		if (is_own_host(where, where->hosts->pdata[i], own))
			cut = i;
	freeifaddrs(own);
	while (cut > 0 && cut < where->hosts->len) {
		const DnsRecord *better = where->records->pdata[cut - 1];
		const DnsRecord *us = where->records->pdata[cut];

		if (better->priority < us->priority)
			break;
		cut--;
	}
	g_ptr_array_set_size(where->hosts, cut);
	g_ptr_array_set_size(where->records, cut);
}

/* The hosts of the MX records; with none the domain is its own host. */
static void
take_mx(Where *where, DnsAnswer *answer)
{
	g_autoptr(GRand) random = g_rand_new();

	where->secure = answer->secure;
	if (answer->result != DNS_FOUND) {
		DnsRecord *record = g_new0(DnsRecord, 1);

		record->host = g_strdup(where->domain);
		g_ptr_array_add(answer->records, record);
	}
	dns_order_mx(answer->records, random);
	where_take_records(where, answer->records);
}

static gboolean
no_address(const Where *where, gboolean implicit)
{
	DnsResult worst = where_worst(where);
	const DnsHost *first = where->hosts->pdata[0];

	if (worst <= DNS_FAILED)
		return where_not_found(where, worst, where->domain);
	if (implicit)
		return domain_refused(where, SMTP_DOMAIN_MISSING,
				      "neither MX nor address",
				      where->secure && first->secure);
	return session_trouble(where->session, SMTP_MX_NO_ADDRESS,
			       first->name);
}

static void
add_targets(const Where *where)
{
	const SmtpRoute *route = where->session->route;

	for (guint i = 0; i < where->hosts->len; i++)
		where_add_named(where, where->hosts->pdata[i], route->port,
				route->tls);
}

static gboolean
take_hosts(Where *where, gboolean implicit)
{
	if (where->hosts->len == 0)
		return session_trouble(where->session, SMTP_MX_NO_ADDRESS,
				       NULL);
	if (!where_find_hosts(where))
		return FALSE;
	leave_out_own(where);
	if (where->hosts->len == 0)
		return domain_refused(where, SMTP_MX_IS_US, "MX: this machine",
				      where->secure);
	add_targets(where);
	if (where->session->targets->len == 0)
		return no_address(where, implicit);
	return smtp_find_tlsa(where->session, where->lookup, where->hosts,
			      where->secure);
}

gboolean
where_find_mx(Where *where)
{
	g_autoptr(GPtrArray) answers = where_answers_new();
	DnsAnswer *answer = dns_answer_new(where->domain, DNS_TYPE_MX);
	DnsAddress literal;

	g_ptr_array_add(answers, answer);
	answer->result = DNS_NONE;
	if (dns_address_parse(where->domain, &literal))
		where->secure = TRUE;
	else if (dns_lookup_asks_dns(where->lookup) &&
		 !where_ask(where, answers))
		return FALSE;
	if (answer->result <= DNS_FAILED)
		return where_not_found(where, answer->result, where->domain);
	if (answer->result == DNS_FOUND && where_is_null(answer))
		return domain_refused(where, SMTP_DOMAIN_NULL, "null MX",
				      answer->secure);
	take_mx(where, answer);
	return take_hosts(where, answer->result != DNS_FOUND);
}
