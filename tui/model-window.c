// SPDX-License-Identifier: GPL-2.0-or-later
#include "tui/model-private.h"

#include <string.h>

#include "tui/record.h"

static gboolean
is_complete(const Model *model)
{
	return model->heard && model->first == 0 &&
	       model_live_rows(model) >= model->total;
}

static int
compare_rows(gconstpointer a, gconstpointer b, gpointer data)
{
	const Model *model = data;
	int result = row_compare(*(const Row **)a, *(const Row **)b,
				 model->order);

	return model->reverse ? -result : result;
}

static void
sort_if_complete(Model *model)
{
	if (is_complete(model))
		g_ptr_array_sort_with_data(model->rows, compare_rows, model);
}

static gboolean
is_hidden(const Model *model, const Row *row)
{
	return row->state == STATE_TRASH && !strstr(model->filter, "trash");
}

static GPtrArray *
parse_rows(Model *model, GVariant *reply)
{
	GPtrArray *rows =
		g_ptr_array_new_with_free_func((GDestroyNotify)row_free);
	g_autoptr(GVariantIter) iter = NULL;
	GVariant *tuple;

	g_variant_get(reply, "(uav)", &model->total, &iter);
	while (g_variant_iter_loop(iter, "v", &tuple)) {
		Row *row = row_from_tuple(tuple);

		if (!row)
			continue;
		if (!is_hidden(model, row)) {
			g_ptr_array_add(rows, row);
			continue;
		}
		row_free(row);
		model->total -= model->total > 0;
	}
	return rows;
}

static void
insert_row(Model *model, guint index, Row *row)
{
	g_ptr_array_insert(model->rows, index, row);
	g_hash_table_replace(model->by_id, row->id, row);
}

/* What left lately and would be missed when the window is replaced. */
static GPtrArray *
steal_left(Model *model)
{
	GPtrArray *left = g_ptr_array_new();

	for (guint i = model->rows->len; i > 0; i--) {
		Row *row = row_at(model, i - 1);

		if (!row->left_at)
			continue;
		g_hash_table_remove(model->by_id, row->id);
		g_ptr_array_add(left,
				g_ptr_array_steal_index(model->rows, i - 1));
	}
	return left;
}

static void
replace_window(Model *model, GPtrArray *rows, gboolean backwards)
{
	g_autoptr(GPtrArray) left = steal_left(model);

	g_hash_table_remove_all(model->by_id);
	g_ptr_array_set_size(model->rows, 0);
	while (rows->len > 0)
		insert_row(model, backwards ? 0 : -1,
			   g_ptr_array_steal_index(rows, 0));
	model->first = backwards ? model->total -
					   MIN(model->rows->len, model->total)
				 : 0;
	for (guint i = 0; i < left->len; i++)
		if (g_hash_table_contains(model->by_id,
					  ((Row *)left->pdata[i])->id))
			row_free(left->pdata[i]);
		else
			insert_row(model, -1, left->pdata[i]);
}

/* FALSE when the window has moved since it was asked. */
static gboolean
extend_window(Model *model, const ModelQuery *query, GPtrArray *rows)
{
	if (!g_str_equal(query->after,
			 model_outermost_id(model, query->backwards)))
		return FALSE;
	if (rows->len == 0 && query->backwards)
		model->first = 0;
	else if (rows->len == 0)
		model->total = model->first + model_live_rows(model);
	while (rows->len > 0) {
		Row *row = g_ptr_array_steal_index(rows, 0);

		if (g_hash_table_contains(model->by_id, row->id)) {
			row_free(row);
			continue;
		}
		insert_row(model, query->backwards ? 0 : -1, row);
		if (query->backwards)
			model->first -= model->first > 0;
	}
	return TRUE;
}

/* Cut the end that is far from the cursor. */
static void
trim_window(Model *model)
{
	while (model->rows->len > MODEL_WINDOW) {
		if (model->cursor > model->rows->len / 2) {
			model_remove_row(model, 0);
			model->first++;
			model->cursor--;
		} else {
			model_remove_row(model, model->rows->len - 1);
		}
	}
}

/*
 * Put @rows behind those that were read anew before. TRUE when the old
 * window can be replaced by what is there: the screen never shows half.
 */
static gboolean
collect_fresh(Model *model, GPtrArray *rows)
{
	gboolean ends = rows->len == 0;

	while (rows->len > 0)
		g_ptr_array_add(model->fresh,
				g_ptr_array_steal_index(rows, 0));
	return ends || model->fresh->len >= model->total ||
	       model->fresh->len >= model_live_rows(model);
}

/* One end of the queue is here; it may have been the one that was wanted. */
static void
arrived(Model *model, gboolean last, gboolean first_time)
{
	if (model->want != (last ? WANT_LAST : WANT_FIRST))
		return;
	model->want = WANT_NOTHING;
	if (!first_time)
		model_set_focus(model, last ? model->rows->len : 0);
}

gboolean
model_take_rows(Model *model, const ModelQuery *query, GVariant *reply)
{
	g_autoptr(GPtrArray) rows = NULL;
	gboolean first_time = !model->heard;

	if (!model->asking || query->generation != model->generation)
		return FALSE;
	model->asking = FALSE;
	model->heard = TRUE;
	rows = parse_rows(model, reply);
	if (model->fresh) {
		if (!collect_fresh(model, rows))
			return TRUE;
		g_ptr_array_unref(rows);
		rows = g_steal_pointer(&model->fresh);
	}
	if (query->replace)
		replace_window(model, rows, query->backwards);
	else if (!extend_window(model, query, rows))
		return FALSE;
	sort_if_complete(model);
	if (query->replace)
		arrived(model, query->backwards, first_time);
	model_settle(model);
	model_approach(model);
	trim_window(model);
	return TRUE;
}

static guint
index_of(const Model *model, const Row *row)
{
	guint index = 0;

	g_ptr_array_find(model->rows, row, &index);
	return index;
}

static void
remember_sent(Model *model, GVariant *record)
{
	row_free(model->last_sent);
	model->last_sent = row_from_record(record);
}

/* Takes @row over. A message that was done is shown a little longer. */
static void
message_left(Model *model, Row *row, Row *known, gint64 now)
{
	gboolean lingers = row->state == STATE_SENT ||
			   row->state == STATE_FAILED;
	gboolean complete = is_complete(model);

	if (known && !known->left_at)
		model->total -= model->total > 0;
	g_hash_table_remove(model->tags, row->id);
	if (known && model->focus && g_str_equal(known->id, model->focus)) {
		guint index = index_of(model, known);

		if (index + 1 < model->rows->len)
			model_set_focus(model, index + 1);
	}
	if (known)
		model_remove_row(model, index_of(model, known));
	row->left_at = now;
	if (lingers && complete && (known || !*model->filter))
		insert_row(model, -1, row);
	else
		row_free(row);
	if (!known && !complete)
		model->stale = TRUE;
}

/* Takes @row over. */
static void
message_changed(Model *model, Row *row, Row *known)
{
	gboolean complete = is_complete(model);

	if (known && !known->left_at) {
		guint index = index_of(model, known);

		g_hash_table_replace(model->by_id, row->id, row);
		model->rows->pdata[index] = row;
		row_free(known);
		model->stale |= *model->filter != '\0' || !complete;
		return;
	}
	if (*model->filter || !complete) {
		model->stale = TRUE;
		row_free(row);
		return;
	}
	if (known)
		model_remove_row(model, index_of(model, known));
	insert_row(model, -1, row);
	model->total++;
}

void
model_take_message(Model *model, GVariant *record, gint64 now)
{
	Row *row = row_from_record(record), *known;

	if (!row || !model->heard || model->frozen) {
		model->unseen += row && model->frozen;
		row_free(row);
		return;
	}
	model->stale |= model->fresh != NULL;
	known = g_hash_table_lookup(model->by_id, row->id);
	if (record_flag(record, "gone") || is_hidden(model, row)) {
		if (row->state == STATE_SENT)
			remember_sent(model, record);
		message_left(model, row, known, now);
	} else {
		message_changed(model, row, known);
	}
	sort_if_complete(model);
	model_settle(model);
}
