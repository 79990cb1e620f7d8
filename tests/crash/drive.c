// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/crash/drive.h"

#include <fcntl.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "tests/crash/ledger.h"
#include "tests/unit/queue-fixture.h"

#define TRIES_MOST 500
#define LARGE (40 * 1024)

const QueueOptions drive_options = {
	.segment_bytes = 48 * 1024,
	.segment_records = 12,
	.gather_max = 16 * 1024,
	.reserve_bytes = 16 * 1024,
	.retry_ms = 5,
};

static const QueueOptions thousand_options = {
	.segment_bytes = 256 * 1024,
	.segment_records = 330,
	.reserve_bytes = 16 * 1024,
	.retry_ms = 5,
};

typedef struct {
	Queue *queue;
	int ledger;
	guint pending;
	guint seed;
} Drive;

typedef struct {
	Drive *drive;
	guint64 id;
	guint seed;
	guint size;
	guint recipients;
	guint number;
	RecipientChange change;
	Message *message;
	guint tries;
} Step;

static void
wait_for_all(Drive *drive)
{
	while (drive->pending)
		g_main_context_iteration(NULL, TRUE);
}

static void begin(Step *step);

static gboolean
begin_again(gpointer data)
{
	begin(data);
	return G_SOURCE_REMOVE;
}

static void
on_committed(gpointer data, Message *message, const GError *error)
{
	Step *step = data;

	if (error) {
		ledger_write(step->drive->ledger, "R %" G_GUINT64_FORMAT "\n",
			     step->id);
		if (++step->tries == TRIES_MOST)
			_exit(97);
		g_timeout_add(4, begin_again, step);
		return;
	}
	ledger_write(step->drive->ledger, "C %" G_GUINT64_FORMAT "\n",
		     step->id);
	step->message = message;
	step->drive->pending--;
}

/* Hand it in; the ledger knows of it before the queue can answer. */
static void
begin(Step *step)
{
	QueueSubmission *submission =
		queue_submission_new(step->drive->queue, 0);
	Message *message = message_new(0, "a@example.org", 1000);
	g_autoptr(GBytes) body = make_body(step->seed, step->size);

	step->id = queue_submission_id(submission);
	for (guint i = 0; i < step->recipients; i++)
		message_add_recipient(message, "b@example.net");
	ledger_write(step->drive->ledger,
		     "c %" G_GUINT64_FORMAT " %u %u %u\n", step->id,
		     step->seed, step->size, step->recipients);
	queue_submission_write(submission, g_bytes_get_data(body, NULL),
			       step->size, NULL);
	queue_submission_commit(submission, message, on_committed, step);
}

static Step *
hand_in(Drive *drive, guint size, guint recipients)
{
	Step *step = g_new0(Step, 1);

	step->drive = drive;
	step->seed = ++drive->seed;
	step->size = size;
	step->recipients = recipients;
	drive->pending++;
	begin(step);
	return step;
}

static void
on_verdict(gpointer data, const GError *error)
{
	Step *step = data;
	Recipient *recipient = step->message->recipients->pdata[step->number];

	if (error)
		_exit(96);
	if (step->change.state != RECIPIENT_WAITING)
		ledger_write(step->drive->ledger,
			     "V %" G_GUINT64_FORMAT " %u\n", step->id,
			     step->number);
	recipient_apply(recipient, &step->change);
	step->drive->pending--;
}

/* One verdict at a time for each step. */
static void
judge(Step *step, guint number, RecipientState state)
{
	step->number = number;
	step->change =
		recipient_change(step->message->recipients->pdata[number]);
	step->change.state = state;
	step->change.route = "isp";
	ledger_write(step->drive->ledger, "v %" G_GUINT64_FORMAT " %u %u\n",
		     step->id, number, state);
	step->drive->pending++;
	queue_verdict(step->drive->queue, step->message, number,
		      &step->change, on_verdict, step);
}

static void
on_held(gpointer data, const GError *error)
{
	Step *step = data;

	if (error)
		_exit(96);
	ledger_write(step->drive->ledger, "H %" G_GUINT64_FORMAT "\n",
		     step->id);
	step->message->held = TRUE;
	step->drive->pending--;
}

static void
hold(Step *step)
{
	g_autoptr(Action) action = action_new(ACTION_HELD, 0, 1, "why");

	ledger_write(step->drive->ledger, "h %" G_GUINT64_FORMAT "\n",
		     step->id);
	step->drive->pending++;
	queue_action(step->drive->queue, step->message, action, on_held,
		     step);
}

static void
on_ended(gpointer data, const GError *error)
{
	Step *step = data;

	if (error)
		_exit(96);
	ledger_write(step->drive->ledger, "E %" G_GUINT64_FORMAT "\n",
		     step->id);
	g_clear_pointer(&step->message, message_free);
	step->drive->pending--;
}

static void
end(Step *step)
{
	ledger_write(step->drive->ledger, "e %" G_GUINT64_FORMAT "\n",
		     step->id);
	step->drive->pending++;
	queue_end(step->drive->queue, step->message, on_ended, step);
}

/* Each kind of record, each size of body, several rolls. */
static void
play_small(Drive *drive)
{
	static const guint sizes[] = { 300, 9000, 0, 12000, 700 };
	Step *steps[5], *large, *old = hand_in(drive, 500, 3);

	wait_for_all(drive);
	for (guint round = 0; round < 3; round++) {
		for (guint i = 0; i < 5; i++)
			steps[i] = hand_in(drive, sizes[i], 1 + i % 3);
		large = hand_in(drive, LARGE, 2);
		wait_for_all(drive);
		judge(old, round, round == 1 ? RECIPIENT_WAITING :
					       RECIPIENT_DELIVERED);
		judge(large, 0, RECIPIENT_FAILED);
		for (guint i = 0; i < 5; i++)
			judge(steps[i], 0, RECIPIENT_DELIVERED);
		wait_for_all(drive);
		judge(large, 0, RECIPIENT_BOUNCED);
		for (guint i = 0; i < 4; i++)
			end(steps[i]);
		wait_for_all(drive);
		if (round == 1)
			end(large);
		else
			hold(steps[4]);
	}
	wait_for_all(drive);
}

/* The old one outlives a thousand, and its states move along. */
static void
play_thousand(Drive *drive)
{
	Step *steps[20], *old = hand_in(drive, 900, 3);

	wait_for_all(drive);
	for (guint round = 0; round < 50; round++) {
		for (guint i = 0; i < G_N_ELEMENTS(steps); i++)
			steps[i] = hand_in(drive, 200 + i * 50, 1);
		wait_for_all(drive);
		for (guint i = 0; i < G_N_ELEMENTS(steps); i++)
			judge(steps[i], 0, RECIPIENT_DELIVERED);
		if (round == 5 || round == 30)
			judge(old, round == 30, RECIPIENT_DELIVERED);
		wait_for_all(drive);
		for (guint i = 0; i < G_N_ELEMENTS(steps); i++)
			end(steps[i]);
		wait_for_all(drive);
	}
}

/* What is there already ends by and by, and a little comes. */
static void
play_restart(Drive *drive)
{
	GPtrArray *messages = queue_take_messages(drive->queue);

	for (guint i = 0; i < messages->len; i++) {
		Step *step = g_new0(Step, 1);

		step->drive = drive;
		step->message = messages->pdata[i];
		step->id = step->message->id;
		end(step);
	}
	wait_for_all(drive);
	hand_in(drive, 400, 1);
	wait_for_all(drive);
}

static const struct {
	const char *name;
	const QueueOptions *options;
	void (*play)(Drive *drive);
} workloads[] = {
	{ "small", &drive_options, play_small },
	{ "thousand", &thousand_options, play_thousand },
	{ "restart", &drive_options, play_restart },
};

/* Until the disk lets it. */
static Queue *
open_patiently(const char *directory, const QueueOptions *options)
{
	Queue *queue = NULL;

	for (guint i = 0; !queue && i < TRIES_MOST; i++)
		queue = queue_open(directory, options, NULL, NULL, NULL);
	if (!queue)
		_exit(95);
	return queue;
}

static void
crash_now(const char *directory)
{
	g_autofree char *path = g_build_filename(directory, "crash-now",
						 NULL);

	g_unlink(path);
	_exit(94);
}

/* What the disk refused before it was well again is written by now. */
static void
wait_until_well(Queue *queue)
{
	for (guint i = 0; i < TRIES_MOST; i++) {
		if (queue_condition(queue, NULL) != QUEUE_READ_ONLY)
			return;
		idle(5);
	}
	_exit(93);
}

gboolean
drive(const char *name, const char *directory, const char *ledger,
      gboolean crash)
{
	for (guint i = 0; i < G_N_ELEMENTS(workloads); i++) {
		Drive drive = { .ledger = open(ledger,
					       O_WRONLY | O_CREAT | O_APPEND,
					       0600) };

		if (!g_str_equal(name, workloads[i].name))
			continue;
		drive.queue = open_patiently(directory, workloads[i].options);
		workloads[i].play(&drive);
		wait_until_well(drive.queue);
		idle(10);
		if (crash)
			crash_now(directory);
		queue_close(drive.queue);
		return TRUE;
	}
	return FALSE;
}
