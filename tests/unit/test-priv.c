// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/priv.h"

#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static int ends[2];

static void
setup(void)
{
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
				    ends), 0);
}

static void
teardown(void)
{
	close(ends[0]);
	close(ends[1]);
}

static void
assert_invalid(const void *bytes, gsize size)
{
	g_autoptr(GError) error = NULL;
	PrivPacket packet;
	int fds[PRIV_FDS_MAX];

	ck_assert_int_eq(send(ends[0], bytes, size, 0), (gssize)size);
	ck_assert(!priv_receive(ends[1], &packet, fds, &error));
	ck_assert(g_error_matches(error, PRIV_ERROR, PRIV_ERROR_INVALID));
}

START_TEST(a_packet_arrives_whole)
{
	PrivPacket sent, got;
	int fds[PRIV_FDS_MAX];

	ck_assert(priv_packet_init(&sent, PRIV_SPAWN, "isp"));
	sent.kind = PRIV_SMTP_OUT;
	sent.job = 17;
	ck_assert(priv_send(ends[0], &sent, NULL, 0, NULL));
	ck_assert(priv_receive(ends[1], &got, fds, NULL));
	ck_assert_mem_eq(&sent, &got, sizeof(got));
	ck_assert_int_eq(fds[0], -1);
	ck_assert_int_eq(fds[1], -1);
}
END_TEST

START_TEST(descriptors_come_along)
{
	PrivPacket packet;
	int pipe_ends[2], fds[PRIV_FDS_MAX];
	char byte;

	ck_assert_int_eq(pipe(pipe_ends), 0);
	priv_packet_init(&packet, PRIV_DROP, "x");
	ck_assert(priv_send(ends[0], &packet, pipe_ends, 2, NULL));
	ck_assert(priv_receive(ends[1], &packet, fds, NULL));
	ck_assert_int_eq(write(fds[1], "!", 1), 1);
	ck_assert_int_eq(read(fds[0], &byte, 1), 1);
	ck_assert_int_ne(fcntl(fds[0], F_GETFD) & FD_CLOEXEC, 0);
	close(fds[0]);
	close(fds[1]);
	close(pipe_ends[0]);
	close(pipe_ends[1]);
}
END_TEST

START_TEST(a_name_must_fit)
{
	g_autofree char *longest = g_strnfill(PRIV_NAME_SIZE - 1, 'n');
	g_autofree char *longer = g_strnfill(PRIV_NAME_SIZE, 'n');
	PrivPacket packet;

	ck_assert(priv_packet_init(&packet, PRIV_SPAWN, longest));
	ck_assert(!priv_packet_init(&packet, PRIV_SPAWN, longer));
}
END_TEST

START_TEST(a_wrong_size_is_refused)
{
	char bytes[sizeof(PrivPacket) + 1] = { PRIV_SPAWN };

	assert_invalid(bytes, sizeof(PrivPacket) - 1);
	assert_invalid(bytes, sizeof(PrivPacket) + 1);
	assert_invalid(bytes, 1);
}
END_TEST

START_TEST(an_unterminated_name_is_refused)
{
	PrivPacket packet;

	priv_packet_init(&packet, PRIV_SPAWN, "");
	memset(packet.name, 'n', sizeof(packet.name));
	assert_invalid(&packet, sizeof(packet));
	priv_packet_init(&packet, PRIV_LISTEN, "");
	memset(packet.address, '1', sizeof(packet.address));
	assert_invalid(&packet, sizeof(packet));
}
END_TEST

static const struct {
	guint32 op, kind;
} unknown_rows[] = {
	{ 0, 0 },
	{ PRIV_DROPPED + 1, 0 },
	{ G_MAXUINT32, 0 },
	{ PRIV_SPAWN, PRIV_KINDS },
	{ PRIV_SPAWN, G_MAXUINT32 },
};

START_TEST(the_unknown_is_refused)
{
	PrivPacket packet;

	priv_packet_init(&packet, PRIV_SPAWN, "isp");
	packet.op = unknown_rows[_i].op;
	packet.kind = unknown_rows[_i].kind;
	assert_invalid(&packet, sizeof(packet));
}
END_TEST

/* Whoever attaches too many must not fill the receiver's table. */
START_TEST(too_many_descriptors_are_refused_and_closed)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(3 * sizeof(int))];
	} control = { 0 };
	PrivPacket packet;
	struct iovec part = { &packet, sizeof(packet) };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	int fds[3] = { 0, 0, 0 };
	int before = dup(0);

	close(before);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(fds));
	memcpy(CMSG_DATA(header), fds, sizeof(fds));
	priv_packet_init(&packet, PRIV_SPAWN, "isp");
	ck_assert_int_eq(sendmsg(ends[0], &message, 0), sizeof(packet));
	ck_assert(!priv_receive(ends[1], &packet, fds, NULL));
	ck_assert_int_eq(dup(0), before);
	close(before);
}
END_TEST

START_TEST(the_other_sides_end_is_told)
{
	g_autoptr(GError) error = NULL;
	PrivPacket packet;
	int fds[PRIV_FDS_MAX] = { 4711, 4711 };

	shutdown(ends[0], SHUT_WR);
	ck_assert(!priv_receive(ends[1], &packet, fds, &error));
	ck_assert(g_error_matches(error, PRIV_ERROR, PRIV_ERROR_CLOSED));
	ck_assert_int_eq(fds[0], 4711);
	shutdown(ends[0], SHUT_RD);
	g_clear_error(&error);
	priv_packet_init(&packet, PRIV_KILL, "");
	ck_assert(!priv_send(ends[1], &packet, NULL, 0, &error));
	ck_assert_ptr_nonnull(error);
}
END_TEST

static Suite *
make_priv_suite(void)
{
	Suite *suite = suite_create("priv");
	TCase *tc = tcase_create("priv");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_packet_arrives_whole);
	tcase_add_test(tc, descriptors_come_along);
	tcase_add_test(tc, a_name_must_fit);
	tcase_add_test(tc, a_wrong_size_is_refused);
	tcase_add_test(tc, an_unterminated_name_is_refused);
	tcase_add_loop_test(tc, the_unknown_is_refused, 0,
			    G_N_ELEMENTS(unknown_rows));
	tcase_add_test(tc, too_many_descriptors_are_refused_and_closed);
	tcase_add_test(tc, the_other_sides_end_is_told);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_priv_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
