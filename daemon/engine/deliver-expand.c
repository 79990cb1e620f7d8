// SPDX-License-Identifier: GPL-2.0-or-later
/* Recipients whose name is an alias: the aliases applied, at their turn. */
#include "common/address.h"
#include "common/text.h"
#include "daemon/engine/deliver-private.h"
#include "daemon/engine/report.h"
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

/* A user's own agent has no aliases and knows of one user. */
static void
fill_mailboxes(Deliver *deliver)
{
	const Engine *engine = deliver->engine;
	const char *owner = settings_user(engine->settings, engine->owner);

	deliver->mailboxes.separators = engine->settings->separators;
	deliver->mailboxes.logins = alias_file_logins(engine->aliases);
	if (!engine->paths->user)
		return;
	if (!g_hash_table_contains(deliver->owner, owner)) {
		g_hash_table_remove_all(deliver->owner);
		g_hash_table_add(deliver->owner, g_strdup(owner));
	}
	deliver->mailboxes.logins = deliver->owner;
}

void
deliver_fill_aliases(Deliver *deliver)
{
	const Settings *settings = deliver->engine->settings;
	AliasWorld *world = &deliver->alias_world;

	alias_file_fill(deliver->engine->aliases, world);
	fill_mailboxes(deliver);
	if (deliver->engine->paths->user)
		world->human = settings_user(settings,
					     deliver->engine->owner);
	else if (settings->root_mail)
		world->human = settings->root_mail;
	world->host = settings->host;
	world->local_names = (const char *const *)settings->local_names;
	world->also_local = (const char *const *)settings->also_local;
	world->not_local = (const char *const *)settings->not_local;
	world->mailboxes = &deliver->mailboxes;
	deliver->input.world.aliases = world;
	deliver->input.world.mailboxes = &deliver->mailboxes;
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

/* Of two local ones: whether both get the mail the same way. */
static gboolean
has_same_end(const Recipient *a, const Recipient *b)
{
	static const char *const keys[] = { ROUTE_TARGET, ROUTE_BY,
					    ROUTE_MAILBOX };

	for (guint i = 0; i < G_N_ELEMENTS(keys); i++)
		if (g_strcmp0(recipient_option(a, keys[i]),
			      recipient_option(b, keys[i])) != 0)
			return FALSE;
	return TRUE;
}

/*
 * Whether recipient @number gets the mail that @child is to get anyway. One
 * that the aliases may still lead elsewhere does not.
 */
static gboolean
is_same(const Deliver *deliver, const Message *message, guint number,
	const Recipient *child)
{
	const Recipient *other = message->recipients->pdata[number];
	const RouteWorld *world = &deliver->input.world;

	if (other->state == RECIPIENT_REMOVED ||
	    !address_equal(other->address, child->address))
		return FALSE;
	if (!route_is_local(world, child->address))
		return TRUE;
	if (!has_same_end(other, child) || has_children(message, number))
		return FALSE;
	return recipient_option(other, ROUTE_EXACT) ||
	       alias_outcome(world->aliases, other->address) == ALIAS_NONE;
}

static gboolean
brings(const Action *action, const Recipient *child)
{
	for (guint i = 0; i < action->children->len; i++) {
		const Recipient *other = action->children->pdata[i];

		if (address_equal(other->address, child->address) &&
		    has_same_end(other, child))
			return TRUE;
	}
	return FALSE;
}

/* Whether another expansion, just being logged, brings it. */
static gboolean
is_coming(const Deliver *deliver, const Message *message,
	  const Recipient *child)
{
	for (guint i = 0; i < deliver->expanding->len; i++) {
		const Expanding *other =
			&g_array_index(deliver->expanding, Expanding, i);

		if (other->message == message && brings(other->action, child))
			return TRUE;
	}
	return FALSE;
}

static gboolean
has_recipient(const Deliver *deliver, const Message *message,
	      const Recipient *child)
{
	if (is_coming(deliver, message, child))
		return TRUE;
	for (guint i = 0; i < message->recipients->len; i++)
		if (is_same(deliver, message, i, child))
			return TRUE;
	return FALSE;
}

void
deliver_add_child(Deliver *deliver, Action *action, const Message *message,
		  Recipient *child)
{
	/* What the sender asked for the name holds for whom it stands for. */
	static const char *const kept[] = { "notify", "orcpt",
					    ROUTE_ORIGINAL };
	const Recipient *parent =
		message->recipients->pdata[action->recipient];
	Recipient *added;

	if (brings(action, child) || has_recipient(deliver, message, child)) {
		recipient_free(child);
		return;
	}
	for (guint i = 0; i < G_N_ELEMENTS(kept); i++)
		recipient_set_option(child, kept[i],
				     recipient_option(parent, kept[i]));
	if (!recipient_option(parent, ROUTE_ORIGINAL))
		recipient_set_option(child, ROUTE_ORIGINAL, parent->address);
	added = action_add_child(action, child->address);
	g_strfreev(added->options);
	added->options = g_strdupv(child->options);
	recipient_free(child);
}

static Recipient *
child_of_goal(const Deliver *deliver, const AliasGoal *goal)
{
	Recipient *child = recipient_new(goal->address);

	if (!route_is_local(&deliver->input.world, goal->address))
		return child;
	recipient_set_option(child, ROUTE_EXACT, "yes");
	if (goal->direct)
		recipient_set_option(child, ROUTE_MAILBOX, "yes");
	if (goal->target) {
		g_autofree char *by = g_strconcat(ROUTE_BY_ALIAS, goal->alias,
						  NULL);

		g_autofree char *number = g_strdup_printf("%u", goal->number);

		recipient_set_option(child, ROUTE_TARGET, goal->target);
		recipient_set_option(child, ROUTE_BY, by);
		recipient_set_option(child, ROUTE_NUMBER, number);
	}
	return child;
}

void
deliver_log_expansion(Deliver *deliver, Message *message, Action *action)
{
	const Expanding expanding = { message, action };

	report_expand_receipt(deliver->engine, message, action);
	g_array_append_val(deliver->expanding, expanding);
	transition_action(deliver->engine, message, action);
}

void
deliver_expanded(Deliver *deliver, const Action *action)
{
	for (guint i = deliver->expanding->len; i-- > 0;)
		if (g_array_index(deliver->expanding, Expanding, i).action ==
		    action)
			g_array_remove_index(deliver->expanding, i);
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
				       alias_goal_text(targets->pdata[i]));
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
		deliver_add_child(deliver, action, message,
				  child_of_goal(deliver,
						result->targets->pdata[i]));
	deliver_log_expansion(deliver, message, action);
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
