// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * log and watch: what happened, one line an event.
 */
#include <stdio.h>

#include "client/ctl-table.h"
#include "client/ctl.h"
#include "client/json.h"
#include "common/text.h"

#define LINES 50

/* "14:02:11   sent      7KX2-9F  line (answer)"; "!" marks a problem. */
static void
print_event(GVariant *row)
{
	g_autoptr(GString) line = g_string_new(NULL);
	g_autoptr(GDateTime) when =
		g_date_time_new_from_unix_local(ctl_number(row, "time"));
	g_autofree char *time =
		when ? g_date_time_format(when, "%F %H:%M:%S") : NULL;
	g_autofree char *harmless = NULL;

	g_string_append(line, time ? time : "-");
	g_string_append(line, ctl_boolean(row, "problem") ? " ! " : "   ");
	g_string_append_printf(line, "%-9s ", ctl_string(row, "event"));
	if (*ctl_string(row, "id"))
		g_string_append_printf(line, "%s  ", ctl_string(row, "id"));
	g_string_append(line, ctl_string(row, "text"));
	if (*ctl_string(row, "answer"))
		g_string_append_printf(line, " (%s)",
				       ctl_string(row, "answer"));
	harmless = text_harmless(line->str);
	puts(harmless);
}

static gboolean
make_query(Ctl *ctl, GVariantDict *query, GError **error)
{
	const char *limit = ctl_option(ctl, "limit");
	const char *since = ctl_option(ctl, "since");
	guint64 lines = LINES, id;
	gint64 seconds;
	char buffer[TEXT_ID_SIZE];

	if (limit && !g_ascii_string_to_unsigned(limit, 10, 1, G_MAXUINT32,
						 &lines, NULL))
		return ctl_fail(error, EX_USAGE,
				_("--limit takes a number, not “%s”"), limit);
	if (since && !text_parse_duration(since, &seconds))
		return ctl_fail(error, EX_USAGE,
				_("“%s” is no duration such as 30m, 2h or 1d"),
				since);
	if (ctl->n_arguments && !text_parse_id(ctl->arguments[0], &id))
		return ctl_fail(error, EX_USAGE,
				_("“%s” is no message id; masqctl queue shows "
				  "them"),
				ctl->arguments[0]);
	g_variant_dict_insert(query, "limit", "u", (guint32)lines);
	if (since)
		g_variant_dict_insert(query, "since", "x", ctl->now - seconds);
	if (ctl->n_arguments)
		g_variant_dict_insert(query, "message", "s",
				      text_id(id, buffer));
	return TRUE;
}

gboolean
ctl_log(Ctl *ctl, GError **error)
{
	g_auto(GVariantDict) query = G_VARIANT_DICT_INIT(NULL);
	g_autoptr(GVariant) rows = NULL;

	if (!make_query(ctl, &query, error))
		return FALSE;
	rows = ctl_call(ctl, "Log",
			g_variant_new("(@a{sv})", g_variant_dict_end(&query)),
			error);
	if (!rows)
		return FALSE;
	if (ctl->json) {
		ctl_print_json(rows);
		return TRUE;
	}
	for (gsize i = 0; i < g_variant_n_children(rows); i++) {
		g_autoptr(GVariant) row = g_variant_get_child_value(rows, i);

		print_event(row);
	}
	return TRUE;
}

/* --- watch --- */

static void
print_notice(Ctl *ctl, const WirePacket *notice)
{
	g_autoptr(GVariant) body = g_variant_get_child_value(notice->body, 0);
	g_autoptr(GString) json = NULL;

	if (!ctl->json) {
		/* Each change that people care for has its line in the log. */
		if (g_str_equal(notice->name, "Log"))
			print_event(body);
		return;
	}
	json = g_string_new("{\"event\":");
	json_append_string(json, notice->name);
	g_string_append(json, ",\"body\":");
	json_append(json, body);
	g_string_append_c(json, '}');
	puts(json->str);
}

/* Until the reader of our output, or the daemon, is gone. */
gboolean
ctl_watch(Ctl *ctl, GError **error)
{
	g_autoptr(GVariant) reply =
		ctl_call(ctl, "Watch", g_variant_new("()"), error);

	while (reply) {
		g_autoptr(WirePacket) notice =
			client_notice(ctl->client, error);

		if (!notice)
			return FALSE;
		print_notice(ctl, notice);
		if (fflush(stdout))
			return TRUE;
	}
	return FALSE;
}
