// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The command line: "--name value", "--name=value", flags, and words. After
 * "--" nothing is an option. Options may stand anywhere; which of them a
 * command takes stands in its row.
 */
#include <string.h>

#include "client/ctl.h"
#include "common/text.h"

static const CtlOption *
find_option(const char *name, gsize size)
{
	for (const CtlOption *row = ctl_options; row->name; row++)
		if (strlen(row->name) == size &&
		    !strncmp(row->name, name, size))
			return row;
	return NULL;
}

static gboolean
unknown_option(const char *word, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	g_autofree char *name = g_strndup(word + 2, strcspn(word + 2, "="));
	const char *nearest;

	for (const CtlOption *row = ctl_options; row->name; row++)
		g_ptr_array_add(names, (gpointer)row->name);
	g_ptr_array_add(names, NULL);
	nearest = text_nearest(name, (const char *const *)names->pdata);
	if (nearest)
		return ctl_fail(error, EX_USAGE,
				_("there is no option --%s; --%s perhaps?"),
				name, nearest);
	return ctl_fail(error, EX_USAGE,
			_("there is no option %s; masqctl --help names all"),
			word);
}

/* The option at *@at; its value may be the next word. */
static gboolean
take_option(Ctl *ctl, char ***at, GError **error)
{
	const char *word = **at, *name = word + 2;
	gsize size = strcspn(name, "=");
	const CtlOption *row = find_option(name, size);
	const char *value = name[size] ? name + size + 1 : NULL;

	if (!row || word[1] != '-')
		return unknown_option(word[1] == '-' ? word : "--", error);
	if (!row->value && value)
		return ctl_fail(error, EX_USAGE, _("--%s takes no value"),
				row->name);
	if (row->value && !value)
		value = *++*at;
	if (row->value && !value)
		return ctl_fail(error, EX_USAGE, _("--%s needs %s behind it"),
				row->name, row->value);
	g_hash_table_insert(ctl->options, (gpointer)row->name,
			    g_strdup(value ? value : ""));
	return TRUE;
}

/* Words to @words, options to @ctl. */
static gboolean
split_line(Ctl *ctl, char **argv, GPtrArray *words, GError **error)
{
	for (; *argv; argv++) {
		if (g_str_equal(*argv, "--")) {
			while (*++argv)
				g_ptr_array_add(words, *argv);
			return TRUE;
		}
		if (g_str_equal(*argv, "-h") || g_str_equal(*argv, "-?")) {
			g_hash_table_insert(ctl->options, (gpointer) "help",
					    g_strdup(""));
		} else if (**argv != '-' || !(*argv)[1]) {
			g_ptr_array_add(words, *argv);
		} else if (!take_option(ctl, &argv, error)) {
			return FALSE;
		}
	}
	return TRUE;
}

static const CtlCommand *
find_command(const char *name, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	const char *nearest;

	for (const CtlCommand *row = ctl_commands; row->name; row++) {
		if (g_str_equal(row->name, name))
			return row;
		g_ptr_array_add(names, (gpointer)row->name);
	}
	g_ptr_array_add(names, NULL);
	nearest = text_nearest(name, (const char *const *)names->pdata);
	if (nearest)
		ctl_fail(error, EX_USAGE,
			 _("there is no command “%s”; “%s” perhaps?"), name,
			 nearest);
	else
		ctl_fail(error, EX_USAGE,
			 _("there is no command “%s”; masqctl --help names "
			   "all"),
			 name);
	return NULL;
}

static gboolean
takes_option(const CtlCommand *command, const char *name)
{
	static const char *const everywhere[] = {"help", "json", "version",
						 NULL};
	g_auto(GStrv) own = g_strsplit(command->options, " ", -1);

	return g_strv_contains(everywhere, name) ||
	       g_strv_contains((const char *const *)own, name);
}

/* No id means all to the engine: here that must be asked for in words. */
static gboolean
check_ids(const Ctl *ctl, const CtlCommand *command, GError **error)
{
	if (!takes_option(command, "all"))
		return TRUE;
	if (!ctl->n_arguments && !ctl_option(ctl, "all"))
		return ctl_fail(error, EX_USAGE,
				_("which messages? Give their ids, or --all"));
	if (ctl->n_arguments && ctl_option(ctl, "all"))
		return ctl_fail(error, EX_USAGE,
				_("either ids or --all, not both"));
	return TRUE;
}

static gboolean
check(const Ctl *ctl, const CtlCommand *command, GError **error)
{
	GHashTableIter iter;
	gpointer name;

	g_hash_table_iter_init(&iter, ctl->options);
	while (g_hash_table_iter_next(&iter, &name, NULL))
		if (!takes_option(command, name))
			return ctl_fail(error, EX_USAGE,
					_("“%s” takes no --%s"), command->name,
					(char *)name);
	if (ctl_option(ctl, "help"))
		return TRUE;
	if (ctl->n_arguments < command->least)
		return ctl_fail(error, EX_USAGE,
				_("“%s” needs more: masqctl %s %s"),
				command->name, command->name,
				command->arguments);
	if (ctl->n_arguments > command->most)
		return ctl_fail(error, EX_USAGE,
				_("“%s” is too much: masqctl %s %s"),
				ctl->arguments[command->most], command->name,
				command->arguments);
	return check_ids(ctl, command, error);
}

/* Help asked for is the command help about the command. */
static const CtlCommand *
help_about(Ctl *ctl, const CtlCommand *command)
{
	if (!ctl_option(ctl, "help") || g_str_equal(command->name, "config"))
		return command;
	g_strfreev(ctl->arguments);
	ctl->arguments = g_new0(char *, 2);
	ctl->arguments[0] = g_strdup(command->name);
	ctl->n_arguments = 1;
	return find_command("help", NULL);
}

gboolean
ctl_parse(Ctl *ctl, int argc, char **argv, const CtlCommand **ret_command,
	  GError **error)
{
	g_autoptr(GPtrArray) words = g_ptr_array_new();
	const CtlCommand *command;
	const char *name = "help";

	if (!split_line(ctl, argc > 0 ? argv + 1 : argv, words, error))
		return FALSE;
	if (words->len)
		name = g_ptr_array_steal_index(words, 0);
	else if (!ctl_option(ctl, "help") && !ctl_option(ctl, "version"))
		name = "status";
	command = find_command(name, error);
	if (!command)
		return FALSE;
	ctl->n_arguments = words->len;
	g_ptr_array_add(words, NULL);
	ctl->arguments = g_strdupv((char **)words->pdata);
	ctl->json = ctl_option(ctl, "json") != NULL;
	if (!check(ctl, command, error))
		return FALSE;
	*ret_command = words->len > 1 || !g_str_equal(name, "help")
			       ? help_about(ctl, command)
			       : command;
	return TRUE;
}
