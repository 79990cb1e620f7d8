// SPDX-License-Identifier: GPL-2.0-or-later
#include "client/sendmail-hosts.h"

#include <stdio.h>
#include <time.h>

#include "common/text.h"

#define HEADING \
	"-------------- Hostname --------------- How long ago " \
	"---------Results---------\n"
#define DAY 86400

char *
hosts_format(GVariant *row, gint64 now)
{
	const char *name = "", *answer = "";
	gint64 used = 0, ok = 0, error = 0, ago;
	g_autofree char *host = NULL, *result = NULL;

	g_variant_lookup(row, "name", "&s", &name);
	g_variant_lookup(row, "used", "x", &used);
	g_variant_lookup(row, "last-ok", "x", &ok);
	g_variant_lookup(row, "last-error", "x", &error);
	g_variant_lookup(row, "last-answer", "&s", &answer);
	host = text_harmless(name);
	result = text_harmless(error > ok ? answer : "250 OK");
	ago = CLAMP(now - used, 0, 999 * (gint64)DAY);
	return g_strdup_printf(
		"%-39s %3d+%02d:%02d:%02d %s\n", host, (int)(ago / DAY),
		(int)(ago / 3600 % 24), (int)(ago / 60 % 60), (int)(ago % 60),
		result);
}

static gboolean
list_one(Client *client, const char *name, gboolean *headed, GError **error)
{
	g_autoptr(GVariant) reply = client_call(
		client, "Hosts", g_variant_new("(s)", name), error);
	g_autoptr(GVariantIter) rows = NULL;
	GVariant *row;

	if (!reply)
		return FALSE;
	g_variant_get(reply, "(aa{sv})", &rows);
	while ((row = g_variant_iter_next_value(rows))) {
		g_autofree char *line = hosts_format(row, time(NULL));

		if (!*headed)
			fputs(HEADING, stdout);
		*headed = TRUE;
		fputs(line, stdout);
		g_variant_unref(row);
	}
	return TRUE;
}

static gboolean
purge_one(Client *client, const char *name, gboolean *headed G_GNUC_UNUSED,
	  GError **error)
{
	g_autoptr(GVariant) reply = client_call(
		client, "PurgeHosts", g_variant_new("(s)", name), error);

	return reply != NULL;
}

/* @call for each argument, or once for all. */
static gboolean
for_each(const SendmailOptions *options, const Paths *paths,
	 gboolean (*call)(Client *, const char *, gboolean *, GError **),
	 GError **error)
{
	g_autoptr(Client) client = sendmail_connect(paths, error);
	gboolean headed = FALSE, good = client != NULL;

	if (good && options->arguments->len == 0)
		good = call(client, "", &headed, error);
	for (guint i = 0; good && i < options->arguments->len; i++)
		good = call(client, options->arguments->pdata[i], &headed,
			    error);
	if (!good)
		sendmail_wrap(error, EX_TEMPFAIL);
	return good;
}

gboolean
hosts_list(const SendmailOptions *options, const Paths *paths, GError **error)
{
	return for_each(options, paths, list_one, error);
}

gboolean
hosts_purge(const SendmailOptions *options, const Paths *paths,
	    GError **error)
{
	return for_each(options, paths, purge_one, error);
}
