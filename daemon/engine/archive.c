// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/archive.h"

#include "common/address.h"
#include "common/local.h"
#include "daemon/engine/route.h"
#include "daemon/engine/transition.h"

#define ARCHIVE "archive" /* whose name a Maildir's copies go by */
#define FIRST_PERSON 1000 /* lower uids are not people who read mail */

static Recipient *
add_copy(Message *envelope, const char *address, const char *by)
{
	Recipient *copy = message_add_recipient(envelope, address);

	/* Its failure is not the sender's affair. */
	recipient_set_option(copy, "notify", "NEVER");
	recipient_set_option(copy, ROUTE_BY, by);
	return copy;
}

/* A Maildir by its path, whether that ends in '/' or not. */
static void
set_folder(Recipient *copy, const char *path)
{
	g_autofree char *folder = g_strconcat(
		path, g_str_has_suffix(path, "/") ? "" : "/", NULL);

	recipient_set_option(copy, ROUTE_EXACT, "yes");
	recipient_set_option(copy, ROUTE_TARGET, folder);
}

/* --- the archive ---------------------------------------------------------- */

/* What comes from the archive or goes there anyway is not sent there. */
static gboolean
is_the_archives(const Message *envelope, const char *address)
{
	if (address_equal_locally(envelope->sender, address))
		return TRUE;
	for (guint i = 0; i < envelope->recipients->len; i++) {
		const Recipient *other = envelope->recipients->pdata[i];

		if (address_equal_locally(other->address, address))
			return TRUE;
	}
	return FALSE;
}

static void
add_archive(Engine *engine, Message *envelope)
{
	const char *archive = engine->settings->archive;
	gboolean folder = *archive == '/' || g_str_has_prefix(archive, "~/");
	g_autofree char *address =
		folder ? address_join(ARCHIVE, engine->settings->host)
		       : address_qualify(archive, engine->settings->host);

	if (folder)
		set_folder(add_copy(envelope, address, ROUTE_BY_ARCHIVE),
			   archive);
	else if (!is_the_archives(envelope, address))
		add_copy(envelope, address, ROUTE_BY_ARCHIVE);
}

/* --- the sender's own folder ---------------------------------------------- */

/* (nullable) (transfer none): a person of this machine who sends this. */
static const char *
sender_of(const Engine *engine, const Message *envelope)
{
	gboolean person = engine->paths->user
		? envelope->uid == engine->owner
		: envelope->uid >= FIRST_PERSON;

	if (!person || !*envelope->sender ||
	    message_option(envelope, "foreign") ||
	    message_option(envelope, "answers"))
		return NULL;
	return settings_user(engine->settings, envelope->uid);
}

static void
add_sent_copy(Engine *engine, Message *envelope)
{
	const char *user = sender_of(engine, envelope);
	g_autofree char *folder = NULL;
	g_autofree char *address = NULL;

	if (user)
		folder = local_string(engine->settings->config, user,
				      "SentCopy");
	if (!folder || !*folder)
		return;
	address = address_join(user, engine->settings->host);
	set_folder(add_copy(envelope, address, ROUTE_BY_SENT), folder);
}

void
archive_add(Engine *engine, Message *envelope)
{
	guint others = envelope->recipients->len;

	if (engine->settings->archive && *engine->settings->archive &&
	    others < MESSAGE_MAX_RECIPIENTS)
		add_archive(engine, envelope);
	if (envelope->recipients->len < MESSAGE_MAX_RECIPIENTS)
		add_sent_copy(engine, envelope);
}

void
archive_settle(Engine *engine, Message *message)
{
	for (guint i = 0; i < message->recipients->len; i++) {
		const Recipient *copy = message->recipients->pdata[i];
		RecipientChange change;

		if (copy->state != RECIPIENT_WAITING ||
		    route_sent_copy(message, copy) != ROUTE_SENT_NOT)
			continue;
		change = recipient_change(copy);
		change.state = RECIPIENT_REMOVED;
		transition_verdict(engine, message, i, &change);
	}
}
