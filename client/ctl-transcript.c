// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * show --transcript: what was said when a message was last tried.
 */
#include <stdio.h>
#include <string.h>

#include "client/ctl-table.h"
#include "client/ctl.h"
#include "common/text.h"

#define INDENT 10 /* of what does not fit behind the time */

/* "31 > EHLO laptop" as "  0.031  > EHLO laptop". */
static void
print_line(Ctl *ctl, const char *line)
{
	g_autofree char *harmless = text_harmless(line);
	g_autoptr(GString) out = g_string_new(NULL);
	char *text = NULL;
	guint64 ms = g_ascii_strtoull(harmless, &text, 10);
	g_autofree char *whole = NULL;

	whole = g_strdup_printf("%3u.%03u  %s", (guint)(ms / 1000),
				(guint)(ms % 1000), g_strchug(text));
	if (!ctl->width || table_width(whole) <= ctl->width) {
		puts(whole);
		return;
	}
	table_wrap(out, whole, INDENT, ctl->width);
	fputs(g_strchug(out->str), stdout);
}

static void
print_head(Ctl *ctl, GVariant *record)
{
	g_autofree char *when = ctl_time(ctl, ctl_number(record, "time"));
	g_autofree char *host = text_harmless(ctl_string(record, "host"));
	g_autofree char *tls = text_harmless(ctl_string(record, "tls"));
	g_autofree char *route = text_harmless(ctl_string(record, "route"));

	printf(_("Last try %s by route %s%s%s%s%s\n"), when, route,
	       *host ? ", " : "", host, *tls ? ", " : "", tls);
}

gboolean
ctl_transcript(Ctl *ctl, const char *id, GError **error)
{
	g_autoptr(GVariant) record = ctl_call(
		ctl, "Transcript", g_variant_new("(s)", id), error);
	g_autofree const char **lines = NULL;

	if (!record)
		return FALSE;
	if (ctl->json) {
		ctl_print_json(record);
		return TRUE;
	}
	if (!g_variant_lookup(record, "lines", "^a&s", &lines)) {
		puts(_("No transcript of it is kept: it was not tried over "
		       "the network yet, or that was long ago."));
		return TRUE;
	}
	print_head(ctl, record);
	for (const char **line = lines; *line; line++)
		print_line(ctl, *line);
	return TRUE;
}
