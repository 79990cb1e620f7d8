// SPDX-License-Identifier: GPL-2.0-or-later
/* Act's edit and reroute: where a message that waits shall go instead. */
#include "daemon/engine/methods-act.h"

#include "common/address.h"
#include "common/text.h"
#include "common/wire.h"
#include "daemon/engine/change-edit.h"
#include "daemon/engine/deliver.h"
#include "daemon/engine/submit.h"
#include "daemon/engine/transition.h"

#define MAX_TOLD 200 /* characters of an address in a sentence */

static const char *
refuse(Acting *acting, const char *format, const char *word)
{
	g_autofree char *harmless = text_harmless_clipped(word, MAX_TOLD);
	g_auto(GStrv) parts = g_strsplit(format, "%s", 2);

	g_free(acting->said);
	acting->said = g_strjoinv(harmless, parts);
	return acting->said;
}

gboolean
act_is_busy(const Acting *acting, const Message *message)
{
	guint percent;

	return deliver_progress(acting->connection->engine->deliver, message,
				&percent) ||
	       message_count(message, RECIPIENT_ACTIVE) > 0;
}

static const Recipient *
find_pending(GPtrArray *recipients, const char *address)
{
	for (guint i = 0; i < recipients->len; i++) {
		const Recipient *recipient = recipients->pdata[i];

		if (recipient->state == RECIPIENT_WAITING &&
		    address_equal(recipient->address, address))
			return recipient;
	}
	return NULL;
}

/* (transfer full) (nullable); NULL: acting->said tells why not. */
static char *
take_address(Acting *acting, const char *address)
{
	Engine *engine = acting->connection->engine;
	g_autofree char *complete = submit_complete(engine, address);
	g_autoptr(GError) error = NULL;

	if (!complete) {
		refuse(acting, "“%s” is not a mail address.", address);
		return NULL;
	}
	if (submit_may_go_to(engine, TRUE, complete, &error))
		return g_steal_pointer(&complete);
	refuse(acting, "%s", wire_remote_parts(error, NULL));
	return NULL;
}

static gboolean
add_all(Acting *acting, const Message *message, Action *action)
{
	g_autofree const char **added = NULL;

	g_variant_lookup(acting->options, "add", "^a&s", &added);
	for (guint i = 0; added && added[i]; i++) {
		g_autofree char *address = take_address(acting, added[i]);

		if (!address)
			return FALSE;
		if (!find_pending(message->recipients, address) &&
		    !find_pending(action->children, address))
			action_add_child(action, address);
	}
	return TRUE;
}

static gboolean
remove_all(Acting *acting, const Message *message, Action *action)
{
	g_autofree const char **removed = NULL;

	g_variant_lookup(acting->options, "remove", "^a&s", &removed);
	for (guint i = 0; removed && removed[i]; i++) {
		g_autofree char *address = submit_complete(
			acting->connection->engine, removed[i]);
		const Recipient *there =
			address ? find_pending(message->recipients, address)
				: NULL;

		if (!there) {
			refuse(acting, "%s is not one who still waits for it.",
			       removed[i]);
			return FALSE;
		}
		action_add_child(action, there->address)->state =
			RECIPIENT_REMOVED;
	}
	return TRUE;
}

static gboolean
take_sender(Acting *acting, Action *action)
{
	g_autofree char *complete = NULL;
	const char *sender;

	if (!g_variant_lookup(acting->options, "sender", "&s", &sender))
		return TRUE;
	complete = *sender ? submit_complete(acting->connection->engine,
					     sender)
			   : g_strdup("");
	if (!complete) {
		refuse(acting, "“%s” is not a mail address.", sender);
		return FALSE;
	}
	g_free(action->key);
	action->key = g_strdup(CHANGE_SENDER);
	g_free(action->value);
	action->value = g_steal_pointer(&complete);
	return TRUE;
}

static guint
count_removed(const Action *action)
{
	guint removed = 0;

	for (guint i = 0; i < action->children->len; i++) {
		const Recipient *child = action->children->pdata[i];

		removed += child->state == RECIPIENT_REMOVED;
	}
	return removed;
}

/* What does not make sense of an edit that is whole, or NULL. */
static const char *
complaint(const Message *message, const Action *action)
{
	guint removed = count_removed(action);
	guint added = action->children->len - removed;

	if (!action->children->len && !*action->key)
		return "Nothing was to be changed.";
	if (message->recipients->len + added > MESSAGE_MAX_RECIPIENTS)
		return "It would have too many recipients.";
	if (!added && removed >= message_count(message, RECIPIENT_WAITING))
		return "Nobody would get it any more; delete it instead.";
	return NULL;
}

/* "and bob@x, without eve@y, from ada@z": for the log. (transfer full) */
static char *
edit_words(const Action *action)
{
	g_autoptr(GString) words = g_string_new(NULL);

	for (guint i = 0; i < action->children->len; i++) {
		const Recipient *child = action->children->pdata[i];

		g_string_append_printf(words, "%s%s %s",
				       words->len ? ", " : "",
				       child->state == RECIPIENT_REMOVED
					       ? "without" : "also to",
				       child->address);
	}
	if (*action->key)
		g_string_append_printf(words, "%sfrom <%s>",
				       words->len ? ", " : "", action->value);
	return text_harmless_clipped(words->str, MESSAGE_MAX_OPTION_VALUE / 4);
}

/* What keeps an owner's hands off the envelope now, or NULL. */
static const char *
keeps_off(const Acting *acting, const Message *message)
{
	if (message->trashed)
		return "It is deleted; restore it first.";
	if (message_option(message, "answers"))
		return "It is a report, and goes to whom it tells of.";
	return act_is_busy(acting, message) ? "It is being sent right now."
					    : NULL;
}

const char *
act_edit(Acting *acting, Message *message)
{
	Connection *connection = acting->connection;
	g_autoptr(Action) action = action_new(ACTION_EDITED, connection->uid,
					      engine_now(), NULL);
	const char *why = keeps_off(acting, message);

	if (why)
		return why;
	if (!remove_all(acting, message, action) ||
	    !add_all(acting, message, action) || !take_sender(acting, action))
		return acting->said;
	why = complaint(message, action);
	if (why)
		return why;
	g_free(action->why);
	action->why = edit_words(action);
	transition_edit(connection->engine, message,
			g_steal_pointer(&action));
	return NULL;
}

const char *
act_reroute(Acting *acting, Message *message)
{
	Connection *connection = acting->connection;
	Engine *engine = connection->engine;
	const RouteWorld *world = &deliver_input(engine->deliver)->world;
	const char *why = keeps_off(acting, message), *to = "";
	const Route *route;
	Action *action;

	g_variant_lookup(acting->options, "to", "&s", &to);
	route = route_find(world->routes, to);
	if (why)
		return why;
	if (*to && !route)
		return refuse(acting, "There is no route “%s”.", to);
	if (*to && !route_is_for_user(world, route, message->uid))
		return refuse(acting, "The route “%s” is not for mail that "
			      "this user handed in.", to);
	if (!*to && !message_option(message, ROUTE_ASKED))
		return "Nobody chose a route for it.";
	action = action_new(ACTION_REROUTED, connection->uid, engine_now(),
			    *to ? to : "the usual way");
	g_free(action->value);
	action->value = g_strdup(to);
	transition_edit(engine, message, action);
	return NULL;
}
