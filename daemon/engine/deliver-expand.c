// SPDX-License-Identifier: GPL-2.0-or-later
/* Recipients whose name is an alias: the aliases applied, at their turn. */
#include "common/address.h"
#include "common/text.h"
#include "daemon/engine/deliver-private.h"
#include "daemon/engine/transition.h"
#include "daemon/engine/watch.h"

#define SHOWN_TARGETS 300 /* characters of them in the log */

static void
tell_errors(Engine *engine)
{
	const GPtrArray *errors = alias_file_errors(engine->aliases);

	events_add(engine->events, "aliases", errors->len > 0, NULL, NULL,
		   "the aliases were read anew");
	for (guint i = 0; i < errors->len; i++)
		events_add(engine->events, "aliases", TRUE, NULL, NULL, "%s",
			   (char *)errors->pdata[i]);
	watch_topics(engine, WATCH_STATUS);
}

void
deliver_aliases_changed(Deliver *deliver)
{
	tell_errors(deliver->engine);
	deliver_kick(deliver);
}

void
deliver_fill_aliases(Deliver *deliver)
{
	const Settings *settings = deliver->engine->settings;
	AliasWorld *world = &deliver->alias_world;

	alias_file_fill(deliver->engine->aliases, world);
	if (deliver->engine->paths->user)
		world->human = settings_user(settings,
					     deliver->engine->owner);
	world->host = settings->host;
	world->local_names = (const char *const *)settings->local_names;
	world->also_local = (const char *const *)settings->also_local;
	world->not_local = (const char *const *)settings->not_local;
	deliver->input.world.aliases = world;
}

/* Whether @number was expanded itself: then its mailbox has nothing. */
static gboolean
has_children(const Message *message, guint number)
{
	char parent[16];

	g_snprintf(parent, sizeof(parent), "%u", number);
	for (guint i = number + 1; i < message->recipients->len; i++)
		if (g_strcmp0(recipient_option(message->recipients->pdata[i],
					       "parent"), parent) == 0)
			return TRUE;
	return FALSE;
}

/*
 * Whether recipient @number gets the mail to @target anyway. One that the
 * aliases may still lead elsewhere does not.
 */
static gboolean
is_same(const Deliver *deliver, const Message *message, guint number,
	const char *target)
{
	const Recipient *other = message->recipients->pdata[number];
	const RouteWorld *world = &deliver->input.world;

	if (other->state == RECIPIENT_REMOVED ||
	    !address_equal(other->address, target))
		return FALSE;
	if (!route_is_local(world, target) ||
	    recipient_option(other, ROUTE_EXACT))
		return TRUE;
	return !has_children(message, number) &&
	       alias_outcome(world->aliases, other->address) == ALIAS_NONE;
}

static gboolean
has_target(const Deliver *deliver, const Message *message,
	   const char *target)
{
	for (guint i = 0; i < message->recipients->len; i++)
		if (is_same(deliver, message, i, target))
			return TRUE;
	return FALSE;
}

/* What the sender asked for the name holds for those it stands for. */
static void
add_child(const Deliver *deliver, Action *action, const Recipient *parent,
	  const char *target)
{
	static const char *const kept[] = { "notify", "orcpt" };
	Recipient *child = action_add_child(action, target);

	for (guint i = 0; i < G_N_ELEMENTS(kept); i++)
		recipient_set_option(child, kept[i],
				     recipient_option(parent, kept[i]));
	if (route_is_local(&deliver->input.world, target))
		recipient_set_option(child, ROUTE_EXACT, "yes");
}

/* "root@laptop stands for ada@laptop, bob@far.example" (transfer full) */
static char *
expansion_text(const char *address, GPtrArray *targets)
{
	g_autoptr(GString) text = g_string_new(address);

	g_string_append(text, targets->len ? " stands for "
					   : " stands for nobody");
	for (guint i = 0; i < targets->len; i++)
		g_string_append_printf(text, "%s%s", i ? ", " : "",
				       (char *)targets->pdata[i]);
	return text_harmless_clipped(text->str, SHOWN_TARGETS);
}

static void
fail(Deliver *deliver, const Expansion *expansion, const char *enhanced,
     const char *why)
{
	Engine *engine = deliver->engine;
	RecipientChange change = recipient_change(
		expansion->message->recipients->pdata[expansion->recipient]);
	g_autoptr(Status) status =
		status_new(OUTCOME_FAILED, FAULT_RECIPIENT, 0, enhanced,
			   "refused by the aliases", why);

	change.state = RECIPIENT_FAILED;
	change.last_try = engine_now();
	change.route = ROUTE_LOCAL;
	change.status = status;
	transition_verdict(engine, expansion->message, expansion->recipient,
			   &change);
}

static void
become(Deliver *deliver, const Expansion *expansion,
       const AliasResult *result)
{
	Engine *engine = deliver->engine;
	Message *message = expansion->message;
	const Recipient *recipient =
		message->recipients->pdata[expansion->recipient];
	g_autofree char *text =
		expansion_text(recipient->address, result->targets);
	Action *action = action_new(ACTION_EXPANDED, engine->owner,
				    engine_now(), text);

	action->recipient = expansion->recipient;
	for (guint i = 0; i < result->targets->len; i++)
		if (!has_target(deliver, message, result->targets->pdata[i]))
			add_child(deliver, action, recipient,
				  result->targets->pdata[i]);
	transition_action(engine, message, action);
}

void
deliver_expand(Deliver *deliver, const Expansion *expansion)
{
	Message *message = expansion->message;
	const Recipient *recipient =
		message->recipients->pdata[expansion->recipient];
	g_autoptr(AliasResult) result = alias_resolve(
		deliver->input.world.aliases, recipient->address, NULL);

	/* Until it is on disk nobody else takes it. */
	transition_activity(deliver->engine, message, expansion->recipient,
			    TRUE);
	if (result->outcome == ALIAS_FAILS)
		fail(deliver, expansion, result->enhanced, result->why);
	else if (message->recipients->len + result->targets->len >
		 MESSAGE_MAX_RECIPIENTS)
		fail(deliver, expansion, "5.5.3",
		     "With those its aliases stand for, the message has more "
		     "recipients than it may have.");
	else
		become(deliver, expansion, result);
}
