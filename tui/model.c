// SPDX-License-Identifier: GPL-2.0-or-later
#include "tui/model-private.h"

#include <string.h>

Model *
model_new(void)
{
	Model *model = g_new0(Model, 1);

	model->target = -1;
	model->filter = g_strdup("");
	model->order = g_strdup(row_orders[0]);
	model->rows = g_ptr_array_new_with_free_func((GDestroyNotify)row_free);
	model->by_id = g_hash_table_new(g_str_hash, g_str_equal);
	model->tags = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
					    NULL);
	return model;
}

void
model_free(Model *model)
{
	if (!model)
		return;
	model_drop_fresh(model);
	g_hash_table_unref(model->tags);
	g_hash_table_unref(model->by_id);
	g_ptr_array_unref(model->rows);
	row_free(model->last_sent);
	g_free(model->focus);
	g_free(model->filter);
	g_free(model->order);
	g_free(model);
}

guint
model_live_rows(const Model *model)
{
	guint live = 0;

	for (guint i = 0; i < model->rows->len; i++)
		live += row_at(model, i)->left_at == 0;
	return live;
}

void
model_set_focus(Model *model, guint index)
{
	g_autofree char *old = model->focus;

	model->cursor = model->rows->len ? MIN(index, model->rows->len - 1)
					 : 0;
	model->focus = model->rows->len
			       ? g_strdup(row_at(model, model->cursor)->id)
			       : NULL;
}

void
model_settle(Model *model)
{
	for (guint i = 0; model->focus && i < model->rows->len; i++)
		if (g_str_equal(row_at(model, i)->id, model->focus)) {
			model->cursor = i;
			return;
		}
	model_set_focus(model, model->cursor);
}

const char *
model_outermost_id(const Model *model, gboolean first)
{
	for (guint i = 0; i < model->rows->len; i++) {
		const Row *row = row_at(model, first ? i
						     : model->rows->len - 1 -
							       i);
		if (!row->left_at)
			return row->id;
	}
	return "";
}

void
model_remove_row(Model *model, guint index)
{
	Row *row = row_at(model, index);

	g_hash_table_remove(model->by_id, row->id);
	g_ptr_array_remove_index(model->rows, index);
}

static void
forget_window(Model *model)
{
	model_drop_fresh(model);
	g_hash_table_remove_all(model->by_id);
	g_ptr_array_set_size(model->rows, 0);
	model->first = model->total = 0;
	model->stale = model->heard = FALSE;
	model->asking = FALSE;
	model->unseen = 0;
	model->generation++;
	model->want = WANT_FIRST;
	model->target = -1;
	model->cursor = 0;
	g_clear_pointer(&model->focus, g_free);
}

void
model_set_filter(Model *model, const char *filter)
{
	if (g_str_equal(filter, model->filter))
		return;
	g_free(model->filter);
	model->filter = g_strdup(filter);
	g_hash_table_remove_all(model->tags);
	forget_window(model);
}

const char *
model_filter(const Model *model)
{
	return model->filter;
}

void
model_set_order(Model *model, const char *order, gboolean reverse)
{
	g_autofree char *old = model->order;

	model->order = g_strdup(order);
	model->reverse = reverse;
	forget_window(model);
}

const char *
model_order(const Model *model)
{
	return model->order;
}

gboolean
model_reversed(const Model *model)
{
	return model->reverse;
}

static gboolean
ask(Model *model, ModelQuery *query, gboolean backwards, gboolean replace,
    const char *after)
{
	query->backwards = backwards;
	query->replace = replace;
	query->after = g_strdup(after);
	query->rows = MODEL_PAGE;
	query->generation = model->generation;
	model->asking = TRUE;
	return TRUE;
}

/* The next part of a window that is read anew from its first row on. */
static gboolean
ask_fresh(Model *model, ModelQuery *query)
{
	const Row *last = NULL;

	if (!model->fresh)
		model->fresh = g_ptr_array_new_with_free_func(
			(GDestroyNotify)row_free);
	if (model->fresh->len)
		last = model->fresh->pdata[model->fresh->len - 1];
	return ask(model, query, FALSE, TRUE, last ? last->id : "");
}

void
model_drop_fresh(Model *model)
{
	g_clear_pointer(&model->fresh, g_ptr_array_unref);
}

gboolean
model_is_stale(const Model *model)
{
	return model->stale;
}

gboolean
model_next_query(Model *model, gboolean again, ModelQuery *ret_query)
{
	guint end = model->first + model_live_rows(model);

	memset(ret_query, 0, sizeof(*ret_query));
	if (model->asking || model->frozen)
		return FALSE;
	if (model->want == WANT_LAST)
		return ask(model, ret_query, TRUE, TRUE, "");
	if (!model->heard || model->want == WANT_FIRST)
		return ask(model, ret_query, FALSE, TRUE, "");
	/* Further down, what stands in the window is kept up by notices. */
	if (model->fresh)
		return ask_fresh(model, ret_query);
	if (again && model->stale) {
		model->stale = FALSE;
		ret_query->again = TRUE;
		if (model->first == 0)
			return ask_fresh(model, ret_query);
	}
	if (end < model->total &&
	    (model->total <= MODEL_WINDOW ||
	     model->cursor + MODEL_MARGIN >= model->rows->len))
		return ask(model, ret_query, FALSE, FALSE,
			   model_outermost_id(model, FALSE));
	if (model->first > 0 && model->cursor < MODEL_MARGIN)
		return ask(model, ret_query, TRUE, FALSE,
			   model_outermost_id(model, TRUE));
	return FALSE;
}

void
model_give_up(Model *model)
{
	model_drop_fresh(model);
	model->asking = FALSE;
	model->want = WANT_NOTHING;
	model->stale = FALSE;
	model->heard = TRUE;
}

void
model_mark_stale(Model *model)
{
	model->stale = TRUE;
}

void
model_reset_questions(Model *model)
{
	model_drop_fresh(model);
	model->asking = FALSE;
	model->generation++;
	model->want = WANT_NOTHING;
	model->stale = model->heard;
	if (model->first > 0)
		model->want = WANT_FIRST;
}

guint
model_rows(const Model *model)
{
	return model->rows->len;
}

guint
model_total(const Model *model)
{
	return model->total;
}

guint
model_first(const Model *model)
{
	return model->first;
}

const Row *
model_row(const Model *model, guint index)
{
	return row_at(model, index);
}

const Row *
model_find(const Model *model, const char *id)
{
	return g_hash_table_lookup(model->by_id, id);
}

gboolean
model_heard(const Model *model)
{
	return model->heard;
}

guint
model_cursor(const Model *model)
{
	return model->cursor;
}

const Row *
model_focus(const Model *model)
{
	return model->rows->len ? row_at(model, model->cursor) : NULL;
}

void
model_move_to(Model *model, guint index)
{
	model->target = -1;
	model_set_focus(model, index);
}

void
model_approach(Model *model)
{
	gint64 index = model->target - model->first;
	gint64 end = model->first + model_live_rows(model);

	if (model->target < 0)
		return;
	model_set_focus(model, CLAMP(index, 0, (gint64)model->rows->len));
	if (index >= 0 && (index < model->rows->len || end >= model->total))
		model->target = -1;
}

void
model_move(Model *model, int rows)
{
	gint64 from = model->target >= 0 ? model->target
					 : model->first + model->cursor;
	gint64 left = model->rows->len - model_live_rows(model);

	model->target = CLAMP(from + rows, 0,
			      MAX(model->total + left - 1, 0));
	model_approach(model);
}

void
model_go_first(Model *model)
{
	model->target = -1;
	model_set_focus(model, 0);
	if (model->first > 0)
		model->want = WANT_FIRST;
}

void
model_go_last(Model *model)
{
	model->target = -1;
	model_set_focus(model, model->rows->len);
	if (model->first + model_live_rows(model) < model->total)
		model->want = WANT_LAST;
}

gboolean
model_search(Model *model, const char *text, gboolean backwards)
{
	g_autofree char *needle = g_utf8_strdown(text, -1);
	guint rows = model->rows->len;

	for (guint step = 1; step <= rows; step++) {
		guint index = (model->cursor + (backwards ? rows - step
							  : step)) % rows;

		if (!row_contains(row_at(model, index), needle))
			continue;
		model_set_focus(model, index);
		return TRUE;
	}
	return FALSE;
}

void
model_toggle_tag(Model *model)
{
	const Row *row = model_focus(model);

	if (!row || row->left_at)
		return;
	if (!g_hash_table_remove(model->tags, row->id))
		g_hash_table_add(model->tags, g_strdup(row->id));
}

void
model_tag_all(Model *model)
{
	for (guint i = 0; i < model->rows->len; i++)
		if (!row_at(model, i)->left_at)
			g_hash_table_add(model->tags,
					 g_strdup(row_at(model, i)->id));
}

void
model_untag_all(Model *model)
{
	g_hash_table_remove_all(model->tags);
}

guint
model_tags(const Model *model)
{
	return g_hash_table_size(model->tags);
}

gboolean
model_is_tagged(const Model *model, const Row *row)
{
	return g_hash_table_contains(model->tags, row->id);
}

static int
compare_ids(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

char **
model_chosen(const Model *model)
{
	GPtrArray *ids = g_ptr_array_new();
	const Row *focus = model_focus(model);
	GHashTableIter iter;
	gpointer id;

	g_hash_table_iter_init(&iter, model->tags);
	while (g_hash_table_iter_next(&iter, &id, NULL))
		g_ptr_array_add(ids, g_strdup(id));
	g_ptr_array_sort(ids, compare_ids);
	if (ids->len == 0 && focus && !focus->left_at)
		g_ptr_array_add(ids, g_strdup(focus->id));
	g_ptr_array_add(ids, NULL);
	return (char **)g_ptr_array_free(ids, FALSE);
}

void
model_freeze(Model *model, gboolean frozen)
{
	model->frozen = frozen;
	if (!frozen && model->unseen) {
		model->unseen = 0;
		model->stale = TRUE;
	}
}

gboolean
model_frozen(const Model *model)
{
	return model->frozen;
}

guint
model_unseen(const Model *model)
{
	return model->unseen;
}

gint64
model_expire(Model *model, gint64 now)
{
	gint64 next = 0;

	for (guint i = model->rows->len; i > 0 && !model->frozen; i--) {
		const Row *row = row_at(model, i - 1);
		gint64 due = row->left_at + MODEL_LINGER;

		if (!row->left_at)
			continue;
		if (due <= now)
			model_remove_row(model, i - 1);
		else
			next = next ? MIN(next, due) : due;
	}
	model_settle(model);
	return next;
}

const Row *
model_last_sent(const Model *model)
{
	return model->last_sent;
}
