// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Receipts (RFC 3461, NOTIFY=SUCCESS) that nobody but us can give: of what
 * was delivered here, went to a host without DSN, or to a name that stands
 * for several. Which recipients are owed one stands in an option of their
 * message, so that it outlives a crash and the message does not end before.
 */
#include "daemon/engine/report.h"

#include <string.h>

#include "common/text.h"
#include "daemon/engine/transition.h"

#define OWED "receipts" /* "0 3 5": recipients */
#define OWED_MAX 400    /* bytes of that: beyond it nobody is told */

static gboolean
wants_receipt(const Recipient *recipient)
{
	const char *notify = recipient_option(recipient, "notify");
	g_autofree char *lower = notify ? g_ascii_strdown(notify, -1) : NULL;
	g_auto(GStrv) words = lower ? g_strsplit(lower, ",", -1) : NULL;

	return words && g_strv_contains((const char *const *)words,
					"success");
}

void
report_owe_receipt(Engine *engine, Message *message, guint number)
{
	const char *before = message_option(message, OWED);
	g_autofree char *owed = NULL;

	if (!wants_receipt(message->recipients->pdata[number]) ||
	    !*message->sender || message_option(message, "foreign") ||
	    (before && strlen(before) > OWED_MAX))
		return;
	owed = g_strdup_printf("%s%s%u", before ? before : "",
			       before ? " " : "", number);
	transition_option(engine, message, OWED, owed);
}

gboolean
report_owes_receipts(const Message *message)
{
	return message_option(message, OWED) != NULL && !message->trashed;
}

/* (transfer full), of guint. */
static GArray *
owed_numbers(const Message *message)
{
	g_auto(GStrv) words =
		g_strsplit(message_option(message, OWED), " ", -1);
	GArray *numbers = g_array_new(FALSE, FALSE, sizeof(guint));

	for (char **word = words; *word; word++) {
		guint number = (guint)g_ascii_strtoull(*word, NULL, 10);

		if (number < message->recipients->len)
			g_array_append_val(numbers, number);
	}
	return numbers;
}

void
report_send_receipts(Engine *engine, Message *message)
{
	ReportPlan *plan;

	/* One receipt for all of them, when nothing is under way any more. */
	if (!report_owes_receipts(message) || message_pending(message) > 0 ||
	    message->held || engine->stopping)
		return;
	plan = g_new0(ReportPlan, 1);
	plan->kind = REPORT_RECEIPT;
	plan->numbers = owed_numbers(message);
	if (plan->numbers->len > 0 && message->untold < REPORT_TRIES) {
		report_start(engine, message, plan);
		return;
	}
	report_plan_free(plan);
	message->untold = 0;
	transition_option(engine, message, OWED, NULL);
}

void
report_took_receipts(Engine *engine, Message *message, char **given)
{
	g_autoptr(GString) left = g_string_new(NULL);
	g_auto(GStrv) words = NULL;

	if (!message_option(message, OWED))
		return;
	words = g_strsplit(message_option(message, OWED), " ", -1);
	for (char **word = words; *word; word++)
		if (!g_strv_contains((const char *const *)given, *word))
			g_string_append_printf(left, "%s%s",
					       left->len ? " " : "", *word);
	transition_option(engine, message, OWED,
			  left->len ? left->str : NULL);
}

const char *
report_receipt_action(const Recipient *recipient)
{
	if (recipient->state != RECIPIENT_DELIVERED)
		return "";
	if (!recipient->status ||
	    recipient->status->outcome != OUTCOME_DELIVERED)
		return "expanded";
	return g_str_equal(recipient->route, ROUTE_LOCAL) ? "delivered"
							  : "relayed";
}

/* RFC 3461 5.2.7.3: the name is answered for, those behind it are not. */
void
report_expand_receipt(Engine *engine, Message *message, const Action *action)
{
	if (action->children->len < 2 ||
	    !wants_receipt(message->recipients->pdata[action->recipient]))
		return;
	report_owe_receipt(engine, message, action->recipient);
	for (guint i = 0; i < action->children->len; i++) {
		Recipient *child = action->children->pdata[i];
		const char *notify = recipient_option(child, "notify");
		g_autofree char *lower =
			notify ? g_ascii_strdown(notify, -1) : NULL;
		g_autoptr(GString) left = g_string_new(lower ? lower : "");

		g_string_replace(left, "success", "", 0);
		g_string_replace(left, ",,", ",", 0);
		if (g_str_has_prefix(left->str, ","))
			g_string_erase(left, 0, 1);
		if (g_str_has_suffix(left->str, ","))
			g_string_truncate(left, left->len - 1);
		recipient_set_option(child, "notify",
				     left->len ? left->str : "never");
	}
}
