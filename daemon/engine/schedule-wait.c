// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/schedule-wait.h"

#include "common/text.h"
#include "daemon/engine/later.h"

/* What failed this recently is not tried again for a new arrival alone. */
#define ARRIVAL_PAUSE 60

/* Doublings after which any retry_most is reached. */
#define MAX_DOUBLINGS 20

gint64
schedule_retry_at(const ScheduleInput *input, guint tries, double jitter)
{
	gint64 first = input->retry_first ? input->retry_first :
					    SCHEDULE_RETRY_FIRST;
	gint64 most = input->retry_most ? input->retry_most :
					  SCHEDULE_RETRY_MOST;
	gint64 wait = first << MIN(MAX(tries, 1) - 1, MAX_DOUBLINGS);

	wait = MIN(wait, MAX(most, first));
	return input->world.now + wait + (gint64)(wait * jitter / 4);
}

static gboolean
is_set(const Message *message, const char *key)
{
	const char *value = message_option(message, key);

	return value && *value && !g_str_equal(value, "no") &&
	       !g_str_equal(value, "false") && !g_str_equal(value, "0");
}

/*
 * A new place is a new chance: a try that failed before we came here does
 * not count any more, but a link that comes and goes makes no hammer.
 */
static gint64
retry_time(const ScheduleInput *input, const Recipient *recipient,
	   const Way *way)
{
	const Profile *profile = input->world.profile;

	/* The clock was set back since: what it was reckoned from is void. */
	if (recipient->last_try > input->world.now)
		return 0;
	if (way->kind != WAY_ROUTE || input->arrived <= recipient->last_try)
		return recipient->next_try;
	if (profile && !g_str_equal(profile->name, recipient->profile))
		return 0;
	return MIN(recipient->next_try, recipient->last_try + ARRIVAL_PAUSE);
}

/* The time before which it is not tried, and why; 0: at once. */
static gint64
not_before(const ScheduleInput *input, const Message *message,
	   const Recipient *recipient, const Way *way,
	   WaitReason *ret_reason)
{
	gboolean tried = recipient->last_try > 0;
	gint64 run = message->arrived + SCHEDULE_QUEUE_RUN;

	*ret_reason = tried ? WAIT_RETRY : WAIT_NOT_BEFORE;
	if (recipient->next_try > 0)
		return tried ? retry_time(input, recipient, way) :
			       recipient->next_try;
	if (tried || !is_set(message, "queue-only") ||
	    message->arrived > input->world.now ||
	    input->arrived > message->arrived)
		return 0;
	*ret_reason = WAIT_QUEUE_RUN;
	return run;
}

/* What holds a message back whatever the way. */
static WaitReason
held_back(const ScheduleInput *input, const Message *message,
	  const Recipient *recipient)
{
	switch (recipient->state) {
	case RECIPIENT_ACTIVE:
		return WAIT_ACTIVE;
	case RECIPIENT_DELIVERED:
	case RECIPIENT_FAILED:
	case RECIPIENT_BOUNCED:
	case RECIPIENT_REMOVED:
		return WAIT_DONE;
	case RECIPIENT_WAITING:
		break;
	}
	if (message->trashed)
		return WAIT_TRASHED;
	if (message->held)
		return WAIT_HELD;
	return input->stopped ? WAIT_STOPPED : WAIT_NONE;
}

Waiting
schedule_waiting(const ScheduleInput *input, const Message *message,
		 guint number)
{
	const Recipient *recipient = message->recipients->pdata[number];
	Waiting waiting = { held_back(input, message, recipient), 0,
			    { .kind = WAY_WAIT } };
	WaitReason reason;
	gint64 until;

	if (waiting.reason != WAIT_NONE)
		return waiting;
	waiting.way = route_way(&input->world, message, recipient);
	until = later_not_before(message, input->world.now);
	if (until) {
		waiting.reason = WAIT_NOT_BEFORE;
		waiting.until = until;
		return waiting;
	}
	if (waiting.way.kind == WAY_WAIT) {
		waiting.reason = waiting.way.reason;
		waiting.until = waiting.way.until;
		return waiting;
	}
	until = not_before(input, message, recipient, &waiting.way, &reason);
	waiting.reason = until > input->world.now ? reason : WAIT_TURN;
	waiting.until = until > input->world.now ? until : 0;
	return waiting;
}

/* The line that has to be mended. */
static char *
why_alias(const RouteWorld *world, const Recipient *recipient)
{
	g_autoptr(AliasResult) result =
		alias_resolve(world->aliases, recipient->address, NULL);

	return g_steal_pointer(&result->why);
}

char *
schedule_why(const ScheduleInput *input, const Message *message,
	     guint number)
{
	const Recipient *recipient = message->recipients->pdata[number];
	Waiting waiting = schedule_waiting(input, message, number);

	if (message->held && *message->held_why &&
	    (waiting.reason == WAIT_HELD ||
	     recipient->state == RECIPIENT_FAILED))
		return g_strdup(message->held_why);
	if (waiting.reason == WAIT_RETRY && recipient->status &&
	    *recipient->status->why)
		return g_strdup(recipient->status->why);
	if (later_is_undoable(message, input->world.now) &&
	    waiting.reason == WAIT_NOT_BEFORE)
		return g_strdup("It can still be taken back.");
	if (waiting.reason == WAIT_ALIAS)
		return why_alias(&input->world, recipient);
	waiting.way.reason = waiting.reason;
	return route_why(&input->world, &waiting.way);
}
