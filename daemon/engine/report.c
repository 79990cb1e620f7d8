// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/report.h"

#include <string.h>

#include "common/text.h"
#include "daemon/engine/deliver.h"
#include "daemon/engine/transition.h"

static gboolean
never_notify(const Recipient *recipient)
{
	const char *notify = recipient_option(recipient, "notify");

	return notify && g_ascii_strcasecmp(notify, "NEVER") == 0;
}

/* Whose sender asked not to be told has been answered by that. */
static void
drop_unwanted(Engine *engine, Message *message)
{
	for (guint i = 0; i < message->recipients->len; i++) {
		const Recipient *recipient = message->recipients->pdata[i];
		RecipientChange change;

		if (recipient->state != RECIPIENT_FAILED ||
		    !never_notify(recipient))
			continue;
		change = recipient_change(recipient);
		change.state = RECIPIENT_BOUNCED;
		transition_verdict(engine, message, i, &change);
	}
}

static guint
count_wanted(const Message *message, gint64 *ret_first)
{
	guint count = 0;

	for (guint i = 0; i < message->recipients->len; i++) {
		const Recipient *recipient = message->recipients->pdata[i];

		if (recipient->state != RECIPIENT_FAILED ||
		    never_notify(recipient))
			continue;
		if (count++ == 0 || recipient->last_try < *ret_first)
			*ret_first = recipient->last_try;
	}
	return count;
}

/* Why there is nobody to tell; NULL if there is somebody. */
static const char *
untellable(const Message *message)
{
	if (!*message->sender)
		return "It could not be delivered, and as a report it has "
		       "no sender to return it to. Read it, then delete it.";
	/* Whom it names as its sender may be anybody: no mail to them. */
	if (message_option(message, "foreign"))
		return "It could not be delivered, and it is not known whose "
		       "it is, so nobody is told. Read it, then delete it.";
	if (message->untold >= REPORT_TRIES)
		return "It could not be delivered, and its sender could not "
		       "be told so. Read it, then delete it; released, the "
		       "sender is told again.";
	return NULL;
}

/* Keep it where people see it. */
static void
hold_untold(Engine *engine, Message *message, const char *why)
{
	if (!message->held)
		transition_action(engine, message,
				  action_new(ACTION_HELD, engine->owner,
					     engine_now(), why));
}

void
report_consider(Engine *engine, Message *message)
{
	gint64 first = 0;
	guint wanted = count_wanted(message, &first);
	const char *why = untellable(message);

	/* Who deleted it knows. */
	if (message_count(message, RECIPIENT_FAILED) == 0 ||
	    message->trashed || engine->stopping)
		return;
	if (wanted == 0) {
		if (message_pending(message) == 0)
			drop_unwanted(engine, message);
		return;
	}
	if (message_pending(message) > 0 &&
	    engine_now() < first + REPORT_PATIENCE)
		return;
	if (why)
		hold_untold(engine, message, why);
	else if (!message->held)
		deliver_start_report(engine->deliver, message);
}

gint64
report_due(Engine *engine)
{
	GPtrArray *messages = store_messages(engine->store);
	gint64 due = 0;

	for (guint i = 0; i < messages->len; i++) {
		const Message *message = messages->pdata[i];
		gint64 first = 0;

		/* With nothing pending it is told at once, not by time. */
		if (message->held || message->trashed ||
		    untellable(message) || message_pending(message) == 0 ||
		    count_wanted(message, &first) == 0 ||
		    first + REPORT_PATIENCE <= engine_now())
			continue;
		if (!due || first + REPORT_PATIENCE < due)
			due = first + REPORT_PATIENCE;
	}
	return due;
}

static gsize
bytes_of(const Recipient *recipient)
{
	const char *orcpt = recipient_option(recipient, "orcpt");
	const Status *status = recipient->status;
	gsize bytes = 512 + strlen(recipient->address);

	if (orcpt)
		bytes += strlen(orcpt);
	if (status)
		bytes += strlen(status->text) + strlen(status->why) +
			 strlen(status->host) + strlen(status->tls) +
			 strlen(status->remote_id);
	return bytes;
}

GArray *
report_numbers(const Message *message)
{
	GArray *numbers = g_array_new(FALSE, FALSE, sizeof(guint));
	gsize bytes = 0;

	for (guint i = 0; i < message->recipients->len &&
			  numbers->len < REPORT_MAX_RECIPIENTS; i++) {
		const Recipient *recipient = message->recipients->pdata[i];

		if (recipient->state != RECIPIENT_FAILED)
			continue;
		bytes += bytes_of(recipient);
		if (numbers->len > 0 && bytes > REPORT_MAX_BYTES)
			break;
		g_array_append_val(numbers, i);
	}
	return numbers;
}

char *
report_answers(const Message *message, const GArray *numbers)
{
	char buffer[TEXT_ID_SIZE];
	GString *text = g_string_new(text_id(message->id, buffer));

	for (guint i = 0; i < numbers->len; i++)
		g_string_append_printf(text, " %u",
				       g_array_index(numbers, guint, i));
	return g_string_free(text, FALSE);
}

static void
bounced(Engine *engine, Message *message, guint number)
{
	const Recipient *recipient;

	if (number >= message->recipients->len)
		return;
	recipient = message->recipients->pdata[number];
	if (recipient->state == RECIPIENT_FAILED)
		transition_bounced(engine, message, number);
}

void
report_took(Engine *engine, const Message *report)
{
	const char *answers = message_option(report, "answers");
	g_auto(GStrv) words = NULL;
	Message *message;
	guint64 id;

	if (!answers)
		return;
	words = g_strsplit(answers, " ", -1);
	if (!words[0] || !text_parse_id(words[0], &id))
		return;
	message = store_find(engine->store, id);
	for (char **word = words + 1; message && *word; word++)
		bounced(engine, message,
			(guint)g_ascii_strtoull(*word, NULL, 10));
}

static GVariant *
failed_recipient(const Recipient *recipient, guint number)
{
	const char *orcpt = recipient_option(recipient, "orcpt");
	g_autoptr(GVariant) status = NULL;
	GVariantDict dict;

	if (recipient->status)
		status = g_variant_ref_sink(
			status_to_variant(recipient->status));
	g_variant_dict_init(&dict, status);
	g_variant_dict_insert(&dict, "number", "u", number);
	g_variant_dict_insert(&dict, "address", "s", recipient->address);
	g_variant_dict_insert(&dict, "orcpt", "s", orcpt ? orcpt : "");
	g_variant_dict_insert(&dict, "tries", "u", recipient->tries);
	g_variant_dict_insert(&dict, "last-try", "x", recipient->last_try);
	g_variant_dict_insert(&dict, "route", "s", recipient->route);
	return g_variant_dict_end(&dict);
}

GVariant *
report_job(Engine *engine, const Message *message, const GArray *numbers)
{
	GVariantBuilder statuses;
	GVariantDict dict;

	g_variant_builder_init(&statuses, G_VARIANT_TYPE("aa{sv}"));
	for (guint i = 0; i < numbers->len; i++) {
		guint number = g_array_index(numbers, guint, i);

		g_variant_builder_add_value(
			&statuses,
			failed_recipient(message->recipients->pdata[number],
					 number));
	}
	deliver_fill_job(&dict, message, NULL);
	g_variant_dict_insert(&dict, "kind", "s", "bounce");
	g_variant_dict_insert(&dict, "host", "s", engine->settings->host);
	g_variant_dict_insert(&dict, "arrived", "x", message->arrived);
	g_variant_dict_insert_value(&dict, "statuses",
				    g_variant_builder_end(&statuses));
	return g_variant_dict_end(&dict);
}
