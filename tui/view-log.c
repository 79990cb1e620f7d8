// SPDX-License-Identifier: GPL-2.0-or-later
#include <libintl.h>
#include <string.h>

#include "tui/app.h"
#include "tui/event.h"
#include "tui/list.h"
#include "tui/record.h"
#include "tui/view-routes-pane.h"

#define _(text) gettext(text)
#define N_(text) text
#define LINES_MAX 1000 /* kept */
#define PANE 4         /* rule, two lines, toast above the footer */

typedef enum {
	LOG_ALL,
	LOG_MAIL,
	LOG_NETWORK,
	LOG_PROBLEMS,
	LOG_SECTIONS,
} Section;

static const char *const titles[LOG_SECTIONS] = {
	[LOG_ALL] = N_("All"),
	[LOG_MAIL] = N_("Mail"),
	[LOG_NETWORK] = N_("Network"),
	[LOG_PROBLEMS] = N_("Problems"),
};

typedef struct {
	List list;
	Section section;
	gboolean follow, asked;
	GPtrArray *lines; /* of GVariant a{sv}, oldest first */
	GPtrArray *shown; /* borrowed from lines */
} Log;

static gpointer
log_new(App *app, gconstpointer argument)
{
	Log *log = g_new0(Log, 1);

	(void)app;
	(void)argument;
	log->follow = TRUE;
	log->lines = g_ptr_array_new_with_free_func(
		(GDestroyNotify)g_variant_unref);
	log->shown = g_ptr_array_new();
	return log;
}

static void
log_free(gpointer state)
{
	Log *log = state;

	g_ptr_array_unref(log->shown);
	g_ptr_array_unref(log->lines);
	g_free(log);
}

/* A line about a message has its id; all others are about the place. */
static gboolean
belongs(GVariant *line, Section section)
{
	g_autofree char *id = record_text(line, "id");

	switch (section) {
	case LOG_MAIL:
		return *id != '\0';
	case LOG_NETWORK:
		return *id == '\0';
	case LOG_PROBLEMS:
		return record_flag(line, "problem");
	case LOG_ALL:
	case LOG_SECTIONS:
		break;
	}
	return TRUE;
}

static void
choose_lines(Log *log)
{
	g_ptr_array_set_size(log->shown, 0);
	for (guint i = 0; i < log->lines->len; i++)
		if (belongs(log->lines->pdata[i], log->section))
			g_ptr_array_add(log->shown, log->lines->pdata[i]);
	if (log->follow && log->shown->len)
		log->list.cursor = log->shown->len - 1;
}

static void
add_line(Log *log, GVariant *line)
{
	g_ptr_array_add(log->lines, g_variant_ref(line));
	if (log->lines->len > LINES_MAX)
		g_ptr_array_remove_index(log->lines, 0);
}

static gint
compare_times(gconstpointer a, gconstpointer b)
{
	gint64 first = record_number(*(GVariant *const *)a, "time");
	gint64 second = record_number(*(GVariant *const *)b, "time");

	return first < second ? -1 : first > second;
}

static void
hear_log(App *app, GVariant *body, gpointer data)
{
	Log *log = app->screens[3].state;
	g_autoptr(GVariant) rows = g_variant_get_child_value(body, 0);

	(void)data;
	g_ptr_array_set_size(log->lines, 0);
	for (gsize i = 0; i < g_variant_n_children(rows); i++) {
		g_autoptr(GVariant) line = g_variant_get_child_value(rows, i);

		add_line(log, line);
	}
	g_ptr_array_sort(log->lines, compare_times);
	choose_lines(log);
}

static void
ask(App *app)
{
	GVariantBuilder options;

	g_variant_builder_init(&options, G_VARIANT_TYPE_VARDICT);
	g_variant_builder_add(&options, "{sv}", "limit",
			      g_variant_new_uint32(LINES_MAX / 2));
	app_call(app, "Log",
		 g_variant_new("(@a{sv})", g_variant_builder_end(&options)),
		 hear_log, NULL, NULL);
}

static void
log_show(App *app, gpointer state)
{
	(void)state;
	ask(app);
}

static void
log_notice(App *app, gpointer state, const char *name, GVariant *body)
{
	Log *log = state;
	g_autoptr(GVariant) line = NULL;

	(void)app;
	if (!g_str_equal(name, "Log"))
		return;
	line = g_variant_get_child_value(body, 0);
	add_line(log, line);
	choose_lines(log);
}

static char *
format_time(gint64 when, const char *format)
{
	g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(when);

	return time ? g_date_time_format(time, format) : g_strdup("?");
}

static void
draw_sections(Log *log, Canvas *canvas)
{
	int column = 2;

	for (guint i = 0; i < LOG_SECTIONS; i++) {
		gboolean front = i == log->section;

		column += canvas_print(canvas, 2, column, -1,
				       front ? INK_ACCENT | STYLE_BOLD
					     : INK_PLAIN,
				       front ? "[%s]" : " %s ",
				       _(titles[i])) + 1;
	}
}

static char *
text_of(GVariant *line)
{
	g_autofree char *text = record_text(line, "text");

	return event_words(text);
}

/* Columns that ids take here: they grow with the years. */
static int
id_columns(const Log *log)
{
	gsize widest = 7;

	for (guint i = 0; i < log->shown->len; i++) {
		g_autofree char *id = record_text(log->shown->pdata[i], "id");

		widest = MAX(widest, strlen(id));
	}
	return MIN(widest, 16) + 2;
}

static void
draw_line(App *app, Canvas *canvas, GVariant *line, int at, int ids)
{
	g_autofree char *time =
		format_time(record_number(line, "time"),
			    app->compact ? "%H:%M" : "%T");
	g_autofree char *event = record_text(line, "event");
	g_autofree char *id = record_text(line, "id");
	g_autofree char *text = text_of(line);
	g_autofree char *answer = record_text(line, "answer");
	guint style = record_flag(line, "problem") ? INK_BAD : INK_PLAIN;

	if (app->compact) {
		canvas_text(canvas, at, 1, 5, INK_DIM, time);
		canvas_text(canvas, at, 7, 8, style, event);
		canvas_text(canvas, at, 16, -1, INK_PLAIN, text);
		return;
	}
	canvas_text(canvas, at, 2, 8, INK_DIM, time);
	canvas_text(canvas, at, 12, 8, style, event);
	canvas_text(canvas, at, 21, ids - 1, INK_DIM, id);
	canvas_print(canvas, at, 21 + ids, canvas->columns - 22 - ids,
		     INK_PLAIN, "%s%s%s", text, *answer ? "   " : "",
		     answer);
}

static void
draw_lines(App *app, Log *log, Canvas *canvas, int from, int rows)
{
	guint n = log->shown->len;
	int ids = id_columns(log);

	list_fit(&log->list, n, MAX(rows, 1), from);
	if (n == 0)
		canvas_centre(canvas, from + rows / 2, INK_PLAIN,
			      _("Nothing has happened yet."));
	for (int i = 0; i < rows && log->list.top + i < n; i++) {
		guint index = log->list.top + i;

		draw_line(app, canvas, log->shown->pdata[index], from + i,
			  ids);
		if (index != log->list.cursor)
			continue;
		canvas_text(canvas, from + i, app->compact ? 0 : 1, 1,
			    INK_ACCENT | STYLE_BOLD, "▸");
		pane_embolden(canvas, from + i);
		canvas_cursor(canvas, from + i, app->compact ? 0 : 1);
	}
}

static GVariant *
focused(Log *log)
{
	return log->list.cursor < log->shown->len
		       ? log->shown->pdata[log->list.cursor]
		       : NULL;
}

static void
draw_pane(Log *log, Canvas *canvas, int at)
{
	GVariant *line = focused(log);
	g_autofree char *event = record_text(line, "event");
	g_autofree char *id = record_text(line, "id");
	g_autofree char *text = NULL;
	g_autofree char *answer = record_text(line, "answer");
	g_autofree char *time = NULL;
	g_autofree char *title = NULL;
	g_autoptr(GPtrArray) lines = NULL;

	if (!line)
		return;
	time = format_time(record_number(line, "time"), "%a %-d %b  %T");
	title = g_strdup_printf("%s  %s", time, event);
	canvas_rule(canvas, at, 0, canvas->columns, title, id);
	text = text_of(line);
	lines = canvas_wrap(canvas, text, canvas->columns - 4,
			    *answer ? 1 : 2);
	if (*answer)
		g_ptr_array_add(lines, g_strdup(answer));
	for (guint i = 0; i < lines->len; i++)
		canvas_text(canvas, at + 1 + i, 2, canvas->columns - 4,
			    INK_PLAIN, lines->pdata[i]);
}

static void
log_draw(App *app, gpointer state, Canvas *canvas)
{
	Log *log = state;
	int from = app->compact ? 2 : 4, end;
	g_autofree char *day = NULL;
	g_autofree char *title = NULL;
	GVariant *line;

	if (app->compact) {
		draw_lines(app, log, canvas, from, canvas->rows - 1 - from);
		return;
	}
	end = canvas->rows - PANE - 1;
	draw_sections(log, canvas);
	draw_lines(app, log, canvas, from, end - from);
	line = log->list.top < log->shown->len
		       ? log->shown->pdata[log->list.top]
		       : NULL;
	day = format_time(line ? record_number(line, "time") : app->now,
			  "%A, %-d %B");
	canvas_rule(canvas, 3, 0, canvas->columns, day, NULL);
	draw_pane(log, canvas, end);
}

static void
open_mail(App *app, Log *log)
{
	g_autofree char *id = record_text(focused(log), "id");

	if (*id)
		app_open(app, &view_message, id);
	else
		app_toast(app, _("This line is not about one mail."));
}

static gboolean
has(GVariant *line, const char *needle)
{
	static const char *const keys[] = { "text", "answer", "id", "event" };

	for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
		g_autofree char *text = record_text(line, keys[i]);
		g_autofree char *small = g_utf8_strdown(text, -1);

		if (strstr(small, needle))
			return TRUE;
	}
	return FALSE;
}

static void
search(App *app, Log *log, gboolean backwards)
{
	g_autofree char *needle = g_utf8_strdown(app->found, -1);
	guint n = log->shown->len;

	for (guint step = 1; step <= n; step++) {
		guint index =
			(log->list.cursor + (backwards ? n - step : step)) %
			n;

		if (!has(log->shown->pdata[index], needle))
			continue;
		log->list.cursor = index;
		log->follow = FALSE;
		return;
	}
	app_complain(app, _("No line has “%s”."), app->found);
}

static void
on_find(gpointer data, const char *text, gpointer unused)
{
	App *app = data;

	(void)unused;
	g_free(app->found);
	app->found = *text ? g_strdup(text) : NULL;
	if (app->found)
		search(app, app->screens[3].state, FALSE);
}

static void
set_section(Log *log, int section)
{
	log->section = (section + LOG_SECTIONS) % LOG_SECTIONS;
	choose_lines(log);
}

static gboolean
log_act(App *app, gpointer state, Action action)
{
	Log *log = state;

	if (list_act(&log->list, log->shown->len, action)) {
		log->follow = log->list.cursor + 1 >= log->shown->len;
		return TRUE;
	}
	switch ((int)action) {
	case ACTION_FOLLOW:
		log->follow = !log->follow;
		choose_lines(log);
		return TRUE;
	case ACTION_SECTION_NEXT:
	case ACTION_SECTION_BACK:
		set_section(log, log->section +
			    (action == ACTION_SECTION_NEXT ? 1 : -1));
		return TRUE;
	case ACTION_PROBLEMS:
		set_section(log, log->section == LOG_PROBLEMS
					 ? LOG_ALL
					 : LOG_PROBLEMS);
		return TRUE;
	case ACTION_OPEN:
		open_mail(app, log);
		return TRUE;
	case ACTION_LOOK_AGAIN:
		ask(app);
		return TRUE;
	case ACTION_FIND:
		app_ask(app, _("Find:"), "", on_find, NULL);
		return TRUE;
	case ACTION_FIND_NEXT:
	case ACTION_FIND_BACK:
		search(app, log, action == ACTION_FIND_BACK);
		return TRUE;
	case ACTION_COPY: {
		g_autofree char *text = record_text(focused(log), "text");

		app->shell.copy(app->shell_data, text);
		app_toast(app, _("Copied the line to the clipboard."));
		return TRUE;
	}
	}
	return FALSE;
}

static guint
log_have(App *app, gpointer state)
{
	(void)app;
	return focused(state) ? NEEDS_ROW : 0;
}

static gboolean
log_stroke(App *app, gpointer state, const Stroke *stroke)
{
	Log *log = state;

	(void)app;
	return list_click(&log->list, log->shown->len, stroke);
}

static char *
log_corner(App *app, gpointer state)
{
	Log *log = state;

	(void)app;
	return g_strdup(log->follow ? _("follow ● on") : _("follow ○ off"));
}

const ViewOps view_log = {
	.title = N_("Log"),
	.where = ON_LOG,
	.new = log_new,
	.free = log_free,
	.show = log_show,
	.draw = log_draw,
	.act = log_act,
	.have = log_have,
	.stroke = log_stroke,
	.corner = log_corner,
	.notice = log_notice,
};
