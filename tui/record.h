// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reading what the engine sends: dictionaries whose keys may grow. A missing
 * key, or one of another type, is empty; every text comes out harmless.
 * Pure.
 */
#ifndef MASQMAIL_TUI_RECORD_H
#define MASQMAIL_TUI_RECORD_H

#include <glib.h>

/* All of them take a NULL @record for an empty one. (transfer full) */
char *record_text(GVariant *record, const char *key);
char **record_words(GVariant *record, const char *key);

/* Any of the integer types; 0 when it is missing. */
gint64 record_number(GVariant *record, const char *key);
gboolean record_flag(GVariant *record, const char *key);

/* The value of @key if it is of @type. (nullable) (transfer full) */
GVariant *record_value(GVariant *record, const char *key, const char *type);

/* One integer of any width as 64 bits; 0 for other types. */
gint64 record_integer(GVariant *value);

/*
 * A clock time for people: "14:40" on the day of @now, else "Tue 14:40"
 * within six days, else "19 May". (transfer full)
 */
char *record_time(gint64 when, gint64 now);

/* "14:40" or, far away, "Mon 19 May 12:31". (transfer full) */
char *record_date(gint64 when, gint64 now);

#endif
