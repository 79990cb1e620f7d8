// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Expand: what a user's .forward makes of a recipient, as the local worker
 * read it. A worker is believed what its own user could do anyway: name
 * addresses, and commands and files that will be read again and run as that
 * user. Depth, number and circles are judged here, where all that led to
 * the recipient is known.
 */
#include <string.h>

#include "common/address.h"
#include "common/text.h"
#include "daemon/engine/deliver-private.h"
#include "daemon/engine/methods.h"
#include "daemon/engine/transition.h"

#define SHOWN 300 /* characters of what it became, in the log */

typedef struct {
	Deliver *deliver;
	Message *message;
	guint number;
	GPtrArray *children; /* of Recipient, owned */
} Forwarding;

/* --- what led here -------------------------------------------------------- */

static const Recipient *
parent_of(const Message *message, const Recipient *child)
{
	const char *parent = recipient_option(child, "parent");
	guint64 number;

	/* A child stands behind its parent, so this ends. */
	if (!parent || !g_ascii_string_to_unsigned(parent, 10, 0,
						   G_MAXUINT32, &number, NULL))
		return NULL;
	return number < message->recipients->len
		       ? message->recipients->pdata[number] : NULL;
}

/* "ada@laptop -> bob@laptop -> ada@laptop" (transfer full) */
static char *
chain_text(const Forwarding *forwarding, const char *last)
{
	const Message *message = forwarding->message;
	const Recipient *at = message->recipients->pdata[forwarding->number];
	GString *text = g_string_new(last);

	for (guint i = 0; at && i <= MESSAGE_MAX_RECIPIENTS; i++) {
		g_string_prepend(text, " -> ");
		g_string_prepend(text, at->address);
		at = parent_of(message, at);
	}
	return g_string_free(text, FALSE);
}

static guint
depth_of(const Forwarding *forwarding)
{
	const Message *message = forwarding->message;
	const Recipient *at = message->recipients->pdata[forwarding->number];
	guint depth = 1;

	while (depth <= ALIAS_MAX_DEPTH && (at = parent_of(message, at)))
		depth++;
	return depth;
}

static gboolean
came_by(const Forwarding *forwarding, const char *address)
{
	const Message *message = forwarding->message;
	const Recipient *at = message->recipients->pdata[forwarding->number];

	for (guint i = 0; i < ALIAS_MAX_DEPTH && (at = parent_of(message, at));
	     i++)
		if (address_equal_locally(at->address, address))
			return TRUE;
	return FALSE;
}

/* --- children ------------------------------------------------------------- */

/* Of the user's own: the address cannot be anybody else's. (transfer full) */
static Recipient *
own_child(const Recipient *parent)
{
	Recipient *child = recipient_new(parent->address);

	recipient_set_option(child, ROUTE_EXACT, "yes");
	return child;
}

/* (transfer full) (nullable): nothing that a .forward may say. */
static Recipient *
child_from(const Forwarding *forwarding, const char *address,
	   GVariant *options)
{
	const Engine *engine = forwarding->deliver->engine;
	const Recipient *parent =
		forwarding->message->recipients->pdata[forwarding->number];
	g_autofree char *complete = NULL;
	const char *target = NULL;
	gboolean mailbox = FALSE;
	Recipient *child;

	g_variant_lookup(options, ROUTE_TARGET, "&s", &target);
	g_variant_lookup(options, ROUTE_MAILBOX, "b", &mailbox);
	if (target) {
		if (strlen(target) > MESSAGE_MAX_OPTION_VALUE)
			return NULL;
		child = own_child(parent);
		recipient_set_option(child, ROUTE_TARGET, target);
		recipient_set_option(child, ROUTE_BY, ROUTE_BY_FORWARD);
		return child;
	}
	if (!mailbox && (strlen(address) > MESSAGE_MAX_ADDRESS ||
			 !address_is_valid_or_local(address)))
		return NULL;
	complete = address_qualify(address, engine->settings->host);
	if (!mailbox && !address_equal_locally(complete, parent->address))
		return recipient_new(complete);
	/* Who forwards to themselves means their own mailbox. */
	child = own_child(parent);
	recipient_set_option(child, ROUTE_MAILBOX, "yes");
	return child;
}

static gboolean
take_children(Forwarding *forwarding, GVariant *list)
{
	GVariantIter iter;
	const char *address;
	GVariant *options;

	forwarding->children = g_ptr_array_new_with_free_func(
		(GDestroyNotify)recipient_free);
	g_variant_iter_init(&iter, list);
	while (g_variant_iter_next(&iter, "(&s@a{sv})", &address, &options)) {
		Recipient *child = child_from(forwarding, address, options);

		g_variant_unref(options);
		if (!child)
			return FALSE;
		g_ptr_array_add(forwarding->children, child);
	}
	return TRUE;
}

/* --- what comes of it ----------------------------------------------------- */

/* (nullable) (transfer full): why this cannot be, a sentence. */
static char *
objection(const Forwarding *forwarding)
{
	const GPtrArray *children = forwarding->children;

	if (children->len > ALIAS_MAX_TARGETS)
		return g_strdup_printf("The .forward stands for more than %d "
				       "addresses.", ALIAS_MAX_TARGETS);
	if (forwarding->message->recipients->len + children->len >
	    MESSAGE_MAX_RECIPIENTS)
		return g_strdup("With those the .forward names, the message "
				"has more recipients than it may have.");
	for (guint i = 0; i < children->len; i++) {
		const Recipient *child = children->pdata[i];
		g_autofree char *chain = NULL;

		/* Its own mailbox, command or file leads nowhere else. */
		if (recipient_option(child, ROUTE_EXACT))
			continue;
		chain = chain_text(forwarding, child->address);
		if (came_by(forwarding, child->address))
			return g_strdup_printf("The mail goes round in a "
					       "circle: %s.", chain);
		if (depth_of(forwarding) > ALIAS_MAX_DEPTH)
			return g_strdup_printf("More than %d names of this "
					       "machine lead to one another: "
					       "%s.", ALIAS_MAX_DEPTH, chain);
	}
	return NULL;
}

static void
fail(const Forwarding *forwarding, const char *why)
{
	RecipientChange change = recipient_change(
		forwarding->message->recipients->pdata[forwarding->number]);
	g_autofree char *harmless = text_harmless(why);
	g_autoptr(Status) status =
		status_new(OUTCOME_FAILED, FAULT_RECIPIENT, 0, "5.4.6",
			   "forwarded without an end", harmless);

	change.state = RECIPIENT_FAILED;
	change.last_try = engine_now();
	change.route = ROUTE_LOCAL;
	change.status = status;
	transition_verdict(forwarding->deliver->engine, forwarding->message,
			   forwarding->number, &change);
}

static const char *
child_text(const Recipient *child)
{
	const char *target = recipient_option(child, ROUTE_TARGET);

	if (target)
		return target;
	return recipient_option(child, ROUTE_MAILBOX) ? "the mailbox"
						      : child->address;
}

/* "the .forward of ada@laptop: bob@laptop, the mailbox" (transfer full) */
static char *
forward_text(const Forwarding *forwarding)
{
	const Recipient *parent =
		forwarding->message->recipients->pdata[forwarding->number];
	g_autoptr(GString) text = g_string_new(NULL);

	g_string_append_printf(text, "the .forward of %s: ", parent->address);
	if (forwarding->children->len == 0)
		g_string_append(text, "nobody");
	for (guint i = 0; i < forwarding->children->len; i++)
		g_string_append_printf(
			text, "%s%s", i ? ", " : "",
			child_text(forwarding->children->pdata[i]));
	return text_harmless_clipped(text->str, SHOWN);
}

static void
forward(Forwarding *forwarding)
{
	Engine *engine = forwarding->deliver->engine;
	g_autofree char *text = forward_text(forwarding);
	Action *action = action_new(ACTION_EXPANDED, engine->owner,
				    engine_now(), text);

	action->recipient = forwarding->number;
	while (forwarding->children->len > 0)
		deliver_add_child(
			forwarding->deliver, action, forwarding->message,
			g_ptr_array_steal_index(forwarding->children, 0));
	deliver_log_expansion(forwarding->deliver, forwarding->message,
			      action);
}

static gboolean
is_given(Job *job, guint number)
{
	return job->kind == PRIV_LOCAL && job->current &&
	       job_strike_out(job->current, number);
}

void
method_expand(Connection *connection, guint32 serial, GVariant *in)
{
	Job *job = job_of(connection, "Expand", serial);
	g_autoptr(GVariant) list = NULL;
	g_autofree char *why = NULL;
	Forwarding forwarding;
	guint32 number;

	if (!job)
		return;
	g_variant_get(in, "(u@a(sa{sv}))", &number, &list);
	if (!is_given(job, number)) {
		connection_fail(connection, "Expand", serial, "5.5.1",
				"Recipient %u is not of this job.", number);
		return;
	}
	job->judged = TRUE;
	forwarding = (Forwarding){ job->deliver, job->current->message,
				   number, NULL };
	deliver_input(job->deliver);
	why = take_children(&forwarding, list) ? objection(&forwarding)
		: g_strdup("The .forward names what is no address.");
	if (why)
		fail(&forwarding, why);
	else
		forward(&forwarding);
	g_ptr_array_unref(forwarding.children);
	connection_reply(connection, "Expand", serial, g_variant_new("()"));
}
