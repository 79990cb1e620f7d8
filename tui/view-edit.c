// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Recipients and sender of a message that waits. What is changed here is
 * shown beside what was and done by Enter, all of it at once.
 */
#include <libintl.h>
#include <string.h>

#include "tui/app.h"
#include "tui/list.h"
#include "tui/record.h"

#define _(text) gettext(text)
#define N_(text) text
#define BOX_TOP 4
#define BOX_COLUMNS 70
#define MOST_LINES 12
#define RECIPIENTS_MOST 1000

typedef struct {
	char *address;
	gboolean added, gone;
} Entry;

typedef struct {
	List list;
	char *id;
	char *sender;     /* as it was; NULL: not heard yet */
	char *new_sender; /* (nullable) */
	GPtrArray *entries; /* of Entry */
} Edit;

static void
entry_free(gpointer data)
{
	Entry *entry = data;

	g_free(entry->address);
	g_free(entry);
}

static gpointer
edit_new(App *app, gconstpointer argument)
{
	Edit *edit = g_new0(Edit, 1);

	(void)app;
	edit->id = g_strdup(argument);
	edit->entries = g_ptr_array_new_with_free_func(entry_free);
	return edit;
}

static void
edit_free(gpointer state)
{
	Edit *edit = state;

	g_free(edit->id);
	g_free(edit->sender);
	g_free(edit->new_sender);
	g_ptr_array_unref(edit->entries);
	g_free(edit);
}

static Entry *
add_entry(Edit *edit, char *address, gboolean added)
{
	Entry *entry = g_new0(Entry, 1);

	entry->address = address;
	entry->added = added;
	g_ptr_array_add(edit->entries, entry);
	return entry;
}

/* --- what it is now ------------------------------------------------------- */

/* The popup in front, if it is one of these and of @id (nullable). */
static Edit *
front_edit(App *app, const char *id)
{
	View *front = app_front(app);
	Edit *edit = front->state;

	return front->ops == &view_edit && (!id || g_str_equal(edit->id, id))
		       ? edit : NULL;
}

static void
hear_message(App *app, GVariant *body, gpointer data)
{
	g_autoptr(GVariant) record = g_variant_get_child_value(body, 0);
	g_autoptr(GVariant) list =
		record_value(record, "recipient-list", "aa{sv}");
	gsize n = list ? g_variant_n_children(list) : 0;
	Edit *edit = front_edit(app, data);

	if (!edit || edit->sender)
		return;
	edit->sender = record_text(record, "sender");
	for (gsize i = 0; i < MIN(n, RECIPIENTS_MOST); i++) {
		g_autoptr(GVariant) row = g_variant_get_child_value(list, i);
		g_autofree char *state = record_text(row, "state");

		if (g_str_equal(state, "waiting"))
			add_entry(edit, record_text(row, "address"), FALSE);
	}
}

static void
edit_show(App *app, gpointer state)
{
	const Edit *edit = state;

	app_call(app, "Show", g_variant_new("(s)", edit->id), hear_message,
		 g_strdup(edit->id), g_free);
}

/* --- drawing -------------------------------------------------------------- */

static void
draw_entry(const Edit *edit, Canvas *canvas, guint index, int at, int left,
	   int width)
{
	const Entry *entry = edit->entries->pdata[index];
	guint style = entry->gone ? INK_DIM : INK_PLAIN;

	if (index == edit->list.cursor) {
		canvas_text(canvas, at, left + 1, 1, INK_ACCENT | STYLE_BOLD,
			    "▸");
		canvas_cursor(canvas, at, left + 5);
		style |= STYLE_BOLD;
	}
	canvas_text(canvas, at, left + 3, 1, style,
		    entry->gone ? "-" : entry->added ? "+" : " ");
	canvas_text(canvas, at, left + 5, width - 7, style, entry->address);
}

static void
draw_sender(const Edit *edit, Canvas *canvas, int at, int left, int width)
{
	const char *sender = edit->new_sender ? edit->new_sender
					      : edit->sender;
	int column = left + 3;

	column += canvas_text(canvas, at, column, 12, INK_PLAIN, _("From"));
	column += 2;
	canvas_text(canvas, at, column, left + width - 2 - column,
		    edit->new_sender ? INK_PLAIN | STYLE_BOLD : INK_PLAIN,
		    !sender ? "" : *sender ? sender : "<>");
}

static void
edit_draw(App *app, gpointer state, Canvas *canvas)
{
	Edit *edit = state;
	int columns = MIN(BOX_COLUMNS, canvas->columns);
	int left = (canvas->columns - columns) / 2;
	int most = MAX(canvas->rows - BOX_TOP - 7, 1);
	int lines = CLAMP((int)edit->entries->len, 1, MIN(MOST_LINES, most));
	g_autofree char *title =
		g_strdup_printf(_("Who gets %s"), edit->id);

	canvas_box(canvas, BOX_TOP, left, lines + 3, columns, title,
		   app->compact ? _("a d s · Enter · Esc")
				: _("a add · d take off · s sender · Enter "
				    "do it · Esc leave it"));
	draw_sender(edit, canvas, BOX_TOP + 1, left, columns);
	list_fit(&edit->list, edit->entries->len, lines, BOX_TOP + 2);
	for (int i = 0; i < lines; i++)
		if (edit->list.top + i < edit->entries->len)
			draw_entry(edit, canvas, edit->list.top + i,
				   BOX_TOP + 2 + i, left, columns);
}

/* --- keys ----------------------------------------------------------------- */

static void
on_added(gpointer data, const char *text, gpointer unused)
{
	Edit *edit = front_edit(data, NULL);
	g_auto(GStrv) words = g_strsplit_set(text, ", ", -1);

	(void)unused;
	for (char **word = words; edit && *word; word++)
		if (**word)
			add_entry(edit, g_strdup(*word), TRUE);
	if (edit && edit->entries->len)
		edit->list.cursor = edit->entries->len - 1;
}

static void
on_sender(gpointer data, const char *text, gpointer unused)
{
	Edit *edit = front_edit(data, NULL);

	(void)unused;
	if (!edit)
		return;
	g_free(edit->new_sender);
	edit->new_sender = g_strdup(g_str_equal(text, "<>") ? "" : text);
	if (g_strcmp0(edit->new_sender, edit->sender) == 0)
		g_clear_pointer(&edit->new_sender, g_free);
}

static void
take_off(Edit *edit)
{
	Entry *entry;

	if (edit->list.cursor >= edit->entries->len)
		return;
	entry = edit->entries->pdata[edit->list.cursor];
	if (entry->added)
		g_ptr_array_remove_index(edit->entries, edit->list.cursor);
	else
		entry->gone = !entry->gone;
}

static gboolean
edit_stroke(App *app, gpointer state, const Stroke *stroke)
{
	Edit *edit = state;

	if (list_click(&edit->list, edit->entries->len, stroke))
		return TRUE;
	if (stroke->key == 'a')
		app_ask(app, _("Also to:"), "", on_added, NULL);
	else if (stroke->key == 's' && edit->sender)
		app_ask(app, _("From:"), edit->new_sender ? edit->new_sender
							  : edit->sender,
			on_sender, NULL);
	else if (stroke->key == 'd' || stroke->key == ' ')
		take_off(edit);
	else
		return FALSE;
	return TRUE;
}

/* --- doing it ------------------------------------------------------------- */

/* The addresses of those that come, or go; floating. */
static GVariant *
addresses(const Edit *edit, gboolean added)
{
	GVariantBuilder list;

	g_variant_builder_init(&list, G_VARIANT_TYPE_STRING_ARRAY);
	for (guint i = 0; i < edit->entries->len; i++) {
		const Entry *entry = edit->entries->pdata[i];

		if (added ? entry->added : entry->gone)
			g_variant_builder_add(&list, "s", entry->address);
	}
	return g_variant_builder_end(&list);
}

/* What changes, or with @back what takes that back; floating. */
static GVariant *
changes(const Edit *edit, gboolean back)
{
	const char *sender = back ? edit->sender : edit->new_sender;
	GVariantBuilder options;

	g_variant_builder_init(&options, G_VARIANT_TYPE_VARDICT);
	g_variant_builder_add(&options, "{sv}", "add",
			      addresses(edit, !back));
	g_variant_builder_add(&options, "{sv}", "remove",
			      addresses(edit, back));
	if (edit->new_sender)
		g_variant_builder_add(&options, "{sv}", "sender",
				      g_variant_new_string(sender));
	return g_variant_builder_end(&options);
}

static gboolean
edit_act(App *app, gpointer state, Action action)
{
	Edit *edit = state;
	char *ids[] = { edit->id, NULL };

	if (list_act(&edit->list, edit->entries->len, action))
		return TRUE;
	if (action != ACTION_ACCEPT)
		return FALSE;
	app_act_with(app, "edit", ids, changes(edit, FALSE),
		     changes(edit, TRUE));
	app_close(app);
	return TRUE;
}

const ViewOps view_edit = {
	.title = N_("Who gets it"),
	.where = ON_LIST,
	.popup = TRUE,
	.new = edit_new,
	.free = edit_free,
	.show = edit_show,
	.draw = edit_draw,
	.act = edit_act,
	.stroke = edit_stroke,
};
