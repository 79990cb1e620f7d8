// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Other addresses for our own ones, for the world outside: [Rewrite] of a
 * route. The one place that knows which header fields name the author of
 * mail, and how to put another address into one of them so that display
 * names, comments, folding and every other byte stay as they are. Pure. The
 * engine reads the rules to check them; the smtp-out worker applies them to
 * the copy that goes out by its route. What lies in the queue is never
 * changed.
 */
#ifndef MASQMAIL_COMMON_REWRITE_H
#define MASQMAIL_COMMON_REWRITE_H

#include <glib.h>

#include "common/config.h"
#include "common/own.h"

#define REWRITE_MAX_RULES 500 /* of a route */

typedef enum {
	REWRITE_FROM,        /* From, Resent-From */
	REWRITE_SENDER,      /* Sender, Resent-Sender */
	REWRITE_REPLY_TO,    /* Reply-To, Resent-Reply-To */
	REWRITE_FOLLOWUP_TO, /* Mail-Followup-To */
	REWRITE_RETURN_PATH, /* of the envelope */
} RewriteField;

#define REWRITE_FIELDS (REWRITE_RETURN_PATH + 1)

typedef struct Rewrite Rewrite;

/*
 * The rules of a route's file (transfer full); NULL without an error when
 * it has none, with a CONFIG_ERROR that names the rule when one makes no
 * sense.
 */
Rewrite *rewrite_from_config(const Config *config, GError **error);
void rewrite_free(Rewrite *rewrite); /* takes NULL */

/*
 * (transfer full) (nullable). What @address becomes in @field; NULL: it
 * stays, being nobody's of ours or of no rule.
 */
char *rewrite_address(const Rewrite *rewrite, const OwnAddresses *own,
		      RewriteField field, const char *address);

/*
 * Append the header section of @size @bytes to @out, its own addresses
 * rewritten. A field that is no list of addresses is copied as it is. FALSE
 * when nothing was changed; @out then has the same bytes.
 */
gboolean rewrite_header(const Rewrite *rewrite, const OwnAddresses *own,
			const char *bytes, gsize size, GByteArray *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Rewrite, rewrite_free)

#endif
