// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A run has three passes: who is busy, who may go (gathered by route or
 * local user), and how that is cut into batches. It is linear in the
 * messages, for it runs after every change.
 *
 * Order: of two messages from one sender to one recipient the later never
 * starts before the earlier, unless the earlier waits for a retry. So their
 * key is in one batch only, and while it is active elsewhere it waits.
 *
 * A next hop that failed last time is asked by a single worker, and all such
 * together get only a part of the workers: however many are dead, those that
 * live find one free.
 */
#include "daemon/engine/schedule.h"

#include <string.h>

#include "daemon/engine/schedule-plan.h"
#include "daemon/engine/later.h"
#include "daemon/engine/schedule-wait.h"

typedef struct {
	const Route *route; /* (nullable) */
	char *domain;       /* Batch.domain */
	char *user;         /* (nullable) */
	gboolean doubtful;  /* the next hop failed last time */
	gboolean for_aliases; /* .user is whom the aliases' targets get */
	GPtrArray *items;   /* of BatchItem, owned */
	guint batches;      /* how many it gets */
	guint most;         /* how many it may have */
} Group;

typedef struct {
	const ScheduleInput *input;
	SchedulePlan *plan;
	GHashTable *busy_keys;  /* order keys of active recipients, a set */
	GHashTable *busy_users; /* local_name()s a worker delivers to, a set */
	GHashTable *by_name;    /* "route NAME DOMAIN", local_name() -> Group */
	GPtrArray *groups;      /* of Group, owned, in order of age */
	GHashTable *told; /* (nullable) faults their senders know, a set */
} Run;

static void
group_free(gpointer data)
{
	Group *group = data;

	g_free(group->user);
	g_free(group->domain);
	g_ptr_array_unref(group->items);
	g_free(group);
}

static char *
order_key(const Message *message, const Recipient *recipient)
{
	g_autofree char *both = g_strconcat(message->sender, "\n",
					    recipient->address, NULL);

	return g_ascii_strdown(both, -1);
}

/*
 * What one worker at a time delivers to: a user, or one command or file of
 * the aliases, so that none waits for another. (transfer full)
 */
static char *
local_name(const Run *run, const Recipient *recipient)
{
	g_autofree char *user = NULL;

	if (route_is_for_alias_user(recipient))
		return g_strdup_printf("target %s %s", recipient->address,
				       recipient_option(recipient,
							ROUTE_TARGET));
	user = route_local_user(&run->input->world, recipient);
	return g_strconcat("user ", user, NULL);
}

static void
note_busy(Run *run, const Message *message)
{
	for (guint i = 0; i < message->recipients->len; i++) {
		const Recipient *recipient = message->recipients->pdata[i];

		if (recipient->state != RECIPIENT_ACTIVE)
			continue;
		g_hash_table_add(run->busy_keys,
				 order_key(message, recipient));
		if (route_is_local(&run->input->world, recipient->address))
			g_hash_table_add(run->busy_users,
					 local_name(run, recipient));
	}
}

/* How many workers its hop may still have. */
static void
look_at_hop(const Run *run, Group *group)
{
	const Hop hop = { group->route->name, group->domain };
	const RouteFacts *facts = route_hop_facts(&run->input->world, &hop);
	guint busy = facts ? facts->busy : 0, most;

	/* A network that is suspected is probed by one connection. */
	group->doubtful = (facts && facts->faults > 0) ||
			  route_is_hindered(&run->input->world, group->route);
	most = group->doubtful ? 1 : group->route->connections;
	group->most = most > busy ? most - busy : 0;
}

static Group *
group_of(Run *run, const Way *way, const Recipient *recipient)
{
	gboolean local = way->kind == WAY_LOCAL;
	g_autofree char *domain =
		g_ascii_strdown(way->domain ? way->domain : "", -1);
	g_autofree char *name = local
		? local_name(run, recipient)
		: g_strconcat("route ", way->route->name, " ", domain, NULL);
	Group *group;

	group = g_hash_table_lookup(run->by_name, name);
	if (group)
		return group;
	group = g_new0(Group, 1);
	group->route = way->route;
	group->domain = g_steal_pointer(&domain);
	group->items = g_ptr_array_new_with_free_func(batch_item_free);
	if (local) {
		group->user = route_local_user(&run->input->world, recipient);
		group->for_aliases = route_is_for_alias_user(recipient);
		group->most = !g_hash_table_contains(run->busy_users, name);
	} else {
		look_at_hop(run, group);
	}
	g_hash_table_insert(run->by_name, g_steal_pointer(&name), group);
	g_ptr_array_add(run->groups, group);
	return group;
}

/* Recipients of one message that go one way share one transaction. */
static void
add_to_group(Group *group, Message *message, guint number)
{
	BatchItem *last = group->items->len ?
		group->items->pdata[group->items->len - 1] : NULL;

	if (!last || last->message != message) {
		last = g_new0(BatchItem, 1);
		last->message = message;
		last->recipients = g_array_new(FALSE, FALSE, sizeof(guint));
		g_ptr_array_add(group->items, last);
	}
	g_array_append_val(last->recipients, number);
}

static void
wake_at(SchedulePlan *plan, gint64 when)
{
	if (when && (!plan->next_wake || when < plan->next_wake))
		plan->next_wake = when;
}

static void
expire(Run *run, Message *message, guint number)
{
	const Recipient *recipient = message->recipients->pdata[number];
	Expired *expired = g_new0(Expired, 1);

	expired->message = message;
	expired->recipient = number;
	expired->status = schedule_expiry_status(run->input, recipient);
	g_ptr_array_add(run->plan->expired, expired);
}

/* Whose senders have heard of which route's fault. Made when asked for. */
static GHashTable *
told_faults(Run *run)
{
	if (run->told)
		return run->told;
	run->told = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
					  NULL);
	for (guint i = 0; i < run->input->messages->len; i++) {
		const Message *message = run->input->messages->pdata[i];

		if (!message_option(message, "warned"))
			continue;
		for (guint n = 0; n < message->recipients->len; n++) {
			Waiting waiting =
				schedule_waiting(run->input, message, n);
			char *key = schedule_fault_key(
				message, message->recipients->pdata[n],
				&waiting);

			if (key)
				g_hash_table_add(run->told, key);
		}
	}
	return run->told;
}

/* A wrong password is told of once, however much mail waits for it. */
static gboolean
is_told(Run *run, const Message *message, const Recipient *recipient,
	const Waiting *waiting)
{
	g_autofree char *key = schedule_fault_key(message, recipient, waiting);

	return key && !g_hash_table_add(told_faults(run),
					g_steal_pointer(&key));
}

static void
warn(Run *run, Message *message, guint number, const Waiting *waiting)
{
	GPtrArray *all = run->plan->delayed;
	gint64 next;
	gint64 due = schedule_warning(run->input, message, number, waiting,
				      &next);
	Delayed *last = all->len ? all->pdata[all->len - 1] : NULL;
	gboolean same = last && last->message == message;

	wake_at(run->plan, next);
	if (!due || (!same && is_told(run, message,
				      message->recipients->pdata[number],
				      waiting)))
		return;
	if (!same) {
		last = g_new0(Delayed, 1);
		last->message = message;
		last->recipients = g_array_new(FALSE, FALSE, sizeof(guint));
		g_ptr_array_add(all, last);
	}
	last->seconds = MAX(last->seconds, due);
	g_array_append_val(last->recipients, number);
}

static void
place_recipient(Run *run, Message *message, guint number)
{
	const Recipient *recipient = message->recipients->pdata[number];
	Waiting waiting = schedule_waiting(run->input, message, number);
	g_autofree char *key = NULL;

	if (schedule_is_expired(run->input, message, number, &waiting)) {
		expire(run, message, number);
		return;
	}
	warn(run, message, number, &waiting);
	if (waiting.reason == WAIT_TURN && waiting.way.kind == WAY_ALIAS) {
		const Expansion expansion = { message, number };

		g_array_append_val(run->plan->expansions, expansion);
		return;
	}
	if (waiting.reason == WAIT_TURN)
		key = order_key(message, recipient);
	if (!key || g_hash_table_contains(run->busy_keys, key)) {
		run->plan->waiting++;
		wake_at(run->plan, waiting.until);
		return;
	}
	add_to_group(group_of(run, &waiting.way, recipient), message, number);
}

/* Its own change lets the schedule run again. */
static gboolean
is_ripe(Run *run, const Message *message)
{
	gint64 now = run->input->world.now;

	if (message->trashed || message->ending || run->input->stopped)
		return FALSE;
	if (message->held)
		wake_at(run->plan, later_time(message, LATER_HELD));
	return later_is_ripe(message, now);
}

static void
place_message(Run *run, Message *message)
{
	if (is_ripe(run, message)) {
		g_ptr_array_add(run->plan->ripe, message);
		return;
	}
	if (schedule_is_stale(run->input, message)) {
		g_ptr_array_add(run->plan->stale, message);
		return;
	}
	for (guint i = 0; i < message->recipients->len; i++) {
		const Recipient *recipient = message->recipients->pdata[i];

		if (recipient->state == RECIPIENT_WAITING)
			place_recipient(run, message, i);
	}
}

/*
 * Give the free workers to the groups in turns: each its first before any
 * its second, and a further one only for enough messages.
 */
static void
share_workers(Run *run)
{
	guint all = run->input->workers ? run->input->workers :
					  SCHEDULE_WORKERS;
	guint left = all > run->input->busy ? all - run->input->busy : 0;
	guint doubtful = MAX(all / SCHEDULE_DOUBTFUL_PART, 1);
	gboolean given = TRUE;

	doubtful -= MIN(doubtful, run->input->doubtful);
	while (left > 0 && given) {
		given = FALSE;
		for (guint i = 0; left > 0 && i < run->groups->len; i++) {
			Group *group = run->groups->pdata[i];
			guint worth = 1 + (group->items->len - 1) /
						  SCHEDULE_PER_CONNECTION;

			if (group->batches >= MIN(group->most, worth) ||
			    (group->doubtful && doubtful == 0))
				continue;
			group->batches++;
			doubtful -= group->doubtful;
			left--;
			given = TRUE;
		}
	}
}

#define BATCH_NONE G_MAXUINT /* the key has to wait for another run */

/* The batch all keys of @item agree on; FALSE when none does yet. */
static gboolean
find_batch(GHashTable *batch_of, GPtrArray *keys, guint *ret_batch)
{
	gboolean found = FALSE;

	for (guint i = 0; i < keys->len; i++) {
		gpointer batch;

		if (!g_hash_table_lookup_extended(batch_of, keys->pdata[i],
						  NULL, &batch))
			continue;
		if (found && *ret_batch != GPOINTER_TO_UINT(batch))
			*ret_batch = BATCH_NONE;
		else
			*ret_batch = GPOINTER_TO_UINT(batch);
		found = TRUE;
		if (*ret_batch == BATCH_NONE)
			break;
	}
	return found;
}

static guint
shortest_batch(Batch **batches, guint count)
{
	guint best = 0;

	for (guint i = 1; i < count; i++)
		if (batches[i]->items->len < batches[best]->items->len)
			best = i;
	return best;
}

static GPtrArray *
item_keys(const BatchItem *item)
{
	GPtrArray *keys = g_ptr_array_new();

	for (guint i = 0; i < item->recipients->len; i++) {
		guint number = g_array_index(item->recipients, guint, i);

		g_ptr_array_add(keys,
				order_key(item->message,
					  item->message->recipients
						  ->pdata[number]));
	}
	return keys;
}

/* Put the item into its batch; FALSE when it has to wait for another run. */
static gboolean
deal_item(GHashTable *batch_of, Batch **batches, guint count,
	  BatchItem *item)
{
	g_autoptr(GPtrArray) keys = item_keys(item);
	guint batch = 0;

	if (!find_batch(batch_of, keys, &batch))
		batch = shortest_batch(batches, count);
	if (batch != BATCH_NONE &&
	    batches[batch]->items->len == SCHEDULE_BATCH)
		batch = BATCH_NONE;
	for (guint i = 0; i < keys->len; i++)
		g_hash_table_replace(batch_of, keys->pdata[i],
				     GUINT_TO_POINTER(batch));
	if (batch == BATCH_NONE)
		return FALSE;
	g_ptr_array_add(batches[batch]->items, item);
	return TRUE;
}

static Batch *
add_batch(SchedulePlan *plan, const Group *group)
{
	Batch *batch = g_new0(Batch, 1);

	batch->route = group->route;
	batch->domain = g_strdup(group->domain);
	batch->user = g_strdup(group->user);
	batch->for_aliases = group->for_aliases;
	batch->items = g_ptr_array_new_with_free_func(batch_item_free);
	g_ptr_array_add(plan->batches, batch);
	return batch;
}

/* Deal the items of a group to its batches. */
static void
deal(Run *run, Group *group)
{
	g_autoptr(GHashTable) batch_of = g_hash_table_new_full(
		g_str_hash, g_str_equal, g_free, NULL);
	guint first = run->plan->batches->len;

	for (guint i = 0; i < group->batches; i++)
		add_batch(run->plan, group);
	for (guint i = 0; i < group->items->len; i++) {
		BatchItem *item = group->items->pdata[i];

		if (group->batches > 0 &&
		    deal_item(batch_of,
			      (Batch **)run->plan->batches->pdata + first,
			      group->batches, item))
			group->items->pdata[i] = NULL;
		else
			run->plan->waiting += item->recipients->len;
	}
}

/* A connection for which nothing was left is not worth opening. */
static void
drop_empty(SchedulePlan *plan)
{
	for (guint i = plan->batches->len; i > 0; i--) {
		const Batch *batch = plan->batches->pdata[i - 1];

		if (batch->items->len == 0)
			g_ptr_array_remove_index(plan->batches, i - 1);
	}
}

SchedulePlan *
schedule_run(const ScheduleInput *input)
{
	g_autoptr(GHashTable) busy_keys = g_hash_table_new_full(
		g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GHashTable) busy_users = g_hash_table_new_full(
		g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GHashTable) by_name = g_hash_table_new_full(
		g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GPtrArray) groups =
		g_ptr_array_new_with_free_func(group_free);
	Run run = { input, schedule_plan_new(), busy_keys, busy_users, by_name,
		    groups, NULL };

	for (guint i = 0; i < input->messages->len; i++)
		note_busy(&run, input->messages->pdata[i]);
	for (guint i = 0; i < input->messages->len; i++)
		place_message(&run, input->messages->pdata[i]);
	share_workers(&run);
	for (guint i = 0; i < groups->len; i++)
		deal(&run, groups->pdata[i]);
	drop_empty(run.plan);
	g_clear_pointer(&run.told, g_hash_table_unref);
	return run.plan;
}
