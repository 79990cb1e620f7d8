// SPDX-License-Identifier: GPL-2.0-or-later
/* The text blocks of records, read: see record-write.c. */
#include "daemon/engine/record.h"

#include <string.h>

/* Where the lines of a text go. Which of these are set depends on it. */
typedef struct {
	Message *message;     /* M, S */
	Action *action;       /* A */
	Recipient *recipient; /* M, S, A: after "Recipient"; V: always */
	Status *status;       /* of the recipient, being read */
	gboolean broken;
} Reading;

typedef struct {
	const char *name;
	void (*take)(Reading *reading, const char *value);
} LineRow;

static void
take_string(char **field, const char *value)
{
	g_free(*field);
	*field = g_strdup(value);
}

static gint64
to_number(Reading *reading, const char *value)
{
	gint64 number = 0;

	if (!g_ascii_string_to_signed(value, 10, G_MININT64, G_MAXINT64,
				      &number, NULL))
		reading->broken = TRUE;
	return number;
}

/* "NAME VALUE" cut in two: the value, and the name ended in @pair. */
static const char *
cut_pair(char *pair)
{
	char *blank = strchr(pair, ' ');

	if (!blank)
		return "";
	*blank = 0;
	return blank + 1;
}

static void
finish_recipient(Reading *reading)
{
	if (reading->recipient && reading->status) {
		status_free(reading->recipient->status);
		reading->recipient->status =
			g_steal_pointer(&reading->status);
	}
	g_clear_pointer(&reading->status, status_free);
}

static void
take_recipient(Reading *reading, const char *value)
{
	GPtrArray *list = reading->message ? reading->message->recipients :
					     reading->action->children;

	finish_recipient(reading);
	if (list->len >= MESSAGE_MAX_RECIPIENTS) {
		reading->broken = TRUE;
		return;
	}
	reading->recipient = recipient_new(value);
	g_ptr_array_add(list, reading->recipient);
}

static void
take_recipient_option(Reading *reading, const char *value)
{
	g_autofree char *pair = g_strdup(value);
	const char *rest = cut_pair(pair);

	recipient_set_option(reading->recipient, pair, rest);
}

static void
take_state(Reading *reading, const char *value)
{
	if (!recipient_state_from_name(value, &reading->recipient->state) ||
	    reading->recipient->state == RECIPIENT_ACTIVE)
		reading->broken = TRUE;
}

static void
take_tries(Reading *reading, const char *value)
{
	reading->recipient->tries = to_number(reading, value);
}

static void
take_next_try(Reading *reading, const char *value)
{
	reading->recipient->next_try = to_number(reading, value);
}

static void
take_last_try(Reading *reading, const char *value)
{
	reading->recipient->last_try = to_number(reading, value);
}

static void
take_route(Reading *reading, const char *value)
{
	take_string(&reading->recipient->route, value);
}

static void
take_profile(Reading *reading, const char *value)
{
	take_string(&reading->recipient->profile, value);
}

static void
take_outcome(Reading *reading, const char *value)
{
	g_auto(GStrv) words = g_strsplit(value, " ", 4);

	if (g_strv_length(words) != 4) {
		reading->broken = TRUE;
		return;
	}
	status_free(reading->status);
	reading->status = status_new(outcome_from_name(words[0]),
				     fault_from_name(words[1]),
				     to_number(reading, words[2]), words[3],
				     NULL, NULL);
}

/* The lines that follow "Outcome". */
#define STATUS_LINE(field)                                               \
	static void take_status_##field(Reading *reading,                \
					const char *value)               \
	{                                                                \
		if (reading->status)                                     \
			take_string(&reading->status->field, value);     \
	}
STATUS_LINE(text)
STATUS_LINE(why)
STATUS_LINE(host)
STATUS_LINE(tls)
STATUS_LINE(remote_id)

static const LineRow recipient_rows[] = {
	{ "Recipient-Option", take_recipient_option },
	{ "State", take_state },
	{ "Tries", take_tries },
	{ "Next-Try", take_next_try },
	{ "Last-Try", take_last_try },
	{ "Route", take_route },
	{ "Profile", take_profile },
	{ "Outcome", take_outcome },
	{ "Answer", take_status_text },
	{ "Why", take_status_why },
	{ "Host", take_status_host },
	{ "Tls", take_status_tls },
	{ "Remote-Id", take_status_remote_id },
};

static void
take_sender(Reading *reading, const char *value)
{
	take_string(&reading->message->sender, value);
}

static void
take_uid(Reading *reading, const char *value)
{
	reading->message->uid = to_number(reading, value);
}

static void
take_origin(Reading *reading, const char *value)
{
	take_string(&reading->message->origin, value);
}

static void
take_arrived(Reading *reading, const char *value)
{
	reading->message->arrived = to_number(reading, value);
}

static void
take_meter(Reading *reading, const char *value)
{
	reading->message->meter = to_number(reading, value);
}

static void
take_option(Reading *reading, const char *value)
{
	g_autofree char *pair = g_strdup(value);
	const char *rest = cut_pair(pair);

	message_set_option(reading->message, pair, rest);
}

static void
take_held(Reading *reading, const char *value)
{
	reading->message->held = TRUE;
	take_string(&reading->message->held_why, value);
}

static void
take_trashed(Reading *reading, const char *value)
{
	reading->message->trashed = TRUE;
	reading->message->trashed_at = to_number(reading, value);
}

static const LineRow message_rows[] = {
	{ "Sender", take_sender },   { "Uid", take_uid },
	{ "Origin", take_origin },   { "Arrived", take_arrived },
	{ "Meter", take_meter },     { "Option", take_option },
	{ "Held", take_held },       { "Trashed", take_trashed },
	{ "Recipient", take_recipient },
};

static void
take_action(Reading *reading, const char *value)
{
	if (!action_from_name(value, &reading->action->kind))
		reading->broken = TRUE;
}

static void
take_who(Reading *reading, const char *value)
{
	reading->action->who = to_number(reading, value);
}

static void
take_when(Reading *reading, const char *value)
{
	reading->action->when = to_number(reading, value);
}

static void
take_reason(Reading *reading, const char *value)
{
	take_string(&reading->action->why, value);
}

static void
take_number(Reading *reading, const char *value)
{
	reading->action->number = to_number(reading, value);
}

static void
take_key(Reading *reading, const char *value)
{
	take_string(&reading->action->key, value);
}

static void
take_value(Reading *reading, const char *value)
{
	take_string(&reading->action->value, value);
}

static void
take_expanded(Reading *reading, const char *value)
{
	reading->action->recipient = to_number(reading, value);
}

static const LineRow action_rows[] = {
	{ "Action", take_action },     { "Who", take_who },
	{ "When", take_when },         { "Reason", take_reason },
	{ "Number", take_number },     { "Key", take_key },
	{ "Value", take_value },       { "Expanded", take_expanded },
	{ "Recipient", take_recipient },
};

static gboolean
take_line(Reading *reading, const LineRow *rows, gsize count,
	  const char *name, const char *value)
{
	for (gsize i = 0; i < count; i++) {
		if (!g_str_equal(name, rows[i].name))
			continue;
		rows[i].take(reading, value);
		return TRUE;
	}
	return FALSE;
}

/* Undo put_line's escapes in place. */
static void
unescape(char *value)
{
	char *to = value;

	for (const char *at = value; *at; at++) {
		if (at[0] == '\\' && at[1] == 'x' && at[2] && at[3]) {
			*to++ = g_ascii_xdigit_value(at[2]) << 4 |
				g_ascii_xdigit_value(at[3]);
			at += 3;
		} else {
			*to++ = *at;
		}
	}
	*to = 0;
}

/* FALSE when a line makes no sense; an unknown name is skipped. */
static gboolean
read_lines(Reading *reading, const LineRow *rows, gsize count,
	   const char *text, gsize size)
{
	g_autofree char *copy = g_strndup(text, size);
	char *next = copy;

	if (memchr(text, 0, size))
		return FALSE;
	while (*next && !reading->broken) {
		char *line = next, *value = strstr(line, ": ");

		next = strchr(line, '\n');
		if (!next || !value || value > next)
			return FALSE;
		*next++ = 0;
		*value = 0;
		value += 2;
		unescape(value);
		if (take_line(reading, rows, count, line, value))
			continue;
		if (reading->recipient)
			take_line(reading, recipient_rows,
				  G_N_ELEMENTS(recipient_rows), line, value);
	}
	return !reading->broken;
}

Message *
record_parse_message(guint64 id, const char *text, gsize size)
{
	g_autoptr(Message) message = message_new(id, "", 0);
	Reading reading = { .message = message };
	gboolean sound = read_lines(&reading, message_rows,
				    G_N_ELEMENTS(message_rows), text, size);

	finish_recipient(&reading);
	if (!sound || message->recipients->len == 0)
		return NULL;
	return g_steal_pointer(&message);
}

Action *
record_parse_action(const char *text, gsize size)
{
	g_autoptr(Action) action = action_new(ACTION_KINDS, 0, 0, NULL);
	Reading reading = { .action = action };
	gboolean sound = read_lines(&reading, action_rows,
				    G_N_ELEMENTS(action_rows), text, size);

	finish_recipient(&reading);
	if (!sound || action->kind == ACTION_KINDS)
		return NULL;
	return g_steal_pointer(&action);
}

gboolean
record_apply_change(Recipient *recipient, RecipientState state,
		    const char *text, gsize size)
{
	g_autoptr(Recipient) read = recipient_new("");
	Reading reading = { .recipient = read };
	RecipientChange change;

	if (state > RECIPIENT_REMOVED || state == RECIPIENT_ACTIVE)
		return FALSE;
	if (!text || !read_lines(&reading, NULL, 0, text, size)) {
		status_free(reading.status);
		change = recipient_change(recipient);
		change.state = state;
		return recipient_apply(recipient, &change);
	}
	finish_recipient(&reading);
	change = recipient_change(read);
	change.state = state;
	change.route = *read->route ? read->route : NULL;
	change.profile = *read->profile ? read->profile : NULL;
	change.status = read->status;
	return recipient_apply(recipient, &change);
}

void
record_key_line_free(RecordKeyLine *line)
{
	if (!line)
		return;
	g_free(line->key);
	g_free(line);
}

static gboolean
parse_key_line(char *line, RecordKeyLine *ret_line)
{
	g_auto(GStrv) words = NULL;
	guint64 uid;

	if (!g_str_has_prefix(line, "Ended-Key: "))
		return FALSE;
	words = g_strsplit(line + strlen("Ended-Key: "), " ", 4);
	if (g_strv_length(words) != 4 ||
	    !g_ascii_string_to_unsigned(words[0], 10, 0, G_MAXUINT64,
					&ret_line->id, NULL) ||
	    !g_ascii_string_to_unsigned(words[1], 10, 0, G_MAXUINT32, &uid,
					NULL) ||
	    !g_ascii_string_to_signed(words[2], 10, 0, G_MAXINT64,
				      &ret_line->ended, NULL))
		return FALSE;
	unescape(words[3]);
	ret_line->uid = uid;
	ret_line->key = g_strdup(words[3]);
	return TRUE;
}

GPtrArray *
record_parse_keys(const char *text, gsize size)
{
	GPtrArray *lines = g_ptr_array_new_with_free_func(
		(GDestroyNotify)record_key_line_free);
	g_autofree char *copy = g_strndup(text, size);
	g_auto(GStrv) split = g_strsplit(copy, "\n", -1);

	for (char **at = split; *at; at++) {
		RecordKeyLine line;

		if (parse_key_line(*at, &line))
			g_ptr_array_add(lines, g_memdup2(&line, sizeof(line)));
	}
	return lines;
}
