// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/queue-index.h"

static void
segment_free(gpointer data)
{
	Segment *segment = data;

	g_clear_pointer(&segment->dead, g_array_unref);
	g_clear_pointer(&segment->ghosts, g_array_unref);
	g_free(segment);
}

static void
entry_free(gpointer data)
{
	Entry *entry = data;

	g_slist_free(entry->marks);
	g_free(entry);
}

Index *
index_new(void)
{
	Index *index = g_new0(Index, 1);

	index->segments = g_hash_table_new_full(g_int64_hash, g_int64_equal,
						NULL, segment_free);
	index->entries = g_hash_table_new_full(g_int64_hash, g_int64_equal,
					       NULL, entry_free);
	index->candidates = g_ptr_array_new();
	return index;
}

void
index_free(Index *index)
{
	if (!index)
		return;
	g_ptr_array_unref(index->candidates);
	g_hash_table_unref(index->entries);
	g_hash_table_unref(index->segments);
	g_free(index);
}

Segment *
index_segment(Index *index, guint64 number)
{
	Segment *segment = g_hash_table_lookup(index->segments, &number);

	if (segment)
		return segment;
	segment = g_new0(Segment, 1);
	segment->number = number;
	g_hash_table_insert(index->segments, &segment->number, segment);
	return segment;
}

void
index_consider(Index *index, Segment *segment)
{
	if (segment->living || segment->candidate)
		return;
	segment->candidate = TRUE;
	g_ptr_array_add(index->candidates, segment);
}

void
index_set_current(Index *index, guint64 number)
{
	guint64 before = index->current;

	if (before == number)
		return;
	index->current = number;
	if (before)
		index_consider(index, index_segment(index, before));
}

Entry *
index_find(Index *index, guint64 id)
{
	return g_hash_table_lookup(index->entries, &id);
}

Entry *
index_add(Index *index, guint64 id, Message *message, Segment *segment)
{
	Entry *entry = g_new0(Entry, 1);

	entry->id = id;
	entry->message = message;
	entry->segment = segment;
	segment->living++;
	g_hash_table_replace(index->entries, &entry->id, entry);
	return entry;
}

void
index_mark(Index *index, Entry *entry, Segment *segment)
{
	(void)index;
	if (segment == entry->segment ||
	    g_slist_find(entry->marks, segment))
		return;
	entry->marks = g_slist_prepend(entry->marks, segment);
	segment->pins++;
}

static void
drop_marks(Index *index, Entry *entry)
{
	for (GSList *at = entry->marks; at; at = at->next) {
		Segment *segment = at->data;

		segment->pins--;
		index_consider(index, segment);
	}
	g_slist_free(g_steal_pointer(&entry->marks));
}

void
index_state(Index *index, Entry *entry, Segment *segment)
{
	drop_marks(index, entry);
	index_mark(index, entry, segment);
}

void
index_ghost(Index *index, guint64 id, Segment *segment)
{
	Entry *entry = index_find(index, id);

	if (entry)
		entry->ghosted = TRUE;
	if (!segment->ghosts)
		segment->ghosts = g_array_new(FALSE, FALSE, sizeof(guint64));
	g_array_append_val(segment->ghosts, id);
	index_consider(index, segment);
}

void
index_dead(Index *index, guint64 id, Segment *segment, Segment *end)
{
	Dead dead = { id, end };

	index_consider(index, segment);
	if (segment == end)
		return;
	if (!segment->dead)
		segment->dead = g_array_new(FALSE, FALSE, sizeof(Dead));
	g_array_append_val(segment->dead, dead);
	end->held++;
}

static gboolean
has_ghost(const Segment *segment, guint64 id)
{
	for (guint i = 0; segment->ghosts && i < segment->ghosts->len; i++)
		if (g_array_index(segment->ghosts, guint64, i) == id)
			return TRUE;
	return FALSE;
}

/* The copies of M that a failed sync may have left are ended as well. */
static void
end_ghosts(Index *index, guint64 id, Segment *end)
{
	GHashTableIter iter;
	gpointer value;

	g_hash_table_iter_init(&iter, index->segments);
	while (g_hash_table_iter_next(&iter, NULL, &value))
		if (has_ghost(value, id))
			index_dead(index, id, value, end);
}

void
index_end(Index *index, Entry *entry, Segment *segment)
{
	drop_marks(index, entry);
	entry->segment->living--;
	index_dead(index, entry->id, entry->segment, segment);
	if (entry->ghosted)
		end_ghosts(index, entry->id, segment);
	g_hash_table_remove(index->entries, &entry->id);
}

void
index_move_held(Index *index, Segment *from, Segment *to)
{
	GHashTableIter iter;
	gpointer value;

	g_hash_table_iter_init(&iter, index->segments);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		GArray *dead = ((Segment *)value)->dead;

		for (guint i = 0; dead && i < dead->len; i++) {
			Dead *one = &g_array_index(dead, Dead, i);

			if (one->end != from)
				continue;
			one->end = to;
			from->held--;
			to->held++;
		}
	}
	index_consider(index, from);
}

GArray *
index_held_ids(Index *index, const Segment *segment)
{
	GArray *ids = g_array_new(FALSE, FALSE, sizeof(guint64));
	GHashTableIter iter;
	gpointer value;

	g_hash_table_iter_init(&iter, index->segments);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		GArray *dead = ((Segment *)value)->dead;

		for (guint i = 0; dead && i < dead->len; i++) {
			Dead *one = &g_array_index(dead, Dead, i);

			if (one->end == segment)
				g_array_append_val(ids, one->id);
		}
	}
	return ids;
}

GPtrArray *
index_pinning(Index *index, const Segment *segment)
{
	GPtrArray *pinning = g_ptr_array_new();
	GHashTableIter iter;
	gpointer value;

	g_hash_table_iter_init(&iter, index->entries);
	while (g_hash_table_iter_next(&iter, NULL, &value))
		if (g_slist_find(((Entry *)value)->marks, segment))
			g_ptr_array_add(pinning, value);
	return pinning;
}

void
index_forget(Index *index, Segment *segment)
{
	for (guint i = 0; segment->dead && i < segment->dead->len; i++) {
		Segment *end = g_array_index(segment->dead, Dead, i).end;

		end->held--;
		index_consider(index, end);
	}
	if (segment->candidate)
		g_ptr_array_remove(index->candidates, segment);
	g_hash_table_remove(index->segments, &segment->number);
}
