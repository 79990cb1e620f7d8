// SPDX-License-Identifier: GPL-2.0-or-later
/* Finished mail, as a search found it; the newest first. */
#include <libintl.h>

#include "tui/app.h"
#include "tui/list.h"
#include "tui/record.h"

#define _(text) gettext(text)
#define N_(text) text
#define BOX_TOP 3
#define DETAILS 3 /* lines about the one under the cursor */
#define MOST 200

typedef struct {
	List list;
	char *words;
	GVariant *rows; /* aa{sv}, oldest first; NULL: not heard yet */
} Found;

static gpointer
found_new(App *app, gconstpointer argument)
{
	Found *found = g_new0(Found, 1);

	(void)app;
	found->words = g_strdup(argument);
	return found;
}

static void
found_free(gpointer state)
{
	Found *found = state;

	g_clear_pointer(&found->rows, g_variant_unref);
	g_free(found->words);
	g_free(found);
}

static void
hear_rows(App *app, GVariant *body, gpointer data)
{
	View *front = app_front(app);
	Found *found = front->state;

	if (front->ops != &view_history ||
	    !g_str_equal(found->words, data))
		return;
	g_clear_pointer(&found->rows, g_variant_unref);
	found->rows = g_variant_get_child_value(body, 0);
}

static void
found_show(App *app, gpointer state)
{
	const Found *found = state;
	GVariantDict query;

	g_variant_dict_init(&query, NULL);
	g_variant_dict_insert(&query, "words", "s", found->words);
	g_variant_dict_insert(&query, "limit", "u", (guint32)MOST);
	app_call(app, "History",
		 g_variant_new("(@a{sv})", g_variant_dict_end(&query)),
		 hear_rows, g_strdup(found->words), g_free);
}

static guint
count(const Found *found)
{
	return found->rows ? g_variant_n_children(found->rows) : 0;
}

static GVariant *
row_at(const Found *found, guint index)
{
	return index < count(found)
		       ? g_variant_get_child_value(
				 found->rows, count(found) - 1 - index)
		       : NULL;
}

static const char *
result_words(const char *result)
{
	static const char *const words[] = {
		N_("delivered"), N_("bounced"), N_("removed"), N_("mixed"),
	};

	for (guint i = 0; i < G_N_ELEMENTS(words); i++)
		if (g_str_equal(words[i], result))
			return _(words[i]);
	return result;
}

static void
draw_line(App *app, const Found *found, Canvas *canvas, guint index, int at,
	  int left, int width)
{
	g_autoptr(GVariant) row = row_at(found, index);
	g_autofree char *time =
		record_time(record_number(row, "time"), app->now);
	g_autofree char *result = record_text(row, "result");
	g_autofree char *to = record_text(row, "recipients");
	g_autofree char *subject = record_text(row, "subject");
	gboolean good = g_str_equal(result, "delivered");
	gboolean chosen = index == found->list.cursor;
	guint style = chosen ? INK_PLAIN | STYLE_BOLD : INK_PLAIN;
	int rest = width - 25;

	if (chosen) {
		canvas_text(canvas, at, left + 1, 1, INK_ACCENT | STYLE_BOLD,
			    "▸");
		canvas_cursor(canvas, at, left + 3);
	}
	canvas_text(canvas, at, left + 3, 9, style, time);
	canvas_text(canvas, at, left + 13, 10, good ? INK_GOOD : INK_BAD,
		    result_words(result));
	canvas_text(canvas, at, left + 24, rest / 2, style, to);
	canvas_text(canvas, at, left + 25 + rest / 2, rest - rest / 2, style,
		    subject);
}

/* (transfer full). Those of the keys that say something, · between. */
static char *
facts_of(GVariant *row, const char *const *keys)
{
	g_autoptr(GString) line = g_string_new(NULL);

	for (; *keys; keys++) {
		g_autofree char *text = record_text(row, *keys);

		if (*text)
			g_string_append_printf(line, "%s%s",
					       line->len ? " · " : "", text);
	}
	return g_string_free(g_steal_pointer(&line), FALSE);
}

static void
draw_details(const Found *found, Canvas *canvas, int at, int left, int width)
{
	static const char *const lines[DETAILS][6] = {
		{ "id", "sender", "recipients", NULL },
		{ "route", "host", "tls", "profile", "network", NULL },
		{ "answer", "remote-id", NULL },
	};
	g_autoptr(GVariant) row = row_at(found, found->list.cursor);

	for (guint i = 0; row && i < DETAILS; i++) {
		g_autofree char *text = facts_of(row, lines[i]);

		canvas_text(canvas, at + i, left + 2, width - 4, INK_DIM,
			    text);
	}
}

static void
found_draw(App *app, gpointer state, Canvas *canvas)
{
	Found *found = state;
	int rows = canvas->rows - BOX_TOP - 2;
	int lines = MAX(rows - 3 - DETAILS, 1);
	g_autofree char *title =
		g_strdup_printf(_("Finished: %s"), found->words);

	canvas_box(canvas, BOX_TOP, 0, rows, canvas->columns,
		   *found->words ? title : _("Finished mail"),
		   _("y copies the answer · Esc"));
	list_fit(&found->list, count(found), lines, BOX_TOP + 1);
	if (found->rows && !count(found))
		canvas_text(canvas, BOX_TOP + 1, 2, -1, INK_PLAIN,
			    _("Nothing like that was finished lately."));
	for (int i = 0; i < lines; i++)
		if (found->list.top + i < count(found))
			draw_line(app, found, canvas, found->list.top + i,
				  BOX_TOP + 1 + i, 0, canvas->columns);
	draw_details(found, canvas, BOX_TOP + 2 + lines, 0, canvas->columns);
}

static void
copy_answer(App *app, const Found *found)
{
	g_autoptr(GVariant) row = row_at(found, found->list.cursor);
	g_autofree char *answer = record_text(row, "answer");

	app->shell.copy(app->shell_data, answer);
	app_toast(app, _("Copied to the clipboard."));
}

static gboolean
found_act(App *app, gpointer state, Action action)
{
	Found *found = state;

	(void)app;
	return list_act(&found->list, count(found), action) ||
	       action == ACTION_ACCEPT;
}

static gboolean
found_stroke(App *app, gpointer state, const Stroke *stroke)
{
	Found *found = state;

	if (list_click(&found->list, count(found), stroke))
		return TRUE;
	if (stroke->key != 'y' || !count(found))
		return FALSE;
	copy_answer(app, found);
	return TRUE;
}

const ViewOps view_history = {
	.title = N_("Finished mail"),
	.where = ON_LIST,
	.popup = TRUE,
	.new = found_new,
	.free = found_free,
	.show = found_show,
	.draw = found_draw,
	.act = found_act,
	.stroke = found_stroke,
};
