// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Replies of a name server, of any bytes. The first one says what was asked.
 */
#include <glib.h>

#include "daemon/worker/dns-packet.h"
#include "tests/fuzz/fuzz.h"

static void
check_record(const DnsRecord *record, DnsType type)
{
	if (type == DNS_TYPE_MX || type == DNS_TYPE_SRV)
		g_assert_true(!*record->host ||
			      dns_is_plain_name(record->host));
	if (type == DNS_TYPE_A || type == DNS_TYPE_AAAA)
		g_assert_cmpuint(record->address.size, >, 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const DnsType types[] = { DNS_TYPE_A, DNS_TYPE_AAAA,
					 DNS_TYPE_MX, DNS_TYPE_SRV,
					 DNS_TYPE_TLSA };
	g_autoptr(DnsAnswer) answer = NULL;
	g_autofree guint8 *packet = NULL;

	if (size < 1)
		return 0;
	/* A copy of just that size: reading beyond it is noticed. */
	packet = g_memdup2(data + 1, size - 1);
	answer = dns_answer_new("a.example",
				types[data[0] % G_N_ELEMENTS(types)]);
	dns_packet_is_reply(packet, size - 1, 0x1234, answer);
	dns_packet_is_cut(packet, size - 1);
	dns_packet_read(packet, size - 1, answer);
	g_assert_true((answer->result == DNS_FOUND) ==
		      (answer->records->len > 0));
	g_assert_cmpuint(answer->records->len, <=, DNS_MAX_RECORDS);
	for (guint i = 0; i < answer->records->len; i++)
		check_record(answer->records->pdata[i], answer->type);
	return 0;
}

#define SEED(text) { text, sizeof(text) - 1 }

/* An alias and where it leads, MX with the root among them, SRV, TLSA. */
static const struct {
	const char *bytes;
	gsize size;
} seeds[] = {
	SEED("\000\022\064\201\240\000\001\000\002\000\000\000\000\001a"
	     "\007example\000\000\001\000\001\300\014\000\005\000\001"
	     "\000\000\000\074\000\013\001b\007example\000\001b\007examp"
	     "le\000\000\001\000\001\000\000\000\074\000\004\300\000\002"
	     "\001"),
	SEED("\002\022\064\201\240\000\001\000\002\000\000\000\000\001a"
	     "\007example\000\000\017\000\001\300\014\000\017\000\001"
	     "\000\000\000\074\000\007\000\012\002mx\300\014\300\014\000"
	     "\017\000\001\000\000\000\074\000\003\000\024\000"),
	SEED("\003\022\064\201\240\000\001\000\001\000\000\000\000\001a"
	     "\007example\000\000\041\000\001\300\014\000\041\000\001"
	     "\000\000\000\074\000\021\000\001\000\002\001\321\001b\007e"
	     "xample\000"),
	SEED("\004\022\064\201\240\000\001\000\001\000\000\000\000\001a"
	     "\007example\000\000\064\000\001\300\014\000\064\000\001"
	     "\000\000\000\074\000\043\003\001\001\000\001\002\003\004"
	     "\005\006\007\010\011\012\013\014\015\016\017\020\021\022"
	     "\023\024\025\026\027\030\031\032\033\034\035\036\037"),
};

GBytes *
fuzz_seed(guint number)
{
	if (number >= G_N_ELEMENTS(seeds))
		return NULL;
	return g_bytes_new(seeds[number].bytes, seeds[number].size);
}
