// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker/dns-packet.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <resolv.h>
#include <string.h>

#define MAX_NAME 253
#define HEADER_SIZE 12
#define FLAG_RECURSE 0x01 /* of the third byte */
#define FLAG_CUT 0x02
#define FLAG_REPLY 0x80
#define FLAG_VALIDATED 0x20 /* AD, of the fourth byte */
#define RCODE 0x0f
#define OPTION_SIZE 11

DnsAnswer *
dns_answer_new(const char *name, DnsType type)
{
	DnsAnswer *answer = g_new0(DnsAnswer, 1);

	answer->name = g_strdup(name);
	answer->type = type;
	answer->records = g_ptr_array_new_with_free_func(
		(GDestroyNotify)dns_record_free);
	return answer;
}

void
dns_answer_free(DnsAnswer *answer)
{
	if (!answer)
		return;
	g_free(answer->name);
	g_free(answer->canonical);
	g_ptr_array_unref(answer->records);
	g_free(answer);
}

void
dns_record_free(DnsRecord *record)
{
	if (!record)
		return;
	g_free(record->host);
	g_clear_pointer(&record->data, g_bytes_unref);
	g_free(record);
}

gboolean
dns_is_plain_name(const char *name)
{
	gsize length = strlen(name), label = 0;

	if (length == 0 || length > MAX_NAME)
		return FALSE;
	for (; *name; name++) {
		if (*name == '.' ? label == 0
				 : !g_ascii_isalnum(*name) &&
					   !strchr("-_", *name))
			return FALSE;
		label = *name == '.' ? 0 : label + 1;
	}
	return label > 0;
}

static void
put16(guint8 *at, guint16 value)
{
	at[0] = value >> 8;
	at[1] = value & 0xff;
}

static guint16
get16(const guint8 *at)
{
	return at[0] << 8 | at[1];
}

gsize
dns_packet_ask(guint8 buffer[DNS_MAX_QUESTION], guint16 id,
	       const DnsAnswer *answer)
{
	guint8 *at = buffer + HEADER_SIZE;
	int length = ns_name_pton(answer->name, at, NS_MAXCDNAME);

	if (length < 0)
		return 0;
	memset(buffer, 0, HEADER_SIZE);
	put16(buffer, id);
	buffer[2] = FLAG_RECURSE;
	buffer[3] = FLAG_VALIDATED;
	put16(buffer + 4, 1);
	put16(buffer + 10, 1);
	while (*at)
		at += *at + 1;
	at++;
	put16(at, answer->type);
	put16(at + 2, ns_c_in);
	at += 4;
	/* EDNS (RFC 6891): the root as a name, OPT, the size we take. */
	memset(at, 0, OPTION_SIZE);
	put16(at + 1, ns_t_opt);
	put16(at + 3, DNS_UDP_SIZE);
	return at + OPTION_SIZE - buffer;
}

gboolean
dns_packet_is_reply(const guint8 *packet, gsize size, guint16 id,
		    const DnsAnswer *answer)
{
	ns_msg message;
	ns_rr question;

	if (size < HEADER_SIZE || size > G_MAXUINT16 || get16(packet) != id ||
	    !(packet[2] & FLAG_REPLY))
		return FALSE;
	return ns_initparse(packet, size, &message) == 0 &&
	       ns_msg_count(message, ns_s_qd) == 1 &&
	       ns_parserr(&message, ns_s_qd, 0, &question) == 0 &&
	       (guint)ns_rr_type(question) == answer->type &&
	       ns_rr_class(question) == ns_c_in &&
	       g_ascii_strcasecmp(ns_rr_name(question), answer->name) == 0;
}

gboolean
dns_packet_is_cut(const guint8 *packet, gsize size)
{
	return size >= HEADER_SIZE && packet[2] & FLAG_CUT;
}

/* A name in a record's data, lower case; "" is the root. (nullable) */
static char *
read_name(const ns_msg *message, const guint8 *at, const guint8 *end)
{
	char name[NS_MAXDNAME];

	if (at >= end || dn_expand(ns_msg_base(*message), ns_msg_end(*message),
				   at, name, sizeof(name)) < 0)
		return NULL;
	return g_ascii_strdown(name, -1);
}

/* The name of a host that may be connected to, or the root. */
static gboolean
take_host(DnsRecord *record, const ns_msg *message, const guint8 *at,
	  const guint8 *end)
{
	record->host = read_name(message, at, end);
	return record->host &&
	       (!*record->host || dns_is_plain_name(record->host));
}

static gboolean
take_address(DnsRecord *record, const guint8 *data, gsize size, int family)
{
	DnsAddress *address = &record->address;

	if (size != (family == AF_INET ? 4 : 16))
		return FALSE;
	address->socket.any.sa_family = family;
	if (family == AF_INET) {
		address->size = sizeof(address->socket.in);
		memcpy(&address->socket.in.sin_addr, data, size);
	} else {
		address->size = sizeof(address->socket.in6);
		memcpy(&address->socket.in6.sin6_addr, data, size);
	}
	inet_ntop(family, data, address->text, sizeof(address->text));
	return TRUE;
}

static gboolean
take_tlsa(DnsRecord *record, const guint8 *data, gsize size)
{
	if (size < 4)
		return FALSE;
	record->usage = data[0];
	record->selector = data[1];
	record->matching = data[2];
	record->data = g_bytes_new(data + 3, size - 3);
	return TRUE;
}

/* FALSE: no such record can be of use. */
static gboolean
take_record(DnsRecord *record, DnsType type, const ns_msg *message,
	    const ns_rr *from)
{
	const guint8 *data = ns_rr_rdata(*from);
	gsize size = ns_rr_rdlen(*from);

	switch (type) {
	case DNS_TYPE_A:
		return take_address(record, data, size, AF_INET);
	case DNS_TYPE_AAAA:
		return take_address(record, data, size, AF_INET6);
	case DNS_TYPE_MX:
		if (size < 3)
			return FALSE;
		record->priority = get16(data);
		return take_host(record, message, data + 2, data + size);
	case DNS_TYPE_SRV:
		if (size < 7)
			return FALSE;
		record->priority = get16(data);
		record->weight = get16(data + 2);
		record->port = get16(data + 4);
		return take_host(record, message, data + 6, data + size);
	case DNS_TYPE_TLSA:
		return take_tlsa(record, data, size);
	}
	return FALSE;
}

/* The records of the answer section, those of a foreign class left out. */
static GArray *
read_section(ns_msg *message)
{
	GArray *section = g_array_new(FALSE, FALSE, sizeof(ns_rr));
	guint count = MIN(ns_msg_count(*message, ns_s_an),
			  DNS_MAX_RECORDS + DNS_MAX_CHAIN);

	for (guint i = 0; i < count; i++) {
		ns_rr record;

		if (ns_parserr(message, ns_s_an, i, &record) < 0) {
			g_array_unref(section);
			return NULL;
		}
		if (ns_rr_class(record) == ns_c_in)
			g_array_append_val(section, record);
	}
	return section;
}

/* (nullable) (transfer full). What @name is a CNAME for. */
static char *
find_alias(const ns_msg *message, GArray *section, const char *name)
{
	for (guint i = 0; i < section->len; i++) {
		const ns_rr *record = &g_array_index(section, ns_rr, i);
		const guint8 *data = ns_rr_rdata(*record);

		if (ns_rr_type(*record) == ns_t_cname &&
		    g_ascii_strcasecmp(ns_rr_name(*record), name) == 0)
			return read_name(message, data,
					 data + ns_rr_rdlen(*record));
	}
	return NULL;
}

/* To the end of the chain of CNAMEs; FALSE: it has none. */
static gboolean
follow_aliases(const ns_msg *message, GArray *section, DnsAnswer *answer)
{
	g_free(answer->canonical);
	answer->canonical = g_ascii_strdown(answer->name, -1);
	for (guint i = 0; i <= DNS_MAX_CHAIN; i++) {
		char *next = find_alias(message, section, answer->canonical);

		if (!next)
			return TRUE;
		g_free(answer->canonical);
		answer->canonical = next;
	}
	return FALSE;
}

/* How many there were, of use or not. */
static guint
take_records(const ns_msg *message, GArray *section, DnsAnswer *answer)
{
	guint seen = 0;

	for (guint i = 0; i < section->len; i++) {
		const ns_rr *from = &g_array_index(section, ns_rr, i);
		g_autoptr(DnsRecord) record = NULL;

		if ((guint)ns_rr_type(*from) != answer->type ||
		    g_ascii_strcasecmp(ns_rr_name(*from), answer->canonical))
			continue;
		seen++;
		record = g_new0(DnsRecord, 1);
		if (take_record(record, answer->type, message, from) &&
		    answer->records->len < DNS_MAX_RECORDS)
			g_ptr_array_add(answer->records,
					g_steal_pointer(&record));
	}
	return seen;
}

static DnsResult
read_message(ns_msg *message, guint code, DnsAnswer *answer)
{
	g_autoptr(GArray) section = NULL;
	guint seen;

	if (code != ns_r_noerror && code != ns_r_nxdomain)
		return DNS_FAILED;
	section = read_section(message);
	if (!section || !follow_aliases(message, section, answer))
		return DNS_FAILED;
	if (code == ns_r_nxdomain)
		return DNS_NO_NAME;
	seen = take_records(message, section, answer);
	if (answer->records->len > 0)
		return DNS_FOUND;
	return seen > 0 ? DNS_FAILED : DNS_NONE;
}

void
dns_packet_read(const guint8 *packet, gsize size, DnsAnswer *answer)
{
	ns_msg message;

	g_ptr_array_set_size(answer->records, 0);
	answer->secure = FALSE;
	answer->result = DNS_FAILED;
	if (size < HEADER_SIZE || size > G_MAXUINT16 ||
	    ns_initparse(packet, size, &message) < 0)
		return;
	answer->result = read_message(&message, packet[3] & RCODE, answer);
	answer->secure = packet[3] & FLAG_VALIDATED &&
			 answer->result != DNS_FAILED;
}
