// SPDX-License-Identifier: GPL-2.0-or-later
/* Drawn from the key table alone: a key that works is in here. */
#include <libintl.h>
#include <string.h>

#include "tui/app.h"
#include "tui/list.h"

#define _(text) gettext(text)
#define N_(text) text
#define BOX_TOP 2
#define KEY_COLUMNS_MAX 13
#define BLOCKS 3

typedef struct {
	const ViewOps *ops; /* whose keys */
	GString *wanted;    /* what is searched for */
	guint top;          /* scrolled by so many lines */
} Help;

/* One line of a block: a title without keys, or keys and what they do. */
typedef struct {
	char *keys, *words;
} Line;

static void
line_free(gpointer data)
{
	Line *line = data;

	g_free(line->keys);
	g_free(line->words);
	g_free(line);
}

static gpointer
help_new(App *app, gconstpointer argument)
{
	const View *below = argument;
	Help *help = g_new0(Help, 1);

	(void)app;
	help->ops = below->ops;
	help->wanted = g_string_new(NULL);
	return help;
}

static void
help_free(gpointer state)
{
	Help *help = state;

	g_string_free(help->wanted, TRUE);
	g_free(help);
}

static const struct {
	const char *name, *glyph;
} arrows[] = {
	{ "Up", "↑" }, { "Down", "↓" }, { "Left", "←" }, { "Right", "→" },
};

/* "r  F5"; arrows as such, and no second spelling with Ctrl. */
static char *
key_words(const KeyRow *row)
{
	g_auto(GStrv) names = g_strsplit(row->strokes, " ", -1);
	GString *words = g_string_new(NULL);
	guint n = g_strv_length(names);

	for (guint i = 0; i < n; i++) {
		const char *name = names[i];

		if (n > 1 && g_str_has_prefix(name, "Ctrl-"))
			continue;
		for (guint k = 0; k < G_N_ELEMENTS(arrows); k++)
			if (g_str_equal(arrows[k].name, name))
				name = arrows[k].glyph;
		if (words->len)
			g_string_append_c(words, ' ');
		g_string_append(words, name);
	}
	return g_string_free(words, FALSE);
}

static gboolean
is_wanted(const Help *help, const KeyRow *row)
{
	g_autofree char *words = NULL;

	if (!help->wanted->len)
		return TRUE;
	words = g_utf8_strdown(_(row->help), -1);
	return strstr(words, help->wanted->str) ||
	       strstr(row->strokes, help->wanted->str);
}

static void
add_line(GPtrArray *lines, char *keys, const char *words)
{
	Line *line = g_new0(Line, 1);

	line->keys = keys;
	line->words = g_strdup(words);
	g_ptr_array_add(lines, line);
}

/* Neighbours in the table that are told by the same words share a line. */
static void
add_key(GPtrArray *lines, const KeyRow *row)
{
	Line *last = lines->len ? lines->pdata[lines->len - 1] : NULL;
	char *keys = key_words(row);

	if (last && last->keys && g_str_equal(last->words, _(row->help))) {
		g_autofree char *old = last->keys;

		last->keys = g_strdup_printf("%s %s", old, keys);
		g_free(keys);
		return;
	}
	add_line(lines, keys, _(row->help));
}

static void
add_group(const Help *help, GPtrArray *lines, KeyGroup group)
{
	guint before = lines->len;

	if (before)
		add_line(lines, NULL, "");
	add_line(lines, NULL, keys_group_title(group));
	for (const KeyRow *row = keys_table; row->action; row++)
		if (row->group == group && row->where & help->ops->where &&
		    is_wanted(help, row))
			add_key(lines, row);
	if (lines->len == before + (before ? 2 : 1))
		g_ptr_array_set_size(lines, before);
}

/* Moving and tagging left, acting in the middle, looking right. */
static GPtrArray *
block_lines(const Help *help, guint block)
{
	GPtrArray *lines = g_ptr_array_new_with_free_func(line_free);

	if (block == 0) {
		add_group(help, lines, KEYS_MOVE);
		add_group(help, lines, KEYS_TAG);
	} else {
		add_group(help, lines, block == 1 ? KEYS_ACT : KEYS_LOOK);
	}
	return lines;
}

/* How wide the keys of a block are drawn. */
static int
key_columns(const Canvas *canvas, GPtrArray *lines)
{
	int widest = 4;

	for (guint i = 0; i < lines->len; i++) {
		const Line *line = lines->pdata[i];

		if (line->keys)
			widest = MAX(widest,
				     canvas_width(canvas, line->keys));
	}
	return MIN(widest, KEY_COLUMNS_MAX - 2) + 2;
}

static void
draw_block(const Help *help, Canvas *canvas, guint block, int at, int left,
	   int rows, int width)
{
	g_autoptr(GPtrArray) lines = block_lines(help, block);
	int keys = key_columns(canvas, lines);

	for (int i = 0; i < rows && help->top + i < lines->len; i++) {
		const Line *line = lines->pdata[help->top + i];
		int column = left;

		if (!line->keys) {
			canvas_text(canvas, at + i, left, width,
				    INK_ACCENT | STYLE_BOLD, line->words);
			continue;
		}
		canvas_text(canvas, at + i, left, width - 2,
			    INK_PLAIN | STYLE_BOLD, line->keys);
		column += MAX(canvas_width(canvas, line->keys) + 1, keys);
		canvas_text(canvas, at + i, column, left + width - column,
			    INK_PLAIN, line->words);
	}
}

static void
draw_states(Canvas *canvas, int at, int left, int width)
{
	int column = left;

	column += canvas_text(canvas, at, column, 9, INK_ACCENT | STYLE_BOLD,
			      _("States")) + 2;
	for (State state = STATE_SENDING; state < STATE_COUNT; state++) {
		int needed = canvas_width(canvas, words_state(state)) + 2;

		if (column + needed > left + width)
			return;
		column += canvas_print(canvas, at, column, -1,
				       words_state_ink(state), "%s %s",
				       row_state_glyph(state),
				       words_state(state)) + 1;
	}
}

static void
draw_notes(const Help *help, Canvas *canvas, int at, int left, int width)
{
	if (help->ops->where == ON_QUEUE) {
		draw_states(canvas, at, left, width);
		canvas_text(canvas, at + 1, left, 8,
			    INK_ACCENT | STYLE_BOLD, _("Filter"));
		canvas_text(canvas, at + 1, left + 8, width - 8, INK_PLAIN,
			    "to:example.org from:rita is:retry age>2h "
			    "size>1M why:lookup");
	}
	canvas_text(canvas, at + 2, left, width, INK_DIM,
		    _("Quitting never stops the mail: the daemon keeps "
		      "working without you."));
}

/* Narrow terminals get the blocks one below the other. */
static void
draw_compact(const Help *help, Canvas *canvas, int top, int rows)
{
	Help shifted = *help;
	guint skip = help->top, used = 0;

	for (guint block = 0; block < BLOCKS && (int)used < rows; block++) {
		g_autoptr(GPtrArray) lines = block_lines(help, block);

		if (skip >= lines->len) {
			skip -= lines->len;
			continue;
		}
		shifted.top = skip;
		draw_block(&shifted, canvas, block, top + used, 2,
			   rows - used, canvas->columns - 4);
		used += lines->len - skip;
		skip = 0;
	}
}

/* Whether a block has lines below the @rows that are shown. */
static gboolean
has_more(const Help *help, int rows)
{
	for (guint block = 0; block < BLOCKS; block++) {
		g_autoptr(GPtrArray) lines = block_lines(help, block);

		if (lines->len > help->top + rows)
			return TRUE;
	}
	return FALSE;
}

static char *
foot_words(const Help *help, int rows)
{
	if (help->wanted->len)
		return g_strdup_printf(_("with “%s” · Esc close"),
				       help->wanted->str);
	return g_strdup(has_more(help, rows)
				? _("type to search keys · ↓ more · Esc close")
				: _("type to search keys · Esc close"));
}

static void
help_draw(App *app, gpointer state, Canvas *canvas)
{
	Help *help = state;
	int left = app->compact ? 0 : 3;
	int columns = canvas->columns - 2 * left;
	int rows = canvas->rows - BOX_TOP - 2, width = (columns - 4) / BLOCKS;
	g_autofree char *title = g_strdup_printf(
		_("Keys: %s"), _(help->ops->title));
	g_autofree char *foot =
		foot_words(help, app->compact ? rows - 2 : rows - 5);

	canvas_box(canvas, BOX_TOP, left, rows, columns, title, foot);
	canvas_cursor(canvas, BOX_TOP, left + 3);
	if (app->compact) {
		draw_compact(help, canvas, BOX_TOP + 1, rows - 2);
		return;
	}
	for (guint i = 0; i < BLOCKS; i++)
		draw_block(help, canvas, i, BOX_TOP + 1, left + 2 + width * i,
			   rows - 5, width - 1);
	draw_notes(help, canvas, BOX_TOP + rows - 4, left + 2, columns - 4);
}

static gboolean
help_act(App *app, gpointer state, Action action)
{
	Help *help = state;

	(void)app;
	switch ((int)action) {
	case ACTION_UP:
		help->top -= help->top > 0;
		return TRUE;
	case ACTION_DOWN:
		help->top++;
		return TRUE;
	case ACTION_PAGE_UP:
	case ACTION_FIRST:
		help->top = 0;
		return TRUE;
	case ACTION_PAGE_DOWN:
	case ACTION_LAST:
		help->top += 5;
		return TRUE;
	}
	return FALSE;
}

/* Letters search; only what is no character moves and leaves. */
static gboolean
help_stroke(App *app, gpointer state, const Stroke *stroke)
{
	Help *help = state;

	(void)app;
	if (stroke->key == STROKE_BACKSPACE && help->wanted->len) {
		const char *end = help->wanted->str + help->wanted->len;
		const char *last = g_utf8_find_prev_char(help->wanted->str,
							 end);

		g_string_truncate(help->wanted, last - help->wanted->str);
		return TRUE;
	}
	if (stroke->key <= ' ' || stroke->key >= STROKE_SPECIAL ||
	    help->wanted->len > 30)
		return FALSE;
	g_string_append_unichar(help->wanted, stroke->key);
	help->top = 0;
	return TRUE;
}

const ViewOps view_help = {
	.title = N_("Help"),
	.where = ON_HELP,
	.popup = TRUE,
	.new = help_new,
	.free = help_free,
	.draw = help_draw,
	.act = help_act,
	.stroke = help_stroke,
};
