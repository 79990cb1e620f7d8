// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Questions to a name server and its answers (RFC 1035), as packets. Pure:
 * knows alone what a packet must look like to be believed an answer, and
 * where a chain of CNAMEs in it leads. dns-query.c carries them.
 */
#ifndef MASQMAIL_WORKER_DNS_PACKET_H
#define MASQMAIL_WORKER_DNS_PACKET_H

#include <netinet/in.h>
#include <sys/socket.h>

#include <glib.h>

#define DNS_MAX_QUESTION 512    /* bytes of a question's packet */
#define DNS_MAX_RECORDS 100     /* of one answer; the rest is not looked at */
#define DNS_MAX_CHAIN 12        /* CNAMEs, one after the other */
#define DNS_UDP_SIZE 1232       /* bytes that fit any path (EDNS) */

/* Numbers of the registry. */
typedef enum {
	DNS_TYPE_A = 1,
	DNS_TYPE_MX = 15,
	DNS_TYPE_AAAA = 28,
	DNS_TYPE_SRV = 33,
	DNS_TYPE_TLSA = 52,
} DnsType;

typedef struct {
	socklen_t size;
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} socket;
	char text[INET6_ADDRSTRLEN]; /* without port */
} DnsAddress;

/* One record; which fields are set depends on the type. */
typedef struct {
	guint16 priority;   /* MX (its preference), SRV: the less the better */
	guint16 weight;     /* SRV */
	guint16 port;       /* SRV */
	char *host;         /* MX, SRV: lower case; "" is the root: none */
	DnsAddress address; /* A, AAAA: with port 0 */
	guint8 usage;       /* TLSA (RFC 6698 2.1) ... */
	guint8 selector;
	guint8 matching;
	GBytes *data;
} DnsRecord;

typedef enum {
	DNS_AWAY,    /* nobody answered */
	DNS_FAILED,  /* an answer that says nothing: SERVFAIL, garbage */
	DNS_NO_NAME, /* NXDOMAIN */
	DNS_NONE,    /* the name is there, but no such record */
	DNS_FOUND,
} DnsResult;

/* A question and what came of it. */
typedef struct {
	char *name;
	DnsType type;
	DnsResult result;
	gboolean secure;    /* validated, and the resolver may say so */
	char *canonical;    /* where CNAMEs lead; NULL before an answer */
	GPtrArray *records; /* of DnsRecord; empty unless DNS_FOUND */
} DnsAnswer;

/* DNS_AWAY, until told otherwise. */
DnsAnswer *dns_answer_new(const char *name, DnsType type);
void dns_answer_free(DnsAnswer *answer);
void dns_record_free(DnsRecord *record);

/*
 * The packet that asks for @answer's name and type, with the AD bit as a
 * wish and EDNS; its size, or 0 when no packet can carry such a name.
 */
gsize dns_packet_ask(guint8 buffer[DNS_MAX_QUESTION], guint16 id,
		     const DnsAnswer *answer);

/* Whether @packet is a reply to just that question. */
gboolean dns_packet_is_reply(const guint8 *packet, gsize size, guint16 id,
			     const DnsAnswer *answer);

/* Of a reply: whether it was cut short and is to be had by TCP. */
gboolean dns_packet_is_cut(const guint8 *packet, gsize size);

/*
 * Take result, canonical, records, and .secure from the AD bit, of a reply.
 * Never DNS_AWAY.
 */
void dns_packet_read(const guint8 *packet, gsize size, DnsAnswer *answer);

/*
 * Whether @name is letters, digits, hyphens and underscores between dots:
 * what may be the name of a host.
 */
gboolean dns_is_plain_name(const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(DnsAnswer, dns_answer_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DnsRecord, dns_record_free)

#endif
