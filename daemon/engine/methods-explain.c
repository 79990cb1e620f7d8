// SPDX-License-Identifier: GPL-2.0-or-later
/* Explain: which way a message or an address goes, and why not yet. */
#include <string.h>

#include "common/text.h"
#include "daemon/engine/deliver.h"
#include "daemon/engine/methods.h"
#include "daemon/engine/place.h"

#define MIN_ID 10 /* characters of any id of this century */

static GVariant *
explain_recipient(const ScheduleInput *input, const Message *message,
		  guint number, gboolean queued)
{
	const Recipient *recipient = message->recipients->pdata[number];
	g_autoptr(GPtrArray) steps = NULL;
	g_autofree char *why = NULL;
	GVariantDict dict;
	Way way;

	steps = route_explain(&input->world, message, recipient, &way);
	g_ptr_array_add(steps, NULL);
	why = queued || way.reason == WAIT_ALIAS
		      ? schedule_why(input, message, number)
		      : route_why(&input->world, &way);
	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "recipient", "s", recipient->address);
	g_variant_dict_insert(&dict, "route", "s",
			      way.kind == WAY_LOCAL || way.kind == WAY_ALIAS
				      ? ROUTE_LOCAL
			      : way.kind == WAY_ROUTE && way.route
				      ? way.route->name : "");
	g_variant_dict_insert(&dict, "state", "s",
			      recipient_state_name(recipient->state));
	g_variant_dict_insert(&dict, "why", "s", why ? why : "");
	g_variant_dict_insert(&dict, "answer", "s",
			      recipient->status ? recipient->status->text
						: "");
	g_variant_dict_insert(&dict, "next-try", "x", way.until);
	g_variant_dict_insert_value(
		&dict, "steps",
		g_variant_new_strv((const char *const *)steps->pdata, -1));
	return g_variant_dict_end(&dict);
}

/* The world as it would be with another profile. */
static gboolean
suppose(Connection *connection, guint32 serial, const char *profile,
	ScheduleInput *input, ProfileChoice **ret_choice)
{
	Engine *engine = connection->engine;

	*ret_choice = NULL;
	if (!*profile)
		return TRUE;
	if (!g_str_equal(profile, PROFILE_OFFLINE) &&
	    !profile_find(engine->settings->profiles, profile)) {
		connection_fail(connection, "Explain", serial, "5.1.0",
				"There is no profile %s.", profile);
		return FALSE;
	}
	*ret_choice = place_suppose(engine->place, profile);
	place_fill_supposed(engine->place, *ret_choice, &input->world);
	return TRUE;
}

static void
explain_message(Connection *connection, guint32 serial,
		const ScheduleInput *input, const Message *message,
		gboolean queued)
{
	GVariantBuilder rows;
	gsize bytes = 0;

	g_variant_builder_init(&rows, G_VARIANT_TYPE("aa{sv}"));
	for (guint i = 0; i < MIN(message->recipients->len, 50); i++)
		if (!methods_add_row(&rows,
				     explain_recipient(input, message, i,
						       queued),
				     &bytes))
			break;
	connection_reply(connection, "Explain", serial,
			 g_variant_new("(aa{sv})", &rows));
}

/*
 * A short word is a user of this machine, not a message, and so is one
 * without a digit, such as postmaster: ids begin with one.
 */
static gboolean
is_id(const char *what)
{
	guint64 id;

	return strlen(what) >= MIN_ID && strpbrk(what, "0123456789") &&
	       text_parse_id(what, &id);
}

void
method_explain(Connection *connection, guint32 serial, GVariant *in)
{
	Engine *engine = connection->engine;
	ScheduleInput input;
	g_autoptr(ProfileChoice) choice = NULL;
	g_autoptr(GVariant) options = NULL;
	g_autoptr(Message) message = NULL;
	const char *what, *profile = "", *sender = "", *authors = "";
	guint64 size = 0;
	g_autofree char *complete = NULL;

	g_variant_get(in, "(&s@a{sv})", &what, &options);
	g_variant_lookup(options, "profile", "&s", &profile);
	g_variant_lookup(options, "sender", "&s", &sender);
	g_variant_lookup(options, "authors", "&s", &authors);
	g_variant_lookup(options, "size", "t", &size);
	if (alias_file_refresh(engine->aliases))
		deliver_aliases_changed(engine->deliver);
	input = *deliver_input(engine->deliver);
	if (!suppose(connection, serial, profile, &input, &choice))
		return;
	if (is_id(what)) {
		const Message *queued =
			methods_find_own(connection, "Explain", serial, what);

		if (queued)
			explain_message(connection, serial, &input, queued,
					TRUE);
		return;
	}
	if (!*sender) {
		const char *user =
			settings_user(engine->settings, connection->uid);

		complete = g_strdup_printf("%s@%s", user ? user : "nobody",
					   engine->settings->host);
		sender = complete;
	} else if (g_str_equal(sender, "<>")) {
		sender = "";
	}
	message = message_new(0, sender, connection->uid);
	message_set_option(message, ROUTE_AUTHORS,
			   *authors ? authors : sender);
	message->size = size;
	route_suppose(&input.world, message, what);
	explain_message(connection, serial, &input, message, FALSE);
}
