// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What all screens share: the link, the queue, what was last heard of
 * status, routes, profiles and networks, toasts, undo, the prompt, and
 * which screen is in front. Knows no ncurses: main gives it strokes and a
 * canvas, and asks when to wake up.
 */
#ifndef MASQMAIL_TUI_APP_H
#define MASQMAIL_TUI_APP_H

#include "tui/link.h"
#include "tui/model.h"
#include "tui/prompt.h"
#include "tui/settings.h"
#include "tui/view.h"

#define APP_SCREENS 5
#define APP_TOAST_SECONDS 6
#define APP_COMMANDS 100 /* echoed lines kept */
#define APP_SPARK 9      /* minutes of the sparkline */
#define APP_MIN_ROWS 10  /* below this, one line of status */
#define APP_MIN_COLUMNS 40

/* What only main can do, for it owns the terminal and the loop. */
typedef struct {
	/* There is something to draw that was not there before. */
	void (*changed)(gpointer data);
	void (*quit)(gpointer data);
	void (*suspend)(gpointer data);
	void (*redraw)(gpointer data);
	void (*mouse)(gpointer data, gboolean on);
	/* Show @text in the user's pager. */
	void (*page)(gpointer data, const char *text, gsize size);
	void (*copy)(gpointer data, const char *text);
} AppShell;

typedef struct {
	const ViewOps *ops;
	gpointer state;
} View;

struct App {
	Link *link;
	Model *model;
	GVariant *status;   /* a{sv}; (nullable) like the three below */
	GVariant *routes;   /* aa{sv} */
	GVariant *profiles; /* aa{sv} */
	GVariant *networks; /* a{sv} */
	char *down_why;     /* why there is no daemon; NULL while there is */
	gboolean ever_up;

	gint64 now;       /* Unix seconds, set by main before each turn */
	gboolean read_only, plain;
	Settings *settings;
	char *settings_path;

	View screens[APP_SCREENS];
	guint screen;
	GPtrArray *over; /* of View, the last one in front */
	Prompt *prompt;  /* (nullable) */
	int rows, columns;
	gboolean compact, ascii;

	char *toast;
	gboolean toast_error; /* stays until a key is pressed */
	gint64 toast_until;
	char *undo_verb; /* (nullable) */
	char **undo_ids;
	GVariant *undo_options; /* a{sv}; (nullable) */
	GPtrArray *commands; /* of char: masqctl lines, oldest first */
	char *found;         /* what / looked for; (nullable) */

	guint spark[APP_SPARK]; /* sent per minute, the last is now */
	gint64 spark_minute;
	guint serial;    /* of opened messages */
	gint64 list_due; /* when a stale window may be asked for again */

	AppShell shell;
	gpointer shell_data;
	gboolean dirty; /* something is to be drawn */
};

/* @settings: the file of the user's own settings. */
App *app_new(const char *socket, const char *settings, const AppShell *shell,
	     gpointer data);
/* The view was changed: remember how. */
void app_settings_changed(App *app);
void app_start(App *app);
void app_free(App *app);

/* Draw all of it on a canvas of its size. */
void app_draw(App *app, Canvas *canvas);
void app_stroke(App *app, const Stroke *stroke);

/*
 * It is app->now: let go what had its time. Returns when to be called
 * again, in Unix seconds; 0: only when something happens.
 */
gint64 app_tick(App *app);

/* Something to see has changed. */
void app_changed(App *app);

/* The view in front. (transfer none) */
View *app_front(App *app);
void app_open(App *app, const ViewOps *ops, gconstpointer argument);
void app_close(App *app);
void app_go(App *app, guint screen);

/* NEEDS_* bits that are met just now. */
guint app_have(App *app);

/* Do what a key would, if it can be done now. */
gboolean app_do(App *app, Action action);

void app_toast(App *app, const char *format, ...) G_GNUC_PRINTF(2, 3);
void app_complain(App *app, const char *format, ...) G_GNUC_PRINTF(2, 3);

/*
 * A call whose failure is only to be told. @reply (nullable) is called with
 * @app and the body, when all went well.
 */
typedef void (*AppReply)(App *app, GVariant *body, gpointer data);
void app_call(App *app, const char *method, GVariant *body, AppReply reply,
	      gpointer data, GDestroyNotify destroy);

/* Ask for more rows of the queue if the model wants some. */
void app_feed_model(App *app);

/* Ask again for what is not told by Watch. */
void app_refresh_profiles(App *app);
void app_refresh_all(App *app);

/*
 * Change messages: @verb of Act, @ids (transfer none; empty: all), one
 * option or NULL. Says what came of it, keeps the undo, and echoes the
 * masqctl line.
 */
void app_act(App *app, const char *verb, char **ids, const char *option,
	     const char *value);

/*
 * The same with a whole a{sv} of @options (sunk). @undo (sunk): those with
 * which the same verb takes it back.
 */
void app_act_with(App *app, const char *verb, char **ids, GVariant *options,
		  GVariant *undo);

/* Act on @ids as the keys do, asking first where it cannot be undone. */
void app_act_key(App *app, Action action, char **ids, const Row *row);
void app_undo(App *app);
/* Take back what has not left yet; FALSE: @row (nullable) is none such. */
gboolean app_take_back(App *app, const Row *row);
/* Retry all that goes where @row (nullable) goes, or comes whence it comes. */
void app_retry_alike(App *app, Action action, const Row *row);
void app_flush(App *app);
void app_pin(App *app, const char *profile, const char *until,
	     gint64 seconds);
/* Keep everything here, or follow the network again. */
void app_toggle_offline(App *app);

/* Keep a line of what was done, as masqctl would. */
void app_echo(App *app, const char *line);

/* Ask for one line; takes it to @done unless Esc. */
void app_ask(App *app, const char *label, const char *text,
	     PromptDone done, PromptDone changed);
/* Ask for one key: @yes is called only on y. @data is freed with g_free. */
void app_confirm(App *app, const char *question, PromptDone yes,
		 gpointer data, GDestroyNotify destroy);

/* The frame around the views: frame.c. */
void frame_draw(App *app, Canvas *canvas);
void frame_draw_foot(App *app, Canvas *canvas);
/* "Home (auto)", "Work (pinned)", "no profile". (transfer full) */
char *frame_profile(const App *app);

/* Small words shared by views: words.c. (transfer full) */
char *words_mails(guint64 n);
char *words_size(guint64 bytes);
/* "14:40", "in line", "for Work", "62%". */
char *words_next_try(const Row *row, gint64 now);
Ink words_state_ink(State state);
/* The recipient, and how many more there are, in @width columns. */
void words_draw_to(Canvas *canvas, const Row *row, int at, int column,
		   int width, guint style);
const char *words_state(State state);

#endif
