// SPDX-License-Identifier: GPL-2.0-or-later
/* What was said when the message was last tried. */
#include "tui/view-message.h"

#include <libintl.h>
#include <string.h>

#include "tui/record.h"

#define _(text) gettext(text)
#define TIME_COLUMNS 8 /* "  0.031 " */
#define BLANK "········"

static void
hear_transcript(App *app, GVariant *body, gpointer data)
{
	Message *message = message_find_open(app, GPOINTER_TO_UINT(data));

	if (!message)
		return;
	g_clear_pointer(&message->transcript, g_variant_unref);
	message->transcript = g_variant_get_child_value(body, 0);
}

void
message_ask_transcript(Message *message)
{
	app_call(message->app, "Transcript",
		 g_variant_new("(s)", message->id), hear_transcript,
		 GUINT_TO_POINTER(message->serial), NULL);
}

GPtrArray *
message_transcript_lines(const Message *message)
{
	char **lines = record_words(message->transcript, "lines");
	GPtrArray *array = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; lines[i]; i++)
		g_ptr_array_add(array, lines[i]);
	g_free(lines);
	return array;
}

guint
message_transcript_rows(const Message *message)
{
	g_auto(GStrv) lines = record_words(message->transcript, "lines");

	return g_strv_length(lines);
}

/* A reply of 4yz or 5yz is what one looks for. */
static guint
style_of(char direction, const char *text)
{
	if (direction == '>')
		return INK_ACCENT;
	if (direction == '*')
		return INK_DIM;
	return *text == '4' || *text == '5' ? INK_BAD : INK_PLAIN;
}

/* "31 > EHLO laptop" as "  0.031  › EHLO laptop". */
static void
draw_line(Canvas *canvas, int at, const char *line)
{
	static const char *const glyphs[] = { "‹", "›", "·" };
	char *rest = NULL;
	guint64 ms = g_ascii_strtoull(line, &rest, 10);
	char direction = *rest ? rest[1] : '*';
	const char *text = strlen(rest) > 3 ? rest + 3 : "";
	guint style = style_of(direction, text);
	int column = 2 + TIME_COLUMNS;

	canvas_print(canvas, at, 1, TIME_COLUMNS, INK_DIM, "%3u.%03u",
		     (guint)(ms / 1000), (guint)(ms % 1000));
	canvas_text(canvas, at, column, 1, style,
		    glyphs[direction == '<' ? 0 : direction == '>' ? 1 : 2]);
	column += 2 + canvas_text(canvas, at, column + 2,
				  canvas->columns - column - 3, style, text);
	if (strstr(text, BLANK) && column + 20 < canvas->columns)
		canvas_right(canvas, at, column + 2,
			     canvas->columns - column - 4, INK_DIM,
			     _("(secret not shown)"));
}

static void
draw_head(Message *message, Canvas *canvas, int at)
{
	GVariant *record = message->transcript;
	g_autofree char *time = record_date(record_number(record, "time"),
					    message->app->now);
	g_autofree char *route = record_text(record, "route");
	g_autofree char *host = record_text(record, "host");
	g_autofree char *tls = record_text(record, "tls");
	g_autofree char *left =
		g_strdup_printf(_("The last try  %s  %s"), time, route);
	g_autofree char *right =
		g_strdup_printf("%s%s%s", host, *tls ? "  " : "", tls);

	canvas_rule(canvas, at, 0, canvas->columns, left,
		    *right ? right : NULL);
}

void
message_draw_transcript(Message *message, Canvas *canvas, int from, int end)
{
	List *list = &message->lists[PART_TRANSCRIPT];
	g_auto(GStrv) lines = record_words(message->transcript, "lines");
	guint n = g_strv_length(lines);

	if (n == 0) {
		canvas_text(canvas, from, 2, -1, INK_DIM,
			    message->transcript
				    ? _("It was not tried over the network "
					"yet.")
				    : _("Asking the mail daemon …"));
		return;
	}
	if (!message->app->compact)
		draw_head(message, canvas, from++);
	list_fit(list, n, end - from, from);
	for (int i = 0; from + i < end && list->top + i < n; i++)
		draw_line(canvas, from + i, lines[list->top + i]);
	canvas_cursor(canvas, from + (int)(list->cursor - list->top), 1);
}
