// SPDX-License-Identifier: GPL-2.0-or-later
/* What the schedule sees: gathered anew for each look at it. */
#include "daemon/engine/deliver-private.h"
#include "daemon/engine/place.h"

static gboolean
job_is_busy(const Job *job)
{
	return !job->waiting;
}

static guint
busy_workers(Deliver *deliver, const Hop *hop)
{
	guint busy = 0;

	for (guint i = 0; i < deliver->jobs->len; i++) {
		const Job *job = deliver->jobs->pdata[i];

		busy += job->kind == PRIV_SMTP_OUT && job_is_busy(job) &&
			job_is_for(job, hop);
	}
	return busy;
}

static void
fill_facts(Deliver *deliver, gint64 arrived)
{
	GHashTableIter iter;
	gpointer key, value;

	g_hash_table_iter_init(&iter, facts_table(deliver->facts));
	while (g_hash_table_iter_next(&iter, &key, &value)) {
		const Hop hop = { key, "" };
		RouteFacts *facts = value;

		facts->busy = busy_workers(deliver, &hop);
		facts->others_answer = facts->fault != FAULT_NONE &&
				       facts_others_answer(deliver->facts,
							   key, arrived);
	}
	g_hash_table_iter_init(&iter, facts_hops(deliver->facts));
	while (g_hash_table_iter_next(&iter, &key, &value))
		((RouteFacts *)value)->busy = busy_workers(deliver, key);
}

static void
fill_near(RouteWorld *world, const Settings *settings)
{
	world->also_local = (const char *const *)settings->also_local;
	world->not_local = (const char *const *)settings->not_local;
	world->local_nets = (const char *const *)settings->local_nets;
	world->permanent = (const char *const *)settings->permanent;
}

/* Of the busy ones, those at a hop that failed last. */
static guint
count_doubtful(Deliver *deliver)
{
	guint doubtful = 0;

	for (guint i = 0; i < deliver->jobs->len; i++) {
		const Job *job = deliver->jobs->pdata[i];
		const Hop hop = job_hop(job);

		doubtful += job->kind == PRIV_SMTP_OUT && job_is_busy(job) &&
			    facts_of_hop(deliver->facts, &hop)->faults > 0;
	}
	return doubtful;
}

const ScheduleInput *
deliver_input(Deliver *deliver)
{
	Engine *engine = deliver->engine;
	ScheduleInput *input = &deliver->input;
	guint busy = 0;

	for (guint i = 0; i < deliver->jobs->len; i++)
		busy += job_is_busy(deliver->jobs->pdata[i]);
	fill_facts(deliver, place_arrived(engine->place));
	input->doubtful = count_doubtful(deliver);
	input->messages = store_messages(engine->store);
	input->busy = busy;
	input->stopped = engine->stopping ||
			 deliver->condition == QUEUE_READ_ONLY;
	input->meter = engine->meter;
	input->meter_now = engine_awake_now();
	input->lifetime = engine->settings->lifetime;
	input->warnings = engine->settings->warnings;
	input->retry_first = engine->settings->retry_first;
	input->retry_most = engine->settings->retry_max;
	input->arrived = place_arrived(engine->place);
	input->world.routes = engine->settings->routes;
	input->world.local_names =
		(const char *const *)engine->settings->local_names;
	fill_near(&input->world, engine->settings);
	input->world.users = engine->settings->users;
	input->world.alias_user = engine->paths->user
		? settings_user(engine->settings, engine->owner)
		: engine->settings->alias_user;
	input->world.groups = engine->settings->groups;
	input->world.facts = facts_table(deliver->facts);
	input->world.hops = facts_hops(deliver->facts);
	input->world.now = engine_now();
	deliver_fill_aliases(deliver);
	place_fill_world(engine->place, &input->world);
	return input;
}
