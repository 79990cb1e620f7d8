// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * queue and show: what waits and why, in the words of masqtui.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/ctl-table.h"
#include "client/ctl.h"
#include "client/json.h"
#include "common/error.h"
#include "common/paths.h"
#include "common/text.h"

#define PAGE 200
#define OFFLINE_PROGRAM "queue-offline"

static GVariant *
make_query(Ctl *ctl)
{
	g_auto(GVariantDict) query = G_VARIANT_DICT_INIT(NULL);
	g_autofree char *filter = g_strjoinv(" ", ctl->arguments);

	g_variant_dict_insert(&query, "filter", "s", filter);
	if (ctl_option(ctl, "order"))
		g_variant_dict_insert(&query, "order", "s",
				      ctl_option(ctl, "order"));
	if (ctl_option(ctl, "reverse"))
		g_variant_dict_insert(&query, "reverse", "b", TRUE);
	return g_variant_ref_sink(g_variant_dict_end(&query));
}

/* The row as a{sv}, named as in the table of columns (transfer full). */
static GVariant *
name_columns(GVariant *boxed)
{
	g_autoptr(GVariant) row = g_variant_get_variant(boxed);
	GVariantBuilder builder;
	gsize n = g_variant_is_container(row) ? g_variant_n_children(row) : 0;

	g_variant_builder_init(&builder, G_VARIANT_TYPE_VARDICT);
	for (gsize i = 0; i < n && api_columns[i].name; i++) {
		g_autoptr(GVariant) value = g_variant_get_child_value(row, i);

		g_variant_builder_add(&builder, "{sv}", api_columns[i].name,
				      value);
	}
	return g_variant_ref_sink(g_variant_builder_end(&builder));
}

static char **
all_columns(void)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();

	for (const ApiColumn *row = api_columns; row->name; row++)
		g_ptr_array_add(names, g_strdup(row->name));
	g_ptr_array_add(names, NULL);
	return (char **)g_ptr_array_steal(names, NULL);
}

/* The last row's id, from which the next page begins; NULL at the end. */
static char *
take_page(GPtrArray *rows, GVariant *page, guint asked)
{
	gsize n = g_variant_n_children(page);

	for (gsize i = 0; i < n; i++) {
		g_autoptr(GVariant) boxed = g_variant_get_child_value(page, i);

		g_ptr_array_add(rows, name_columns(boxed));
	}
	if (n < asked || !rows->len)
		return NULL;
	return g_strdup(ctl_string(rows->pdata[rows->len - 1], "id"));
}

static gboolean
read_limit(Ctl *ctl, guint64 *ret_limit, GError **error)
{
	const char *text = ctl_option(ctl, "limit");

	*ret_limit = G_MAXUINT32;
	if (!text || g_ascii_string_to_unsigned(text, 10, 1, G_MAXUINT32,
						ret_limit, NULL))
		return TRUE;
	return ctl_fail(error, EX_USAGE, _("--limit takes a number, not “%s”"),
			text);
}

static GPtrArray *
list(Ctl *ctl, GError **error)
{
	g_autoptr(GPtrArray) rows =
		g_ptr_array_new_with_free_func((GDestroyNotify)g_variant_unref);
	g_autoptr(GVariant) query = make_query(ctl);
	g_auto(GStrv) columns = all_columns();
	g_autofree char *after = g_strdup("");
	guint64 limit;

	if (!read_limit(ctl, &limit, error))
		return NULL;
	while (after && rows->len < limit) {
		guint asked = MIN(limit - rows->len, PAGE);
		g_autoptr(GVariant) reply =
			client_call(ctl->client, "List",
				    g_variant_new("(^as@a{sv}su)", columns,
						  query, after, asked),
				    error);
		g_autoptr(GVariant) page = NULL;

		if (!reply)
			return NULL;
		page = g_variant_get_child_value(reply, 1);
		g_free(after);
		after = take_page(rows, page, asked);
	}
	return g_steal_pointer(&rows);
}

static char *
next_try(Ctl *ctl, GVariant *row)
{
	const char *state = ctl_string(row, "state");
	const char *wait = ctl_string(row, "wait");
	gint64 when = ctl_number(row, "next-try");

	if (g_str_equal(state, "sending"))
		return g_strdup_printf("%d%%",
				       (int)CLAMP(ctl_number(row, "progress"),
						  0, 100));
	if (g_str_equal(state, "queued"))
		return g_strdup(_("in line"));
	if (g_str_equal(state, "failed"))
		return g_strdup(_("returned"));
	if (g_str_equal(state, "waits") && *wait)
		return g_strdup_printf(_("for %s"), wait);
	if (!when)
		return g_strdup("-");
	return when <= ctl->now ? g_strdup(_("now")) : ctl_time(ctl, when);
}

static char *
recipients(GVariant *row)
{
	const char *to = ctl_string(row, "to");
	gint64 pending = ctl_number(row, "pending");

	if (pending < 2)
		return g_strdup(to);
	return g_strdup_printf("%s +%d", to, (int)(pending - 1));
}

static void
add_message(Ctl *ctl, Table *table, GVariant *row)
{
	g_autofree char *age = text_age(ctl->now - ctl_number(row, "arrived"));
	g_autofree char *size = text_size(ctl_number(row, "size"));
	g_autofree char *next = next_try(ctl, row);
	g_autofree char *to = recipients(row);

	table_add(table, ctl_string(row, "id"));
	table_add(table, ctl_string(row, "state"));
	table_add(table, age);
	table_add(table, next);
	table_add(table, size);
	table_add(table, to);
	table_add(table, ctl_string(row, "subject"));
	table_note(table, ctl_string(row, "why"));
}

static void
print_messages(Ctl *ctl, const GPtrArray *rows)
{
	const TableColumn columns[] = {
		{_("ID"), FALSE, FALSE},     {_("STATE"), FALSE, FALSE},
		{_("AGE"), TRUE, FALSE},     {_("NEXT TRY"), FALSE, TRUE},
		{_("SIZE"), TRUE, FALSE},    {_("TO"), FALSE, TRUE},
		{_("SUBJECT"), FALSE, TRUE}, {NULL},
	};
	g_autoptr(Table) table = table_new(columns);
	g_autofree char *text = NULL;
	guint64 bytes = 0;

	if (!rows->len) {
		puts(_("Nothing waits."));
		return;
	}
	for (guint i = 0; i < rows->len; i++) {
		add_message(ctl, table, rows->pdata[i]);
		bytes += ctl_number(rows->pdata[i], "size");
	}
	text = table_format(table, ctl->width);
	fputs(text, stdout);
	g_free(text);
	text = ctl_size(bytes);
	printf(ngettext("%u message, %s\n", "%u messages, %s\n", rows->len),
	       rows->len, text);
}

static void
print_json_rows(const GPtrArray *rows)
{
	g_autoptr(GString) json = g_string_new("[");

	for (guint i = 0; i < rows->len; i++) {
		if (i > 0)
			g_string_append(json, ",\n ");
		json_append(json, rows->pdata[i]);
	}
	g_string_append_c(json, ']');
	puts(json->str);
}

/* Without a daemon the queue's own program looks, and nothing else. */
static gboolean
run_offline(Ctl *ctl, GError **error)
{
	g_autoptr(Paths) paths = paths_client();
	g_autofree char *program =
		g_build_filename(paths->libexec, OFFLINE_PROGRAM, NULL);
	g_autoptr(GPtrArray) argv = g_ptr_array_new();

	g_ptr_array_add(argv, (gpointer)OFFLINE_PROGRAM);
	if (ctl->json)
		g_ptr_array_add(argv, (gpointer)"--json");
	g_ptr_array_add(argv, (gpointer)ctl_option(ctl, "offline"));
	for (char **word = ctl->arguments; *word; word++)
		g_ptr_array_add(argv, *word);
	g_ptr_array_add(argv, NULL);
	execv(program, (char **)argv->pdata);
	return error_set_errno(error, "%s", program);
}

gboolean
ctl_queue(Ctl *ctl, GError **error)
{
	g_autoptr(GPtrArray) rows = NULL;

	if (ctl_option(ctl, "offline"))
		return run_offline(ctl, error);
	rows = list(ctl, error);
	if (!rows)
		return FALSE;
	if (ctl->json)
		print_json_rows(rows);
	else
		print_messages(ctl, rows);
	return TRUE;
}

/* --- show --- */

static void
print_fact(Ctl *ctl, const char *name, const char *value)
{
	g_autoptr(GString) line = g_string_new(NULL);

	if (!*value)
		return;
	g_string_append_printf(line, "%-12s ", name);
	table_wrap(line, value, 0, ctl->width ? ctl->width - 13 : 0);
	g_string_replace(line, "\n", "\n             ", 0);
	g_string_truncate(line, line->len - 13);
	fputs(line->str, stdout);
}

static void
print_times(Ctl *ctl, GVariant *facts)
{
	static const struct {
		const char *name, *key;
	} times[] = {
		{N_("Handed in"), "arrived"},
		{N_("Last try"), "last-try"},
		{N_("Next try"), "next-try"},
		{N_("Gives up"), "gives-up"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(times); i++) {
		gint64 when = ctl_number(facts, times[i].key);
		g_autofree char *text = ctl_time(ctl, when);

		if (when)
			print_fact(ctl, _(times[i].name), text);
	}
}

static void
print_recipient(Ctl *ctl, GVariant *recipient)
{
	g_autoptr(GString) line = g_string_new(NULL);
	g_autofree char *address =
		text_harmless(ctl_string(recipient, "address"));
	g_autofree char *head =
		g_strdup_printf("%-10s %s", ctl_string(recipient, "state"),
				address);

	table_wrap(line, head, 2, ctl->width);
	if (*ctl_string(recipient, "why"))
		table_wrap(line, ctl_string(recipient, "why"), 4, ctl->width);
	if (*ctl_string(recipient, "text"))
		table_wrap(line, ctl_string(recipient, "text"), 4, ctl->width);
	fputs(line->str, stdout);
}

static void
print_recipients(Ctl *ctl, GVariant *facts)
{
	g_autoptr(GVariant) rows =
		g_variant_lookup_value(facts, "recipient-list",
				       G_VARIANT_TYPE("aa{sv}"));

	if (!rows)
		return;
	puts(_("Recipients"));
	for (gsize i = 0; i < g_variant_n_children(rows); i++) {
		g_autoptr(GVariant) row = g_variant_get_child_value(rows, i);

		print_recipient(ctl, row);
	}
}

static void
print_message(Ctl *ctl, GVariant *facts)
{
	static const struct {
		const char *name, *key;
	} strings[] = {
		{N_("Message"), "id"},	    {N_("State"), "state"},
		{N_("Why"), "why"},	    {N_("Answer"), "answer"},
		{N_("Sender"), "sender"},   {N_("From"), "from"},
		{N_("Subject"), "subject"}, {N_("Route"), "route"},
		{N_("Host"), "host"},	    {N_("Security"), "tls"},
		{N_("Came by"), "origin"},
	};
	g_autofree char *size = ctl_size(ctl_number(facts, "size"));

	for (guint i = 0; i < G_N_ELEMENTS(strings); i++)
		print_fact(ctl, _(strings[i].name),
			   ctl_string(facts, strings[i].key));
	print_fact(ctl, _("Size"), size);
	print_times(ctl, facts);
	print_recipients(ctl, facts);
}

gboolean
ctl_show(Ctl *ctl, GError **error)
{
	g_autoptr(GVariant) facts = NULL;
	guint64 id;
	char short_id[TEXT_ID_SIZE];

	if (!text_parse_id(ctl->arguments[0], &id))
		return ctl_fail(error, EX_USAGE,
				_("“%s” is no message id; masqctl queue shows "
				  "them"),
				ctl->arguments[0]);
	if (ctl_option(ctl, "transcript"))
		return ctl_transcript(ctl, text_id(id, short_id), error);
	facts = ctl_call(ctl, "Show",
			 g_variant_new("(s)", text_id(id, short_id)), error);
	if (!facts)
		return FALSE;
	if (ctl->json)
		ctl_print_json(facts);
	else
		print_message(ctl, facts);
	return TRUE;
}
