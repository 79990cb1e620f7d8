// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * log and watch: what happened, one line an event, and what became of mail
 * that is finished.
 */
#include <stdio.h>
#include <string.h>

#include "client/ctl-table.h"
#include "client/ctl.h"
#include "client/json.h"
#include "common/text.h"

#define LINES 50
#define ENDED 200 /* messages of the history */
#define WAY_INDENT 4

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

/* --since and --limit, and the id that was asked for. */
static gboolean
make_query(Ctl *ctl, const char *id, guint64 lines, GVariantDict *query,
	   GError **error)
{
	const char *limit = ctl_option(ctl, "limit");
	const char *since = ctl_option(ctl, "since");
	gint64 seconds;

	if (limit && !g_ascii_string_to_unsigned(limit, 10, 1, G_MAXUINT32,
						 &lines, NULL))
		return ctl_fail(error, EX_USAGE,
				_("--limit takes a number, not “%s”"), limit);
	if (since && !text_parse_duration(since, &seconds))
		return ctl_fail(error, EX_USAGE,
				_("“%s” is no duration such as 30m, 2h or 1d"),
				since);
	g_variant_dict_insert(query, "limit", "u", (guint32)lines);
	if (since)
		g_variant_dict_insert(query, "since", "x", ctl->now - seconds);
	if (id)
		g_variant_dict_insert(query, "message", "s", id);
	return TRUE;
}

/* What happened lately, of one message or of all. */
static gboolean
log_events(Ctl *ctl, const char *id, GError **error)
{
	g_auto(GVariantDict) query = G_VARIANT_DICT_INIT(NULL);
	g_autoptr(GVariant) rows = NULL;

	if (!make_query(ctl, id, LINES, &query, error))
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

/* --- the history --- */

static void
add_fact(GString *line, const char *before, const char *fact,
	 const char *after)
{
	if (!*fact)
		return;
	g_string_append_printf(line, "%s%s%s%s", line->len ? ", " : "",
			       before, fact, after);
}

/* "14:31:20   delivered  7KX4-10  <a> to c@d=delivered  “Tea”", the way. */
static void
print_ended(Ctl *ctl, GVariant *row)
{
	g_autoptr(GDateTime) when =
		g_date_time_new_from_unix_local(ctl_number(row, "time"));
	g_autofree char *time =
		when ? g_date_time_format(when, "%F %H:%M:%S") : NULL;
	g_autofree char *size = ctl_size(ctl_number(row, "size"));
	const char *result = ctl_string(row, "result");
	g_autoptr(GString) line = g_string_new(NULL);
	g_autoptr(GString) way = g_string_new(NULL);
	g_autofree char *harmless = NULL;

	g_string_printf(line, _("%s %s %-9s %s  <%s> to %s, %s"),
			time ? time : "-",
			g_str_equal(result, "delivered") ? " " : "!", result,
			ctl_string(row, "id"), ctl_string(row, "sender"),
			ctl_string(row, "recipients"), size);
	if (*ctl_string(row, "subject"))
		g_string_append_printf(line, "  “%s”",
				       ctl_string(row, "subject"));
	harmless = text_harmless(line->str);
	puts(harmless);
	add_fact(way, _("route "), ctl_string(row, "route"), "");
	add_fact(way, "", ctl_string(row, "host"), "");
	add_fact(way, "", ctl_string(row, "tls"), "");
	add_fact(way, _("profile "), ctl_string(row, "profile"), "");
	add_fact(way, "", ctl_string(row, "network"), "");
	add_fact(way, _("there it is "), ctl_string(row, "remote-id"), "");
	add_fact(way, "(", ctl_string(row, "answer"), ")");
	g_string_set_size(line, 0);
	if (way->len)
		table_wrap(line, way->str, WAY_INDENT, ctl->width);
	fputs(line->str, stdout);
}

static gboolean
make_search(Ctl *ctl, const char *id, guint skip, GVariantDict *query,
	    GError **error)
{
	static const char *const names[] = {"from", "to", "route"};
	g_autofree char *words = g_strjoinv(" ", ctl->arguments);

	g_variant_dict_init(query, NULL);
	if (!make_query(ctl, id, ENDED, query, error))
		return FALSE;
	for (guint i = 0; i < G_N_ELEMENTS(names); i++)
		if (ctl_option(ctl, names[i]))
			g_variant_dict_insert(query, names[i], "s",
					      ctl_option(ctl, names[i]));
	if (!id)
		g_variant_dict_insert(query, "words", "s", words);
	g_variant_dict_insert(query, "skip", "u", (guint32)skip);
	return TRUE;
}

/*
 * The newest that match, page by page from the newest: one reply holds only
 * so many. Pages are kept to be told from the oldest on.
 */
static GPtrArray *
fetch_history(Ctl *ctl, const char *id, GError **error)
{
	g_autoptr(GPtrArray) pages = g_ptr_array_new_with_free_func(
		(GDestroyNotify)g_variant_unref);
	const char *limit = ctl_option(ctl, "limit");
	guint most = limit ? g_ascii_strtoull(limit, NULL, 10) : ENDED;

	for (guint got = 0; got < most;) {
		GVariantDict query;
		GVariant *rows;

		if (!make_search(ctl, id, got, &query, error)) {
			g_variant_dict_clear(&query);
			return NULL;
		}
		rows = ctl_call(ctl, "History",
				g_variant_new("(@a{sv})",
					      g_variant_dict_end(&query)),
				error);
		if (!rows)
			return NULL;
		g_ptr_array_add(pages, rows);
		if (!g_variant_n_children(rows))
			break;
		got += g_variant_n_children(rows);
	}
	return g_steal_pointer(&pages);
}

static gboolean
search_history(Ctl *ctl, const char *id, GError **error)
{
	g_autoptr(GPtrArray) pages = fetch_history(ctl, id, error);
	gboolean any = FALSE;

	if (!pages)
		return FALSE;
	for (guint i = pages->len; i-- > 0;) {
		GVariant *rows = pages->pdata[i];

		if (ctl->json && g_variant_n_children(rows))
			ctl_print_json(rows);
		for (gsize n = 0; n < g_variant_n_children(rows); n++) {
			g_autoptr(GVariant) row =
				g_variant_get_child_value(rows, n);

			any = TRUE;
			if (!ctl->json)
				print_ended(ctl, row);
		}
	}
	if (!any && ctl->json)
		puts("[]");
	else if (!any && !id)
		puts(_("Nothing like that was finished lately."));
	return TRUE;
}

/* --- log --- */

#define MIN_ID 10 /* characters of any id of this century */

/* An id that was asked for, as the engine spells it; "" for none. */
static gboolean
find_id(Ctl *ctl, char buffer[TEXT_ID_SIZE], GError **error)
{
	const char *word = ctl_option(ctl, "id");
	guint64 id;

	buffer[0] = '\0';
	if (!word && ctl->n_arguments == 1 &&
	    strlen(ctl->arguments[0]) >= MIN_ID &&
	    strpbrk(ctl->arguments[0], "0123456789") &&
	    text_parse_id(ctl->arguments[0], &id))
		word = ctl->arguments[0];
	if (!word)
		return TRUE;
	if (!text_parse_id(word, &id))
		return ctl_fail(error, EX_USAGE,
				_("“%s” is no message id; masqctl queue shows "
				  "them"),
				word);
	text_id(id, buffer);
	return TRUE;
}

gboolean
ctl_log(Ctl *ctl, GError **error)
{
	char id[TEXT_ID_SIZE];

	if (!find_id(ctl, id, error))
		return FALSE;
	if (*id)
		return log_events(ctl, id, error) &&
		       search_history(ctl, id, error);
	if (ctl->n_arguments || ctl_option(ctl, "from") ||
	    ctl_option(ctl, "to") || ctl_option(ctl, "route"))
		return search_history(ctl, NULL, error);
	return log_events(ctl, NULL, error);
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
