// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/known-store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"
#include "common/log.h"

#define DIRECTORY "networks"
#define VISITS_FILE "visits"
#define SUFFIX ".conf"
#define MAX_VISITS 1000 /* places that are counted */

struct KnownStore {
	char *directory;
	GPtrArray *networks; /* of KnownNetwork, by name */
	GHashTable *visits;  /* key -> Visits */
};

static char *
file_of(const KnownStore *store, const char *name)
{
	g_autofree char *file = g_strconcat(name, SUFFIX, NULL);

	return g_build_filename(store->directory, file, NULL);
}

static int
compare(gconstpointer a, gconstpointer b)
{
	const KnownNetwork *const *one = a;
	const KnownNetwork *const *other = b;

	return strcmp((*one)->name, (*other)->name);
}

/* --- reading ------------------------------------------------------------- */

static void
load_network(KnownStore *store, const char *entry)
{
	g_autofree char *name =
		g_strndup(entry, strlen(entry) - strlen(SUFFIX));
	g_autofree char *path = file_of(store, name);
	g_autoptr(GError) error = NULL;
	g_autoptr(Config) config = NULL;
	KnownNetwork *known = NULL;

	if (!config_name_is_valid(name) || store->networks->len >= KNOWN_MAX)
		return;
	config = config_load(CONFIG_NETWORK, path, &error);
	if (config)
		known = known_from_config(config, name, &error);
	if (known)
		g_ptr_array_add(store->networks, known);
	else
		log_problem("networks", 0, "%s", error->message);
}

/* "COUNT LAST KEY"; what is not so is left out. */
static void
load_visit(KnownStore *store, const char *line)
{
	g_auto(GStrv) words = g_strsplit(line, " ", 3);
	guint64 count;
	gint64 last;
	Visits *visits;

	if (g_strv_length(words) != 3 ||
	    g_hash_table_size(store->visits) >= MAX_VISITS ||
	    !g_ascii_string_to_unsigned(words[0], 10, 0, G_MAXUINT32, &count,
					NULL) ||
	    !g_ascii_string_to_signed(words[1], 10, 0, G_MAXINT64, &last,
				      NULL))
		return;
	visits = g_new0(Visits, 1);
	visits->count = count;
	visits->last = last;
	g_hash_table_replace(store->visits, g_strdup(words[2]), visits);
}

static void
load_visits(KnownStore *store)
{
	g_autofree char *path =
		g_build_filename(store->directory, VISITS_FILE, NULL);
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return;
	lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line; line++)
		if (**line)
			load_visit(store, *line);
}

KnownStore *
known_store_new(const char *state)
{
	KnownStore *store = g_new0(KnownStore, 1);
	g_autoptr(GDir) dir = NULL;
	const char *entry;

	store->directory = g_build_filename(state, DIRECTORY, NULL);
	store->networks =
		g_ptr_array_new_with_free_func((GDestroyNotify)known_free);
	store->visits = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
					      g_free);
	if (mkdir(store->directory, 0700) < 0 && errno != EEXIST)
		log_problem("networks", 0, "%s: %s", store->directory,
			    g_strerror(errno));
	dir = g_dir_open(store->directory, 0, NULL);
	while (dir && (entry = g_dir_read_name(dir)))
		if (g_str_has_suffix(entry, SUFFIX))
			load_network(store, entry);
	g_ptr_array_sort(store->networks, compare);
	load_visits(store);
	return store;
}

void
known_store_free(KnownStore *store)
{
	if (!store)
		return;
	g_free(store->directory);
	g_ptr_array_unref(store->networks);
	g_hash_table_unref(store->visits);
	g_free(store);
}

GPtrArray *
known_store_networks(KnownStore *store)
{
	return store->networks;
}

/* --- learning ------------------------------------------------------------- */

static gboolean
check_name(const char *name, GError **error)
{
	if (config_name_is_valid(name))
		return TRUE;
	g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_VALUE,
		    "\"%s\" cannot name a network: take letters, digits, "
		    "\"-\", \"_\" and \".\", at most 64.", name);
	return FALSE;
}

static gboolean
write_network(const KnownStore *store, const KnownNetwork *known,
	      GError **error)
{
	g_autofree char *path = file_of(store, known->name);
	g_autofree char *text = known_to_text(known);

	return g_file_set_contents_full(path, text, -1,
					G_FILE_SET_CONTENTS_CONSISTENT |
						G_FILE_SET_CONTENTS_DURABLE,
					0600, error);
}

gboolean
known_store_add(KnownStore *store, KnownNetwork *known, GError **error)
{
	g_autoptr(KnownNetwork) owned = known;
	KnownNetwork *before = known_find(store->networks, known->name);

	if (!check_name(known->name, error))
		return FALSE;
	if (!before && store->networks->len >= KNOWN_MAX) {
		g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_VALUE,
			    "There are %d learned networks already; forget "
			    "one.", KNOWN_MAX);
		return FALSE;
	}
	if (!write_network(store, known, error))
		return FALSE;
	if (before)
		g_ptr_array_remove(store->networks, before);
	g_ptr_array_add(store->networks, g_steal_pointer(&owned));
	g_ptr_array_sort(store->networks, compare);
	return TRUE;
}

static KnownNetwork *
find(KnownStore *store, const char *name, GError **error)
{
	KnownNetwork *known = known_find(store->networks, name);

	if (!known)
		g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_VALUE,
			    "No learned network is called %s.", name);
	return known;
}

static void keep_visits(const KnownStore *store);

gboolean
known_store_forget(KnownStore *store, const char *name, GError **error)
{
	KnownNetwork *known = find(store, name, error);
	g_autofree char *path = NULL;
	g_autofree char *key = NULL;

	if (!known)
		return FALSE;
	path = file_of(store, name);
	key = known_visit_key(known->profile, name, TRUE);
	if (unlink(path) < 0 && errno != ENOENT)
		return error_set_errno(error, "remove %s", path);
	g_ptr_array_remove(store->networks, known);
	if (g_hash_table_remove(store->visits, key))
		keep_visits(store);
	return TRUE;
}

static void
move_visits(KnownStore *store, const char *from, const char *to)
{
	gpointer key, visits;

	if (!g_hash_table_steal_extended(store->visits, from, &key, &visits))
		return;
	g_free(key);
	g_hash_table_replace(store->visits, g_strdup(to), visits);
	keep_visits(store);
}

static void
set_name(KnownNetwork *known, const char *name)
{
	g_free(known->fingerprint->name);
	known->fingerprint->name = g_strdup(name);
	g_free(known->name);
	known->name = g_strdup(name);
}

static gboolean
check_free(KnownStore *store, const char *name, GError **error)
{
	if (!known_find(store->networks, name))
		return check_name(name, error);
	g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_VALUE,
		    "There is a learned network %s already.", name);
	return FALSE;
}

gboolean
known_store_rename(KnownStore *store, const char *name, const char *to,
		   GError **error)
{
	KnownNetwork *known = find(store, name, error);
	g_autofree char *path = NULL;
	g_autofree char *from_key = NULL;
	g_autofree char *to_key = NULL;

	if (!known || !check_free(store, to, error))
		return FALSE;
	path = file_of(store, name);
	from_key = known_visit_key(known->profile, name, TRUE);
	to_key = known_visit_key(known->profile, to, TRUE);
	set_name(known, to);
	if (!write_network(store, known, error)) {
		/* @name may have been freed with the old one. */
		set_name(known, from_key + strlen("network "));
		return FALSE;
	}
	unlink(path);
	g_ptr_array_sort(store->networks, compare);
	move_visits(store, from_key, to_key);
	return TRUE;
}

/* --- visits --------------------------------------------------------------- */

char *
known_visit_key(const char *profile, const char *fingerprint,
		gboolean learned)
{
	if (learned)
		return g_strconcat("network ", fingerprint, NULL);
	return g_strconcat("profile ", profile, *fingerprint ? " " : NULL,
			   fingerprint, NULL);
}

static void
keep_visits(const KnownStore *store)
{
	g_autofree char *path =
		g_build_filename(store->directory, VISITS_FILE, NULL);
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GError) error = NULL;
	GHashTableIter iter;
	gpointer key, value;

	g_hash_table_iter_init(&iter, store->visits);
	while (g_hash_table_iter_next(&iter, &key, &value)) {
		const Visits *visits = value;

		g_string_append_printf(text, "%u %" G_GINT64_FORMAT " %s\n",
				       visits->count, visits->last,
				       (char *)key);
	}
	if (!g_file_set_contents_full(path, text->str, text->len,
				      G_FILE_SET_CONTENTS_CONSISTENT, 0600,
				      &error))
		log_problem("networks", 0, "%s", error->message);
}

void
known_store_visit(KnownStore *store, const char *key, gboolean entered,
		  gint64 now)
{
	Visits *visits = g_hash_table_lookup(store->visits, key);

	if (!visits) {
		if (g_hash_table_size(store->visits) >= MAX_VISITS)
			return;
		visits = g_new0(Visits, 1);
		g_hash_table_insert(store->visits, g_strdup(key), visits);
	}
	visits->count += entered;
	visits->last = now;
	keep_visits(store);
}

Visits
known_store_visits(const KnownStore *store, const char *key)
{
	const Visits *visits = g_hash_table_lookup(store->visits, key);

	return visits ? *visits : (Visits){ 0 };
}
