// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * status and routes: where we are, how the mail stands, which ways it goes.
 */
#include <stdio.h>

#include "client/ctl-table.h"
#include "client/ctl.h"
#include "common/text.h"

static void
print_paragraph(Ctl *ctl, const char *text, guint indent)
{
	g_autoptr(GString) out = g_string_new(NULL);

	if (!*text)
		return;
	table_wrap(out, text, indent, ctl->width);
	fputs(out->str, stdout);
}

/* How the pin ends, as a few words behind the profile's name. */
static char *
describe_pin(Ctl *ctl, GVariant *status)
{
	const char *until = ctl_string(status, "pin-until");
	g_autofree char *time = ctl_time(ctl, ctl_number(status, "pin-ends"));

	if (!*ctl_string(status, "pinned"))
		return g_strdup(_("it follows the network"));
	if (g_str_equal(until, "time"))
		return g_strdup_printf(_("chosen by hand until %s"), time);
	if (g_str_equal(until, "network"))
		return g_strdup(_("chosen by hand until the network changes"));
	return g_strdup(_("chosen by hand until you change it"));
}

static void
print_profile(Ctl *ctl, GVariant *status)
{
	const char *profile = ctl_string(status, "profile");
	g_autofree char *pin = describe_pin(ctl, status), *line = NULL;

	if (*profile)
		line = g_strdup_printf(ctl_boolean(status, "online")
					       ? _("Online, profile %s (%s).")
					       : _("Offline, profile %s (%s)."),
				       profile, pin);
	else
		line = g_strdup_printf(
			_("Offline, no profile (%s): far mail waits."), pin);
	print_paragraph(ctl, line, 0);
	print_paragraph(ctl, ctl_string(status, "profile-why"), 2);
	print_paragraph(ctl, ctl_string(status, "network"), 2);
	print_paragraph(ctl, ctl_string(status, "portal"), 2);
	if (ctl_boolean(status, "metered"))
		print_paragraph(ctl, _("The way out is metered."), 2);
}

static void
print_counts(Ctl *ctl, GVariant *status)
{
	g_autofree char *size = ctl_size(ctl_number(status, "bytes"));
	g_autofree char *line = g_strdup_printf(
		_("Queue: %d waiting, %d being sent, %d held, %d failed; %s."),
		(int)ctl_number(status, "waiting"),
		(int)ctl_number(status, "active"),
		(int)ctl_number(status, "held"),
		(int)ctl_number(status, "failed"), size);

	print_paragraph(ctl, line, 0);
	print_paragraph(ctl, ctl_string(status, "queue-state"), 2);
}

static void
print_last_sent(Ctl *ctl, GVariant *status)
{
	gint64 when = ctl_number(status, "last-sent");
	g_autofree char *age = text_age(ctl->now - when), *line = NULL;

	if (!when)
		return;
	line = g_strdup_printf(_("Last sent: %s ago, to %s."), age,
			       ctl_string(status, "last-sent-to"));
	print_paragraph(ctl, line, 0);
}

static void
print_errors(Ctl *ctl, GVariant *status)
{
	g_autoptr(GVariant) errors =
		g_variant_lookup_value(status, "errors", G_VARIANT_TYPE("as"));

	for (gsize i = 0; errors && i < g_variant_n_children(errors); i++) {
		g_autoptr(GVariant) one = g_variant_get_child_value(errors, i);
		g_autofree char *line =
			g_strdup_printf(_("Problem: %s"),
					g_variant_get_string(one, NULL));

		print_paragraph(ctl, line, 0);
	}
}

gboolean
ctl_status(Ctl *ctl, GError **error)
{
	g_autoptr(GVariant) status =
		ctl_call(ctl, "Status", g_variant_new("()"), error);

	if (!status)
		return FALSE;
	if (ctl->json) {
		ctl_print_json(status);
		return TRUE;
	}
	print_profile(ctl, status);
	print_counts(ctl, status);
	print_last_sent(ctl, status);
	print_errors(ctl, status);
	return TRUE;
}

/* --- routes --- */

static void
add_route(Table *table, GVariant *row)
{
	g_autofree char *sent =
		g_strdup_printf("%" G_GINT64_FORMAT, ctl_number(row, "sent"));
	g_autofree char *queued =
		g_strdup_printf("%" G_GINT64_FORMAT, ctl_number(row, "queued"));

	table_add(table, ctl_string(row, "name"));
	table_add(table, ctl_string(row, "kind"));
	table_add(table, ctl_string(row, "server"));
	table_add(table, ctl_string(row, "state"));
	table_add(table, sent);
	table_add(table, queued);
	table_note(table, ctl_string(row, "why"));
}

gboolean
ctl_routes(Ctl *ctl, GError **error)
{
	const TableColumn columns[] = {
		{_("ROUTE"), FALSE, FALSE},
		{_("KIND"), FALSE, FALSE},
		{_("SERVER"), FALSE, TRUE},
		{_("STATE"), FALSE, FALSE},
		{_("SENT"), TRUE, FALSE},
		{_("QUEUED"), TRUE, FALSE},
		{NULL},
	};
	g_autoptr(GVariant) rows =
		ctl_call(ctl, "Routes", g_variant_new("()"), error);
	g_autoptr(Table) table = table_new(columns);
	g_autofree char *text = NULL;

	if (!rows)
		return FALSE;
	if (ctl->json) {
		ctl_print_json(rows);
		return TRUE;
	}
	for (gsize i = 0; i < g_variant_n_children(rows); i++) {
		g_autoptr(GVariant) row = g_variant_get_child_value(rows, i);

		add_route(table, row);
	}
	text = table_format(table, ctl->width);
	fputs(text, stdout);
	return TRUE;
}
