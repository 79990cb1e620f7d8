// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker/socks.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SECONDS 10

static const struct {
	const char *text;
	const char *host; /* NULL: it cannot be read */
	guint port;
	const char *user;
} address_rows[] = {
	{ "socks5://proxy.example", "proxy.example", 1080, NULL },
	{ "socks5://127.0.0.1:9050", "127.0.0.1", 9050, NULL },
	{ "SOCKS5://tor@127.0.0.1:9050", "127.0.0.1", 9050, "tor" },
	{ "socks5://a@b@127.0.0.1", "127.0.0.1", 1080, "a@b" },
	{ "socks5://[2001:db8::1]:9050", "[2001:db8::1]", 9050, NULL },
	{ "socks5://[2001:db8::1]", "[2001:db8::1]", 1080, NULL },
	{ "socks5://", NULL, 0, NULL },
	{ "socks5://:9050", NULL, 0, NULL },
	{ "socks5://proxy:0", NULL, 0, NULL },
	{ "socks5://proxy:65536", NULL, 0, NULL },
	{ "socks5://proxy:", NULL, 0, NULL },
	{ "http://proxy:3128", NULL, 0, NULL },
	{ "proxy:1080", NULL, 0, NULL },
};

START_TEST(an_address_is_read)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(SocksProxy) proxy =
		socks_proxy_parse(address_rows[_i].text, &error);

	if (!address_rows[_i].host) {
		ck_assert_ptr_null(proxy);
		ck_assert(g_error_matches(error, SOCKS_ERROR,
					  SOCKS_ERROR_ADDRESS));
		return;
	}
	ck_assert_str_eq(proxy->host, address_rows[_i].host);
	ck_assert_uint_eq(proxy->port, address_rows[_i].port);
	ck_assert_pstr_eq(proxy->user, address_rows[_i].user);
}
END_TEST

#define BYTES(text) text, sizeof(text) - 1
#define HELLO "\5\1\0"
#define HELLO_USER "\5\1\2"
#define WISH "\5\1\0\3\14mail.example\2\113"
#define FOUR "\5\0\0\1\177\0\0\1\0\31"
#define LOGIN "\1\3tor\5onion"

/* What the proxy says, what is said to it, and what comes of it. */
static const struct {
	const char *proxy;
	const char *host;
	const char *replies;
	gsize replies_size;
	const char *said;
	gsize said_size;
	gboolean good;
	int code; /* of SOCKS_ERROR, else */
} rows[] = {
	{ "socks5://p", "mail.example", BYTES("\5\0" FOUR),
	  BYTES(HELLO WISH), TRUE, 0 },
	{ "socks5://p", "192.0.2.1", BYTES("\5\0" FOUR),
	  BYTES(HELLO "\5\1\0\1\300\0\2\1\2\113"), TRUE, 0 },
	{ "socks5://p", "2001:db8::1", BYTES("\5\0" FOUR),
	  BYTES(HELLO "\5\1\0\4\40\1\15\270\0\0\0\0\0\0\0\0\0\0\0\1\2\113"),
	  TRUE, 0 },
	/* It may be bound to a name, or to an IPv6 address. */
	{ "socks5://p", "mail.example", BYTES("\5\0\5\0\0\3\2ab\0\31"),
	  BYTES(HELLO WISH), TRUE, 0 },
	{ "socks5://p", "mail.example",
	  BYTES("\5\0\5\0\0\4" "0123456789abcdef\0\31"), BYTES(HELLO WISH),
	  TRUE, 0 },
	{ "socks5://tor@p", "mail.example", BYTES("\5\2\1\0" FOUR),
	  BYTES(HELLO_USER LOGIN WISH), TRUE, 0 },
	{ "socks5://tor@p", "mail.example", BYTES("\5\2\1\1"),
	  BYTES(HELLO_USER LOGIN), FALSE, SOCKS_ERROR_LOGIN },
	{ "socks5://tor@p", "mail.example", BYTES("\5\0"),
	  BYTES(HELLO_USER), FALSE, SOCKS_ERROR_LOGIN },
	{ "socks5://p", "mail.example", BYTES("\5\377"), BYTES(HELLO), FALSE,
	  SOCKS_ERROR_LOGIN },
	/* No password goes to who did not ask for one it was offered. */
	{ "socks5://p", "mail.example", BYTES("\5\2"), BYTES(HELLO), FALSE,
	  SOCKS_ERROR_LOGIN },
	{ "socks5://p", "mail.example", BYTES("220 mail ESMTP\r\n"),
	  BYTES(HELLO), FALSE, SOCKS_ERROR_PROTOCOL },
	{ "socks5://p", "mail.example", BYTES("\4\0"), BYTES(HELLO), FALSE,
	  SOCKS_ERROR_PROTOCOL },
	{ "socks5://p", "mail.example", BYTES("\5\0\4\0\0\1"),
	  BYTES(HELLO WISH), FALSE, SOCKS_ERROR_PROTOCOL },
	{ "socks5://p", "mail.example", BYTES("\5\0\5\0\0\7"),
	  BYTES(HELLO WISH), FALSE, SOCKS_ERROR_PROTOCOL },
	{ "socks5://p", "mail.example", BYTES("\5\0\5\3\0\1"),
	  BYTES(HELLO WISH), FALSE, SOCKS_ERROR_NETWORK },
	{ "socks5://p", "mail.example", BYTES("\5\0\5\5\0\1"),
	  BYTES(HELLO WISH), FALSE, SOCKS_ERROR_HOST },
	{ "socks5://p", "mail.example", BYTES("\5\0\5\377\0\1"),
	  BYTES(HELLO WISH), FALSE, SOCKS_ERROR_HOST },
	/* It closes in the middle. */
	{ "socks5://p", "mail.example", BYTES("\5"), BYTES(HELLO), FALSE,
	  SOCKS_ERROR_PROTOCOL },
	{ "socks5://p", "mail.example", BYTES("\5\0\5\0\0\1\1"),
	  BYTES(HELLO WISH), FALSE, SOCKS_ERROR_PROTOCOL },
};

START_TEST(a_proxy_is_spoken_to)
{
	g_autoptr(SocksProxy) proxy = socks_proxy_parse(rows[_i].proxy, NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(Stream) stream = NULL;
	guint8 said[1024];
	gssize got;
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	stream = stream_new(pair[0]);
	stream_set_deadline(stream, SECONDS);
	ck_assert_int_eq(send(pair[1], rows[_i].replies,
			      rows[_i].replies_size, 0),
			 rows[_i].replies_size);
	shutdown(pair[1], SHUT_WR);
	ck_assert_int_eq(socks_connect(stream, proxy, "onion", rows[_i].host,
				       587, &error), rows[_i].good);
	if (!rows[_i].good)
		ck_assert(g_error_matches(error, SOCKS_ERROR, rows[_i].code));
	got = recv(pair[1], said, sizeof(said), MSG_DONTWAIT);
	ck_assert_int_eq(got, rows[_i].said_size);
	ck_assert_mem_eq(said, rows[_i].said, rows[_i].said_size);
	close(pair[1]);
}
END_TEST

/* What the host says at once is not the proxy's to swallow. */
START_TEST(the_host_is_heard_from_its_first_byte)
{
	g_autoptr(SocksProxy) proxy = socks_proxy_parse("socks5://p", NULL);
	g_autoptr(Stream) stream = NULL;
	g_autofree char *line = NULL;
	static const char replies[] = "\5\0" FOUR "220 hello\r\n";
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	stream = stream_new(pair[0]);
	stream_set_deadline(stream, SECONDS);
	ck_assert_int_gt(send(pair[1], replies, sizeof(replies) - 1, 0), 0);
	ck_assert(socks_connect(stream, proxy, NULL, "mail.example", 587,
				NULL));
	line = stream_read_line(stream, 100, NULL);
	ck_assert_str_eq(line, "220 hello");
	close(pair[1]);
}
END_TEST

static Suite *
make_socks_suite(void)
{
	Suite *suite = suite_create("socks");
	TCase *tc = tcase_create("socks");

	tcase_add_loop_test(tc, an_address_is_read, 0,
			    G_N_ELEMENTS(address_rows));
	tcase_add_loop_test(tc, a_proxy_is_spoken_to, 0, G_N_ELEMENTS(rows));
	tcase_add_test(tc, the_host_is_heard_from_its_first_byte);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_socks_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
