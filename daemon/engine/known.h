// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Learning a network: which signs it has, which of them are worth taking,
 * what it could be confused with, and the small text that is kept of it.
 * Pure. Knows alone what a learned network may say: it names a profile and
 * signs, never a host, a command, trust or a route.
 */
#ifndef MASQMAIL_ENGINE_KNOWN_H
#define MASQMAIL_ENGINE_KNOWN_H

#include "daemon/engine/profile.h"

#define KNOWN_MAX 200 /* learned networks */

/* One sign of the place we are at. */
typedef struct {
	ConditionKind kind;
	char *value;      /* as a configuration file has it */
	guint weight;
	gboolean advised; /* worth taking */
	const char *note; /* what to know of it, in words */
} KnownSign;

/*
 * (transfer full). Of KnownSign, those of the link mail leaves by, or with
 * no way out of the first one that others can answer. Empty: no network.
 */
GPtrArray *known_signs(const NetworkState *network);

/* (transfer full). A name for this place that can name a network. */
char *known_suggest_name(const NetworkState *network);

/*
 * (transfer full). A network of @keys (nullable: those advised) of @signs.
 * NULL with a CONFIG_ERROR for a key that this place does not have, or when
 * nothing is left.
 */
KnownNetwork *known_learn(const char *name, const char *profile, gint64 now,
			  const GPtrArray *signs, const char *const *keys,
			  gboolean any, GError **error);
void known_free(KnownNetwork *known);

/* (nullable) (transfer none) */
KnownNetwork *known_find(GPtrArray *networks, const char *name);

/*
 * (transfer full). Sentences about what @fresh could be confused with:
 * others that fit here too, other places that it would fit, signs that say
 * little. It replaces a known one of the same name.
 */
GPtrArray *known_clashes(const KnownNetwork *fresh, const ProfileInput *input);

/* (transfer full). The file that is kept of it, and back. */
char *known_to_text(const KnownNetwork *known);
KnownNetwork *known_from_config(const Config *config, const char *name,
				GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(KnownNetwork, known_free)

#endif
