// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The aliases file: which names of this machine stand for which others. The
 * one place that knows its grammar. Pure; it looks nothing up and follows
 * nothing: the engine does that (daemon/engine/alias.h), newaliases only
 * wants to know what is wrong. Parsing never fails: a line that is wrong is
 * a fault, and an alias with a fault is no alias to be guessed at.
 *
 *	name: target, target, ...
 *		more targets, on lines that begin with a blank
 *
 * A name may have a domain, and '*' for any bytes. The same targets make up
 * the lists of :include: and a user's .forward.
 */
#ifndef MASQMAIL_COMMON_ALIASES_H
#define MASQMAIL_COMMON_ALIASES_H

#include <glib.h>

#define ALIASES_FILE "/etc/aliases"         /* unless Aliases= says other */
#define ALIASES_FILE_MAX (1024 * 1024)      /* bytes of the file */
#define ALIASES_MAX 20000                   /* names in it */
#define ALIASES_MAX_TARGETS 1000            /* of one name */
#define ALIASES_MAX_FAULTS 20               /* that are named */

typedef enum {
	ALIAS_ADDRESS,   /* text: an address, or a name of this machine */
	ALIAS_EXACT,     /* the same behind a backslash: expand no further */
	ALIAS_INCLUDE,   /* text: the absolute path of a list of addresses */
	ALIAS_BLACKHOLE, /* thrown away */
	ALIAS_FAIL,      /* returned; text: what to tell the sender */
	ALIAS_COMMAND,   /* text begins with '|' */
	ALIAS_PATH,      /* text begins with '/', or "~/" in a .forward;
	                    with '/' at its end it is a Maildir */
} AliasKind;

typedef struct {
	AliasKind kind;
	char *text;
} AliasTarget;

typedef struct {
	char *name;         /* lower case, without quotes; "" in a list */
	guint line;         /* where it begins, from 1 */
	GPtrArray *targets; /* of AliasTarget */
	gboolean forward;   /* of a .forward: a path may begin with ~/ */
	char *fault;        /* "has an empty name", or NULL */
} Alias;

typedef struct {
	GHashTable *names; /* name -> Alias */
	GPtrArray *patterns; /* of Alias, borrowed: names with '*', in order */
	GPtrArray *faults; /* of char *: "line 3 has no \"name:\"" */
	guint more_faults; /* beyond ALIASES_MAX_FAULTS */
} Aliases;

/* (transfer full). Never NULL. */
Aliases *aliases_parse(const char *text);
void aliases_free(Aliases *aliases); /* takes NULL */

/* The alias for a name, without case. (nullable) (transfer none) */
const Alias *aliases_find(const Aliases *aliases, const char *name);

/*
 * The first pattern that takes @name (lower case), those with a domain
 * before the others. (nullable) (transfer none)
 */
const Alias *aliases_find_pattern(const Aliases *aliases, const char *name,
				  const char *domain);

/*
 * (transfer full). A file of :include:, as one alias without a name: lines
 * of addresses. Its fault, if any, is that of its first wrong line.
 */
Alias *alias_parse_list(const char *text);

/* (transfer full). A .forward: commands and paths as well. */
Alias *alias_parse_forward(const char *text);
void alias_free(Alias *alias); /* takes NULL */

/* (transfer full). Its targets as they are written, for people. */
char *alias_targets_text(const Alias *alias);

/* (transfer full) (nullable). All faults as one line, or NULL. */
char *aliases_fault_text(const Aliases *aliases);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Aliases, aliases_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Alias, alias_free)

#endif
