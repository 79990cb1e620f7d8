// SPDX-License-Identifier: GPL-2.0-or-later
#include "tui/view-queue-why.h"

#include <libintl.h>
#include <string.h>

#include "common/api.h"
#include "tui/record.h"

#define _(text) gettext(text)
#define LINES 4

/* When the engine told no reason, the state is one. */
static const char *
state_sentence(State state)
{
	switch (state) {
	case STATE_SENDING:
		return _("It is on its way just now.");
	case STATE_UNDO:
		return _("u takes it back; else it leaves in a moment.");
	case STATE_QUEUED:
		return _("It stands in line and goes as soon as it is its "
			 "turn.");
	case STATE_WAITS:
		return _("It waits for a network that may carry it.");
	case STATE_RETRY:
		return _("The last try did not succeed; it is tried again.");
	case STATE_HELD:
		return _("You hold it: nothing is tried until you release "
			 "it.");
	case STATE_FAILED:
		return _("It was refused for good and goes back to its "
			 "sender.");
	case STATE_TRASH:
		return _("It was deleted and can still be brought back.");
	case STATE_SENT:
		return _("It has left.");
	case STATE_COUNT:
		break;
	}
	return "";
}

static char *
tries_words(const App *app, const Row *row)
{
	g_autofree char *last = NULL;
	g_autofree char *tries = g_strdup_printf(
		ngettext("tried once", "tried %d times", row->tries),
		(int)row->tries);

	if (!row->last_try)
		return g_strdup(_("not tried yet"));
	last = record_time(row->last_try, app->now);
	if (*row->route)
		return g_strdup_printf(_("%s, last %s via %s"), tries, last,
				       row->route);
	return g_strdup_printf(_("%s, last %s"), tries, last);
}

/* The port says little here, and the line is short. */
static char *
host_words(const Row *row)
{
	const char *port = strrchr(row->host, ':');

	if (port && port[1] && strspn(port + 1, "0123456789") ==
				       strlen(port + 1))
		return g_strndup(row->host, port - row->host);
	return g_strdup(row->host);
}

static char *
from_words(const App *app, const Row *row)
{
	g_autofree char *tries = tries_words(app, row);
	g_autofree char *host = host_words(row);

	if (*host && *row->tls)
		return g_strdup_printf(_("from %s over %s · %s"), host,
				       row->tls, tries);
	if (*host)
		return g_strdup_printf(_("from %s · %s"), host, tries);
	return g_steal_pointer(&tries);
}

static char *
when_words(const App *app, const Row *row)
{
	g_autofree char *next = words_next_try(row, app->now);
	g_autofree char *end = row->gives_up
				       ? record_date(row->gives_up, app->now)
				       : NULL;

	if (row->state != STATE_RETRY || !row->next_try)
		return end ? g_strdup_printf(_("Gives up %s (only time online "
					       "counts)"), end)
			   : g_strdup("");
	if (end)
		return g_strdup_printf(_("Next try %s · gives up %s (only "
					 "time online counts)"), next, end);
	return g_strdup_printf(_("Next try %s"), next);
}

/* Sentence, answer, who said it, what comes next: as many as there are. */
static GPtrArray *
why_lines(const App *app, const Canvas *canvas, const Row *row)
{
	int width = canvas->columns - 4;
	guint room = *row->answer ? LINES - 2 : LINES - 1;
	const char *why = *row->why ? row->why : state_sentence(row->state);
	GPtrArray *lines = canvas_wrap(canvas, why, width, MAX(room, 1));
	gboolean tried = row->last_try != 0;

	if (*row->answer)
		g_ptr_array_add(lines, g_strdup(row->answer));
	if (tried && lines->len < LINES)
		g_ptr_array_add(lines, from_words(app, row));
	if (lines->len < LINES && !row->left_at)
		g_ptr_array_add(lines, when_words(app, row));
	return lines;
}

void
why_draw(App *app, Canvas *canvas, int at)
{
	const Row *row = model_focus(app->model);
	g_autoptr(GPtrArray) lines = NULL;

	if (!row)
		return;
	canvas_rule(canvas, at, 0, canvas->columns,
		    row->left_at ? _("What became of it?")
				 : _("Why is it still here?"),
		    row->id);
	lines = why_lines(app, canvas, row);
	for (guint i = 0; i < lines->len; i++)
		canvas_text(canvas, at + 1 + i, 2, canvas->columns - 4,
			    i == 0 ? INK_PLAIN | STYLE_BOLD : INK_PLAIN,
			    lines->pdata[i]);
}

void
why_draw_compact(App *app, Canvas *canvas, int at)
{
	const Row *row = model_focus(app->model);
	const char *words;

	if (!row)
		return;
	words = *row->answer ? row->answer
		: *row->why  ? row->why
			     : state_sentence(row->state);
	canvas_text(canvas, at, 1, canvas->columns - 2, INK_PLAIN, words);
}

static const char *
order_words(const char *order)
{
	if (g_str_equal(order, "next-try"))
		return _("next try");
	if (g_str_equal(order, "arrived"))
		return _("age");
	if (g_str_equal(order, "size"))
		return _("size");
	if (g_str_equal(order, "to"))
		return _("recipient");
	if (g_str_equal(order, "subject"))
		return _("subject");
	return _("state");
}

static void
append(GString *line, const char *words)
{
	if (line->len)
		g_string_append(line, " · ");
	g_string_append(line, words);
}

static void
append_live(App *app, GString *line)
{
	g_autofree char *frozen = NULL;

	if (app->down_why) {
		append(line, _("as last heard"));
	} else if (model_frozen(app->model)) {
		frozen = g_strdup_printf(_("frozen, +%u"),
					 model_unseen(app->model));
		append(line, frozen);
	} else {
		append(line, _("live"));
	}
	if (link_is_up(app->link) && !(link_roles(app->link) & ROLE_ADMIN))
		append(line, _("your own mail"));
	if (app->read_only)
		append(line, _("read only"));
}

static char *
status_left(App *app)
{
	GString *line = g_string_new(NULL);
	guint tags = model_tags(app->model);
	g_autofree char *tagged = g_strdup_printf(_("%u tagged"), tags);
	g_autofree char *filter = g_strdup_printf(
		_("only “%s”"), model_filter(app->model));
	g_autofree char *sorted = g_strdup_printf(
		_("sorted by %s %s"), order_words(model_order(app->model)),
		model_reversed(app->model) ? "▼" : "▲");

	if (!app->down_why && !record_flag(app->status, "online"))
		append(line, _("offline: mail waits safely here"));
	if (tags)
		append(line, tagged);
	if (*model_filter(app->model))
		append(line, filter);
	append(line, sorted);
	append_live(app, line);
	return g_string_free(line, FALSE);
}

static char *
status_right(App *app)
{
	g_autofree char *bytes =
		words_size(record_number(app->status, "bytes"));
	g_autofree char *state = record_text(app->status, "queue-state");
	guint total = model_total(app->model);

	if (*state)
		return g_strdup_printf(_("the queue is read-only: %s"),
				       state);
	if (*model_filter(app->model))
		return g_strdup_printf(ngettext("%u matches", "%u match",
						total), total);
	return g_strdup_printf(_("%u in queue, %s"), total, bytes);
}

/* A broken file of the configuration is nobody's but its owner's to mend. */
static void
draw_error(App *app, Canvas *canvas, int at)
{
	g_auto(GStrv) errors = record_words(app->status, "errors");

	if (errors[0])
		canvas_print(canvas, at, 1, canvas->columns - 2,
			     INK_BAD | STYLE_BOLD, "! %s", errors[0]);
}

void
why_draw_status(App *app, Canvas *canvas, int at)
{
	g_autofree char *left = status_left(app);
	g_autofree char *right = NULL;
	int width;

	if (!model_heard(app->model))
		return;
	draw_error(app, canvas, at - 1);
	right = status_right(app);
	width = canvas_width(canvas, right);
	canvas_right(canvas, at, 0, canvas->columns - 1, INK_DIM, right);
	canvas_text(canvas, at, 1, canvas->columns - width - 4, INK_DIM,
		    left);
}
