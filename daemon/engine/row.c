// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/row.h"

#include "common/api.h"
#include "common/text.h"
#include "daemon/engine/deliver.h"
#include "daemon/engine/later.h"

#define MAX_SHOWN_BYTES (40 * 1024) /* of recipients, in a reply of Show */

/* The recipient that says most about the message: one still owed. */
static guint
telling_recipient(const Message *message)
{
	static const RecipientState order[] = {
		RECIPIENT_ACTIVE, RECIPIENT_WAITING, RECIPIENT_FAILED,
	};

	for (guint i = 0; i < G_N_ELEMENTS(order); i++)
		for (guint n = 0; n < message->recipients->len; n++) {
			const Recipient *recipient =
				message->recipients->pdata[n];

			if (recipient->state == order[i])
				return n;
		}
	return 0;
}

void
row_init(Row *row, Engine *engine, const ScheduleInput *input,
	 const Message *message)
{
	row->engine = engine;
	row->input = input;
	row->message = message;
	row->number = telling_recipient(message);
	row->recipient = message->recipients->pdata[row->number];
	row->waiting = schedule_waiting(input, message, row->number);
	row->sending = deliver_progress(engine->deliver, message,
					&row->progress);
}

const char *
row_state(const Row *row)
{
	const Message *message = row->message;

	if (message->trashed)
		return "trash";
	if (row->sending)
		return "sending";
	if (message->held)
		return "held";
	if (message_pending(message) == 0)
		return message_count(message, RECIPIENT_FAILED) ? "failed"
								: "sent";
	switch (row->waiting.reason) {
	case WAIT_TURN:
	case WAIT_ACTIVE:
	case WAIT_ORDER:
	case WAIT_NONE:
		return "queued";
	case WAIT_RETRY:
	case WAIT_HOST:
		return "retry";
	case WAIT_NOT_BEFORE:
		return later_is_undoable(message, row->input->world.now)
			       ? "undo"
			       : "waits";
	case WAIT_DONE:
	case WAIT_ALIAS:
	case WAIT_SENT:
	case WAIT_HELD:
	case WAIT_TRASHED:
	case WAIT_STOPPED:
	case WAIT_QUEUE_RUN:
	case WAIT_SETTLING:
	case WAIT_OFFLINE:
	case WAIT_PINNED:
	case WAIT_NO_PROFILE:
	case WAIT_NO_ROUTE:
	case WAIT_OWNER:
	case WAIT_NO_LINK:
	case WAIT_PLACE:
	case WAIT_SIZE:
	case WAIT_UNSAFE:
	case WAIT_BROKEN:
	case WAIT_PORTAL:
	case WAIT_ROUTE:
		return "waits";
	}
	return "waits";
}

static GVariant *
string(const char *text)
{
	return g_variant_new_string(text ? text : "");
}

static GVariant *
option(const Row *row, const char *key)
{
	return string(message_option(row->message, key));
}

/* --- one function a column ---------------------------------------------- */

static GVariant *
column_id(const Row *row)
{
	char buffer[TEXT_ID_SIZE];

	return string(text_id(row->message->id, buffer));
}

static GVariant *
column_state(const Row *row)
{
	return string(row_state(row));
}

static GVariant *
column_arrived(const Row *row)
{
	return g_variant_new_int64(row->message->arrived);
}

static GVariant *
column_next_try(const Row *row)
{
	return g_variant_new_int64(row->waiting.until);
}

static GVariant *
column_last_try(const Row *row)
{
	return g_variant_new_int64(row->recipient->last_try);
}

static GVariant *
column_tries(const Row *row)
{
	return g_variant_new_uint32(row->recipient->tries);
}

static GVariant *
column_size(const Row *row)
{
	return g_variant_new_uint64(row->message->size);
}

static GVariant *
column_progress(const Row *row)
{
	return g_variant_new_uint32(row->progress);
}

static GVariant *
column_sender(const Row *row)
{
	return string(row->message->sender);
}

static GVariant *
column_to(const Row *row)
{
	return string(row->recipient->address);
}

static GVariant *
column_recipients(const Row *row)
{
	return g_variant_new_uint32(row->message->recipients->len);
}

static GVariant *
column_pending(const Row *row)
{
	return g_variant_new_uint32(message_pending(row->message));
}

static GVariant *
column_subject(const Row *row)
{
	return option(row, "subject");
}

static GVariant *
column_from(const Row *row)
{
	return option(row, "from");
}

static GVariant *
column_why(const Row *row)
{
	g_autofree char *why = NULL;

	if (row->sending)
		return string("It is being sent right now.");
	why = schedule_why(row->input, row->message, row->number);
	return string(why);
}

static GVariant *
column_answer(const Row *row)
{
	const Status *status = row->recipient->status;

	return string(status ? status->text : "");
}

static GVariant *
column_wait(const Row *row)
{
	return string(wait_reason_name(row->waiting.reason));
}

static GVariant *
column_route(const Row *row)
{
	if (row->waiting.way.kind == WAY_LOCAL)
		return string(ROUTE_LOCAL);
	if (row->waiting.way.route)
		return string(row->waiting.way.route->name);
	return string(row->recipient->route);
}

static GVariant *
column_host(const Row *row)
{
	const Status *status = row->recipient->status;

	return string(status ? status->host : "");
}

static GVariant *
column_tls(const Row *row)
{
	const Status *status = row->recipient->status;

	return string(status ? status->tls : "");
}

static GVariant *
column_origin(const Row *row)
{
	return string(row->message->origin);
}

static GVariant *
column_uid(const Row *row)
{
	return g_variant_new_uint32(row->message->uid);
}

static GVariant *
column_gives_up(const Row *row)
{
	return g_variant_new_int64(schedule_gives_up(
		row->input, row->message, row->number));
}

static const struct {
	const char *name;
	GVariant *(*value)(const Row *row);
} columns[] = {
	{ "id", column_id },
	{ "state", column_state },
	{ "arrived", column_arrived },
	{ "next-try", column_next_try },
	{ "last-try", column_last_try },
	{ "tries", column_tries },
	{ "size", column_size },
	{ "progress", column_progress },
	{ "sender", column_sender },
	{ "to", column_to },
	{ "recipients", column_recipients },
	{ "pending", column_pending },
	{ "subject", column_subject },
	{ "from", column_from },
	{ "why", column_why },
	{ "answer", column_answer },
	{ "wait", column_wait },
	{ "route", column_route },
	{ "host", column_host },
	{ "tls", column_tls },
	{ "origin", column_origin },
	{ "uid", column_uid },
	{ "gives-up", column_gives_up },
};

GVariant *
row_column(const Row *row, const char *column)
{
	for (guint i = 0; i < G_N_ELEMENTS(columns); i++)
		if (g_str_equal(columns[i].name, column))
			return columns[i].value(row);
	return string("");
}

/* --- whole rows ---------------------------------------------------------- */

static void
add_columns(GVariantDict *dict, const Row *row)
{
	for (guint i = 0; i < G_N_ELEMENTS(columns); i++)
		g_variant_dict_insert_value(dict, columns[i].name,
					    columns[i].value(row));
}

GVariant *
row_notice(Engine *engine, const Message *message)
{
	const ScheduleInput *input = deliver_input(engine->deliver);
	GVariantDict dict;
	Row row;

	g_variant_dict_init(&dict, NULL);
	row_init(&row, engine, input, message);
	add_columns(&dict, &row);
	return g_variant_dict_end(&dict);
}

GVariant *
row_gone(Engine *engine, const Message *message, const char *state)
{
	const ScheduleInput *input = deliver_input(engine->deliver);
	GVariantDict dict;
	Row row;

	g_variant_dict_init(&dict, NULL);
	row_init(&row, engine, input, message);
	add_columns(&dict, &row);
	g_variant_dict_insert(&dict, "state", "s", state);
	g_variant_dict_insert(&dict, "gone", "b", TRUE);
	return g_variant_dict_end(&dict);
}

static GVariant *
recipient_to_variant(const ScheduleInput *input, const Message *message,
		     guint number)
{
	const Recipient *recipient = message->recipients->pdata[number];
	Waiting waiting = schedule_waiting(input, message, number);
	g_autoptr(GVariant) status = NULL;
	g_autofree char *why = schedule_why(input, message, number);
	GVariantDict dict;

	if (recipient->status)
		status = g_variant_ref_sink(
			status_to_variant(recipient->status));
	g_variant_dict_init(&dict, status);
	g_variant_dict_insert(&dict, "number", "u", number);
	g_variant_dict_insert(&dict, "address", "s", recipient->address);
	g_variant_dict_insert(&dict, "state", "s",
			      recipient_state_name(recipient->state));
	g_variant_dict_insert(&dict, "route", "s", recipient->route);
	g_variant_dict_insert(&dict, "profile", "s", recipient->profile);
	g_variant_dict_insert(&dict, "tries", "u", recipient->tries);
	g_variant_dict_insert(&dict, "next-try", "x", waiting.until);
	g_variant_dict_insert(&dict, "last-try", "x", recipient->last_try);
	/* What is still owed waits for a reason; the others had a verdict. */
	if (*why && (recipient->state == RECIPIENT_WAITING ||
		     recipient->state == RECIPIENT_ACTIVE))
		g_variant_dict_insert(&dict, "why", "s", why);
	return g_variant_dict_end(&dict);
}

static GVariant *
options_to_variant(const Message *message)
{
	GVariantBuilder builder;

	g_variant_builder_init(&builder, G_VARIANT_TYPE("a{ss}"));
	for (char **at = message->options; at && *at; at += 2)
		g_variant_builder_add(&builder, "{ss}", at[0], at[1]);
	return g_variant_builder_end(&builder);
}

GVariant *
row_show(Engine *engine, const Message *message)
{
	const ScheduleInput *input = deliver_input(engine->deliver);
	gsize bytes = 0;
	GVariantBuilder list;
	GVariantDict dict;
	Row row;

	g_variant_dict_init(&dict, NULL);
	row_init(&row, engine, input, message);
	add_columns(&dict, &row);
	g_variant_builder_init(&list, G_VARIANT_TYPE("aa{sv}"));
	for (guint i = 0;
	     i < message->recipients->len && bytes < MAX_SHOWN_BYTES; i++) {
		GVariant *entry = recipient_to_variant(input, message, i);

		bytes += g_variant_get_size(entry);
		g_variant_builder_add_value(&list, entry);
	}
	g_variant_dict_insert_value(&dict, "recipient-list",
				    g_variant_builder_end(&list));
	g_variant_dict_insert_value(&dict, "options",
				    options_to_variant(message));
	return g_variant_dict_end(&dict);
}
