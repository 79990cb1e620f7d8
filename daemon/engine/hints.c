// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/hints.h"

#include "common/log.h"
#include "daemon/engine/deliver.h"
#include "daemon/engine/methods.h"
#include "daemon/engine/place.h"

struct Hints {
	Engine *engine;
	Connection *helper;  /* (nullable) */
	HintConnectivity connectivity;
	gboolean metered;
	gboolean asleep;
	gboolean answer_due; /* the call that says "sleep" waits */
	guint32 serial;      /* of it */
	guint timer;         /* of the answer, or of the sleep's end */
};

Hints *
hints_new(Engine *engine)
{
	Hints *hints = g_new0(Hints, 1);

	hints->engine = engine;
	return hints;
}

void
hints_free(Hints *hints)
{
	if (!hints)
		return;
	g_clear_handle_id(&hints->timer, g_source_remove);
	g_free(hints);
}

void
hints_start(Hints *hints)
{
	Engine *engine = hints->engine;
	g_autoptr(GError) error = NULL;
	int fd;

	if (hints->helper || engine->stopping)
		return;
	if (!spawner_spawn(engine->spawner, PRIV_BUS, "bus", -1, &fd,
			   &error)) {
		log_problem("spawn", 0, "%s", error->message);
		return;
	}
	hints->helper = server_add_worker(engine->server, fd, ROLE_HINT);
}

HintConnectivity
hints_connectivity(const Hints *hints)
{
	return hints ? hints->connectivity : HINT_UNKNOWN;
}

gboolean
hints_metered(const Hints *hints)
{
	return hints && hints->metered;
}

gboolean
hints_asleep(const Hints *hints)
{
	return hints && hints->asleep;
}

/* --- sleep ---------------------------------------------------------------- */

static void
let_sleep(Hints *hints)
{
	if (!hints->answer_due)
		return;
	hints->answer_due = FALSE;
	connection_reply(hints->helper, "Hint", hints->serial,
			 g_variant_new("()"));
}

void
hints_awake(Hints *hints)
{
	if (!hints->asleep)
		return;
	let_sleep(hints);
	hints->asleep = FALSE;
	g_clear_handle_id(&hints->timer, g_source_remove);
	log_event("awake", 0, "everything is looked at again");
	place_resumed(hints->engine->place);
	deliver_clock_jumped(hints->engine->deliver);
	engine_place_changed(hints->engine, FALSE);
}

static gboolean
on_never_woken(gpointer data)
{
	Hints *hints = data;

	hints->timer = 0;
	hints_awake(hints);
	return G_SOURCE_REMOVE;
}

static gboolean
on_patience_over(gpointer data)
{
	Hints *hints = data;

	hints->timer = g_timeout_add(HINTS_ASLEEP_MS, on_never_woken, hints);
	let_sleep(hints);
	return G_SOURCE_REMOVE;
}

void
hints_job_ended(Hints *hints)
{
	if (hints && hints->answer_due &&
	    !deliver_has_far_jobs(hints->engine->deliver))
		let_sleep(hints);
}

/* Who is in the middle of a message may end it, as on leaving a network. */
static void
fall_asleep(Hints *hints, guint32 serial)
{
	Engine *engine = hints->engine;

	hints->asleep = TRUE;
	hints->answer_due = TRUE;
	hints->serial = serial;
	g_clear_handle_id(&hints->timer, g_source_remove);
	hints->timer = g_timeout_add(HINTS_SLEEP_MS, on_patience_over, hints);
	log_event("sleep", 0, "nothing is begun until the machine is awake");
	deliver_leave_network(engine->deliver);
	engine_run_meters(engine);
	engine_keep_meters(engine);
	hints_job_ended(hints);
}

/* --- the place ------------------------------------------------------------ */

/* Words of Hint, in the order of HintConnectivity. */
static const char *const connectivities[] = { "unknown", "none", "portal",
					      "limited", "full" };

static gboolean
take_connectivity(Hints *hints, GVariant *in)
{
	HintConnectivity before = hints->connectivity;
	const char *word;

	if (!g_variant_lookup(in, "connectivity", "&s", &word))
		return FALSE;
	hints->connectivity = HINT_UNKNOWN;
	for (guint i = 0; i < G_N_ELEMENTS(connectivities); i++)
		if (g_str_equal(word, connectivities[i]))
			hints->connectivity = i;
	return hints->connectivity != before;
}

static gboolean
take_metered(Hints *hints, GVariant *in)
{
	gboolean before = hints->metered;

	return g_variant_lookup(in, "metered", "b", &hints->metered) &&
	       hints->metered != before;
}

GVariant *
hints_sentences(const Hints *hints)
{
	static const char *const said[] = {
		[HINT_NONE] = "The desktop says: there is no Internet here.",
		[HINT_PORTAL] = "The desktop says: a portal wants a login "
				"before there is Internet.",
		[HINT_LIMITED] = "The desktop says: the Internet is not "
				 "reached from here.",
		[HINT_FULL] = "The desktop says: the Internet is reached.",
	};
	GVariantBuilder sentences;

	g_variant_builder_init(&sentences, G_VARIANT_TYPE("as"));
	if (hints_connectivity(hints) != HINT_UNKNOWN)
		g_variant_builder_add(&sentences, "s",
				      said[hints->connectivity]);
	if (hints_metered(hints))
		g_variant_builder_add(&sentences, "s",
				      "The desktop says: this network is "
				      "paid by volume.");
	return g_variant_builder_end(&sentences);
}

/* They become signs of the place, beside those of resolv.conf. */
static void
take_domains(Hints *hints, GVariant *in)
{
	g_autoptr(GPtrArray) domains = g_ptr_array_new();
	g_autofree const char **told = NULL;

	if (!g_variant_lookup(in, "domains", "^a&s", &told))
		return;
	for (guint i = 0; told[i] && i < HINTS_MAX_DOMAINS; i++)
		g_ptr_array_add(domains, (gpointer)told[i]);
	g_ptr_array_add(domains, NULL);
	place_set_domains(hints->engine->place,
			  (const char *const *)domains->pdata);
}

void
method_hint(Connection *connection, guint32 serial, GVariant *in)
{
	Hints *hints = connection->engine->hints;
	g_autoptr(GVariant) hint = g_variant_get_child_value(in, 0);
	gboolean asleep, news;

	if (connection != hints->helper) {
		methods_hint_by_hand(connection, serial, hint);
		return;
	}
	if (g_variant_lookup(hint, "sleep", "b", &asleep)) {
		if (asleep && !hints->asleep) {
			fall_asleep(hints, serial);
			return;
		}
		if (!asleep)
			hints_awake(hints);
	}
	news = take_connectivity(hints, hint);
	news = take_metered(hints, hint) || news;
	take_domains(hints, hint);
	connection_reply(connection, "Hint", serial, g_variant_new("()"));
	if (news)
		place_hinted(hints->engine->place);
}

/* What it said is not known any more. */
void
hints_connection_lost(Connection *connection)
{
	static const char *const none[] = { NULL };
	Hints *hints = connection->engine->hints;

	if (!hints || connection != hints->helper)
		return;
	hints->helper = NULL;
	hints->answer_due = FALSE;
	hints->connectivity = HINT_UNKNOWN;
	hints->metered = FALSE;
	if (connection->engine->stopping)
		return;
	hints_awake(hints);
	place_set_domains(hints->engine->place, none);
	place_hinted(hints->engine->place);
}
