// SPDX-License-Identifier: GPL-2.0-or-later
#include "client/sendmail-options.h"

#include <string.h>

#include "common/text.h"

/* Letters that callers join behind one '-'. */
#define CLUSTER "timnvcxGUE"

/* What the program is without options, by the name it was called with. */
static const struct {
	const char *name;
	SendmailMode mode;
	const char *verb;
	gboolean act_on_all;
} personalities[] = {
	{ "mailq", MODE_QUEUE, NULL, FALSE },
	{ "runq", MODE_ACT, "retry", TRUE },
	{ "mailrm", MODE_ACT, "delete", FALSE },
	{ "newaliases", MODE_ALIASES, NULL, FALSE },
	{ "rmail", MODE_RMAIL, NULL, FALSE },
	{ "smtpd", MODE_SMTP, NULL, FALSE },
	{ "in.smtpd", MODE_SMTP, NULL, FALSE },
	{ "hoststat", MODE_HOSTS, NULL, FALSE },
	{ "purgestat", MODE_PURGE, NULL, FALSE },
};

void
sendmail_options_free(SendmailOptions *options)
{
	if (!options)
		return;
	g_free(options->sender);
	g_free(options->full_name);
	g_free(options->notify);
	g_free(options->ret);
	g_free(options->envid);
	g_free(options->config);
	g_free(options->verb);
	g_free(options->filter);
	g_free(options->online);
	g_ptr_array_unref(options->warnings);
	g_ptr_array_unref(options->arguments);
	g_free(options);
}

static SendmailOptions *
options_new(const char *program)
{
	SendmailOptions *options = g_new0(SendmailOptions, 1);
	const char *slash = strrchr(program, '/');
	const char *name = slash ? slash + 1 : program;

	options->warnings = g_ptr_array_new_with_free_func(g_free);
	options->arguments = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < G_N_ELEMENTS(personalities); i++) {
		if (!g_str_equal(personalities[i].name, name))
			continue;
		options->mode = personalities[i].mode;
		options->verb = g_strdup(personalities[i].verb);
		options->act_on_all = personalities[i].act_on_all;
	}
	options->dots_are_text = options->mode == MODE_RMAIL;
	return options;
}

/*
 * The row for @word (without its first '-'): the whole word, else the
 * longest name that begins it and takes what is left as its value.
 */
static const SendmailOption *
find_option(const char *word)
{
	const SendmailOption *best = NULL;

	for (const SendmailOption *row = sendmail_options; row->name; row++) {
		if (g_str_equal(row->name, word))
			return row;
		if (row->argument != ARGUMENT_NONE &&
		    g_str_has_prefix(word, row->name) &&
		    (!best || strlen(row->name) > strlen(best->name)))
			best = row;
	}
	return best;
}

static const SendmailOption *
find_letter(char letter)
{
	const char name[] = { letter, '\0' };
	const SendmailOption *row = find_option(name);

	return strchr(CLUSTER, letter) ? row : NULL;
}

static gboolean
apply(SendmailOptions *options, const SendmailOption *row, const char *value,
      GError **error)
{
	return !row->take || row->take(options, value, error);
}

/* "-ti": letters without values, each an option of its own. */
static gboolean
apply_cluster(SendmailOptions *options, const char *word, GError **error)
{
	for (const char *letter = word; *letter; letter++)
		if (!find_letter(*letter)) {
			g_autofree char *shown =
				text_harmless_clipped(word, 40);

			return sendmail_fail(error, EX_USAGE,
					     "-%s: unknown option", shown);
		}
	for (; *word; word++)
		if (!apply(options, find_letter(*word), NULL, error))
			return FALSE;
	return TRUE;
}

/* One option at argv[@index]; moves @index over a value of its own. */
static gboolean
parse_option(SendmailOptions *options, int argc, char **argv, int *index,
	     GError **error)
{
	const char *word = argv[*index] + 1;
	const SendmailOption *row = find_option(word);
	const char *value;

	if (!row)
		return apply_cluster(options, word, error);
	value = word + strlen(row->name);
	if (*value || row->argument != ARGUMENT_VALUE)
		return apply(options, row, *value ? value : NULL, error);
	if (*index + 1 >= argc)
		return sendmail_fail(error, EX_USAGE, "-%s: needs a value",
				     row->name);
	return apply(options, row, argv[++*index], error);
}

SendmailOptions *
sendmail_options_parse(int argc, char **argv, GError **error)
{
	g_autoptr(SendmailOptions) options =
		options_new(argc > 0 ? argv[0] : "sendmail");
	gboolean only_words = FALSE;

	for (int i = 1; i < argc; i++) {
		if (!only_words && g_str_equal(argv[i], "--"))
			only_words = TRUE;
		else if (only_words || argv[i][0] != '-' || !argv[i][1])
			g_ptr_array_add(options->arguments,
					g_strdup(argv[i]));
		else if (!parse_option(options, argc, argv, &i, error))
			return NULL;
	}
	return g_steal_pointer(&options);
}

char *
sendmail_options_help(void)
{
	GString *text = g_string_new(
		"Usage: sendmail [option...] [recipient...]\n"
		"Hand the message on standard input to the mail daemon. Exit "
		"status 0 means that\nit is safe on the disk.\n\n");

	for (const SendmailOption *row = sendmail_options; row->name; row++) {
		g_autofree char *word = g_strdup_printf(
			"-%s%s%s", row->name,
			row->value && row->argument == ARGUMENT_VALUE ? " " :
									"",
			row->value ? row->value : "");

		g_string_append_printf(text, "  %-20s %s\n", word, row->help);
	}
	g_string_append(text, "\nThe names mailq, runq, mailrm, newaliases, "
			      "rmail, smtpd, in.smtpd, hoststat\nand purgestat "
			      "stand for such options.\n");
	return g_string_free(text, FALSE);
}
