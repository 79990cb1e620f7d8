// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Signs that somebody stands between us and the server: a sign-in page, or
 * half a network. Whether they mean that, the engine decides, who knows
 * where we are.
 */
#include "daemon/worker/smtp-out.h"

#include <string.h>

#include "daemon/worker/dns.h"

/*
 * Who proved its name is no sign-in page, and a reply, even a refusal, is
 * more than most of them can.
 */
static gboolean
is_possible(const Session *session)
{
	return session->fault && session->troubled &&
	       !(session->tls && tls_is_verified(session->tls)) &&
	       !session->loopback;
}

const char *
smtp_portal_sign(const Session *session)
{
	if (!is_possible(session))
		return "";
	switch ((int)session->trouble) {
	case SMTP_TLS_UNTRUSTED:
		return "name";
	case SMTP_TLS_FAILED:
		return "handshake";
	case SMTP_TLS_MISSING:
		return "stripped";
	case SMTP_CLOSED:
		return "closed";
	case SMTP_GARBAGE:
	case SMTP_TLS_EARLY:
		return "garbage";
	}
	return "";
}

/* A fault after which it is worth asking: it got as far as an address. */
static gboolean
is_worth_asking(const Session *session)
{
	switch ((int)session->trouble) {
	case SMTP_REFUSED:
	case SMTP_NO_ANSWER:
	case SMTP_UNREACHABLE:
	case SMTP_SILENT:
		return TRUE;
	}
	return *smtp_portal_sign(session) != '\0';
}

/* An address, as a literal has it, has no names below it. */
static gboolean
is_name(const char *host)
{
	return strchr(host, '.') && !strchr(host, ':') &&
	       !g_hostname_is_ip_address(host);
}

static gboolean
is_same(const DnsHost *one, const DnsHost *other)
{
	if (one->addresses->len == 0)
		return FALSE;
	for (guint i = 0; i < other->addresses->len; i++)
		if (g_str_equal(g_array_index(one->addresses, DnsAddress, 0)
					.text,
				g_array_index(other->addresses, DnsAddress, i)
					.text))
			return TRUE;
	return FALSE;
}

/*
 * A name below that of the server: where the server's name exists, no
 * wildcard of its domain reaches so deep (RFC 4592).
 */
gboolean
smtp_portal_answers_all(const Session *session)
{
	const SmtpRoute *route = session->route;
	const char *host = session->target ? session->target->host : "";
	g_autofree char *nobody = NULL;
	g_autoptr(DnsLookup) lookup = NULL;
	g_autoptr(GPtrArray) hosts = NULL;

	if (!is_possible(session) || !is_worth_asking(session) ||
	    !is_name(host) || route->proxy)
		return FALSE;
	lookup = dns_lookup_new((const char *const *)route->resolver,
				worker_fd(session->worker), NULL);
	if (!lookup)
		return FALSE;
	nobody = g_strdup_printf("nobody-%08x.%s", g_random_int(), host);
	hosts = g_ptr_array_new_with_free_func((GDestroyNotify)dns_host_free);
	g_ptr_array_add(hosts, dns_host_new(nobody));
	g_ptr_array_add(hosts, dns_host_new(host));
	return dns_find_hosts(lookup, hosts) &&
	       is_same(hosts->pdata[0], hosts->pdata[1]);
}
