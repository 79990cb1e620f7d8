// SPDX-License-Identifier: GPL-2.0-or-later
/* From a stroke to what it does. */
#include <libintl.h>

#include "tui/app.h"

#define _(text) gettext(text)
#define WHEEL_ROWS 3

/* Why @row cannot be done, though its key is known here. */
static const char *
refusal(const App *app, guint missing)
{
	if (missing & NEEDS_LINK)
		return _("The mail daemon does not answer, so nothing can "
			 "be changed now.");
	if (missing & NEEDS_WRITE)
		return _("masqtui was started with --read-only.");
	if (missing & NEEDS_ADMIN)
		return _("Only the administrator of this mail system may do "
			 "that.");
	if (missing & NEEDS_UNDO)
		return _("There is nothing to undo.");
	if (missing & NEEDS_FOUND)
		return _("Nothing was looked for yet: / finds.");
	return model_rows(app->model) ? _("Nothing is chosen.")
				      : _("There is no mail here.");
}

static void
toggle_mouse(App *app)
{
	gboolean on = !app->settings->mouse;

	app->settings->mouse = on;
	app_settings_changed(app);
	app->shell.mouse(app->shell_data, on);
	app_toast(app, "%s",
		  on ? _("The mouse works here; with Shift it selects text.")
		     : _("The mouse belongs to the terminal again."));
}

static void
toggle_freeze(App *app)
{
	gboolean frozen = !model_frozen(app->model);

	model_freeze(app->model, frozen);
	app->list_due = 0;
	app_feed_model(app);
	app_toast(app, "%s",
		  frozen ? _("The list stands still; . lets it go on.")
			 : _("The list is live again."));
}

/* What means the same wherever it works. */
static void
on_history(gpointer app, const char *text, gpointer unused)
{
	(void)unused;
	app_open(app, &view_history, text);
}

static gboolean
do_anywhere(App *app, Action action)
{
	if (action >= ACTION_SCREEN_1 && action <= ACTION_SCREEN_5) {
		app_go(app, action - ACTION_SCREEN_1);
		return TRUE;
	}
	switch ((int)action) {
	case ACTION_HELP:
		app_open(app, &view_help, app_front(app));
		return TRUE;
	case ACTION_PROFILE:
		app_open(app, &view_profile, NULL);
		return TRUE;
	case ACTION_PALETTE:
		app_open(app, &view_palette, app_front(app));
		return TRUE;
	case ACTION_HISTORY:
		app_ask(app, _("Finished mail with:"), "", on_history, NULL);
		return TRUE;
	case ACTION_COMMANDS:
		app_open(app, &view_commands, NULL);
		return TRUE;
	case ACTION_UNDO:
		app_undo(app);
		return TRUE;
	case ACTION_FLUSH:
		app_flush(app);
		return TRUE;
	case ACTION_OFFLINE:
		app_toggle_offline(app);
		return TRUE;
	case ACTION_FREEZE:
		toggle_freeze(app);
		return TRUE;
	case ACTION_MOUSE:
		toggle_mouse(app);
		return TRUE;
	case ACTION_BACK:
		app_close(app);
		return TRUE;
	case ACTION_REDRAW:
		app->shell.redraw(app->shell_data);
		return TRUE;
	case ACTION_SUSPEND:
		app->shell.suspend(app->shell_data);
		return TRUE;
	case ACTION_QUIT:
		app->shell.quit(app->shell_data);
		return TRUE;
	}
	return FALSE;
}

gboolean
app_do(App *app, Action action)
{
	View *front = app_front(app);
	const KeyRow *row = keys_row(action, front->ops->where);
	guint missing;

	if (!row)
		return FALSE;
	missing = row->needs & ~app_have(app);
	if (missing) {
		app_complain(app, "%s", refusal(app, missing));
		return TRUE;
	}
	app_changed(app);
	return front->ops->act(app, front->state, action) ||
	       do_anywhere(app, action);
}

static void
finish_prompt(App *app)
{
	Prompt *prompt = g_steal_pointer(&app->prompt);

	/* What it leads to may ask the next question. */
	prompt_finish(prompt);
	prompt_free(prompt);
}

static void
prompt_takes(App *app, const Stroke *stroke)
{
	switch (prompt_stroke(app->prompt, stroke)) {
	case PROMPT_GOES_ON:
		break;
	case PROMPT_LEFT:
		g_clear_pointer(&app->prompt, prompt_free);
		break;
	case PROMPT_DONE:
		finish_prompt(app);
		break;
	}
	app_changed(app);
}

static gboolean
click_tab(App *app, const Stroke *stroke)
{
	int column = 0;

	if (stroke->key != STROKE_CLICK || stroke->row != 1 ||
	    app->over->len || app->compact)
		return FALSE;
	for (guint i = 0; i < APP_SCREENS; i++) {
		column += g_utf8_strlen(_(app->screens[i].ops->title), -1) + 5;
		if (stroke->column < column) {
			app_go(app, i);
			return TRUE;
		}
	}
	return TRUE;
}

static void
wheel(App *app, Action action)
{
	for (guint i = 0; i < WHEEL_ROWS; i++)
		app_do(app, action);
}

void
app_stroke(App *app, const Stroke *stroke)
{
	View *front = app_front(app);
	const KeyRow *row;

	if (app->prompt) {
		prompt_takes(app, stroke);
		return;
	}
	if (app->toast && app->toast_error)
		g_clear_pointer(&app->toast, g_free);
	app_changed(app);
	if (front->ops->stroke &&
	    front->ops->stroke(app, front->state, stroke))
		return;
	if (click_tab(app, stroke))
		return;
	if (stroke->key == STROKE_WHEEL_UP)
		wheel(app, ACTION_UP);
	if (stroke->key == STROKE_WHEEL_DOWN)
		wheel(app, ACTION_DOWN);
	row = keys_find(stroke->key, front->ops->where);
	if (row)
		app_do(app, row->action);
}
