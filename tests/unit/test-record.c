// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/record.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const RecordKey key = { "0123456789abcde" };

static const Record sample = {
	.type = RECORD_VERDICT,
	.detail = RECIPIENT_DELIVERED,
	.number = 7,
	.text_size = 1234,
	.id = 0x0123456789abcdef,
	.time = 1700000000000000,
	.text_crc = 0xdeadbeef,
	.body_crc = 0x12345678,
};

/* RFC 3720, B.4. */
START_TEST(crc_is_crc32c)
{
	guint8 bytes[32];

	memset(bytes, 0, sizeof(bytes));
	ck_assert_uint_eq(record_crc(0, bytes, sizeof(bytes)), 0x8a9136aa);
	memset(bytes, 0xff, sizeof(bytes));
	ck_assert_uint_eq(record_crc(0, bytes, sizeof(bytes)), 0x62a8ab43);
	ck_assert_uint_eq(record_crc(record_crc(0, "1234", 4), "56789", 5),
			  0xe3069283);
}
END_TEST

/* The reference's vectors: key 00..0f, input 00, 01, ... */
START_TEST(tag_is_siphash)
{
	RecordKey counting;
	guint8 input[16];

	for (guint i = 0; i < 16; i++)
		counting.bytes[i] = input[i] = i;
	ck_assert(record_tag(&counting, input, 0) == 0x726fdb47dd0e0e31);
	ck_assert(record_tag(&counting, input, 8) == 0x93f5f5799a932462);
	ck_assert(record_tag(&counting, input, 15) == 0xa129ca6149be45e5);
}
END_TEST

START_TEST(a_header_is_read_back)
{
	guint8 bytes[RECORD_HEADER_SIZE];
	Record read;

	record_encode(&sample, &key, 4711, bytes);
	ck_assert(record_decode(bytes, &key, 4711, &read));
	ck_assert_int_eq(read.type, sample.type);
	ck_assert_uint_eq(read.detail, sample.detail);
	ck_assert_uint_eq(read.number, sample.number);
	ck_assert_uint_eq(read.text_size, sample.text_size);
	ck_assert(read.id == sample.id);
	ck_assert(read.time == sample.time);
	ck_assert_uint_eq(read.text_crc, sample.text_crc);
	ck_assert_uint_eq(read.body_crc, sample.body_crc);
	ck_assert(record_span(&read) == RECORD_HEADER_SIZE + 1234);
}
END_TEST

START_TEST(any_flipped_bit_is_seen)
{
	guint8 bytes[RECORD_HEADER_SIZE];
	Record read = { .number = 99 };

	record_encode(&sample, &key, 4711, bytes);
	bytes[_i / 8] ^= 1 << _i % 8;
	ck_assert(!record_decode(bytes, &key, 4711, &read));
	ck_assert_uint_eq(read.number, 99);
}
END_TEST

START_TEST(a_record_counts_only_where_it_was_written)
{
	RecordKey other = { "0123456789abcdf" };
	guint8 bytes[RECORD_HEADER_SIZE];
	Record read;

	record_encode(&sample, &key, 4711, bytes);
	ck_assert(!record_decode(bytes, &key, 4712, &read));
	ck_assert(!record_decode(bytes, &other, 4711, &read));
	ck_assert(record_decode(bytes, NULL, 4712, &read));
}
END_TEST

static const Record nonsense[] = {
	{ .type = 'X' },
	{ .type = 0 },
	{ .type = RECORD_VERDICT, .body_size = 1 },
	{ .type = RECORD_MESSAGE, .text_size = RECORD_TEXT_MAX + 1 },
	{ .type = RECORD_MESSAGE, .body_size = G_MAXUINT64 },
	{ .type = RECORD_MESSAGE, .detail = RECORD_BODY_BEFORE,
	  .body_size = 4712 },
};

START_TEST(what_we_never_write_is_not_read)
{
	guint8 bytes[RECORD_HEADER_SIZE];
	Record read;

	record_encode(&nonsense[_i], &key, 4711, bytes);
	ck_assert(!record_decode(bytes, &key, 4711, &read));
}
END_TEST

/* A body full of records with a true CRC, and one true one behind them. */
START_TEST(forged_records_are_not_found)
{
	enum { COUNT = 50 };
	RecordKey forged = { "a guess" };
	guint8 bytes[COUNT * RECORD_HEADER_SIZE + 3];

	memset(bytes, 0x9d, sizeof(bytes));
	for (guint i = 0; i < COUNT - 1; i++)
		record_encode(&sample, &forged, 1000 + i * RECORD_HEADER_SIZE,
			      bytes + i * RECORD_HEADER_SIZE);
	ck_assert_int_eq(record_search(bytes, sizeof(bytes), &key, 1000), -1);
	record_encode(&sample, &key,
		      1000 + sizeof(bytes) - RECORD_HEADER_SIZE,
		      bytes + sizeof(bytes) - RECORD_HEADER_SIZE);
	ck_assert_int_eq(record_search(bytes, sizeof(bytes), &key, 1000),
			 sizeof(bytes) - RECORD_HEADER_SIZE);
	ck_assert_int_eq(record_search(bytes, sizeof(bytes) - 1, &key, 1000),
			 -1);
}
END_TEST

START_TEST(a_body_stands_where_it_says)
{
	Record behind = { .type = RECORD_MESSAGE, .text_size = 10,
			  .body_size = 100 };
	Record before = behind;

	before.detail = RECORD_BODY_BEFORE;
	ck_assert(record_span(&behind) == 64 + 10 + 100);
	ck_assert(record_body_offset(&behind, 1000) == 1000 + 64 + 10);
	ck_assert(record_span(&before) == 64 + 10);
	ck_assert(record_body_offset(&before, 1000) == 900);
}
END_TEST

/* One of the two copies may be damaged anywhere, even both a bit apart. */
START_TEST(a_line_survives_any_flipped_bit)
{
	RecordLine line = { .key = key, .last_id = 12345, .large = TRUE };
	guint8 bytes[RECORD_LINE_SIZE];
	RecordLine read = { 0 };

	record_line_encode(&line, bytes);
	bytes[_i / 8] ^= 1 << _i % 8;
	ck_assert(record_line_decode(bytes, &read));
	ck_assert_mem_eq(&read.key, &key, sizeof(key));
	ck_assert(read.last_id == 12345);
	ck_assert(read.large);
}
END_TEST

START_TEST(a_line_without_a_sound_copy_is_none)
{
	RecordLine line = { .key = key };
	guint8 bytes[RECORD_LINE_SIZE];
	RecordLine read;

	record_line_encode(&line, bytes);
	bytes[20] ^= 1;
	bytes[RECORD_LINE_SIZE / 2 + 30] ^= 1;
	ck_assert(!record_line_decode(bytes, &read));
	memset(bytes, 0, sizeof(bytes));
	ck_assert(!record_line_decode(bytes, &read));
}
END_TEST

/* What people and peers may put into an envelope. */
static const char *const hostile[] = {
	"",
	"plain@example.org",
	"a\nRecipient: evil@example.org",
	"a\r\nState: delivered",
	"\\x0aState: delivered",
	"back\\slash",
	"tab\tand\x01\x7f",
	"gr\xc3\xbc\xc3\x9f" "e@example.org",
	"\xff\xfe not UTF-8",
	"colon: in it",
	" blanks around ",
};

static Message *
copy_of(const Message *message)
{
	g_autoptr(GString) text = record_text_message(message);

	return record_parse_message(message->id, text->str, text->len);
}

START_TEST(an_envelope_means_what_it_meant)
{
	g_autoptr(Message) message = message_new(42, hostile[_i], 1000);
	g_autoptr(Message) copy = NULL;
	Recipient *recipient = message_add_recipient(message, hostile[_i]);

	recipient_set_option(recipient, "orcpt", hostile[_i]);
	message_add_recipient(message, "second@example.org");
	message_set_option(message, "subject", hostile[_i]);
	message->held = TRUE;
	g_free(message->held_why);
	message->held_why = g_strdup(hostile[_i]);
	copy = copy_of(message);
	ck_assert_ptr_nonnull(copy);
	ck_assert_str_eq(copy->sender, hostile[_i]);
	ck_assert_uint_eq(copy->recipients->len, 2);
	recipient = copy->recipients->pdata[0];
	ck_assert_str_eq(recipient->address, hostile[_i]);
	ck_assert_int_eq(recipient->state, RECIPIENT_WAITING);
	ck_assert_str_eq(copy->held_why, hostile[_i]);
	if (!*hostile[_i])
		return;
	ck_assert_str_eq(message_option(copy, "subject"), hostile[_i]);
	ck_assert_str_eq(recipient_option(recipient, "orcpt"), hostile[_i]);
}
END_TEST

static Message *
full_message(void)
{
	Message *message = message_new(42, "a@b", 0);
	g_autoptr(Status) status =
		status_new(OUTCOME_FAILED, FAULT_RECIPIENT, 550, "5.1.1",
			   "550 no such user", "The server knows nobody of "
			   "that name.");
	RecipientChange change = { .state = RECIPIENT_FAILED, .tries = 3,
				   .next_try = 5, .last_try = 4,
				   .route = "isp", .profile = "home",
				   .status = status };

	g_free(status->host);
	status->host = g_strdup("mx.example.org:25");
	message->arrived = 1700000000;
	message->meter = -5;
	message->trashed = TRUE;
	message->trashed_at = 1700000001;
	recipient_apply(message_add_recipient(message, "c@d"), &change);
	change.state = RECIPIENT_WAITING;
	change.status = NULL;
	recipient_apply(message_add_recipient(message, "e@f"), &change);
	((Recipient *)message->recipients->pdata[1])->state =
		RECIPIENT_ACTIVE;
	return message;
}

START_TEST(a_state_is_read_back)
{
	g_autoptr(Message) message = full_message();
	g_autoptr(Message) copy = copy_of(message);
	Recipient *one = copy->recipients->pdata[0];
	Recipient *two = copy->recipients->pdata[1];

	ck_assert(copy->id == 42 && copy->uid == 0);
	ck_assert(copy->arrived == 1700000000 && copy->meter == -5);
	ck_assert(copy->trashed && copy->trashed_at == 1700000001);
	ck_assert(!copy->held);
	ck_assert_int_eq(one->state, RECIPIENT_FAILED);
	ck_assert_uint_eq(one->tries, 3);
	ck_assert(one->next_try == 5 && one->last_try == 4);
	ck_assert_str_eq(one->route, "isp");
	ck_assert_str_eq(one->profile, "home");
	ck_assert_uint_eq(one->status->code, 550);
	ck_assert_int_eq(one->status->fault, FAULT_RECIPIENT);
	ck_assert_str_eq(one->status->enhanced, "5.1.1");
	ck_assert_str_eq(one->status->text, "550 no such user");
	ck_assert_str_eq(one->status->host, "mx.example.org:25");
	ck_assert_int_eq(two->state, RECIPIENT_WAITING);
	ck_assert_ptr_null(two->status);
}
END_TEST

/* Cut anywhere, a text is no message with fewer or other recipients. */
START_TEST(a_cut_text_has_no_half_line)
{
	g_autoptr(Message) message = full_message();
	g_autoptr(GString) text = record_text_message(message);

	for (gsize size = 0; size < text->len; size++) {
		g_autoptr(Message) cut =
			record_parse_message(42, text->str, size);

		if (cut)
			ck_assert_int_eq(text->str[size - 1], '\n');
	}
}
END_TEST

static const char *const broken[] = {
	"",
	"Sender: a@b\n",
	"no colon\nRecipient: a@b\n",
	"Recipient: a@b",
	"Recipient: a@b\nState: active\n",
	"Recipient: a@b\nState: nonsense\n",
	"Recipient: a@b\nTries: many\n",
	"Recipient: a@b\nOutcome: failed\n",
	"Uid: x\nRecipient: a@b\n",
};

START_TEST(a_broken_text_is_no_message)
{
	ck_assert_ptr_null(record_parse_message(1, broken[_i],
						strlen(broken[_i])));
}
END_TEST

START_TEST(a_nul_ends_no_text)
{
	static const char text[] = "Recipient: a@b\n\0Recipient: c@d\n";

	ck_assert_ptr_null(record_parse_message(1, text, sizeof(text) - 1));
}
END_TEST

START_TEST(unknown_lines_are_skipped)
{
	static const char text[] =
		"Sender: a@b\nFuture: x\nRecipient: c@d\nFurther: y\n";
	g_autoptr(Message) message =
		record_parse_message(1, text, sizeof(text) - 1);

	ck_assert_ptr_nonnull(message);
	ck_assert_uint_eq(message->recipients->len, 1);
}
END_TEST

START_TEST(recipients_are_bounded)
{
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; i < MESSAGE_MAX_RECIPIENTS; i++)
		g_string_append(text, "Recipient: a@b\n");
	message_free(record_parse_message(1, text->str, text->len));
	g_string_append(text, "Recipient: a@b\n");
	ck_assert_ptr_null(record_parse_message(1, text->str, text->len));
}
END_TEST

START_TEST(a_verdict_counts_without_its_text)
{
	g_autoptr(Recipient) recipient = recipient_new("a@b");

	recipient->tries = 2;
	ck_assert(record_apply_change(recipient, RECIPIENT_DELIVERED, NULL,
				      0));
	ck_assert_int_eq(recipient->state, RECIPIENT_DELIVERED);
	ck_assert_uint_eq(recipient->tries, 2);
	ck_assert(!record_apply_change(recipient, RECIPIENT_WAITING, NULL,
				       0));
	ck_assert(!record_apply_change(recipient, 99, NULL, 0));
}
END_TEST

START_TEST(a_verdict_is_read_back)
{
	g_autoptr(Message) message = full_message();
	const Recipient *from = message->recipients->pdata[0];
	RecipientChange change = recipient_change(from);
	g_autoptr(Recipient) to = recipient_new("a@b");
	g_autoptr(GString) text = NULL;

	change.route = from->route;
	change.status = from->status;
	text = record_text_change(&change);
	ck_assert(record_apply_change(to, RECIPIENT_FAILED, text->str,
				      text->len));
	ck_assert_uint_eq(to->tries, 3);
	ck_assert_str_eq(to->route, "isp");
	ck_assert_str_eq(to->profile, "");
	ck_assert_str_eq(to->status->text, "550 no such user");
}
END_TEST

START_TEST(an_action_is_read_back)
{
	g_autoptr(Action) action = action_new(_i, 1000, 17, "why\nnot");
	g_autoptr(Action) copy = NULL;
	g_autoptr(GString) text = NULL;

	action->number = -3;
	action->recipient = 2;
	g_free(action->key);
	action->key = g_strdup("route");
	g_free(action->value);
	action->value = g_strdup("a b: c");
	recipient_set_option(action_add_child(action, "x@y"), "notify",
			     "never");
	action_add_child(action, "z@y");
	text = record_text_action(action);
	copy = record_parse_action(text->str, text->len);
	ck_assert_ptr_nonnull(copy);
	ck_assert_int_eq(copy->kind, _i);
	ck_assert(copy->who == 1000 && copy->when == 17);
	ck_assert_str_eq(copy->why, "why\nnot");
	ck_assert(copy->number == -3 && copy->recipient == 2);
	ck_assert_str_eq(copy->key, "route");
	ck_assert_str_eq(copy->value, "a b: c");
	ck_assert_uint_eq(copy->children->len, 2);
	ck_assert_str_eq(recipient_option(copy->children->pdata[0], "notify"),
			 "never");
}
END_TEST

START_TEST(keys_are_read_back)
{
	RecordKeyLine line = { .id = 5, .uid = 1000, .ended = 99,
			       .key = (char *)hostile[_i] };
	g_autoptr(GString) text = g_string_new("nonsense\n");
	g_autoptr(GPtrArray) lines = NULL;

	record_text_key(text, &line);
	line.id = 6;
	record_text_key(text, &line);
	lines = record_parse_keys(text->str, text->len);
	ck_assert_uint_eq(lines->len, 2);
	ck_assert(((RecordKeyLine *)lines->pdata[1])->id == 6);
	ck_assert_str_eq(((RecordKeyLine *)lines->pdata[0])->key,
			 hostile[_i]);
}
END_TEST

static Suite *
make_record_suite(void)
{
	Suite *suite = suite_create("record");
	TCase *header = tcase_create("header");
	TCase *text = tcase_create("text");

	tcase_add_test(header, crc_is_crc32c);
	tcase_add_test(header, tag_is_siphash);
	tcase_add_test(header, a_header_is_read_back);
	tcase_add_loop_test(header, any_flipped_bit_is_seen, 0,
			    RECORD_HEADER_SIZE * 8);
	tcase_add_test(header, a_record_counts_only_where_it_was_written);
	tcase_add_loop_test(header, what_we_never_write_is_not_read, 0,
			    G_N_ELEMENTS(nonsense));
	tcase_add_test(header, forged_records_are_not_found);
	tcase_add_test(header, a_body_stands_where_it_says);
	tcase_add_loop_test(header, a_line_survives_any_flipped_bit, 0,
			    RECORD_LINE_SIZE * 8);
	tcase_add_test(header, a_line_without_a_sound_copy_is_none);
	suite_add_tcase(suite, header);
	tcase_add_loop_test(text, an_envelope_means_what_it_meant, 0,
			    G_N_ELEMENTS(hostile));
	tcase_add_test(text, a_state_is_read_back);
	tcase_add_test(text, a_cut_text_has_no_half_line);
	tcase_add_loop_test(text, a_broken_text_is_no_message, 0,
			    G_N_ELEMENTS(broken));
	tcase_add_test(text, a_nul_ends_no_text);
	tcase_add_test(text, unknown_lines_are_skipped);
	tcase_add_test(text, recipients_are_bounded);
	tcase_add_test(text, a_verdict_counts_without_its_text);
	tcase_add_test(text, a_verdict_is_read_back);
	tcase_add_loop_test(text, an_action_is_read_back, 0, ACTION_KINDS);
	tcase_add_loop_test(text, keys_are_read_back, 0,
			    G_N_ELEMENTS(hostile));
	suite_add_tcase(suite, text);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_record_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
