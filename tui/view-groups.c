// SPDX-License-Identifier: GPL-2.0-or-later
#include <libintl.h>
#include <string.h>

#include "common/text.h"
#include "tui/app.h"
#include "tui/groups.h"
#include "tui/list.h"
#include "tui/view-routes-pane.h"

#define _(text) gettext(text)
#define N_(text) text
#define COLUMN_TOTAL 24 /* on 80 columns; wider names on more */
#define COLUMN_AGES 31
#define WIDTH_TOTAL 6
#define WIDTH_AGE 5
#define REASONS 4
#define PANE (REASONS + 4) /* rule, reasons, blank, note, toast, footer */

static const char *const titles[GROUP_KINDS] = {
	[GROUP_DESTINATION] = N_("Destination"),
	[GROUP_REASON] = N_("Reason"),
	[GROUP_SENDER] = N_("Sender"),
	[GROUP_ROUTE] = N_("Route"),
};

typedef struct {
	List list;
	GroupKind kind;
	GPtrArray *groups; /* of Group, as last drawn; (nullable) */
} Groups;

static gpointer
groups_new(App *app, gconstpointer argument)
{
	(void)app;
	(void)argument;
	return g_new0(Groups, 1);
}

static void
groups_free(gpointer state)
{
	Groups *groups = state;

	g_clear_pointer(&groups->groups, g_ptr_array_unref);
	g_free(groups);
}

static guint
count(const Groups *groups)
{
	return groups->groups ? groups->groups->len : 0;
}

static const Group *
focused(const Groups *groups)
{
	return groups->list.cursor < count(groups)
		       ? groups->groups->pdata[groups->list.cursor]
		       : NULL;
}

/* Where the numbers stand: names get what is more than 80 columns. */
static int
total_at(const Canvas *canvas)
{
	return COLUMN_TOTAL + MAX(canvas->columns - 80, 0);
}

static int
age_at(const Canvas *canvas, guint age)
{
	return COLUMN_AGES + age * WIDTH_AGE + MAX(canvas->columns - 80, 0);
}

static void
draw_kinds(Groups *groups, Canvas *canvas)
{
	int column = 2;

	column += canvas_text(canvas, 2, column, -1, INK_PLAIN,
			      _("Group by")) + 2;
	for (guint i = 0; i < GROUP_KINDS; i++) {
		gboolean front = i == groups->kind;

		column += canvas_print(canvas, 2, column, -1,
				       front ? INK_ACCENT | STYLE_BOLD
					     : INK_PLAIN,
				       front ? "[%s]" : " %s ",
				       _(titles[i])) + 1;
	}
	canvas_right(canvas, 2, column, canvas->columns - 1 - column, INK_DIM,
		     _("Enter opens"));
}

static void
draw_titles(Groups *groups, Canvas *canvas, int at)
{
	guint style = INK_DIM | STYLE_BOLD;

	canvas_text(canvas, at - 1, age_at(canvas, 0), -1, INK_DIM,
		    _("waiting since, minutes"));
	canvas_text(canvas, at, 4, total_at(canvas) - 5, style,
		    _(titles[groups->kind]));
	canvas_right(canvas, at, total_at(canvas), WIDTH_TOTAL, style,
		     _("Total"));
	for (guint age = 0; age < GROUPS_AGES; age++)
		canvas_right(canvas, at, age_at(canvas, age),
			     WIDTH_AGE, style, groups_age_title(age));
	canvas_right(canvas, at, canvas->columns - 8, 7, style, _("Oldest"));
}

static void
draw_counts(Canvas *canvas, const guint *ages, int at)
{
	if (canvas->columns < COLUMN_AGES + GROUPS_AGES * WIDTH_AGE)
		return;
	for (guint age = 0; age < GROUPS_AGES; age++) {
		g_autofree char *words = ages[age]
						 ? g_strdup_printf("%u",
								   ages[age])
						 : g_strdup(".");

		canvas_right(canvas, at, age_at(canvas, age),
			     WIDTH_AGE, ages[age] ? INK_PLAIN : INK_DIM,
			     words);
	}
}

static void
draw_group(App *app, Canvas *canvas, const Group *group, int at)
{
	g_autofree char *total = g_strdup_printf("%u", group->total);
	g_autofree char *oldest = text_age(app->now - group->oldest);
	int width = canvas->columns;

	if (app->compact) {
		canvas_text(canvas, at, 2, width - 14, INK_PLAIN,
			    group->name);
		canvas_right(canvas, at, width - 11, 5, INK_PLAIN, total);
		canvas_right(canvas, at, width - 5, 4, INK_PLAIN, oldest);
		return;
	}
	canvas_text(canvas, at, 4, total_at(canvas) - 5, INK_PLAIN,
		    group->name);
	canvas_right(canvas, at, total_at(canvas), WIDTH_TOTAL, INK_PLAIN,
		     total);
	draw_counts(canvas, group->ages, at);
	if (group->oldest)
		canvas_right(canvas, at, width - 6, 5, INK_PLAIN, oldest);
}

static void
draw_groups(App *app, Groups *groups, Canvas *canvas, int from, int rows)
{
	guint n = count(groups);

	list_fit(&groups->list, n, MAX(rows, 1), from);
	if (n == 0)
		canvas_centre(canvas, from + rows / 2, INK_PLAIN,
			      _("Nothing waits."));
	for (int i = 0; i < rows && groups->list.top + i < n; i++) {
		guint index = groups->list.top + i;

		draw_group(app, canvas, groups->groups->pdata[index],
			   from + i);
		if (index != groups->list.cursor)
			continue;
		canvas_text(canvas, from + i, app->compact ? 0 : 1, 1,
			    INK_ACCENT | STYLE_BOLD, "▸");
		pane_embolden(canvas, from + i);
		canvas_cursor(canvas, from + i, app->compact ? 0 : 1);
	}
}

/* All groups together: the number and a bar below each age. */
static void
draw_sum(App *app, Groups *groups, Canvas *canvas, int at)
{
	guint ages[GROUPS_AGES] = { 0 }, total = 0;
	g_autofree char *bars = NULL;
	const char *bar;

	for (guint i = 0; i < count(groups); i++) {
		const Group *group = groups->groups->pdata[i];

		total += group->total;
		for (guint age = 0; age < GROUPS_AGES; age++)
			ages[age] += group->ages[age];
	}
	canvas_text(canvas, at, 4, -1, INK_PLAIN | STYLE_BOLD, _("all"));
	{
		g_autofree char *words = g_strdup_printf("%u", total);

		canvas_right(canvas, at, total_at(canvas), WIDTH_TOTAL,
			     INK_PLAIN, words);
	}
	draw_counts(canvas, ages, at);
	bars = canvas_sparkline(ages, GROUPS_AGES);
	bar = bars;
	for (guint age = 0; age < GROUPS_AGES; age++) {
		int column = age_at(canvas, age + 1) - 2;

		if (ages[age])
			canvas_repeat(canvas, at + 1, column, 2, INK_BUSY,
				      bar);
		bar = g_utf8_next_char(bar);
	}
	(void)app;
}

static void
draw_reasons(App *app, Canvas *canvas, int at)
{
	g_autoptr(GPtrArray) reasons =
		groups_of(app->model, GROUP_REASON, app->now);

	canvas_rule(canvas, at, 0, canvas->columns, _("By reason"), NULL);
	for (guint i = 0; i < MIN(reasons->len, REASONS); i++) {
		const Group *group = reasons->pdata[i];

		canvas_print(canvas, at + 1 + i, 1, canvas->columns - 2,
			     INK_PLAIN, "%5u  %s", group->total, group->name);
	}
}

static void
draw_note(App *app, Canvas *canvas, int at)
{
	guint rows = model_rows(app->model), total = model_total(app->model);

	if (rows < total)
		canvas_print(canvas, at, 2, -1, INK_DIM,
			     _("Counted over the %u of %u mails that are "
			       "loaded."), rows, total);
}

static void
recount(App *app, Groups *groups)
{
	g_clear_pointer(&groups->groups, g_ptr_array_unref);
	groups->groups = groups_of(app->model, groups->kind, app->now);
}

static void
groups_draw(App *app, gpointer state, Canvas *canvas)
{
	Groups *groups = state;
	int pane = canvas->rows - PANE, from = 5, rows;

	recount(app, groups);
	if (app->compact) {
		draw_groups(app, groups, canvas, 2, canvas->rows - 4);
		return;
	}
	rows = MAX(pane - 3 - from, 1);
	draw_kinds(groups, canvas);
	draw_titles(groups, canvas, from - 1);
	draw_groups(app, groups, canvas, from, rows);
	if (count(groups))
		draw_sum(app, groups, canvas,
			 from + MIN(rows, (int)count(groups)));
	draw_reasons(app, canvas, pane);
	draw_note(app, canvas, canvas->rows - 2);
}

static void
change_group(App *app, const Group *group, Action action)
{
	g_auto(GStrv) ids = g_new0(char *, group->ids->len + 1);

	for (guint i = 0; i < group->ids->len; i++)
		ids[i] = g_strdup(group->ids->pdata[i]);
	app_act_key(app, action, ids, model_find(app->model, ids[0]));
}

/* Show the group's messages on the queue screen. */
static void
open_group(App *app, const Groups *groups, const Group *group)
{
	g_autofree char *filter = groups_filter(groups->kind, group->name);

	if (!filter) {
		app_toast(app, _("There is no filter for reasons."));
		return;
	}
	model_set_filter(app->model, filter);
	app_go(app, 0);
}

static gboolean
groups_act(App *app, gpointer state, Action action)
{
	Groups *groups = state;
	int step = action == ACTION_SECTION_NEXT ? 1 : GROUP_KINDS - 1;
	const Group *group;

	/* Several keys may come before the next picture. */
	recount(app, groups);
	group = focused(groups);
	if (list_act(&groups->list, count(groups), action))
		return TRUE;
	switch ((int)action) {
	case ACTION_SECTION_NEXT:
	case ACTION_SECTION_BACK:
		groups->kind = (groups->kind + step) % GROUP_KINDS;
		groups->list.cursor = 0;
		return TRUE;
	case ACTION_RETRY:
	case ACTION_HOLD:
	case ACTION_DELETE:
		change_group(app, group, action);
		return TRUE;
	case ACTION_OPEN:
		open_group(app, groups, group);
		return TRUE;
	}
	return FALSE;
}

static guint
groups_have(App *app, gpointer state)
{
	(void)app;
	return focused(state) ? NEEDS_ROW : 0;
}

static gboolean
groups_stroke(App *app, gpointer state, const Stroke *stroke)
{
	Groups *groups = state;

	(void)app;
	return list_click(&groups->list, count(groups), stroke);
}

static char *
groups_corner(App *app, gpointer state)
{
	guint recipients = 0, mails = 0;

	(void)state;
	for (guint i = 0; i < model_rows(app->model); i++) {
		const Row *row = model_row(app->model, i);

		recipients += row->left_at ? 0 : row->pending;
		mails += row->left_at == 0;
	}
	return g_strdup_printf(_("%u recipients, %u mails"), recipients,
			       mails);
}

const ViewOps view_groups = {
	.title = N_("Groups"),
	.where = ON_GROUPS,
	.new = groups_new,
	.free = groups_free,
	.draw = groups_draw,
	.act = groups_act,
	.have = groups_have,
	.stroke = groups_stroke,
	.corner = groups_corner,
};
