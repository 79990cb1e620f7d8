// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where to connect: the hosts for a job, in the order they are tried, and
 * what each must prove. A name is one host; MX and SRV are several.
 *
 * Whom the DNS is believed: everybody, for where to knock; nobody, for who
 * opens. So what it says is never an authority for the name in a
 * certificate, unless it was validated (DNSSEC) and the resolver that says
 * so is on this machine. Nor does mail come back for its word alone at a
 * place that is not trusted.
 */
#include <ifaddrs.h>
#include <string.h>

#include "common/own.h"
#include "daemon/worker/dns-order.h"
#include "daemon/worker/smtp-out.h"

#define SUBMISSIONS "_submissions._tcp."
#define SUBMISSION "_submission._tcp."

/* What is found on the way. */
typedef struct {
	Session *session;
	DnsLookup *lookup;
	char *domain;     /* whose MX or SRV */
	gboolean secure;  /* they were validated */
	GPtrArray *hosts; /* of DnsHost, the best first */
	GPtrArray *records; /* of DnsRecord, one for each host */
} Where;

void
smtp_target_free(SmtpTarget *target)
{
	if (!target)
		return;
	g_free(target->host);
	g_strfreev(target->names);
	g_clear_pointer(&target->addresses, g_array_unref);
	g_clear_pointer(&target->tlsa, g_ptr_array_unref);
	g_free(target->tlsa_base);
	g_free(target);
}

static SmtpTarget *
add_target(Session *session, const char *host, guint16 port, SmtpTlsMode tls)
{
	SmtpTarget *target = g_new0(SmtpTarget, 1);

	target->host = g_strdup(host);
	target->port = port;
	target->tls = tls;
	g_ptr_array_add(session->targets, target);
	return target;
}

/* The names that @host may prove in place of its own: see the head. */
static char **
names_for(const Where *where, const char *host)
{
	g_autofree char *inside = g_strconcat(".", where->domain, NULL);
	gboolean own = where->secure || g_str_has_suffix(host, inside);
	char *names[] = { where->domain, own ? (char *)host : NULL, NULL };

	return g_strdupv(names);
}

/* --- what the DNS does not tell ------------------------------------------- */

static gboolean
not_found(Session *session, DnsResult result, const char *name)
{
	g_autofree char *failed = g_strdup_printf("%s: SERVFAIL", name);
	g_autofree char *none = g_strdup_printf("%s: no address", name);

	switch (result) {
	case DNS_AWAY:
		return session_trouble(session, SMTP_NAME_TEMPORARY,
				       "no name server answered");
	case DNS_FAILED:
		return session_trouble(session, SMTP_NAME_FAILED, failed);
	case DNS_NO_NAME:
	case DNS_NONE:
	case DNS_FOUND:
		return session_trouble(session, SMTP_NAME_MISSING, none);
	}
	g_assert_not_reached();
}

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
find_hosts(const Where *where, GPtrArray *hosts)
{
	if (dns_find_hosts(where->lookup, hosts))
		return TRUE;
	where->session->stopped = TRUE;
	return FALSE;
}

static gboolean
ask(const Where *where, GPtrArray *answers)
{
	if (dns_ask(where->lookup->servers, answers, where->lookup->watched))
		return TRUE;
	where->session->stopped = TRUE;
	return FALSE;
}

static GPtrArray *
answers_new(void)
{
	return g_ptr_array_new_with_free_func(
		(GDestroyNotify)dns_answer_free);
}

static GPtrArray *
hosts_new(void)
{
	return g_ptr_array_new_with_free_func((GDestroyNotify)dns_host_free);
}

/* --- a name --------------------------------------------------------------- */

/* @name alone; the proxy, if there is one, looks it up itself. */
static gboolean
find_one(Where *where, const char *name, guint16 port)
{
	Session *session = where->session;
	const SmtpRoute *route = session->route;
	g_autoptr(GError) error = NULL;
	g_autofree char *host = dns_host_name(name, &error);
	g_autofree char *knock =
		dns_host_name(route->proxy ? route->proxy->host : name, NULL);
	DnsHost *found;

	if (!host || !knock)
		return session_trouble(session, SMTP_NAME_BAD,
				       error ? error->message : NULL);
	found = dns_host_new(knock);
	g_ptr_array_add(where->hosts, found);
	if (!find_hosts(where, where->hosts))
		return FALSE;
	if (found->result != DNS_FOUND)
		return not_found(session, found->result, knock);
	add_target(session, host, port, route->tls)->addresses =
		g_array_ref(found->addresses);
	return TRUE;
}

/* --- MX ------------------------------------------------------------------- */

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

static gboolean
is_null_mx(const DnsAnswer *answer)
{
	const DnsRecord *first = answer->records->pdata[0];

	return answer->records->len == 1 && !*first->host;
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
	for (guint i = 0; i < answer->records->len; i++) {
		DnsRecord *record = answer->records->pdata[i];

		/* The root among others means nothing. */
		if (!*record->host || where->hosts->len == SMTP_MAX_HOSTS)
			continue;
		g_ptr_array_add(where->hosts, dns_host_new(record->host));
		g_ptr_array_add(where->records, record);
	}
}

/* Where none of @hosts has an address: what is known least decides. */
static DnsResult
worst_result(const GPtrArray *hosts)
{
	DnsResult worst = DNS_FOUND;

	for (guint i = 0; i < hosts->len; i++)
		worst = MIN(worst, ((DnsHost *)hosts->pdata[i])->result);
	return worst;
}

static gboolean
no_address(const Where *where, gboolean implicit)
{
	DnsResult worst = worst_result(where->hosts);
	const DnsHost *first = where->hosts->pdata[0];

	if (worst <= DNS_FAILED)
		return not_found(where->session, worst, where->domain);
	if (implicit)
		return domain_refused(where, SMTP_DOMAIN_MISSING,
				      "neither MX nor address",
				      where->secure && first->secure);
	return session_trouble(where->session, SMTP_MX_NO_ADDRESS,
			       first->name);
}

static void
add_mx_targets(const Where *where)
{
	Session *session = where->session;

	for (guint i = 0; i < where->hosts->len; i++) {
		const DnsHost *host = where->hosts->pdata[i];
		SmtpTarget *target;

		if (host->result != DNS_FOUND)
			continue;
		target = add_target(session, host->name, session->route->port,
				    session->route->tls);
		target->names = names_for(where, host->name);
		target->addresses = g_array_ref(host->addresses);
	}
}

static gboolean
take_hosts(Where *where, gboolean implicit)
{
	guint before = where->hosts->len;

	if (before == 0)
		return session_trouble(where->session, SMTP_MX_NO_ADDRESS,
				       NULL);
	if (!find_hosts(where, where->hosts))
		return FALSE;
	leave_out_own(where);
	if (where->hosts->len == 0)
		return domain_refused(where, SMTP_MX_IS_US, "MX: this machine",
				      where->secure);
	add_mx_targets(where);
	if (where->session->targets->len == 0)
		return no_address(where, implicit);
	return smtp_find_tlsa(where->session, where->lookup, where->hosts,
			      where->secure);
}

static gboolean
find_by_mx(Where *where)
{
	g_autoptr(GPtrArray) answers = answers_new();
	DnsAnswer *answer = dns_answer_new(where->domain, DNS_TYPE_MX);
	DnsAddress literal;

	g_ptr_array_add(answers, answer);
	answer->result = DNS_NONE;
	if (dns_address_parse(where->domain, &literal))
		where->secure = TRUE;
	else if (dns_lookup_asks_dns(where->lookup) && !ask(where, answers))
		return FALSE;
	if (answer->result <= DNS_FAILED)
		return not_found(where->session, answer->result,
				 where->domain);
	if (answer->result == DNS_FOUND && is_null_mx(answer))
		return domain_refused(where, SMTP_DOMAIN_NULL, "null MX",
				      answer->secure);
	take_mx(where, answer);
	return take_hosts(where, answer->result != DNS_FOUND);
}

/* --- SRV ------------------------------------------------------------------ */

/* Whether there are records that name hosts; "." says that there are none. */
static gboolean
names_hosts(const DnsAnswer *answer)
{
	return answer->result == DNS_FOUND && !is_null_mx(answer);
}

static void
take_srv(Where *where, const DnsAnswer *answer)
{
	g_autoptr(GRand) random = g_rand_new();

	where->secure = answer->secure;
	dns_order_srv(answer->records, random);
	for (guint i = 0; i < answer->records->len; i++) {
		DnsRecord *record = answer->records->pdata[i];

		if (!*record->host || where->hosts->len == SMTP_MAX_HOSTS)
			continue;
		g_ptr_array_add(where->hosts, dns_host_new(record->host));
		g_ptr_array_add(where->records, record);
	}
}

static gboolean
add_srv_targets(Where *where, SmtpTlsMode tls)
{
	Session *session = where->session;

	if (!find_hosts(where, where->hosts))
		return FALSE;
	for (guint i = 0; i < where->hosts->len; i++) {
		const DnsHost *host = where->hosts->pdata[i];
		const DnsRecord *record = where->records->pdata[i];
		SmtpTarget *target;

		if (host->result != DNS_FOUND)
			continue;
		target = add_target(session, host->name, record->port, tls);
		target->names = names_for(where, host->name);
		target->addresses = g_array_ref(host->addresses);
	}
	return session->targets->len > 0 ||
	       not_found(session, worst_result(where->hosts), where->domain);
}

/*
 * RFC 8314: TLS from the first byte is preferred. Who allows less than
 * verified TLS means the service that begins in clear.
 */
static gboolean
find_by_srv(Where *where)
{
	Session *session = where->session;
	SmtpTlsMode tls = session->route->tls;
	g_autofree char *first = g_strconcat(SUBMISSIONS, where->domain,
					     NULL);
	g_autofree char *second = g_strconcat(SUBMISSION, where->domain,
					      NULL);
	g_autoptr(GPtrArray) answers = answers_new();
	DnsAnswer *implicit = dns_answer_new(first, DNS_TYPE_SRV);
	DnsAnswer *plain = dns_answer_new(second, DNS_TYPE_SRV);

	g_ptr_array_add(answers, implicit);
	g_ptr_array_add(answers, plain);
	if (!ask(where, answers))
		return FALSE;
	if (tls >= SMTP_TLS_REQUIRED && names_hosts(implicit)) {
		take_srv(where, implicit);
		return add_srv_targets(where, SMTP_TLS_IMPLICIT);
	}
	if (tls != SMTP_TLS_IMPLICIT && names_hosts(plain)) {
		take_srv(where, plain);
		return add_srv_targets(where, tls);
	}
	if (MIN(implicit->result, plain->result) <= DNS_FAILED)
		return not_found(session, MIN(implicit->result,
					      plain->result), where->domain);
	return session_trouble(session, SMTP_SRV_MISSING, where->domain);
}

/* --- all ------------------------------------------------------------------ */

static gboolean
find_by_domain(Where *where, const char *domain)
{
	gboolean direct = where->session->route->direct;

	where->domain = dns_host_name(domain, NULL);
	if (!where->domain)
		return session_trouble(where->session,
				       direct ? SMTP_DOMAIN_BAD
					      : SMTP_NAME_BAD, NULL);
	return direct ? find_by_mx(where) : find_by_srv(where);
}

static gboolean
find_targets(Where *where)
{
	const Session *session = where->session;
	const SmtpRoute *route = session->route;

	if (route->direct)
		return find_by_domain(where, session->job->domain);
	if (route->service)
		return find_by_domain(where, route->service);
	return find_one(where, route->host, route->port);
}

gboolean
smtp_find_targets(Session *session)
{
	const SmtpRoute *route = session->route;
	g_autoptr(GPtrArray) hosts = hosts_new();
	g_autoptr(GPtrArray) records = g_ptr_array_new();
	g_autoptr(GError) error = NULL;
	Where where = { .session = session, .hosts = hosts,
			.records = records };
	gboolean found;

	g_ptr_array_set_size(session->targets, 0);
	where.lookup = dns_lookup_new(
		(const char *const *)route->resolver,
		worker_fd(session->worker), &error);
	if (!where.lookup)
		return session_trouble(session, SMTP_TLS_SETUP,
				       error->message);
	found = find_targets(&where);
	dns_lookup_free(where.lookup);
	g_free(where.domain);
	return found;
}
