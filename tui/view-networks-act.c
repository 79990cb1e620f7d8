// SPDX-License-Identifier: GPL-2.0-or-later
#include "tui/view-networks-act.h"

#include <libintl.h>

#include "tui/record.h"

#define _(text) gettext(text)

/* The learned network under the cursor; (transfer full) (nullable). */
static char *
learned_name(App *app, const Networks *networks)
{
	g_autoptr(GVariant) all =
		record_value(app->networks, "candidates", "aa{sv}");
	g_autoptr(GVariant) row = NULL;

	if (!all || networks->list.cursor >= g_variant_n_children(all))
		return NULL;
	row = g_variant_get_child_value(all, networks->list.cursor);
	if (record_flag(row, "learned"))
		return record_text(row, "fingerprint");
	app_complain(app, _("This one stands in a profile's file; only what "
			    "was learned can be changed here."));
	return NULL;
}

static void
hear_changed(App *app, GVariant *body, gpointer line)
{
	(void)body;
	app_echo(app, line);
	app_toast(app, _("Done.  %s"), (char *)line);
	app_refresh_all(app);
}

static void
on_forget(gpointer app, const char *text, gpointer name)
{
	(void)text;
	app_call(app, "Forget", g_variant_new("(s)", name), hear_changed,
		 g_strdup_printf("masqctl forget %s", (char *)name), g_free);
}

static void
forget(App *app, const Networks *networks)
{
	g_autofree char *name = learned_name(app, networks);
	g_autofree char *question = NULL;

	if (!name)
		return;
	question = g_strdup_printf(_("Forget the network %s? y or n"), name);
	app_confirm(app, question, on_forget, g_strdup(name), g_free);
}

/* The cursor stays while a name is typed. */
static void
on_renamed(gpointer data, const char *text, gpointer unused)
{
	App *app = data;
	g_autofree char *name = learned_name(app, app_front(app)->state);

	(void)unused;
	if (!name || !*text)
		return;
	app_call(app, "Rename", g_variant_new("(ss)", name, text),
		 hear_changed,
		 g_strdup_printf("masqctl rename %s %s", name, text), g_free);
}

static void
rename_network(App *app, const Networks *networks)
{
	g_autofree char *name = learned_name(app, networks);

	if (name)
		app_ask(app, _("New name:"), name, on_renamed, NULL);
}

gboolean
networks_act_learned(App *app, const Networks *networks, Action action)
{
	switch ((int)action) {
	case ACTION_FORGET:
		forget(app, networks);
		return TRUE;
	case ACTION_RENAME:
		rename_network(app, networks);
		return TRUE;
	}
	return FALSE;
}
