// SPDX-License-Identifier: GPL-2.0-or-later
#include <libintl.h>
#include <string.h>

#include "tui/app.h"
#include "tui/list.h"
#include "tui/record.h"
#include "tui/view-networks-act.h"
#include "tui/view-routes-pane.h"

#define _(text) gettext(text)
#define N_(text) text
#define TOP_ROWS 8 /* of the two panes above the list */
#define PANES 2

static gpointer
networks_new(App *app, gconstpointer argument)
{
	(void)app;
	(void)argument;
	return g_new0(Networks, 1);
}

static GVariant *
rows_of(const App *app, const char *key)
{
	GVariant *rows = record_value(app->networks, key, "aa{sv}");

	return rows ? rows
		    : g_variant_ref_sink(g_variant_new_array(
			      G_VARIANT_TYPE_VARDICT, NULL, 0));
}

static guint
count(const App *app)
{
	g_autoptr(GVariant) rows = rows_of(app, "candidates");

	return g_variant_n_children(rows);
}

/* The candidate whose profile was chosen; NULL when none was. */
static GVariant *
chosen_row(const App *app)
{
	g_autoptr(GVariant) rows = rows_of(app, "candidates");
	g_autofree char *chosen = record_text(app->networks, "chosen");
	GVariant *best = NULL;

	for (guint i = 0; i < g_variant_n_children(rows); i++) {
		g_autoptr(GVariant) row = g_variant_get_child_value(rows, i);
		g_autofree char *profile = record_text(row, "profile");

		if (!g_str_equal(profile, chosen))
			continue;
		if (best && record_number(best, "score") >=
				    record_number(row, "score"))
			continue;
		g_clear_pointer(&best, g_variant_unref);
		best = g_steal_pointer(&row);
	}
	return best;
}

/* One line of the left pane, as long as there is room. */
static void
put(Canvas *canvas, int *at, int end, const char *label, const char *words)
{
	int half = canvas->columns * 46 / 80;

	if (*at >= end || !*words)
		return;
	canvas_text(canvas, *at, 2, 9, INK_DIM, label);
	canvas_text(canvas, *at, 11, half - 11, INK_PLAIN, words);
	(*at)++;
}

static char *
link_words(GVariant *link)
{
	g_autofree char *ssid = record_text(link, "ssid");
	g_autofree char *security = record_text(link, "security");
	g_autofree char *kind = record_text(link, "kind");

	if (!record_flag(link, "up"))
		return g_strdup(g_str_equal(kind, "wired") ? _("no cable")
				: g_str_equal(kind, "vpn")
					? _("no VPN")
					: _("not connected"));
	if (*ssid)
		return g_strdup_printf("“%s”  %s", ssid, security);
	if (g_str_equal(kind, "wired"))
		return g_strdup(_("connected by wire"));
	return g_str_equal(kind, "vpn") ? g_strdup(_("VPN is up"))
					: g_strdup(_("connected"));
}

static void
put_link(Canvas *canvas, int *at, int end, GVariant *link)
{
	g_autofree char *name = record_text(link, "name");
	g_autofree char *words = link_words(link);
	g_autofree char *bssid = record_text(link, "bssid");
	g_auto(GStrv) addresses = record_words(link, "addresses");
	g_autofree char *address = g_strjoinv("  ", addresses);
	g_autofree char *gateway = record_text(link, "gateway");
	g_autofree char *mac = record_text(link, "gateway-mac");
	g_autofree char *both = *gateway ? g_strdup_printf("%s   %s", gateway,
							   mac)
					 : g_strdup("");

	put(canvas, at, end, name, words);
	if (!record_flag(link, "up"))
		return;
	put(canvas, at, end, _("  via"), bssid);
	put(canvas, at, end, _("Address"), address);
	put(canvas, at, end, _("Gateway"), both);
}

static void
draw_here(App *app, Canvas *canvas, int from, int end)
{
	g_autoptr(GVariant) links = rows_of(app, "links");
	g_autofree char *portal = record_text(app->status, "portal");
	gboolean usable = record_flag(app->networks, "usable");
	int at = from;

	/* What carries the traffic first, then what is down. */
	for (guint pass = 0; pass < PANES; pass++)
		for (guint i = 0; i < g_variant_n_children(links); i++) {
			g_autoptr(GVariant) link =
				g_variant_get_child_value(links, i);
			g_autofree char *kind = record_text(link, "kind");

			if (g_str_equal(kind, "loopback") ||
			    record_flag(link, "up") != (pass == 0))
				continue;
			put_link(canvas, &at, end - 1, link);
		}
	put(canvas, &at, end, _("Internet"),
	    *portal  ? _("○ a sign-in page is in the way")
	    : usable ? _("● there is a way out")
		   : _("○ no way out of this machine"));
}

static int
draw_conditions(Canvas *canvas, GVariant *row, int at, int end, int left)
{
	g_autoptr(GVariant) conditions =
		record_value(row, "conditions", "a(sbi)");
	gsize n = conditions ? g_variant_n_children(conditions) : 0;
	int width = canvas->columns - left - 1;

	for (gsize i = 0; i < n && at < end; i++) {
		g_autofree char *weight = NULL;
		const char *words;
		gboolean matches;
		gint32 points;

		g_variant_get_child(conditions, i, "(&sbi)", &words, &matches,
				    &points);
		if (!matches)
			continue;
		weight = g_strdup_printf("%d", points);
		canvas_text(canvas, at, left, width - 6, INK_PLAIN, words);
		canvas_right(canvas, at++, left, width, INK_PLAIN, weight);
	}
	return at;
}

static void
draw_why(App *app, Canvas *canvas, int from, int end)
{
	g_autoptr(GVariant) row = chosen_row(app);
	g_auto(GStrv) why = record_words(app->networks, "why");
	g_autofree char *chosen = record_text(app->networks, "chosen");
	g_autofree char *score = g_strdup_printf(
		"%d", (int)record_number(row, "score"));
	int left = canvas->columns * 49 / 80;
	int width = canvas->columns - left - 1;
	int at = draw_conditions(canvas, row, from, end - 3, left);

	if (row) {
		canvas_repeat(canvas, at++, canvas->columns - 5, 4, INK_DIM,
			      "─");
		canvas_text(canvas, at, left, width - 6, INK_GOOD, chosen);
		canvas_right(canvas, at++, left, width, INK_GOOD, score);
	}
	for (guint i = 0; why[i] && at < end; i++) {
		g_autoptr(GPtrArray) lines =
			canvas_wrap(canvas, why[i], width, end - at);

		for (guint line = 0; line < lines->len; line++)
			canvas_text(canvas, at++, left, width, INK_PLAIN,
				    lines->pdata[line]);
	}
}

static void
draw_top(App *app, Canvas *canvas)
{
	g_autofree char *chosen = record_text(app->networks, "chosen");
	g_autofree char *title = NULL;
	int left = canvas->columns * 46 / 80, right = left + 1;

	title = *chosen ? g_strdup_printf(_("Why “%s” was chosen"), chosen)
			: g_strdup(_("Why nothing was chosen"));
	canvas_rule(canvas, 2, 0, left, _("Where you are now"), NULL);
	canvas_rule(canvas, 2, right, canvas->columns - right, title, NULL);
	draw_here(app, canvas, 3, 3 + TOP_ROWS - 1);
	draw_why(app, canvas, 3, 3 + TOP_ROWS - 1);
}

static void
draw_titles(Canvas *canvas, int at)
{
	guint style = INK_DIM | STYLE_BOLD;
	int right = canvas->columns;

	canvas_text(canvas, at, 4, 15, style, _("Known network"));
	canvas_text(canvas, at, 20, 8, style, _("Profile"));
	canvas_text(canvas, at, 29, -1, style, _("Recognised by"));
	canvas_right(canvas, at, right - 10, 9, style, _("Score"));
}

/* "Wi-Fi name + gateway": the words of all conditions. */
static char *
recognised_by(GVariant *row)
{
	g_autoptr(GVariant) conditions =
		record_value(row, "conditions", "a(sbi)");
	gsize n = conditions ? g_variant_n_children(conditions) : 0;
	GString *words = g_string_new(NULL);

	for (gsize i = 0; i < n; i++) {
		const char *one;

		g_variant_get_child(conditions, i, "(&sbi)", &one, NULL,
				    NULL);
		if (words->len)
			g_string_append(words, " + ");
		g_string_append(words, one);
	}
	if (n == 0)
		g_string_append(words, _("always there"));
	return g_string_free(words, FALSE);
}

/* A candidate without signs is what is left when nothing is known. */
static char *
network_name(GVariant *row)
{
	g_autofree char *name = record_text(row, "fingerprint");
	g_autoptr(GVariant) conditions =
		record_value(row, "conditions", "a(sbi)");

	if (*name)
		return g_steal_pointer(&name);
	if (!conditions || g_variant_n_children(conditions) == 0)
		return g_strdup(_("Anywhere else"));
	return record_text(row, "profile");
}

static void
draw_row(App *app, Canvas *canvas, GVariant *row, int at)
{
	g_autofree char *name = network_name(row);
	g_autofree char *profile = record_text(row, "profile");
	g_autofree char *chosen = record_text(app->networks, "chosen");
	g_autofree char *by = recognised_by(row);
	g_autofree char *score = NULL;
	gboolean matched = record_flag(row, "matched");
	int right = canvas->columns;
	guint style = matched ? INK_PLAIN : INK_DIM;

	score = matched ? g_strdup_printf("%d %s",
					  (int)record_number(row, "score"),
					  g_str_equal(profile, chosen) ? "●"
								       : " ")
			: g_strdup("—  ");
	if (app->compact) {
		canvas_text(canvas, at, 2, right - 12, style, name);
		canvas_right(canvas, at, right - 10, 9, style, score);
		return;
	}
	canvas_text(canvas, at, 4, 15, style, name);
	canvas_text(canvas, at, 20, 8, style, profile);
	canvas_text(canvas, at, 29, right - 29 - 11, style, by);
	canvas_right(canvas, at, right - 10, 9, style, score);
}

static void
draw_rows(App *app, Networks *networks, Canvas *canvas, int from, int rows)
{
	g_autoptr(GVariant) all = rows_of(app, "candidates");
	guint n = g_variant_n_children(all);

	list_fit(&networks->list, n, MAX(rows, 1), from);
	if (n == 0)
		canvas_centre(canvas, from + rows / 2, INK_PLAIN,
			      _("No network is known yet: L learns this "
				"one."));
	for (int i = 0; i < rows && networks->list.top + i < n; i++) {
		guint index = networks->list.top + i;
		g_autoptr(GVariant) row =
			g_variant_get_child_value(all, index);

		draw_row(app, canvas, row, from + i);
		if (index != networks->list.cursor)
			continue;
		canvas_text(canvas, from + i, app->compact ? 0 : 1, 1,
			    INK_ACCENT | STYLE_BOLD, "▸");
		pane_embolden(canvas, from + i);
		canvas_cursor(canvas, from + i, app->compact ? 0 : 1);
	}
}

/* "14:02 Away → Home because …" (transfer full) */
static char *
switched_words(const App *app)
{
	gint64 switched = record_number(app->networks, "switched");
	g_autofree char *from = record_text(app->networks, "from");
	g_autofree char *to = record_text(app->networks, "chosen");
	g_autofree char *why = record_text(app->status, "profile-why");
	g_autofree char *time = record_time(switched, app->now);

	if (!switched)
		return g_strdup("");
	return g_strdup_printf("%s  %s → %s  %s", time,
			       *from ? from : _("offline"),
			       *to ? to : _("offline"), why);
}

/* What one candidate has and what it lacks. */
static void
draw_compared(App *app, Networks *networks, Canvas *canvas, int at)
{
	g_autoptr(GVariant) all = rows_of(app, "candidates");
	g_autoptr(GVariant) row = NULL;
	g_autoptr(GVariant) conditions = NULL;
	int column = 2;

	if (networks->list.cursor >= g_variant_n_children(all))
		return;
	row = g_variant_get_child_value(all, networks->list.cursor);
	conditions = record_value(row, "conditions", "a(sbi)");
	for (gsize i = 0; conditions && i < g_variant_n_children(conditions);
	     i++) {
		const char *words;
		gboolean matches;

		g_variant_get_child(conditions, i, "(&sbi)", &words, &matches,
				    NULL);
		column += canvas_print(canvas, at, column, -1,
				       matches ? INK_GOOD : INK_DIM,
				       "%s %s", matches ? "✓" : "○",
				       words) + 3;
	}
}

static void
networks_draw(App *app, gpointer state, Canvas *canvas)
{
	int from = app->compact ? 2 : 3 + TOP_ROWS + 1;
	int end = canvas->rows - (app->compact ? 3 : 5);
	g_autofree char *description = record_text(app->networks,
						   "description");
	g_autofree char *switched = switched_words(app);

	if (!app->networks) {
		canvas_centre(canvas, canvas->rows / 2, INK_PLAIN,
			      _("Nothing is known of the network yet."));
		return;
	}
	if (!app->compact) {
		draw_top(app, canvas);
		draw_titles(canvas, from - 1);
	}
	draw_rows(app, state, canvas, from, end - from);
	if (app->compact) {
		canvas_repeat(canvas, end, 0, canvas->columns - 2, INK_DIM,
			      "─");
		canvas_text(canvas, end + 1, 1, canvas->columns - 2,
			    INK_PLAIN, description);
		return;
	}
	draw_compared(app, state, canvas, canvas->rows - 4);
	canvas_text(canvas, canvas->rows - 2, 2, canvas->columns - 4,
		    INK_DIM, switched);
}

static gboolean
networks_act(App *app, gpointer state, Action action)
{
	Networks *networks = state;

	if (list_act(&networks->list, count(app), action))
		return TRUE;
	switch ((int)action) {
	case ACTION_LOOK_AGAIN:
		app_refresh_all(app);
		return TRUE;
	case ACTION_LEARN:
		app_open(app, &view_learn, NULL);
		return TRUE;
	}
	return networks_act_learned(app, networks, action);
}

static guint
networks_have(App *app, gpointer state)
{
	(void)state;
	return count(app) ? NEEDS_ROW : 0;
}

static gboolean
networks_stroke(App *app, gpointer state, const Stroke *stroke)
{
	return list_click(&((Networks *)state)->list, count(app), stroke);
}

static char *
networks_corner(App *app, gpointer state)
{
	gint64 settled = record_number(app->networks, "settled-in");

	(void)state;
	if (settled <= 0)
		return g_strdup("");
	return g_strdup_printf(_("settled in %.1f s"), settled / 1000.0);
}

const ViewOps view_networks = {
	.title = N_("Networks"),
	.where = ON_NETWORKS,
	.new = networks_new,
	.free = g_free,
	.draw = networks_draw,
	.act = networks_act,
	.have = networks_have,
	.stroke = networks_stroke,
	.corner = networks_corner,
};
