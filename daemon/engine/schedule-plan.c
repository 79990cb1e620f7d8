// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/schedule-plan.h"

void
batch_item_free(gpointer data)
{
	BatchItem *item = data;

	if (!item)
		return;
	g_array_unref(item->recipients);
	g_free(item);
}

static void
batch_free(gpointer data)
{
	Batch *batch = data;

	g_free(batch->user);
	g_free(batch->domain);
	g_ptr_array_unref(batch->items);
	g_free(batch);
}

static void
expired_free(gpointer data)
{
	Expired *expired = data;

	status_free(expired->status);
	g_free(expired);
}

static void
delayed_free(gpointer data)
{
	Delayed *delayed = data;

	g_array_unref(delayed->recipients);
	g_free(delayed);
}

SchedulePlan *
schedule_plan_new(void)
{
	SchedulePlan *plan = g_new0(SchedulePlan, 1);

	plan->expansions = g_array_new(FALSE, FALSE, sizeof(Expansion));
	plan->batches = g_ptr_array_new_with_free_func(batch_free);
	plan->expired = g_ptr_array_new_with_free_func(expired_free);
	plan->delayed = g_ptr_array_new_with_free_func(delayed_free);
	plan->ripe = g_ptr_array_new();
	plan->stale = g_ptr_array_new();
	return plan;
}

void
schedule_plan_free(SchedulePlan *plan)
{
	if (!plan)
		return;
	g_array_unref(plan->expansions);
	g_ptr_array_unref(plan->batches);
	g_ptr_array_unref(plan->expired);
	g_ptr_array_unref(plan->delayed);
	g_ptr_array_unref(plan->ripe);
	g_ptr_array_unref(plan->stale);
	g_free(plan);
}
