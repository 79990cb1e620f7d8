// SPDX-License-Identifier: GPL-2.0-or-later
/* Learn, Forget and Rename: the networks that were shown to us. */
#include <string.h>

#include "common/config.h"
#include "daemon/engine/known-store.h"
#include "daemon/engine/methods.h"
#include "daemon/engine/place.h"
#include "daemon/engine/watch.h"

#define MAX_KEYS 20
#define MAX_KNOWN_BYTES (16 * 1024) /* of the list, in one packet */

/* What Learn was asked. Strings live as long as the call's body. */
typedef struct {
	const char *name;
	const char *profile;
	const char **keys; /* (nullable) */
	gboolean any;
	gboolean try;
} Wish;

/* Whose place this is, when it is not said; "" when nobody knows. */
static const char *
default_profile(const Connection *connection, const char *name)
{
	const Place *place = connection->engine->place;

	if (profile_find(connection->engine->settings->profiles, name))
		return name;
	return place_choice(place)->active ? place_profile(place) : "";
}

/* A profile that is there and whole; FALSE, and the call refused. */
static gboolean
check_profile(Connection *connection, guint32 serial, const char *name)
{
	g_autoptr(GError) error = NULL;
	const Profile *profile;

	if (!*name) {
		connection_fail(connection, "Learn", serial, "5.5.4",
				"No profile applies here yet: say which one "
				"this place belongs to.");
		return FALSE;
	}
	if (g_str_equal(name, PROFILE_OFFLINE)) {
		connection_fail(connection, "Learn", serial, "5.5.4",
				"\"%s\" is no profile of a place; choose it "
				"by hand.", name);
		return FALSE;
	}
	if (!place_check_profile(connection->engine->place, name, &error)) {
		connection_fail(connection, "Learn", serial, "5.1.0", "%s",
				error->message);
		return FALSE;
	}
	profile = profile_find(connection->engine->settings->profiles, name);
	if (!profile->error)
		return TRUE;
	connection_fail(connection, "Learn", serial, "5.1.0",
			"The file of the profile %s is broken: %s", name,
			profile->error);
	return FALSE;
}

static GVariant *
signs_to_variant(const GPtrArray *signs, const KnownNetwork *known)
{
	GVariantBuilder rows;

	g_variant_builder_init(&rows, G_VARIANT_TYPE("a(ssbus)"));
	for (guint i = 0; i < signs->len; i++) {
		const KnownSign *sign = signs->pdata[i];
		gboolean taken = sign->advised;

		if (known)
			taken = fingerprint_has(known->fingerprint,
						sign->kind);
		g_variant_builder_add(&rows, "(ssbus)",
				      condition_key(sign->kind), sign->value,
				      taken, (guint32)sign->weight,
				      sign->note);
	}
	return g_variant_builder_end(&rows);
}

static void
reply_learned(Connection *connection, guint32 serial,
	      const GPtrArray *signs, const KnownNetwork *known)
{
	g_autoptr(GPtrArray) clashes =
		place_clashes(connection->engine->place, known);
	GVariantDict dict;
	guint score = 0;

	for (guint i = 0; i < signs->len; i++) {
		const KnownSign *sign = signs->pdata[i];

		if (fingerprint_has(known->fingerprint, sign->kind))
			score = known->fingerprint->any
					? MAX(score, sign->weight)
					: score + sign->weight;
	}
	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "name", "s", known->name);
	g_variant_dict_insert(&dict, "profile", "s", known->profile);
	g_variant_dict_insert(&dict, "score", "u", score);
	g_variant_dict_insert_value(&dict, "signs",
				    signs_to_variant(signs, known));
	g_variant_dict_insert_value(
		&dict, "clashes",
		g_variant_new_strv((const char *const *)clashes->pdata,
				   clashes->len));
	connection_reply(connection, "Learn", serial,
			 g_variant_new("(@a{sv})",
				       g_variant_dict_end(&dict)));
}

/* What this place has to offer, before anybody decided anything. */
static void
reply_offer(Connection *connection, guint32 serial, const GPtrArray *signs,
	    const char *name)
{
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "name", "s", name);
	g_variant_dict_insert(&dict, "profile", "s", "");
	g_variant_dict_insert(&dict, "score", "u", 0);
	g_variant_dict_insert_value(&dict, "signs",
				    signs_to_variant(signs, NULL));
	g_variant_dict_insert(&dict, "clashes", "as", NULL);
	connection_reply(connection, "Learn", serial,
			 g_variant_new("(@a{sv})",
				       g_variant_dict_end(&dict)));
}

static void
keep(Connection *connection, guint32 serial, KnownNetwork *known,
     const GPtrArray *signs)
{
	Engine *engine = connection->engine;
	g_autoptr(GError) error = NULL;
	g_autofree char *name = g_strdup(known->name);

	if (!place_learn(engine->place, known, &error)) {
		connection_fail(connection, "Learn", serial, "5.5.4", "%s",
				error->message);
		return;
	}
	known = known_find(known_store_networks(place_known(engine->place)),
			   name);
	events_add(engine->events, "learn", FALSE, NULL, NULL,
		   "this network is known as %s from now on, profile %s",
		   name, known->profile);
	reply_learned(connection, serial, signs, known);
}

static void
learn(Connection *connection, guint32 serial, const Wish *wish,
      const GPtrArray *signs)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(KnownNetwork) known =
		known_learn(wish->name, wish->profile, engine_now(), signs,
			    (const char *const *)wish->keys, wish->any,
			    &error);

	if (!known)
		connection_fail(connection, "Learn", serial, "5.5.4", "%s",
				error->message);
	else if (wish->try)
		reply_learned(connection, serial, signs, known);
	else
		keep(connection, serial, g_steal_pointer(&known), signs);
}

void
method_learn(Connection *connection, guint32 serial, GVariant *in)
{
	const NetworkState *network = place_network(connection->engine->place);
	g_autoptr(GPtrArray) signs = known_signs(network);
	g_autoptr(GVariant) options = NULL;
	g_autofree char *suggested = known_suggest_name(network);
	g_autofree const char **keys = NULL;
	Wish wish = { .profile = "" };

	g_variant_get(in, "(&s@a{sv})", &wish.name, &options);
	g_variant_lookup(options, "profile", "&s", &wish.profile);
	g_variant_lookup(options, "any", "b", &wish.any);
	g_variant_lookup(options, "try", "b", &wish.try);
	g_variant_lookup(options, "signs", "^a&s", &keys);
	wish.keys = keys;
	if (keys && g_strv_length((char **)keys) > MAX_KEYS) {
		connection_fail(connection, "Learn", serial, "5.5.4",
				"There are not so many signs.");
		return;
	}
	if (!*wish.profile)
		wish.profile = default_profile(connection, wish.name);
	if (!*wish.name)
		wish.name = suggested;
	if (wish.try && !*wish.profile)
		reply_offer(connection, serial, signs, wish.name);
	else if (check_profile(connection, serial, wish.profile))
		learn(connection, serial, &wish, signs);
}

static void
reply_changed(Connection *connection, guint32 serial, const char *method,
	      gboolean done, const GError *error)
{
	if (!done) {
		connection_fail(connection, method, serial, "5.1.0", "%s",
				error->message);
		return;
	}
	watch_topics(connection->engine, WATCH_NETWORKS | WATCH_STATUS);
	connection_reply(connection, method, serial, g_variant_new("()"));
}

void
method_forget(Connection *connection, guint32 serial, GVariant *in)
{
	Engine *engine = connection->engine;
	g_autoptr(GError) error = NULL;
	const char *name;
	gboolean done;

	g_variant_get(in, "(&s)", &name);
	done = place_forget(engine->place, name, &error);
	if (done)
		events_add(engine->events, "learn", FALSE, NULL, NULL,
			   "the network %s was forgotten", name);
	reply_changed(connection, serial, "Forget", done, error);
}

void
method_rename(Connection *connection, guint32 serial, GVariant *in)
{
	g_autoptr(GError) error = NULL;
	const char *name, *to;
	gboolean done;

	g_variant_get(in, "(&s&s)", &name, &to);
	done = place_rename(connection->engine->place, name, to, &error);
	reply_changed(connection, serial, "Rename", done, error);
}

/* --- the list of known networks, for Networks ---------------------------- */

static GVariant *
known_row(Engine *engine, const char *name, const char *profile,
	  const Fingerprint *fingerprint, gint64 learned)
{
	const ProfileChoice *choice = place_choice(engine->place);
	g_autofree char *key = known_visit_key(profile, name, learned != 0);
	Visits visits = known_store_visits(place_known(engine->place), key);
	g_autofree char *signs = fingerprint_summary(fingerprint);
	const Candidate *candidate = profile_choice_fingerprint(
		choice, profile, name, learned != 0);
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "name", "s", name);
	g_variant_dict_insert(&dict, "profile", "s", profile);
	g_variant_dict_insert(&dict, "learned", "x", learned);
	g_variant_dict_insert(&dict, "recognised", "s", signs);
	g_variant_dict_insert(&dict, "matched", "b",
			      candidate && candidate->matched);
	g_variant_dict_insert(&dict, "visits", "u", (guint32)visits.count);
	g_variant_dict_insert(&dict, "last-seen", "x", visits.last);
	return g_variant_dict_end(&dict);
}

static gboolean
add_row(GVariantBuilder *rows, GVariant *row, gsize *bytes)
{
	g_autoptr(GVariant) owned = g_variant_ref_sink(row);

	*bytes += g_variant_get_size(owned);
	if (*bytes > MAX_KNOWN_BYTES)
		return FALSE;
	g_variant_builder_add_value(rows, owned);
	return TRUE;
}

GVariant *
state_known(Engine *engine)
{
	GPtrArray *known = known_store_networks(place_known(engine->place));
	GPtrArray *profiles = engine->settings->profiles;
	GVariantBuilder rows;
	gsize bytes = 0;

	g_variant_builder_init(&rows, G_VARIANT_TYPE("aa{sv}"));
	for (guint i = 0; i < known->len; i++) {
		const KnownNetwork *each = known->pdata[i];

		if (!add_row(&rows, known_row(engine, each->name,
					      each->profile,
					      each->fingerprint,
					      MAX(each->learned, 1)),
			     &bytes))
			break;
	}
	for (guint i = 0; i < profiles->len; i++) {
		const Profile *profile = profiles->pdata[i];

		for (guint j = 0; j < profile->fingerprints->len; j++) {
			const Fingerprint *each =
				profile->fingerprints->pdata[j];

			if (!add_row(&rows, known_row(engine, each->name,
						      profile->name, each, 0),
				     &bytes))
				break;
		}
	}
	return g_variant_builder_end(&rows);
}
