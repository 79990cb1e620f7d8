// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a name of this machine stands for: its mailbox, other addresses by
 * way of the aliases file, or nothing that mail could go to yet. Pure: the
 * parsed files are a parameter. Knows alone how aliases follow each other,
 * what bounds that, and who gets root's mail. route.c asks it for every
 * local recipient; deliver.c makes recipients of what it says.
 */
#ifndef MASQMAIL_ENGINE_ALIAS_H
#define MASQMAIL_ENGINE_ALIAS_H

#include <glib.h>

#include "common/aliases.h"
#include "daemon/engine/mailbox.h"

#define ALIAS_MAX_DEPTH 10    /* aliases that lead to one another */
#define ALIAS_MAX_TARGETS 100 /* addresses one name may stand for */
#define ALIAS_MAX_LOOKED 1000 /* targets looked at on the way */

typedef struct {
	const Aliases *aliases; /* (nullable): there is no file */
	GHashTable *lists; /* path -> Alias: the files of :include: that
	                      could be read; (nullable) */
	const char *path;  /* of the file, for sentences */
	const char *fault; /* why the file cannot be used, a sentence: then
	                      all names wait; (nullable) */
	const char *human; /* who gets root's mail; (nullable): nobody yet */
	const char *host;  /* of the addresses that come out */
	const char *const *local_names; /* domains of ours */
	const char *const *also_local;  /* and exceptions: common/own.h */
	const char *const *not_local;
	const MailboxRules *mailboxes; /* (nullable): no sub-addresses */
} AliasWorld;

/* Where a walk through the aliases ends. */
typedef struct {
	char *address;  /* with a domain; if of this machine, it is not to be
	                   looked up in the aliases again */
	gboolean direct; /* "\name": the mailbox, whatever a .forward says */
	char *target;   /* "|command" or "/file"; NULL: mail to .address */
	char *alias;    /* whose .target that is, as in the file; or NULL */
	guint number;   /* which of that alias' commands it is, from 0 */
} AliasGoal;

typedef enum {
	ALIAS_NONE,    /* the name is a mailbox of this machine */
	ALIAS_BECOMES, /* .targets; none of them: it is thrown away */
	ALIAS_WAITS,   /* for somebody to mend what .why says */
	ALIAS_FAILS,   /* for .why, with the code .enhanced */
} AliasOutcome;

typedef struct {
	AliasOutcome outcome;
	GPtrArray *targets; /* of AliasGoal */
	char *why;          /* a plain sentence; "" for NONE and BECOMES */
	const char *enhanced; /* for FAILS; else "" */
} AliasResult;

/*
 * (transfer full). What the local @address stands for. @steps (nullable)
 * gets a sentence (char *) for each step.
 */
AliasResult *alias_resolve(const AliasWorld *world, const char *address,
			   GPtrArray *steps);
void alias_result_free(AliasResult *result); /* takes NULL */

/*
 * Whether the aliases still lead @alias to @target, as its command @number
 * (for a file: whatever that is). What they say now counts, not what they
 * said when the mail came.
 */
gboolean alias_has_target(const AliasWorld *world, const char *alias,
			  const char *target, guint number);

/* For people: its command or file, else its address. (transfer none) */
const char *alias_goal_text(const AliasGoal *goal);

/* The same when only that matters: cheap for what is no alias. */
AliasOutcome alias_outcome(const AliasWorld *world, const char *address);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(AliasResult, alias_result_free)

#endif
