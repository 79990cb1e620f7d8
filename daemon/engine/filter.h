// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The filter language of List and Act: words with blanks between, all of
 * which must hold. Knows alone what they mean. Pure but for what a Row
 * tells.
 *
 *	to:TEXT from:TEXT subject:TEXT why:TEXT route:NAME id:ID
 *	is:STATE         a word of the column state
 *	age>2h age<1d    since it was handed in
 *	size>1M size<4K
 *	TEXT             anywhere in sender, recipients or subject
 *
 * Text is compared without regard to case; quotes "..." keep blanks; a
 * word with '-' before it must not hold.
 */
#ifndef MASQMAIL_ENGINE_FILTER_H
#define MASQMAIL_ENGINE_FILTER_H

#include <glib.h>

#include "daemon/engine/row.h"

#define FILTER_MAX_TERMS 32

typedef struct Filter Filter;

/* (transfer full). NULL with @error: which word is not understood. */
Filter *filter_parse(const char *text, GError **error);
void filter_free(Filter *filter);

/* Whether everything passes. */
gboolean filter_is_empty(const Filter *filter);

/* Whether the message of @row passes at @now (Unix seconds). */
gboolean filter_passes(const Filter *filter, const Row *row, gint64 now);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Filter, filter_free)

#endif
