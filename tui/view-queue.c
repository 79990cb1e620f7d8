// SPDX-License-Identifier: GPL-2.0-or-later
#include <libintl.h>
#include <string.h>

#include "common/text.h"
#include "tui/app.h"
#include "tui/list.h"
#include "tui/record.h"
#include "tui/view-queue-why.h"

#define _(text) gettext(text)
#define N_(text) text

/* Columns of the full form, as on 80; what is wider goes to To, Subject. */
#define COLUMN_STATE 3
#define COLUMN_AGE 12
#define COLUMN_NEXT 19
#define COLUMN_SIZE 29
#define COLUMN_TO 36
#define WIDTH_TO 21
#define WIDTH_TO_MAX 45
#define PANE_ROWS 9 /* why-pane, status line, toast and footer */
#define GAUGE 5

typedef struct {
	List list; /* its cursor is the model's */
	guint last_cursor;
	gboolean moved; /* by a key since it was drawn */
} Queue;

static gpointer
queue_new(App *app, gconstpointer argument)
{
	(void)app;
	(void)argument;
	return g_new0(Queue, 1);
}

/* Where the columns after Next are, for this width. */
typedef struct {
	int to, to_width, subject;
} Columns;

static Columns
lay_out(const App *app)
{
	Columns columns = { .to = COLUMN_TO };
	int room;

	if (!app->settings->wide)
		columns.to = COLUMN_NEXT;
	room = app->columns - columns.to;
	columns.to_width = CLAMP(room * WIDTH_TO / 44, WIDTH_TO,
				 WIDTH_TO_MAX);
	columns.subject = columns.to + columns.to_width + 2;
	return columns;
}

static void
draw_titles(App *app, Canvas *canvas)
{
	Columns columns = lay_out(app);
	guint style = INK_DIM | STYLE_BOLD;

	canvas_text(canvas, 2, COLUMN_STATE, -1, style, _("State"));
	canvas_right(canvas, 2, COLUMN_AGE, 5, style, _("Age"));
	if (app->settings->wide) {
		canvas_text(canvas, 2, COLUMN_NEXT, 9, style, _("Next try"));
		canvas_right(canvas, 2, COLUMN_SIZE, 5, style, _("Size"));
	}
	canvas_text(canvas, 2, columns.to, columns.to_width, style, _("To"));
	canvas_text(canvas, 2, columns.subject, -1, style, _("Subject"));
}

static void
draw_next(App *app, Canvas *canvas, const Row *row, int at)
{
	g_autofree char *words = words_next_try(row, app->now);
	g_autofree char *gauge = NULL;

	if (row->state != STATE_SENDING) {
		canvas_text(canvas, at, COLUMN_NEXT, 10, INK_PLAIN, words);
		return;
	}
	gauge = canvas_gauge(row->progress, GAUGE);
	canvas_text(canvas, at, COLUMN_NEXT, GAUGE, INK_BUSY, gauge);
	canvas_right(canvas, at, COLUMN_NEXT + GAUGE, 4, INK_PLAIN, words);
}

/* The cursor's and the tag's mark, in two columns. */
static void
draw_marks(App *app, Canvas *canvas, const Row *row, int at, gboolean focus)
{
	if (focus && canvas->ascii)
		canvas_text(canvas, at, 0, 2, INK_ACCENT | STYLE_BOLD, "->");
	else if (focus)
		canvas_text(canvas, at, 0, 1, INK_ACCENT | STYLE_BOLD, "▸");
	if (model_is_tagged(app->model, row))
		canvas_text(canvas, at, 1, 1, INK_ACCENT | STYLE_BOLD, "*");
	if (focus)
		canvas_cursor(canvas, at, 0);
}

/* What is under the cursor stands out, what has left steps back. */
static void
tone_row(Canvas *canvas, const Row *row, int at, gboolean focus)
{
	for (int column = 2; column < canvas->columns; column++) {
		guint style = canvas_cell(canvas, at, column)->style;

		if (row->left_at && column > COLUMN_AGE)
			style = INK_DIM;
		if (focus)
			style |= STYLE_BOLD;
		canvas_restyle(canvas, at, column, 1, style);
	}
}

static void
draw_row(App *app, Canvas *canvas, const Row *row, int at, gboolean focus)
{
	g_autofree char *age = text_age(app->now - row->arrived);
	g_autofree char *size = text_size(row->size);
	Columns columns = lay_out(app);

	draw_marks(app, canvas, row, at, focus);
	canvas_print(canvas, at, COLUMN_STATE, 10, words_state_ink(row->state),
		     "%s %s", row_state_glyph(row->state),
		     words_state(row->state));
	canvas_right(canvas, at, COLUMN_AGE, 5, INK_PLAIN, age);
	if (app->settings->wide) {
		draw_next(app, canvas, row, at);
		canvas_right(canvas, at, COLUMN_SIZE, 5, INK_PLAIN, size);
	}
	words_draw_to(canvas, row, at, columns.to, columns.to_width,
		      INK_PLAIN);
	canvas_text(canvas, at, columns.subject, -1, INK_PLAIN, row->subject);
	tone_row(canvas, row, at, focus);
}

static void
draw_compact_row(App *app, Canvas *canvas, const Row *row, int at,
		 gboolean focus)
{
	g_autofree char *age = text_age(app->now - row->arrived);
	g_autofree char *next = words_next_try(row, app->now);
	int next_at = canvas->columns - 8;

	draw_marks(app, canvas, row, at, focus);
	canvas_text(canvas, at, 2, 1, words_state_ink(row->state),
		    row_state_glyph(row->state));
	canvas_text(canvas, at, 4, 3, INK_PLAIN, age);
	words_draw_to(canvas, row, at, 8, next_at - 9, INK_PLAIN);
	canvas_text(canvas, at, next_at, 8, INK_PLAIN, next);
	tone_row(canvas, row, at, focus);
}

/* The sentence in place of rows that are not there. (transfer full) */
static char *
empty_words(App *app)
{
	g_autofree char *to = record_text(app->status, "last-sent-to");
	gint64 last = record_number(app->status, "last-sent");
	g_autofree char *time = NULL;

	if (app->down_why)
		return g_strdup(_("The mail daemon is not running. Mail "
				  "handed in is kept in the drop box."));
	if (!model_heard(app->model))
		return g_strdup(_("Asking the mail daemon …"));
	if (*model_filter(app->model))
		return g_strdup(_("No mail is like that. Esc in the filter "
				  "line, or an empty filter, shows all."));
	if (app->status && record_number(app->status, "routes") == 0)
		return g_strdup(_("No route yet: mail for other machines "
				  "would wait. See masqmail-route(5)."));
	if (!last || !*to)
		return g_strdup(_("Nothing waits."));
	time = record_time(last, app->now);
	return g_strdup_printf(_("Nothing waits. Last mail left %s for %s."),
			       time, to);
}

/*
 * Keep the row under the cursor where it is while others come and go; when
 * it is carried out of sight itself, show it with its new neighbours.
 */
static void
follow(List *list, guint before, guint cursor, guint rows)
{
	if (list->top > 0 && cursor >= before)
		list->top += cursor - before;
	if (cursor < list->top || cursor >= list->top + rows)
		list->top = cursor - MIN(cursor, rows / 2);
}

static void
fit(App *app, Queue *queue, guint rows, int row)
{
	guint cursor = model_cursor(app->model);

	if (!queue->moved)
		follow(&queue->list, queue->last_cursor, cursor, rows);
	queue->moved = FALSE;
	queue->last_cursor = cursor;
	queue->list.cursor = cursor;
	list_fit(&queue->list, model_rows(app->model), rows, row);
}

static void
draw_rows(App *app, Queue *queue, Canvas *canvas, int from, int rows)
{
	guint n = model_rows(app->model);

	fit(app, queue, MAX(rows, 1), from);
	if (n == 0) {
		g_autofree char *words = empty_words(app);

		canvas_centre(canvas, from + rows / 2 - 1, INK_PLAIN, words);
		if (app->down_why)
			canvas_centre(canvas, from + rows / 2, INK_DIM,
				      app->down_why);
		return;
	}
	for (int i = 0; i < rows && queue->list.top + i < n; i++) {
		guint index = queue->list.top + i;
		const Row *row = model_row(app->model, index);
		gboolean focus = index == model_cursor(app->model);

		if (app->compact)
			draw_compact_row(app, canvas, row, from + i, focus);
		else
			draw_row(app, canvas, row, from + i, focus);
	}
}

static void
queue_draw(App *app, gpointer state, Canvas *canvas)
{
	int pane;

	if (app->compact) {
		pane = canvas->rows - 3;
		draw_rows(app, state, canvas, 2, pane - 2);
		canvas_repeat(canvas, pane, 0, canvas->columns - 2, INK_DIM,
			      "─");
		why_draw_compact(app, canvas, pane + 1);
		return;
	}
	pane = canvas->rows - PANE_ROWS;
	draw_titles(app, canvas);
	draw_rows(app, state, canvas, 3, pane - 3);
	why_draw(app, canvas, pane);
	why_draw_status(app, canvas, canvas->rows - 3);
}

static void
on_filter(gpointer data, const char *text, gpointer unused)
{
	App *app = data;

	(void)unused;
	model_set_filter(app->model, text);
	app->list_due = 0;
	app_feed_model(app);
}

static void
on_find_changed(gpointer data, const char *text, gpointer unused)
{
	App *app = data;
	const Row *row = model_focus(app->model);
	g_autofree char *needle = g_utf8_strdown(text, -1);

	(void)unused;
	/* While more is typed, stay where it still fits. */
	if (*text && row && !row_contains(row, needle))
		model_search(app->model, text, FALSE);
}

static void
on_find(gpointer data, const char *text, gpointer unused)
{
	App *app = data;
	const Row *row = model_focus(app->model);
	g_autofree char *needle = g_utf8_strdown(text, -1);

	(void)unused;
	g_free(app->found);
	app->found = *text ? g_strdup(text) : NULL;
	if (row && *text && !row_contains(row, needle))
		app_complain(app, _("No mail here has “%s”."), text);
}

static void
sort_by(App *app, int step)
{
	guint n = g_strv_length((char **)row_orders), at = 0;

	while (at < n &&
	       !g_str_equal(row_orders[at], model_order(app->model)))
		at++;
	at = (at + n + step) % n;
	model_set_order(app->model, row_orders[at], FALSE);
	app_settings_changed(app);
	app_feed_model(app);
}

static void
change_messages(App *app, Action action)
{
	g_auto(GStrv) ids = model_chosen(app->model);
	const Row *row = model_focus(app->model);

	app_act_key(app, action, ids, row);
}

static void
copy_answer(App *app)
{
	const Row *row = model_focus(app->model);

	app->shell.copy(app->shell_data,
			*row->answer ? row->answer : row->why);
	app_toast(app, _("Copied the answer to the clipboard."));
}

static void
search_again(App *app, gboolean backwards)
{
	if (!model_search(app->model, app->found, backwards))
		app_complain(app, _("No mail here has “%s”."), app->found);
}

static gboolean
queue_move(App *app, Queue *queue, Action action)
{
	int page = MAX((int)queue->list.height - 1, 1);

	switch ((int)action) {
	case ACTION_FIRST:
		model_go_first(app->model);
		break;
	case ACTION_LAST:
		model_go_last(app->model);
		break;
	case ACTION_UP:
	case ACTION_DOWN:
		model_move(app->model, action == ACTION_UP ? -1 : 1);
		break;
	case ACTION_PAGE_UP:
	case ACTION_PAGE_DOWN:
		model_move(app->model,
			   action == ACTION_PAGE_UP ? -page : page);
		break;
	default:
		return FALSE;
	}
	queue->moved = TRUE;
	app_feed_model(app);
	return TRUE;
}

static gboolean
queue_tag(App *app, Queue *queue, Action action)
{
	switch ((int)action) {
	case ACTION_TAG:
		model_toggle_tag(app->model);
		return queue_move(app, queue, ACTION_DOWN);
	case ACTION_TAG_ALL:
		model_tag_all(app->model);
		return TRUE;
	case ACTION_UNTAG_ALL:
		model_untag_all(app->model);
		return TRUE;
	}
	return FALSE;
}

static gboolean
queue_look(App *app, Queue *queue, Action action)
{
	queue->moved = TRUE;
	switch ((int)action) {
	case ACTION_OPEN:
		app_open(app, &view_message, model_focus(app->model)->id);
		return TRUE;
	case ACTION_FILTER:
		app_ask(app, _("Filter:"), model_filter(app->model),
			on_filter, NULL);
		return TRUE;
	case ACTION_FIND:
		app_ask(app, _("Find:"), "", on_find, on_find_changed);
		return TRUE;
	case ACTION_FIND_NEXT:
	case ACTION_FIND_BACK:
		search_again(app, action == ACTION_FIND_BACK);
		return TRUE;
	case ACTION_SORT:
	case ACTION_SORT_BACK:
		sort_by(app, action == ACTION_SORT ? 1 : -1);
		return TRUE;
	case ACTION_REVERSE:
		model_set_order(app->model, model_order(app->model),
				!model_reversed(app->model));
		app_settings_changed(app);
		app_feed_model(app);
		return TRUE;
	case ACTION_WIDE:
		app->settings->wide = !app->settings->wide;
		app_settings_changed(app);
		return TRUE;
	case ACTION_COPY:
		copy_answer(app);
		return TRUE;
	}
	return FALSE;
}

static gboolean
queue_act(App *app, gpointer state, Action action)
{
	switch ((int)action) {
	case ACTION_RETRY:
	case ACTION_HOLD:
	case ACTION_DELETE:
	case ACTION_BOUNCE:
	case ACTION_EDIT:
	case ACTION_REROUTE:
		change_messages(app, action);
		return TRUE;
	case ACTION_RETRY_TO:
	case ACTION_RETRY_FROM:
		app_retry_alike(app, action, model_focus(app->model));
		return TRUE;
	case ACTION_UNDO:
		return app_take_back(app, model_focus(app->model));
	}
	return queue_move(app, state, action) ||
	       queue_tag(app, state, action) || queue_look(app, state, action);
}

static guint
queue_have(App *app, gpointer state)
{
	const Row *row = model_focus(app->model);

	(void)state;
	if (!row || row->left_at)
		return 0;
	return NEEDS_ROW | (row->state == STATE_UNDO ? NEEDS_UNDO : 0);
}

static gboolean
queue_stroke(App *app, gpointer state, const Stroke *stroke)
{
	Queue *queue = state;
	List list = queue->list;

	if (!list_click(&list, model_rows(app->model), stroke))
		return FALSE;
	model_move_to(app->model, list.cursor);
	queue->moved = TRUE;
	return TRUE;
}

static char *
queue_corner(App *app, gpointer state)
{
	g_autofree char *line = canvas_sparkline(app->spark, APP_SPARK);

	(void)state;
	if (!app->status)
		return g_strdup("");
	return g_strdup_printf(_("%s  %u/min"), line,
			       app->spark[APP_SPARK - 1]);
}

static void
queue_show(App *app, gpointer state)
{
	(void)state;
	app_feed_model(app);
}

const ViewOps view_queue = {
	.title = N_("Queue"),
	.where = ON_QUEUE,
	.new = queue_new,
	.free = g_free,
	.show = queue_show,
	.draw = queue_draw,
	.act = queue_act,
	.have = queue_have,
	.stroke = queue_stroke,
	.corner = queue_corner,
};
