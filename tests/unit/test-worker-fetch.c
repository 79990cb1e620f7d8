// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A message whose head is another one: what of the message in the queue is
 * sent, and how large it goes out.
 */
#include "daemon/worker/worker.h"

#include <check.h>
#include <stdlib.h>

#define SIZE 1000 /* of the message in the queue */

static const struct {
	guint head;     /* bytes that go out .. */
	guint replaced; /* .. instead of these many */
	guint64 offset;
	guint64 sent;
	guint64 size; /* of what goes out */
} rows[] = {
	/* The head grows. */
	{ 150, 100, 0, 0, 1050 },
	{ 150, 100, 99, 99, 1050 },
	{ 150, 100, 120, 100, 1050 },
	{ 150, 100, 150, 100, 1050 },
	{ 150, 100, 151, 101, 1050 },
	{ 150, 100, 1050, SIZE, 1050 },
	/* It shrinks: all is sent only with the last byte. */
	{ 60, 100, 59, 59, 960 },
	{ 60, 100, 60, 100, 960 },
	{ 60, 100, 959, 999, 960 },
	{ 60, 100, 960, SIZE, 960 },
};

START_TEST(progress_is_of_the_message_in_the_queue)
{
	Job job = { .size = SIZE };
	GByteArray *head = g_byte_array_new();

	ck_assert_uint_eq(worker_sent(&job, rows[_i].offset),
			  rows[_i].offset);
	g_byte_array_set_size(head, rows[_i].head);
	worker_replace_head(&job, head, rows[_i].replaced);
	ck_assert_uint_eq(job.size, rows[_i].size);
	ck_assert_uint_eq(worker_sent(&job, rows[_i].offset), rows[_i].sent);
	g_byte_array_unref(head);
}
END_TEST

static Suite *
make_worker_fetch_suite(void)
{
	Suite *suite = suite_create("worker-fetch");
	TCase *core = tcase_create("core");

	tcase_add_loop_test(core, progress_is_of_the_message_in_the_queue, 0,
			    G_N_ELEMENTS(rows));
	suite_add_tcase(suite, core);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_worker_fetch_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
