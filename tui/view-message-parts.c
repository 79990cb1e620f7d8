// SPDX-License-Identifier: GPL-2.0-or-later
/* Recipients, route and history of an opened message. */
#include "tui/view-message.h"

#include <libintl.h>
#include <string.h>

#include "tui/event.h"
#include "tui/record.h"
#include "tui/view-routes-pane.h"

#define _(text) gettext(text)
#define N_(text) text
#define PANE 6 /* rows about the recipient under the cursor */

static GVariant *
rows_of(const Message *message, Part part)
{
	if (part == PART_RECIPIENTS)
		return record_value(message->record, "recipient-list",
				    "aa{sv}");
	if (part == PART_ROUTE)
		return message->explained ? g_variant_ref(message->explained)
					  : NULL;
	return message->history ? g_variant_ref(message->history) : NULL;
}

guint
message_rows(const Message *message, Part part)
{
	g_autoptr(GVariant) rows = NULL;

	if (part == PART_HEADERS)
		return message->headers ? message->headers->len : 0;
	if (part == PART_BODY)
		return message->body ? message->body->len : 0;
	if (part == PART_TRANSCRIPT)
		return message_transcript_rows(message);
	rows = rows_of(message, part);
	return rows ? g_variant_n_children(rows) : 0;
}

/* States of recipients, told in those of messages. */
static const struct {
	const char *name, *words, *glyph;
	Ink ink;
} states[] = {
	{ "waiting", N_("waits"), "~", INK_WAIT },
	{ "active", N_("sending"), "»", INK_BUSY },
	{ "delivered", N_("sent"), "✓", INK_GOOD },
	{ "failed", N_("failed"), "!", INK_BAD },
	{ "bounced", N_("returned"), "!", INK_BAD },
	{ "removed", N_("removed"), "·", INK_DIM },
};

static void
draw_state(Canvas *canvas, GVariant *row, int at, int column)
{
	g_autofree char *state = record_text(row, "state");

	for (guint i = 0; i < G_N_ELEMENTS(states); i++)
		if (g_str_equal(states[i].name, state))
			canvas_print(canvas, at, column, 10, states[i].ink,
				     "%s %s", states[i].glyph,
				     _(states[i].words));
}

/* "451 4.1.2 domain lookup failed", without saying a code twice. */
static char *
answer_words(GVariant *row)
{
	g_autofree char *text = record_text(row, "text");
	g_autofree char *why = record_text(row, "why");

	return *text ? g_steal_pointer(&text) : g_steal_pointer(&why);
}

static void
draw_recipient(const App *app, Canvas *canvas, GVariant *row, int at)
{
	g_autofree char *address = record_text(row, "address");
	g_autofree char *route = record_text(row, "route");
	g_autofree char *answer = answer_words(row);
	int width = canvas->columns, to = MAX(width * 24 / 80, 20);

	draw_state(canvas, row, at, app->compact ? 2 : 4);
	if (app->compact) {
		canvas_text(canvas, at, 12, -1, INK_PLAIN, address);
		return;
	}
	canvas_text(canvas, at, 15, to, INK_PLAIN, address);
	canvas_text(canvas, at, 16 + to, 7, INK_PLAIN, route);
	canvas_text(canvas, at, 24 + to, -1, INK_PLAIN, answer);
}

static void
draw_titles(Canvas *canvas, int at)
{
	int to = MAX(canvas->columns * 24 / 80, 20);
	guint style = INK_DIM | STYLE_BOLD;

	canvas_text(canvas, at, 4, -1, style, _("State"));
	canvas_text(canvas, at, 15, -1, style, _("Recipient"));
	canvas_text(canvas, at, 16 + to, -1, style, _("Via"));
	canvas_text(canvas, at, 24 + to, -1, style, _("Last answer"));
}

static char *
tried_words(const App *app, GVariant *row)
{
	g_autofree char *last =
		record_time(record_number(row, "last-try"), app->now);
	g_autofree char *next =
		record_time(record_number(row, "next-try"), app->now);
	g_autofree char *profile = record_text(row, "profile");
	guint tries = record_number(row, "tries");
	GString *line = g_string_new(NULL);

	if (!record_number(row, "last-try")) {
		g_string_append(line, _("Not tried yet"));
	} else {
		g_string_append_printf(line, ngettext("Tried once",
						      "Tried %u times",
						      tries), tries);
		g_string_append_printf(line, _(", last %s"), last);
	}
	if (*profile)
		g_string_append_printf(line, _(" in profile %s"), profile);
	if (record_number(row, "next-try"))
		g_string_append_printf(line, _(" · next try %s"), next);
	return g_string_free(line, FALSE);
}

static char *
said_by(GVariant *row)
{
	g_autofree char *host = record_text(row, "host");
	g_autofree char *tls = record_text(row, "tls");
	g_autofree char *remote = record_text(row, "remote-id");
	GString *line = g_string_new(NULL);

	if (*host)
		g_string_append_printf(line, _("from %s"), host);
	if (*tls)
		g_string_append_printf(line, _(" over %s"), tls);
	if (*remote)
		g_string_append_printf(line, _(" · known there as %s"),
				       remote);
	return g_string_free(line, FALSE);
}

static void
draw_recipient_pane(Message *message, Canvas *canvas, GVariant *row, int at)
{
	g_autofree char *address = record_text(row, "address");
	g_autofree char *route = record_text(row, "route");
	char *lines[] = { record_text(row, "why"), record_text(row, "text"),
			  said_by(row), tried_words(message->app, row) };

	canvas_rule(canvas, at, 0, canvas->columns, address, route);
	for (guint i = 0; i < G_N_ELEMENTS(lines); i++) {
		if (*lines[i])
			canvas_text(canvas, ++at, 2, canvas->columns - 4,
				    i == 0 ? INK_PLAIN | STYLE_BOLD
					   : INK_PLAIN,
				    lines[i]);
		g_free(lines[i]);
	}
}

static void
draw_recipients(Message *message, Canvas *canvas, GVariant *rows, int from,
		int end)
{
	List *list = &message->lists[PART_RECIPIENTS];
	guint n = g_variant_n_children(rows);
	gboolean compact = message->app->compact;

	if (!compact)
		draw_titles(canvas, from++);
	if (!compact)
		end -= PANE;
	list_fit(list, n, MAX(end - from, 1), from);
	for (int i = 0; from + i < end && list->top + i < n; i++) {
		guint index = list->top + i;
		g_autoptr(GVariant) row =
			g_variant_get_child_value(rows, index);

		draw_recipient(message->app, canvas, row, from + i);
		if (index != list->cursor)
			continue;
		canvas_text(canvas, from + i, compact ? 0 : 1, 1,
			    INK_ACCENT | STYLE_BOLD, "▸");
		pane_embolden(canvas, from + i);
		canvas_cursor(canvas, from + i, compact ? 0 : 1);
		if (!compact)
			draw_recipient_pane(message, canvas, row, end);
	}
}

/* The lines that explain the way of one recipient. */
static void
add_explained(GPtrArray *lines, const App *app, GVariant *row)
{
	g_autofree char *recipient = record_text(row, "recipient");
	g_autofree char *route = record_text(row, "route");
	g_autofree char *why = record_text(row, "why");
	g_autofree char *answer = record_text(row, "answer");
	g_auto(GStrv) steps = record_words(row, "steps");
	gint64 next = record_number(row, "next-try");

	g_ptr_array_add(lines, g_strdup_printf("%s  →  %s", recipient,
					       *route ? route
						      : _("waits")));
	if (*why)
		g_ptr_array_add(lines, g_strdup_printf("   %s", why));
	if (*answer)
		g_ptr_array_add(lines, g_strdup_printf("   %s", answer));
	for (guint i = 0; steps[i]; i++)
		g_ptr_array_add(lines, g_strdup_printf("   %u  %s", i + 1,
						       steps[i]));
	if (next > app->now) {
		g_autofree char *time = record_time(next, app->now);

		g_ptr_array_add(lines, g_strdup_printf(_("   Next try %s"),
						       time));
	}
}

static void
draw_route(Message *message, Canvas *canvas, GVariant *rows, int from,
	   int end)
{
	g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
	List *list = &message->lists[PART_ROUTE];

	for (guint i = 0; i < g_variant_n_children(rows); i++) {
		g_autoptr(GVariant) row = g_variant_get_child_value(rows, i);

		add_explained(lines, message->app, row);
	}
	list_fit(list, lines->len, end - from, from);
	for (int i = 0; from + i < end && list->top + i < lines->len; i++)
		canvas_text(canvas, from + i, 2, canvas->columns - 4,
			    INK_PLAIN, lines->pdata[list->top + i]);
}

static void
draw_history(Message *message, Canvas *canvas, GVariant *rows, int from,
	     int end)
{
	List *list = &message->lists[PART_HISTORY];
	guint n = g_variant_n_children(rows);

	list_fit(list, n, end - from, from);
	for (int i = 0; from + i < end && list->top + i < n; i++) {
		g_autoptr(GVariant) row =
			g_variant_get_child_value(rows, list->top + i);
		g_autofree char *time = record_date(
			record_number(row, "time"), message->app->now);
		g_autofree char *event = record_text(row, "event");
		g_autofree char *raw = record_text(row, "text");
		g_autofree char *text = event_words(raw);
		g_autofree char *answer = record_text(row, "answer");

		canvas_text(canvas, from + i, 2, 16, INK_DIM, time);
		canvas_text(canvas, from + i, 19, 9,
			    record_flag(row, "problem") ? INK_BAD
							: INK_PLAIN,
			    event);
		canvas_print(canvas, from + i, 29, canvas->columns - 30,
			     INK_PLAIN, "%s  %s", text, answer);
	}
}

void
message_draw_part(Message *message, Canvas *canvas, int from, int end)
{
	g_autoptr(GVariant) rows = NULL;

	if (message->part == PART_HEADERS || message->part == PART_BODY) {
		message_draw_text(message, canvas,
				  message->part == PART_BODY
					  ? message->body
					  : message->headers,
				  from, end);
		return;
	}
	if (message->part == PART_TRANSCRIPT) {
		message_draw_transcript(message, canvas, from, end);
		return;
	}
	rows = rows_of(message, message->part);
	if (!rows || g_variant_n_children(rows) == 0) {
		canvas_text(canvas, from, 2, -1, INK_DIM,
			    rows ? _("Nothing is known of that.")
				 : _("Asking the mail daemon …"));
		return;
	}
	if (message->part == PART_RECIPIENTS)
		draw_recipients(message, canvas, rows, from, end);
	else if (message->part == PART_ROUTE)
		draw_route(message, canvas, rows, from, end);
	else
		draw_history(message, canvas, rows, from, end);
}
