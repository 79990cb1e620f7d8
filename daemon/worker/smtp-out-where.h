// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where to connect, in its parts: smtp-out-where.c (a name, and what all
 * share), smtp-out-mx.c, smtp-out-srv.c. For these files only.
 *
 * Whom the DNS is believed: everybody, for where to knock; nobody, for who
 * opens. So what it says is never an authority for the name in a
 * certificate, unless it was validated (DNSSEC) and the resolver that says
 * so is on this machine. Nor does mail come back for its word alone at a
 * place that is not trusted.
 */
#ifndef MASQMAIL_WORKER_SMTP_OUT_WHERE_H
#define MASQMAIL_WORKER_SMTP_OUT_WHERE_H

#include "daemon/worker/smtp-out.h"

/* What is found on the way. */
typedef struct {
	Session *session;
	DnsLookup *lookup;
	char *domain;     /* whose MX or SRV */
	gboolean secure;  /* they were validated */
	GPtrArray *hosts; /* of DnsHost, the best first */
	GPtrArray *records; /* of DnsRecord, one for each host */
} Where;

/* Add a host to Session.targets; what it must prove is still to be set. */
SmtpTarget *where_add_target(const Where *where, const char *host,
			     guint16 port, SmtpTlsMode tls);

/* The same for a host that the DNS named: it has proofs of its own. */
void where_add_named(const Where *where, const DnsHost *host, guint16 port,
		     SmtpTlsMode tls);

/*
 * Take hosts and records over from @records (of DnsRecord, in order), as
 * many as are tried.
 */
void where_take_records(Where *where, GPtrArray *records);

/* Find their addresses; FALSE: stopped. */
gboolean where_find_hosts(const Where *where);

/* Put questions (of DnsAnswer) to the name servers; FALSE: stopped. */
gboolean where_ask(const Where *where, GPtrArray *answers);

/* (transfer full). Of DnsAnswer. */
GPtrArray *where_answers_new(void);

/* Where no host has an address: what is known least decides. */
DnsResult where_worst(const Where *where);

/* The trouble of a look-up of @name that found nothing. Returns FALSE. */
gboolean where_not_found(const Where *where, DnsResult result,
			 const char *name);

/* Whether the only record names the root: there is no host. */
gboolean where_is_null(const DnsAnswer *answer);

/* Fill Session.targets by the records of Where.domain. */
gboolean where_find_mx(Where *where);
gboolean where_find_srv(Where *where);

#endif
