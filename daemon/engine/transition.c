// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/transition.h"

#include "common/log.h"
#include "common/text.h"
#include "daemon/engine/archive.h"
#include "daemon/engine/deliver.h"
#include "daemon/engine/place.h"
#include "daemon/engine/report.h"
#include "daemon/engine/watch.h"

/* A change on its way through the log; it owns copies of all it names. */
typedef struct {
	Engine *engine;
	Message *message;
	guint number;
	RecipientChange change;
	char *route;
	char *profile;
	Status *status;
	Action *action;
} Step;

typedef struct {
	guint64 after; /* so many steps have come out */
	void (*callback)(gpointer data);
	gpointer data;
} Settling;

static Step *
step_new(Engine *engine, Message *message)
{
	Step *step = g_new0(Step, 1);

	engine->steps_begun++;
	step->engine = engine;
	step->message = message;
	return step;
}

/* The log keeps the order, so counting is enough. */
static void
tell_settled(Engine *engine)
{
	Settling *first;

	while ((first = g_queue_peek_head(&engine->settling)) &&
	       first->after <= engine->steps_done) {
		g_queue_pop_head(&engine->settling);
		first->callback(first->data);
		g_free(first);
	}
}

void
transition_settled(Engine *engine, void (*callback)(gpointer data),
		   gpointer data)
{
	Settling *last = g_new0(Settling, 1);

	last->after = engine->steps_begun;
	last->callback = callback;
	last->data = data;
	g_queue_push_tail(&engine->settling, last);
	tell_settled(engine);
}

/* The last thing that is done with it. */
static void
step_free(Step *step)
{
	Engine *engine = step->engine;

	g_free(step->route);
	g_free(step->profile);
	status_free(step->status);
	action_free(step->action);
	g_free(step);
	engine->steps_done++;
	tell_settled(engine);
}

/* --- telling -------------------------------------------------------------- */

static const char *
event_name(RecipientState state)
{
	switch (state) {
	case RECIPIENT_DELIVERED:
		return "sent";
	case RECIPIENT_FAILED:
		return "failed";
	case RECIPIENT_BOUNCED:
		return "returned";
	case RECIPIENT_REMOVED:
		return "removed";
	case RECIPIENT_WAITING:
	case RECIPIENT_ACTIVE:
		return "retry";
	}
	return "retry";
}

static void
tell_verdict(Engine *engine, const Message *message, guint number,
	     const RecipientChange *change)
{
	const Recipient *recipient = message->recipients->pdata[number];
	const Status *status = change->status;
	gboolean bad = change->state == RECIPIENT_FAILED ||
		       change->state == RECIPIENT_WAITING;

	events_add(engine->events, event_name(change->state), bad, message,
		   status ? status->text : NULL, "to=<%s>%s%s%s%s%s%s",
		   recipient->address, *recipient->route ? " route=" : "",
		   recipient->route, status && *status->host ? " host=" : "",
		   status ? status->host : "",
		   bad && status && *status->why ? " " : "",
		   bad && status ? status->why : "");
	if (change->state != RECIPIENT_DELIVERED)
		return;
	engine->last_sent = engine_now();
	engine->last_sent_uid = message->uid;
	g_free(engine->last_sent_to);
	engine->last_sent_to = g_strdup(recipient->address);
}

static void
after_change(Engine *engine, Message *message)
{
	watch_message(engine, message);
	watch_topics(engine, WATCH_STATUS);
	archive_settle(engine, message);
	transition_conclude(engine, message);
	deliver_kick(engine->deliver);
}

/* --- verdicts ------------------------------------------------------------- */

static void
apply_verdict(Engine *engine, Message *message, guint number,
	      const RecipientChange *change)
{
	if (recipient_apply(message->recipients->pdata[number], change))
		tell_verdict(engine, message, number, change);
	after_change(engine, message);
}

static void
on_verdict_durable(gpointer data, const GError *error)
{
	Step *step = data;

	/* Closed before it could be written: the log rules, not memory. */
	if (!error)
		apply_verdict(step->engine, step->message, step->number,
			      &step->change);
	step_free(step);
}

void
transition_verdict(Engine *engine, Message *message, guint number,
		   const RecipientChange *change)
{
	Step *step;

	/* "Later" need not be on disk to be true. */
	if (change->state == RECIPIENT_WAITING) {
		queue_verdict(engine->queue, message, number, change, NULL,
			      NULL);
		apply_verdict(engine, message, number, change);
		return;
	}
	/* Until it is on disk, nobody starts to deliver what has failed. */
	if (change->state == RECIPIENT_FAILED)
		transition_activity(engine, message, number, TRUE);
	step = step_new(engine, message);
	step->number = number;
	step->route = g_strdup(change->route);
	step->profile = g_strdup(change->profile);
	step->status = change->status ? status_copy(change->status) : NULL;
	step->change = *change;
	step->change.route = step->route;
	step->change.profile = step->profile;
	step->change.status = step->status;
	queue_verdict(engine->queue, message, number, &step->change,
		      on_verdict_durable, step);
}

/*
 * That its sender was told is durable already, in the report's own record,
 * from which recovery takes it. Memory must not lag behind: who looks in
 * between would have it told again.
 */
void
transition_bounced(Engine *engine, Message *message, guint number)
{
	RecipientChange change =
		recipient_change(message->recipients->pdata[number]);

	change.state = RECIPIENT_BOUNCED;
	queue_verdict(engine->queue, message, number, &change, NULL, NULL);
	apply_verdict(engine, message, number, &change);
}

void
transition_activity(Engine *engine, Message *message, guint number,
		    gboolean active)
{
	Recipient *recipient = message->recipients->pdata[number];
	RecipientState to = active ? RECIPIENT_ACTIVE : RECIPIENT_WAITING;

	if (!recipient_may_move(recipient->state, to))
		return;
	recipient_move(recipient, to, NULL);
	watch_message(engine, message);
}

/* --- actions -------------------------------------------------------------- */

static void
tell_action(Engine *engine, const Message *message, const Action *action)
{
	if (action->kind == ACTION_METER || action->kind == ACTION_OPTION)
		return;
	events_add(engine->events, action_name(action->kind), FALSE, message,
		   NULL, "uid=%u%s%s", (guint)action->who,
		   *action->why ? " " : "", action->why);
}

static void
on_action_durable(gpointer data, const GError *error)
{
	Step *step = data;

	if (!error && message_act(step->message, step->action)) {
		tell_action(step->engine, step->message, step->action);
		after_change(step->engine, step->message);
	} else if (step->action->kind == ACTION_EXPANDED) {
		transition_activity(step->engine, step->message,
				    step->action->recipient, FALSE);
	}
	if (step->action->kind == ACTION_EXPANDED)
		deliver_expanded(step->engine->deliver, step->action);
	step_free(step);
}

void
transition_action(Engine *engine, Message *message, Action *action)
{
	Step *step = step_new(engine, message);

	step->action = action;
	queue_action(engine->queue, message, action, on_action_durable, step);
}

static void
set_all_active(Engine *engine, Message *message, gboolean active)
{
	RecipientState from = active ? RECIPIENT_WAITING : RECIPIENT_ACTIVE;

	for (guint i = 0; i < message->recipients->len; i++) {
		const Recipient *recipient = message->recipients->pdata[i];

		if (recipient->state == from)
			transition_activity(engine, message, i, active);
	}
}

static void
on_edit_durable(gpointer data, const GError *error)
{
	Step *step = data;

	set_all_active(step->engine, step->message, FALSE);
	on_action_durable(data, error);
}

void
transition_edit(Engine *engine, Message *message, Action *action)
{
	Step *step = step_new(engine, message);

	step->action = action;
	set_all_active(engine, message, TRUE);
	queue_action(engine->queue, message, action, on_edit_durable, step);
}

void
transition_option(Engine *engine, Message *message, const char *key,
		  const char *value)
{
	g_autofree char *copy = g_strdup(value);

	if (!copy && !message_option(message, key))
		return;
	message_set_option(message, key, copy);
	transition_action(engine, message,
			  action_new_option(engine->owner, engine_now(), key,
					    copy));
}

/* --- the end -------------------------------------------------------------- */

/* What became of it, in the word a last row says. */
static const char *
end_word(const Message *message)
{
	if (message_count(message, RECIPIENT_BOUNCED) > 0)
		return "returned";
	if (message_count(message, RECIPIENT_DELIVERED) > 0)
		return "sent";
	return "deleted";
}

static void
on_end_durable(gpointer data, const GError *error)
{
	Step *step = data;
	Engine *engine = step->engine;
	g_autofree char *network =
		network_state_describe(place_network(engine->place));
	g_autoptr(GError) cause = NULL;

	/* Not written: it is found finished, and ended, at the next start. */
	if (!error &&
	    !history_add(engine->history, step->message, network,
			 engine_now(), &cause))
		log_problem("history", step->message->id, "%s",
			    cause->message);
	watch_message_gone(engine, step->message, end_word(step->message));
	watch_topics(engine, WATCH_STATUS);
	deliver_message_gone(engine->deliver, step->message);
	transcripts_gone(engine->transcripts, step->message->id);
	store_remove(engine->store, step->message);
	step_free(step);
}

void
transition_conclude(Engine *engine, Message *message)
{
	if (message->ending)
		return;
	if (!message_is_done(message) || report_owes_receipts(message)) {
		report_consider(engine, message);
		return;
	}
	message->ending = TRUE;
	queue_end(engine->queue, message, on_end_durable,
		  step_new(engine, message));
}
