// SPDX-License-Identifier: GPL-2.0-or-later
/* Hello, Status, Profile, Profiles, Routes, Networks, Log and Reload. */
#include <string.h>

#include "build.h"
#include "common/text.h"
#include "daemon/engine/deliver.h"
#include "daemon/engine/hints.h"
#include "daemon/engine/methods.h"
#include "daemon/engine/place.h"
#include "daemon/engine/row.h"

#define MAX_LOG_ROWS 300
#define ROW_MARGIN 16 /* bytes between rows */
#define MAX_ERRORS 20
#define MAX_ERROR 500 /* characters */
#define MINUTE 60
#define MAX_PIN_SECONDS (10 * 365 * 86400)

void
method_hello(Connection *connection, guint32 serial, GVariant *in)
{
	g_autofree char *roles = api_roles_text(connection->roles);
	guint32 version;

	g_variant_get(in, "(u)", &version);
	if (version != API_VERSION) {
		connection_fail(connection, "Hello", serial, "5.5.0",
				"This program speaks version %u of the "
				"protocol, the daemon version %d: they are "
				"of different installations.",
				version, API_VERSION);
		return;
	}
	connection_reply(connection, "Hello", serial,
			 g_variant_new("(us)", API_VERSION, roles));
}

/* --- Status --------------------------------------------------------------- */

typedef struct {
	guint waiting, active, held, failed;
	guint64 bytes;
} Counts;

static Counts
count_messages(Engine *engine, const Connection *connection)
{
	GPtrArray *messages = store_messages(engine->store);
	Counts counts = { .waiting = 0 };

	for (guint i = 0; i < messages->len; i++) {
		const Message *message = messages->pdata[i];
		guint percent;

		if (!connection_owns(connection, message) ||
		    message->trashed)
			continue;
		counts.bytes += message->size;
		if (message->held)
			counts.held++;
		else if (deliver_progress(engine->deliver, message,
					  &percent))
			counts.active++;
		else if (message_pending(message) > 0)
			counts.waiting++;
		else
			counts.failed++;
	}
	return counts;
}

/* To whom others write is none of a user's business. */
static void
add_last_sent(GVariantDict *dict, const Engine *engine,
	      const Connection *connection)
{
	gboolean own = (connection->roles & ROLE_ADMIN) ||
		       connection->uid == engine->last_sent_uid;

	g_variant_dict_insert(dict, "last-sent", "x",
			      own ? engine->last_sent : 0);
	g_variant_dict_insert(dict, "last-sent-to", "s",
			      own ? engine->last_sent_to : "");
}

/* Recipients delivered in the last minute, for the head of the screens. */
static guint
sent_lately(Engine *engine, const Connection *connection)
{
	gint64 since = engine_now() - MINUTE;
	guint count = 0;

	for (GList *link = events_kept(engine->events)->tail; link;
	     link = link->prev) {
		const Event *event = link->data;

		if (event->when < since)
			break;
		count += g_str_equal(event->event, "sent") &&
			 event_is_for(event, connection->uid,
				      connection->roles & ROLE_ADMIN);
	}
	return count;
}

static void
add_pin(GVariantDict *dict, const Pin *pin)
{
	g_variant_dict_insert(dict, "pinned", "s", pin ? pin->profile : "");
	g_variant_dict_insert(dict, "pin-until", "s",
			      pin ? pin_kind_name(pin->kind) : "");
	g_variant_dict_insert(dict, "pin-ends", "x",
			      pin ? pin_ends(pin) : 0);
}

static void
add_place(GVariantDict *dict, Engine *engine)
{
	const ProfileChoice *choice = place_choice(engine->place);
	const NetworkState *network = place_network(engine->place);
	g_autofree char *line = network_state_describe(network);
	gboolean usable = network_state_usable(network);

	g_variant_dict_insert(dict, "profile", "s",
			      choice->active ? choice->profile : "");
	g_variant_dict_insert(dict, "profile-why", "s",
			      choice->why->len
				      ? (char *)choice->why->pdata[0] : "");
	g_variant_dict_insert(dict, "online", "b",
			      usable && choice->active != NULL);
	g_variant_dict_insert(dict, "network", "s", line);
	add_pin(dict, place_pin_now(engine->place));
	g_variant_dict_insert(dict, "portal", "s",
			      place_portal(engine->place)
				      ? place_portal(engine->place) : "");
	g_variant_dict_insert(dict, "metered", "b",
			      place_metered(engine->place));
}

static void
add_errors(GVariantBuilder *builder, const GPtrArray *errors)
{
	for (guint i = 0; i < MIN(errors->len, MAX_ERRORS); i++) {
		g_autofree char *clean =
			text_harmless_clipped(errors->pdata[i], MAX_ERROR);

		g_variant_builder_add(builder, "s", clean);
	}
}

static GVariant *
errors_of(Engine *engine)
{
	GVariantBuilder builder;

	g_variant_builder_init(&builder, G_VARIANT_TYPE_STRING_ARRAY);
	add_errors(&builder, engine->settings->errors);
	add_errors(&builder, engine->errors);
	add_errors(&builder, alias_file_errors(engine->aliases));
	return g_variant_builder_end(&builder);
}

GVariant *
state_status(Engine *engine, const Connection *connection)
{
	Counts counts = count_messages(engine, connection);
	g_autofree char *roles = api_roles_text(connection->roles);
	const char *condition = "";
	GVariantDict dict;

	queue_condition(engine->queue, &condition);
	g_variant_dict_init(&dict, NULL);
	add_place(&dict, engine);
	g_variant_dict_insert(&dict, "version", "s", PACKAGE_VERSION);
	g_variant_dict_insert(&dict, "host", "s", engine->settings->host);
	g_variant_dict_insert(&dict, "mode", "s",
			      engine->paths->user ? "user" : "system");
	g_variant_dict_insert(&dict, "waiting", "u", counts.waiting);
	g_variant_dict_insert(&dict, "active", "u", counts.active);
	g_variant_dict_insert(&dict, "held", "u", counts.held);
	g_variant_dict_insert(&dict, "failed", "u", counts.failed);
	g_variant_dict_insert(&dict, "bytes", "t", counts.bytes);
	g_variant_dict_insert(&dict, "queue-state", "s", condition);
	add_last_sent(&dict, engine, connection);
	g_variant_dict_insert_value(&dict, "errors", errors_of(engine));
	g_variant_dict_insert(&dict, "since", "x", engine->started);
	g_variant_dict_insert(&dict, "minute", "u",
			      sent_lately(engine, connection));
	g_variant_dict_insert(&dict, "roles", "s", roles);
	g_variant_dict_insert(&dict, "uid", "u", (guint32)connection->uid);
	g_variant_dict_insert(&dict, "routes", "u",
			      engine->settings->routes->len);
	return g_variant_dict_end(&dict);
}

void
method_status(Connection *connection, guint32 serial, GVariant *in)
{
	(void)in;
	connection_reply(connection, "Status", serial,
			 g_variant_new("(@a{sv})",
				       state_status(connection->engine,
						    connection)));
}

/* --- Profile, Profiles ---------------------------------------------------- */

void
method_profile(Connection *connection, guint32 serial, GVariant *in)
{
	Engine *engine = connection->engine;
	g_autoptr(GVariant) options = NULL;
	g_autoptr(GError) error = NULL;
	const char *name, *until = "network";
	PinKind kind;
	gint64 seconds = 0;

	g_variant_get(in, "(&s@a{sv})", &name, &options);
	g_variant_lookup(options, "until", "&s", &until);
	g_variant_lookup(options, "seconds", "x", &seconds);
	if (!pin_kind_from_name(until, &kind) ||
	    (kind == PIN_UNTIL_TIME &&
	     (seconds <= 0 || seconds > MAX_PIN_SECONDS))) {
		connection_fail(connection, "Profile", serial, "5.5.4",
				"Until when? Say network, changed, or time "
				"with seconds.");
		return;
	}
	if (!*name) {
		place_unpin(engine->place);
	} else if (!place_pin(engine->place, name, kind, seconds, &error)) {
		connection_fail(connection, "Profile", serial, "5.1.0", "%s",
				error->message);
		return;
	}
	connection_reply(connection, "Profile", serial, g_variant_new("()"));
}

/* How many of the caller's messages would go, and wait, with @choice. */
static void
count_supposed(Connection *connection, const ProfileChoice *choice,
	       guint *ret_go, guint *ret_wait)
{
	Engine *engine = connection->engine;
	RouteWorld world = deliver_input(engine->deliver)->world;
	GPtrArray *messages = store_messages(engine->store);

	place_fill_supposed(engine->place, choice, &world);
	for (guint i = 0; i < messages->len; i++) {
		const Message *message = messages->pdata[i];
		Way way;

		if (!connection_owns(connection, message) || message->held ||
		    message->trashed || message_pending(message) == 0)
			continue;
		way = route_way(&world, message,
				message->recipients->pdata[0]);
		if (way.kind == WAY_WAIT)
			(*ret_wait)++;
		else
			(*ret_go)++;
	}
}

static GVariant *
profile_row(Connection *connection, const char *name, const Profile *profile)
{
	Engine *engine = connection->engine;
	const ProfileChoice *choice = place_choice(engine->place);
	const Candidate *candidate =
		profile ? profile_choice_candidate(choice, name) : NULL;
	g_autoptr(ProfileChoice) supposed =
		place_suppose(engine->place, name);
	g_autofree char *signs =
		profile ? profile_summary(profile) : g_strdup("");
	g_autofree char *summary =
		profile && *profile->routes
			? g_strjoinv(", then ", profile->routes)
			: g_strdup("keep everything here");
	const char *const none[] = { NULL };
	guint go = 0, wait = 0;
	GVariantDict dict;

	count_supposed(connection, supposed, &go, &wait);
	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "name", "s", name);
	g_variant_dict_insert_value(
		&dict, "routes",
		g_variant_new_strv(profile
					   ? (const char *const *)
						     profile->routes
					   : none, -1));
	g_variant_dict_insert(&dict, "trust", "b",
			      profile && profile->trust);
	g_variant_dict_insert(&dict, "priority", "i",
			      profile ? profile->priority : 0);
	g_variant_dict_insert(&dict, "active", "b",
			      g_str_equal(choice->profile, name));
	g_variant_dict_insert(&dict, "matched", "b",
			      candidate && candidate->matched);
	g_variant_dict_insert(&dict, "score", "i",
			      candidate ? (gint32)candidate->score : 0);
	g_variant_dict_insert(&dict, "summary", "s", summary);
	g_variant_dict_insert(&dict, "recognised", "s", signs);
	g_variant_dict_insert(&dict, "error", "s",
			      profile && profile->error ? profile->error
							: "");
	g_variant_dict_insert(&dict, "would-go", "u", go);
	g_variant_dict_insert(&dict, "would-wait", "u", wait);
	return g_variant_dict_end(&dict);
}

void
method_profiles(Connection *connection, guint32 serial, GVariant *in)
{
	GPtrArray *profiles = connection->engine->settings->profiles;
	GVariantBuilder rows;
	gsize bytes = 0;

	(void)in;
	g_variant_builder_init(&rows, G_VARIANT_TYPE("aa{sv}"));
	for (guint i = 0; i < profiles->len; i++) {
		const Profile *profile = profiles->pdata[i];

		if (!methods_add_row(&rows,
				     profile_row(connection, profile->name,
						 profile),
				     &bytes))
			break;
	}
	bytes = 0;
	methods_add_row(&rows, profile_row(connection, PROFILE_OFFLINE, NULL),
			&bytes);
	connection_reply(connection, "Profiles", serial,
			 g_variant_new("(aa{sv})", &rows));
}

/* --- Networks ------------------------------------------------------------- */

GVariant *
state_networks(Engine *engine)
{
	const NetworkState *network = place_network(engine->place);
	g_autofree char *line = network_state_describe(network);
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "description", "s", line);
	g_variant_dict_insert(&dict, "usable", "b",
			      network_state_usable(network));
	g_variant_dict_insert(&dict, "settled-in", "x",
			      place_settled_in(engine->place));
	g_variant_dict_insert_value(&dict, "links",
				    network_state_to_variant(network));
	profile_choice_add_to(place_choice(engine->place), &dict);
	g_variant_dict_insert_value(&dict, "known", state_known(engine));
	g_variant_dict_insert_value(&dict, "hints",
				    hints_sentences(engine->hints));
	g_variant_dict_insert(&dict, "switched", "x",
			      place_switched(engine->place));
	g_variant_dict_insert(&dict, "from", "s",
			      place_before(engine->place));
	return g_variant_dict_end(&dict);
}

void
method_networks(Connection *connection, guint32 serial, GVariant *in)
{
	(void)in;
	connection_reply(connection, "Networks", serial,
			 g_variant_new("(@a{sv})",
				       state_networks(connection->engine)));
}

/* --- Log, Reload ---------------------------------------------------------- */

static gboolean
event_is_asked(const Event *event, const Connection *connection,
	       gint64 since, guint64 id)
{
	return event_is_for(event, connection->uid,
			    connection->roles & ROLE_ADMIN) &&
	       event->when >= since && (!id || event->id == id);
}

static GVariant *
oldest_first(const GPtrArray *rows)
{
	GVariantBuilder builder;

	g_variant_builder_init(&builder, G_VARIANT_TYPE("aa{sv}"));
	for (guint i = rows->len; i-- > 0;)
		g_variant_builder_add_value(&builder, rows->pdata[i]);
	return g_variant_builder_end(&builder);
}

void
method_log(Connection *connection, guint32 serial, GVariant *in)
{
	GQueue *kept = events_kept(connection->engine->events);
	g_autoptr(GVariant) query = NULL;
	g_autoptr(GPtrArray) rows = NULL;
	const char *message = "";
	guint32 limit = MAX_LOG_ROWS;
	gint64 since = 0;
	guint64 id = 0;
	gsize bytes = 0;

	g_variant_get(in, "(@a{sv})", &query);
	g_variant_lookup(query, "limit", "u", &limit);
	g_variant_lookup(query, "since", "x", &since);
	if (g_variant_lookup(query, "message", "&s", &message) && *message &&
	    !text_parse_id(message, &id)) {
		connection_fail(connection, "Log", serial, "5.5.4",
				"%s is no message id.", message);
		return;
	}
	rows = g_ptr_array_new_with_free_func(
		(GDestroyNotify)g_variant_unref);
	limit = MIN(limit, MAX_LOG_ROWS);
	for (GList *link = kept->tail; link && rows->len < limit;
	     link = link->prev) {
		g_autoptr(GVariant) row = NULL;

		if (!event_is_asked(link->data, connection, since, id))
			continue;
		row = g_variant_ref_sink(event_to_variant(link->data));
		bytes += g_variant_get_size(row) + ROW_MARGIN;
		if (bytes > METHODS_MAX_BYTES)
			break;
		g_ptr_array_add(rows, g_steal_pointer(&row));
	}
	connection_reply(connection, "Log", serial,
			 g_variant_new("(@aa{sv})", oldest_first(rows)));
}

void
method_reload(Connection *connection, guint32 serial, GVariant *in)
{
	(void)in;
	engine_reload(connection->engine);
	connection_reply(connection, "Reload", serial,
			 g_variant_new("(@as)",
				       errors_of(connection->engine)));
}
