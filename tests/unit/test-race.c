// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Addresses of loopback stand for hosts: one that answers, one that refuses,
 * and one that is silent, for its queue of connections is full.
 */
#include "daemon/worker/race.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/error.h"
#include "daemon/worker/dns-order.h"

#define GOOD "127.0.0.1"
#define SILENT "127.0.0.3"
#define SIX "2001:db8::1"
#define FILLERS 8

typedef struct {
	guint16 port;
	int good;
	int silent;
	int fillers[FILLERS];
} Fixture;

static int
listen_at(const char *where, guint16 *port, int backlog)
{
	DnsAddress address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	dns_address_parse(where, &address);
	address.socket.in.sin_port = htons(*port);
	ck_assert_int_eq(bind(fd, &address.socket.any, address.size), 0);
	ck_assert_int_eq(listen(fd, backlog), 0);
	getsockname(fd, &address.socket.any, &address.size);
	*port = ntohs(address.socket.in.sin_port);
	return fd;
}

static void
fixture_init(Fixture *fixture)
{
	DnsAddress address;

	memset(fixture, 0, sizeof(*fixture));
	fixture->good = listen_at(GOOD, &fixture->port, 4);
	fixture->silent = listen_at(SILENT, &fixture->port, 0);
	dns_address_parse(SILENT, &address);
	address.socket.in.sin_port = htons(fixture->port);
	for (guint i = 0; i < FILLERS; i++) {
		fixture->fillers[i] =
			socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		connect(fixture->fillers[i], &address.socket.any,
			address.size);
	}
}

static void
fixture_done(Fixture *fixture)
{
	for (guint i = 0; i < FILLERS; i++)
		close(fixture->fillers[i]);
	close(fixture->good);
	close(fixture->silent);
}

static GArray *
addresses_of(const char *text)
{
	GArray *addresses = g_array_new(FALSE, FALSE, sizeof(DnsAddress));
	g_auto(GStrv) words = g_strsplit(text, " ", -1);

	for (char **word = words; *word; word++) {
		DnsAddress address;

		if (**word && dns_address_parse(*word, &address))
			g_array_append_val(addresses, address);
	}
	return addresses;
}

static const struct {
	const char *addresses;
	const char *sources;
	const char *winner;  /* NULL: none */
	int code;            /* then: errno, 0 for a timeout */
} rows[] = {
	{ GOOD, "", GOOD, 0 },
	{ "127.0.0.2 " GOOD, "", GOOD, 0 },
	{ "127.0.0.2 127.0.0.4 127.0.0.5 " GOOD, "", GOOD, 0 },
	{ SILENT " " GOOD, "", GOOD, 0 },
	{ SILENT " 127.0.0.2 " GOOD, "", GOOD, 0 },
	{ SILENT, "", NULL, 0 },
	{ SILENT " " SILENT, "", NULL, 0 },
	{ "127.0.0.2", "", NULL, ECONNREFUSED },
	{ "127.0.0.2 " SILENT, "", NULL, ECONNREFUSED },
	/* A family without an own address is left out ... */
	{ SIX " " GOOD, "127.0.0.9", GOOD, 0 },
	{ SIX, "127.0.0.9", NULL, EAFNOSUPPORT },
	/* ... and hides nothing of the other. */
	{ SIX " 127.0.0.2", "127.0.0.9", NULL, ECONNREFUSED },
	{ "127.0.0.2 " SIX, "127.0.0.9", NULL, ECONNREFUSED },
	{ SIX " " SILENT, "127.0.0.9", NULL, 0 },
	{ GOOD, "192.0.2.1", NULL, EADDRNOTAVAIL },
	{ GOOD, "::1 127.0.0.9", GOOD, 0 },
};

START_TEST(the_first_that_answers_wins)
{
	Fixture fixture;
	g_autoptr(GArray) addresses = addresses_of(rows[_i].addresses);
	g_autoptr(GArray) sources = addresses_of(rows[_i].sources);
	g_autoptr(GError) error = NULL;
	g_autoptr(Stream) stream = NULL;
	RaceRules rules = { .seconds = rows[_i].winner ? 30 : 2,
			    .watched = -1, .sources = sources };
	DnsAddress winner;

	fixture_init(&fixture);
	rules.port = fixture.port;
	stream = race_connect(addresses, &rules, &winner, &error);
	ck_assert_int_eq(stream != NULL, rows[_i].winner != NULL);
	if (stream)
		ck_assert_str_eq(winner.text, rows[_i].winner);
	else if (rows[_i].code)
		ck_assert(g_error_matches(error, SYSTEM_ERROR,
					  rows[_i].code));
	else
		ck_assert(g_error_matches(error, STREAM_ERROR,
					  STREAM_ERROR_TIMEOUT));
	fixture_done(&fixture);
}
END_TEST

START_TEST(it_comes_from_the_own_address)
{
	Fixture fixture;
	g_autoptr(GArray) addresses = addresses_of(GOOD);
	g_autoptr(GArray) sources = addresses_of("127.0.0.9");
	RaceRules rules = { .seconds = 30, .watched = -1,
			    .sources = sources };
	g_autoptr(Stream) stream = NULL;
	DnsAddress winner, peer = { .size = sizeof(peer.socket) };
	int fd;

	fixture_init(&fixture);
	rules.port = fixture.port;
	stream = race_connect(addresses, &rules, &winner, NULL);
	ck_assert_ptr_nonnull(stream);
	fd = accept(fixture.good, &peer.socket.any, &peer.size);
	ck_assert_uint_eq(ntohl(peer.socket.in.sin_addr.s_addr), 0x7f000009);
	close(fd);
	fixture_done(&fixture);
}
END_TEST

/* Who is silent gets a moment alone, and is not given up for it. */
START_TEST(the_next_begins_a_moment_later)
{
	Fixture fixture;
	g_autoptr(GArray) addresses = addresses_of(SILENT " " GOOD);
	RaceRules rules = { .seconds = 30, .watched = -1 };
	g_autoptr(Stream) stream = NULL;
	DnsAddress winner;
	gint64 began = g_get_monotonic_time(), took;

	fixture_init(&fixture);
	rules.port = fixture.port;
	stream = race_connect(addresses, &rules, &winner, NULL);
	took = g_get_monotonic_time() - began;
	ck_assert_ptr_nonnull(stream);
	ck_assert_int_ge(took, RACE_STAGGER_MS * 1000 - 1000);
	ck_assert_int_lt(took, 20 * G_USEC_PER_SEC);
	fixture_done(&fixture);
}
END_TEST

START_TEST(it_stops_when_told_to)
{
	Fixture fixture;
	g_autoptr(GArray) addresses = addresses_of(SILENT);
	g_autoptr(GError) error = NULL;
	RaceRules rules = { .seconds = 30 };
	DnsAddress winner;
	int pair[2];

	fixture_init(&fixture);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	close(pair[1]);
	rules.port = fixture.port;
	rules.watched = pair[0];
	ck_assert_ptr_null(race_connect(addresses, &rules, &winner, &error));
	ck_assert(g_error_matches(error, STREAM_ERROR, STREAM_ERROR_STOPPED));
	close(pair[0]);
	fixture_done(&fixture);
}
END_TEST

/* Beyond RACE_MAX nobody takes part. */
START_TEST(a_race_is_bounded)
{
	Fixture fixture;
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GArray) addresses = NULL;
	g_autoptr(GError) error = NULL;
	RaceRules rules = { .seconds = 30, .watched = -1 };
	DnsAddress winner;

	fixture_init(&fixture);
	rules.port = fixture.port;
	for (guint i = 0; i < RACE_MAX; i++)
		g_string_append(text, "127.0.0.2 ");
	g_string_append(text, GOOD);
	addresses = addresses_of(text->str);
	ck_assert_ptr_null(race_connect(addresses, &rules, &winner, &error));
	ck_assert(g_error_matches(error, SYSTEM_ERROR, ECONNREFUSED));
	fixture_done(&fixture);
}
END_TEST

static Suite *
make_race_suite(void)
{
	Suite *suite = suite_create("race");
	TCase *tc = tcase_create("race");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, the_first_that_answers_wins, 0,
			    G_N_ELEMENTS(rows));
	tcase_add_test(tc, it_comes_from_the_own_address);
	tcase_add_test(tc, the_next_begins_a_moment_later);
	tcase_add_test(tc, it_stops_when_told_to);
	tcase_add_test(tc, a_race_is_bounded);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_race_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
