// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Help, all of it printed from the tables that do the work: the commands
 * and options of masqctl, the methods of the protocol, the keys of the
 * configuration.
 */
#include <stdio.h>
#include <string.h>

#include "client/ctl-table.h"
#include "client/ctl.h"
#include "common/config.h"

static void
print_table(Ctl *ctl, const Table *table)
{
	g_autofree char *text = table_format(table, ctl->width);
	/* A table of help has no titles. */
	const char *body = strchr(text, '\n') + 1;

	fputs(body, stdout);
}

static const TableColumn two_columns[] = {
	{"", FALSE, FALSE},
	{"", FALSE, TRUE},
	{NULL},
};

static void
add_option(Table *table, const CtlOption *option)
{
	g_autofree char *left =
		option->value ? g_strdup_printf("  --%s %s", option->name,
						_(option->value))
			      : g_strdup_printf("  --%s", option->name);

	table_add(table, left);
	table_add(table, _(option->help));
}

static void
add_command(Table *table, const CtlCommand *command)
{
	g_autofree char *left =
		g_strdup_printf("  %s %s", command->name,
				*command->arguments ? _(command->arguments)
						    : "");

	table_add(table, left);
	table_add(table, _(command->help));
}

static void
print_overview(Ctl *ctl)
{
	g_autoptr(Table) commands = table_new(two_columns);
	g_autoptr(Table) options = table_new(two_columns);

	for (const CtlCommand *row = ctl_commands; row->name; row++)
		add_command(commands, row);
	for (const CtlOption *row = ctl_options; row->name; row++)
		add_option(options, row);
	puts(_("Usage: masqctl [COMMAND] [ARGUMENT...] [OPTION...]\n"));
	puts(_("Commands:"));
	print_table(ctl, commands);
	puts(_("\nOptions:"));
	print_table(ctl, options);
	puts(_("\nWithout a command: status. masqctl(1) tells the rest."));
}

static void
print_command(Ctl *ctl, const CtlCommand *command)
{
	g_auto(GStrv) own = g_strsplit(command->options, " ", -1);
	g_autoptr(Table) options = table_new(two_columns);

	printf(_("Usage: masqctl %s %s\n"), command->name,
	       *command->arguments ? _(command->arguments) : "");
	printf("%s\n\n", _(command->help));
	for (const CtlOption *row = ctl_options; row->name; row++)
		if (g_str_equal(row->name, "json") ||
		    g_strv_contains((const char *const *)own, row->name))
			add_option(options, row);
	puts(_("Options:"));
	print_table(ctl, options);
}

/* --- the protocol --- */

static void
print_methods(Ctl *ctl)
{
	const TableColumn columns[] = {
		{_("METHOD"), FALSE, FALSE},
		{_("TAKES"), FALSE, FALSE},
		{_("RETURNS"), FALSE, FALSE},
		{_("ROLES"), FALSE, FALSE},
		{NULL},
	};
	g_autoptr(Table) table = table_new(columns);
	g_autofree char *text = NULL;

	for (const ApiMethod *row = api_methods; row->name; row++) {
		g_autofree char *roles = row->roles == ROLE_ANY
						 ? g_strdup("any")
						 : api_roles_text(row->roles);

		table_add(table, row->name);
		table_add(table, row->in);
		table_add(table, row->out);
		table_add(table, roles);
		table_note(table, row->help);
	}
	text = table_format(table, ctl->width);
	fputs(text, stdout);
}

static void
print_notices(Ctl *ctl)
{
	const TableColumn columns[] = {
		{_("NOTIFICATION"), FALSE, FALSE},
		{_("BODY"), FALSE, FALSE},
		{NULL},
	};
	g_autoptr(Table) table = table_new(columns);
	g_autofree char *text = NULL;

	for (const ApiNotice *row = api_notices; row->name; row++) {
		table_add(table, row->name);
		table_add(table, row->body);
		table_note(table, row->help);
	}
	text = table_format(table, ctl->width);
	fputs(text, stdout);
}

static void
print_columns(Ctl *ctl)
{
	const TableColumn columns[] = {
		{_("COLUMN"), FALSE, FALSE},
		{_("TYPE"), FALSE, FALSE},
		{_("MEANING"), FALSE, TRUE},
		{NULL},
	};
	g_autoptr(Table) table = table_new(columns);
	g_autofree char *text = NULL;

	for (const ApiColumn *row = api_columns; row->name; row++) {
		table_add(table, row->name);
		table_add(table, row->type);
		table_add(table, row->help);
	}
	text = table_format(table, ctl->width);
	fputs(text, stdout);
}

gboolean
ctl_help(Ctl *ctl, GError **error)
{
	const char *about = ctl->arguments[0];

	if (!about) {
		print_overview(ctl);
		return TRUE;
	}
	if (g_str_equal(about, "protocol")) {
		print_methods(ctl);
		puts("");
		print_notices(ctl);
		puts("");
		print_columns(ctl);
		return TRUE;
	}
	for (const CtlCommand *row = ctl_commands; row->name; row++) {
		if (!g_str_equal(row->name, about))
			continue;
		print_command(ctl, row);
		return TRUE;
	}
	return ctl_fail(error, EX_USAGE,
			_("there is no help about “%s”; masqctl --help names "
			  "all commands"),
			about);
}

/* --- the configuration --- */

static const char *
file_of(ConfigKind kind)
{
	switch (kind) {
	case CONFIG_MAIN:
		return "masqmail.conf";
	case CONFIG_ROUTE:
		return "routes/NAME.conf";
	case CONFIG_PROFILE:
		return "profiles/NAME.conf";
	case CONFIG_NETWORK:
		return "networks/NAME.conf";
	}
	g_assert_not_reached();
}

static const char *
values_of(const ConfigKey *key)
{
	switch (key->type) {
	case CONFIG_STRING:
		return _("text");
	case CONFIG_LIST:
		return _("list; with; semicolons");
	case CONFIG_BOOLEAN:
		return "yes | no";
	case CONFIG_NUMBER:
	case CONFIG_SIGNED:
		return _("number");
	case CONFIG_DURATION:
		return _("duration, as 90s 15m 2h 5d");
	case CONFIG_SIZE:
		return _("size, as 64K 25M 1G");
	case CONFIG_CHOICE:
		return key->choices;
	}
	g_assert_not_reached();
}

static void
print_key(Ctl *ctl, const ConfigKey *key)
{
	g_autoptr(GString) out = g_string_new(NULL);
	g_autofree char *head =
		g_strdup_printf(key->fallback ? _("%s= (%s; default %s)")
					      : "%s= (%s)",
				key->key, values_of(key), key->fallback);

	table_wrap(out, head, 2, ctl->width);
	table_wrap(out, key->help, 6, ctl->width);
	fputs(out->str, stdout);
}

gboolean
ctl_config(Ctl *ctl, G_GNUC_UNUSED GError **error)
{
	const ConfigKey *before = NULL;

	for (const ConfigKey *key = config_keys; key->key; key++) {
		if (!before || before->kind != key->kind)
			printf("%s%s\n", before ? "\n" : "",
			       file_of(key->kind));
		if (!before || before->kind != key->kind ||
		    !g_str_equal(before->group, key->group))
			printf(" [%s]\n", key->group);
		print_key(ctl, key);
		before = key;
	}
	return TRUE;
}
