// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Keys in, screens out: starts tests/screens/engine and masqtui in a
 * terminal emulator, follows a script and compares what is seen.
 *
 *	play SCRIPT.screen	the pictures are beside it: NAME.expect
 *
 * A line of a script is one of
 *
 *	# comment
 *	size ROWS COLUMNS	of the terminal; also later: it is resized
 *	set NAME=VALUE		in the environment, before run
 *	queue N			N more messages stand in the queue
 *	run [OPTIONS]		start both
 *	attach [OPTIONS]	start masqtui on the daemon that is there
 *	keys KEY...		press them: a, F5, Enter, Ctrl-L, Up, ...
 *	click ROW COLUMN	press the left button; from 0
 *	wheel up | down
 *	type TEXT		the same for each of its characters
 *	tell LINE		to the engine, see engine.c
 *	kill engine		it goes away
 *	start engine		and comes back
 *	wait TEXT		until the screen shows it
 *	expect NAME		the screen is that of NAME.expect
 *	styled NAME		the same, with a map of bold, reverse, colour
 *	exit STATUS		masqtui has ended so
 *
 * With SCREENS_UPDATE set, pictures are written instead of compared.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib.h>
#include <vterm.h>

#define PATIENCE_MS 10000
#define QUIET_MS 400 /* before a picture is written */
#define NOW "1747319520"

typedef struct {
	char *folder, *socket, *scratch;
	guint messages, line;
	int rows, columns;
	VTerm *vterm;
	VTermScreen *screen;
	int terminal, orders; /* the pty; the engine's standard input */
	pid_t tui, engine;
	gboolean blank; /* nothing was sent by the tui yet */
} Player;

/* What may have come into being there. */
static void
remove_all(const char *folder)
{
	static const char *const names[] = { "masqmail/tui", "masqmail",
					     "submit", "" };

	for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path =
			g_build_filename(folder, names[i], NULL);

		remove(path);
	}
}

static void
fail(Player *player, const char *format, ...)
{
	va_list arguments;

	fprintf(stderr, "line %u: ", player->line);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	if (player->tui > 0)
		kill(player->tui, SIGKILL);
	if (player->engine > 0)
		kill(player->engine, SIGKILL);
	remove_all(player->scratch);
	exit(1);
}

static void
append_cell(Player *player, GString *text, int row, int column)
{
	VTermPos at = { .row = row, .col = column };
	VTermScreenCell cell;

	vterm_screen_get_cell(player->screen, at, &cell);
	if (cell.chars[0] == (uint32_t)-1)
		return; /* the right half of a wide one */
	if (!cell.chars[0])
		g_string_append_c(text, ' ');
	for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i]; i++)
		g_string_append_unichar(text, cell.chars[i]);
}

/* One letter for what stands out: B old, R everse, U nderline, a colour. */
static char
style_of(Player *player, int row, int column)
{
	VTermPos at = { .row = row, .col = column };
	VTermScreenCell cell;

	vterm_screen_get_cell(player->screen, at, &cell);
	if (cell.attrs.reverse)
		return 'R';
	if (cell.attrs.underline)
		return 'U';
	if (!VTERM_COLOR_IS_DEFAULT_FG(&cell.fg))
		return cell.attrs.bold ? 'C' : 'c';
	return cell.attrs.bold ? 'B' : '.';
}

static char *
picture(Player *player, gboolean styled)
{
	GString *text = g_string_new(NULL);

	for (int row = 0; row < player->rows; row++) {
		for (int column = 0; column < player->columns; column++)
			append_cell(player, text, row, column);
		g_string_append_c(text, '\n');
	}
	for (int row = 0; styled && row < player->rows; row++) {
		for (int column = 0; column < player->columns; column++)
			g_string_append_c(text,
					  style_of(player, row, column));
		g_string_append_c(text, '\n');
	}
	return g_string_free(text, FALSE);
}

/* Let the terminal take what comes within @ms; FALSE: nothing came. */
static gboolean
listen_for(Player *player, int ms)
{
	struct pollfd item = { .fd = player->terminal, .events = POLLIN };
	char bytes[8192];
	ssize_t got;

	if (poll(&item, 1, ms) <= 0)
		return FALSE;
	got = read(player->terminal, bytes, sizeof(bytes));
	if (got <= 0)
		return FALSE;
	vterm_input_write(player->vterm, bytes, got);
	return TRUE;
}

static int
left_of(gint64 end)
{
	return MAX((end - g_get_monotonic_time()) / 1000, 0);
}

static void
await(Player *player, const char *wanted)
{
	gint64 end = g_get_monotonic_time() + PATIENCE_MS * 1000;
	g_autofree char *seen = picture(player, FALSE);

	while (!strstr(seen, wanted)) {
		if (!left_of(end))
			fail(player, "“%s” does not appear in\n%s", wanted,
			     seen);
		listen_for(player, MIN(left_of(end), 200));
		g_free(seen);
		seen = picture(player, FALSE);
	}
}

static void
show_difference(const char *wanted, const char *seen)
{
	g_auto(GStrv) a = g_strsplit(wanted, "\n", -1);
	g_auto(GStrv) b = g_strsplit(seen, "\n", -1);

	for (guint i = 0; a[i] && b[i]; i++) {
		if (g_str_equal(a[i], b[i]))
			fprintf(stderr, "  %s\n", a[i]);
		else
			fprintf(stderr, "- %s\n+ %s\n", a[i], b[i]);
	}
}

static void
expect(Player *player, const char *name, gboolean styled)
{
	g_autofree char *path = g_strdup_printf("%s/%s.expect",
						player->folder, name);
	gint64 end = g_get_monotonic_time() + PATIENCE_MS * 1000;
	g_autofree char *seen = NULL;
	g_autofree char *wanted = NULL;

	if (getenv("SCREENS_UPDATE")) {
		while (listen_for(player, QUIET_MS))
			continue;
		seen = picture(player, styled);
		g_file_set_contents(path, seen, -1, NULL);
		return;
	}
	if (!g_file_get_contents(path, &wanted, NULL, NULL))
		fail(player, "no picture %s", path);
	for (;;) {
		g_free(seen);
		seen = picture(player, styled);
		if (g_str_equal(seen, wanted))
			return;
		if (!left_of(end)) {
			show_difference(wanted, seen);
			fail(player, "the screen is not %s", name);
		}
		listen_for(player, MIN(left_of(end), 200));
	}
}

static void
start_engine(Player *player)
{
	g_autofree char *fixture =
		g_strdup_printf("%s/fixture", player->folder);
	g_autofree char *count = g_strdup_printf("%u", player->messages);
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		fail(player, "pipe: %s", g_strerror(errno));
	player->engine = fork();
	if (player->engine == 0) {
		dup2(ends[0], STDIN_FILENO);
		execl("tests/screens/engine", "engine", player->socket,
		      fixture, count, (char *)NULL);
		_exit(127);
	}
	close(ends[0]);
	player->orders = ends[1];
}

static void
stop_engine(Player *player)
{
	kill(player->engine, SIGKILL);
	waitpid(player->engine, NULL, 0);
	close(player->orders);
	player->engine = 0;
}

/* What the script sets itself comes after this. */
static void
prepare_environment(void)
{
	static const char *const unwanted[] = {
		"COLUMNS", "LANGUAGE", "LINES", "NO_COLOR", "PAGER",
	};

	/* The emulator cannot repeat a character, so it is no xterm. */
	g_setenv("TERM", "screen-256color", TRUE);
	g_setenv("LC_ALL", "C.UTF-8", TRUE);
	g_setenv("TZ", "UTC", TRUE);
	for (guint i = 0; i < G_N_ELEMENTS(unwanted); i++)
		g_unsetenv(unwanted[i]);
}

/* A scenario has it in its path; else it is where it was built. */
static const char *
program(void)
{
	return access("./masqtui", X_OK) == 0 ? "./masqtui" : "masqtui";
}

static void
attach(Player *player, const char *options)
{
	struct winsize size = { .ws_row = player->rows,
				.ws_col = player->columns };
	g_autofree char *line = g_strdup_printf("masqtui %s", options);
	g_auto(GStrv) words = g_strsplit(g_strchomp(line), " ", -1);

	if (player->vterm)
		vterm_free(player->vterm);
	player->vterm = vterm_new(player->rows, player->columns);
	vterm_set_utf8(player->vterm, 1);
	player->screen = vterm_obtain_screen(player->vterm);
	vterm_screen_enable_altscreen(player->screen, 1);
	vterm_screen_reset(player->screen, 1);
	player->tui = forkpty(&player->terminal, NULL, NULL, &size);
	if (player->tui == 0) {
		execvp(program(), words);
		_exit(127);
	}
	fcntl(player->terminal, F_SETFD, FD_CLOEXEC);
}

static void
run(Player *player, const char *options)
{
	g_autofree char *line = g_strdup_printf("--socket %s --now " NOW
						" %s",
						player->socket, options);


	g_setenv("XDG_STATE_HOME", player->scratch, TRUE);
	if (player->engine)
		stop_engine(player);
	unlink(player->socket);
	start_engine(player);
	while (access(player->socket, F_OK) < 0)
		g_usleep(2000);
	attach(player, g_strchomp(line));
}

static const struct {
	const char *name, *bytes;
} special[] = {
	{ "Up", "\033OA" },	 { "Down", "\033OB" },
	{ "Right", "\033OC" },	 { "Left", "\033OD" },
	{ "Home", "\033[1~" },	 { "End", "\033[4~" },
	{ "PgUp", "\033[5~" },	 { "PgDn", "\033[6~" },
	{ "F1", "\033OP" },	 { "F2", "\033OQ" },
	{ "F3", "\033OR" },	 { "F4", "\033OS" },
	{ "F5", "\033[15~" },	 { "F6", "\033[17~" },
	{ "F7", "\033[18~" },	 { "F8", "\033[19~" },
	{ "F10", "\033[21~" },	 { "Enter", "\r" },
	{ "Esc", "\033" },	 { "Tab", "\t" },
	{ "Shift-Tab", "\033[Z" }, { "Space", " " },
	{ "Backspace", "\177" },
};

static void
press(Player *player, const char *bytes)
{
	if (write(player->terminal, bytes, strlen(bytes)) < 0)
		fail(player, "write: %s", g_strerror(errno));
}

static void
press_key(Player *player, const char *name)
{
	char control[2] = { 0 };

	for (guint i = 0; i < G_N_ELEMENTS(special); i++)
		if (g_str_equal(special[i].name, name)) {
			press(player, special[i].bytes);
			/* Escape alone is one only after a pause. */
			if (g_str_equal(name, "Esc"))
				g_usleep(60000);
			return;
		}
	if (g_str_has_prefix(name, "Ctrl-")) {
		control[0] = name[5] & 0x1f;
		press(player, control);
		return;
	}
	press(player, name);
}

static void
mouse(Player *player, int button, int row, int column)
{
	g_autofree char *bytes = g_strdup_printf(
		"\033[M%c%c%c", button + 32, column + 33, row + 33);

	press(player, bytes);
}

static void
click(Player *player, const char *rest)
{
	int row, column;

	if (sscanf(rest, "%d %d", &row, &column) != 2)
		fail(player, "click ROW COLUMN");
	mouse(player, 0, row, column);
	mouse(player, 3, row, column); /* let go */
}

static void
resize(Player *player, const char *rest)
{
	struct winsize size;

	if (sscanf(rest, "%d %d", &player->rows, &player->columns) != 2)
		fail(player, "size ROWS COLUMNS");
	if (!player->tui)
		return;
	size = (struct winsize){ .ws_row = player->rows,
				 .ws_col = player->columns };
	vterm_set_size(player->vterm, player->rows, player->columns);
	ioctl(player->terminal, TIOCSWINSZ, &size);
}

static void
await_exit(Player *player, int wanted)
{
	gint64 end = g_get_monotonic_time() + PATIENCE_MS * 1000;
	int status;

	while (waitpid(player->tui, &status, WNOHANG) == 0) {
		if (!left_of(end))
			fail(player, "masqtui does not end");
		listen_for(player, 50);
	}
	player->tui = 0;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != wanted)
		fail(player, "masqtui ended with status 0x%x", status);
}

static void
tell(Player *player, const char *line)
{
	g_autofree char *order = g_strdup_printf("%s\n", line);

	if (write(player->orders, order, strlen(order)) < 0)
		fail(player, "the engine is gone");
}

static void
set(const char *assignment)
{
	g_auto(GStrv) parts = g_strsplit(assignment, "=", 2);

	g_setenv(parts[0], parts[1] ? parts[1] : "", TRUE);
}

static void
press_all(Player *player, const char *rest)
{
	g_auto(GStrv) names = g_strsplit(rest, " ", -1);

	for (guint i = 0; names[i]; i++)
		press_key(player, names[i]);
}

static void
obey(Player *player, const char *verb, const char *rest)
{
	if (g_str_equal(verb, "size"))
		resize(player, rest);
	else if (g_str_equal(verb, "set"))
		set(rest);
	else if (g_str_equal(verb, "queue"))
		player->messages = g_ascii_strtoull(rest, NULL, 10);
	else if (g_str_equal(verb, "run"))
		run(player, rest);
	else if (g_str_equal(verb, "attach"))
		attach(player, rest);
	else if (g_str_equal(verb, "keys"))
		press_all(player, rest);
	else if (g_str_equal(verb, "click"))
		click(player, rest);
	else if (g_str_equal(verb, "wheel"))
		mouse(player, *rest == 'u' ? 64 : 65, 5, 5);
	else if (g_str_equal(verb, "type"))
		press(player, rest);
	else if (g_str_equal(verb, "tell"))
		tell(player, rest);
	else if (g_str_equal(verb, "kill"))
		stop_engine(player);
	else if (g_str_equal(verb, "start"))
		start_engine(player);
	else if (g_str_equal(verb, "wait"))
		await(player, rest);
	else if (g_str_equal(verb, "expect"))
		expect(player, rest, FALSE);
	else if (g_str_equal(verb, "styled"))
		expect(player, rest, TRUE);
	else if (g_str_equal(verb, "exit"))
		await_exit(player, g_ascii_strtoull(rest, NULL, 10));
	else
		fail(player, "“%s” is no order", verb);
}

static void
play(Player *player, const char *script)
{
	g_auto(GStrv) lines = g_strsplit(script, "\n", -1);

	for (guint i = 0; lines[i]; i++) {
		g_auto(GStrv) parts = g_strsplit(lines[i], " ", 2);

		player->line = i + 1;
		if (!parts[0] || !*parts[0] || *parts[0] == '#')
			continue;
		obey(player, parts[0], parts[1] ? parts[1] : "");
	}
}

int
main(int argc, char **argv)
{
	Player player = { .rows = 24, .columns = 80 };
	g_autofree char *folder = g_dir_make_tmp("screens-XXXXXX", NULL);
	g_autofree char *script = NULL;

	setlocale(LC_ALL, "C.UTF-8");
	signal(SIGPIPE, SIG_IGN);
	if (argc != 2 || !g_file_get_contents(argv[1], &script, NULL, NULL))
		return 64;
	player.folder = g_path_get_dirname(argv[1]);
	player.scratch = folder;
	player.socket = g_build_filename(folder, "submit", NULL);
	prepare_environment();
	play(&player, script);
	if (player.tui)
		kill(player.tui, SIGTERM);
	if (player.tui)
		await_exit(&player, 0);
	if (player.engine)
		stop_engine(&player);
	if (player.vterm)
		vterm_free(player.vterm);
	remove_all(folder);
	g_free(player.folder);
	g_free(player.socket);
	return 0;
}
