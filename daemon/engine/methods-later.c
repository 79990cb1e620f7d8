// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Act's hold, release, retry, undo and later, and UndoWindow: when a message
 * leaves, by its author's hand.
 */
#include "daemon/engine/deliver-learn.h"
#include "daemon/engine/deliver.h"
#include "daemon/engine/later.h"
#include "daemon/engine/methods-act.h"
#include "daemon/engine/methods.h"
#include "daemon/engine/ripen.h"
#include "daemon/engine/transition.h"

static void
act(const Acting *acting, Message *message, ActionKind kind,
    const char *reason)
{
	transition_action(acting->connection->engine, message,
			  action_new(kind, acting->connection->uid,
				     engine_now(), reason));
}

/* A time that is bound to come; FALSE: refused. */
static gboolean
is_good_time(gint64 when)
{
	gint64 now = engine_now();

	return when > now && when <= now + LATER_MOST;
}

static void
set_time(const Acting *acting, Message *message, const char *option,
	 gint64 when)
{
	g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, when);

	transition_option(acting->connection->engine, message, option, text);
}

const char *
act_hold(Acting *acting, Message *message)
{
	gint64 until = 0;

	g_variant_lookup(acting->options, "until", "x", &until);
	if (message->held)
		return "It is held already.";
	if (until && !is_good_time(until))
		return "It can be held until a time within a year from now.";
	if (until)
		set_time(acting, message, LATER_HELD, until);
	act(acting, message, ACTION_HELD,
	    *acting->reason ? acting->reason : "You asked for it.");
	return NULL;
}

/* What was kept back by hand has its whole lifetime before it. */
const char *
act_release(Acting *acting, Message *message)
{
	Engine *engine = acting->connection->engine;

	if (!message->held)
		return "It is not held.";
	transition_option(engine, message, LATER_HELD, NULL);
	ripen_fresh(engine, message);
	act(acting, message, ACTION_RELEASED, acting->reason);
	return NULL;
}

/*
 * A pause of a route is everybody's: it is lifted for those whose route it
 * is, and for who may do anything.
 */
static gboolean
may_lift(const Connection *connection, const char *name)
{
	const Settings *settings = connection->engine->settings;
	const Route *route = route_find(settings->routes, name);
	const char *user = settings_user(settings, connection->uid);

	if (connection->roles & ROLE_ADMIN)
		return TRUE;
	return route && user && *route->owner &&
	       g_str_equal(route->owner, user);
}

static void
lift_pauses(const Acting *acting, const Message *message)
{
	Engine *engine = acting->connection->engine;
	const ScheduleInput *input = deliver_input(engine->deliver);

	for (guint i = 0; i < message->recipients->len; i++) {
		Waiting waiting = schedule_waiting(input, message, i);
		const Route *route = waiting.way.route;

		if (route && may_lift(acting->connection, route->name))
			learn_forgive(engine->deliver, route->name);
	}
}

const char *
act_retry(Acting *acting, Message *message)
{
	Engine *engine = acting->connection->engine;

	if (message->held)
		return "It is held; release it first.";
	if (message->trashed)
		return "It is deleted; restore it first.";
	lift_pauses(acting, message);
	ripen_now(engine, message);
	deliver_retry(engine->deliver, message, acting->connection->uid);
	return NULL;
}

const char *
act_undo(Acting *acting, Message *message)
{
	if (!later_is_undoable(message, engine_now()))
		return "It is too late to take it back.";
	transition_option(acting->connection->engine, message, LATER_UNDO,
			  NULL);
	act(acting, message, ACTION_HELD,
	    "You took it back before it left. Release it to send it, or "
	    "delete it.");
	return NULL;
}

const char *
act_later(Acting *acting, Message *message)
{
	gint64 when = 0;

	g_variant_lookup(acting->options, "at", "x", &when);
	if (message->trashed)
		return "It is deleted; restore it first.";
	if (act_is_busy(acting, message))
		return "It is being sent right now.";
	if (!is_good_time(when))
		return "It can be sent at a time within a year from now.";
	set_time(acting, message, LATER_OPTION, when);
	transition_option(acting->connection->engine, message, LATER_UNDO,
			  NULL);
	return NULL;
}

void
method_undo_window(Connection *connection, guint32 serial, GVariant *in)
{
	Engine *engine = connection->engine;
	g_autoptr(GVariant) options = NULL;
	g_autoptr(GError) error = NULL;
	GVariantDict dict;
	gint64 seconds;

	g_variant_get(in, "(@a{sv})", &options);
	if (g_variant_lookup(options, "seconds", "x", &seconds) &&
	    (seconds > LATER_WINDOW_MOST ||
	     !windows_set(engine->windows, connection->uid, seconds,
			  &error))) {
		connection_fail(connection, "UndoWindow", serial,
				error ? "4.3.0" : "5.5.4", "%s",
				error ? error->message
				      : "An undo window is a day at most.");
		return;
	}
	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "seconds", "x",
			      ripen_window(engine, connection->uid));
	g_variant_dict_insert(&dict, "usual", "x",
			      engine->settings->undo_window);
	g_variant_dict_insert(&dict, "own", "b",
			      windows_of(engine->windows, connection->uid) >=
				      0);
	connection_reply(connection, "UndoWindow", serial,
			 g_variant_new("(@a{sv})",
				       g_variant_dict_end(&dict)));
}
