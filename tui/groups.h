// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The queue by what its messages have in common, and how long they wait:
 * the sums behind the groups screen. Pure.
 */
#ifndef MASQMAIL_TUI_GROUPS_H
#define MASQMAIL_TUI_GROUPS_H

#include "tui/model.h"

#define GROUPS_AGES 8 /* below 5, 10, 20 ... 320 minutes, and more */

typedef enum {
	GROUP_DESTINATION,
	GROUP_REASON,
	GROUP_SENDER,
	GROUP_ROUTE,
	GROUP_KINDS,
} GroupKind;

typedef struct {
	char *name;
	guint total, ages[GROUPS_AGES];
	gint64 oldest;  /* arrival of the oldest, Unix seconds */
	GPtrArray *ids; /* of char */
} Group;

/* Of Group, the largest first. (transfer full) */
GPtrArray *groups_of(const Model *model, GroupKind kind, gint64 now);

/* "5", "10", ... "more": the head of a column. */
const char *groups_age_title(guint age);

/* What a message is grouped by. (transfer full) */
char *groups_name(const Row *row, GroupKind kind);

/* The filter that finds the messages of a group; NULL if there is none. */
char *groups_filter(GroupKind kind, const char *name);

#endif
