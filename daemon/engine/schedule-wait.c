// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/schedule-wait.h"

#include "common/text.h"

/* What failed this recently is not tried again for a new arrival alone. */
#define ARRIVAL_PAUSE 60

/* Doublings after which any retry_most is reached. */
#define MAX_DOUBLINGS 20

static gint64
lifetime(const ScheduleInput *input)
{
	return input->lifetime ? input->lifetime : SCHEDULE_LIFETIME;
}

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
	if (waiting.reason == WAIT_ALIAS)
		return why_alias(&input->world, recipient);
	waiting.way.reason = waiting.reason;
	return route_why(&input->world, &waiting.way);
}

/* The names of the meters by which the recipient grows old. */
static GPtrArray *
meters_of(const ScheduleInput *input, const Message *message,
	  const Recipient *recipient)
{
	GPtrArray *names = g_ptr_array_new();
	const RouteWorld *world = &input->world;

	if (route_is_local(world, recipient->address)) {
		g_ptr_array_add(names, (gpointer)ROUTE_LOCAL);
	} else {
		for (guint i = 0; i < world->routes->len; i++) {
			const Route *route = world->routes->pdata[i];

			if (route_serves(world, route, message, recipient))
				g_ptr_array_add(names, route->name);
		}
	}
	g_ptr_array_add(names, NULL);
	return names;
}

static gint64
age_of(const ScheduleInput *input, const Message *message,
       const Recipient *recipient)
{
	g_autoptr(GPtrArray) names = meters_of(input, message, recipient);

	return message->meter +
	       meter_age(input->meter, message_option(message, "meters"),
			 (const char *const *)names->pdata, input->meter_now);
}

gint64
schedule_gives_up(const ScheduleInput *input, const Message *message,
		  guint number)
{
	const Recipient *recipient = message->recipients->pdata[number];

	if (!input->meter)
		return message->arrived + lifetime(input);
	return input->world.now +
	       MAX(lifetime(input) - age_of(input, message, recipient), 0);
}

/* Whether it waits for what usable time was given for. */
static gboolean
may_expire(WaitReason reason)
{
	switch (reason) {
	case WAIT_TURN:
	case WAIT_RETRY:
	case WAIT_NO_ROUTE:
	case WAIT_OWNER:
	case WAIT_PLACE:
	case WAIT_BROKEN:
	case WAIT_UNSAFE:
	case WAIT_ROUTE:
	case WAIT_HOST:
		return TRUE;
	case WAIT_NONE:
	case WAIT_ACTIVE:
	case WAIT_DONE:
	case WAIT_HELD:
	case WAIT_TRASHED:
	case WAIT_STOPPED:
	case WAIT_NOT_BEFORE:
	case WAIT_QUEUE_RUN:
	case WAIT_ORDER:
	case WAIT_ALIAS:
	case WAIT_SETTLING:
	case WAIT_OFFLINE:
	case WAIT_PINNED:
	case WAIT_NO_PROFILE:
	case WAIT_NO_LINK:
		return FALSE;
	}
	return FALSE;
}

gboolean
schedule_is_expired(const ScheduleInput *input, const Message *message,
		    guint number, const Waiting *waiting)
{
	const Recipient *recipient = message->recipients->pdata[number];

	/*
	 * Usable time is part of all time, so most messages need no sum.
	 * (A wall clock set back only makes this late, never early.)
	 */
	if (!input->meter ||
	    input->world.now - message->arrived < lifetime(input))
		return FALSE;
	if (!may_expire(waiting->reason))
		return FALSE;
	if (waiting->reason == WAIT_TURN &&
	    recipient->last_try <= input->arrived)
		return FALSE;
	return age_of(input, message, recipient) >= lifetime(input);
}

Status *
schedule_expiry_status(const ScheduleInput *input,
		       const Recipient *recipient)
{
	g_autofree char *span = text_age(lifetime(input));
	g_autofree char *why = g_strdup_printf(
		"It could not be delivered in %s of time with a working "
		"network, so it is given up.%s%s", span,
		recipient->status && *recipient->status->why ? " Last: " : "",
		recipient->status ? recipient->status->why : "");

	return status_new(OUTCOME_FAILED, FAULT_NONE, 0, "5.4.7",
			  recipient->status ? recipient->status->text : "",
			  why);
}

gboolean
schedule_is_stale(const ScheduleInput *input, const Message *message)
{
	return input->world.now - message->arrived > SCHEDULE_STALE &&
	       !message->held && !message->trashed && !input->stopped &&
	       message_count(message, RECIPIENT_WAITING) > 0 &&
	       !is_set(message, "stale");
}
