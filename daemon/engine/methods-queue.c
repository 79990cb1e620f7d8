// SPDX-License-Identifier: GPL-2.0-or-later
/* Show, Act and Fetch: one message, or some of them. */
#include <string.h>

#include "common/text.h"
#include "common/wire.h"
#include "daemon/engine/deliver-learn.h"
#include "daemon/engine/deliver.h"
#include "daemon/engine/filter.h"
#include "daemon/engine/job.h"
#include "daemon/engine/later.h"
#include "daemon/engine/methods-act.h"
#include "daemon/engine/methods.h"
#include "daemon/engine/place.h"
#include "daemon/engine/row.h"
#include "daemon/engine/transition.h"

#define MAX_TOLD_ID 40 /* characters of an id that is none */

Message *
methods_find_own(Connection *connection, const char *method, guint32 serial,
		 const char *text)
{
	Message *message = NULL;
	guint64 id;

	if (text_parse_id(text, &id))
		message = store_find(connection->engine->store, id);
	if (message && connection_owns(connection, message))
		return message;
	connection_fail(connection, method, serial, "5.1.0",
			"There is no message %s of yours in the queue.",
			text);
	return NULL;
}

void
method_show(Connection *connection, guint32 serial, GVariant *in)
{
	const char *id;
	Message *message;

	g_variant_get(in, "(&s)", &id);
	message = methods_find_own(connection, "Show", serial, id);
	if (message)
		connection_reply(
			connection, "Show", serial,
			g_variant_new("(@a{sv})",
				      row_show(connection->engine, message)));
}

/* --- Fetch ---------------------------------------------------------------- */

static Message *
find_fetchable(Connection *connection, guint32 serial, const char *text)
{
	const Job *job = connection->job;
	guint64 id;

	if (!(connection->roles & ROLE_DELIVER))
		return methods_find_own(connection, "Fetch", serial, text);
	if (job && job->current && text_parse_id(text, &id) &&
	    job->current->message->id == id)
		return job->current->message;
	connection_fail(connection, "Fetch", serial, "5.7.1",
			"This message is not of your job.");
	return NULL;
}

void
method_fetch(Connection *connection, guint32 serial, GVariant *in)
{
	g_autofree guint8 *buffer = NULL;
	g_autoptr(GError) error = NULL;
	guint64 offset;
	const char *id;
	Message *message;
	gssize got;

	g_variant_get(in, "(&st)", &id, &offset);
	message = find_fetchable(connection, serial, id);
	if (!message)
		return;
	buffer = g_malloc(QUEUE_READ_MAX);
	got = queue_read(connection->engine->queue, message->id, offset,
			 buffer, QUEUE_READ_MAX, &error);
	if (got < 0)
		connection_fail(connection, "Fetch", serial, "4.3.0", "%s",
				error->message);
	else
		connection_reply_data(connection, buffer, got);
}

/* --- Act ------------------------------------------------------------------ */

static void
act(const Acting *acting, Message *message, ActionKind kind,
    const char *reason)
{
	transition_action(acting->connection->engine, message,
			  action_new(kind, acting->connection->uid,
				     engine_now(), reason));
}

static const char *
act_delete(Acting *acting, Message *message)
{
	Deliver *deliver = acting->connection->engine->deliver;
	guint percent;

	if (message->trashed)
		return "It is deleted already.";
	if (deliver_progress(deliver, message, &percent))
		return "It is being sent right now.";
	act(acting, message, ACTION_TRASHED, acting->reason);
	return NULL;
}

static const char *
act_restore(Acting *acting, Message *message)
{
	if (!message->trashed)
		return "It is not deleted.";
	act(acting, message, ACTION_RESTORED, acting->reason);
	return NULL;
}

static const char *
act_bounce(Acting *acting, Message *message)
{
	Engine *engine = acting->connection->engine;
	g_autoptr(Status) status = status_new(
		OUTCOME_FAILED, FAULT_MESSAGE, 0, "5.0.0", "",
		"It was returned by hand before it could be delivered.");
	gint64 now = engine_now();
	guint percent;

	if (message->trashed)
		return "It is deleted; restore it first.";
	if (deliver_progress(engine->deliver, message, &percent) ||
	    message_count(message, RECIPIENT_ACTIVE) > 0)
		return "It is being sent right now.";
	for (guint i = 0; i < message->recipients->len; i++) {
		const Recipient *recipient = message->recipients->pdata[i];
		RecipientChange change = recipient_change(recipient);

		if (recipient->state != RECIPIENT_WAITING)
			continue;
		change.state = RECIPIENT_FAILED;
		change.last_try = now;
		change.status = status;
		transition_verdict(engine, message, i, &change);
	}
	if (message->held)
		act(acting, message, ACTION_RELEASED, "to be returned");
	return NULL;
}

static const struct {
	const char *name;
	ActVerb verb;
} act_verbs[] = {
	{ "hold", act_hold },	    { "release", act_release },
	{ "retry", act_retry },	    { "delete", act_delete },
	{ "restore", act_restore }, { "bounce", act_bounce },
	{ "edit", act_edit },	    { "reroute", act_reroute },
	{ "undo", act_undo },	    { "later", act_later },
};

static ActVerb
find_verb(const char *name)
{
	for (guint i = 0; i < G_N_ELEMENTS(act_verbs); i++)
		if (g_str_equal(act_verbs[i].name, name))
			return act_verbs[i].verb;
	return NULL;
}

typedef struct {
	GVariantBuilder done;
	GVariantBuilder refused;
	gsize bytes; /* of both */
} ActReply;

/* What does not fit the reply is done all the same. */
static void
tell_act(ActReply *reply, const char *id, const char *why)
{
	if (why)
		methods_add_row(&reply->refused,
				g_variant_new("(ss)", id, why),
				&reply->bytes);
	else
		methods_add_row(&reply->done, g_variant_new_string(id),
				&reply->bytes);
}

static void
act_on(Acting *acting, ActVerb verb, Message *message, ActReply *reply)
{
	char buffer[TEXT_ID_SIZE];
	const char *why = message->ending ? "It has just been delivered."
					  : verb(acting, message);

	tell_act(reply, text_id(message->id, buffer), why);
}

static void
refuse_id(ActReply *reply, const char *id)
{
	g_autofree char *clean = text_harmless_clipped(id, MAX_TOLD_ID);

	tell_act(reply, clean,
		 "There is no such message of yours in the queue.");
}

static void
act_on_ids(Acting *acting, ActVerb verb, const char *const *ids,
	   ActReply *reply)
{
	Connection *connection = acting->connection;

	for (guint i = 0; ids[i]; i++) {
		Message *message = NULL;
		guint64 id;

		if (text_parse_id(ids[i], &id))
			message = store_find(connection->engine->store, id);
		if (message && connection_owns(connection, message))
			act_on(acting, verb, message, reply);
		else
			refuse_id(reply, ids[i]);
	}
}

/* "All" are those that it makes sense for; nobody asked for the others. */
static gboolean
is_meant(const Message *message, ActVerb verb)
{
	if (message->ending)
		return FALSE;
	/* A flush is no reason to send what was to leave later. */
	if (verb == act_retry && later_not_before(message, engine_now()))
		return FALSE;
	if (verb == act_undo)
		return later_is_undoable(message, engine_now());
	if (verb == act_retry || verb == act_bounce || verb == act_later)
		return !message->held && !message->trashed;
	if (verb == act_hold)
		return !message->held && !message->trashed;
	if (verb == act_release)
		return message->held;
	if (verb == act_edit)
		return FALSE; /* it is meant for a message that one names */
	return verb == act_restore ? message->trashed : !message->trashed;
}

static gboolean
goes_by(const Row *row, const char *route)
{
	g_autoptr(GVariant) value = NULL;

	if (!*route)
		return TRUE;
	value = g_variant_ref_sink(row_column(row, "route"));
	return g_str_equal(g_variant_get_string(value, NULL), route);
}

/* A retry of all is a flush: what paused the routes is forgotten too. */
static void
act_on_all(Acting *acting, ActVerb verb, const Filter *filter,
	   ActReply *reply)
{
	Connection *connection = acting->connection;
	Engine *engine = connection->engine;
	const ScheduleInput *input = deliver_input(engine->deliver);
	GPtrArray *messages = store_messages(engine->store);
	g_autoptr(GPtrArray) chosen = g_ptr_array_new();

	for (guint i = 0; i < messages->len; i++) {
		Row row;

		if (!connection_owns(connection, messages->pdata[i]) ||
		    !is_meant(messages->pdata[i], verb))
			continue;
		row_init(&row, engine, input, messages->pdata[i]);
		if (goes_by(&row, acting->route) &&
		    filter_passes(filter, &row, input->world.now))
			g_ptr_array_add(chosen, messages->pdata[i]);
	}
	if (verb == act_retry && (connection->roles & ROLE_ADMIN)) {
		place_note_signal(engine->place);
		learn_forgive(engine->deliver,
			      *acting->route ? acting->route : NULL);
	}
	/* Only the last one was sent in error. */
	for (guint i = verb == act_undo && chosen->len ? chosen->len - 1 : 0;
	     i < chosen->len; i++)
		act_on(acting, verb, chosen->pdata[i], reply);
}

/* An answer that waits until what it says is so. */
typedef struct {
	Connection *connection;
	guint32 serial;
	GVariant *body;
} ActAnswer;

static void
on_settled(gpointer data)
{
	ActAnswer *answer = data;
	Connection *connection = answer->connection;

	connection->references--;
	if (connection->closed)
		connection_close(connection);
	else
		connection_reply(connection, "Act", answer->serial,
				 answer->body);
	g_variant_unref(answer->body);
	g_free(answer);
}

/* @body is sunk. A queue that cannot be written would have it wait long. */
static void
answer_when_settled(Connection *connection, guint32 serial, GVariant *body)
{
	Engine *engine = connection->engine;
	ActAnswer *answer = g_new0(ActAnswer, 1);

	answer->connection = connection;
	answer->serial = serial;
	answer->body = g_variant_ref_sink(body);
	connection->references++;
	if (queue_condition(engine->queue, NULL) == QUEUE_READ_ONLY)
		on_settled(answer);
	else
		transition_settled(engine, on_settled, answer);
}

void
method_act(Connection *connection, guint32 serial, GVariant *in)
{
	Acting acting = { .connection = connection, .reason = "",
			  .route = "" };
	g_autofree const char **ids = NULL;
	g_autoptr(GVariant) options = NULL;
	g_autoptr(Filter) filter = NULL;
	g_autoptr(GError) error = NULL;
	const char *name, *text = "";
	ActReply reply = { .bytes = 0 };
	GVariantDict dict;
	ActVerb verb;

	g_variant_get(in, "(&s^a&s@a{sv})", &name, &ids, &options);
	acting.options = options;
	g_variant_lookup(options, "reason", "&s", &acting.reason);
	g_variant_lookup(options, "filter", "&s", &text);
	g_variant_lookup(options, "route", "&s", &acting.route);
	verb = find_verb(name);
	filter = filter_parse(text, &error);
	if (!verb || !filter) {
		connection_fail(connection, "Act", serial, "5.5.4", "%s%s",
				verb ? "" : "There is no such action: ",
				verb ? error->message : name);
		return;
	}
	g_variant_builder_init(&reply.done, G_VARIANT_TYPE("as"));
	g_variant_builder_init(&reply.refused, G_VARIANT_TYPE("a(ss)"));
	if (ids[0])
		act_on_ids(&acting, verb, ids, &reply);
	else
		act_on_all(&acting, verb, filter, &reply);
	g_free(acting.said);
	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert_value(&dict, "done",
				    g_variant_builder_end(&reply.done));
	g_variant_dict_insert_value(&dict, "refused",
				    g_variant_builder_end(&reply.refused));
	answer_when_settled(connection, serial,
			    g_variant_new("(@a{sv})",
					  g_variant_dict_end(&dict)));
}
