// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * DANE (RFC 7672): which hosts of a domain must prove themselves by their
 * TLSA records. They count only when all that led to them was validated,
 * from the MX on, and then mail goes to that host over TLS or not at all.
 */
#include "daemon/worker/smtp-out.h"

#define USAGE_DANE_TA 2
#define USAGE_DANE_EE 3

/* A question for a target; two if its host is a CNAME. */
typedef struct {
	SmtpTarget *target;
	DnsAnswer *answer;
	char *base;
} Question;

static void
question_free(gpointer data)
{
	Question *question = data;

	g_free(question->base);
	g_free(question);
}

static void
add_question(GPtrArray *questions, GPtrArray *answers, SmtpTarget *target,
	     const char *base)
{
	g_autofree char *name =
		g_strdup_printf("_%u._tcp.%s", target->port, base);
	Question *question = g_new0(Question, 1);

	question->target = target;
	question->base = g_strdup(base);
	question->answer = dns_answer_new(name, DNS_TYPE_TLSA);
	g_ptr_array_add(answers, question->answer);
	g_ptr_array_add(questions, question);
}

static const DnsHost *
find_host(GPtrArray *hosts, const char *name)
{
	for (guint i = 0; i < hosts->len; i++) {
		const DnsHost *host = hosts->pdata[i];

		if (g_str_equal(host->name, name))
			return host;
	}
	return NULL;
}

/* Where a CNAME leads is asked for first (RFC 7672 2.2.2). */
static void
add_questions(Session *session, GPtrArray *hosts, GPtrArray *questions,
	      GPtrArray *answers)
{
	for (guint i = 0; i < session->targets->len; i++) {
		SmtpTarget *target = session->targets->pdata[i];
		const DnsHost *host = find_host(hosts, target->host);

		if (!host || !host->secure)
			continue;
		if (!g_str_equal(host->canonical, host->name))
			add_question(questions, answers, target,
				     host->canonical);
		add_question(questions, answers, target, host->name);
	}
}

/*
 * The certificate is for the TLSA base domain or the mail domain. Records of
 * the other usages are not for SMTP (RFC 7672 3.1.3).
 */
static void
take_records(SmtpTarget *target, const Question *question)
{
	GPtrArray *records = question->answer->records;

	target->tls = SMTP_TLS_REQUIRED;
	target->tlsa = g_ptr_array_new_with_free_func(
		(GDestroyNotify)dns_record_free);
	target->tlsa_base = g_strdup(question->base);
	for (guint i = records->len; i-- > 0;) {
		const DnsRecord *record = records->pdata[i];

		if (record->usage == USAGE_DANE_TA ||
		    record->usage == USAGE_DANE_EE)
			g_ptr_array_add(target->tlsa,
					g_ptr_array_steal_index(records, i));
	}
}

/*
 * An answer that could not be had or did not stand the validation may hide
 * records: such a host is left alone.
 */
static void
take_answer(const Question *question)
{
	SmtpTarget *target = question->target;

	if (target->tlsa || target->tlsa_missing)
		return;
	switch (question->answer->result) {
	case DNS_AWAY:
	case DNS_FAILED:
		target->tlsa_missing = TRUE;
		break;
	case DNS_FOUND:
		if (question->answer->secure)
			take_records(target, question);
		break;
	case DNS_NO_NAME:
	case DNS_NONE:
		break;
	}
}

gboolean
smtp_find_tlsa(Session *session, const DnsLookup *lookup, GPtrArray *hosts,
	       gboolean secure)
{
	g_autoptr(GPtrArray) questions =
		g_ptr_array_new_with_free_func(question_free);
	g_autoptr(GPtrArray) answers = g_ptr_array_new_with_free_func(
		(GDestroyNotify)dns_answer_free);

	if (!secure || !lookup->servers->local ||
	    session->route->tls == SMTP_TLS_NEVER)
		return TRUE;
	add_questions(session, hosts, questions, answers);
	if (!dns_ask(lookup->servers, answers, lookup->watched)) {
		session->stopped = TRUE;
		return FALSE;
	}
	for (guint i = 0; i < questions->len; i++)
		take_answer(questions->pdata[i]);
	return TRUE;
}
