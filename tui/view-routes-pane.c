// SPDX-License-Identifier: GPL-2.0-or-later
#include "tui/view-routes-pane.h"

#include <libintl.h>
#include <string.h>

#include "common/text.h"
#include "tui/record.h"

#define _(text) gettext(text)
#define RULES_MAX 5

void
pane_embolden(Canvas *canvas, int at)
{
	for (int column = 0; column < canvas->columns; column++)
		canvas_restyle(canvas, at, column, 1,
			       canvas_cell(canvas, at, column)->style |
				       STYLE_BOLD);
}

static void
append(GString *line, const char *format, const char *words)
{
	if (!*words)
		return;
	if (line->len)
		g_string_append(line, " · ");
	/* Only called with translations of the formats below. */
	g_string_append_printf(line, "%s%s", format, words);
}

static char *
security_words(GVariant *row)
{
	g_autofree char *tls = record_text(row, "tls");
	g_autofree char *session = record_text(row, "session");
	GString *line = g_string_new(NULL);

	append(line, _("TLS "), tls);
	append(line, _("last session "), session);
	return g_string_free(line, FALSE);
}

static char *
login_words(GVariant *row)
{
	g_autofree char *login = record_text(row, "login");
	g_autofree char *auth = record_text(row, "auth");
	g_autofree char *owner = record_text(row, "owner");
	g_autofree char *file = record_text(row, "file");
	GString *line = g_string_new(NULL);

	if (!*login)
		g_string_append(line, _("No login"));
	append(line, _("Login "), login);
	append(line, _("with "), auth);
	append(line, _("belongs to "), owner);
	append(line, _("in "), file);
	return g_string_free(line, FALSE);
}

/* Of mail that goes direct: whom it met. */
static char *
hosts_words(GVariant *row)
{
	guint hosts = record_number(row, "hosts");
	guint resting = record_number(row, "resting");
	GString *line = g_string_new(NULL);

	if (!hosts)
		return g_string_free(line, FALSE);
	g_string_append_printf(line, ngettext("%u host met", "%u hosts met",
					      hosts), hosts);
	if (resting)
		g_string_append_printf(
			line, ngettext(" · %u does not answer now",
				       " · %u do not answer now", resting),
			resting);
	return g_string_free(line, FALSE);
}

static char *
speed_words(const App *app, GVariant *row)
{
	g_autofree char *speed = words_size(record_number(row, "speed"));
	g_autofree char *connect = g_strdup_printf(
		_("%u ms"), (guint)record_number(row, "connect"));
	g_autofree char *answer = record_text(row, "last-answer");
	gint64 ok = record_number(row, "last-ok");
	gint64 failed = record_number(row, "last-error");
	g_autofree char *when = record_time(MAX(ok, failed), app->now);
	GString *line = g_string_new(NULL);

	if (record_number(row, "speed")) {
		append(line, _("Speed "), speed);
		g_string_append(line, "/s");
	}
	if (record_number(row, "connect"))
		append(line, _("connect "), connect);
	if (failed > ok) {
		append(line, _("last error "), when);
		if (*answer)
			g_string_append_printf(line, ": %s", answer);
	} else if (ok) {
		append(line, _("last good "), when);
	}
	return g_string_free(line, FALSE);
}

static char *
offer_words(GVariant *row)
{
	g_auto(GStrv) extensions = record_words(row, "extensions");
	g_autofree char *list = g_strjoinv(", ", extensions);

	return *list ? g_strdup_printf(_("Offers %s"), list)
		     : g_strdup("");
}

/* The lines that say something, in order. */
static GPtrArray *
route_lines(const App *app, GVariant *row)
{
	GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
	char *all[] = { record_text(row, "why"), security_words(row),
			login_words(row), hosts_words(row),
			speed_words(app, row),
			offer_words(row) };

	for (guint i = 0; i < G_N_ELEMENTS(all); i++)
		if (*all[i])
			g_ptr_array_add(lines, all[i]);
		else
			g_free(all[i]);
	return lines;
}

void
pane_draw_route(App *app, Canvas *canvas, int at, GVariant *row)
{
	g_autofree char *name = record_text(row, "name");
	g_auto(GStrv) profiles = record_words(row, "profiles");
	g_autofree char *list = g_strjoinv(", ", profiles);
	g_autofree char *used = NULL;
	g_autoptr(GPtrArray) lines = NULL;

	if (!row)
		return;
	used = *list ? g_strdup_printf(_("used by %s"), list)
		     : g_strdup(_("used by no profile"));
	canvas_rule(canvas, at, 0, canvas->columns, name, used);
	lines = route_lines(app, row);
	for (guint i = 0; i < MIN(lines->len, 4); i++)
		canvas_text(canvas, at + 1 + i, 2, canvas->columns - 4,
			    INK_PLAIN, lines->pdata[i]);
}

void
pane_draw_compact(App *app, Canvas *canvas, int at, GVariant *row)
{
	g_autofree char *server = record_text(row, "server");
	g_autofree char *why = record_text(row, "why");

	(void)app;
	if (!row)
		return;
	canvas_rule(canvas, at, 0, canvas->columns, server, NULL);
	canvas_text(canvas, at + 1, 1, canvas->columns - 2, INK_PLAIN, why);
}

static GVariant *
active_profile(const App *app)
{
	guint n = app->profiles ? g_variant_n_children(app->profiles) : 0;

	for (guint i = 0; i < n; i++) {
		g_autoptr(GVariant) row =
			g_variant_get_child_value(app->profiles, i);

		if (record_flag(row, "active"))
			return g_steal_pointer(&row);
	}
	return NULL;
}

static GVariant *
route_named(const App *app, const char *name)
{
	guint n = app->routes ? g_variant_n_children(app->routes) : 0;

	for (guint i = 0; i < n; i++) {
		g_autoptr(GVariant) row =
			g_variant_get_child_value(app->routes, i);
		g_autofree char *its = record_text(row, "name");

		if (g_str_equal(its, name))
			return g_steal_pointer(&row);
	}
	return NULL;
}

/*
 * Names of routes in the order a message meets them: local ones serve
 * everywhere, then the profile's.
 */
static GPtrArray *
route_order(const App *app)
{
	GPtrArray *order = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GVariant) profile = active_profile(app);
	g_auto(GStrv) routes = record_words(profile, "routes");
	guint n = app->routes ? g_variant_n_children(app->routes) : 0;

	for (guint i = 0; i < n; i++) {
		g_autoptr(GVariant) row =
			g_variant_get_child_value(app->routes, i);
		g_autofree char *kind = record_text(row, "kind");

		if (g_str_equal(kind, "local"))
			g_ptr_array_add(order, record_text(row, "name"));
	}
	for (guint i = 0; routes[i]; i++)
		g_ptr_array_add(order, g_strdup(routes[i]));
	return order;
}

int
pane_rules(App *app)
{
	g_autoptr(GPtrArray) order = route_order(app);

	return CLAMP((int)order->len, 1, RULES_MAX);
}

static void
draw_rule(App *app, Canvas *canvas, int at, guint number, const char *name)
{
	g_autoptr(GVariant) row = route_named(app, name);
	g_auto(GStrv) match = record_words(row, "match");
	g_autofree char *conditions = g_strjoinv(", ", match);
	g_autofree char *kind = record_text(row, "kind");
	const char *words = conditions;

	if (!*words)
		words = g_str_equal(kind, "local") ? _("to local users")
						   : _("everyone else");
	canvas_print(canvas, at, 3, 3, INK_DIM, "%u", number);
	canvas_text(canvas, at, 6, canvas->columns / 2 - 8, INK_PLAIN, words);
	canvas_print(canvas, at, MIN(29, canvas->columns / 2), -1, INK_PLAIN,
		     "→  %s", name);
}

void
pane_draw_rules(App *app, Canvas *canvas, int at)
{
	g_autoptr(GPtrArray) order = route_order(app);
	g_autofree char *profile = record_text(app->status, "profile");
	g_autofree char *title = NULL;

	title = *profile ? g_strdup_printf(_("Who goes where in profile %s"),
					   profile)
			 : g_strdup(_("Who goes where while offline"));
	canvas_rule(canvas, at, 0, canvas->columns, title,
		    _("first match wins"));
	if (order->len == 0)
		canvas_text(canvas, at + 1, 2, -1, INK_PLAIN,
			    _("Nobody: everything waits here."));
	for (guint i = 0; i < MIN(order->len, RULES_MAX); i++)
		draw_rule(app, canvas, at + 1 + i, i + 1, order->pdata[i]);
}
