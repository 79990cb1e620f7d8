// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tables and paragraphs on a terminal of so many columns: cells are cut with
 * "…" where there is no room, wide and zero-width characters counted as what
 * they take. Everything printed here is made harmless.
 */
#ifndef MASQMAIL_CLIENT_CTL_TABLE_H
#define MASQMAIL_CLIENT_CTL_TABLE_H

#include <glib.h>

typedef struct {
	const char *title;
	gboolean right; /* aligned */
	gboolean flexible; /* may be cut */
} TableColumn;

typedef struct Table Table;

/* @columns end with a row whose title is NULL and outlive the table. */
Table *table_new(const TableColumn *columns);
void table_free(Table *table);

/* The next cell, row by row. */
void table_add(Table *table, const char *text);

/* A paragraph below the row that was just filled; "" for none. */
void table_note(Table *table, const char *text);

/* (transfer full). @width 0: nothing is cut. */
char *table_format(const Table *table, guint width);

/* Columns that @text takes. */
guint table_width(const char *text);

/* Append @text wrapped at @width (0: one line), each line indented. */
void table_wrap(GString *out, const char *text, guint indent, guint width);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Table, table_free)

#endif
