// SPDX-License-Identifier: GPL-2.0-or-later
/* Transcript: what was said when a message was last tried. */
#include "common/text.h"
#include "daemon/engine/methods.h"

/* Of mail that has left, the transcript itself knows whose it was. */
static gboolean
may_see(const Connection *connection, const Message *message,
	const TranscriptEntry *entry)
{
	if (message)
		return connection_owns(connection, message);
	return entry && ((connection->roles & ROLE_ADMIN) ||
			 ((connection->roles & ROLE_USER) &&
			  connection->uid == entry->uid));
}

static GVariant *
entry_dictionary(const TranscriptEntry *entry)
{
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "time", "x", entry->when);
	g_variant_dict_insert(&dict, "route", "s", entry->route);
	g_variant_dict_insert(&dict, "host", "s", entry->host);
	g_variant_dict_insert(&dict, "tls", "s", entry->tls);
	g_variant_dict_insert(&dict, "lines", "^as", entry->lines);
	return g_variant_dict_end(&dict);
}

void
method_transcript(Connection *connection, guint32 serial, GVariant *in)
{
	Engine *engine = connection->engine;
	g_autoptr(TranscriptEntry) entry = NULL;
	const Message *message = NULL;
	const char *text;
	guint64 id;

	g_variant_get(in, "(&s)", &text);
	if (text_parse_id(text, &id)) {
		message = store_find(engine->store, id);
		entry = transcripts_find(engine->transcripts, id);
	}
	if (!may_see(connection, message, entry)) {
		connection_fail(connection, "Transcript", serial, "5.1.0",
				"There is no message %s of yours whose "
				"transcript is kept.", text);
		return;
	}
	connection_reply(connection, "Transcript", serial,
			 g_variant_new("(@a{sv})",
				       entry ? entry_dictionary(entry)
					     : g_variant_new("a{sv}", NULL)));
}
