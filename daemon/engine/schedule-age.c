// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How old a message is, by the meters of its routes, and what follows from
 * that: it is given up, its sender is told that it is late, or a human must
 * look.
 */
#include "daemon/engine/schedule-wait.h"

#include <string.h>

#include "common/text.h"
#include "daemon/engine/later.h"

static gint64
lifetime(const ScheduleInput *input)
{
	return input->lifetime ? input->lifetime : SCHEDULE_LIFETIME;
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
age_by(const ScheduleInput *input, const Message *message,
       const GPtrArray *names)
{
	return message->meter +
	       meter_age(input->meter, message_option(message, "meters"),
			 (const char *const *)names->pdata, input->meter_now);
}

static gint64
age_of(const ScheduleInput *input, const Message *message,
       const Recipient *recipient)
{
	g_autoptr(GPtrArray) names = meters_of(input, message, recipient);

	return age_by(input, message, names);
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
	case WAIT_SENT:
	case WAIT_SETTLING:
	case WAIT_OFFLINE:
	case WAIT_PINNED:
	case WAIT_NO_PROFILE:
	case WAIT_NO_LINK:
	case WAIT_SIZE:
	case WAIT_PORTAL:
		return FALSE;
	}
	return FALSE;
}

/* At this place, since we came. */
static gboolean
was_never_tried(const ScheduleInput *input, const Recipient *recipient)
{
	return recipient->last_try <= input->arrived;
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
	if (waiting->reason == WAIT_TURN && was_never_tried(input, recipient))
		return FALSE;
	return age_of(input, message, recipient) >= lifetime(input);
}

/* RFC 3461 4.1: who asks for others than delays wants to hear of those. */
static gboolean
wants_delays(const Recipient *recipient)
{
	const char *notify = recipient_option(recipient, "notify");
	g_autofree char *lower = notify ? g_ascii_strdown(notify, -1) : NULL;

	return !lower || strstr(lower, "delay");
}

static gboolean
may_be_told(const Message *message)
{
	return *message->sender && !message_option(message, "foreign") &&
	       !message->held && !message->trashed;
}

/* The first of the warnings that the message has not had; it may be 0. */
static const gint64 *
next_warning(const ScheduleInput *input, const Message *message)
{
	static const gint64 none = 0;
	const char *before = message_option(message, "warned");
	gint64 told = before ? g_ascii_strtoll(before, NULL, 10) : 0;
	const gint64 *next = input->warnings ? input->warnings : &none;

	while (*next && *next <= told)
		next++;
	return next;
}

gint64
schedule_warning(const ScheduleInput *input, const Message *message,
		 guint number, const Waiting *waiting, gint64 *ret_next)
{
	const Recipient *recipient = message->recipients->pdata[number];
	const gint64 *next = next_warning(input, message);
	gint64 now = input->world.now, due = 0, age;
	g_autoptr(GPtrArray) names = NULL;

	*ret_next = 0;
	if (!input->meter || !*next || !may_expire(waiting->reason) ||
	    !may_be_told(message) || !wants_delays(recipient) ||
	    (waiting->reason == WAIT_TURN && was_never_tried(input, recipient)))
		return 0;
	/* Usable time is part of all time: nothing to sum up yet. */
	if (message->arrived <= now && now - message->arrived < *next) {
		*ret_next = message->arrived + *next;
		return 0;
	}
	names = meters_of(input, message, recipient);
	age = age_by(input, message, names);
	for (; *next && *next <= age; next++)
		due = *next;
	if (*next &&
	    meter_runs(input->meter, (const char *const *)names->pdata))
		*ret_next = now + *next - age;
	return due;
}

/* The try that found the login refused need not have judged it. */
char *
schedule_fault_key(const Message *message, const Recipient *recipient,
		   const Waiting *waiting)
{
	const char *route = waiting->way.route ? waiting->way.route->name :
						 recipient->route;

	if (waiting->reason != WAIT_ROUTE &&
	    !(recipient->status && recipient->status->fault == FAULT_ROUTE))
		return NULL;
	return g_strdup_printf("%u %s", (guint)message->uid, route);
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
	return input->world.now - later_began(message) > SCHEDULE_STALE &&
	       !later_not_before(message, input->world.now) &&
	       !message->held && !message->trashed && !input->stopped &&
	       message_count(message, RECIPIENT_WAITING) > 0 &&
	       !message_option(message, "stale");
}
