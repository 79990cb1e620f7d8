// SPDX-License-Identifier: GPL-2.0-or-later
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include <glib/gstdio.h>

#include "common/text.h"
#include "tests/unit/queue-fixture.h"

static char *path;
static Queue *queue;

static Queue *
open_with(const QueueOptions *options)
{
	g_autoptr(GError) error = NULL;
	Queue *opened = queue_open(path, options, NULL, NULL, &error);

	ck_assert_msg(opened != NULL, "%s", error ? error->message : "");
	return opened;
}

static void
set_up(void)
{
	path = scratch_make();
	queue = open_with(NULL);
}

static void
tear_down(void)
{
	queue_close(queue);
	scratch_remove(path);
}

/* Close, open, and the messages that live. (transfer full) */
static GPtrArray *
reopen_with(const QueueOptions *options)
{
	queue_close(queue);
	queue = open_with(options);
	ck_assert_ptr_null(queue_sentences(queue)[0]);
	return queue_take_messages(queue);
}

static GPtrArray *
reopen(void)
{
	return reopen_with(NULL);
}

static void
assert_body(const Message *message, guint seed, gsize size)
{
	g_autoptr(GBytes) expected = make_body(seed, size);
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) body = fetch(queue, message, &error);

	ck_assert_msg(body != NULL, "%s", error ? error->message : "");
	ck_assert_uint_eq(message->size, size);
	ck_assert(g_bytes_equal(body, expected));
}

static const gsize sizes[] = {
	0, 1, 640, 4096, 65535, 65536, 65537, QUEUE_GATHER_MAX,
	QUEUE_GATHER_MAX + 1, 3 * 1024 * 1024,
};

START_TEST(what_was_handed_in_is_there_again)
{
	Message *message = submit_simple(queue, _i, sizes[_i], 3);
	g_autoptr(GPtrArray) messages = NULL;
	guint64 id = message->id;

	assert_body(message, _i, sizes[_i]);
	message_free(message);
	messages = reopen();
	ck_assert_uint_eq(messages->len, 1);
	message = messages->pdata[0];
	ck_assert(message->id == id);
	ck_assert_str_eq(message->sender, "sender@example.org");
	ck_assert_uint_eq(message->recipients->len, 3);
	assert_body(message, _i, sizes[_i]);
}
END_TEST

START_TEST(states_and_actions_are_replayed)
{
	Message *message = submit_simple(queue, 1, 640, 4);
	Action *held = action_new(ACTION_HELD, 0, 5, "Waiting for Ada.");
	g_autoptr(GPtrArray) messages = NULL;
	Recipient **recipients;

	settle(queue, message, 0, RECIPIENT_DELIVERED);
	settle(queue, message, 1, RECIPIENT_WAITING);
	settle(queue, message, 2, RECIPIENT_FAILED);
	settle(queue, message, 2, RECIPIENT_BOUNCED);
	act(queue, message, held);
	message_free(message);
	messages = reopen();
	ck_assert_uint_eq(messages->len, 1);
	message = messages->pdata[0];
	recipients = (Recipient **)message->recipients->pdata;
	ck_assert_int_eq(recipients[0]->state, RECIPIENT_DELIVERED);
	ck_assert_int_eq(recipients[1]->state, RECIPIENT_WAITING);
	ck_assert_uint_eq(recipients[1]->tries, 1);
	ck_assert_str_eq(recipients[1]->route, "isp");
	ck_assert_int_eq(recipients[2]->state, RECIPIENT_BOUNCED);
	ck_assert_int_eq(recipients[3]->state, RECIPIENT_WAITING);
	ck_assert(message->held);
	ck_assert_str_eq(message->held_why, "Waiting for Ada.");
}
END_TEST

START_TEST(a_finished_message_stays_away)
{
	Message *kept = submit_simple(queue, 1, 640, 1);
	Message *gone = submit_simple(queue, 2, 640, 1);
	g_autoptr(GPtrArray) messages = NULL;

	settle(queue, gone, 0, RECIPIENT_DELIVERED);
	finish(queue, gone);
	messages = reopen();
	ck_assert_uint_eq(messages->len, 1);
	assert_body(messages->pdata[0], 1, 640);
	message_free(kept);
}
END_TEST

START_TEST(a_large_message_leaves_with_its_file)
{
	Message *message = submit_simple(queue, 1, 1024 * 1024, 1);

	ck_assert_uint_eq(count_segments(path), 2);
	finish(queue, message);
	idle(50);
	ck_assert_uint_eq(count_segments(path), 1);
}
END_TEST

static guint64
blocks_used(void)
{
	g_autofree char *file = segment_path(path, 0);
	GStatBuf facts;

	ck_assert(!g_stat(file, &facts));
	return facts.st_blocks;
}

/* The segment must stay for another message; the dead body's room goes. */
START_TEST(dead_mail_takes_no_room)
{
	Message *kept = submit_simple(queue, 1, 640, 1);
	Message *large = submit_simple(queue, 2, 200 * 1024, 1);
	guint64 before = blocks_used();
	g_autoptr(GPtrArray) messages = NULL;

	finish(queue, large);
	idle(50);
	ck_assert_uint_lt(blocks_used() + 180 * 2, before);
	messages = reopen();
	ck_assert_uint_eq(messages->len, 1);
	assert_body(messages->pdata[0], 1, 640);
	message_free(kept);
}
END_TEST

START_TEST(there_is_a_reserve)
{
	g_autofree char *reserve = g_build_filename(path, "reserve", NULL);
	GStatBuf facts;

	ck_assert(!g_stat(reserve, &facts));
	ck_assert_uint_ge((guint64)facts.st_blocks * 512,
			  QUEUE_RESERVE_BYTES);
}
END_TEST

static guint low_events;

static void
on_condition(gpointer data, QueueCondition condition, const char *sentence)
{
	(void)data;
	ck_assert_int_eq(condition, QUEUE_LOW);
	ck_assert(strstr(sentence, "too little room"));
	low_events++;
}

/* Told once it is asked or written, not while the queue is being opened. */
START_TEST(too_little_room_is_said)
{
	QueueOptions options = { .size_limit = G_MAXUINT64 / 4 };
	QueueEvents events = { .condition = on_condition };
	const char *sentence = NULL;

	ck_assert_int_eq(queue_condition(queue, &sentence), QUEUE_OK);
	ck_assert_str_eq(sentence, "");
	queue_close(queue);
	low_events = 0;
	queue = queue_open(path, &options, &events, NULL, NULL);
	ck_assert_uint_eq(low_events, 0);
	ck_assert_int_eq(queue_condition(queue, &sentence), QUEUE_LOW);
	ck_assert(strstr(sentence, "too little room"));
	ck_assert_uint_gt(queue_bytes_free(queue), 0);
	message_free(submit_simple(queue, 1, 100, 1));
	ck_assert_uint_eq(low_events, 0);
}
END_TEST

START_TEST(ids_only_ever_rise)
{
	guint64 last = 0;

	for (guint i = 0; i < 100; i++) {
		QueueSubmission *one = queue_submission_new(queue, 0);

		ck_assert(queue_submission_id(one) > last);
		last = queue_submission_id(one);
		queue_submission_free(one);
	}
}
END_TEST

START_TEST(an_abandoned_submission_leaves_nothing)
{
	QueueSubmission *submission = queue_submission_new(queue, 0);
	g_autoptr(GBytes) body = make_body(1, 2 * QUEUE_GATHER_MAX);
	g_autoptr(GPtrArray) messages = NULL;
	g_autofree char *tmp = g_build_filename(path, "tmp", NULL);
	g_autoptr(GDir) listing = NULL;

	ck_assert(queue_submission_write(submission,
					 g_bytes_get_data(body, NULL),
					 g_bytes_get_size(body), NULL));
	queue_submission_free(submission);
	listing = g_dir_open(tmp, 0, NULL);
	ck_assert_ptr_null(g_dir_read_name(listing));
	messages = reopen();
	ck_assert_uint_eq(messages->len, 0);
}
END_TEST

START_TEST(too_much_is_refused)
{
	g_autoptr(QueueSubmission) submission =
		queue_submission_new(queue, 1000);
	g_autoptr(GBytes) body = make_body(1, 1000);
	g_autoptr(GError) error = NULL;

	ck_assert(queue_submission_write(submission,
					 g_bytes_get_data(body, NULL), 1000,
					 NULL));
	ck_assert(!queue_submission_write(submission, "x", 1, &error));
	ck_assert(g_error_matches(error, QUEUE_ERROR,
				  QUEUE_ERROR_TOO_LARGE));
}
END_TEST

/* All gathered bodies share one budget; what is over goes to a file. */
START_TEST(gathering_is_bounded)
{
	enum { COUNT = QUEUE_GATHER_ALL_MAX / QUEUE_GATHER_MAX + 2 };
	QueueSubmission *submissions[COUNT];
	g_autoptr(GBytes) body = make_body(1, QUEUE_GATHER_MAX);
	g_autofree char *tmp = g_build_filename(path, "tmp", NULL);
	g_autoptr(GDir) listing = NULL;
	guint files = 0;

	for (guint i = 0; i < COUNT; i++) {
		submissions[i] = queue_submission_new(queue, 0);
		ck_assert(queue_submission_write(submissions[i],
						 g_bytes_get_data(body, NULL),
						 QUEUE_GATHER_MAX, NULL));
	}
	listing = g_dir_open(tmp, 0, NULL);
	while (g_dir_read_name(listing))
		files++;
	ck_assert_uint_eq(files, 2);
	for (guint i = 0; i < COUNT; i++)
		queue_submission_free(submissions[i]);
}
END_TEST

START_TEST(an_uncommitted_body_can_be_scanned)
{
	gsize size = sizes[_i];
	g_autoptr(QueueSubmission) submission =
		queue_submission_new(queue, 0);
	g_autoptr(GBytes) body = make_body(1, size);
	const guint8 *bytes = g_bytes_get_data(body, NULL);
	guint8 buffer[1000];

	ck_assert(queue_submission_write(submission, bytes, size, NULL));
	ck_assert_int_eq(queue_submission_read(submission, size, buffer,
					       sizeof(buffer), NULL), 0);
	if (size < sizeof(buffer))
		return;
	ck_assert_int_eq(queue_submission_read(submission, size - 1000,
					       buffer, sizeof(buffer), NULL),
			 1000);
	ck_assert_mem_eq(buffer, bytes + size - 1000, 1000);
}
END_TEST

START_TEST(one_engine_at_a_time)
{
	QueueOptions options = { .lock_wait_ms = 50 };
	g_autoptr(GError) error = NULL;

	ck_assert_ptr_null(queue_open(path, &options, NULL, NULL, &error));
	ck_assert(g_error_matches(error, QUEUE_ERROR, QUEUE_ERROR_LOCKED));
}
END_TEST

static Message *
submit_with_key(const char *key)
{
	Message *message = message_new(0, "a@b", 1000);
	g_autoptr(GBytes) body = make_body(1, 100);

	message_set_option(message, "key", key);
	message_add_recipient(message, "c@d");
	return submit(queue, message, body, NULL);
}

START_TEST(keys_are_known_while_fresh)
{
	Message *message = submit_with_key("abc");
	guint64 id = message->id, found = 0;
	GPtrArray *messages;

	ck_assert(queue_find_key(queue, 1000, "abc", &found));
	ck_assert(found == id);
	ck_assert(!queue_find_key(queue, 1001, "abc", NULL));
	message_free(message);
	messages = reopen();
	ck_assert(queue_find_key(queue, 1000, "abc", NULL));
	finish(queue, g_ptr_array_steal_index(messages, 0));
	ck_assert(queue_find_key(queue, 1000, "abc", NULL));
	g_ptr_array_unref(messages);
	messages = reopen();
	ck_assert_uint_eq(messages->len, 0);
	found = 0;
	ck_assert(queue_find_key(queue, 1000, "abc", &found));
	ck_assert(found == id);
	g_ptr_array_unref(messages);
}
END_TEST

START_TEST(ended_keys_are_bounded)
{
	char key[16];

	for (guint i = 0; i <= QUEUE_RECENT_KEYS; i++) {
		g_snprintf(key, sizeof(key), "k%u", i);
		finish(queue, submit_with_key(key));
	}
	ck_assert(!queue_find_key(queue, 1000, "k0", NULL));
	ck_assert(queue_find_key(queue, 1000, "k1", NULL));
}
END_TEST

/* In small segments, so that the one with the E of the key is long gone. */
START_TEST(keys_outlive_their_segment)
{
	QueueOptions options = { .segment_records = 16 };
	g_autoptr(GPtrArray) messages = reopen_with(&options);

	finish(queue, submit_with_key("abc"));
	for (guint i = 0; i < 100; i++)
		finish(queue, submit_simple(queue, i, 100, 1));
	idle(50);
	ck_assert_uint_le(count_segments(path), 3);
	g_ptr_array_unref(g_steal_pointer(&messages));
	messages = reopen_with(&options);
	ck_assert(queue_find_key(queue, 1000, "abc", NULL));
}
END_TEST

START_TEST(an_old_message_keeps_few_segments)
{
	QueueOptions options = { .segment_records = 200 };
	g_autoptr(GPtrArray) messages = reopen_with(&options);
	Message *old = submit_simple(queue, 7, 1000, 2);

	for (guint i = 0; i < 1000; i++) {
		Message *message = submit_simple(queue, i, 500, 1);

		settle(queue, message, 0, RECIPIENT_DELIVERED);
		finish(queue, message);
		if (i == 300)
			settle(queue, old, 0, RECIPIENT_DELIVERED);
	}
	idle(50);
	ck_assert_uint_le(count_segments(path), 4);
	message_free(old);
	g_ptr_array_unref(messages);
	messages = reopen_with(&options);
	ck_assert_uint_eq(messages->len, 1);
	old = messages->pdata[0];
	ck_assert_int_eq(((Recipient *)old->recipients->pdata[0])->state,
			 RECIPIENT_DELIVERED);
	ck_assert_int_eq(((Recipient *)old->recipients->pdata[1])->state,
			 RECIPIENT_WAITING);
	assert_body(old, 7, 1000);
}
END_TEST

static void
count_done(gpointer data, const GError *error)
{
	ck_assert_ptr_null(error);
	++*(guint *)data;
}

typedef struct {
	Recipient *recipient;
	RecipientChange change;
	guint *done;
} Pending;

static void
apply_done(gpointer data, const GError *error)
{
	Pending *pending = data;

	ck_assert_ptr_null(error);
	ck_assert(recipient_apply(pending->recipient, &pending->change));
	++*pending->done;
}

/* An S is not written while a mark is on its way that it would undo. */
START_TEST(marks_in_flight_survive_the_move)
{
	QueueOptions options = { .segment_records = 40 };
	g_autoptr(GPtrArray) messages = reopen_with(&options);
	Message *old = submit_simple(queue, 7, 1000, 200);
	Pending pending[200];
	guint done = 0;

	for (guint i = 0; i < 200; i++) {
		Pending *one = &pending[i];

		one->recipient = old->recipients->pdata[i];
		one->change = recipient_change(one->recipient);
		one->change.state = RECIPIENT_DELIVERED;
		one->done = &done;
		queue_verdict(queue, old, i, &one->change, apply_done, one);
		for (guint j = 0; j < i % 4; j++)
			finish(queue, submit_simple(queue, j, 300, 1));
	}
	while (done < 200)
		g_main_context_iteration(NULL, TRUE);
	idle(50);
	message_free(old);
	g_ptr_array_unref(messages);
	messages = reopen_with(&options);
	ck_assert_uint_eq(messages->len, 1);
	ck_assert_uint_eq(message_count(messages->pdata[0],
					RECIPIENT_DELIVERED), 200);
}
END_TEST

START_TEST(closing_answers_everybody)
{
	Message *message = submit_simple(queue, 1, 100, 1);
	RecipientChange change =
		recipient_change(message->recipients->pdata[0]);
	GPtrArray *messages;
	guint done = 0;

	change.state = RECIPIENT_DELIVERED;
	queue_verdict(queue, message, 0, &change, count_done, &done);
	queue_end(queue, message, count_done, &done);
	messages = reopen();
	ck_assert_uint_eq(done, 2);
	ck_assert_uint_eq(messages->len, 0);
	g_ptr_array_unref(messages);
	message_free(message);
}
END_TEST

START_TEST(a_bounce_answers_for_its_message)
{
	Message *message = submit_simple(queue, 1, 100, 3);
	Message *bounce = message_new(0, "", 0);
	char id[TEXT_ID_SIZE];
	g_autofree char *answers =
		g_strdup_printf("%s 2 99 x", text_id(message->id, id));
	g_autoptr(GBytes) body = make_body(9, 500);
	g_autoptr(GPtrArray) messages = NULL;
	Recipient **recipients;

	settle(queue, message, 1, RECIPIENT_FAILED);
	settle(queue, message, 2, RECIPIENT_FAILED);
	message_set_option(bounce, "answers", answers);
	message_add_recipient(bounce, "sender@example.org");
	message_free(submit(queue, bounce, body, NULL));
	message_free(message);
	messages = reopen();
	message = messages->pdata[0];
	recipients = (Recipient **)message->recipients->pdata;
	ck_assert_int_eq(recipients[0]->state, RECIPIENT_WAITING);
	ck_assert_int_eq(recipients[1]->state, RECIPIENT_FAILED);
	ck_assert_int_eq(recipients[2]->state, RECIPIENT_BOUNCED);
}
END_TEST

static void
count_committed(gpointer data, Message *message, const GError *error)
{
	ck_assert_ptr_null(error);
	message_free(message);
	++*(guint *)data;
}

START_TEST(many_messages_load_fast)
{
	enum { COUNT = 20000 };
	g_autoptr(GPtrArray) messages = NULL;
	gint64 begun;
	guint done = 0;
	g_autoptr(GBytes) body = make_body(1, 200);

	for (guint i = 0; i < COUNT; i++) {
		QueueSubmission *one = queue_submission_new(queue, 0);
		Message *message = message_new(0, "a@b", 1000);

		message_add_recipient(message, "c@d");
		queue_submission_write(one, g_bytes_get_data(body, NULL),
				       200, NULL);
		queue_submission_commit(one, message, count_committed, &done);
		g_main_context_iteration(NULL, FALSE);
	}
	while (done < COUNT)
		g_main_context_iteration(NULL, TRUE);
	queue_close(queue);
	begun = g_get_monotonic_time();
	queue = open_with(NULL);
	/* 100 000 in well under a second, on a machine that is busy. */
	if (g_strcmp0(g_getenv("SANITIZED"), "yes") != 0)
		ck_assert_int_lt(g_get_monotonic_time() - begun, 1000000);
	messages = queue_take_messages(queue);
	ck_assert_uint_eq(messages->len, COUNT);
}
END_TEST

static Suite *
make_queue_suite(void)
{
	Suite *suite = suite_create("queue");
	TCase *tc = tcase_create("queue");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, what_was_handed_in_is_there_again, 0,
			    G_N_ELEMENTS(sizes));
	tcase_add_test(tc, states_and_actions_are_replayed);
	tcase_add_test(tc, a_finished_message_stays_away);
	tcase_add_test(tc, a_large_message_leaves_with_its_file);
	tcase_add_test(tc, dead_mail_takes_no_room);
	tcase_add_test(tc, there_is_a_reserve);
	tcase_add_test(tc, too_little_room_is_said);
	tcase_add_test(tc, ids_only_ever_rise);
	tcase_add_test(tc, an_abandoned_submission_leaves_nothing);
	tcase_add_test(tc, too_much_is_refused);
	tcase_add_test(tc, gathering_is_bounded);
	tcase_add_loop_test(tc, an_uncommitted_body_can_be_scanned, 0,
			    G_N_ELEMENTS(sizes));
	tcase_add_test(tc, one_engine_at_a_time);
	tcase_add_test(tc, keys_are_known_while_fresh);
	tcase_add_test(tc, ended_keys_are_bounded);
	tcase_add_test(tc, keys_outlive_their_segment);
	tcase_add_test(tc, an_old_message_keeps_few_segments);
	tcase_add_test(tc, marks_in_flight_survive_the_move);
	tcase_add_test(tc, closing_answers_everybody);
	tcase_add_test(tc, a_bounce_answers_for_its_message);
	tcase_add_test(tc, many_messages_load_fast);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_queue_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
