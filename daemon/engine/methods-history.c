// SPDX-License-Identifier: GPL-2.0-or-later
/* History: finished mail, searched. */
#include "common/text.h"
#include "daemon/engine/history.h"
#include "daemon/engine/methods.h"

#define ROW_MARGIN 16 /* bytes between rows */

static GVariant *
history_row(const HistoryEntry *entry)
{
	char buffer[TEXT_ID_SIZE];
	const struct {
		const char *key, *value;
	} words[] = {
		{ "id", text_id(entry->id, buffer) },
		{ "result", entry->result },
		{ "sender", entry->sender },
		{ "recipients", entry->recipients },
		{ "subject", entry->subject },
		{ "route", entry->route },
		{ "profile", entry->profile },
		{ "network", entry->network },
		{ "host", entry->host },
		{ "tls", entry->tls },
		{ "answer", entry->answer },
		{ "remote-id", entry->remote_id },
	};
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "time", "x", entry->when);
	g_variant_dict_insert(&dict, "arrived", "x", entry->arrived);
	g_variant_dict_insert(&dict, "size", "t", entry->size);
	g_variant_dict_insert(&dict, "uid", "u", (guint32)entry->uid);
	for (guint i = 0; i < G_N_ELEMENTS(words); i++)
		g_variant_dict_insert(&dict, words[i].key, "s",
				      words[i].value);
	return g_variant_dict_end(&dict);
}

/* The newest that fit one reply, but for @skip; told oldest first. */
static GVariant *
history_rows(const GPtrArray *found, guint skip)
{
	g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(
		(GDestroyNotify)g_variant_unref);
	GVariantBuilder builder;
	gsize bytes = 0;

	for (guint i = found->len - MIN(skip, found->len); i-- > 0;) {
		g_autoptr(GVariant) row =
			g_variant_ref_sink(history_row(found->pdata[i]));

		bytes += g_variant_get_size(row) + ROW_MARGIN;
		if (bytes > METHODS_MAX_BYTES)
			break;
		g_ptr_array_add(rows, g_steal_pointer(&row));
	}
	g_variant_builder_init(&builder, G_VARIANT_TYPE("aa{sv}"));
	for (guint i = rows->len; i-- > 0;)
		g_variant_builder_add_value(&builder, rows->pdata[i]);
	return g_variant_builder_end(&builder);
}

void
method_history(Connection *connection, guint32 serial, GVariant *in)
{
	Engine *engine = connection->engine;
	HistoryFilter filter = { .uid = connection->uid,
				 .all = connection->roles & ROLE_ADMIN,
				 .now = engine_now() };
	g_autoptr(GVariant) query = NULL;
	g_autoptr(GPtrArray) found = NULL;
	g_autoptr(GError) error = NULL;
	const char *message = "";
	guint32 limit = HISTORY_READ_MAX, skip = 0;

	g_variant_get(in, "(@a{sv})", &query);
	g_variant_lookup(query, "words", "&s", &filter.words);
	g_variant_lookup(query, "from", "&s", &filter.from);
	g_variant_lookup(query, "to", "&s", &filter.to);
	g_variant_lookup(query, "route", "&s", &filter.route);
	g_variant_lookup(query, "since", "x", &filter.since);
	g_variant_lookup(query, "limit", "u", &limit);
	g_variant_lookup(query, "skip", "u", &skip);
	if (g_variant_lookup(query, "message", "&s", &message) && *message &&
	    !text_parse_id(message, &filter.id)) {
		connection_fail(connection, "History", serial, "5.5.4",
				"%s is no message id.", message);
		return;
	}
	skip = MIN(skip, HISTORY_READ_MAX);
	filter.last = skip + CLAMP(limit, 1, HISTORY_READ_MAX);
	found = history_read(engine->history, &filter, &error);
	if (found)
		connection_reply(connection, "History", serial,
				 g_variant_new("(@aa{sv})",
					       history_rows(found, skip)));
	else
		connection_fail(connection, "History", serial, "4.3.0", "%s",
				error->message);
}
