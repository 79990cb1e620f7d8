// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The whole configuration as the engine uses it: read from the files, with
 * everything that is wrong with them as sentences. The one place that turns
 * keys into routes and profiles. A Settings never changes; a reload makes a
 * new one.
 */
#ifndef MASQMAIL_ENGINE_SETTINGS_H
#define MASQMAIL_ENGINE_SETTINGS_H

#include <sys/types.h>

#include <glib.h>

#include "common/paths.h"
#include "daemon/engine/profile.h"
#include "daemon/engine/route.h"

#define SETTINGS_MAX_FILES 256 /* routes, and profiles */
#define SETTINGS_MAX_DAYS 36500

typedef struct {
	char *host;         /* this machine's mail name, lower case */
	char **local_names; /* domains of ours, lower case, host included */
	char **also_local;  /* LocalAddresses: globs */
	char **not_local;   /* NotLocalAddresses: globs */
	char **local_nets;  /* LocalNets */
	char **permanent;   /* PermanentRoutes: names */
	char **admins;      /* login names */
	char **listen;      /* entries of Listen=, or none */
	guint64 size_limit;
	gint64 lifetime;    /* usable seconds */
	gint64 undo_window; /* seconds in which mail can be taken back */
	gint64 *warnings;   /* usable seconds, rising, then 0 */
	gint64 retry_first; /* seconds */
	gint64 retry_max;
	guint history_days;
	gboolean history_subjects;
	GPtrArray *routes;   /* of Route, by name; broken ones with .error */
	GPtrArray *profiles; /* of Profile, by name; the same */
	GHashTable *users;   /* uid (GUINT_TO_POINTER) -> login name */
	GHashTable *groups;  /* name -> set of uids as above */
	char *separators;    /* of sub-addresses; "" for none */
	char *alias_user;    /* runs commands and writes files of aliases */
	char *archive;       /* an address or a Maildir; NULL: none */
	Config *config;      /* masqmail.conf, for keys of [Local NAME] */
	char *root_mail;     /* who reads root's mail; NULL: as passwd says */
	char *aliases;       /* path of the aliases file; "": there is none;
	                        NULL for a user's own agent */
	GPtrArray *errors;   /* of char *: what is wrong, for people */
} Settings;

/*
 * Read all files below @paths->config. (transfer full). Never fails: what
 * cannot be read is disabled and stands in errors. @owner is the uid of a
 * user's own agent.
 */
Settings *settings_load(const Paths *paths, uid_t owner);
void settings_free(Settings *settings);

/* Login name of @uid. (nullable) (transfer none) */
const char *settings_user(const Settings *settings, uid_t uid);

/* Whether @uid is named in Admins=. */
gboolean settings_is_admin(const Settings *settings, uid_t uid);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Settings, settings_free)

#endif
