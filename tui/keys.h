// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The keys: one table says where a key works, what it does, what it needs
 * and how it is called. The loop dispatches by it; the footer, the help,
 * the command palette and masqtui(1) are drawn from it. Pure.
 */
#ifndef MASQMAIL_TUI_KEYS_H
#define MASQMAIL_TUI_KEYS_H

#include <glib.h>

typedef enum {
	ACTION_NONE,
	ACTION_HELP,
	ACTION_PROFILE,
	ACTION_FIND,
	ACTION_FIND_NEXT,
	ACTION_FIND_BACK,
	ACTION_FILTER,
	ACTION_RETRY,
	ACTION_RETRY_MENU,
	ACTION_RETRY_TO,
	ACTION_RETRY_FROM,
	ACTION_SORT,
	ACTION_SORT_BACK,
	ACTION_REVERSE,
	ACTION_HOLD,
	ACTION_DELETE,
	ACTION_BOUNCE,
	ACTION_EDIT,
	ACTION_REROUTE,
	ACTION_UNDO,
	ACTION_FLUSH,
	ACTION_OFFLINE,
	ACTION_OPEN,
	ACTION_TAG,
	ACTION_TAG_ALL,
	ACTION_UNTAG_ALL,
	ACTION_FREEZE,
	ACTION_WIDE,
	ACTION_COPY,
	ACTION_SAVE,
	ACTION_PAGER,
	ACTION_TRACE,
	ACTION_FLUSH_ROUTE,
	ACTION_PIN,
	ACTION_LOOK_AGAIN,
	ACTION_LEARN,
	ACTION_FORGET,
	ACTION_RENAME,
	ACTION_FOLLOW,
	ACTION_HISTORY,
	ACTION_SECTION_NEXT,
	ACTION_SECTION_BACK,
	ACTION_PROBLEMS,
	ACTION_CHOOSE,
	ACTION_ACCEPT,
	ACTION_UP,
	ACTION_DOWN,
	ACTION_PAGE_UP,
	ACTION_PAGE_DOWN,
	ACTION_FIRST,
	ACTION_LAST,
	ACTION_SCREEN_1,
	ACTION_SCREEN_2,
	ACTION_SCREEN_3,
	ACTION_SCREEN_4,
	ACTION_SCREEN_5,
	ACTION_PALETTE,
	ACTION_COMMANDS,
	ACTION_MOUSE,
	ACTION_REDRAW,
	ACTION_SUSPEND,
	ACTION_BACK,
	ACTION_QUIT,
	ACTION_COUNT,
} Action;

/* Where a key works. */
#define ON_QUEUE (1 << 0)
#define ON_ROUTES (1 << 1)
#define ON_NETWORKS (1 << 2)
#define ON_LOG (1 << 3)
#define ON_GROUPS (1 << 4)
#define ON_MESSAGE (1 << 5)
#define ON_HELP (1 << 6)
#define ON_PROFILE (1 << 7)
#define ON_LIST (1 << 8) /* the command list, the palette, a menu */
#define ON_SCREENS (ON_QUEUE | ON_ROUTES | ON_NETWORKS | ON_LOG | ON_GROUPS)
#define ON_ALL 0x1ff

/* What must be there for an action to make sense just now. */
#define NEEDS_LINK (1 << 0)  /* the daemon answers */
#define NEEDS_WRITE (1 << 1) /* not --read-only */
#define NEEDS_ROW (1 << 2)   /* something is under the cursor */
#define NEEDS_ADMIN (1 << 3) /* the daemon lets us choose profiles */
#define NEEDS_UNDO (1 << 4)  /* there is something to undo */
#define NEEDS_FOUND (1 << 5) /* something was looked for */
#define CHANGES (NEEDS_LINK | NEEDS_WRITE)

typedef enum {
	KEYS_MOVE,
	KEYS_TAG,
	KEYS_ACT,
	KEYS_LOOK,
	KEYS_GROUPS,
} KeyGroup;

typedef struct {
	Action action;
	guint where;
	guint needs;
	KeyGroup group;
	const char *strokes; /* names, blank between; the footer shows the
				last */
	const char *footer;  /* (nullable) one word */
	const char *compact; /* (nullable) for narrow terminals */
	const char *help;    /* a few words */
} KeyRow;

/* Ends with ACTION_NONE. */
extern const KeyRow keys_table[];

/* The stroke that @name stands for: "q", "F5", "Space", "Ctrl-L"; or 0. */
guint keys_stroke(const char *name);

/* The row for @stroke among those of @where, whatever it needs. */
const KeyRow *keys_find(guint stroke, guint where);

/* The row of @action on @where; NULL if there is none. */
const KeyRow *keys_row(Action action, guint where);

/* The name the footer shows for @row. (transfer full) */
char *keys_footer_key(const KeyRow *row);

/*
 * The footer for @where in at most @columns: only rows whose needs are met
 * by @have; what does not fit is left out from the right, the way out is
 * not. @compact asks for the short form. (transfer full)
 */
char *keys_footer(guint where, guint have, int columns, gboolean compact);

const char *keys_group_title(KeyGroup group);

/* The keys of @row with gaps as help shows them: "r  F5". (transfer full) */
char *keys_names(const KeyRow *row);

#endif
