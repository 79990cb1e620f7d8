// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One line to be typed at the foot of the screen, or one question answered
 * by a key. Pure but for the functions it calls; app owns at most one.
 */
#ifndef MASQMAIL_TUI_PROMPT_H
#define MASQMAIL_TUI_PROMPT_H

#include "tui/canvas.h"
#include "tui/term.h"

#define PROMPT_MAX 500 /* characters */

typedef void (*PromptDone)(gpointer app, const char *text, gpointer data);

typedef struct Prompt Prompt;

typedef enum {
	PROMPT_GOES_ON,
	PROMPT_LEFT,  /* by Esc, or any key but y */
	PROMPT_DONE,  /* prompt_finish tells whom it concerns */
} PromptResult;

/* @changed (nullable) is called after each change. */
Prompt *prompt_new(const char *label, const char *text, PromptDone done,
		   PromptDone changed, gpointer app);

/* A question: only y is yes. */
Prompt *prompt_new_question(const char *question, PromptDone yes,
			    gpointer app, gpointer data,
			    GDestroyNotify destroy);
void prompt_free(Prompt *prompt);

PromptResult prompt_stroke(Prompt *prompt, const Stroke *stroke);
void prompt_finish(Prompt *prompt);
const char *prompt_text(const Prompt *prompt);
void prompt_draw(const Prompt *prompt, Canvas *canvas, int row);

#endif
