// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The text blocks of records, written. In the texts of M, S and A each
 * "Recipient" line begins a recipient, to which the lines behind it belong.
 * Only what is not at its default is written: most queued mail is a sender,
 * a recipient and a subject.
 */
#include "daemon/engine/record.h"

static void
put_line(GString *text, const char *name, const char *value)
{
	g_string_append(text, name);
	g_string_append(text, ": ");
	for (const char *at = value; *at; at++) {
		guchar c = *at;

		if (c < 0x20 || c == 0x7f || c == '\\')
			g_string_append_printf(text, "\\x%02x", c);
		else
			g_string_append_c(text, c);
	}
	g_string_append_c(text, '\n');
}

static void
put_text(GString *text, const char *name, const char *value)
{
	if (value && *value)
		put_line(text, name, value);
}

static void
put_number(GString *text, const char *name, gint64 value)
{
	if (value)
		g_string_append_printf(text, "%s: %" G_GINT64_FORMAT "\n",
				       name, value);
}

static void
put_options(GString *text, const char *name, char *const *options)
{
	for (; options && *options; options += 2) {
		g_autofree char *pair =
			g_strconcat(options[0], " ", options[1], NULL);

		put_line(text, name, pair);
	}
}

static void
put_status(GString *text, const Status *status)
{
	if (!status)
		return;
	g_string_append_printf(text, "Outcome: %s %s %u %s\n",
			       outcome_name(status->outcome),
			       fault_name(status->fault), status->code,
			       status->enhanced);
	put_text(text, "Answer", status->text);
	put_text(text, "Why", status->why);
	put_text(text, "Host", status->host);
	put_text(text, "Tls", status->tls);
	put_text(text, "Remote-Id", status->remote_id);
}

static void
put_attempt(GString *text, const RecipientChange *change)
{
	put_number(text, "Tries", change->tries);
	put_number(text, "Next-Try", change->next_try);
	put_number(text, "Last-Try", change->last_try);
	put_text(text, "Route", change->route);
	put_text(text, "Profile", change->profile);
	put_status(text, change->status);
}

static void
put_recipient(GString *text, const Recipient *recipient)
{
	RecipientChange change = recipient_change(recipient);

	change.route = recipient->route;
	change.profile = recipient->profile;
	change.status = recipient->status;
	put_line(text, "Recipient", recipient->address);
	put_options(text, "Recipient-Option", recipient->options);
	if (change.state != RECIPIENT_WAITING)
		put_line(text, "State", recipient_state_name(change.state));
	put_attempt(text, &change);
}

GString *
record_text_message(const Message *message)
{
	GString *text = g_string_new(NULL);

	put_line(text, "Sender", message->sender);
	put_number(text, "Uid", message->uid);
	put_text(text, "Origin", message->origin);
	put_number(text, "Arrived", message->arrived);
	put_number(text, "Meter", message->meter);
	put_options(text, "Option", message->options);
	if (message->held)
		put_line(text, "Held", message->held_why);
	if (message->trashed)
		put_number(text, "Trashed",
			   message->trashed_at ? message->trashed_at : 1);
	for (guint i = 0; i < message->recipients->len; i++)
		put_recipient(text, message->recipients->pdata[i]);
	return text;
}

GString *
record_text_change(const RecipientChange *change)
{
	GString *text = g_string_new(NULL);

	put_attempt(text, change);
	return text;
}

GString *
record_text_action(const Action *action)
{
	GString *text = g_string_new(NULL);

	put_line(text, "Action", action_name(action->kind));
	put_number(text, "Who", action->who);
	put_number(text, "When", action->when);
	put_text(text, "Reason", action->why);
	put_number(text, "Number", action->number);
	put_text(text, "Key", action->key);
	put_text(text, "Value", action->value);
	put_number(text, "Expanded", action->recipient);
	for (guint i = 0; i < action->children->len; i++)
		put_recipient(text, action->children->pdata[i]);
	return text;
}

void
record_text_key(GString *text, const RecordKeyLine *line)
{
	g_autofree char *value =
		g_strdup_printf("%" G_GUINT64_FORMAT " %u %" G_GINT64_FORMAT
				" %s", line->id, (guint)line->uid,
				line->ended, line->key);

	put_line(text, "Ended-Key", value);
}
