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

/* There is nobody to tell: keep it where people see it. */
static void
hold_senderless(Engine *engine, Message *message)
{
	if (message->held)
		return;
	transition_action(
		engine, message,
		action_new(ACTION_HELD, engine->owner, engine_now(),
			   "It could not be delivered, and as a report it "
			   "has no sender to return it to. Read it, then "
			   "delete it."));
}

void
report_consider(Engine *engine, Message *message)
{
	gint64 first = 0;
	guint wanted = count_wanted(message, &first);

	if (message_count(message, RECIPIENT_FAILED) == 0 ||
	    engine->stopping)
		return;
	if (wanted == 0) {
		if (message_pending(message) == 0)
			drop_unwanted(engine, message);
		return;
	}
	if (message_pending(message) > 0 &&
	    engine_now() < first + REPORT_PATIENCE)
		return;
	if (!*message->sender)
		hold_senderless(engine, message);
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
		if (message->held || !*message->sender ||
		    message_pending(message) == 0 ||
		    count_wanted(message, &first) == 0 ||
		    first + REPORT_PATIENCE <= engine_now())
			continue;
		if (!due || first + REPORT_PATIENCE < due)
			due = first + REPORT_PATIENCE;
	}
	return due;
}

char *
report_answers(const Message *message)
{
	char buffer[TEXT_ID_SIZE];
	GString *text = g_string_new(text_id(message->id, buffer));
	guint count = 0;

	for (guint i = 0; i < message->recipients->len &&
			  count < REPORT_MAX_RECIPIENTS; i++) {
		const Recipient *recipient = message->recipients->pdata[i];

		if (recipient->state != RECIPIENT_FAILED)
			continue;
		g_string_append_printf(text, " %u", i);
		count++;
	}
	return g_string_free(text, FALSE);
}

static void
bounced(Engine *engine, Message *message, guint number)
{
	const Recipient *recipient;
	RecipientChange change;

	if (number >= message->recipients->len)
		return;
	recipient = message->recipients->pdata[number];
	if (recipient->state != RECIPIENT_FAILED)
		return;
	change = recipient_change(recipient);
	change.state = RECIPIENT_BOUNCED;
	transition_verdict(engine, message, number, &change);
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
report_job(Engine *engine, const Message *message)
{
	GVariantBuilder statuses;
	GVariantDict dict;
	guint count = 0;

	g_variant_builder_init(&statuses, G_VARIANT_TYPE("aa{sv}"));
	for (guint i = 0; i < message->recipients->len &&
			  count < REPORT_MAX_RECIPIENTS; i++) {
		const Recipient *recipient = message->recipients->pdata[i];

		if (recipient->state != RECIPIENT_FAILED)
			continue;
		g_variant_builder_add_value(&statuses,
					    failed_recipient(recipient, i));
		count++;
	}
	deliver_fill_job(&dict, message, NULL);
	g_variant_dict_insert(&dict, "kind", "s", "bounce");
	g_variant_dict_insert(&dict, "host", "s", engine->settings->host);
	g_variant_dict_insert(&dict, "arrived", "x", message->arrived);
	g_variant_dict_insert_value(&dict, "statuses",
				    g_variant_builder_end(&statuses));
	return g_variant_dict_end(&dict);
}
