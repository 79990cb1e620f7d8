// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker/dns-packet.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define ID 0x1234
#define HEADER 12
#define AD 0x0020
#define SERVFAIL 2
#define NXDOMAIN 3
#define CNAME 5

/* A reply that is made piece by piece. */
typedef struct {
	GByteArray *bytes;
	guint answers;
} Reply;

static void
put16(Reply *reply, guint value)
{
	const guint8 bytes[] = { value >> 8, value & 0xff };

	g_byte_array_append(reply->bytes, bytes, sizeof(bytes));
}

static void
put_name(Reply *reply, const char *name)
{
	g_auto(GStrv) labels = g_strsplit(name, ".", -1);

	for (char **label = labels; *label; label++) {
		guint8 length = strlen(*label);

		if (length == 0)
			continue;
		g_byte_array_append(reply->bytes, &length, 1);
		g_byte_array_append(reply->bytes, (guint8 *)*label, length);
	}
	g_byte_array_append(reply->bytes, (guint8 *)"", 1);
}

static Reply
reply_to(const char *name, guint type, guint flags)
{
	Reply reply = { g_byte_array_new(), 0 };

	put16(&reply, ID);
	put16(&reply, 0x8180 | flags);
	put16(&reply, 1);
	put16(&reply, 0);
	put16(&reply, 0);
	put16(&reply, 0);
	put_name(&reply, name);
	put16(&reply, type);
	put16(&reply, 1);
	return reply;
}

static void
add(Reply *reply, const char *owner, guint type, const GByteArray *data)
{
	put_name(reply, owner);
	put16(reply, type);
	put16(reply, 1);
	put16(reply, 0);
	put16(reply, 60);
	put16(reply, data->len);
	g_byte_array_append(reply->bytes, data->data, data->len);
	reply->answers++;
	reply->bytes->data[6] = reply->answers >> 8;
	reply->bytes->data[7] = reply->answers & 0xff;
}

/* Data of @numbers 16-bit numbers, and a name if there is one. */
static void
add_record(Reply *reply, const char *owner, guint type, const guint *numbers,
	   guint count, const char *name)
{
	Reply data = { g_byte_array_new(), 0 };

	for (guint i = 0; i < count; i++)
		put16(&data, numbers[i]);
	if (name)
		put_name(&data, name);
	add(reply, owner, type, data.bytes);
	g_byte_array_unref(data.bytes);
}

static void
add_address(Reply *reply, const char *owner)
{
	add_record(reply, owner, DNS_TYPE_A, (guint[]){ 0xc000, 0x0201 }, 2,
		   NULL);
}

static void
add_mx(Reply *reply, const char *owner, guint preference, const char *host)
{
	add_record(reply, owner, DNS_TYPE_MX, &preference, 1, host);
}

static DnsAnswer *
read_reply(Reply *reply, const char *name, DnsType type)
{
	DnsAnswer *answer = dns_answer_new(name, type);

	ck_assert(dns_packet_is_reply(reply->bytes->data, reply->bytes->len,
				      ID, answer));
	dns_packet_read(reply->bytes->data, reply->bytes->len, answer);
	g_byte_array_unref(reply->bytes);
	return answer;
}

static const DnsRecord *
record_of(const DnsAnswer *answer, guint number)
{
	return answer->records->pdata[number];
}

START_TEST(a_question_is_its_own_reply_but_for_a_bit)
{
	g_autoptr(DnsAnswer) answer = dns_answer_new("mx.example", DNS_TYPE_MX);
	guint8 packet[DNS_MAX_QUESTION];
	gsize size = dns_packet_ask(packet, ID, answer);

	ck_assert_uint_gt(size, HEADER);
	ck_assert(!dns_packet_is_reply(packet, size, ID, answer));
	packet[2] |= 0x80;
	ck_assert(dns_packet_is_reply(packet, size, ID, answer));
	ck_assert(!dns_packet_is_cut(packet, size));
	packet[2] |= 0x02;
	ck_assert(dns_packet_is_cut(packet, size));
	for (gsize less = 0; less < size; less++)
		ck_assert(less >= HEADER ||
			  !dns_packet_is_reply(packet, less, ID, answer));
}
END_TEST

static const struct {
	const char *name;
	gboolean good;
} name_rows[] = {
	{ "mx.example", TRUE },
	{ "_25._tcp.mx.example", TRUE },
	{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	  ".example", FALSE },
	{ "a..example", FALSE },
};

START_TEST(what_is_no_name_is_not_asked)
{
	g_autoptr(DnsAnswer) answer =
		dns_answer_new(name_rows[_i].name, DNS_TYPE_A);
	guint8 packet[DNS_MAX_QUESTION];

	ck_assert_int_eq(dns_packet_ask(packet, ID, answer) > 0,
			 name_rows[_i].good);
}
END_TEST

/* Who did not see the question cannot answer it. */
START_TEST(only_the_question_asked_is_answered)
{
	g_autoptr(DnsAnswer) asked = dns_answer_new("a.example", DNS_TYPE_A);
	Reply other = reply_to("b.example", DNS_TYPE_A, 0);
	Reply type = reply_to("a.example", DNS_TYPE_MX, 0);
	Reply id = reply_to("A.Example", DNS_TYPE_A, 0);
	Reply none = reply_to("a.example", DNS_TYPE_A, 0);

	ck_assert(!dns_packet_is_reply(other.bytes->data, other.bytes->len,
				       ID, asked));
	ck_assert(!dns_packet_is_reply(type.bytes->data, type.bytes->len, ID,
				       asked));
	ck_assert(!dns_packet_is_reply(id.bytes->data, id.bytes->len, ID + 1,
				       asked));
	ck_assert(dns_packet_is_reply(id.bytes->data, id.bytes->len, ID,
				      asked));
	none.bytes->data[5] = 0;
	ck_assert(!dns_packet_is_reply(none.bytes->data, none.bytes->len, ID,
				       asked));
	g_byte_array_unref(other.bytes);
	g_byte_array_unref(type.bytes);
	g_byte_array_unref(id.bytes);
	g_byte_array_unref(none.bytes);
}
END_TEST

static const struct {
	guint flags;
	DnsResult result;
	gboolean secure;
} code_rows[] = {
	{ 0, DNS_NONE, FALSE },
	{ AD, DNS_NONE, TRUE },
	{ NXDOMAIN, DNS_NO_NAME, FALSE },
	{ AD | NXDOMAIN, DNS_NO_NAME, TRUE },
	{ SERVFAIL, DNS_FAILED, FALSE },
	{ AD | SERVFAIL, DNS_FAILED, FALSE },
	{ 5, DNS_FAILED, FALSE },
};

START_TEST(an_empty_reply_says_why)
{
	Reply reply = reply_to("a.example", DNS_TYPE_MX, code_rows[_i].flags);
	g_autoptr(DnsAnswer) answer =
		read_reply(&reply, "a.example", DNS_TYPE_MX);

	ck_assert_int_eq(answer->result, code_rows[_i].result);
	ck_assert_int_eq(answer->secure, code_rows[_i].secure);
	ck_assert_uint_eq(answer->records->len, 0);
}
END_TEST

START_TEST(aliases_are_followed_in_any_order)
{
	Reply reply = reply_to("a.example", DNS_TYPE_A, AD);
	g_autoptr(DnsAnswer) answer = NULL;

	add_address(&reply, "c.example");
	add_record(&reply, "B.example", CNAME, NULL, 0, "c.example");
	add_address(&reply, "stranger.example");
	add_record(&reply, "a.example", CNAME, NULL, 0, "b.example");
	answer = read_reply(&reply, "a.example", DNS_TYPE_A);
	ck_assert_int_eq(answer->result, DNS_FOUND);
	ck_assert(answer->secure);
	ck_assert_str_eq(answer->canonical, "c.example");
	ck_assert_uint_eq(answer->records->len, 1);
	ck_assert_str_eq(record_of(answer, 0)->address.text, "192.0.2.1");
}
END_TEST

static const struct {
	guint links;
	gboolean round; /* the last leads to the first */
	DnsResult result;
} chain_rows[] = {
	{ 1, FALSE, DNS_FOUND },
	{ DNS_MAX_CHAIN, FALSE, DNS_FOUND },
	{ DNS_MAX_CHAIN + 1, FALSE, DNS_FAILED },
	{ 1, TRUE, DNS_FAILED },
	{ 3, TRUE, DNS_FAILED },
};

START_TEST(a_chain_of_aliases_has_an_end)
{
	guint links = chain_rows[_i].links;
	Reply reply = reply_to("n0.example", DNS_TYPE_A, 0);
	g_autoptr(DnsAnswer) answer = NULL;
	g_autofree char *end = g_strdup_printf("n%u.example", links);

	for (guint i = 0; i < links; i++) {
		gboolean back = chain_rows[_i].round && i + 1 == links;
		g_autofree char *from = g_strdup_printf("n%u.example", i);
		g_autofree char *to =
			g_strdup_printf("n%u.example", back ? 0 : i + 1);

		add_record(&reply, from, CNAME, NULL, 0, to);
	}
	add_address(&reply, end);
	answer = read_reply(&reply, "n0.example", DNS_TYPE_A);
	ck_assert_int_eq(answer->result, chain_rows[_i].result);
}
END_TEST

START_TEST(mx_and_srv_name_hosts)
{
	Reply mx = reply_to("a.example", DNS_TYPE_MX, 0);
	Reply srv = reply_to("_s._tcp.a.example", DNS_TYPE_SRV, 0);
	g_autoptr(DnsAnswer) answer = NULL;
	g_autoptr(DnsAnswer) service = NULL;

	add_mx(&mx, "a.example", 20, "MX2.a.example");
	add_mx(&mx, "a.example", 10, "");
	add_mx(&mx, "a.example", 10, "not a host.example");
	answer = read_reply(&mx, "a.example", DNS_TYPE_MX);
	ck_assert_int_eq(answer->result, DNS_FOUND);
	ck_assert_uint_eq(answer->records->len, 2);
	ck_assert_uint_eq(record_of(answer, 0)->priority, 20);
	ck_assert_str_eq(record_of(answer, 0)->host, "mx2.a.example");
	ck_assert_str_eq(record_of(answer, 1)->host, "");
	add_record(&srv, "_s._tcp.a.example", DNS_TYPE_SRV,
		   (guint[]){ 1, 2, 465 }, 3, "smtp.a.example");
	service = read_reply(&srv, "_s._tcp.a.example", DNS_TYPE_SRV);
	ck_assert_uint_eq(record_of(service, 0)->priority, 1);
	ck_assert_uint_eq(record_of(service, 0)->weight, 2);
	ck_assert_uint_eq(record_of(service, 0)->port, 465);
	ck_assert_str_eq(record_of(service, 0)->host, "smtp.a.example");
}
END_TEST

/* Else the domain itself would be taken for its own mail server. */
START_TEST(records_of_no_use_are_not_none)
{
	Reply reply = reply_to("a.example", DNS_TYPE_MX, AD);
	g_autoptr(DnsAnswer) answer = NULL;

	add_mx(&reply, "a.example", 10, "not a host.example");
	add_record(&reply, "a.example", DNS_TYPE_MX, (guint[]){ 1 }, 1, NULL);
	answer = read_reply(&reply, "a.example", DNS_TYPE_MX);
	ck_assert_int_eq(answer->result, DNS_FAILED);
	ck_assert(!answer->secure);
}
END_TEST

START_TEST(tlsa_is_read)
{
	Reply reply = reply_to("_25._tcp.mx", DNS_TYPE_TLSA, AD);
	g_autoptr(DnsAnswer) answer = NULL;

	add_record(&reply, "_25._tcp.mx", DNS_TYPE_TLSA,
		   (guint[]){ 0x0301, 0x01ab }, 2, NULL);
	add_record(&reply, "_25._tcp.mx", DNS_TYPE_TLSA, (guint[]){ 0x0301 },
		   1, NULL);
	answer = read_reply(&reply, "_25._tcp.mx", DNS_TYPE_TLSA);
	ck_assert_uint_eq(answer->records->len, 1);
	ck_assert_uint_eq(record_of(answer, 0)->usage, 3);
	ck_assert_uint_eq(record_of(answer, 0)->selector, 1);
	ck_assert_uint_eq(record_of(answer, 0)->matching, 1);
	ck_assert_uint_eq(g_bytes_get_size(record_of(answer, 0)->data), 1);
}
END_TEST

START_TEST(an_address_has_its_size)
{
	Reply reply = reply_to("a.example", DNS_TYPE_AAAA, 0);
	g_autoptr(DnsAnswer) answer = NULL;

	add_record(&reply, "a.example", DNS_TYPE_AAAA,
		   (guint[]){ 0xc000, 0x0201 }, 2, NULL);
	add_record(&reply, "a.example", DNS_TYPE_AAAA,
		   (guint[]){ 0x2001, 0xdb8, 0, 0, 0, 0, 0, 1 }, 8, NULL);
	answer = read_reply(&reply, "a.example", DNS_TYPE_AAAA);
	ck_assert_uint_eq(answer->records->len, 1);
	ck_assert_str_eq(record_of(answer, 0)->address.text, "2001:db8::1");
}
END_TEST

START_TEST(records_are_bounded)
{
	Reply reply = reply_to("a.example", DNS_TYPE_MX, 0);
	g_autoptr(DnsAnswer) answer = NULL;

	for (guint i = 0; i < 3 * DNS_MAX_RECORDS; i++)
		add_mx(&reply, "a.example", i, "mx.example");
	answer = read_reply(&reply, "a.example", DNS_TYPE_MX);
	ck_assert_int_eq(answer->result, DNS_FOUND);
	ck_assert_uint_eq(answer->records->len, DNS_MAX_RECORDS);
}
END_TEST

/* A name that points to itself, and one beyond the end. */
START_TEST(compression_leads_nowhere)
{
	for (guint at = 0; at < 2; at++) {
		Reply reply = reply_to("a.example", DNS_TYPE_MX, 0);
		g_autoptr(DnsAnswer) answer = NULL;
		guint where = reply.bytes->len + 11 + 10 + 2;

		add_record(&reply, "a.example", DNS_TYPE_MX,
			   (guint[]){ 10, at ? 0xffff : 0xc000 | where }, 2,
			   NULL);
		answer = read_reply(&reply, "a.example", DNS_TYPE_MX);
		ck_assert_int_eq(answer->result, DNS_FAILED);
	}
}
END_TEST

/* Whatever comes: no crash (see the sanitizers), and within the bounds. */
START_TEST(garbage_is_survived)
{
	static const DnsType types[] = { DNS_TYPE_A, DNS_TYPE_MX,
					 DNS_TYPE_SRV, DNS_TYPE_TLSA };
	g_autoptr(GRand) random = g_rand_new_with_seed(_i);
	Reply reply = reply_to("a.example", types[_i % 4], AD);

	add_record(&reply, "a.example", CNAME, NULL, 0, "b.example");
	add_mx(&reply, "b.example", 10, "mx.example");
	add_address(&reply, "b.example");
	add_record(&reply, "b.example", DNS_TYPE_SRV, (guint[]){ 1, 2, 3 }, 3,
		   "c.example");
	for (guint turn = 0; turn < 2000; turn++) {
		g_autoptr(DnsAnswer) answer =
			dns_answer_new("a.example", types[_i % 4]);
		gsize size = reply.bytes->len -
			     g_rand_int_range(random, 0, 2) *
				     g_rand_int_range(random, 0, 60);
		g_autofree guint8 *packet =
			g_memdup2(reply.bytes->data, size);

		for (gint i = g_rand_int_range(random, 0, 8); i > 0; i--)
			packet[g_rand_int_range(random, 0, size)] =
				g_rand_int(random);
		dns_packet_is_reply(packet, size, ID, answer);
		dns_packet_read(packet, size, answer);
		ck_assert_int_ne(answer->result, DNS_AWAY);
		ck_assert_int_eq(answer->result == DNS_FOUND,
				 answer->records->len > 0);
	}
	g_byte_array_unref(reply.bytes);
}
END_TEST

static Suite *
make_packet_suite(void)
{
	Suite *suite = suite_create("dns-packet");
	TCase *tc = tcase_create("dns-packet");

	tcase_add_test(tc, a_question_is_its_own_reply_but_for_a_bit);
	tcase_add_loop_test(tc, what_is_no_name_is_not_asked, 0,
			    G_N_ELEMENTS(name_rows));
	tcase_add_test(tc, only_the_question_asked_is_answered);
	tcase_add_loop_test(tc, an_empty_reply_says_why, 0,
			    G_N_ELEMENTS(code_rows));
	tcase_add_test(tc, aliases_are_followed_in_any_order);
	tcase_add_loop_test(tc, a_chain_of_aliases_has_an_end, 0,
			    G_N_ELEMENTS(chain_rows));
	tcase_add_test(tc, mx_and_srv_name_hosts);
	tcase_add_test(tc, records_of_no_use_are_not_none);
	tcase_add_test(tc, tlsa_is_read);
	tcase_add_test(tc, an_address_has_its_size);
	tcase_add_test(tc, records_are_bounded);
	tcase_add_test(tc, compression_leads_nowhere);
	tcase_add_loop_test(tc, garbage_is_survived, 0, 8);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_packet_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
