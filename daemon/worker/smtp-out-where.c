// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where to connect: the hosts for a job, in the order they are tried, and
 * what each must prove. A name is one host; MX and SRV are several.
 */
#include "daemon/worker/smtp-out-where.h"

#include <string.h>

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

SmtpTarget *
where_add_target(const Where *where, const char *host, guint16 port,
		 SmtpTlsMode tls)
{
	SmtpTarget *target = g_new0(SmtpTarget, 1);

	target->host = g_strdup(host);
	target->port = port;
	target->tls = tls;
	g_ptr_array_add(where->session->targets, target);
	return target;
}

/* The names that @host may prove in place of its own. */
static char **
names_for(const Where *where, const char *host)
{
	g_autofree char *inside = g_strconcat(".", where->domain, NULL);
	gboolean own = where->secure || g_str_has_suffix(host, inside);
	char *names[] = { where->domain, own ? (char *)host : NULL, NULL };

	return g_strdupv(names);
}

void
where_add_named(const Where *where, const DnsHost *host, guint16 port,
		SmtpTlsMode tls)
{
	SmtpTarget *target;

	if (host->result != DNS_FOUND)
		return;
	target = where_add_target(where, host->name, port, tls);
	target->names = names_for(where, host->name);
	target->addresses = g_array_ref(host->addresses);
}

static void
add_host(Where *where, DnsRecord *record)
{
	DnsHost *host = dns_host_new(record->host);

	host->foreign = TRUE;
	g_ptr_array_add(where->hosts, host);
	g_ptr_array_add(where->records, record);
}

void
where_take_records(Where *where, GPtrArray *records)
{
	for (guint i = 0; i < records->len; i++) {
		DnsRecord *record = records->pdata[i];

		/* The root among others means nothing. */
		if (*record->host && where->hosts->len < SMTP_MAX_HOSTS)
			add_host(where, record);
	}
}

gboolean
where_is_null(const DnsAnswer *answer)
{
	const DnsRecord *first = answer->records->pdata[0];

	return answer->records->len == 1 && !*first->host;
}

DnsResult
where_worst(const Where *where)
{
	DnsResult worst = DNS_FOUND;

	for (guint i = 0; i < where->hosts->len; i++)
		worst = MIN(worst,
			    ((DnsHost *)where->hosts->pdata[i])->result);
	return worst;
}

/* --- what the DNS does not tell ------------------------------------------- */

gboolean
where_not_found(const Where *where, DnsResult result, const char *name)
{
	Session *session = where->session;
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

gboolean
where_find_hosts(const Where *where)
{
	if (dns_find_hosts(where->lookup, where->hosts))
		return TRUE;
	where->session->stopped = TRUE;
	return FALSE;
}

gboolean
where_ask(const Where *where, GPtrArray *answers)
{
	if (dns_ask(where->lookup->servers, answers, where->lookup->watched))
		return TRUE;
	where->session->stopped = TRUE;
	return FALSE;
}

GPtrArray *
where_answers_new(void)
{
	return g_ptr_array_new_with_free_func(
		(GDestroyNotify)dns_answer_free);
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
	if (!where_find_hosts(where))
		return FALSE;
	if (found->result != DNS_FOUND)
		return where_not_found(where, found->result, knock);
	where_add_target(where, host, port, route->tls)->addresses =
		g_array_ref(found->addresses);
	return TRUE;
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
	return direct ? where_find_mx(where) : where_find_srv(where);
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
	g_autoptr(GPtrArray) hosts = g_ptr_array_new_with_free_func(
		(GDestroyNotify)dns_host_free);
	g_autoptr(GPtrArray) records = g_ptr_array_new();
	g_autoptr(GError) error = NULL;
	Where where = { .session = session, .hosts = hosts,
			.records = records };
	gboolean found;

	session->target = NULL;
	g_ptr_array_set_size(session->targets, 0);
	if (smtp_is_near(route))
		return smtp_find_near(session);
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
