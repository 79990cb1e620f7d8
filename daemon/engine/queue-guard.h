// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Against a record that ends every start: a file in the queue's directory
 * that exists only while it is read. If it is there at a start, the one
 * before did not come through, and this one writes down what it is about to
 * read; a record at which two such starts have ended is left out. Ordinary
 * starts pay a file made and removed.
 */
#ifndef MASQMAIL_ENGINE_QUEUE_GUARD_H
#define MASQMAIL_ENGINE_QUEUE_GUARD_H

#include <glib.h>

#define GUARD_STRIKES 2

typedef struct Guard Guard;

/* Begin to read the queue in @directory (borrowed). Never fails. */
Guard *guard_new(int directory);
/* It was read: forget everything. Takes NULL. */
void guard_free(Guard *guard);

/*
 * The record at @offset of segment @number is read next; FALSE when it must
 * not be. NULL guards nothing.
 */
gboolean guard_pass(Guard *guard, guint64 number, guint64 offset);

#endif
