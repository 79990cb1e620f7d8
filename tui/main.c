// SPDX-License-Identifier: GPL-2.0-or-later
#include "build.h"

#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include <glib-unix.h>
#include <libintl.h>

#include "common/paths.h"
#include "tui/app.h"
#include "tui/term.h"

#define _(text) gettext(text)
#define N_(text) text
#define FRAME_MS 100   /* at most ten pictures a second, keys apart */
#define KEYS_A_TURN 500
#define COPY_MAX 10000 /* bytes put on the terminal's clipboard */

typedef struct {
	GMainLoop *loop;
	App *app;
	Term *term;
	Canvas *canvas;
	GSource *clock; /* the one timer: minute, toasts, next picture */
	gint64 shown;   /* when the last picture was, monotonic */
	gint64 wake;    /* Unix seconds of the next tick; 0: none */
	int status;
} Program;

typedef struct {
	gboolean ascii, mono, blind, plain, read_only, no_mouse, version;
	char *socket, *filter, *config;
	gint64 now;
} Options;

/* With --now the clock stands still: for pictures and tests. */
static gint64 fixed_now;

static void
look_at_clock(Program *program)
{
	program->app->now = fixed_now ? fixed_now
				      : g_get_real_time() / G_USEC_PER_SEC;
}

static void
fit_canvas(Program *program)
{
	gboolean ascii = program->canvas->ascii;
	int rows, columns;

	term_size(program->term, &rows, &columns);
	canvas_free(program->canvas);
	program->canvas = canvas_new(rows, columns, ascii);
}

static void
show(Program *program)
{
	app_draw(program->app, program->canvas);
	term_show(program->term, program->canvas);
	program->shown = g_get_monotonic_time();
}

/* When app has to be ticked again, if nothing happens before. */
static void
set_clock(Program *program)
{
	gint64 due = -1;

	if (program->wake && !fixed_now)
		due = g_get_monotonic_time() - g_get_real_time() +
		      program->wake * G_USEC_PER_SEC;
	g_source_set_ready_time(program->clock, due);
}

static void
tick(Program *program)
{
	look_at_clock(program);
	program->wake = app_tick(program->app);
}

static void
refresh(Program *program)
{
	tick(program);
	show(program);
	set_clock(program);
}

static gboolean
on_clock(gpointer data)
{
	Program *program = data;

	refresh(program);
	return G_SOURCE_CONTINUE;
}

static gboolean
dispatch_clock(GSource *source, GSourceFunc callback, gpointer data)
{
	(void)source;
	return callback(data);
}

static GSourceFuncs clock_functions = { .dispatch = dispatch_clock };

/* Something is to be drawn: soon, but not more often than FRAME_MS. */
static void
shell_changed(gpointer data)
{
	Program *program = data;

	g_source_set_ready_time(program->clock,
				program->shown + FRAME_MS * 1000);
}

/* All waiting keys first, then one picture: fast scrolling stays fast. */
static gboolean
on_keys(gint fd, GIOCondition condition, gpointer data)
{
	Program *program = data;
	Stroke stroke;
	guint keys = 0;

	(void)fd;
	look_at_clock(program);
	while (keys < KEYS_A_TURN && term_read(program->term, &stroke)) {
		keys++;
		if (stroke.key != STROKE_NONE)
			app_stroke(program->app, &stroke);
	}
	if (!keys && condition & (G_IO_HUP | G_IO_ERR)) {
		g_main_loop_quit(program->loop);
		return G_SOURCE_REMOVE;
	}
	if (keys)
		refresh(program);
	return G_SOURCE_CONTINUE;
}

static gboolean
on_resize(gpointer data)
{
	Program *program = data;

	if (term_resized(program->term)) {
		fit_canvas(program);
		refresh(program);
	}
	return G_SOURCE_CONTINUE;
}

static gboolean
on_end(gpointer data)
{
	Program *program = data;

	g_main_loop_quit(program->loop);
	return G_SOURCE_CONTINUE;
}

static void
shell_quit(gpointer data)
{
	on_end(data);
}

static void
come_back(Program *program)
{
	term_return(program->term);
	fit_canvas(program);
	app_changed(program->app);
}

static void
shell_suspend(gpointer data)
{
	Program *program = data;

	struct sigaction usual = { .sa_handler = SIG_DFL }, before;

	term_leave(program->term);
	/* Not SIGSTOP: without a shell to wake us, this one is ignored. */
	sigaction(SIGTSTP, &usual, &before);
	kill(0, SIGTSTP);
	sigaction(SIGTSTP, &before, NULL);
	come_back(program);
}

static void
shell_redraw(gpointer data)
{
	Program *program = data;

	term_redraw(program->term);
	app_changed(program->app);
}

static void
shell_mouse(gpointer data, gboolean on)
{
	term_set_mouse(((Program *)data)->term, on);
}

/* An unnamed file: a pager that sends signals finds nothing to keep. */
static int
memory_file(const char *text, gsize size)
{
	int fd = memfd_create("message", MFD_CLOEXEC);

	if (fd >= 0 && (write(fd, text, size) < 0 ||
			lseek(fd, 0, SEEK_SET) < 0)) {
		close(fd);
		return -1;
	}
	return fd;
}

static gboolean
run_pager(int input)
{
	const char *pager = g_getenv("PAGER");
	g_auto(GStrv) words = NULL;
	posix_spawn_file_actions_t actions;
	pid_t child;
	int result;

	/* Words, not a shell's line: nothing in it is ever expanded. */
	if (!pager || !*pager ||
	    !g_shell_parse_argv(pager, NULL, &words, NULL))
		words = g_strsplit("less", " ", -1);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
	result = posix_spawnp(&child, words[0], &actions, NULL, words,
			      environ);
	posix_spawn_file_actions_destroy(&actions);
	if (result != 0)
		return FALSE;
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		continue;
	return TRUE;
}

static void
shell_page(gpointer data, const char *text, gsize size)
{
	Program *program = data;
	int fd = memory_file(text, size);
	gboolean ran;

	if (fd < 0) {
		app_complain(program->app, _("No memory for the pager: %s"),
			     g_strerror(errno));
		return;
	}
	term_leave(program->term);
	ran = run_pager(fd);
	close(fd);
	come_back(program);
	if (!ran)
		app_complain(program->app,
			     _("The pager named in PAGER cannot be started."));
}

/* OSC 52: the terminal puts it on its clipboard, also through ssh. */
static void
shell_copy(gpointer data, const char *text)
{
	gsize size = MIN(strlen(text), COPY_MAX);
	g_autofree char *code =
		g_base64_encode((const guchar *)text, size);

	(void)data;
	fprintf(stdout, "\033]52;c;%s\a", code);
	fflush(stdout);
}

static const AppShell shell = {
	.changed = shell_changed,
	.quit = shell_quit,
	.suspend = shell_suspend,
	.redraw = shell_redraw,
	.mouse = shell_mouse,
	.page = shell_page,
	.copy = shell_copy,
};

static void
add_sources(Program *program)
{
	program->clock = g_source_new(&clock_functions, sizeof(GSource));
	g_source_set_callback(program->clock, on_clock, program, NULL);
	g_source_attach(program->clock, NULL);
	g_unix_fd_add(STDIN_FILENO, G_IO_IN | G_IO_HUP | G_IO_ERR, on_keys,
		      program);
	g_unix_signal_add(SIGTERM, on_end, program);
	g_unix_signal_add(SIGHUP, on_end, program);
	g_unix_signal_add(SIGINT, on_end, program);
}

static App *
make_app(Program *program, const Options *options)
{
	g_autoptr(Paths) daemon = paths_client();
	g_autoptr(Paths) own = paths_user();
	g_autofree char *settings = g_build_filename(own->spool, "tui", NULL);
	App *app = app_new(options->socket ? options->socket : daemon->submit,
			   settings, &shell, program);

	app->read_only = options->read_only;
	app->plain = options->plain;
	if (options->no_mouse)
		app->settings->mouse = FALSE;
	if (options->filter)
		model_set_filter(app->model, options->filter);
	return app;
}

static int
run(Program *program, const Options *options)
{
	g_autoptr(GError) error = NULL;
	TermOptions term = { .mono = options->mono,
			     .blind = options->blind,
			     .mouse = program->app->settings->mouse };

	/* Before ncurses, which would take this signal else. */
	g_unix_signal_add(SIGWINCH, on_resize, program);
	program->term = term_open(&term, &error);
	if (!program->term) {
		fprintf(stderr, "masqtui: %s\n", error->message);
		return EX_UNAVAILABLE;
	}
	program->canvas = canvas_new(1, 1, options->ascii || term_is_ascii());
	fit_canvas(program);
	add_sources(program);
	look_at_clock(program);
	app_start(program->app);
	refresh(program);
	g_main_loop_run(program->loop);
	return EX_OK;
}

static const char *
translate(const char *text, gpointer unused)
{
	(void)unused;
	return gettext(text);
}

static gboolean
parse_options(int argc, char **argv, Options *options, GError **error)
{
	GOptionEntry entries[] = {
		{ "ascii", 0, 0, G_OPTION_ARG_NONE, &options->ascii,
		  N_("draw with ASCII characters only"), NULL },
		{ "colour-blind", 0, 0, G_OPTION_ARG_NONE, &options->blind,
		  N_("blue and orange instead of green and red"), NULL },
		{ "filter", 'f', 0, G_OPTION_ARG_STRING, &options->filter,
		  N_("show only mail that is like this"), N_("FILTER") },
		{ "mono", 0, 0, G_OPTION_ARG_NONE, &options->mono,
		  N_("no colours"), NULL },
		{ "no-mouse", 0, 0, G_OPTION_ARG_NONE, &options->no_mouse,
		  N_("leave the mouse to the terminal"), NULL },
		{ "now", 0, 0, G_OPTION_ARG_INT64, &options->now,
		  N_("let the clock stand still at this Unix time, for "
		     "pictures"),
		  N_("SECONDS") },
		{ "plain", 0, 0, G_OPTION_ARG_NONE, &options->plain,
		  N_("no clock and nothing that moves, for screen readers"),
		  NULL },
		{ "read-only", 0, 0, G_OPTION_ARG_NONE, &options->read_only,
		  N_("look, but change nothing"), NULL },
		{ "socket", 0, 0, G_OPTION_ARG_FILENAME, &options->socket,
		  N_("talk to the daemon at this socket"), N_("PATH") },
		{ "version", 0, 0, G_OPTION_ARG_NONE, &options->version,
		  N_("say the version and leave"), NULL },
		{ NULL },
	};
	GOptionContext *context = g_option_context_new(NULL);
	gboolean good;

	g_option_context_add_main_entries(context, entries, NULL);
	g_option_context_set_translate_func(context, translate, NULL, NULL);
	g_option_context_set_summary(
		context, _("Look after the mail queue, its routes and "
			   "networks, in a terminal."));
	good = g_option_context_parse(context, &argc, &argv, error);
	g_option_context_free(context);
	if (good && argc > 1) {
		g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
			    _("“%s” is no option"), argv[1]);
		return FALSE;
	}
	return good;
}

static void
free_program(Program *program)
{
	app_free(program->app);
	term_close(program->term);
	canvas_free(program->canvas);
	if (program->clock)
		g_source_unref(program->clock);
	g_main_loop_unref(program->loop);
}

int
main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	Program program = { 0 };
	Options options = { 0 };

	setlocale(LC_ALL, "");
	bindtextdomain(PACKAGE, LOCALEDIR);
	bind_textdomain_codeset(PACKAGE, "UTF-8");
	textdomain(PACKAGE);
	if (!parse_options(argc, argv, &options, &error)) {
		fprintf(stderr, "masqtui: %s\n", error->message);
		return EX_USAGE;
	}
	if (options.version) {
		printf("masqtui %s\n", PACKAGE_VERSION);
		return EX_OK;
	}
	fixed_now = options.now;
	program.loop = g_main_loop_new(NULL, FALSE);
	program.app = make_app(&program, &options);
	program.status = run(&program, &options);
	free_program(&program);
	g_free(options.socket);
	g_free(options.filter);
	return program.status;
}
