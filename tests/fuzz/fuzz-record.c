// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The codec of the queue's records: headers, lines and texts of any bytes.
 * What is read must say the same when it is written and read again.
 */
#include <string.h>

#include "daemon/engine/record.h"
#include "tests/fuzz/fuzz.h"

static const RecordKey key = { "0123456789abcde" };

/* A header that is true says, written again, the same bytes. */
static void
try_header(const guint8 *data, gsize size)
{
	guint8 again[RECORD_HEADER_SIZE];
	Record record;
	gssize at = record_search(data, size, &key, 0);

	if (size >= RECORD_HEADER_SIZE)
		record_decode(data, NULL, 0, &record);
	if (at < 0)
		return;
	g_assert_true(record_decode(data + at, &key, at, &record));
	record_encode(&record, &key, at, again);
	g_assert_true(!memcmp(again, data + at, sizeof(again)));
}

static void
try_line(const guint8 *data, gsize size)
{
	guint8 bytes[RECORD_LINE_SIZE] = { 0 }, again[RECORD_LINE_SIZE];
	RecordLine line, second;

	memcpy(bytes, data, MIN(size, sizeof(bytes)));
	if (!record_line_decode(bytes, &line))
		return;
	record_line_encode(&line, again);
	g_assert_true(record_line_decode(again, &second));
	g_assert_true(line.last_id == second.last_id);
}

static void
try_message(const char *text, gsize size)
{
	g_autoptr(Message) message = record_parse_message(1, text, size);
	g_autoptr(Message) again = NULL;
	g_autoptr(GString) first = NULL;
	g_autoptr(GString) second = NULL;

	if (!message)
		return;
	g_assert_cmpuint(message->recipients->len, <=,
			 MESSAGE_MAX_RECIPIENTS);
	first = record_text_message(message);
	again = record_parse_message(1, first->str, first->len);
	g_assert_nonnull(again);
	second = record_text_message(again);
	g_assert_true(g_string_equal(first, second));
}

static void
try_action(const char *text, gsize size)
{
	g_autoptr(Action) action = record_parse_action(text, size);
	g_autoptr(Message) message = message_new(1, "", 0);
	g_autoptr(Action) again = NULL;
	g_autoptr(GString) first = NULL;

	if (!action)
		return;
	message_add_recipient(message, "a@b");
	message_act(message, action);
	first = record_text_action(action);
	again = record_parse_action(first->str, first->len);
	g_assert_nonnull(again);
	g_assert_cmpint(again->kind, ==, action->kind);
	g_assert_cmpstr(again->value, ==, action->value);
}

static void
try_change(guint8 state, const char *text, gsize size)
{
	g_autoptr(Recipient) recipient = recipient_new("a@b");

	record_apply_change(recipient, state, text, size);
	g_assert_cmpint(recipient->state, <=, RECIPIENT_REMOVED);
	g_assert_cmpint(recipient->state, !=, RECIPIENT_ACTIVE);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	g_autoptr(GPtrArray) keys = record_parse_keys(text, size);

	try_header(data, size);
	try_line(data, size);
	try_message(text, size);
	try_action(text, size);
	if (size)
		try_change(data[0] % 8, text + 1, size - 1);
	return 0;
}

static GBytes *
seed_message(void)
{
	g_autoptr(Message) message = message_new(1, "a@b", 1000);
	Recipient *recipient = message_add_recipient(message, "c\n@d");
	RecipientChange change = recipient_change(recipient);

	change.state = RECIPIENT_FAILED;
	change.tries = 3;
	change.route = "isp";
	recipient_apply(recipient, &change);
	recipient->status = status_new(OUTCOME_FAILED, FAULT_HOST, 550, NULL,
				       "550 no", "It said no.");
	recipient_set_option(recipient, "notify", "never");
	message_set_option(message, "subject", "a\\b");
	return g_string_free_to_bytes(record_text_message(message));
}

static GBytes *
seed_action(void)
{
	g_autoptr(Action) action = action_new(ACTION_EXPANDED, 1000, 5, "x");

	action_add_child(action, "e@f");
	return g_string_free_to_bytes(record_text_action(action));
}

static GBytes *
seed_header(void)
{
	Record record = { .type = RECORD_MESSAGE, .id = 5, .body_size = 9 };
	guint8 bytes[3 * RECORD_HEADER_SIZE] = { 0 };

	record_encode(&record, &key, 70, bytes + 70);
	return g_bytes_new(bytes, sizeof(bytes));
}

static GBytes *
seed_line(void)
{
	RecordLine line = { .key = key, .last_id = 99 };
	guint8 bytes[RECORD_LINE_SIZE];

	record_line_encode(&line, bytes);
	return g_bytes_new(bytes, sizeof(bytes));
}

static GBytes *
seed_keys(void)
{
	RecordKeyLine line = { .id = 5, .uid = 1000, .ended = 9,
			       .key = (char *)"k e\ny" };
	GString *text = g_string_new(NULL);

	record_text_key(text, &line);
	return g_string_free_to_bytes(text);
}

GBytes *
fuzz_seed(guint number)
{
	static GBytes *(*const seeds[])(void) = {
		seed_message, seed_action, seed_header, seed_line, seed_keys,
	};

	return number < G_N_ELEMENTS(seeds) ? seeds[number]() : NULL;
}
