// SPDX-License-Identifier: GPL-2.0-or-later
#include "client/sendmail-queue.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "client/sendmail-envelope.h"
#include "common/text.h"

#define PAGE 100
#define HEADING \
	"-Queue ID-    --Size-- ----Arrival Time---- " \
	"-Sender/Recipient-------\n"
/* Where the sender and the recipients stand. */
#define INDENT 44

const char *const queue_columns[] = { "id",     "size", "arrived",
				      "sender", "state", "why",
				      "to",     "pending", NULL };
#define ROW_TYPE "(stxssssu)"

/* "Thu Feb 29 13:37:00", whatever the locale. */
static char *
arrival(gint64 unix_seconds, gint zone)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t local = unix_seconds + zone;
	struct tm tm;

	if (!gmtime_r(&local, &tm))
		return g_strdup("-");
	return g_strdup_printf("%.3s %.3s %2d %02d:%02d:%02d",
			       days + 3 * tm.tm_wday, months + 3 * tm.tm_mon,
			       tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* Postfix's marks: '*' is being sent, '!' is held. */
static const char *
mark(const char *state)
{
	if (g_str_equal(state, "sending"))
		return "*";
	return g_str_equal(state, "held") ? "!" : " ";
}

char *
queue_format(GVariant *row, const char *const *recipients, gint zone)
{
	const char *id, *sender, *state, *why, *to;
	const char *only[] = { NULL, NULL };
	guint64 size;
	gint64 arrived;
	g_autofree char *time_text = NULL;
	GString *text = g_string_new(NULL);

	g_variant_get(row, "(&stx&s&s&s&su)", &id, &size, &arrived, &sender,
		      &state, &why, &to, NULL);
	time_text = arrival(arrived, zone);
	g_string_append_printf(text,
			       "%-12s%s %8" G_GUINT64_FORMAT " %s  %s\n", id,
			       mark(state), size, time_text,
			       *sender ? sender : "MAILER-DAEMON");
	if (*why)
		g_string_append_printf(text, "%*s(%s)\n", 4, "", why);
	only[0] = to;
	for (recipients = recipients ? recipients : only; *recipients;
	     recipients++)
		g_string_append_printf(text, "%*s%s\n", INDENT, "",
				       *recipients);
	g_string_append_c(text, '\n');
	return g_string_free(text, FALSE);
}

static gint
local_zone(void)
{
	time_t now = time(NULL);
	struct tm tm;

	return localtime_r(&now, &tm) ? tm.tm_gmtoff : 0;
}

/*
 * The recipients still owed, as far as the engine's answer had room for all
 * @pending. (transfer full) (nullable)
 */
static char **
pending_recipients(Client *client, const char *id, guint pending)
{
	g_autoptr(GVariant) reply = client_call(
		client, "Show", g_variant_new("(s)", id), NULL);
	g_autoptr(GVariant) facts = NULL, list = NULL;
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	GVariantIter iter;
	GVariant *one;

	if (!reply)
		return NULL;
	facts = g_variant_get_child_value(reply, 0);
	list = g_variant_lookup_value(facts, "recipient-list",
				      G_VARIANT_TYPE("aa{sv}"));
	if (!list)
		return NULL;
	g_variant_iter_init(&iter, list);
	while ((one = g_variant_iter_next_value(&iter))) {
		const char *address = "", *state = "";

		g_variant_lookup(one, "address", "&s", &address);
		g_variant_lookup(one, "state", "&s", &state);
		if (!g_str_equal(state, "delivered") &&
		    !g_str_equal(state, "bounced"))
			g_ptr_array_add(names, text_harmless(address));
		g_variant_unref(one);
	}
	if (names->len < pending)
		g_ptr_array_add(names, g_strdup_printf("and %u more",
						       pending - names->len));
	g_ptr_array_add(names, NULL);
	return (char **)g_ptr_array_steal(names, NULL);
}

typedef struct {
	Client *client;
	gint zone;
	guint messages;
	guint64 bytes;
	char *last; /* id */
} Listing;

static void
print_row(Listing *listing, GVariant *row)
{
	g_autofree char *text = NULL;
	g_auto(GStrv) recipients = NULL;
	guint64 size;
	guint32 pending;
	const char *id, *state;

	g_variant_get(row, "(&stx&s&s&s&su)", &id, &size, NULL, NULL, &state,
		      NULL, NULL, &pending);
	g_free(listing->last);
	listing->last = g_strdup(id);
	/* What was deleted may come back, but waits for nothing. */
	if (g_str_equal(state, "trash") || g_str_equal(state, "sent"))
		return;
	if (pending > 1)
		recipients = pending_recipients(listing->client, id, pending);
	text = queue_format(row, (const char *const *)recipients,
			    listing->zone);
	if (listing->messages++ == 0)
		fputs(HEADING, stdout);
	fputs(text, stdout);
	listing->bytes += size;
}

/* One page of the queue; *@ret_rows is how many messages led further. */
static gboolean
print_page(Listing *listing, guint *ret_rows, GError **error)
{
	GVariant *query = g_variant_new_array(G_VARIANT_TYPE("{sv}"), NULL, 0);
	g_autoptr(GVariant) reply = client_call(
		listing->client, "List",
		g_variant_new("(^as@a{sv}su)", queue_columns, query,
			      listing->last ? listing->last : "", PAGE),
		error);
	g_autoptr(GVariantIter) rows = NULL;
	GVariant *row;

	if (!reply)
		return FALSE;
	*ret_rows = 0;
	g_variant_get(reply, "(uav)", NULL, &rows);
	while (g_variant_iter_next(rows, "v", &row)) {
		if (g_variant_is_of_type(row, G_VARIANT_TYPE(ROW_TYPE))) {
			print_row(listing, row);
			++*ret_rows;
		}
		g_variant_unref(row);
	}
	return TRUE;
}

gboolean
queue_list(const Paths *paths, GError **error)
{
	g_autoptr(Client) client = sendmail_connect(paths, error);
	Listing listing = { .client = client, .zone = local_zone() };
	guint rows = PAGE;
	gboolean good = client != NULL;

	while (good && rows > 0)
		good = print_page(&listing, &rows, error);
	g_free(listing.last);
	if (!good) {
		sendmail_wrap(error, EX_TEMPFAIL);
		return FALSE;
	}
	if (listing.messages == 0)
		puts("Mail queue is empty");
	else
		printf("-- %" G_GUINT64_FORMAT " Kbytes in %u Request%s.\n",
		       (listing.bytes + 1023) / 1024, listing.messages,
		       listing.messages == 1 ? "" : "s");
	return TRUE;
}

static gboolean
report_refused(GVariant *reply, GError **error)
{
	g_autoptr(GVariant) facts = g_variant_get_child_value(reply, 0);
	g_autoptr(GVariantIter) refused = NULL;
	g_autoptr(GString) text = g_string_new(NULL);
	const char *id, *why;

	if (!g_variant_lookup(facts, "refused", "a(ss)", &refused))
		return TRUE;
	while (g_variant_iter_next(refused, "(&s&s)", &id, &why))
		g_string_append_printf(text, "%s%s: %s", text->len ? "; " : "",
				       id, why);
	return text->len == 0 ||
	       sendmail_fail(error, EX_UNAVAILABLE, "%s", text->str);
}

static gboolean
say_online(Client *client, const char *profile, GError **error)
{
	g_autoptr(GVariant) reply = client_call(
		client, "Online", g_variant_new("(s)", profile), error);

	if (!reply)
		sendmail_wrap(error, EX_NOPERM);
	return reply != NULL;
}

gboolean
queue_act(const SendmailOptions *options, const Paths *paths, GError **error)
{
	g_autoptr(Client) client = NULL;
	g_autoptr(GVariant) reply = NULL;
	GVariantDict dictionary;

	if (options->arguments->len == 0 && !options->act_on_all)
		return sendmail_fail(error, EX_USAGE,
				     "name the messages by their ids, as "
				     "mailq shows them");
	client = sendmail_connect(paths, error);
	if (!client)
		return FALSE;
	if (options->online && !say_online(client, options->online, error))
		return FALSE;
	g_variant_dict_init(&dictionary, NULL);
	if (options->filter)
		g_variant_dict_insert(&dictionary, "filter", "s",
				      options->filter);
	reply = client_call(
		client, "Act",
		g_variant_new("(s@as@a{sv})", options->verb,
			      g_variant_new_strv((const char *const *)options
							 ->arguments->pdata,
						 options->arguments->len),
			      g_variant_dict_end(&dictionary)),
		error);
	if (!reply) {
		sendmail_wrap(error, EX_TEMPFAIL);
		return FALSE;
	}
	return report_refused(reply, error);
}

static void
print_explanation(const char *address, GVariant *row)
{
	const char *recipient = address, *route = "", *why = "";

	g_variant_lookup(row, "recipient", "&s", &recipient);
	g_variant_lookup(row, "route", "&s", &route);
	g_variant_lookup(row, "why", "&s", &why);
	printf("%s: %s%s%s\n", recipient, *route ? route : "would wait",
	       *why ? ": " : "", why);
}

static gboolean
explain_one(Client *client, const char *address, GError **error)
{
	g_autoptr(GVariant) reply = client_call(
		client, "Explain",
		g_variant_new("(s@a{sv})", address,
			      g_variant_new_array(G_VARIANT_TYPE("{sv}"),
						  NULL, 0)),
		error);
	g_autoptr(GVariantIter) rows = NULL;
	GVariant *row;

	if (!reply)
		return FALSE;
	g_variant_get(reply, "(aa{sv})", &rows);
	while ((row = g_variant_iter_next_value(rows))) {
		print_explanation(address, row);
		g_variant_unref(row);
	}
	return TRUE;
}

gboolean
queue_explain(const SendmailOptions *options, const Paths *paths,
	      GError **error)
{
	g_autoptr(GPtrArray) addresses =
		envelope_addresses(options, paths, error);
	g_autoptr(Client) client = NULL;

	if (!addresses)
		return FALSE;
	if (addresses->len == 0)
		return sendmail_fail(error, EX_USAGE,
				     "-bv: name the addresses");
	client = sendmail_connect(paths, error);
	for (guint i = 0; client && i < addresses->len; i++)
		if (!explain_one(client, g_ptr_array_index(addresses, i),
				 error)) {
			sendmail_wrap(error, EX_TEMPFAIL);
			return FALSE;
		}
	return client != NULL;
}
