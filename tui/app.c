// SPDX-License-Identifier: GPL-2.0-or-later
#include "tui/app.h"

#include <libintl.h>
#include <string.h>

#include "common/api.h"
#include "tui/app-hear.h"

#define _(text) gettext(text)
#define YOUNG 60        /* seconds while an age is counted in seconds */
#define COMPACT_ROWS 18 /* below these: the short form */
#define COMPACT_COLUMNS 72

static const ViewOps *const screens[APP_SCREENS] = {
	&view_queue, &view_routes, &view_networks, &view_log, &view_groups,
};

static void
view_free(gpointer data)
{
	View *view = data;

	view->ops->free(view->state);
	g_free(view);
}

App *
app_new(const char *socket, const char *settings, const AppShell *shell,
	gpointer data)
{
	App *app = g_new0(App, 1);

	app->settings_path = g_strdup(settings);
	app->settings = settings_load(settings);
	app->shell = *shell;
	app->shell_data = data;
	app->model = model_new();
	model_set_order(app->model, app->settings->order,
			app->settings->reverse);
	app->link = link_new(socket, &app_hear_events, app);
	app->over = g_ptr_array_new_with_free_func(view_free);
	app->commands = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < APP_SCREENS; i++) {
		app->screens[i].ops = screens[i];
		app->screens[i].state = screens[i]->new(app, NULL);
	}
	return app;
}

void
app_settings_changed(App *app)
{
	Settings *settings = app->settings;

	g_free(settings->order);
	settings->order = g_strdup(model_order(app->model));
	settings->reverse = model_reversed(app->model);
	settings_save(settings, app->settings_path);
}

void
app_start(App *app)
{
	link_start(app->link);
}

void
app_free(App *app)
{
	if (!app)
		return;
	link_free(app->link);
	g_ptr_array_unref(app->over);
	for (guint i = 0; i < APP_SCREENS; i++)
		screens[i]->free(app->screens[i].state);
	prompt_free(app->prompt);
	model_free(app->model);
	g_clear_pointer(&app->status, g_variant_unref);
	g_clear_pointer(&app->routes, g_variant_unref);
	g_clear_pointer(&app->profiles, g_variant_unref);
	g_clear_pointer(&app->networks, g_variant_unref);
	g_ptr_array_unref(app->commands);
	g_clear_pointer(&app->undo_options, g_variant_unref);
	g_strfreev(app->undo_ids);
	settings_free(app->settings);
	g_free(app->settings_path);
	g_free(app->undo_verb);
	g_free(app->down_why);
	g_free(app->toast);
	g_free(app->found);
	g_free(app);
}

void
app_changed(App *app)
{
	if (!app->dirty)
		app->shell.changed(app->shell_data);
	app->dirty = TRUE;
}

View *
app_front(App *app)
{
	return app->over->len ? app->over->pdata[app->over->len - 1]
			      : &app->screens[app->screen];
}

static void
show_front(App *app)
{
	View *view = app_front(app);

	if (view->ops->show && link_is_up(app->link))
		view->ops->show(app, view->state);
	app_changed(app);
}

void
app_open(App *app, const ViewOps *ops, gconstpointer argument)
{
	View *view = g_new0(View, 1);

	view->ops = ops;
	view->state = ops->new(app, argument);
	g_ptr_array_add(app->over, view);
	show_front(app);
}

void
app_close(App *app)
{
	if (app->over->len)
		g_ptr_array_remove_index(app->over, app->over->len - 1);
	app_changed(app);
}

void
app_go(App *app, guint screen)
{
	app->screen = screen;
	show_front(app);
}

guint
app_have(App *app)
{
	View *front = app_front(app);
	guint have = 0;

	if (link_is_up(app->link))
		have |= NEEDS_LINK;
	if (link_roles(app->link) & ROLE_ADMIN)
		have |= NEEDS_ADMIN;
	if (!app->read_only)
		have |= NEEDS_WRITE;
	if (app->undo_verb)
		have |= NEEDS_UNDO;
	if (app->found)
		have |= NEEDS_FOUND;
	if (front->ops->have)
		have |= front->ops->have(app, front->state);
	return have;
}

static void
set_toast(App *app, char *text, gboolean error)
{
	g_free(app->toast);
	app->toast = text;
	app->toast_error = error;
	app->toast_until = app->now + APP_TOAST_SECONDS;
	app_changed(app);
}

void
app_toast(App *app, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	set_toast(app, g_strdup_vprintf(format, arguments), FALSE);
	va_end(arguments);
}

void
app_complain(App *app, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	set_toast(app, g_strdup_vprintf(format, arguments), TRUE);
	va_end(arguments);
}

void
app_echo(App *app, const char *line)
{
	if (app->commands->len >= APP_COMMANDS)
		g_ptr_array_remove_index(app->commands, 0);
	g_ptr_array_add(app->commands, g_strdup(line));
}

void
app_ask(App *app, const char *label, const char *text, PromptDone done,
	PromptDone changed)
{
	prompt_free(app->prompt);
	app->prompt = prompt_new(label, text, done, changed, app);
	app_changed(app);
}

void
app_confirm(App *app, const char *question, PromptDone yes, gpointer data,
	    GDestroyNotify destroy)
{
	prompt_free(app->prompt);
	app->prompt = prompt_new_question(question, yes, app, data, destroy);
	app_changed(app);
}

/* In so few cells there is only room to say whether all is well. */
static void
draw_one_line(App *app, Canvas *canvas)
{
	g_autofree char *profile = frame_profile(app);
	g_autofree char *mails = words_mails(model_total(app->model));
	gboolean online = record_flag(app->status, "online");

	canvas_print(canvas, 0, 0, -1, INK_PLAIN, "%s %s  %s",
		     online ? "●" : "○", profile, mails);
}

void
app_draw(App *app, Canvas *canvas)
{
	View *screen = &app->screens[app->screen];
	guint first = 0;

	app->rows = canvas->rows;
	app->columns = canvas->columns;
	app->ascii = canvas->ascii;
	app->compact = canvas->rows < COMPACT_ROWS ||
		       canvas->columns < COMPACT_COLUMNS;
	app->dirty = FALSE;
	canvas_clear(canvas);
	if (canvas->rows < APP_MIN_ROWS || canvas->columns < APP_MIN_COLUMNS) {
		draw_one_line(app, canvas);
		return;
	}
	for (guint i = 0; i < app->over->len; i++)
		if (!((View *)app->over->pdata[i])->ops->popup)
			first = i + 1;
	frame_draw(app, canvas);
	if (first == 0)
		screen->ops->draw(app, screen->state, canvas);
	for (guint i = first ? first - 1 : 0; i < app->over->len; i++) {
		View *view = app->over->pdata[i];

		view->ops->draw(app, view->state, canvas);
	}
	frame_draw_foot(app, canvas);
}

static gint64
sooner(gint64 a, gint64 b)
{
	return a && b ? MIN(a, b) : a + b;
}

/* Ages below a minute are counted in seconds: only then each second shows. */
static gint64
next_clock(App *app)
{
	if (app->plain)
		return 0;
	for (guint i = 0; i < model_rows(app->model); i++)
		if (app->now - model_row(app->model, i)->arrived < YOUNG ||
		    model_row(app->model, i)->state == STATE_UNDO)
			return app->now + 1;
	return (app->now / 60 + 1) * 60;
}

static void
advance_spark(App *app)
{
	gint64 minute = app->now / 60;

	if (!app->spark_minute)
		app->spark_minute = minute;
	while (app->spark_minute < minute) {
		memmove(app->spark, app->spark + 1,
			sizeof(app->spark) - sizeof(app->spark[0]));
		app->spark[APP_SPARK - 1] = 0;
		if (++app->spark_minute + APP_SPARK < minute)
			app->spark_minute = minute - APP_SPARK;
	}
}

gint64
app_tick(App *app)
{
	gint64 next = model_expire(app->model, app->now);

	advance_spark(app);
	if (app->toast && !app->toast_error) {
		if (app->now >= app->toast_until)
			g_clear_pointer(&app->toast, g_free);
		else
			next = sooner(next, app->toast_until);
	}
	if (model_is_stale(app->model) && link_is_up(app->link)) {
		app_feed_model(app);
		if (app->list_due > app->now)
			next = sooner(next, app->list_due);
	}
	return sooner(next, next_clock(app));
}
