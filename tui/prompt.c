// SPDX-License-Identifier: GPL-2.0-or-later
#include "tui/prompt.h"

#include <string.h>

struct Prompt {
	char *label;
	GString *text;
	gsize cursor; /* byte offset */
	gboolean question;
	PromptDone done, changed;
	gpointer app, data;
	GDestroyNotify destroy;
};

Prompt *
prompt_new(const char *label, const char *text, PromptDone done,
	   PromptDone changed, gpointer app)
{
	Prompt *prompt = g_new0(Prompt, 1);

	prompt->label = g_strdup(label);
	prompt->text = g_string_new(text);
	prompt->cursor = prompt->text->len;
	prompt->done = done;
	prompt->changed = changed;
	prompt->app = app;
	return prompt;
}

Prompt *
prompt_new_question(const char *question, PromptDone yes, gpointer app,
		    gpointer data, GDestroyNotify destroy)
{
	Prompt *prompt = prompt_new(question, "", yes, NULL, app);

	prompt->question = TRUE;
	prompt->data = data;
	prompt->destroy = destroy;
	return prompt;
}

void
prompt_free(Prompt *prompt)
{
	if (!prompt)
		return;
	if (prompt->destroy)
		prompt->destroy(prompt->data);
	g_string_free(prompt->text, TRUE);
	g_free(prompt->label);
	g_free(prompt);
}

static char *
at_cursor(const Prompt *prompt)
{
	return prompt->text->str + prompt->cursor;
}

static gsize
before_cursor(const Prompt *prompt)
{
	const char *before = g_utf8_find_prev_char(prompt->text->str,
						   at_cursor(prompt));

	return before ? (gsize)(before - prompt->text->str) : 0;
}

static void
erase_to(Prompt *prompt, gsize from)
{
	g_string_erase(prompt->text, from, prompt->cursor - from);
	prompt->cursor = from;
}

static void
erase_word(Prompt *prompt)
{
	gsize from = prompt->cursor;

	while (from > 0 && prompt->text->str[from - 1] == ' ')
		from--;
	while (from > 0 && prompt->text->str[from - 1] != ' ')
		from--;
	erase_to(prompt, from);
}

static void
insert(Prompt *prompt, gunichar c)
{
	char utf8[6];
	int size = g_unichar_to_utf8(c, utf8);

	if (g_utf8_strlen(prompt->text->str, -1) >= PROMPT_MAX)
		return;
	g_string_insert_len(prompt->text, prompt->cursor, utf8, size);
	prompt->cursor += size;
}

static void
move_right(Prompt *prompt)
{
	if (prompt->cursor < prompt->text->len)
		prompt->cursor = g_utf8_next_char(at_cursor(prompt)) -
				 prompt->text->str;
}

static void
edit(Prompt *prompt, guint key)
{
	switch (key) {
	case STROKE_LEFT:
		prompt->cursor = before_cursor(prompt);
		break;
	case STROKE_RIGHT:
		move_right(prompt);
		break;
	case STROKE_HOME:
	case 'A' & 0x1f:
		prompt->cursor = 0;
		break;
	case STROKE_END:
	case 'E' & 0x1f:
		prompt->cursor = prompt->text->len;
		break;
	case STROKE_BACKSPACE:
		erase_to(prompt, before_cursor(prompt));
		break;
	case 'U' & 0x1f:
		erase_to(prompt, 0);
		break;
	case 'W' & 0x1f:
		erase_word(prompt);
		break;
	default:
		if (key >= 0x20 && key < STROKE_SPECIAL &&
		    g_unichar_validate(key) && !g_unichar_iscntrl(key))
			insert(prompt, key);
	}
}

PromptResult
prompt_stroke(Prompt *prompt, const Stroke *stroke)
{
	if (stroke->key == STROKE_ESCAPE || stroke->key == ('C' & 0x1f) ||
	    stroke->key == ('G' & 0x1f))
		return PROMPT_LEFT;
	if (prompt->question)
		return stroke->key == 'y' || stroke->key == 'Y'
			       ? PROMPT_DONE
			       : PROMPT_LEFT;
	if (stroke->key == STROKE_ENTER)
		return PROMPT_DONE;
	edit(prompt, stroke->key);
	if (prompt->changed)
		prompt->changed(prompt->app, prompt->text->str, prompt->data);
	return PROMPT_GOES_ON;
}

void
prompt_finish(Prompt *prompt)
{
	if (prompt->done)
		prompt->done(prompt->app, prompt->text->str, prompt->data);
}

const char *
prompt_text(const Prompt *prompt)
{
	return prompt->text->str;
}

void
prompt_draw(const Prompt *prompt, Canvas *canvas, int row)
{
	g_autofree char *before =
		g_strndup(prompt->text->str, prompt->cursor);
	int column = 1, room, left;
	const char *text = prompt->text->str;

	canvas_repeat(canvas, row, 0, canvas->columns, INK_PLAIN, " ");
	column += canvas_text(canvas, row, column, -1,
			      INK_ACCENT | STYLE_BOLD, prompt->label) + 1;
	room = MAX(canvas->columns - column - 1, 1);
	left = canvas_width(canvas, before);
	/* What is typed stays in sight: leave out the beginning. */
	while (left >= room && *text) {
		text = g_utf8_next_char(text);
		left = canvas_width(canvas, before + (text -
						      prompt->text->str));
	}
	canvas_text(canvas, row, column, room, INK_PLAIN, text);
	canvas_cursor(canvas, row, column + left);
}
