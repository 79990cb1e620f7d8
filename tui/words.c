// SPDX-License-Identifier: GPL-2.0-or-later
/* Words that several screens say. */
#include <libintl.h>
#include <string.h>

#include "common/text.h"
#include "tui/app.h"
#include "tui/record.h"

#define _(text) gettext(text)
#define N_(text) text

char *
words_mails(guint64 n)
{
	guint count = MIN(n, G_MAXUINT);

	return g_strdup_printf(ngettext("%u mail", "%u mails", count),
			       count);
}

Ink
words_state_ink(State state)
{
	switch (state) {
	case STATE_SENDING:
		return INK_BUSY;
	case STATE_UNDO:
	case STATE_WAITS:
	case STATE_RETRY:
	case STATE_HELD:
		return INK_WAIT;
	case STATE_FAILED:
		return INK_BAD;
	case STATE_SENT:
		return INK_GOOD;
	case STATE_TRASH:
		return INK_DIM;
	case STATE_QUEUED:
	case STATE_COUNT:
		break;
	}
	return INK_PLAIN;
}

const char *
words_state(State state)
{
	switch (state) {
	case STATE_SENDING:
		return _("sending");
	case STATE_UNDO:
		return _("undo");
	case STATE_QUEUED:
		return _("queued");
	case STATE_WAITS:
		return _("waits");
	case STATE_RETRY:
		return _("retry");
	case STATE_HELD:
		return _("held");
	case STATE_FAILED:
		return _("failed");
	case STATE_TRASH:
		return _("trash");
	case STATE_SENT:
		return _("sent");
	case STATE_COUNT:
		break;
	}
	return "";
}

char *
words_size(guint64 bytes)
{
	g_autofree char *size = text_size(bytes);
	gsize last = strlen(size) - 1;
	char unit = size[last];

	if (g_ascii_isdigit(unit))
		return g_strdup_printf("%s B", size);
	size[last] = '\0';
	return g_strdup_printf("%s %cB", size, unit);
}

/* The last @width columns hold "+2" when there are more recipients. */
void
words_draw_to(Canvas *canvas, const Row *row, int at, int column, int width,
	      guint style)
{
	g_autofree char *more = NULL;
	int rest;

	if (row->pending < 2 || width < 12) {
		canvas_text(canvas, at, column, width, style, row->to);
		return;
	}
	more = g_strdup_printf(" +%d", (int)MIN(row->pending - 1, 99999));
	rest = width - canvas_width(canvas, more);
	column += canvas_text(canvas, at, column, rest, style, row->to);
	canvas_text(canvas, at, column, -1, style, more);
}

/* For whom or what it waits, in ten columns. */
static char *
wait_words(const Row *row, gint64 now)
{
	static const struct {
		const char *wait, *words;
	} table[] = {
		{ "stopped", N_("stopped") },
		{ "queue-run", N_("for a run") },
		{ "settling", N_("settling") },
		{ "offline", N_("offline") },
		{ "pinned-offline", N_("offline") },
		{ "no-profile", N_("no profile") },
		{ "no-route", N_("no route") },
		{ "owner", N_("not yours") },
		{ "unsafe", N_("not safe") },
		{ "broken", N_("broken") },
		{ "route", N_("route down") },
	};

	for (guint i = 0; i < G_N_ELEMENTS(table); i++)
		if (g_str_equal(table[i].wait, row->wait))
			return g_strdup(_(table[i].words));
	if (row->next_try > now)
		return record_time(row->next_try, now);
	return *row->wait ? g_strdup_printf(_("for %s"), row->wait)
			  : g_strdup("—");
}

char *
words_next_try(const Row *row, gint64 now)
{
	switch (row->state) {
	case STATE_SENDING:
		return g_strdup_printf("%d%%", (int)CLAMP(row->progress, 0,
							  100));
	case STATE_UNDO:
		return g_strdup_printf(_("%d s left"),
				       (int)CLAMP(row->next_try - now, 0,
						  86400));
	case STATE_QUEUED:
		return g_strdup(_("in line"));
	case STATE_WAITS:
		return wait_words(row, now);
	case STATE_RETRY:
		if (row->next_try && row->next_try <= now)
			return g_strdup(_("now"));
		break;
	case STATE_FAILED:
		return g_strdup(_("returned"));
	case STATE_TRASH:
		return g_strdup(_("deleted"));
	case STATE_SENT:
		return g_strdup("");
	case STATE_HELD:
	case STATE_COUNT:
		return g_strdup("—");
	}
	return row->next_try ? record_time(row->next_try, now)
			     : g_strdup("—");
}
