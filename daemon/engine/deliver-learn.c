// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/deliver-learn.h"

#include <string.h>

#include "common/log.h"
#include "common/text.h"
#include "daemon/engine/ageing.h"
#include "daemon/engine/deliver-private.h"
#include "daemon/engine/place.h"
#include "daemon/engine/watch.h"

#define HOSTS_FILE "hosts"

/* --- on disk -------------------------------------------------------------- */

static char *
hosts_path(const Deliver *deliver)
{
	return g_build_filename(deliver->engine->paths->state, HOSTS_FILE,
				NULL);
}

void
learn_load(Deliver *deliver)
{
	g_autofree char *path = hosts_path(deliver);
	g_autofree char *text = NULL;

	if (g_file_get_contents(path, &text, NULL, NULL))
		hosts_read(deliver->hosts, text);
	deliver->hosts_kept = hosts_version(deliver->hosts);
}

void
learn_keep(Deliver *deliver)
{
	g_autofree char *path = hosts_path(deliver);
	g_autofree char *text = NULL;
	g_autoptr(GError) error = NULL;

	if (deliver->hosts_kept == hosts_version(deliver->hosts))
		return;
	text = hosts_write(deliver->hosts);
	deliver->hosts_kept = hosts_version(deliver->hosts);
	deliver->hosts_kept_at = g_get_monotonic_time();
	deliver->hosts_urgent = FALSE;
	if (!g_file_set_contents_full(path, text, -1,
				      G_FILE_SET_CONTENTS_CONSISTENT, 0600,
				      &error))
		log_problem("state", 0, "%s", error->message);
}

void
learn_keep_later(Deliver *deliver)
{
	gint64 since = g_get_monotonic_time() - deliver->hosts_kept_at;
	gint64 least = deliver->hosts_urgent ? LEARN_KEEP_URGENT_SECONDS
					     : LEARN_KEEP_SECONDS;

	if (!deliver->hosts_kept_at || since >= least * G_USEC_PER_SEC)
		learn_keep(deliver);
}

/* --- what was said -------------------------------------------------------- */

void
learn_verdict(Job *job, const Status *status)
{
	Deliver *deliver = job->deliver;
	gboolean delivered = status->outcome == OUTCOME_DELIVERED;
	const Hop hop = job_hop(job);
	gint64 now = engine_now();
	JobGiven *given = &job->given[JOB_GIVEN_MAX - 1];

	given->delivered |= delivered;
	given->trouble |= !delivered;
	if (job->kind != PRIV_SMTP_OUT) {
		if (delivered)
			facts_note_good(deliver->facts, &hop, 1, now);
		return;
	}
	if (status->outcome == OUTCOME_DEFERRED) {
		learn_fault(job, status);
	} else {
		facts_note_good(deliver->facts, &hop, delivered, now);
		place_note_good(deliver->engine->place, job->name);
		ageing_forgive(deliver->engine->blame, job->name,
			       engine_awake_now());
		hosts_note_good(deliver->hosts, job->next_hop, delivered, now);
	}
	watch_topics(deliver->engine, WATCH_ROUTES);
}

void
learn_fault(Job *job, const Status *status)
{
	Facts *facts = job->deliver->facts;
	const Hop hop = job_hop(job);
	gint64 now = engine_now(), until;

	if (job->left || job->kind != PRIV_SMTP_OUT)
		return;
	facts_note_fault(facts, &hop, status,
			 g_rand_double(job->deliver->random), now);
	until = MAX(facts_of_hop(facts, &hop)->host_until,
		    facts_of(facts, job->name)->paused_until);
	hosts_note_fault(job->deliver->hosts, job->next_hop, status,
			 until > now ? until : 0, now);
}

void
learn_session(Job *job, GVariant *facts)
{
	HostSession session = { .host = job->next_hop, .login = "" };
	g_autofree const char **extensions = NULL;
	Hosts *hosts = job->deliver->hosts;
	guint64 speed;

	if (job->kind != PRIV_SMTP_OUT)
		return;
	if (g_variant_lookup(facts, "speed", "t", &speed))
		hosts_note_speed(hosts, job->next_hop, speed);
	if (!g_variant_lookup(facts, "tls", "&s", &session.tls) ||
	    g_variant_lookup(facts, "fault", "&s", NULL))
		return;
	g_variant_lookup(facts, "host", "&s", &session.host);
	g_variant_lookup(facts, "login", "&s", &session.login);
	if (g_variant_lookup(facts, "verified", "b", &session.verified) &&
	    session.verified)
		place_note_proof(job->deliver->engine->place);
	g_variant_lookup(facts, "connect", "u", &session.connect_ms);
	g_variant_lookup(facts, "extensions", "^a&s", &extensions);
	session.extensions = extensions;
	/* Somebody may take TLS away, and the power, too. */
	if (!hosts_note_session(hosts, job->next_hop, &session, engine_now()))
		return;
	job->deliver->hosts_urgent = TRUE;
	learn_keep_later(job->deliver);
}

/* --- transcripts ---------------------------------------------------------- */

void
learn_given(Job *job, const Message *message)
{
	JobGiven *last = &job->given[JOB_GIVEN_MAX - 1];

	memmove(job->given, job->given + 1,
		sizeof(*last) * (JOB_GIVEN_MAX - 1));
	*last = (JobGiven){ .id = message->id, .uid = message->uid };
}

/* A worker tells of what it was given, and of nothing else. */
static const JobGiven *
find_given(const Job *job, const char *text)
{
	guint64 id;

	if (!text_parse_id(text, &id))
		return NULL;
	for (guint i = 0; i < JOB_GIVEN_MAX; i++)
		if (job->given[i].id == id)
			return &job->given[i];
	return NULL;
}

void
learn_transcript(Job *job, GVariant *facts)
{
	Engine *engine = job->deliver->engine;
	g_autofree const char **lines = NULL;
	const char *id = "", *peer = "", *security = "";
	g_autoptr(GError) error = NULL;
	const JobGiven *given;
	TranscriptEntry *entry;

	g_variant_lookup(facts, "id", "&s", &id);
	given = find_given(job, id);
	if (!given || !g_variant_lookup(facts, "transcript", "^a&s", &lines))
		return;
	g_variant_lookup(facts, "peer", "&s", &peer);
	g_variant_lookup(facts, "security", "&s", &security);
	entry = transcript_entry_new(given->id, given->uid, engine_now(),
				     job->name, peer, security, lines);
	if (given->delivered && !given->trouble)
		transcripts_keep(engine->transcripts, entry);
	else if (!store_find(engine->store, given->id))
		transcript_entry_free(entry);
	else if (!transcripts_write(engine->transcripts, entry, &error))
		log_problem("transcript", given->id, "%s", error->message);
}

void
learn_forgive(Deliver *deliver, const char *name)
{
	const Route *route = NULL;

	facts_forgive(deliver->facts, name);
	if (name)
		route = route_find(deliver->engine->settings->routes, name);
	if (!name || (route && route->kind == ROUTE_DIRECT)) {
		hosts_forgive(deliver->hosts, NULL);
	} else if (route) {
		g_autofree char *hop = learn_hop_name(route, "");

		hosts_forgive(deliver->hosts, hop);
	}
}

/* Mail to @record may go again, by whatever route. */
static void
forgive_record(Deliver *deliver, const HostRecord *record)
{
	GPtrArray *routes = deliver->engine->settings->routes;

	for (guint i = 0; i < routes->len; i++) {
		const Route *route = routes->pdata[i];
		gboolean direct = route->kind == ROUTE_DIRECT;
		const Hop hop = { route->name, direct ? record->name : "" };
		g_autofree char *name = learn_hop_name(route, hop.domain);

		if (!g_ascii_strcasecmp(name, record->name))
			facts_forgive_hop(deliver->facts, &hop);
	}
}

guint
learn_purge(Deliver *deliver, const char *name)
{
	g_autoptr(GPtrArray) list = hosts_list(deliver->hosts);
	guint dropped;

	for (guint i = 0; i < list->len; i++)
		if (!name || host_record_is(list->pdata[i], name))
			forgive_record(deliver, list->pdata[i]);
	dropped = hosts_purge(deliver->hosts, name);
	learn_keep(deliver);
	return dropped;
}

/* --- what is told --------------------------------------------------------- */

char *
learn_hop_name(const Route *route, const char *domain)
{
	if (*domain)
		return g_ascii_strdown(domain, -1);
	if (!route->port)
		return g_strdup(route->host);
	return g_strdup_printf("%s:%u", route->host, route->port);
}

void
learn_fill_job(GVariantDict *dict, const Job *job)
{
	const HostRecord *record =
		hosts_find(job->deliver->hosts, job->next_hop);
	GVariantBuilder seen;

	g_variant_builder_init(&seen, G_VARIANT_TYPE_STRING_ARRAY);
	for (guint i = 0; record && i < record->seen->len; i++) {
		const HostSeen *host = record->seen->pdata[i];

		g_variant_builder_add(&seen, "s", host->host);
	}
	g_variant_dict_insert_value(dict, "tls-seen",
				    g_variant_builder_end(&seen));
}
