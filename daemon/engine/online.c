// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/online.h"

#include <glib-unix.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "common/config.h"
#include "common/log.h"
#include "common/text.h"
#include "daemon/engine/place.h"

#define WATCHED (IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE)
#define SAID_FILE "said"
#define MAX_WORD 64  /* characters */
#define MAX_WHY 200
#define MAX_FILE 4096 /* bytes of the file that are read */

/* While mail waits it is asked again after so long; the last one repeats. */
static const guint intervals[] = { 30, 60, 120, 300 };

struct Online {
	Engine *engine;
	OnlineChanged changed;
	gpointer data;
	char *script;       /* what a script said; "" */
	char *file;         /* path, or NULL */
	char *in_file;      /* its first word; "" */
	char *file_by;      /* "the file /run/online" */
	int watch;          /* inotify; -1 */
	guint source;
	const char *asked;  /* "command", "mserver" or NULL */
	char *asked_by;     /* "the command", "the mserver x:224" */
	char *answer;       /* "" while it says no, or nothing yet */
	Connection *worker; /* (nullable): it is being asked */
	guint again;        /* timer; 0 */
	guint asks;         /* since it said yes last, or anything changed */
};

static void
replace(char **text, char *with)
{
	g_free(*text);
	*text = with;
}

/* The first word, made harmless; anything else is no profile's name. */
static char *
word_of(const char *text)
{
	g_auto(GStrv) words = g_strsplit_set(text, " \t\r\n", 2);

	return text_harmless_clipped(words[0] ? words[0] : "", MAX_WORD);
}

/* --- a script --------------------------------------------------------------*/

static char *
said_path(const Online *online)
{
	return g_build_filename(online->engine->paths->state, SAID_FILE,
				NULL);
}

void
online_tell(Online *online, const char *word)
{
	g_autofree char *path = said_path(online);
	g_autoptr(GError) error = NULL;

	replace(&online->script, word_of(word));
	if (!g_file_set_contents_full(path, online->script, -1,
				      G_FILE_SET_CONTENTS_CONSISTENT, 0600,
				      &error))
		log_problem("state", 0, "%s", error->message);
	online->changed(online->data);
}

/* --- the file ------------------------------------------------------------- */

static char *
file_of(const Config *config)
{
	char *path = config ? config_string(config, "Online", "File") : NULL;

	if (path && g_path_is_absolute(path))
		return path;
	g_free(path);
	return NULL;
}

static Config *
main_config(const char *directory)
{
	g_autofree char *path =
		g_build_filename(directory, "masqmail.conf", NULL);

	return config_load(CONFIG_MAIN, path, NULL);
}

char *
online_directory(const char *directory)
{
	g_autoptr(Config) config = main_config(directory);
	g_autofree char *path = file_of(config);

	return path ? g_path_get_dirname(path) : NULL;
}

static char *
read_first_word(const char *path)
{
	g_autofree char *text = NULL;
	gsize size = 0;

	if (!g_file_test(path, G_FILE_TEST_IS_REGULAR) ||
	    !g_file_get_contents(path, &text, &size, NULL) || size > MAX_FILE)
		return g_strdup("");
	g_strchug(text);
	return word_of(text);
}

static gboolean
on_file(int fd, GIOCondition condition, gpointer data)
{
	Online *online = data;
	char events[4096];
	g_autofree char *word = NULL;

	(void)condition;
	while (read(fd, events, sizeof(events)) > 0)
		;
	word = read_first_word(online->file);
	if (g_str_equal(word, online->in_file))
		return G_SOURCE_CONTINUE;
	replace(&online->in_file, g_steal_pointer(&word));
	online->changed(online->data);
	return G_SOURCE_CONTINUE;
}

static void
stop_watching(Online *online)
{
	g_clear_handle_id(&online->source, g_source_remove);
	if (online->watch >= 0)
		close(online->watch);
	online->watch = -1;
}

/* The directory is watched: the file itself comes and goes. */
static void
watch_file(Online *online)
{
	g_autofree char *directory = NULL;

	stop_watching(online);
	replace(&online->in_file, g_strdup(""));
	if (!online->file)
		return;
	replace(&online->file_by,
		g_strconcat("the file ", online->file, NULL));
	directory = g_path_get_dirname(online->file);
	online->watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (online->watch < 0 ||
	    inotify_add_watch(online->watch, directory, WATCHED) < 0)
		log_problem("online", 0, "cannot watch %s: %s", directory,
			    g_strerror(errno));
	if (online->watch >= 0)
		online->source = g_unix_fd_add(online->watch, G_IO_IN,
					       on_file, online);
	replace(&online->in_file, read_first_word(online->file));
}

/* --- command and mserver -------------------------------------------------- */

static gboolean
on_again(gpointer data)
{
	Online *online = data;

	online->again = 0;
	online->asks++;
	online_ask(online);
	return G_SOURCE_REMOVE;
}

void
online_mail_waits(Online *online)
{
	guint step = MIN(online->asks, G_N_ELEMENTS(intervals) - 1);

	if (!online->asked || online->worker || online->again ||
	    *online->answer)
		return;
	online->again = g_timeout_add_seconds(intervals[step], on_again,
					      online);
}

void
online_ask(Online *online)
{
	Engine *engine = online->engine;
	g_autoptr(GError) error = NULL;
	int fd;

	if (!online->asked || online->worker || !engine->spawner ||
	    engine->stopping)
		return;
	g_clear_handle_id(&online->again, g_source_remove);
	if (!spawner_spawn(engine->spawner, PRIV_ONLINE, online->asked, -1,
			   &fd, &error)) {
		log_problem("spawn", 0, "%s", error->message);
		return;
	}
	online->worker = server_add_worker(engine->server, fd, ROLE_HINT);
}

static void
take_answer(Online *online, const char *word)
{
	g_autofree char *clean = word_of(word);

	if (*clean)
		online->asks = 0;
	if (g_str_equal(clean, online->answer))
		return;
	replace(&online->answer, g_steal_pointer(&clean));
	online->changed(online->data);
}

void
online_answered(Connection *connection, const char *word, const char *why)
{
	Online *online = place_online(connection->engine->place);
	g_autofree char *clean = text_harmless_clipped(why, MAX_WHY);

	if (connection != online->worker)
		return;
	if (*clean)
		log_problem("online", 0, "%s: %s", online->asked_by, clean);
	take_answer(online, word);
}

void
online_connection_lost(Connection *connection)
{
	Online *online = connection->engine->place
				 ? place_online(connection->engine->place)
				 : NULL;

	if (!online || connection != online->worker)
		return;
	online->worker = NULL;
	if (!connection->engine->stopping)
		engine_place_changed(connection->engine, FALSE);
}

/* --- all of them ---------------------------------------------------------- */

static gboolean
has_text(const Config *config, const char *key)
{
	g_autofree char *text = config_string(config, "Online", key);

	return text && *text;
}

void
online_configure(Online *online)
{
	g_autoptr(Config) config =
		main_config(online->engine->paths->config);
	g_autofree char *mserver = NULL;
	g_autofree char *before = NULL;

	if (!config)
		return;
	mserver = config_string(config, "Online", "Mserver");
	replace(&online->file, file_of(config));
	before = g_steal_pointer(&online->asked_by);
	online->asked = NULL;
	if (has_text(config, "Command")) {
		online->asked = "command";
		replace(&online->asked_by,
			g_strdup("the command of [Online]"));
	} else if (mserver && *mserver) {
		online->asked = "mserver";
		replace(&online->asked_by,
			g_strconcat("the mserver ", mserver, NULL));
	}
	/* What it said last holds until it says another thing. */
	if (g_strcmp0(before, online->asked_by) != 0)
		replace(&online->answer, g_strdup(""));
	watch_file(online);
	online_ask(online);
}

const char *
online_said(const Online *online, const char **ret_by)
{
	const struct {
		gboolean there;
		const char *word, *by;
	} sources[] = {
		{ *online->script != '\0', online->script, "a script" },
		{ online->file != NULL, online->in_file, online->file_by },
		{ online->asked != NULL, online->answer, online->asked_by },
	};

	for (guint i = 0; i < G_N_ELEMENTS(sources); i++) {
		if (!sources[i].there)
			continue;
		*ret_by = sources[i].by;
		return *sources[i].word ? sources[i].word : PROFILE_OFFLINE;
	}
	*ret_by = "";
	return NULL;
}

Online *
online_new(Engine *engine, OnlineChanged changed, gpointer data)
{
	Online *online = g_new0(Online, 1);
	g_autofree char *path = NULL;
	g_autofree char *text = NULL;

	online->engine = engine;
	online->changed = changed;
	online->data = data;
	online->watch = -1;
	online->in_file = g_strdup("");
	online->answer = g_strdup("");
	path = said_path(online);
	g_file_get_contents(path, &text, NULL, NULL);
	online->script = word_of(text ? text : "");
	online_configure(online);
	return online;
}

void
online_free(Online *online)
{
	if (!online)
		return;
	stop_watching(online);
	g_clear_handle_id(&online->again, g_source_remove);
	g_free(online->script);
	g_free(online->file);
	g_free(online->in_file);
	g_free(online->file_by);
	g_free(online->asked_by);
	g_free(online->answer);
	g_free(online);
}
