// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The servers that a domain names for handing in mail: RFC 6186, RFC 8314.
 */
#include "daemon/worker/dns-order.h"
#include "daemon/worker/smtp-out-where.h"

#define SUBMISSIONS "_submissions._tcp."
#define SUBMISSION "_submission._tcp."

/* Whether there are records that name hosts; "." says that there are none. */
static gboolean
names_hosts(const DnsAnswer *answer)
{
	return answer->result == DNS_FOUND && !where_is_null(answer);
}

static void
take_srv(Where *where, const DnsAnswer *answer)
{
	g_autoptr(GRand) random = g_rand_new();

	where->secure = answer->secure;
	dns_order_srv(answer->records, random);
	where_take_records(where, answer->records);
}

static gboolean
add_targets(Where *where, SmtpTlsMode tls)
{
	Session *session = where->session;

	if (!where_find_hosts(where))
		return FALSE;
	for (guint i = 0; i < where->hosts->len; i++) {
		const DnsRecord *record = where->records->pdata[i];

		where_add_named(where, where->hosts->pdata[i], record->port,
				tls);
	}
	return session->targets->len > 0 ||
	       where_not_found(where, where_worst(where), where->domain);
}

/*
 * RFC 8314: TLS from the first byte is preferred. Who allows less than
 * verified TLS means the service that begins in clear.
 */
gboolean
where_find_srv(Where *where)
{
	Session *session = where->session;
	SmtpTlsMode tls = session->route->tls;
	g_autofree char *first = g_strconcat(SUBMISSIONS, where->domain,
					     NULL);
	g_autofree char *second = g_strconcat(SUBMISSION, where->domain,
					      NULL);
	g_autoptr(GPtrArray) answers = where_answers_new();
	DnsAnswer *implicit = dns_answer_new(first, DNS_TYPE_SRV);
	DnsAnswer *plain = dns_answer_new(second, DNS_TYPE_SRV);

	g_ptr_array_add(answers, implicit);
	g_ptr_array_add(answers, plain);
	if (!where_ask(where, answers))
		return FALSE;
	if (tls >= SMTP_TLS_REQUIRED && names_hosts(implicit)) {
		take_srv(where, implicit);
		return add_targets(where, SMTP_TLS_IMPLICIT);
	}
	if (tls != SMTP_TLS_IMPLICIT && names_hosts(plain)) {
		take_srv(where, plain);
		return add_targets(where, tls);
	}
	if (MIN(implicit->result, plain->result) <= DNS_FAILED)
		return where_not_found(where, MIN(implicit->result,
						  plain->result),
				       where->domain);
	return session_trouble(session, SMTP_SRV_MISSING, where->domain);
}
