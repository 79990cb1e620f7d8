// SPDX-License-Identifier: GPL-2.0-or-later
/* Submit, Recipient, Describe, data, Commit and Reset of one connection. */
#include "common/text.h"
#include "common/wire.h"
#include "daemon/engine/methods.h"
#include "daemon/engine/report.h"
#include "daemon/engine/submit.h"

static void
fail_with(Connection *connection, const char *method, guint32 serial,
	  const GError *error)
{
	g_autofree char *enhanced = NULL;
	const char *sentence = wire_remote_parts(error, &enhanced);

	report_note(connection, enhanced);
	connection_fail(connection, method, serial, enhanced, "%s", sentence);
}

void
method_submit(Connection *connection, guint32 serial, GVariant *in)
{
	const Submitter submitter = {
		.uid = connection->uid,
		.identified = connection->identified,
		.near = connection->near,
		.origin = connection->origin,
		.peer = connection->peer.text,
	};
	g_autoptr(GVariant) options = NULL;
	g_autoptr(GError) error = NULL;
	const char *sender;

	g_clear_pointer(&connection->submission, submission_free);
	g_variant_get(in, "(&s@a{sv})", &sender, &options);
	connection->submission = submission_new(
		connection->engine, &submitter, sender, options, &error);
	if (!connection->submission) {
		fail_with(connection, "Submit", serial, error);
		return;
	}
	report_mark(connection, connection->submission);
	connection_reply(connection, "Submit", serial, g_variant_new("()"));
}

static gboolean
has_begun(Connection *connection, const char *method, guint32 serial)
{
	if (connection->submission)
		return TRUE;
	connection_fail(connection, method, serial, "5.5.1",
			"No message was begun.");
	return FALSE;
}

void
method_recipient(Connection *connection, guint32 serial, GVariant *in)
{
	g_autoptr(GVariant) options = NULL;
	g_autoptr(GError) error = NULL;
	const char *address;

	if (!has_begun(connection, "Recipient", serial))
		return;
	g_variant_get(in, "(&s@a{sv})", &address, &options);
	if (!submission_add(connection->submission, address, options,
			    &error)) {
		fail_with(connection, "Recipient", serial, error);
		return;
	}
	connection_reply(connection, "Recipient", serial,
			 g_variant_new("()"));
}

void
method_describe(Connection *connection, guint32 serial, GVariant *in)
{
	g_autoptr(GVariant) options = NULL;

	if (!has_begun(connection, "Describe", serial))
		return;
	g_variant_get(in, "(@a{sv})", &options);
	submission_describe(connection->submission, options);
	connection_reply(connection, "Describe", serial,
			 g_variant_new("()"));
}

/* Data without a begun message is told of at Commit. */
void
submit_data(Connection *connection, const void *bytes, gsize size)
{
	if (connection->submission)
		submission_write(connection->submission, bytes, size);
}

typedef struct {
	Connection *connection;
	guint32 serial;
} CommitCall;

static void
on_done(gpointer data, guint64 id, const GError *error)
{
	g_autofree CommitCall *call = data;
	Connection *connection = call->connection;
	char buffer[TEXT_ID_SIZE];

	connection->references--;
	if (connection->closed) {
		connection_close(connection);
		return;
	}
	if (error) {
		fail_with(connection, "Commit", call->serial, error);
		return;
	}
	report_note(connection, NULL);
	connection_reply(connection, "Commit", call->serial,
			 g_variant_new("(s)", text_id(id, buffer)));
}

void
method_commit(Connection *connection, guint32 serial, GVariant *in)
{
	CommitCall *call;
	guint64 size;

	if (!has_begun(connection, "Commit", serial))
		return;
	g_variant_get(in, "(t)", &size);
	call = g_new0(CommitCall, 1);
	call->connection = connection;
	call->serial = serial;
	connection->references++;
	submission_commit(g_steal_pointer(&connection->submission), size,
			  on_done, call);
}

void
method_reset(Connection *connection, guint32 serial, GVariant *in)
{
	(void)in;
	g_clear_pointer(&connection->submission, submission_free);
	connection_reply(connection, "Reset", serial, g_variant_new("()"));
}
