// SPDX-License-Identifier: GPL-2.0-or-later
#include "common/wire.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/client.h"

static int ends[2];

static void
open_pair(void)
{
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
				    ends), 0);
}

static void
close_pair(void)
{
	close(ends[0]);
	if (ends[1] >= 0)
		close(ends[1]);
}

START_TEST(call_arrives_as_sent)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(WirePacket) packet = NULL;
	const ApiMethod *method = NULL;
	guint64 size;

	ck_assert(wire_send(ends[0], WIRE_CALL, "Commit", 7,
			    g_variant_new("(t)", (guint64)4096), &error));
	packet = wire_receive(ends[1], &error);
	ck_assert_ptr_nonnull(packet);
	ck_assert(wire_check_call(packet, &method, &error));
	ck_assert_str_eq(method->name, "Commit");
	ck_assert_uint_eq(packet->serial, 7);
	g_variant_get(packet->body, "(t)", &size);
	ck_assert_uint_eq(size, 4096);
}
END_TEST

START_TEST(data_keeps_every_byte)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(WirePacket) packet = NULL;
	const char bytes[] = "d\0\r\n.\r\n\xff";

	ck_assert(wire_send_data(ends[0], bytes, sizeof(bytes), &error));
	packet = wire_receive(ends[1], &error);
	ck_assert_int_eq(packet->kind, WIRE_DATA);
	ck_assert_mem_eq(packet->data, bytes, sizeof(bytes));
	ck_assert_uint_eq(packet->size, sizeof(bytes));
}
END_TEST

/* Every truncation of a good packet is refused or is another good packet. */
START_TEST(truncated_packet_is_refused)
{
	g_autoptr(GVariant) whole = g_variant_ref_sink(g_variant_new(
		"(ysuv)", 'c', "Hello", 1, g_variant_new("(u)", 1)));
	const char *bytes = g_variant_get_data(whole);

	ck_assert_uint_lt(_i, g_variant_get_size(whole));
	ck_assert_int_eq(send(ends[0], bytes, _i, 0), _i);
	g_autoptr(GError) error = NULL;
	g_autoptr(WirePacket) packet = wire_receive(ends[1], &error);

	ck_assert(!packet || !wire_check_call(packet, NULL, &error));
	ck_assert(g_error_matches(error, WIRE_ERROR, WIRE_ERROR_INVALID));
}
END_TEST

START_TEST(overlong_packet_is_refused)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *bytes = g_malloc0(WIRE_MAX_PACKET + 1);

	ck_assert_int_gt(send(ends[0], bytes, WIRE_MAX_PACKET + 1, 0), 0);
	ck_assert_ptr_null(wire_receive(ends[1], &error));
	ck_assert(g_error_matches(error, WIRE_ERROR, WIRE_ERROR_INVALID));
}
END_TEST

START_TEST(wrong_type_is_refused)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(WirePacket) packet = NULL;

	ck_assert(wire_send(ends[0], WIRE_CALL, "Commit", 1,
			    g_variant_new("(s)", "4096"), &error));
	packet = wire_receive(ends[1], &error);
	ck_assert_ptr_nonnull(packet);
	ck_assert(!wire_check_call(packet, NULL, &error));
	ck_assert(g_error_matches(error, WIRE_ERROR, WIRE_ERROR_INVALID));
}
END_TEST

START_TEST(unknown_method_is_refused)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(WirePacket) packet = NULL;

	ck_assert(wire_send(ends[0], WIRE_CALL, "Sudo", 1,
			    g_variant_new("()"), &error));
	packet = wire_receive(ends[1], &error);
	ck_assert(!wire_check_call(packet, NULL, &error));
}
END_TEST

START_TEST(closed_peer_is_told)
{
	g_autoptr(GError) error = NULL;

	close(ends[1]);
	ends[1] = -1;
	ck_assert_ptr_null(wire_receive(ends[0], &error));
	ck_assert(g_error_matches(error, WIRE_ERROR, WIRE_ERROR_CLOSED));
	g_clear_error(&error);
	ck_assert(!wire_send_data(ends[0], "x", 1, &error));
	ck_assert(g_error_matches(error, WIRE_ERROR, WIRE_ERROR_CLOSED));
}
END_TEST

START_TEST(refusal_reaches_the_caller_in_parts)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(WirePacket) packet = NULL;
	g_autofree char *enhanced = NULL;
	Client *client = client_new(ends[0]);

	ck_assert(client_send(client, "Reset", g_variant_new("()"), &error));
	ck_assert(wire_send_failure(ends[1], "Reset", 1, "5.7.1",
				    "Not for you.", &error));
	ck_assert_ptr_null(client_wait(client, &error));
	ck_assert_str_eq(wire_remote_parts(error, &enhanced), "Not for you.");
	ck_assert_str_eq(enhanced, "5.7.1");
	client_free(client);
	open_pair();
}
END_TEST

START_TEST(notices_before_a_reply_are_kept)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) reply = NULL;
	g_autoptr(WirePacket) notice = NULL;
	Client *client = client_new(ends[0]);
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	wire_send(ends[1], WIRE_NOTICE, "Status", 0,
		  g_variant_new("(@a{sv})", g_variant_dict_end(&dict)), NULL);
	wire_send(ends[1], WIRE_REPLY, "Watch", 1, g_variant_new("()"), NULL);
	reply = client_call(client, "Watch", g_variant_new("()"), &error);
	ck_assert_ptr_nonnull(reply);
	ck_assert(client_has_notice(client));
	notice = client_notice(client, &error);
	ck_assert_str_eq(notice->name, "Status");
	client_free(client);
	open_pair();
}
END_TEST

START_TEST(silence_is_a_timeout)
{
	g_autoptr(GError) error = NULL;
	Client *client = client_new(ends[0]);

	client_set_timeout(client, 10);
	ck_assert_ptr_null(client_call(client, "Status", g_variant_new("()"),
				       &error));
	ck_assert(g_error_matches(error, WIRE_ERROR, WIRE_ERROR_TIMEOUT));
	client_free(client);
	open_pair();
}
END_TEST

/* The table is sound: types parse, names are told once, all have roles. */
START_TEST(table_is_sound)
{
	for (const ApiMethod *row = api_methods; row->name; row++) {
		ck_assert(g_variant_type_string_is_valid(row->in));
		ck_assert(g_str_equal(row->out, API_DATA) ||
			  g_variant_type_string_is_valid(row->out));
		ck_assert_uint_ne(row->roles, 0);
		ck_assert_ptr_eq(api_method(row->name), row);
		ck_assert_uint_gt(strlen(row->help), 0);
	}
	for (const ApiColumn *row = api_columns; row->name; row++)
		ck_assert_ptr_eq(api_column(row->name), row);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("wire");
	TCase *tests = tcase_create("wire");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tests, open_pair, close_pair);
	tcase_add_test(tests, call_arrives_as_sent);
	tcase_add_test(tests, data_keeps_every_byte);
	tcase_add_loop_test(tests, truncated_packet_is_refused, 1, 25);
	tcase_add_test(tests, overlong_packet_is_refused);
	tcase_add_test(tests, wrong_type_is_refused);
	tcase_add_test(tests, unknown_method_is_refused);
	tcase_add_test(tests, closed_peer_is_told);
	tcase_add_test(tests, refusal_reaches_the_caller_in_parts);
	tcase_add_test(tests, notices_before_a_reply_are_kept);
	tcase_add_test(tests, silence_is_a_timeout);
	tcase_add_test(tests, table_is_sound);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
