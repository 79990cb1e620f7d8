// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * GVariant to JSON, for every --json. Dictionaries with string keys become
 * objects, tuples and arrays arrays. What could act on a terminal is escaped,
 * so the output is harmless as it stands.
 */
#ifndef MASQMAIL_CLIENT_JSON_H
#define MASQMAIL_CLIENT_JSON_H

#include <glib.h>

/* Append @value on one line, without a line end. */
void json_append(GString *json, GVariant *value);

/* Append @text as a JSON string, quotes included. */
void json_append_string(GString *json, const char *text);

#endif
