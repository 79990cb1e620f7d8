// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Questions to name servers that a child process plays on loopback. What
 * they do depends on the name they are asked for, and on which they are.
 */
#include "daemon/worker/dns-query.h"

#include <arpa/inet.h>
#include <check.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/worker/dns-order.h"

#define SERVERS 3

typedef struct {
	int udp;
	int tcp;
} Listener;

typedef struct {
	Listener listeners[SERVERS];
	DnsServers *servers;
	pid_t child;
} Fixture;

/* A port that is free for both; FALSE: try another. */
static gboolean
bind_both(const Listener *listener, DnsAddress *address)
{
	dns_address_parse("127.0.0.1", address);
	return bind(listener->udp, &address->socket.any, address->size) == 0 &&
	       getsockname(listener->udp, &address->socket.any,
			   &address->size) == 0 &&
	       bind(listener->tcp, &address->socket.any, address->size) == 0;
}

static Listener
listen_at(DnsAddress *address)
{
	Listener listener;

	for (guint i = 0; i < 50; i++) {
		listener.udp = socket(AF_INET, SOCK_DGRAM, 0);
		listener.tcp = socket(AF_INET, SOCK_STREAM, 0);
		if (bind_both(&listener, address)) {
			ck_assert_int_eq(listen(listener.tcp, 4), 0);
			return listener;
		}
		close(listener.udp);
		close(listener.tcp);
	}
	ck_abort_msg("no port is free for UDP and TCP");
}

static gboolean
asks_for(const guint8 *packet, const char *label)
{
	return packet[12] == strlen(label) &&
	       memcmp(packet + 13, label, packet[12]) == 0;
}

static guint
type_of(const guint8 *packet, gsize size)
{
	/* Type, class, and then EDNS of 11 bytes. */
	return packet[size - 15] << 8 | packet[size - 14];
}

/* A reply with one address, which the question points to by compression. */
static gsize
make_reply(guint8 *packet, gsize size, guint flags)
{
	static const guint8 answer[] = {
		0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 7,
	};
	gboolean found = !(flags & 0x0f) && type_of(packet, size) == 1;

	size -= 11;
	packet[2] = 0x81 | flags >> 8;
	packet[3] = 0xa0 | (flags & 0x0f);
	packet[7] = found;
	packet[11] = 0;
	if (!found)
		return size;
	memcpy(packet + size, answer, sizeof(answer));
	return size + sizeof(answer);
}

static void
play_udp(int fd, guint number)
{
	guint8 packet[600];
	struct sockaddr_in from;
	socklen_t length = sizeof(from);
	gssize size = recvfrom(fd, packet, 512, 0, (struct sockaddr *)&from,
			       &length);
	gsize reply;

	if (size < 28 || asks_for(packet, "silent") ||
	    (asks_for(packet, "slowsix") && type_of(packet, size) == 28))
		return;
	if (asks_for(packet, "fails") ||
	    (asks_for(packet, "onefails") && number == 0))
		reply = make_reply(packet, size, 2);
	else if (asks_for(packet, "cut"))
		reply = make_reply(packet, size, 0x0200);
	else
		reply = make_reply(packet, size, 0);
	if (asks_for(packet, "liar")) {
		/* First what looks like an answer to somebody else. */
		packet[0] ^= 1;
		packet[reply - 1] = 66;
		sendto(fd, packet, reply, 0, (struct sockaddr *)&from, length);
		packet[0] ^= 1;
		packet[reply - 1] = 7;
	}
	sendto(fd, packet, reply, 0, (struct sockaddr *)&from, length);
}

static void
play_tcp(int listener)
{
	int fd = accept(listener, NULL, NULL);
	guint8 packet[600];
	gssize size = recv(fd, packet, sizeof(packet), 0);
	gsize reply;

	if (size > 2 + 28) {
		reply = make_reply(packet + 2, size - 2, 0);
		packet[0] = reply >> 8;
		packet[1] = reply & 0xff;
		/* In two pieces: it is a stream. */
		ck_assert_int_eq(send(fd, packet, 1, 0), 1);
		ck_assert_int_gt(send(fd, packet + 1, reply + 1, 0), 0);
	}
	close(fd);
}

static void
play(const Listener *listeners)
{
	struct pollfd items[2 * SERVERS];

	for (guint i = 0; i < SERVERS; i++) {
		items[2 * i] = (struct pollfd){ listeners[i].udp, POLLIN, 0 };
		items[2 * i + 1] =
			(struct pollfd){ listeners[i].tcp, POLLIN, 0 };
	}
	while (poll(items, G_N_ELEMENTS(items), -1) > 0)
		for (guint i = 0; i < SERVERS; i++) {
			if (items[2 * i].revents)
				play_udp(listeners[i].udp, i);
			if (items[2 * i + 1].revents)
				play_tcp(listeners[i].tcp);
		}
}

static void
fixture_init(Fixture *fixture, const char *text)
{
	fixture->servers = dns_servers_parse(text);
	for (guint i = 0; i < SERVERS; i++) {
		DnsAddress address;

		fixture->listeners[i] = listen_at(&address);
		if (i < fixture->servers->servers->len)
			g_array_index(fixture->servers->servers, DnsAddress,
				      i) = address;
	}
	fixture->child = fork();
	ck_assert_int_ge(fixture->child, 0);
	if (fixture->child == 0)
		play(fixture->listeners);
}

static void
fixture_done(Fixture *fixture)
{
	kill(fixture->child, SIGKILL);
	waitpid(fixture->child, NULL, 0);
	for (guint i = 0; i < SERVERS; i++) {
		close(fixture->listeners[i].udp);
		close(fixture->listeners[i].tcp);
	}
	dns_servers_free(fixture->servers);
}

static GPtrArray *
questions(const char *name, gboolean both)
{
	GPtrArray *answers = g_ptr_array_new_with_free_func(
		(GDestroyNotify)dns_answer_free);

	g_ptr_array_add(answers, dns_answer_new(name, DNS_TYPE_A));
	if (both)
		g_ptr_array_add(answers,
				dns_answer_new(name, DNS_TYPE_AAAA));
	return answers;
}

#define ONE "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n"
#define TWO "nameserver 127.0.0.1\n" ONE
#define FOREIGN "nameserver 127.0.0.1\nnameserver 192.0.2.1\n" \
	"options timeout:1 attempts:1\n"

static const struct {
	const char *name;
	const char *text;
	DnsResult result;
	gboolean secure;
} rows[] = {
	{ "found.test", ONE, DNS_FOUND, TRUE },
	/* All servers must be ours for the AD bit to count. */
	{ "found.test", FOREIGN, DNS_FOUND, FALSE },
	{ "fails.test", ONE, DNS_FAILED, FALSE },
	{ "fails.test", TWO, DNS_FAILED, FALSE },
	{ "onefails.test", TWO, DNS_FOUND, TRUE },
	{ "silent.test", ONE, DNS_AWAY, FALSE },
	{ "liar.test", ONE, DNS_FOUND, TRUE },
	{ "cut.test", ONE, DNS_FOUND, TRUE },
};

START_TEST(an_answer_is_had_or_why_not)
{
	Fixture fixture;
	g_autoptr(GPtrArray) answers = questions(rows[_i].name, FALSE);
	const DnsAnswer *answer = answers->pdata[0];

	fixture_init(&fixture, rows[_i].text);
	ck_assert(dns_ask(fixture.servers, answers, -1));
	ck_assert_int_eq(answer->result, rows[_i].result);
	ck_assert_int_eq(answer->secure, rows[_i].secure);
	if (answer->result == DNS_FOUND)
		ck_assert_str_eq(((DnsRecord *)answer->records->pdata[0])
					 ->address.text, "192.0.2.7");
	fixture_done(&fixture);
}
END_TEST

START_TEST(many_are_asked_at_once)
{
	Fixture fixture;
	g_autoptr(GPtrArray) answers = questions("silent.test", FALSE);

	fixture_init(&fixture, ONE);
	for (guint i = 0; i < DNS_MAX_QUESTIONS + 5; i++)
		g_ptr_array_add(answers,
				dns_answer_new("found.test", DNS_TYPE_A));
	ck_assert(dns_ask(fixture.servers, answers, -1));
	for (guint i = 0; i < answers->len; i++)
		ck_assert_int_eq(((DnsAnswer *)answers->pdata[i])->result,
				 i > 0 && i < DNS_MAX_QUESTIONS ? DNS_FOUND
								: DNS_AWAY);
	fixture_done(&fixture);
}
END_TEST

/* With A there, AAAA is not worth the five seconds of its server. */
START_TEST(the_second_family_is_not_awaited_long)
{
	Fixture fixture;
	g_autoptr(GPtrArray) answers = questions("slowsix.test", TRUE);
	gint64 began;

	fixture_init(&fixture, "nameserver 127.0.0.1\n");
	began = g_get_monotonic_time();
	ck_assert(dns_ask(fixture.servers, answers, -1));
	ck_assert_int_lt(g_get_monotonic_time() - began,
			 4 * G_USEC_PER_SEC);
	ck_assert_int_eq(((DnsAnswer *)answers->pdata[0])->result, DNS_FOUND);
	ck_assert_int_eq(((DnsAnswer *)answers->pdata[1])->result, DNS_AWAY);
	fixture_done(&fixture);
}
END_TEST

/* A port where nobody listens is no reason to wait. */
START_TEST(who_is_not_there_is_passed_by)
{
	Fixture fixture;
	g_autoptr(GPtrArray) answers = questions("found.test", FALSE);
	DnsAddress *first;
	gint64 began;
	int fd;

	fixture_init(&fixture, "nameserver 127.0.0.1\nnameserver 127.0.0.1\n");
	fd = socket(AF_INET, SOCK_DGRAM, 0); /* not the child's, too */
	first = &g_array_index(fixture.servers->servers, DnsAddress, 0);
	first->socket.in.sin_port = 0;
	ck_assert_int_eq(bind(fd, &first->socket.any, first->size), 0);
	ck_assert_int_eq(getsockname(fd, &first->socket.any, &first->size),
			 0);
	close(fd);
	began = g_get_monotonic_time();
	ck_assert(dns_ask(fixture.servers, answers, -1));
	ck_assert_int_lt(g_get_monotonic_time() - began,
			 4 * G_USEC_PER_SEC);
	ck_assert_int_eq(((DnsAnswer *)answers->pdata[0])->result, DNS_FOUND);
	fixture_done(&fixture);
}
END_TEST

START_TEST(it_stops_when_told_to)
{
	Fixture fixture;
	g_autoptr(GPtrArray) answers = questions("silent.test", FALSE);
	int pair[2];

	fixture_init(&fixture, "nameserver 127.0.0.1\n");
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	close(pair[1]);
	ck_assert(!dns_ask(fixture.servers, answers, pair[0]));
	close(pair[0]);
	fixture_done(&fixture);
}
END_TEST

static Suite *
make_query_suite(void)
{
	Suite *suite = suite_create("dns-query");
	TCase *tc = tcase_create("dns-query");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, an_answer_is_had_or_why_not, 0,
			    G_N_ELEMENTS(rows));
	tcase_add_test(tc, many_are_asked_at_once);
	tcase_add_test(tc, the_second_family_is_not_awaited_long);
	tcase_add_test(tc, who_is_not_there_is_passed_by);
	tcase_add_test(tc, it_stops_when_told_to);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_query_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
