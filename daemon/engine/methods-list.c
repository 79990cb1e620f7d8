// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * List: a window of rows. Filter and order are here so that a front end
 * with a hundred thousand messages holds one screen of them.
 */
#include <string.h>

#include "common/text.h"
#include "daemon/engine/deliver.h"
#include "daemon/engine/filter.h"
#include "daemon/engine/methods.h"
#include "daemon/engine/row.h"

#define MAX_ROWS 1000

typedef struct {
	const Message *message;
	GVariant *key; /* what it is ordered by; NULL in order of arrival */
} Entry;

static void
entry_clear(gpointer data)
{
	Entry *entry = data;

	g_clear_pointer(&entry->key, g_variant_unref);
}

/*
 * What is equal goes by its arrival, so that both directions are each
 * other's mirror: a client reads a window from either end.
 */
static int
compare_entries(gconstpointer a, gconstpointer b)
{
	const Entry *one = a, *other = b;
	guint64 first = one->message->id;
	guint64 second = other->message->id;
	int result = g_variant_compare(one->key, other->key);

	if (result)
		return result;
	return first < second ? -1 : first > second;
}

static int
compare_reverse(gconstpointer a, gconstpointer b)
{
	return compare_entries(b, a);
}

typedef struct {
	Connection *connection;
	Filter *filter;
	const char *order; /* a column; "" for arrival */
	gboolean reverse;
} Query;

/* Whether it matches; then @entry has what it is ordered by. */
static gboolean
take_entry(const Query *query, const ScheduleInput *input, Entry *entry)
{
	Row row;

	/* A row costs, and in order of arrival nobody needs it yet. */
	if (filter_is_empty(query->filter) && !*query->order)
		return TRUE;
	row_init(&row, query->connection->engine, input, entry->message);
	if (!filter_passes(query->filter, &row, input->world.now))
		return FALSE;
	if (*query->order)
		entry->key = g_variant_ref_sink(
			row_column(&row, query->order));
	return TRUE;
}

/* All that match, in order. */
static GArray *
collect(const Query *query)
{
	Engine *engine = query->connection->engine;
	const ScheduleInput *input = deliver_input(engine->deliver);
	GPtrArray *messages = store_messages(engine->store);
	GArray *entries = g_array_new(FALSE, FALSE, sizeof(Entry));

	g_array_set_clear_func(entries, entry_clear);
	for (guint i = 0; i < messages->len; i++) {
		guint at = query->reverse && !*query->order
				   ? messages->len - 1 - i : i;
		Entry entry = { .message = messages->pdata[at] };

		if (connection_owns(query->connection, entry.message) &&
		    take_entry(query, input, &entry))
			g_array_append_val(entries, entry);
	}
	if (*query->order)
		g_array_sort(entries, query->reverse ? compare_reverse
						     : compare_entries);
	return entries;
}

/* Where to begin: behind the row of @after, or at the start. */
static guint
find_after(const GArray *entries, const char *after)
{
	guint64 id;

	if (!*after || !text_parse_id(after, &id))
		return 0;
	for (guint i = 0; i < entries->len; i++)
		if (g_array_index(entries, Entry, i).message->id == id)
			return i + 1;
	return 0;
}

static GVariant *
row_tuple(const Row *row, const char *const *columns)
{
	GVariantBuilder builder;

	g_variant_builder_init(&builder, G_VARIANT_TYPE_TUPLE);
	for (guint i = 0; columns[i]; i++)
		g_variant_builder_add_value(&builder,
					    row_column(row, columns[i]));
	return g_variant_builder_end(&builder);
}

static GVariant *
window(Engine *engine, const GArray *entries, const char *const *columns,
       guint from, guint limit)
{
	const ScheduleInput *input = deliver_input(engine->deliver);
	GVariantBuilder rows;
	gsize bytes = 0;

	limit = MIN(limit, MAX_ROWS);
	g_variant_builder_init(&rows, G_VARIANT_TYPE("av"));
	for (guint i = from; i < entries->len && limit > 0; i++, limit--) {
		const Entry *entry = &g_array_index(entries, Entry, i);
		GVariant *tuple;
		Row row;

		row_init(&row, engine, input, entry->message);
		tuple = row_tuple(&row, columns);

		/* In the variant each row carries its type, too. */
		if (!methods_add_row(&rows, g_variant_new_variant(tuple),
				     &bytes))
			break;
	}
	return g_variant_new("(uav)", entries->len, &rows);
}

static const char *
unknown_column(const char *const *columns)
{
	for (guint i = 0; columns[i]; i++)
		if (!api_column(columns[i]))
			return columns[i];
	return NULL;
}

void
method_list(Connection *connection, guint32 serial, GVariant *in)
{
	Query query = { .connection = connection, .order = "" };
	g_autofree const char **columns = NULL;
	g_autoptr(GVariant) options = NULL;
	g_autoptr(Filter) filter = NULL;
	g_autoptr(GArray) entries = NULL;
	g_autoptr(GError) error = NULL;
	const char *after, *text = "";
	guint32 limit;

	g_variant_get(in, "(^a&s@a{sv}&su)", &columns, &options, &after,
		      &limit);
	g_variant_lookup(options, "filter", "&s", &text);
	g_variant_lookup(options, "order", "&s", &query.order);
	g_variant_lookup(options, "reverse", "b", &query.reverse);
	filter = filter_parse(text, &error);
	if (!filter) {
		connection_fail(connection, "List", serial, "5.5.4", "%s",
				error->message);
		return;
	}
	if (unknown_column(columns) ||
	    (*query.order && !api_column(query.order))) {
		connection_fail(connection, "List", serial, "5.5.4",
				"There is no column %s.",
				unknown_column(columns)
					? unknown_column(columns)
					: query.order);
		return;
	}
	query.filter = filter;
	entries = collect(&query);
	connection_reply(connection, "List", serial,
			 window(connection->engine, entries, columns,
				find_after(entries, after), limit));
}
