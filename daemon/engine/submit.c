// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/submit.h"

#include <string.h>

#include "common/address.h"
#include "common/text.h"
#include "common/wire.h"
#include "daemon/engine/archive.h"
#include "daemon/engine/deliver.h"
#include "daemon/engine/report.h"
#include "daemon/engine/ripen.h"
#include "daemon/engine/watch.h"

#define MAX_HELO 255

struct Submission {
	Engine *engine;
	Submitter submitter; /* .origin and .peer are not used from here */
	Message *envelope;
	QueueSubmission *data; /* NULL until the first byte */
	char *received;        /* the line we write above it */
	guint64 limit;
	guint64 size;          /* bytes the client sent */
	guint64 known;         /* id of the same message handed in before */
	char *only_to;         /* (nullable): whom a report may go to */
	char *only_also;       /* (nullable): and where it is left here */
	GHashTable *known_to;  /* recipients by address_key(), a set */
	GError *error;         /* what went wrong with the data */
};

static void refuse(GError **error, const char *enhanced, const char *format,
		   ...) G_GNUC_PRINTF(3, 4);

static void
refuse(GError **error, const char *enhanced, const char *format, ...)
{
	g_autofree char *sentence = NULL;
	va_list arguments;

	va_start(arguments, format);
	sentence = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	g_set_error(error, WIRE_ERROR, WIRE_ERROR_REMOTE, "%s %s", enhanced,
		    sentence);
}

/* --- Submit --------------------------------------------------------------- */

static gboolean
check_room(Engine *engine, guint64 declared, GError **error)
{
	const char *sentence = "";

	switch (queue_condition(engine->queue, &sentence)) {
	case QUEUE_OK:
		break;
	case QUEUE_LOW:
		refuse(error, "4.3.1", "%s", sentence);
		return FALSE;
	case QUEUE_READ_ONLY:
		refuse(error, "4.3.0", "%s", sentence);
		return FALSE;
	}
	if (declared <= engine->settings->size_limit)
		return TRUE;
	refuse(error, "5.3.4",
	       "The message is larger than this machine takes (%"
	       G_GUINT64_FORMAT " bytes).",
	       engine->settings->size_limit);
	return FALSE;
}

char *
submit_complete(const Engine *engine, const char *address)
{
	if (strlen(address) > MESSAGE_MAX_ADDRESS ||
	    !address_is_valid_or_local(address))
		return NULL;
	return address_qualify(address, engine->settings->host);
}

/* The strings among the options we keep; the rest is for others. */
static void
keep_options(Message *message, GVariant *options)
{
	static const char *const words[] = {
		"key", "subject", "from", "authors", "body", "envid", "ret",
		"language",
	};
	static const char *const flags[] = { "smtputf8", "requiretls",
					     "queue-only" };

	for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
		g_autofree char *clean = NULL;
		const char *value;

		if (!g_variant_lookup(options, words[i], "&s", &value))
			continue;
		clean = text_harmless_clipped(
			value, MESSAGE_MAX_OPTION_VALUE / 4);
		message_set_option(message, words[i], clean);
	}
	for (guint i = 0; i < G_N_ELEMENTS(flags); i++) {
		gboolean set = FALSE;

		if (g_variant_lookup(options, flags[i], "b", &set) && set)
			message_set_option(message, flags[i], "yes");
	}
}

/* What a peer calls itself, if it is spelt like a name or an address. */
static const char *
plain_helo(GVariant *options)
{
	const char *helo = "";

	g_variant_lookup(options, "helo", "&s", &helo);
	if (!*helo || strlen(helo) > MAX_HELO ||
	    strspn(helo, "abcdefghijklmnopqrstuvwxyz"
			 "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			 "0123456789.-:[]_") != strlen(helo))
		return "unknown";
	return helo;
}

/* All but id and date, which are known when the data comes. */
static char *
received_from(const Engine *engine, const Submitter *submitter,
	      GVariant *options)
{
	const char *host = engine->settings->host;

	if (*submitter->peer)
		return g_strdup_printf(
			"Received: from %s ([%s])\r\n"
			"\tby %s (masqmail) with ESMTP",
			plain_helo(options), submitter->peer, host);
	return g_strdup_printf("Received: by %s (masqmail, from userid %u)",
			       host, (guint)submitter->uid);
}

static void
look_for_key(Submission *submission)
{
	const char *key = message_option(submission->envelope, "key");

	if (key)
		queue_find_key(submission->engine->queue,
			       submission->submitter.uid, key,
			       &submission->known);
}

Submission *
submission_new(Engine *engine, const Submitter *submitter,
	       const char *sender, GVariant *options, GError **error)
{
	g_autofree char *complete = NULL;
	guint64 declared = 0;
	Submission *submission;

	g_variant_lookup(options, "size", "t", &declared);
	if (!check_room(engine, declared, error))
		return NULL;
	complete = *sender ? submit_complete(engine, sender)
			   : g_strdup("");
	if (!complete) {
		refuse(error, "5.1.7", "The sender is not a mail address.");
		return NULL;
	}
	submission = g_new0(Submission, 1);
	submission->engine = engine;
	submission->known_to = g_hash_table_new_full(g_str_hash, g_str_equal,
						     g_free, NULL);
	submission->submitter = *submitter;
	submission->limit = engine->settings->size_limit;
	submission->envelope = message_new(0, complete, submitter->uid);
	g_free(submission->envelope->origin);
	submission->envelope->origin = g_strdup(submitter->origin);
	keep_options(submission->envelope, options);
	if (!ripen_take(submission->envelope, options, error)) {
		submission_free(submission);
		return NULL;
	}
	if (!submitter->identified && !submitter->near)
		message_set_option(submission->envelope, "foreign", "yes");
	submission->received = received_from(engine, submitter, options);
	look_for_key(submission);
	return submission;
}

void
submission_free(Submission *submission)
{
	if (!submission)
		return;
	message_free(submission->envelope);
	queue_submission_free(submission->data);
	g_free(submission->received);
	g_free(submission->only_to);
	g_free(submission->only_also);
	g_hash_table_unref(submission->known_to);
	g_clear_error(&submission->error);
	g_free(submission);
}

void
submission_describe(Submission *submission, GVariant *options)
{
	const char *key = message_option(submission->envelope, "key");
	g_autofree char *kept = g_strdup(key);

	/* The key is said at Submit, where it decides. */
	keep_options(submission->envelope, options);
	message_set_option(submission->envelope, "key", kept);
	/* Who asks for a year and more was told so by its own program. */
	ripen_take(submission->envelope, options, NULL);
}

/* --- Recipient ------------------------------------------------------------ */

gboolean
submit_may_go_to(const Engine *engine, gboolean identified,
		 const char *address, GError **error)
{
	const RouteWorld *world = &deliver_input(engine->deliver)->world;
	g_autofree char *user = NULL;

	if (!route_is_local(world, address)) {
		if (identified)
			return TRUE;
		refuse(error, "5.7.1",
		       "This machine takes mail for other hosts only from "
		       "its own users, and it is not known whose this is.");
		return FALSE;
	}
	if (!engine->paths->user)
		return TRUE;
	user = mailbox_user_of(world->mailboxes, address);
	if (g_ascii_strcasecmp(user, settings_user(engine->settings,
						   engine->owner)) == 0 ||
	    g_ascii_strcasecmp(user, "postmaster") == 0 ||
	    g_ascii_strcasecmp(user, "root") == 0)
		return TRUE;
	refuse(error, "5.1.1", "There is no user %s here.", user);
	return FALSE;
}

static gboolean
may_go_to(const Submission *submission, const char *address, GError **error)
{
	if (!submission->only_to ||
	    address_equal(submission->only_to, address) ||
	    (submission->only_also &&
	     address_equal(submission->only_also, address)))
		return submit_may_go_to(submission->engine,
					submission->submitter.identified ||
						submission->submitter.near,
					address, error);
	refuse(error, "5.7.1", "A report goes to nobody but the sender of "
	       "what it tells of.");
	return FALSE;
}

static void
keep_recipient_options(Recipient *recipient, GVariant *options)
{
	static const char *const words[] = { "notify", "orcpt" };

	for (guint i = 0; options && i < G_N_ELEMENTS(words); i++) {
		g_autofree char *clean = NULL;
		const char *value;

		if (!g_variant_lookup(options, words[i], "&s", &value))
			continue;
		clean = text_harmless_clipped(
			value, MESSAGE_MAX_OPTION_VALUE / 4);
		recipient_set_option(recipient, words[i], clean);
	}
}

/* One spelling for all that address_equal() takes for the same. */
static char *
address_key(const char *address)
{
	g_autofree char *local = address_local(address);
	g_autofree char *domain =
		g_ascii_strdown(address_domain(address), -1);

	return g_strconcat(domain, "@", local, NULL);
}

gboolean
submission_add(Submission *submission, const char *address,
	       GVariant *options, GError **error)
{
	Message *envelope = submission->envelope;
	g_autofree char *complete =
		submit_complete(submission->engine, address);
	Recipient *recipient;

	if (!complete) {
		refuse(error, "5.1.3", "This is not a mail address.");
		return FALSE;
	}
	if (envelope->recipients->len >= MESSAGE_MAX_RECIPIENTS) {
		refuse(error, "4.5.3", "A message takes at most %d "
		       "recipients; send it again to the others.",
		       MESSAGE_MAX_RECIPIENTS);
		return FALSE;
	}
	if (!may_go_to(submission, complete, error))
		return FALSE;
	/* Thousands of recipients: no look at each for each. */
	if (!g_hash_table_add(submission->known_to, address_key(complete)))
		return TRUE;
	recipient = message_add_recipient(envelope, complete);
	keep_recipient_options(recipient, options);
	return TRUE;
}

void
submission_set_report(Submission *submission, const char *to,
		      const char *also)
{
	Message *envelope = submission->envelope;

	g_free(envelope->sender);
	envelope->sender = g_strdup("");
	g_free(submission->only_to);
	g_free(submission->only_also);
	submission->only_to = g_strdup(to);
	submission->only_also = g_strdup(also);
}

void
submission_set_option(Submission *submission, const char *key,
		      const char *value)
{
	message_set_option(submission->envelope, key, value);
}

/* --- data and Commit ------------------------------------------------------ */

/* The trace line that every message gets from us, RFC 5321 4.4. */
static void
write_received(Submission *submission)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_local();
	g_autofree char *date =
		g_date_time_format(now, "%a, %d %b %Y %H:%M:%S %z");
	char buffer[TEXT_ID_SIZE];
	g_autofree char *line = g_strdup_printf(
		"%s\r\n\tid %s; %s\r\n", submission->received,
		text_id(queue_submission_id(submission->data), buffer),
		date);

	queue_submission_write(submission->data, line, strlen(line),
			       &submission->error);
}

void
submission_write(Submission *submission, const void *bytes, gsize size)
{
	submission->size += size;
	if (submission->error || submission->known)
		return;
	if (!submission->data) {
		submission->data = queue_submission_new(
			submission->engine->queue, submission->limit);
		write_received(submission);
	}
	if (!submission->error)
		queue_submission_write(submission->data, bytes, size,
				       &submission->error);
}

/* A queue's refusal in the words of the wire. */
static void
refuse_for_queue(GError **error, const GError *cause)
{
	const char *enhanced = "4.3.0";

	if (g_error_matches(cause, QUEUE_ERROR, QUEUE_ERROR_FULL))
		enhanced = "4.3.1";
	else if (g_error_matches(cause, QUEUE_ERROR, QUEUE_ERROR_TOO_LARGE))
		enhanced = "5.3.4";
	refuse(error, enhanced, "%s", cause->message);
}

static gboolean
check_complete(const Submission *submission, guint64 size, GError **error)
{
	if (submission->error) {
		refuse_for_queue(error, submission->error);
		return FALSE;
	}
	if (submission->envelope->recipients->len == 0) {
		refuse(error, "5.5.1", "The message has no recipients.");
		return FALSE;
	}
	if (submission->size == size)
		return TRUE;
	refuse(error, "4.5.0",
	       "The message came incomplete: %" G_GUINT64_FORMAT
	       " of %" G_GUINT64_FORMAT " bytes.",
	       submission->size, size);
	return FALSE;
}

typedef struct {
	Engine *engine;
	SubmissionDone done;
	gpointer data;
} Committing;

static void
tell_arrival(Engine *engine, Message *message)
{
	g_autofree char *size = text_size(message->size);
	const Recipient *first = message->recipients->pdata[0];

	events_add(engine->events, "in", FALSE, message, NULL,
		   "from=<%s> to=<%s>%s uid=%u by=%s size=%s",
		   message->sender, first->address,
		   message->recipients->len > 1 ? " and others" : "",
		   (guint)message->uid, message->origin, size);
}

static void
on_committed(gpointer data, Message *message, const GError *cause)
{
	g_autofree Committing *committing = data;
	Engine *engine = committing->engine;
	g_autoptr(GError) error = NULL;

	if (!message) {
		refuse_for_queue(&error, cause);
		committing->done(committing->data, 0, error);
		return;
	}
	store_add(engine->store, message);
	tell_arrival(engine, message);
	committing->done(committing->data, message->id, NULL);
	watch_message(engine, message);
	watch_topics(engine, WATCH_STATUS);
	report_took(engine, message);
	deliver_kick(engine->deliver);
}

void
submission_commit(Submission *submission, guint64 size, SubmissionDone done,
		  gpointer data)
{
	g_autoptr(GError) error = NULL;
	Committing *committing;
	Message *envelope;

	if (!submission->data && !submission->known)
		submission_write(submission, "", 0);
	if (!check_complete(submission, size, &error)) {
		done(data, 0, error);
		submission_free(submission);
		return;
	}
	if (submission->known) {
		done(data, submission->known, NULL);
		submission_free(submission);
		return;
	}
	committing = g_new0(Committing, 1);
	committing->engine = submission->engine;
	committing->done = done;
	committing->data = data;
	envelope = g_steal_pointer(&submission->envelope);
	envelope->arrived = engine_now();
	archive_add(submission->engine, envelope);
	ripen_give_window(submission->engine, envelope);
	deliver_stamp(submission->engine->deliver, envelope);
	queue_submission_commit(g_steal_pointer(&submission->data), envelope,
				on_committed, committing);
	submission_free(submission);
}
