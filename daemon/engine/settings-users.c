// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/settings-users.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>

#define PASSWD_FILE "/etc/passwd"
#define GROUP_FILE "/etc/group"

/* gid -> names of the users whose first group it is */
typedef struct {
	GHashTable *firsts; /* gid -> set of uids */
	GHashTable *uids;   /* login name -> uid */
} Known;

static GHashTable *
set_of(GHashTable *sets, gpointer key)
{
	GHashTable *set = g_hash_table_lookup(sets, key);

	if (!set) {
		set = g_hash_table_new(NULL, NULL);
		g_hash_table_insert(sets, key, set);
	}
	return set;
}

static void
load_passwd(Settings *settings, const Known *known, gboolean user,
	    uid_t owner)
{
	FILE *file = fopen(PASSWD_FILE, "re");
	const struct passwd *entry;

	while (file && (entry = fgetpwent(file))) {
		gpointer uid = GUINT_TO_POINTER(entry->pw_uid);

		if ((user && entry->pw_uid != owner) ||
		    !g_utf8_validate(entry->pw_name, -1, NULL))
			continue;
		g_hash_table_insert(settings->users, uid,
				    g_strdup(entry->pw_name));
		g_hash_table_insert(known->uids, g_strdup(entry->pw_name),
				    uid);
		g_hash_table_add(set_of(known->firsts,
					GUINT_TO_POINTER(entry->pw_gid)),
				 uid);
	}
	if (file)
		fclose(file);
}

static void
add_first(gpointer uid, gpointer value, gpointer members)
{
	(void)value;
	g_hash_table_add(members, uid);
}

static void
load_groups(Settings *settings, const Known *known)
{
	FILE *file = fopen(GROUP_FILE, "re");
	const struct group *entry;

	while (file && (entry = fgetgrent(file))) {
		GHashTable *members = g_hash_table_new(NULL, NULL);
		GHashTable *firsts = g_hash_table_lookup(
			known->firsts, GUINT_TO_POINTER(entry->gr_gid));

		for (char **name = entry->gr_mem; *name; name++) {
			gpointer uid;

			if (g_hash_table_lookup_extended(known->uids, *name,
							 NULL, &uid))
				g_hash_table_add(members, uid);
		}
		if (firsts)
			g_hash_table_foreach(firsts, add_first, members);
		g_hash_table_replace(settings->groups,
				     g_strdup(entry->gr_name), members);
	}
	if (file)
		fclose(file);
}

void
settings_load_users(Settings *settings, gboolean user, uid_t owner)
{
	g_autoptr(GHashTable) firsts = g_hash_table_new_full(
		NULL, NULL, NULL, (GDestroyNotify)g_hash_table_unref);
	g_autoptr(GHashTable) uids =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	const Known known = { firsts, uids };

	settings->users = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	settings->groups = g_hash_table_new_full(
		g_str_hash, g_str_equal, g_free,
		(GDestroyNotify)g_hash_table_unref);
	load_passwd(settings, &known, user, owner);
	if (user && !settings_user(settings, owner))
		g_hash_table_insert(settings->users, GUINT_TO_POINTER(owner),
				    g_strdup(g_get_user_name()));
	load_groups(settings, &known);
}

const char *
settings_user(const Settings *settings, uid_t uid)
{
	return g_hash_table_lookup(settings->users, GUINT_TO_POINTER(uid));
}
