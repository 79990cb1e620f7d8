// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The learned networks as they are kept in the state directory: a file for
 * each in networks/, and one more that counts the visits to every known
 * place. Written when somebody learns, forgets or renames, and when a place
 * is entered or left; never by a timer. The one place that knows these
 * files.
 */
#ifndef MASQMAIL_ENGINE_KNOWN_STORE_H
#define MASQMAIL_ENGINE_KNOWN_STORE_H

#include "daemon/engine/known.h"

typedef struct {
	guint count;
	gint64 last; /* Unix seconds: entered, or left */
} Visits;

typedef struct KnownStore KnownStore;

/* Read what is kept below @state. Broken files are logged and left alone. */
KnownStore *known_store_new(const char *state);
void known_store_free(KnownStore *store);

/* Of KnownNetwork, by name (transfer none). */
GPtrArray *known_store_networks(KnownStore *store);

/* Keep @known (transfer full), in place of one of the same name. */
gboolean known_store_add(KnownStore *store, KnownNetwork *known,
			 GError **error);
gboolean known_store_forget(KnownStore *store, const char *name,
			    GError **error);
/* Its visits go with it. */
gboolean known_store_rename(KnownStore *store, const char *name,
			    const char *to, GError **error);

/*
 * (transfer full). What a place's visits are counted by: a learned network,
 * or a fingerprint of a profile's file.
 */
char *known_visit_key(const char *profile, const char *fingerprint,
		      gboolean learned);

/* The place was entered (it counts) or left, at @now. */
void known_store_visit(KnownStore *store, const char *key, gboolean entered,
		       gint64 now);
/* Zeros when it was never visited. */
Visits known_store_visits(const KnownStore *store, const char *key);

#endif
