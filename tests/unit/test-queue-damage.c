// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What others may do to the queue's files: disks that lose bits, people who
 * copy them, authors who know the format. Whatever happens, no message goes
 * to a wrong recipient, none is half, and the sound ones are there.
 */
#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "daemon/engine/queue-guard.h"
#include "daemon/engine/record.h"
#include "tests/unit/queue-fixture.h"

#define MESSAGES 4
#define BODY 600

static char *path;
static char *file;       /* the one segment of the queue in path */
static char *sound;      /* its bytes */
static gsize sound_size;
static guint64 ids[MESSAGES];

static Queue *
open_queue(const QueueOptions *options, const QueueEvents *events)
{
	g_autoptr(GError) error = NULL;
	Queue *queue = queue_open(path, options, events, NULL, &error);

	ck_assert_msg(queue != NULL, "%s", error ? error->message : "");
	return queue;
}

/* Each message has its own number of recipients, each with a state. */
static void
fill(const QueueOptions *options)
{
	Queue *queue = open_queue(options, NULL);

	for (guint i = 0; i < MESSAGES; i++) {
		g_autoptr(Message) message =
			submit_simple(queue, i, BODY, i + 2);

		ids[i] = message->id;
		settle(queue, message, 0, RECIPIENT_DELIVERED);
	}
	queue_close(queue);
	file = segment_path(path, 0);
	ck_assert(g_file_get_contents(file, &sound, &sound_size, NULL));
}

static void
set_up(void)
{
	path = scratch_make();
	fill(NULL);
}

static void
tear_down(void)
{
	g_free(file);
	g_free(sound);
	scratch_remove(path);
}

/* Begin again from the sound bytes. (transfer full) */
static char *
restore(void)
{
	scratch_remove(g_strdup(path));
	g_mkdir(path, 0700);
	return g_memdup2(sound, sound_size);
}

static void
put(const char *bytes, gsize size)
{
	ck_assert(g_file_set_contents(file, bytes, size, NULL));
}

static gint
number_of(const Message *message)
{
	for (guint i = 0; i < MESSAGES; i++)
		if (ids[i] == message->id)
			return i;
	return -1;
}

static void
check_message(Queue *queue, const Message *message)
{
	gint number = number_of(message);
	g_autoptr(GBytes) expected = make_body(number, BODY);
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) body = NULL;

	ck_assert_int_ge(number, 0);
	ck_assert_uint_eq(message->recipients->len, number + 2);
	for (guint i = 0; i < message->recipients->len; i++) {
		const Recipient *recipient = message->recipients->pdata[i];
		g_autofree char *address =
			g_strdup_printf("r%u@example.net", i);

		ck_assert_str_eq(recipient->address, address);
	}
	body = fetch(queue, message, &error);
	if (body)
		ck_assert(g_bytes_equal(body, expected));
	else
		ck_assert(g_error_matches(error, QUEUE_ERROR,
					  QUEUE_ERROR_DAMAGED));
}

/* How many live; each of them must be right. */
static guint
count_sound(void)
{
	Queue *queue = open_queue(NULL, NULL);
	g_autoptr(GPtrArray) messages = queue_take_messages(queue);

	for (guint i = 0; i < messages->len; i++)
		check_message(queue, messages->pdata[i]);
	queue_close(queue);
	return messages->len;
}

/* One flipped bit costs at most the message it is in. */
START_TEST(any_flipped_bit_costs_one_message)
{
	gsize from = sound_size * _i / 16, to = sound_size * (_i + 1) / 16;

	for (gsize at = from; at < to; at++) {
		g_autofree char *bytes = restore();

		bytes[at] ^= 1 << at % 8;
		put(bytes, sound_size);
		ck_assert_uint_ge(count_sound(), MESSAGES - 1);
	}
}
END_TEST

/* Cut anywhere, what stands before the cut is there. */
START_TEST(any_cut_leaves_what_is_before)
{
	gsize from = sound_size * _i / 16, to = sound_size * (_i + 1) / 16;
	guint before = 0;

	for (gsize size = from; size < to; size++) {
		g_autofree char *bytes = restore();
		guint count;

		put(bytes, size);
		count = count_sound();
		ck_assert_uint_ge(count, before);
		before = count;
	}
}
END_TEST

START_TEST(zeros_in_the_middle_cost_what_they_hide)
{
	g_autofree char *bytes = restore();

	memset(bytes + sound_size / 2, 0, 300);
	put(bytes, sound_size);
	ck_assert_uint_ge(count_sound(), MESSAGES - 2);
}
END_TEST

START_TEST(damage_is_told_and_kept_once)
{
	g_autofree char *bytes = restore();
	g_autofree char *corrupt = g_build_filename(path, "corrupt", NULL);
	g_autoptr(GDir) listing = NULL;
	Queue *queue;

	bytes[RECORD_LINE_SIZE + 20] ^= 1;
	put(bytes, sound_size);
	queue = open_queue(NULL, NULL);
	ck_assert_ptr_nonnull(queue_sentences(queue)[0]);
	queue_close(queue);
	listing = g_dir_open(corrupt, 0, NULL);
	ck_assert_ptr_nonnull(g_dir_read_name(listing));
	queue = open_queue(NULL, NULL);
	ck_assert_ptr_null(queue_sentences(queue)[0]);
	queue_close(queue);
}
END_TEST

static const struct {
	const char *text;
	gsize size;
} odd_files[] = {
	{ "", 0 },
	{ "x", 1 },
	{ "masqmail-queue 1 log", 20 },
	{ "masqmail-queue 2 log 00 0 0", 27 },
};

/* A segment that is none, beside the sound one. */
START_TEST(an_odd_file_is_in_nobodys_way)
{
	g_autofree char *bytes = restore();
	g_autofree char *odd = g_build_filename(path, "0000000000000009.seg",
						NULL);

	put(bytes, sound_size);
	ck_assert(g_file_set_contents(odd, odd_files[_i].text,
				      odd_files[_i].size, NULL));
	ck_assert_uint_eq(count_sound(), MESSAGES);
}
END_TEST

/* Nothing hangs on inodes or times: a copy is a queue. */
START_TEST(a_copy_works)
{
	g_autofree char *bytes = restore();
	g_autofree char *other = g_build_filename(path, "0000000000000077.seg",
						  NULL);

	ck_assert(g_file_set_contents(other, bytes, sound_size, NULL));
	ck_assert_uint_eq(count_sound(), MESSAGES);
}
END_TEST

/* Both are there after a copy that ran beside the queue, say. */
START_TEST(a_segment_twice_is_each_message_once)
{
	g_autofree char *bytes = restore();
	g_autofree char *other = g_build_filename(path, "0000000000000077.seg",
						  NULL);

	put(bytes, sound_size);
	ck_assert(g_file_set_contents(other, bytes, sound_size, NULL));
	ck_assert_uint_eq(count_sound(), MESSAGES);
}
END_TEST

/*
 * A body made of records: ends of the other messages and a message to
 * somebody else, with true CRCs, and what the author may have seen of the
 * segment itself.
 */
static GBytes *
forged_body(void)
{
	static const char text[] = "Sender: evil@x\nRecipient: evil@x\n";
	RecordKey guess = { "0123456789abcde" };
	GByteArray *body = g_byte_array_new();
	guint8 header[RECORD_HEADER_SIZE];

	for (guint i = 0; i < 200; i++) {
		Record record = { .type = RECORD_END, .id = ids[i % 4] };

		if (i % 5 == 4) {
			record.type = RECORD_MESSAGE;
			record.id = 4711;
			record.text_size = sizeof(text) - 1;
			record.text_crc = record_crc(0, text,
						     sizeof(text) - 1);
		}
		record_encode(&record, &guess, body->len, header);
		g_byte_array_append(body, header, sizeof(header));
		if (record.text_size)
			g_byte_array_append(body, (const guint8 *)text,
					    sizeof(text) - 1);
	}
	g_byte_array_append(body, (const guint8 *)sound, sound_size);
	return g_byte_array_free_to_bytes(body);
}

/* Hand it in behind the others, one more behind it, and find the bytes. */
static guint64
hand_in_forged(void)
{
	Queue *queue = open_queue(NULL, NULL);
	g_autoptr(GBytes) body = forged_body();
	Message *message = message_new(0, "a@b", 1000);
	guint64 id;

	message_add_recipient(message, "c@d");
	message = submit(queue, message, body, NULL);
	id = message->id;
	message_free(message);
	queue_close(queue);
	g_free(sound);
	ck_assert(g_file_get_contents(file, &sound, &sound_size, NULL));
	return id;
}

START_TEST(forged_records_are_never_taken)
{
	gsize before = sound_size;
	g_autofree char *old = restore();
	g_autofree char *bytes = NULL;
	guint64 id;

	put(old, before);
	id = hand_in_forged();
	/* Every bit of the header and the text of the message that holds them,
	 * so that the reader looks for the next record inside of its body. */
	for (gsize at = before; at < before + RECORD_HEADER_SIZE + 30; at++) {
		Queue *queue;
		g_autoptr(GPtrArray) messages = NULL;

		g_free(bytes);
		bytes = restore();
		bytes[at] ^= 0x40;
		put(bytes, sound_size);
		queue = open_queue(NULL, NULL);
		messages = queue_take_messages(queue);
		ck_assert_uint_ge(messages->len, MESSAGES);
		ck_assert_uint_le(messages->len, MESSAGES + 1);
		for (guint i = 0; i < messages->len; i++) {
			Message *message = messages->pdata[i];

			ck_assert(message->id == id ||
				  number_of(message) >= 0);
		}
		queue_close(queue);
	}
}
END_TEST

static guint damaged_calls;

static void
on_damaged(gpointer data, Message *message, const char *sentence)
{
	(void)data;
	ck_assert_ptr_nonnull(message);
	ck_assert(strstr(sentence, "not delivered"));
	damaged_calls++;
}

static const gsize body_sizes[] = { 1, 5000, 65536, 70000, 300000, 900000 };

/* Flip a bit of the body, in whichever segment @marker stands. */
static gboolean
damage_segment(const char *marker, gsize behind)
{
	for (guint i = 0;; i++) {
		g_autofree char *segment = segment_path(path, i);
		g_autofree char *bytes = NULL;
		gsize size;
		char *at;

		if (!segment)
			return FALSE;
		ck_assert(g_file_get_contents(segment, &bytes, &size, NULL));
		at = memmem(bytes, size, marker, strlen(marker));
		if (!at)
			continue;
		at[behind] ^= 1;
		return g_file_set_contents(segment, bytes, size, NULL);
	}
}

/* In a sealed segment nobody looks at bodies before they are fetched. */
START_TEST(a_damaged_body_is_never_given_out_whole)
{
	QueueOptions options = { .segment_records = 1 };
	QueueEvents events = { .damaged = on_damaged };
	gsize size = body_sizes[_i], read = 0;
	g_autofree guint8 *buffer = g_malloc(QUEUE_READ_MAX);
	Queue *queue = open_queue(&options, NULL);
	Message *message = submit_simple(queue, 99, size, 1);
	GPtrArray *messages;
	gssize got;

	message_free(message);
	message_free(submit_simple(queue, 2, 10, 1));
	queue_close(queue);
	ck_assert(size == 1 ? damage_segment("subject 99\nRecipient: "
					     "r0@example.net\n", 37) :
			      damage_segment("line 0 of 99", 0));

	damaged_calls = 0;
	queue = open_queue(&options, &events);
	messages = queue_take_messages(queue);
	message = messages->pdata[MESSAGES];
	while ((got = queue_read(queue, message->id, read, buffer,
				 QUEUE_READ_MAX, NULL)) > 0)
		read += got;
	ck_assert_int_eq(got, -1);
	ck_assert_uint_lt(read, size);
	ck_assert_uint_eq(damaged_calls, 1);
	ck_assert_int_eq(queue_read(queue, message->id, 0, buffer, 1, NULL),
			 -1);
	ck_assert_uint_eq(damaged_calls, 1);
	g_ptr_array_unref(messages);
	queue_close(queue);
}
END_TEST

/* What two starts have left behind that ended at the first record. */
static void
leave_guard(guint strikes)
{
	g_autofree char *name = g_build_filename(path, "recovering", NULL);
	g_autofree char *text = g_strdup_printf("1 %d %u\n", RECORD_LINE_SIZE,
						strikes);

	ck_assert(g_file_set_contents(name, text, -1, NULL));
}

START_TEST(a_record_that_ends_each_start_is_left_out)
{
	g_autofree char *name = g_build_filename(path, "recovering", NULL);
	Queue *queue;

	leave_guard(1);
	ck_assert_uint_eq(count_sound(), MESSAGES);
	ck_assert(!g_file_test(name, G_FILE_TEST_EXISTS));
	leave_guard(2);
	queue = open_queue(NULL, NULL);
	ck_assert(strstr(queue_sentences(queue)[0], "ended masqmail twice"));
	queue_close(queue);
	ck_assert(!g_file_test(name, G_FILE_TEST_EXISTS));
}
END_TEST

/* As if it died at the third record, twice: that one and no other. */
START_TEST(strikes_count_for_one_record_only)
{
	int directory = open(path, O_RDONLY | O_DIRECTORY);
	Guard *guard;

	guard = guard_new(directory);
	ck_assert(guard_pass(guard, 1, 100));
	g_free(guard); /* the first start dies without a word */
	for (guint i = 0; i < GUARD_STRIKES; i++) {
		guard = guard_new(directory);
		ck_assert(guard_pass(guard, 1, 100));
		ck_assert(guard_pass(guard, 1, 200));
		ck_assert(guard_pass(guard, 1, 300));
		g_free(guard);
	}
	guard = guard_new(directory);
	ck_assert(guard_pass(guard, 1, 100));
	ck_assert(!guard_pass(guard, 1, 300));
	ck_assert(guard_pass(guard, 1, 400));
	guard_free(guard);
	guard = guard_new(directory);
	ck_assert(guard_pass(guard, 1, 300));
	guard_free(guard);
	close(directory);
}
END_TEST

/* Read from its end, or by two at once: the check is made up for. */
START_TEST(the_order_of_reading_does_not_matter)
{
	Queue *queue = open_queue(NULL, NULL);
	Message *message = submit_simple(queue, 1, 300000, 1);
	guint8 buffer[1000];

	ck_assert_int_eq(queue_read(queue, message->id, 0, buffer, 1000,
				    NULL), 1000);
	ck_assert_int_eq(queue_read(queue, message->id, 0, buffer, 1000,
				    NULL), 1000);
	ck_assert_int_eq(queue_read(queue, message->id, 299000, buffer, 1000,
				    NULL), 1000);
	ck_assert_int_eq(queue_read(queue, message->id, 300000, buffer, 1000,
				    NULL), 0);
	ck_assert_int_eq(queue_read(queue, 4711, 0, buffer, 1000, NULL), -1);
	message_free(message);
	queue_close(queue);
}
END_TEST

static Suite *
make_damage_suite(void)
{
	Suite *suite = suite_create("queue-damage");
	TCase *tc = tcase_create("damage");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, any_flipped_bit_costs_one_message, 0, 16);
	tcase_add_loop_test(tc, any_cut_leaves_what_is_before, 0, 16);
	tcase_add_test(tc, zeros_in_the_middle_cost_what_they_hide);
	tcase_add_test(tc, damage_is_told_and_kept_once);
	tcase_add_loop_test(tc, an_odd_file_is_in_nobodys_way, 0,
			    G_N_ELEMENTS(odd_files));
	tcase_add_test(tc, a_copy_works);
	tcase_add_test(tc, a_segment_twice_is_each_message_once);
	tcase_add_test(tc, forged_records_are_never_taken);
	tcase_add_loop_test(tc, a_damaged_body_is_never_given_out_whole, 0,
			    G_N_ELEMENTS(body_sizes));
	tcase_add_test(tc, a_record_that_ends_each_start_is_left_out);
	tcase_add_test(tc, strikes_count_for_one_record_only);
	tcase_add_test(tc, the_order_of_reading_does_not_matter);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_damage_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
