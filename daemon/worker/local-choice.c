// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker/local-choice.h"

#include <string.h>

#include "common/local.h"
#include "daemon/worker/local-forward.h"

/* Options of a recipient, as the engine spells them (route.h). */
#define OPTION_MAILBOX "mailbox"
#define OPTION_TARGET "target"
#define OPTION_BY "by"
#define OPTION_NUMBER "number"
#define BY_ALIAS "alias:"
#define BY_FORWARD "forward"
#define BY_SENT "sent"

/* --- what holds for a user ------------------------------------------------ */

/* %u in a path is the user. */
static char *
expand(const char *path, const char *user)
{
	GString *expanded = g_string_new(path);

	g_string_replace(expanded, "%u", user, 0);
	return g_string_free(expanded, FALSE);
}

static void
fill_mailbox(LocalSettings *settings, const Config *config, gboolean own_agent)
{
	g_autofree char *name =
		local_string(config, settings->user, "Delivery");
	g_autofree char *path = NULL;

	/* The system keeps the classic mbox, one's own agent a Maildir. */
	settings->kind = name ? box_kind(name)
			      : own_agent ? &box_maildir : &box_mbox;
	path = local_string(config, settings->user,
			    settings->kind == &box_maildir ? "Maildir"
							   : "Mbox");
	settings->path = expand(path ? path : settings->kind->path,
				settings->user);
}

static void
fill_mda(LocalSettings *settings, const Config *config)
{
	g_autofree char *line = local_string(config, settings->user, "Mda");
	g_auto(GStrv) words = NULL;

	if (!line || !*line)
		return;
	settings->mda = TRUE;
	settings->mda_name =
		g_shell_parse_argv(line, NULL, &words, NULL)
			? g_path_get_basename(words[0]) : g_strdup(line);
}

LocalSettings *
local_settings_new(const Config *config, const char *user, const char *home,
		   gboolean own_agent)
{
	LocalSettings *settings = g_new0(LocalSettings, 1);

	settings->user = g_strdup(user);
	settings->home = g_strdup(home);
	settings->host = worker_host_name(config);
	settings->separators = config_string(config, "General", "Separator");
	settings->sent_copy = local_string(config, user, "SentCopy");
	settings->envelope_to = local_boolean(config, user, "EnvelopeTo");
	fill_mailbox(settings, config, own_agent);
	fill_mda(settings, config);
	return settings;
}

void
local_settings_free(LocalSettings *settings)
{
	if (!settings)
		return;
	g_free(settings->user);
	g_free(settings->home);
	g_free(settings->path);
	g_free(settings->separators);
	g_free(settings->host);
	g_free(settings->mda_name);
	g_free(settings->sent_copy);
	g_free(settings);
}

/* --- one recipient -------------------------------------------------------- */

void
local_choice_free(LocalChoice *choice)
{
	if (!choice)
		return;
	g_free(choice->path);
	g_free(choice->argument);
	g_free(choice->extension);
	alias_free(choice->forward);
	status_free(choice->status);
	g_free(choice);
}

static void
choose_mailbox(LocalChoice *choice, const LocalSettings *settings)
{
	if (settings->mda) {
		choice->kind = &box_command;
		choice->path = g_strdup(settings->mda_name);
		choice->call.key = "Mda";
		return;
	}
	choice->kind = settings->kind;
	choice->path = g_strdup(settings->path);
}

/* A final '/' means a Maildir, as procmail and Postfix have it. */
static void
choose_file(LocalChoice *choice, const char *target)
{
	if (g_str_has_prefix(target, "~/"))
		target += strlen("~/");
	choice->kind = g_str_has_suffix(target, "/") ? &box_maildir
						     : &box_mbox;
	choice->path = g_strdup(target);
}

static void
choose_alias_target(LocalChoice *choice, const JobRecipient *recipient,
		    const char *target, const char *by)
{
	const char *number =
		g_hash_table_lookup(recipient->options, OPTION_NUMBER);

	if (*target != '|') {
		choose_file(choice, target);
		return;
	}
	choice->kind = &box_command;
	choice->path = g_strdup(target);
	choice->argument = g_strdup(by + strlen(BY_ALIAS));
	choice->call.key = "Alias";
	choice->call.argument = choice->argument;
	choice->call.number = number ? g_ascii_strtoull(number, NULL, 10) : 0;
}

static void
defer(LocalChoice *choice, const char *text, const char *why)
{
	choice->status = status_new(OUTCOME_DEFERRED, FAULT_RECIPIENT, 0,
				    "4.2.0", text, why);
}

static Alias *
read_forward(LocalChoice *choice, const LocalSettings *settings)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Alias) forward = forward_read(settings->home,
						choice->extension, &error);

	if (error)
		defer(choice, error->message,
		      "The recipient's .forward cannot be trusted or read, so "
		      "nobody knows where the mail should go. Put that right "
		      "and it follows.");
	else if (forward && forward->fault)
		defer(choice, forward->fault,
		      "A line of the recipient's .forward is wrong. Mend it "
		      "and the mail follows.");
	return choice->status ? NULL : g_steal_pointer(&forward);
}

/*
 * What a .forward named when the mail came. What it names no more is not
 * done; the mailbox takes the mail, so that none is lost.
 */
static void
choose_forward_target(LocalChoice *choice, const LocalSettings *settings,
		      const char *target)
{
	g_autoptr(Alias) forward = read_forward(choice, settings);

	if (choice->status)
		return;
	if (!forward || !forward_has(forward, target)) {
		choose_mailbox(choice, settings);
		return;
	}
	if (*target != '|') {
		choose_file(choice, target);
		return;
	}
	choice->kind = &box_command;
	choice->path = g_strdup(target);
	choice->call.key = "Forward";
	choice->call.number = forward_number(forward, target);
}

static void
choose_own(LocalChoice *choice, const LocalSettings *settings,
	   const JobRecipient *recipient)
{
	if (!g_hash_table_contains(recipient->options, OPTION_MAILBOX))
		choice->forward = read_forward(choice, settings);
	if (!choice->forward && !choice->status)
		choose_mailbox(choice, settings);
}

/* The folder that the configuration names now, whatever the engine says. */
static void
choose_sent(LocalChoice *choice, const LocalSettings *settings)
{
	const char *folder = settings->sent_copy;

	if (!folder || !*folder) {
		choice->status = status_new(OUTCOME_FAILED, FAULT_RECIPIENT, 0,
					    "5.2.1", "no SentCopy= any more",
					    "Sent mail is not kept any more.");
		return;
	}
	choice->sent = TRUE;
	choice->kind = &box_maildir;
	choice->path = g_strdup(g_str_has_prefix(folder, "~/")
				? folder + strlen("~/") : folder);
}

LocalChoice *
local_choose(const LocalSettings *settings, const JobRecipient *recipient)
{
	LocalChoice *choice = g_new0(LocalChoice, 1);
	const char *target =
		g_hash_table_lookup(recipient->options, OPTION_TARGET);
	const char *by = g_hash_table_lookup(recipient->options, OPTION_BY);

	choice->call.watched = -1;
	choice->extension = forward_extension(recipient->address,
					      settings->user,
					      settings->separators);
	if (target && by && g_str_has_prefix(by, BY_ALIAS))
		choose_alias_target(choice, recipient, target, by);
	else if (target && g_strcmp0(by, BY_FORWARD) == 0)
		choose_forward_target(choice, settings, target);
	else if (target && g_strcmp0(by, BY_SENT) == 0)
		choose_sent(choice, settings);
	else if (target)
		choose_file(choice, target);
	else
		choose_own(choice, settings, recipient);
	return choice;
}
