// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/hosts.h"

#include <string.h>

#include "common/text.h"

struct Hosts {
	GHashTable *hosts; /* name -> HostRecord, whatever the case */
	guint version;
};

static guint
name_hash(gconstpointer name)
{
	guint hash = 5381;

	for (const char *at = name; *at; at++)
		hash = hash * 33 + g_ascii_tolower(*at);
	return hash;
}

static gboolean
name_equal(gconstpointer one, gconstpointer other)
{
	return !g_ascii_strcasecmp(one, other);
}

static void
host_free(gpointer data)
{
	HostSeen *host = data;

	g_free(host->host);
	g_free(host);
}

HostRecord *
host_record_new(const char *name)
{
	HostRecord *record = g_new0(HostRecord, 1);
	g_autofree char *clean = text_harmless_clipped(name, HOSTS_NAME_MAX);

	record->name = g_ascii_strdown(clean, -1);
	record->why = g_strdup("");
	record->answer = g_strdup("");
	record->host = g_strdup("");
	record->session = g_strdup("");
	record->extensions = g_new0(char *, 1);
	record->seen = g_ptr_array_new_with_free_func(host_free);
	return record;
}

void
host_record_free(HostRecord *record)
{
	if (!record)
		return;
	g_free(record->name);
	g_free(record->why);
	g_free(record->answer);
	g_free(record->host);
	g_free(record->session);
	g_strfreev(record->extensions);
	g_ptr_array_unref(record->seen);
	g_free(record);
}

Hosts *
hosts_new(void)
{
	Hosts *hosts = g_new0(Hosts, 1);

	hosts->hosts = g_hash_table_new_full(name_hash, name_equal, NULL,
					   (GDestroyNotify)host_record_free);
	return hosts;
}

void
hosts_free(Hosts *hosts)
{
	if (!hosts)
		return;
	g_hash_table_unref(hosts->hosts);
	g_free(hosts);
}

guint
hosts_version(const Hosts *hosts)
{
	return hosts->version;
}

const HostRecord *
hosts_find(const Hosts *hosts, const char *name)
{
	return g_hash_table_lookup(hosts->hosts, name);
}

static int
by_name(gconstpointer one, gconstpointer other)
{
	return g_strcmp0((*(HostRecord *const *)one)->name,
			 (*(HostRecord *const *)other)->name);
}

GPtrArray *
hosts_list(const Hosts *hosts)
{
	GPtrArray *list = g_ptr_array_new();
	GHashTableIter iter;
	gpointer record;

	g_hash_table_iter_init(&iter, hosts->hosts);
	while (g_hash_table_iter_next(&iter, NULL, &record))
		g_ptr_array_add(list, record);
	g_ptr_array_sort(list, by_name);
	return list;
}

static void
drop_oldest(Hosts *hosts)
{
	const HostRecord *oldest = NULL;
	GHashTableIter iter;
	gpointer value;

	g_hash_table_iter_init(&iter, hosts->hosts);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		const HostRecord *record = value;

		if (!oldest || record->used < oldest->used)
			oldest = record;
	}
	g_hash_table_remove(hosts->hosts, oldest->name);
}

void
hosts_add(Hosts *hosts, HostRecord *record)
{
	if (g_hash_table_size(hosts->hosts) >= HOSTS_MAX &&
	    !g_hash_table_contains(hosts->hosts, record->name))
		drop_oldest(hosts);
	g_hash_table_replace(hosts->hosts, record->name, record);
}

/* The next hop something was heard of just now. */
static HostRecord *
use(Hosts *hosts, const char *name, gint64 now)
{
	HostRecord *record = g_hash_table_lookup(hosts->hosts, name);

	if (!record) {
		g_autoptr(HostRecord) fresh = host_record_new(name);

		/* What was cut or cleaned may be known by its new name. */
		record = g_hash_table_lookup(hosts->hosts, fresh->name);
		if (!record) {
			record = g_steal_pointer(&fresh);
			hosts_add(hosts, record);
		}
	}
	record->used = now;
	hosts->version++;
	return record;
}

static void
set(char **string, const char *text)
{
	char *fresh = text_harmless_clipped(text, HOSTS_WORD_MAX);

	g_free(*string);
	*string = fresh;
}

static void
forgive(HostRecord *record)
{
	record->faults = 0;
	record->until = 0;
	set(&record->why, "");
}

void
hosts_note_good(Hosts *hosts, const char *name, guint delivered, gint64 now)
{
	HostRecord *record = use(hosts, name, now);

	record->sent += delivered;
	record->last_ok = now;
	forgive(record);
}

void
hosts_note_fault(Hosts *hosts, const char *name, const Status *status,
		 gint64 until, gint64 now)
{
	HostRecord *record;

	switch (status->fault) {
	case FAULT_NONE:
	case FAULT_RECIPIENT:
	case FAULT_MESSAGE:
		return;
	case FAULT_ROUTE:
	case FAULT_HOST:
	case FAULT_NETWORK:
		break;
	}
	record = use(hosts, name, now);
	record->last_error = now;
	record->faults++;
	record->until = until;
	set(&record->why, until ? status->why : "");
	set(&record->answer, *status->text ? status->text : status->why);
}

static char **
harmless_words(const char *const *words)
{
	GPtrArray *copy = g_ptr_array_new();

	for (; *words && copy->len < HOSTS_WORDS_MAX; words++)
		g_ptr_array_add(copy, text_harmless_clipped(*words,
							    HOSTS_WORD_MAX));
	g_ptr_array_add(copy, NULL);
	return (char **)g_ptr_array_free(copy, FALSE);
}

gboolean
host_record_add(HostRecord *record, const char *host, gboolean verified,
		gint64 when)
{
	gboolean news;
	HostSeen *entry = NULL;

	for (guint i = 0; i < record->seen->len && !entry; i++) {
		entry = record->seen->pdata[i];
		if (!name_equal(entry->host, host))
			entry = NULL;
		else
			g_ptr_array_steal_index(record->seen, i);
	}
	if (!entry) {
		g_autofree char *clean =
			text_harmless_clipped(host, HOSTS_NAME_MAX);

		if (record->seen->len == HOSTS_SEEN_MAX)
			g_ptr_array_remove_index(record->seen, 0);
		entry = g_new0(HostSeen, 1);
		entry->host = g_ascii_strdown(clean, -1);
	}
	news = !entry->when || (verified && !entry->verified);
	entry->verified |= verified;
	entry->when = when;
	g_ptr_array_add(record->seen, entry);
	return news;
}

gboolean
hosts_note_session(Hosts *hosts, const char *name, const HostSession *session,
		  gint64 now)
{
	HostRecord *record = use(hosts, name, now);
	gboolean both = *session->tls && *session->login;
	g_autofree char *words = g_strconcat(
		session->tls, both ? ", " : "",
		*session->login ? "login by " : "", session->login, NULL);

	set(&record->host, session->host);
	set(&record->session, words);
	record->connect_ms = session->connect_ms;
	if (session->extensions) {
		g_strfreev(record->extensions);
		record->extensions = harmless_words(session->extensions);
	}
	return *session->tls && host_record_add(record, session->host,
						session->verified, now);
}

void
hosts_note_speed(Hosts *hosts, const char *name, guint64 speed)
{
	HostRecord *record = g_hash_table_lookup(hosts->hosts, name);

	if (record)
		record->speed = speed;
}

void
hosts_forgive(Hosts *hosts, const char *name)
{
	GHashTableIter iter;
	gpointer record;

	g_hash_table_iter_init(&iter, hosts->hosts);
	while (g_hash_table_iter_next(&iter, NULL, &record))
		if (!name || name_equal(((HostRecord *)record)->name, name))
			forgive(record);
}

/* "mx.example.org" names its host at any port, too. */
static gboolean
is_called(const char *called, const char *name)
{
	gsize length = strlen(name);

	return !g_ascii_strncasecmp(called, name, length) &&
	       (!called[length] ||
		(called[length] == ':' && !strchr(called + length + 1, ':')));
}

gboolean
host_record_is(const HostRecord *record, const char *name)
{
	if (is_called(record->name, name) || is_called(record->host, name))
		return TRUE;
	for (guint i = 0; i < record->seen->len; i++)
		if (is_called(((HostSeen *)record->seen->pdata[i])->host, name))
			return TRUE;
	return FALSE;
}

guint
hosts_purge(Hosts *hosts, const char *name)
{
	GHashTableIter iter;
	guint dropped = 0;
	gpointer record;

	g_hash_table_iter_init(&iter, hosts->hosts);
	while (g_hash_table_iter_next(&iter, NULL, &record))
		if (!name || host_record_is(record, name)) {
			g_hash_table_iter_remove(&iter);
			dropped++;
		}
	hosts->version += dropped;
	return dropped;
}
