// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/report.h"

#include <string.h>

#include "common/text.h"
#include "daemon/engine/deliver.h"
#include "daemon/engine/transition.h"

#define STALE "stale" /* what "warns" says instead of seconds */

static gboolean
never_notify(const Recipient *recipient)
{
	const char *notify = recipient_option(recipient, "notify");
	g_autofree char *lower = notify ? g_ascii_strdown(notify, -1) : NULL;

	/* RFC 3461 4.1: words that do not name failure ask for silence. */
	return lower && !strstr(lower, "failure");
}

/* What nobody is told of has been answered by that. */
static void
drop_failed(Engine *engine, Message *message, gboolean all)
{
	for (guint i = 0; i < message->recipients->len; i++) {
		const Recipient *recipient = message->recipients->pdata[i];
		RecipientChange change;

		if (recipient->state != RECIPIENT_FAILED ||
		    (!all && !never_notify(recipient)))
			continue;
		change = recipient_change(recipient);
		change.state = RECIPIENT_BOUNCED;
		transition_verdict(engine, message, i, &change);
	}
}

static guint
count_wanted(const Message *message, gint64 *ret_first)
{
	guint count = 0;

	for (guint i = 0; i < message->recipients->len; i++) {
		const Recipient *recipient = message->recipients->pdata[i];

		if (recipient->state != RECIPIENT_FAILED ||
		    never_notify(recipient))
			continue;
		if (count++ == 0 || recipient->last_try < *ret_first)
			*ret_first = recipient->last_try;
	}
	return count;
}

/* RFC 5321 6.1: what has no sender to return to is the postmaster's. */
static gboolean
is_postmasters(const Message *message)
{
	return !*message->sender || message->sender_gone;
}

/* Why there is nobody to tell; NULL if there is somebody. */
static const char *
untellable(const Message *message)
{
	/* Whom it names as its sender may be anybody: no mail to them. */
	if (message_option(message, "foreign"))
		return "It could not be delivered, and it is not known whose "
		       "it is, so nobody is told. Read it, then delete it.";
	if (message->untold >= REPORT_TRIES && is_postmasters(message))
		return "It could not be delivered, and its sender could not "
		       "be told so. Read it, then delete it; released, the "
		       "sender is told again.";
	return NULL;
}

/* Keep it where people see it. */
static void
hold(Engine *engine, Message *message, const char *why)
{
	if (!message->held)
		transition_action(engine, message,
				  action_new(ACTION_HELD, engine->owner,
					     engine_now(), why));
}

/* The report of a report failed: whom it would tell, it would tell again. */
static void
drop_triple(Engine *engine, Message *message)
{
	/* Said once, though it is considered again until it has ended. */
	if (message->sender_gone)
		return;
	message->sender_gone = TRUE;
	events_add(engine->events, "lost", TRUE, message, NULL,
		   "A report to the postmaster could not be delivered; there "
		   "is nobody left to tell. It is dropped.");
	drop_failed(engine, message, TRUE);
}

static ReportPlan *
plan_new(const Message *message, ReportKind kind)
{
	ReportPlan *plan = g_new0(ReportPlan, 1);

	plan->kind = kind;
	plan->doubled = is_postmasters(message);
	return plan;
}

static void
bounce(Engine *engine, Message *message)
{
	const char *why = untellable(message);
	ReportPlan *plan;

	if (message_option(message, "double")) {
		if (message_pending(message) == 0)
			drop_triple(engine, message);
		return;
	}
	if (why) {
		hold(engine, message, why);
		return;
	}
	if (message->held)
		return;
	if (message->untold >= REPORT_TRIES) {
		message->sender_gone = TRUE;
		message->untold = 0;
	}
	plan = plan_new(message, REPORT_BOUNCE);
	plan->numbers = report_numbers(message);
	report_start(engine, message, plan);
}

void
report_consider(Engine *engine, Message *message)
{
	gint64 first = 0;
	guint wanted = count_wanted(message, &first);

	report_send_receipts(engine, message);
	/* Who deleted it knows. */
	if (message_count(message, RECIPIENT_FAILED) == 0 ||
	    message->trashed || engine->stopping)
		return;
	if (wanted == 0) {
		if (message_pending(message) == 0)
			drop_failed(engine, message, FALSE);
		return;
	}
	if (message_pending(message) > 0 &&
	    engine_now() < first + REPORT_PATIENCE)
		return;
	bounce(engine, message);
}

gint64
report_due(Engine *engine)
{
	GPtrArray *messages = store_messages(engine->store);
	gint64 due = 0;

	for (guint i = 0; i < messages->len; i++) {
		const Message *message = messages->pdata[i];
		gint64 first = 0;

		/* With nothing pending it is told at once, not by time. */
		if (message->held || message->trashed ||
		    untellable(message) || message_pending(message) == 0 ||
		    count_wanted(message, &first) == 0 ||
		    first + REPORT_PATIENCE <= engine_now())
			continue;
		if (!due || first + REPORT_PATIENCE < due)
			due = first + REPORT_PATIENCE;
	}
	return due;
}

/* --- late mail ------------------------------------------------------------ */

void
report_delayed(Engine *engine, const Delayed *delayed)
{
	ReportPlan *plan;

	if (engine->stopping)
		return;
	plan = plan_new(delayed->message, REPORT_DELAY);
	plan->seconds = delayed->seconds;
	plan->numbers = g_array_ref(delayed->recipients);
	report_start(engine, delayed->message, plan);
}

static void
hold_stale(Engine *engine, Message *message)
{
	if (message_option(message, STALE))
		return;
	transition_option(engine, message, STALE, "yes");
	hold(engine, message,
	     "It has waited for 30 days without a usable route. Release it "
	     "to go on waiting, or delete it.");
}

static GArray *
waiting_numbers(const Message *message)
{
	GArray *numbers = g_array_new(FALSE, FALSE, sizeof(guint));

	for (guint i = 0; i < message->recipients->len; i++) {
		const Recipient *recipient = message->recipients->pdata[i];

		if (recipient->state == RECIPIENT_WAITING)
			g_array_append_val(numbers, i);
	}
	return numbers;
}

void
report_stale(Engine *engine, Message *message)
{
	ReportPlan *plan;

	if (engine->stopping)
		return;
	if (!*message->sender || message_option(message, "foreign")) {
		hold_stale(engine, message);
		return;
	}
	plan = plan_new(message, REPORT_STALE);
	plan->numbers = waiting_numbers(message);
	report_start(engine, message, plan);
}

static void
warned(Engine *engine, Message *message, gint64 seconds)
{
	g_autofree char *text =
		g_strdup_printf("%" G_GINT64_FORMAT, seconds);
	const char *before = message_option(message, "warned");

	if (!before || g_ascii_strtoll(before, NULL, 10) < seconds)
		transition_option(engine, message, "warned", text);
}

/* --- what became of it ---------------------------------------------------- */

static void
bounced(Engine *engine, Message *message, guint number)
{
	const Recipient *recipient;

	if (number >= message->recipients->len)
		return;
	recipient = message->recipients->pdata[number];
	if (recipient->state == RECIPIENT_FAILED)
		transition_bounced(engine, message, number);
}

static void
took_words(Engine *engine, Message *message, char **words, gboolean warns)
{
	for (char **word = words; *word; word++) {
		gint64 number = g_ascii_strtoll(*word, NULL, 10);

		if (!warns)
			bounced(engine, message, (guint)number);
		else if (g_str_equal(*word, STALE))
			hold_stale(engine, message);
		else
			warned(engine, message, number);
	}
}

void
report_took(Engine *engine, const Message *report)
{
	static const char *const keys[] = { "answers", "warns", "confirms" };

	for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
		const char *value = message_option(report, keys[i]);
		g_auto(GStrv) words = value ? g_strsplit(value, " ", -1) :
					      NULL;
		Message *message;
		guint64 id;

		if (!words || !words[0] || !text_parse_id(words[0], &id))
			continue;
		message = store_find(engine->store, id);
		if (!message || message->ending)
			continue;
		if (i == 2)
			report_took_receipts(engine, message, words + 1);
		else
			took_words(engine, message, words + 1, i == 1);
	}
}

void
report_gave_up(Engine *engine, Message *message, const ReportPlan *plan)
{
	switch (plan->kind) {
	case REPORT_BOUNCE:
	case REPORT_RECEIPT:
		return;
	case REPORT_DELAY:
		warned(engine, message, plan->seconds);
		break;
	case REPORT_STALE:
		hold_stale(engine, message);
		break;
	}
	message->untold = 0;
}
