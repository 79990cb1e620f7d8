// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/deliver-refused.h"

#include <string.h>

#include "daemon/engine/transition.h"

/* RFC 3463: no connection could be made; security or policy. */
#define NO_ANSWER ".4.1"
#define POLICY ".7."

/*
 * A refusal of us, not of the recipient or the message: by a code of the
 * policy class, or by a word that old servers say instead.
 */
static gboolean
is_about_us(const Status *status)
{
	g_autofree char *text = g_ascii_strdown(status->text, -1);

	if (status->outcome != OUTCOME_FAILED &&
	    status->outcome != OUTCOME_DEFERRED)
		return FALSE;
	if (status->fault != FAULT_RECIPIENT &&
	    status->fault != FAULT_MESSAGE)
		return FALSE;
	return (status->code >= 500 &&
		g_str_has_prefix(status->enhanced + 1, POLICY)) ||
	       strstr(text, "relay");
}

/* The route of @job among those that refused, unless it is there. */
static void
remember(const Job *job, Recipient *recipient)
{
	const char *passed = recipient_option(recipient, ROUTE_PASSED);
	g_autofree char *more =
		passed ? g_strdup_printf("%s %s", passed, job->name)
		       : g_strdup(job->name);

	if (strlen(more) <= MESSAGE_MAX_OPTION_VALUE)
		recipient_set_option(recipient, ROUTE_PASSED, more);
}

gboolean
deliver_passes_on(Job *job, Message *message, guint number,
		  const Status *status)
{
	Recipient *recipient = message->recipients->pdata[number];
	const RouteWorld *world = &deliver_input(job->deliver)->world;
	Way way;

	if (job->kind != PRIV_SMTP_OUT || job->left || !is_about_us(status))
		return FALSE;
	remember(job, recipient);
	way = route_way(world, message, recipient);
	if (way.kind == WAY_ROUTE && !route_is_passed(way.route, recipient))
		return TRUE;
	recipient_set_option(recipient, ROUTE_PASSED, NULL);
	return FALSE;
}

/* --- no connection -------------------------------------------------------- */

static Status *
returned_status(const Job *job, const Status *status)
{
	g_autofree char *why = g_strdup_printf(
		"%s The route \"%s\" returns mail then, and no other route "
		"takes it.", status->why, job->name);
	Status *returned = status_new(OUTCOME_FAILED, FAULT_HOST, 0, "5.4.1",
				      status->text, why);

	g_free(returned->host);
	returned->host = g_strdup(status->host);
	return returned;
}

/* The route waits for its host now, so that any other way is found. */
static void
return_item(Job *job, JobItem *item, const Status *status)
{
	for (guint i = item->numbers->len; i-- > 0;) {
		guint number = g_array_index(item->numbers, guint, i);
		const Recipient *recipient =
			item->message->recipients->pdata[number];
		const RouteWorld *world =
			&deliver_input(job->deliver)->world;
		RecipientChange change = recipient_change(recipient);

		if (route_way(world, item->message, recipient).kind ==
		    WAY_ROUTE)
			continue;
		change.state = RECIPIENT_FAILED;
		change.last_try = world->now;
		change.route = job->name;
		change.profile = job->profile;
		change.status = status;
		g_array_remove_index(item->numbers, i);
		transition_verdict(job->deliver->engine, item->message,
				   number, &change);
	}
}

void
deliver_bounce_unreachable(Job *job, const Status *status)
{
	const Route *route =
		route_find(job->deliver->engine->settings->routes, job->name);
	g_autoptr(Status) returned = NULL;

	if (!route || !route->bounce || status->fault != FAULT_HOST ||
	    !g_str_has_suffix(status->enhanced, NO_ANSWER))
		return;
	returned = returned_status(job, status);
	if (job->current)
		return_item(job, job->current, returned);
	for (GList *link = job->items.head; link; link = link->next)
		return_item(job, link->data, returned);
}
