// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the end of a command means for the mail: sysexits.h as a table.
 */
#include "daemon/worker/command.h"

#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>

typedef struct {
	int code;
	Outcome outcome;
	Fault fault;
	const char *enhanced;
	const char *meaning; /* "NAME says that ..." */
} Row;

static const Row rows[] = {
	{ EX_USAGE, OUTCOME_FAILED, FAULT_MESSAGE, "5.3.5",
	  "it was called wrongly" },
	{ EX_DATAERR, OUTCOME_FAILED, FAULT_MESSAGE, "5.6.0",
	  "it cannot use the message" },
	{ EX_NOINPUT, OUTCOME_FAILED, FAULT_MESSAGE, "5.3.0",
	  "it cannot read what it needs" },
	{ EX_NOUSER, OUTCOME_FAILED, FAULT_RECIPIENT, "5.1.1",
	  "there is no such recipient" },
	{ EX_NOHOST, OUTCOME_FAILED, FAULT_RECIPIENT, "5.1.2",
	  "there is no such host" },
	{ EX_UNAVAILABLE, OUTCOME_FAILED, FAULT_RECIPIENT, "5.3.0",
	  "it does not take this mail" },
	{ EX_SOFTWARE, OUTCOME_FAILED, FAULT_MESSAGE, "5.3.0",
	  "it failed at this message" },
	{ EX_OSERR, OUTCOME_DEFERRED, FAULT_HOST, "4.3.0",
	  "the system failed it" },
	{ EX_OSFILE, OUTCOME_DEFERRED, FAULT_HOST, "4.3.0",
	  "a file of the system is missing" },
	{ EX_CANTCREAT, OUTCOME_DEFERRED, FAULT_RECIPIENT, "4.2.0",
	  "it cannot write where the mail should go" },
	{ EX_IOERR, OUTCOME_DEFERRED, FAULT_HOST, "4.3.0",
	  "reading or writing failed" },
	{ EX_TEMPFAIL, OUTCOME_DEFERRED, FAULT_RECIPIENT, "4.3.0",
	  "the mail is to be tried again later" },
	{ EX_PROTOCOL, OUTCOME_DEFERRED, FAULT_HOST, "4.5.0",
	  "it did not understand the other side" },
	{ EX_NOPERM, OUTCOME_FAILED, FAULT_RECIPIENT, "5.7.0",
	  "that is not permitted" },
	{ EX_CONFIG, OUTCOME_DEFERRED, FAULT_HOST, "4.3.5",
	  "its configuration is wrong" },
};

static const Row *
find_row(int code)
{
	for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
		if (rows[i].code == code)
			return &rows[i];
	return NULL;
}

static char *
finish_sentence(char *sentence, const char *complaint)
{
	char *all = *complaint ? g_strdup_printf("%s (%s)", sentence,
						 complaint)
			       : g_strdup(sentence);

	g_free(sentence);
	return all;
}

static Status *
judge_unknown(int status, const char *name, const char *complaint)
{
	gboolean killed = WIFSIGNALED(status);
	g_autofree char *end = g_strdup_printf(
		killed ? "%s was ended by signal %d"
		       : "%s ended with exit code %d, which means nothing to "
			 "masqmail",
		name, killed ? WTERMSIG(status) : WEXITSTATUS(status));
	g_autofree char *told = finish_sentence(g_steal_pointer(&end),
						complaint);
	g_autofree char *why = g_strconcat(
		told, ". The mail waits and is tried again.", NULL);

	return status_new(OUTCOME_DEFERRED, FAULT_HOST, 0, "4.3.0", complaint,
			  why);
}

Status *
command_why(int status, const char *name, const char *complaint)
{
	const Row *row = WIFEXITED(status) ? find_row(WEXITSTATUS(status))
					   : NULL;
	g_autofree char *told = NULL, *why = NULL;

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return status_new(OUTCOME_DELIVERED, FAULT_NONE, 0, "2.0.0",
				  complaint, NULL);
	if (!row)
		return judge_unknown(status, name, complaint);
	told = finish_sentence(g_strdup_printf("%s says that %s", name,
					       row->meaning), complaint);
	why = g_strdup_printf("%s. %s", told,
			      row->outcome == OUTCOME_DEFERRED
				      ? "The mail waits and is tried again."
				      : "It will not be tried again.");
	return status_new(row->outcome, row->fault, 0, row->enhanced,
			  complaint, why);
}

Status *
command_trouble(const char *name, const GError *error)
{
	gboolean late = g_error_matches(error, COMMAND_RUN_ERROR,
					COMMAND_RUN_ERROR_TIMEOUT);
	g_autofree char *why = g_strdup_printf(
		"%s could not do its work: %s. The mail waits.", name,
		error->message);

	return status_new(OUTCOME_DEFERRED, late ? FAULT_HOST : FAULT_ROUTE,
			  0, late ? "4.4.7" : "4.3.5", "", why);
}
