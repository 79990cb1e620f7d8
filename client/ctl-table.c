// SPDX-License-Identifier: GPL-2.0-or-later
#include "client/ctl-table.h"

#include "common/text.h"

#define GAP 2
#define NARROWEST 8
#define NOTE_INDENT 4

struct Table {
	const TableColumn *columns;
	guint n_columns;
	GPtrArray *cells; /* of char * */
	GPtrArray *notes; /* of char *, one a row */
};

Table *
table_new(const TableColumn *columns)
{
	Table *table = g_new0(Table, 1);

	table->columns = columns;
	while (columns[table->n_columns].title)
		table->n_columns++;
	table->cells = g_ptr_array_new_with_free_func(g_free);
	table->notes = g_ptr_array_new_with_free_func(g_free);
	return table;
}

void
table_free(Table *table)
{
	if (!table)
		return;
	g_ptr_array_unref(table->cells);
	g_ptr_array_unref(table->notes);
	g_free(table);
}

static guint
rows_of(const Table *table)
{
	return (table->cells->len + table->n_columns - 1) / table->n_columns;
}

void
table_add(Table *table, const char *text)
{
	g_ptr_array_add(table->cells, text_harmless(text));
}

void
table_note(Table *table, const char *text)
{
	while (table->notes->len < rows_of(table))
		g_ptr_array_add(table->notes, g_strdup(""));
	g_free(table->notes->pdata[rows_of(table) - 1]);
	table->notes->pdata[rows_of(table) - 1] = text_harmless(text);
}

static guint
width_of(gunichar c)
{
	if (g_unichar_iszerowidth(c))
		return 0;
	return g_unichar_iswide(c) ? 2 : 1;
}

guint
table_width(const char *text)
{
	guint width = 0;

	for (; *text; text = g_utf8_next_char(text))
		width += width_of(g_utf8_get_char(text));
	return width;
}

/* Append at most @width columns of @text; returns how many were taken. */
static guint
append_cut(GString *out, const char *text, guint width)
{
	guint taken = 0;

	if (table_width(text) <= width) {
		g_string_append(out, text);
		return table_width(text);
	}
	while (taken + width_of(g_utf8_get_char(text)) + 1 <= width) {
		taken += width_of(g_utf8_get_char(text));
		g_string_append_unichar(out, g_utf8_get_char(text));
		text = g_utf8_next_char(text);
	}
	g_string_append(out, "…");
	return taken + 1;
}

static void
append_blanks(GString *out, guint n)
{
	g_string_append_printf(out, "%*s", (int)n, "");
}

static void
append_cell(GString *out, const TableColumn *column, const char *text,
	    guint width)
{
	guint own = MIN(table_width(text), width);

	if (column->right)
		append_blanks(out, width - own);
	own = append_cut(out, text, width);
	if (!column->right)
		append_blanks(out, width - own);
}

static const char *
cell(const Table *table, guint row, guint column)
{
	guint i = row * table->n_columns + column;

	return i < table->cells->len ? table->cells->pdata[i] : "";
}

static void
natural_widths(const Table *table, guint *widths)
{
	for (guint c = 0; c < table->n_columns; c++) {
		widths[c] = table_width(table->columns[c].title);
		for (guint r = 0; r < rows_of(table); r++)
			widths[c] =
				MAX(widths[c], table_width(cell(table, r, c)));
	}
}

/* The widest flexible column that can still give a column, or -1. */
static int
widest(const Table *table, const guint *widths)
{
	int found = -1;

	for (guint c = 0; c < table->n_columns; c++)
		if (table->columns[c].flexible && widths[c] > NARROWEST &&
		    (found < 0 || widths[c] > widths[found]))
			found = c;
	return found;
}

static void
fit(const Table *table, guint *widths, guint width)
{
	guint sum = (table->n_columns - 1) * GAP;
	int give;

	for (guint c = 0; c < table->n_columns; c++)
		sum += widths[c];
	while (sum > width && (give = widest(table, widths)) >= 0) {
		widths[give]--;
		sum--;
	}
}

static void
end_line(GString *out)
{
	while (out->len && out->str[out->len - 1] == ' ')
		g_string_truncate(out, out->len - 1);
	g_string_append_c(out, '\n');
}

/* Row -1 is the titles. */
static void
append_row(GString *out, const Table *table, int row, const guint *widths)
{
	for (guint c = 0; c < table->n_columns; c++) {
		const TableColumn *column = &table->columns[c];

		if (c > 0)
			append_blanks(out, GAP);
		append_cell(out, column,
			    row < 0 ? column->title : cell(table, row, c),
			    widths[c]);
	}
	end_line(out);
}

char *
table_format(const Table *table, guint width)
{
	g_autofree guint *widths = g_new0(guint, table->n_columns);
	GString *out = g_string_new(NULL);

	natural_widths(table, widths);
	if (width)
		fit(table, widths, width);
	append_row(out, table, -1, widths);
	for (guint r = 0; r < rows_of(table); r++) {
		append_row(out, table, r, widths);
		if (r < table->notes->len && *(char *)table->notes->pdata[r])
			table_wrap(out, table->notes->pdata[r], NOTE_INDENT,
				   width);
	}
	return g_string_free(out, FALSE);
}

void
table_wrap(GString *out, const char *text, guint indent, guint width)
{
	g_autofree char *plain = text_harmless(text);
	g_auto(GStrv) words = g_strsplit(plain, " ", -1);
	guint column = 0;

	for (char **word = words; *word; word++) {
		guint own = table_width(*word);

		if (!own)
			continue;
		if (column && width && column + 1 + own > width) {
			g_string_append_c(out, '\n');
			column = 0;
		}
		append_blanks(out, column ? 1 : indent);
		column = (column ? column + 1 : indent) + own;
		g_string_append(out, *word);
	}
	g_string_append_c(out, '\n');
}
