// SPDX-License-Identifier: GPL-2.0-or-later
#include "tui/row.h"

#include <string.h>

#include "common/text.h"
#include "tui/record.h"

#define FIELD(name, member) { name, G_STRUCT_OFFSET(Row, member), FALSE }
#define TEXT(name, member) { name, G_STRUCT_OFFSET(Row, member), TRUE }

const char *const row_columns[] = {
	"id",	   "state",	 "arrived", "next-try", "last-try",
	"tries",   "size",	 "progress", "sender",	"to",
	"recipients", "pending", "subject", "from",	"why",
	"answer",  "wait",	 "route",   "host",	"tls",
	"origin",  "gives-up",	 NULL,
};

static const struct {
	const char *name;
	gsize offset;
	gboolean is_text;
} fields[] = {
	TEXT("id", id),
	FIELD("arrived", arrived),
	FIELD("next-try", next_try),
	FIELD("last-try", last_try),
	FIELD("gives-up", gives_up),
	FIELD("tries", tries),
	FIELD("size", size),
	FIELD("progress", progress),
	FIELD("recipients", recipients),
	FIELD("pending", pending),
	TEXT("sender", sender),
	TEXT("to", to),
	TEXT("subject", subject),
	TEXT("from", from),
	TEXT("why", why),
	TEXT("answer", answer),
	TEXT("wait", wait),
	TEXT("route", route),
	TEXT("host", host),
	TEXT("tls", tls),
	TEXT("origin", origin),
};

static const struct {
	const char *name, *glyph;
} states[STATE_COUNT] = {
	[STATE_SENDING] = { "sending", "»" },
	[STATE_UNDO] = { "undo", "↶" },
	[STATE_QUEUED] = { "queued", "·" },
	[STATE_WAITS] = { "waits", "z" },
	[STATE_RETRY] = { "retry", "~" },
	[STATE_HELD] = { "held", "‖" },
	[STATE_FAILED] = { "failed", "!" },
	[STATE_TRASH] = { "trash", "x" },
	[STATE_SENT] = { "sent", "✓" },
};

const char *const row_orders[] = {
	"next-try", "arrived", "size", "to", "subject", "state", NULL,
};

State
row_state_from_name(const char *name)
{
	for (guint i = 0; i < STATE_COUNT; i++)
		if (g_str_equal(states[i].name, name))
			return i;
	return STATE_QUEUED;
}

const char *
row_state_name(State state)
{
	return states[state].name;
}

const char *
row_state_glyph(State state)
{
	return states[state].glyph;
}

Row *
row_new(void)
{
	Row *row = g_new0(Row, 1);

	row->state = STATE_QUEUED;
	for (guint i = 0; i < G_N_ELEMENTS(fields); i++)
		if (fields[i].is_text)
			G_STRUCT_MEMBER(char *, row, fields[i].offset) =
				g_strdup("");
	return row;
}

void
row_free(Row *row)
{
	if (!row)
		return;
	for (guint i = 0; i < G_N_ELEMENTS(fields); i++)
		if (fields[i].is_text)
			g_free(G_STRUCT_MEMBER(char *, row,
					       fields[i].offset));
	g_free(row);
}

static void
set_text(Row *row, gsize offset, GVariant *value)
{
	char **member = &G_STRUCT_MEMBER(char *, row, offset);

	if (!g_variant_is_of_type(value, G_VARIANT_TYPE_STRING))
		return;
	g_free(*member);
	*member = text_harmless(g_variant_get_string(value, NULL));
}

static void
set_column(Row *row, const char *name, GVariant *value)
{
	if (g_str_equal(name, "state") &&
	    g_variant_is_of_type(value, G_VARIANT_TYPE_STRING))
		row->state = row_state_from_name(
			g_variant_get_string(value, NULL));
	for (guint i = 0; i < G_N_ELEMENTS(fields); i++) {
		if (!g_str_equal(fields[i].name, name))
			continue;
		if (fields[i].is_text)
			set_text(row, fields[i].offset, value);
		else
			G_STRUCT_MEMBER(gint64, row, fields[i].offset) =
				record_integer(value);
	}
}

Row *
row_from_tuple(GVariant *tuple)
{
	g_autoptr(Row) row = row_new();
	gsize columns = G_N_ELEMENTS(row_columns) - 1;

	if (!g_variant_is_of_type(tuple, G_VARIANT_TYPE_TUPLE))
		return NULL;
	for (gsize i = 0; i < MIN(columns, g_variant_n_children(tuple));
	     i++) {
		g_autoptr(GVariant) value =
			g_variant_get_child_value(tuple, i);

		set_column(row, row_columns[i], value);
	}
	return *row->id ? g_steal_pointer(&row) : NULL;
}

Row *
row_from_record(GVariant *record)
{
	g_autoptr(Row) row = row_new();
	GVariantIter iter;
	const char *key;
	GVariant *value;

	g_variant_iter_init(&iter, record);
	while (g_variant_iter_loop(&iter, "{&sv}", &key, &value))
		set_column(row, key, value);
	return *row->id ? g_steal_pointer(&row) : NULL;
}

static int
compare_numbers(gint64 a, gint64 b)
{
	return a < b ? -1 : a > b;
}

/*
 * What goes first is on top: what is on its way, then what stands in line,
 * then by the clock, and last what the clock does not move.
 */
static int
compare_next_try(const Row *a, const Row *b)
{
	if (a->state != b->state)
		return compare_numbers(a->state, b->state);
	return compare_numbers(a->next_try, b->next_try);
}

int
row_compare(const Row *a, const Row *b, const char *order)
{
	int result;

	if (g_str_equal(order, "arrived"))
		result = compare_numbers(a->arrived, b->arrived);
	else if (g_str_equal(order, "size"))
		result = compare_numbers(a->size, b->size);
	else if (g_str_equal(order, "to"))
		result = strcmp(a->to, b->to);
	else if (g_str_equal(order, "subject"))
		result = strcmp(a->subject, b->subject);
	else if (g_str_equal(order, "state"))
		result = compare_numbers(a->state, b->state);
	else
		result = compare_next_try(a, b);
	return result ? result : strcmp(a->id, b->id);
}

gboolean
row_contains(const Row *row, const char *needle)
{
	const char *const shown[] = { row->to, row->subject, row->from,
				      row->sender, row->id, row->answer };

	for (guint i = 0; i < G_N_ELEMENTS(shown); i++) {
		g_autofree char *small = g_utf8_strdown(shown[i], -1);

		if (strstr(small, needle))
			return TRUE;
	}
	return FALSE;
}
