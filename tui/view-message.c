// SPDX-License-Identifier: GPL-2.0-or-later
#include "tui/view-message.h"

#include <libintl.h>
#include <pwd.h>
#include <string.h>

#include "tui/record.h"

#define _(text) gettext(text)
#define N_(text) text
#define HISTORY_ROWS 200

static const char *const titles[PART_COUNT] = {
	[PART_RECIPIENTS] = N_("Recipients"),
	[PART_HEADERS] = N_("Headers"),
	[PART_BODY] = N_("Body"),
	[PART_TRANSCRIPT] = N_("Transcript"),
	[PART_ROUTE] = N_("Route"),
	[PART_HISTORY] = N_("History"),
};

static gpointer
message_new(App *app, gconstpointer argument)
{
	Message *message = g_new0(Message, 1);

	message->app = app;
	message->id = g_strdup(argument);
	message->serial = ++app->serial;
	return message;
}

static void
message_free(gpointer state)
{
	Message *message = state;

	g_clear_pointer(&message->record, g_variant_unref);
	g_clear_pointer(&message->explained, g_variant_unref);
	g_clear_pointer(&message->history, g_variant_unref);
	g_clear_pointer(&message->transcript, g_variant_unref);
	g_clear_pointer(&message->text, g_byte_array_unref);
	g_clear_pointer(&message->headers, g_ptr_array_unref);
	g_clear_pointer(&message->body, g_ptr_array_unref);
	g_free(message->id);
	g_free(message);
}

static void
keep(GVariant **member, GVariant *body)
{
	g_clear_pointer(member, g_variant_unref);
	*member = g_variant_get_child_value(body, 0);
}

static void
hear_show(App *app, GVariant *body, gpointer data)
{
	Message *message = message_find_open(app, GPOINTER_TO_UINT(data));

	if (message)
		keep(&message->record, body);
}

static void
hear_explain(App *app, GVariant *body, gpointer data)
{
	Message *message = message_find_open(app, GPOINTER_TO_UINT(data));

	if (message)
		keep(&message->explained, body);
}

static void
hear_log(App *app, GVariant *body, gpointer data)
{
	Message *message = message_find_open(app, GPOINTER_TO_UINT(data));

	if (message)
		keep(&message->history, body);
}

static void
ask_for_part(Message *message)
{
	gpointer serial = GUINT_TO_POINTER(message->serial);
	GVariantBuilder options;

	if (message->part == PART_HEADERS || message->part == PART_BODY) {
		message_fetch(message);
		return;
	}
	if (message->part == PART_TRANSCRIPT) {
		message_ask_transcript(message);
		return;
	}
	g_variant_builder_init(&options, G_VARIANT_TYPE_VARDICT);
	if (message->part == PART_ROUTE) {
		app_call(message->app, "Explain",
			 g_variant_new("(s@a{sv})", message->id,
				       g_variant_builder_end(&options)),
			 hear_explain, serial, NULL);
	} else if (message->part == PART_HISTORY) {
		g_variant_builder_add(&options, "{sv}", "message",
				      g_variant_new_string(message->id));
		g_variant_builder_add(&options, "{sv}", "limit",
				      g_variant_new_uint32(HISTORY_ROWS));
		app_call(message->app, "Log",
			 g_variant_new("(@a{sv})",
				       g_variant_builder_end(&options)),
			 hear_log, serial, NULL);
	} else {
		g_variant_builder_clear(&options);
	}
}

static void
message_show(App *app, gpointer state)
{
	Message *message = state;

	app_call(app, "Show", g_variant_new("(s)", message->id), hear_show,
		 GUINT_TO_POINTER(message->serial), NULL);
	ask_for_part(message);
}

static char *
handed_in_words(const Message *message)
{
	g_autofree char *origin = record_text(message->record, "origin");
	g_autofree char *time = record_date(
		record_number(message->record, "arrived"),
		message->app->now);
	struct passwd *user =
		getpwuid(record_number(message->record, "uid"));

	if (user)
		return g_strdup_printf(_("%s by %s (%s)"), time,
				       user->pw_name, origin);
	return g_strdup_printf(_("%s by uid %u (%s)"), time,
			       (guint)record_number(message->record, "uid"),
			       origin);
}

static void
draw_top_line(Message *message, Canvas *canvas)
{
	g_autofree char *subject = record_text(message->record, "subject");
	g_autofree char *size =
		words_size(record_number(message->record, "size"));
	guint n = record_number(message->record, "recipients");
	g_autofree char *right = g_strdup_printf(
		ngettext("%s · %u recipient", "%s · %u recipients", n), size,
		n);
	int used = 1, width = canvas->columns;

	canvas_repeat(canvas, 1, 0, width, INK_PLAIN, " ");
	used += canvas_print(canvas, 1, 1, -1, INK_ACCENT, "‹ %s",
			     _("Queue")) + 3;
	used += canvas_text(canvas, 1, used, -1, INK_PLAIN | STYLE_BOLD,
			    message->id) + 3;
	if (!message->record)
		return;
	canvas_text(canvas, 1, used,
		    width - used - canvas_width(canvas, right) - 3,
		    INK_PLAIN | STYLE_BOLD, subject);
	if (!message->app->compact)
		canvas_right(canvas, 1, used, width - 1 - used, INK_PLAIN,
			     right);
}

static void
put_field(Canvas *canvas, int at, int column, int label, int width,
	  const char *name, const char *words)
{
	canvas_text(canvas, at, column, label, INK_DIM, name);
	canvas_text(canvas, at, column + label, width - label, INK_PLAIN,
		    *words ? words : "—");
}

static char *
sender_words(const Message *message)
{
	g_autofree char *sender = record_text(message->record, "sender");

	return *sender ? g_steal_pointer(&sender)
		       : g_strdup(_("nobody (a bounce)"));
}

/* Words of the options that change how it travels. */
static char *
flag_words(const Message *message)
{
	g_autoptr(GVariant) options =
		record_value(message->record, "options", "a{ss}");
	static const char *const shown[] = { "body", "smtputf8", "ret",
					     "envid", "queue-only" };
	GString *words = g_string_new(NULL);

	for (guint i = 0; options && i < G_N_ELEMENTS(shown); i++) {
		const char *value;

		if (!g_variant_lookup(options, shown[i], "&s", &value))
			continue;
		if (words->len)
			g_string_append(words, ", ");
		g_string_append_printf(words, "%s %s", shown[i], value);
	}
	return g_string_free(words, FALSE);
}

static void
draw_facts(Message *message, Canvas *canvas)
{
	GVariant *record = message->record;
	int half = canvas->columns * 45 / 80, rest = canvas->columns - half;
	g_autofree char *from = record_text(record, "from");
	g_autofree char *sender = sender_words(message);
	g_autofree char *to = record_text(record, "to");
	g_autofree char *in = handed_in_words(message);
	g_autofree char *flags = flag_words(message);
	gint64 end = record_number(record, "gives-up");
	g_autofree char *until =
		end ? record_date(end, message->app->now) : g_strdup("");

	put_field(canvas, 2, 2, 9, half - 3, _("From"), from);
	put_field(canvas, 3, 2, 9, half - 3, _("To"), to);
	put_field(canvas, 4, 2, 9, half - 3, _("Sender"), sender);
	put_field(canvas, 2, half, 10, rest - 1, _("Handed in"), in);
	put_field(canvas, 3, half, 10, rest - 1, _("Gives up"), until);
	put_field(canvas, 4, half, 10, rest - 1, _("Flags"), flags);
}

static void
draw_tabs(Message *message, Canvas *canvas, int at)
{
	int column = message->app->compact ? 0 : 2;

	for (guint i = 0; i < PART_COUNT; i++) {
		gboolean front = i == message->part;

		if (message->app->compact && !front)
			continue;
		column += canvas_print(canvas, at, column, -1,
				       front ? INK_ACCENT | STYLE_BOLD
					     : INK_PLAIN,
				       front ? "[%s]" : " %s ",
				       _(titles[i])) + 1;
	}
	if (canvas->columns - column > 12)
		canvas_right(canvas, at, column, canvas->columns - 1 - column,
			     INK_DIM, _("Tab next ▸"));
}

static void
draw_place(Message *message, Canvas *canvas, int at)
{
	const List *list = &message->lists[message->part];
	guint n = message_rows(message, message->part);
	g_autofree char *place = NULL;

	if (n <= list->height)
		return;
	place = g_strdup_printf("%u%%", (list->top + list->height) * 100 / n);
	canvas_right(canvas, at, 0, canvas->columns - 1, INK_DIM, place);
}

static void
message_draw(App *app, gpointer state, Canvas *canvas)
{
	Message *message = state;
	int at = app->compact ? 2 : 6;

	draw_top_line(message, canvas);
	if (!app->compact && message->record)
		draw_facts(message, canvas);
	draw_tabs(message, canvas, at++);
	if (!app->compact)
		canvas_repeat(canvas, at++, 0, canvas->columns, INK_DIM, "─");
	canvas_cursor(canvas, at, 0);
	message_draw_part(message, canvas, at, canvas->rows - 2);
	draw_place(message, canvas, canvas->rows - 2);
}

static void
go_to_part(Message *message, int step)
{
	message->part = (message->part + PART_COUNT + step) % PART_COUNT;
	ask_for_part(message);
}

static void
copy_answer(App *app, Message *message)
{
	g_autofree char *answer = record_text(message->record, "answer");

	app->shell.copy(app->shell_data, answer);
	app_toast(app, _("Copied the answer to the clipboard."));
}

static void
append_lines(GString *text, GPtrArray *lines)
{
	for (guint i = 0; i < lines->len; i++)
		g_string_append_printf(text, "%s\n",
				       (const char *)lines->pdata[i]);
}

/* What is harmless here must be so in a pager too: not all of them mind. */
static void
page(App *app, Message *message)
{
	GString *text;

	if (!message->fetched) {
		message_fetch(message);
		app_toast(app, _("Fetching it: press v again in a moment."));
		return;
	}
	text = g_string_new(NULL);
	append_lines(text, message->headers);
	g_string_append_c(text, '\n');
	append_lines(text, message->body);
	app->shell.page(app->shell_data, text->str, text->len);
	g_string_free(text, TRUE);
}

static gboolean
has(const char *line, const char *wanted)
{
	g_autofree char *small = g_utf8_strdown(line, -1);

	return strstr(small, wanted) != NULL;
}

/* From the line after the cursor on, or before it, round the ends. */
static void
search(App *app, Message *message, gboolean backwards)
{
	g_autofree char *wanted = g_utf8_strdown(app->found, -1);
	g_autoptr(GPtrArray) said = message_transcript_lines(message);
	GPtrArray *lines = message->part == PART_BODY	     ? message->body
			   : message->part == PART_TRANSCRIPT ? said
							     : message->headers;
	List *list = &message->lists[message->part];
	guint n = lines ? lines->len : 0;

	for (guint step = 1; step <= n; step++) {
		guint index = (list->cursor + (backwards ? n - step : step)) %
			      n;

		if (!has(lines->pdata[index], wanted))
			continue;
		list->cursor = list->top = index;
		return;
	}
	app_complain(app, _("“%s” is not in this part."), app->found);
}

static void
on_find(gpointer data, const char *text, gpointer unused)
{
	App *app = data;
	View *view = app_front(app);

	(void)unused;
	if (view->ops != &view_message || !*text)
		return;
	g_free(app->found);
	app->found = g_strdup(text);
	search(app, view->state, FALSE);
}

static gboolean
message_look(App *app, Message *message, Action action)
{
	switch ((int)action) {
	case ACTION_SECTION_NEXT:
	case ACTION_SECTION_BACK:
		go_to_part(message, action == ACTION_SECTION_NEXT ? 1 : -1);
		return TRUE;
	case ACTION_COPY:
		copy_answer(app, message);
		return TRUE;
	case ACTION_PAGER:
		page(app, message);
		return TRUE;
	case ACTION_SAVE:
		message_save(message);
		return TRUE;
	case ACTION_FIND:
		app_ask(app, _("Find:"), "", on_find, NULL);
		return TRUE;
	case ACTION_FIND_NEXT:
	case ACTION_FIND_BACK:
		search(app, message, action == ACTION_FIND_BACK);
		return TRUE;
	}
	return FALSE;
}

/* Text has no cursor of its own: it scrolls. */
static void
scroll(List *list, Action action)
{
	if (action == ACTION_DOWN || action == ACTION_PAGE_DOWN)
		list->cursor = MAX(list->cursor,
				   list->top + list->height - 1);
	else if (action == ACTION_UP || action == ACTION_PAGE_UP)
		list->cursor = MIN(list->cursor, list->top);
}

static gboolean
message_act(App *app, gpointer state, Action action)
{
	Message *message = state;
	char *ids[] = { message->id, NULL };
	g_autoptr(Row) row = message->record
				     ? row_from_record(message->record)
				     : NULL;

	switch ((int)action) {
	case ACTION_RETRY:
	case ACTION_HOLD:
	case ACTION_DELETE:
	case ACTION_BOUNCE:
	case ACTION_EDIT:
	case ACTION_REROUTE:
		app_act_key(app, action, ids, row);
		return TRUE;
	}
	if (message->part == PART_HEADERS || message->part == PART_BODY ||
	    message->part == PART_TRANSCRIPT)
		scroll(&message->lists[message->part], action);
	if (list_act(&message->lists[message->part],
		     message_rows(message, message->part), action))
		return TRUE;
	return message_look(app, message, action);
}

static guint
message_have(App *app, gpointer state)
{
	Message *message = state;

	(void)app;
	return message->record ? NEEDS_ROW : 0;
}

/* It changed while it is looked at. */
static void
message_notice(App *app, gpointer state, const char *name, GVariant *body)
{
	g_autoptr(GVariant) record = NULL;
	g_autofree char *id = NULL;
	Message *message = state;

	if (!g_str_equal(name, "Message"))
		return;
	record = g_variant_get_child_value(body, 0);
	id = record_text(record, "id");
	if (g_str_equal(id, message->id) && !record_flag(record, "gone"))
		message_show(app, state);
}

const ViewOps view_message = {
	.title = N_("Message"),
	.where = ON_MESSAGE,
	.new = message_new,
	.free = message_free,
	.show = message_show,
	.draw = message_draw,
	.act = message_act,
	.have = message_have,
	.notice = message_notice,
};
