// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What aliases.c (the aliases file) and aliases-list.c (the files of
 * :include: and .forward, which have no names) share of their grammar.
 */
#ifndef MASQMAIL_COMMON_ALIASES_PRIVATE_H
#define MASQMAIL_COMMON_ALIASES_PRIVATE_H

#include "common/aliases.h"

#define ALIAS_BLANKS " \t\r"

/* (transfer full). Without targets. */
Alias *alias_new(const char *name, guint line);

/* The first fault counts. */
void alias_set_fault(Alias *alias, const char *format, ...)
	G_GNUC_PRINTF(2, 3);

/* The targets of one line; the text of :fail: goes on to its end. */
void alias_add_targets(Alias *alias, const char *text);

/* A fault, if nothing but a shell could run @command (without its '|'). */
void alias_check_command(Alias *alias, const char *command);

/* Cut off a comment: '#' at the beginning or behind a blank. */
void alias_cut_comment(char *line);

gboolean alias_quotes_close(const char *text);
gboolean alias_is_blank(const char *line);

#endif
