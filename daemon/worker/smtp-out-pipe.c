// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A route without any dialogue: a command takes each message, for UUCP, a
 * fax, a telephone. It runs once for each recipient, so that its exit can
 * be that recipient's verdict.
 */
#include <string.h>
#include <time.h>

#include "common/address.h"
#include "daemon/worker/command.h"
#include "daemon/worker/smtp-out.h"

#define NAME "The command of the pipe"

/* "From ada@home.example Thu Feb 29 13:37:00 2024": no locale's names. */
static char *
from_line(const Job *job)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	time_t seconds = g_date_time_to_unix(now);
	struct tm parts;
	char date[32];

	gmtime_r(&seconds, &parts);
	if (!asctime_r(&parts, date))
		date[0] = '\0';
	g_strchomp(date);
	return g_strdup_printf("From %s %s\n",
			       *job->sender ? job->sender : "MAILER-DAEMON",
			       date);
}

static GPtrArray *
values_for(const Session *session, const JobRecipient *recipient)
{
	const Job *job = session->job;
	g_autofree char *local = address_local(recipient->address);
	const char *original = g_hash_table_lookup(recipient->options,
						   "orcpt");
	const char *semicolon = original ? strchr(original, ';') : NULL;
	GPtrArray *values = g_ptr_array_new_with_free_func(g_free);

	g_ptr_array_add(values, g_strconcat("SENDER=", job->sender, NULL));
	g_ptr_array_add(values, g_strconcat("RECIPIENT=",
					    recipient->address, NULL));
	g_ptr_array_add(values, g_strconcat("LOCAL=", local, NULL));
	g_ptr_array_add(values, g_strconcat("DOMAIN=",
					    address_domain(recipient->address),
					    NULL));
	g_ptr_array_add(values, g_strconcat("MESSAGE_ID=", job->id, NULL));
	g_ptr_array_add(values, g_strdup_printf("SIZE=%" G_GUINT64_FORMAT,
						job->size));
	g_ptr_array_add(values, g_strconcat("ROUTE=", session->route->name,
					    NULL));
	if (semicolon)
		g_ptr_array_add(values, g_strconcat("ORIGINAL_RECIPIENT=",
						    semicolon + 1, NULL));
	g_ptr_array_add(values, NULL);
	return values;
}

/* What is wrong with the message itself. (transfer full) */
static Status *
bad_message(const Session *session, const GError *error)
{
	gboolean loop = g_error_matches(error, SMTP_ERROR, SMTP_ERROR_LOOP);
	SmtpParties parties = session_parties(session, error->message);

	return smtp_why_trouble(loop ? SMTP_LOOP : SMTP_BYTES, &parties);
}

/*
 * The message with LF lines, as commands know them. NULL: all of it went,
 * or the engine is gone; else what became of it.
 */
static Status *
feed(Session *session, Command *command)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	g_autoptr(GError) error = NULL;
	guint64 offset = 0;
	gsize size = 1;
	SmtpOutput output;

	smtp_output_init(&output, SMTP_OUTPUT_LF);
	while (size > 0) {
		g_autoptr(WirePacket) packet = worker_fetch(
			session->worker, session->job, offset, NULL);

		if (!packet) {
			session->stopped = TRUE;
			return NULL;
		}
		size = packet->size;
		offset += size;
		if (!(size > 0 ? smtp_output_feed(&output, packet->data, size,
						  bytes, &error)
			       : smtp_output_finish(&output, bytes, &error)))
			return bad_message(session, error);
		if (!command_write(command, bytes->data, bytes->len, &error))
			return command_trouble(NAME, error);
		g_byte_array_set_size(bytes, 0);
	}
	return NULL;
}

static gboolean
write_from(const Session *session, Command *command, GError **error)
{
	g_autofree char *line = NULL;

	if (!session->route->from_line)
		return TRUE;
	line = from_line(session->job);
	return command_write(command, line, strlen(line), error);
}

/* (transfer full) (nullable). NULL: the engine is gone. */
static Status *
run_command(Session *session, const CommandCall *call)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Command) command = command_start(call, &error);
	Status *status;

	if (!command || !write_from(session, command, &error))
		return command_trouble(NAME, error);
	status = feed(session, command);
	if (status || session->stopped)
		return status;
	if (command_finish(command, &error))
		return command_status(command, NAME);
	if (g_error_matches(error, COMMAND_RUN_ERROR,
			    COMMAND_RUN_ERROR_STOPPED)) {
		session->stopped = TRUE;
		return NULL;
	}
	return command_trouble(NAME, error);
}

/* There is no dialogue to be told, but what came of the command. */
static void
record(Session *session, const JobRecipient *recipient, const Status *status)
{
	g_autofree char *text = g_strdup_printf(
		"the command, for %s: %s", recipient->address,
		*status->text ? status->text : outcome_name(status->outcome));

	session_record_note(session, text);
}

static gboolean
deliver_to(Session *session, JobRecipient *recipient)
{
	g_autoptr(GPtrArray) values = values_for(session, recipient);
	const CommandCall call = {
		.key = "Pipe",
		.values = (const char *const *)values->pdata,
		.input = -1,
		.output = -1,
		.seconds = session->route->pipe_seconds,
		.watched = worker_fd(session->worker),
	};
	SmtpParties parties = session_parties(session, NULL);
	Status *status;

	/* An address is whatever a stranger wrote: never an option. */
	parties.recipient = recipient->address;
	if (!address_is_valid(recipient->address) ||
	    *recipient->address == '-')
		return smtp_judge(session, recipient,
				  smtp_why_trouble(SMTP_BAD_ADDRESS,
						   &parties));
	status = run_command(session, &call);
	if (!status)
		return FALSE;
	record(session, recipient, status);
	/* A command that cannot run is nobody's verdict. */
	if (status->fault == FAULT_ROUTE)
		return session_fail(session, status);
	return smtp_judge(session, recipient, status);
}

gboolean
smtp_pipe(Session *session)
{
	GPtrArray *recipients = session->job->recipients;

	session->worker->confirm = TRUE;
	for (guint i = 0; i < recipients->len; i++) {
		JobRecipient *recipient = recipients->pdata[i];

		if (!recipient->judged && !deliver_to(session, recipient))
			return FALSE;
	}
	return TRUE;
}
