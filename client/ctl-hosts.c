// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hosts: the next hops mail went to, what is known of them, and how to
 * forget that.
 */
#include <stdio.h>

#include "client/ctl-table.h"
#include "client/ctl.h"
#include "common/text.h"

/* "3m ago", "never" */
static char *
ago(const Ctl *ctl, gint64 when)
{
	g_autofree char *age = text_age(MAX(ctl->now - when, 0));

	return when ? g_strdup_printf(_("%s ago"), age)
		    : g_strdup(_("never"));
}

/* Whether, and how well, it speaks TLS. (transfer none) */
static const char *
tls_words(GVariant *row)
{
	g_autoptr(GVariantIter) hosts = NULL;
	gboolean any = FALSE, all = TRUE, verified;

	if (!g_variant_lookup(row, "tls-seen", "a(sbx)", &hosts))
		return "";
	while (g_variant_iter_next(hosts, "(&sbx)", NULL, &verified, NULL)) {
		any = TRUE;
		all &= verified;
	}
	if (!any)
		return _("none seen");
	return all ? _("verified") : _("seen");
}

/* What is to be known first: when mail may go again, or the last error. */
static char *
note_of(Ctl *ctl, GVariant *row)
{
	const char *answer = ctl_string(row, "last-answer");
	gint64 until = ctl_number(row, "until");
	g_autofree char *time = ctl_time(ctl, until);

	if (until > ctl->now)
		return g_strdup_printf(_("Left in peace until %s: %s"), time,
				       ctl_string(row, "why"));
	if (*answer && ctl_number(row, "last-error") >
			       ctl_number(row, "last-ok"))
		return g_strdup(answer);
	return g_strdup("");
}

static void
add_host(Ctl *ctl, Table *table, GVariant *row)
{
	g_autofree char *ok = ago(ctl, ctl_number(row, "last-ok"));
	g_autofree char *error = ago(ctl, ctl_number(row, "last-error"));
	g_autofree char *sent =
		g_strdup_printf("%" G_GINT64_FORMAT, ctl_number(row, "sent"));
	g_autofree char *note = note_of(ctl, row);

	table_add(table, ctl_string(row, "name"));
	table_add(table, ok);
	table_add(table, error);
	table_add(table, tls_words(row));
	table_add(table, sent);
	table_note(table, note);
}

static void
print_table(Ctl *ctl, GVariant *rows)
{
	const TableColumn columns[] = {
		{_("HOST"), FALSE, TRUE},
		{_("LAST SUCCESS"), FALSE, FALSE},
		{_("LAST ERROR"), FALSE, FALSE},
		{_("TLS"), FALSE, FALSE},
		{_("SENT"), TRUE, FALSE},
		{NULL},
	};
	g_autoptr(Table) table = table_new(columns);
	g_autofree char *text = NULL;

	for (gsize i = 0; i < g_variant_n_children(rows); i++) {
		g_autoptr(GVariant) row = g_variant_get_child_value(rows, i);

		add_host(ctl, table, row);
	}
	text = table_format(table, ctl->width);
	fputs(text, stdout);
}

static void
print_fact(Ctl *ctl, const char *name, const char *value)
{
	g_autoptr(GString) out = g_string_new(NULL);
	g_autofree char *line = NULL;

	if (!*value)
		return;
	line = g_strdup_printf("%-14s %s", name, value);
	table_wrap(out, line, 2, ctl->width);
	fputs(out->str, stdout);
}

static void
print_seen(Ctl *ctl, GVariant *row)
{
	g_autoptr(GVariantIter) hosts = NULL;
	const char *host;
	gboolean verified;
	gint64 when;

	g_variant_lookup(row, "tls-seen", "a(sbx)", &hosts);
	while (hosts && g_variant_iter_next(hosts, "(&sbx)", &host, &verified,
					    &when)) {
		g_autofree char *age = ago(ctl, when);
		g_autofree char *line = g_strdup_printf(
			verified ? _("%s, verified, %s") : _("%s, %s"), host,
			age);

		print_fact(ctl, _("Spoke TLS"), line);
	}
}

static void
print_speed(Ctl *ctl, GVariant *row)
{
	g_autofree char *size = ctl_size(ctl_number(row, "speed"));
	g_autofree char *speed = g_strdup_printf(_("%s a second"), size);
	g_autofree char *connect = g_strdup_printf(
		_("connected in %d ms"), (int)ctl_number(row, "connect"));

	if (ctl_number(row, "speed"))
		print_fact(ctl, _("Speed"), speed);
	if (*ctl_string(row, "host"))
		print_fact(ctl, _("Line"), connect);
}

/* All of one. */
static void
print_host(Ctl *ctl, GVariant *row)
{
	g_autofree char *name = text_harmless(ctl_string(row, "name"));
	g_autofree char *ok = ago(ctl, ctl_number(row, "last-ok"));
	g_autofree char *error = ago(ctl, ctl_number(row, "last-error"));
	g_autofree char *extensions = ctl_words(row, "extensions");
	g_autofree char *note = note_of(ctl, row);

	puts(name);
	print_fact(ctl, _("Last success"), ok);
	print_fact(ctl, _("Last error"), error);
	print_fact(ctl, _("Answer"), ctl_string(row, "last-answer"));
	print_fact(ctl, _("Now"), note);
	print_fact(ctl, _("Host"), ctl_string(row, "host"));
	print_fact(ctl, _("Security"), ctl_string(row, "session"));
	print_seen(ctl, row);
	print_fact(ctl, _("Offers"), extensions);
	print_speed(ctl, row);
}

static gboolean
purge(Ctl *ctl, const char *name, GError **error)
{
	g_autoptr(GVariant) dropped = ctl_call(
		ctl, "PurgeHosts", g_variant_new("(s)", name), error);
	guint n;

	if (!dropped)
		return FALSE;
	n = g_variant_get_uint32(dropped);
	if (ctl->json)
		ctl_print_json(dropped);
	else if (*name && n == 0)
		return ctl_fail(error, EX_NOHOST,
				_("nothing is known of “%s”"), name);
	else
		printf(ngettext("Forgot %u host.\n", "Forgot %u hosts.\n", n),
		       n);
	return TRUE;
}

gboolean
ctl_hosts(Ctl *ctl, GError **error)
{
	const char *name = ctl->n_arguments ? ctl->arguments[0] : "";
	g_autoptr(GVariant) rows = NULL;

	if (ctl_option(ctl, "purge"))
		return purge(ctl, name, error);
	rows = ctl_call(ctl, "Hosts", g_variant_new("(s)", name), error);
	if (!rows)
		return FALSE;
	if (ctl->json) {
		ctl_print_json(rows);
		return TRUE;
	}
	if (g_variant_n_children(rows) == 0) {
		puts(*name ? _("Nothing is known of it.")
			   : _("No mail went over the network yet."));
		return TRUE;
	}
	if (!*name) {
		print_table(ctl, rows);
		return TRUE;
	}
	for (gsize i = 0; i < g_variant_n_children(rows); i++) {
		g_autoptr(GVariant) row = g_variant_get_child_value(rows, i);

		print_host(ctl, row);
	}
	return TRUE;
}
