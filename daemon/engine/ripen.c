// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/ripen.h"

#include "common/wire.h"
#include "daemon/engine/deliver.h"
#include "daemon/engine/later.h"
#include "daemon/engine/transition.h"

#define FIRST_HUMAN 1000 /* uids of people, by Debian's policy 9.2.2 */
#define LAST_HUMAN 59999

static void
set_time(Message *message, const char *option, gint64 when)
{
	g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, when);

	message_set_option(message, option, when ? text : NULL);
}

gboolean
ripen_take(Message *envelope, GVariant *options, GError **error)
{
	gint64 when = 0, now = engine_now();

	if (!g_variant_lookup(options, "not-before", "x", &when) ||
	    when <= now)
		return TRUE;
	if (when > now + LATER_MOST) {
		g_set_error(error, WIRE_ERROR, WIRE_ERROR_REMOTE,
			    "5.5.4 A message waits for its time for a year at "
			    "most.");
		return FALSE;
	}
	set_time(envelope, LATER_OPTION, when);
	return TRUE;
}

/* Who did not choose gets the machine's, if mail of people it is. */
gint64
ripen_window(Engine *engine, uid_t uid)
{
	gint64 own = windows_of(engine->windows, uid);

	if (own >= 0)
		return own;
	if (engine->paths->user ||
	    (uid >= FIRST_HUMAN && uid <= LAST_HUMAN))
		return engine->settings->undo_window;
	return 0;
}

void
ripen_give_window(Engine *engine, Message *envelope)
{
	gint64 window = ripen_window(engine, envelope->uid);

	/* What comes from elsewhere or from us nobody can take back. */
	if (window > 0 && !message_option(envelope, "foreign") &&
	    !g_str_equal(envelope->origin, "report"))
		set_time(envelope, LATER_UNDO, envelope->arrived + window);
}

void
ripen_fresh(Engine *engine, Message *message)
{
	g_autofree char *now = g_strdup_printf("%" G_GINT64_FORMAT,
					       engine_now());
	g_autofree char *meters =
		meter_snapshot(engine->meter, engine_awake_now());

	transition_option(engine, message, LATER_FRESH, now);
	transition_option(engine, message, "meters", meters);
	transition_option(engine, message, "warned", NULL);
}

void
ripen(Engine *engine, Message *message)
{
	if (message->held && message_option(message, LATER_HELD)) {
		transition_option(engine, message, LATER_HELD, NULL);
		transition_action(engine, message,
				  action_new(ACTION_RELEASED, engine->owner,
					     engine_now(),
					     "the time it was held until has "
					     "come"));
	}
	transition_option(engine, message, LATER_OPTION, NULL);
	ripen_fresh(engine, message);
}

void
ripen_now(Engine *engine, Message *message)
{
	transition_option(engine, message, LATER_UNDO, NULL);
	if (!message_option(message, LATER_OPTION))
		return;
	transition_option(engine, message, LATER_OPTION, NULL);
	ripen_fresh(engine, message);
}
