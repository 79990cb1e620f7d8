// SPDX-License-Identifier: GPL-2.0-or-later
/* What surrounds every screen: header, tabs, toast and footer. */
#include <libintl.h>
#include <string.h>

#include "tui/app.h"
#include "tui/record.h"

#define _(text) gettext(text)
#define BAR (INK_BAR)

static char *
pin_words(const App *app)
{
	g_autofree char *pinned = record_text(app->status, "pinned");
	g_autofree char *until = record_text(app->status, "pin-until");
	g_autofree char *time = NULL;

	if (!*pinned)
		return g_strdup(_("auto"));
	if (!g_str_equal(until, "time"))
		return g_strdup(_("pinned"));
	time = record_time(record_number(app->status, "pin-ends"), app->now);
	return g_strdup_printf(_("pinned until %s"), time);
}

char *
frame_profile(const App *app)
{
	g_autofree char *profile = record_text(app->status, "profile");
	g_autofree char *pin = pin_words(app);

	return g_strdup_printf("%s (%s)", *profile ? profile
						   : _("no profile"), pin);
}

static const char *
online_words(const App *app)
{
	if (app->down_why)
		return _("NO DAEMON");
	return record_flag(app->status, "online") ? _("ONLINE")
						  : _("OFFLINE");
}

static void
draw_clock(App *app, Canvas *canvas, int left)
{
	g_autofree char *network = record_text(app->status, "network");
	g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(app->now);
	g_autofree char *clock = app->plain ? g_strdup("")
					    : g_date_time_format(time,
								 "%H:%M");
	int width = canvas->columns - 1;

	canvas_right(canvas, 0, 0, width, BAR, clock);
	width -= canvas_width(canvas, clock) + 2;
	if (app->compact || app->down_why || width - left < 10)
		return;
	canvas_right(canvas, 0, left + 2, width - left - 2, BAR, network);
}

/* While a filter hides some, the daemon's own count is the whole. */
static guint64
queue_total(const App *app)
{
	if (!*model_filter(app->model))
		return model_total(app->model);
	return record_number(app->status, "waiting") +
	       record_number(app->status, "active") +
	       record_number(app->status, "held") +
	       record_number(app->status, "failed");
}

static int
draw_mails(App *app, Canvas *canvas, int used)
{
	g_autofree char *mails = NULL;

	if (!app->status)
		return used;
	mails = words_mails(queue_total(app));
	canvas_right(canvas, 0, used + 1, canvas->columns - 8 - used, BAR,
		     mails);
	return used;
}

static void
draw_header(App *app, Canvas *canvas)
{
	gboolean online = !app->down_why && record_flag(app->status,
							"online");
	g_autofree char *profile = frame_profile(app);
	int used;

	canvas_repeat(canvas, 0, 0, canvas->columns, BAR, " ");
	if (app->compact) {
		used = canvas_print(canvas, 0, 1, canvas->columns - 18, BAR,
				    "%s %s", online ? "●" : "○",
				    app->down_why ? online_words(app)
						  : profile);
		draw_mails(app, canvas, used + 1);
		draw_clock(app, canvas, used + 1);
		return;
	}
	used = 1 + canvas_text(canvas, 0, 1, -1, BAR | STYLE_BOLD, "masqtui");
	used += canvas_print(canvas, 0, used, -1, BAR | STYLE_BOLD,
			     "  %s %s", online ? "●" : "○",
			     online_words(app));
	if (!app->down_why)
		used += canvas_print(canvas, 0, used, -1, BAR, "  %s",
				     profile);
	draw_clock(app, canvas, used);
}

static char *
tab_words(App *app, guint screen)
{
	const char *title = _(app->screens[screen].ops->title);
	guint64 total = queue_total(app);

	if (app->screens[screen].ops->where != ON_QUEUE ||
	    !model_heard(app->model))
		return g_strdup_printf("%u %s", screen + 1, title);
	return g_strdup_printf("%u %s %" G_GUINT64_FORMAT, screen + 1, title,
			       total);
}

static int
draw_tabs(App *app, Canvas *canvas)
{
	int column = 0;

	for (guint i = 0; i < APP_SCREENS; i++) {
		g_autofree char *words = tab_words(app, i);
		gboolean front = i == app->screen;

		column += canvas_print(canvas, 1, column, -1,
				       front ? INK_ACCENT | STYLE_BOLD
					     : INK_PLAIN,
				       front ? "[%s]" : " %s ", words) + 1;
	}
	return column;
}

static void
draw_corner(App *app, Canvas *canvas, int left)
{
	View *screen = &app->screens[app->screen];
	g_autofree char *corner = NULL;

	if (!screen->ops->corner)
		return;
	corner = screen->ops->corner(app, screen->state);
	if (canvas_width(canvas, corner) < canvas->columns - 1 - left)
		canvas_right(canvas, 1, left, canvas->columns - 1 - left,
			     INK_PLAIN, corner);
}

static void
draw_compact_tab(App *app, Canvas *canvas)
{
	View *screen = &app->screens[app->screen];

	canvas_print(canvas, 1, 1, -1, INK_ACCENT | STYLE_BOLD,
		     "%s  «%u/%u»", _(screen->ops->title), app->screen + 1,
		     APP_SCREENS);
}

static void
draw_toast(App *app, Canvas *canvas)
{
	const char *hint = _("u undoes the last action");
	int row = canvas->rows - 2, used, rest;

	if (app->prompt) {
		prompt_draw(app->prompt, canvas, row);
		return;
	}
	if (!app->toast)
		return;
	canvas_repeat(canvas, row, 0, canvas->columns, INK_PLAIN, " ");
	used = 2 + canvas_text(canvas, row, 2, canvas->columns - 3,
			       app->toast_error ? INK_BAD | STYLE_BOLD
						: INK_PLAIN,
			       app->toast);
	rest = canvas->columns - used - 1;
	if (app->undo_verb && rest > canvas_width(canvas, hint) + 2)
		canvas_right(canvas, row, used, rest, INK_DIM, hint);
}

static void
draw_footer(App *app, Canvas *canvas)
{
	View *front = app_front(app);
	g_autofree char *footer =
		keys_footer(front->ops->where, app_have(app),
			    canvas->columns, app->compact);

	canvas_repeat(canvas, canvas->rows - 1, 0, canvas->columns, BAR, " ");
	canvas_text(canvas, canvas->rows - 1, 0, -1, BAR, footer);
}

void
frame_draw(App *app, Canvas *canvas)
{
	draw_header(app, canvas);
	if (app->compact)
		draw_compact_tab(app, canvas);
	else
		draw_corner(app, canvas, draw_tabs(app, canvas));
}

void
frame_draw_foot(App *app, Canvas *canvas)
{
	draw_toast(app, canvas);
	draw_footer(app, canvas);
}
