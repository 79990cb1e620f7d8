// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/command-rule.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/aliases.h"
#include "common/config.h"
#include "common/error.h"
#include "common/local.h"

#define NOBODY "nobody"
#define WORDS_MAX 256	/* of a command */

G_DEFINE_QUARK(masqmail-command-error, command_error)

typedef struct {
	PrivKind kind;
	const char *key;	/* as the worker asks for it */
	/* The file: masqmail.conf, or that of the worker's route. */
	ConfigKind file;
	const char *group, *command;
	/* Whom it runs as: what this key of the group says, or else this. */
	const char *user, *fallback;
	gboolean recipient;	/* whom the worker is for, instead */
	CommandWay way;
} Row;

static const Row rows[] = {
	{ PRIV_SMTP_OUT, "PasswordCommand", CONFIG_ROUTE,
	  "Relay", "PasswordCommand", "Owner", NULL, FALSE, COMMAND_RUN },
	{ PRIV_SMTP_OUT, "TokenCommand", CONFIG_ROUTE,
	  "Relay", "TokenCommand", "Owner", NULL, FALSE, COMMAND_RUN },
	{ PRIV_SMTP_OUT, "Certificate", CONFIG_ROUTE,
	  "Relay", "Certificate", NULL, NULL, FALSE, COMMAND_FILE },
	{ PRIV_SMTP_OUT, "Key", CONFIG_ROUTE,
	  "Relay", "Key", NULL, NULL, FALSE, COMMAND_FILE },
	{ PRIV_SMTP_OUT, "Secret", CONFIG_ROUTE,
	  "Relay", "User", "Owner", NULL, FALSE, COMMAND_AGENT },
	{ PRIV_SMTP_OUT, "Wrapper", CONFIG_ROUTE,
	  "Relay", "Wrapper", "Owner", NOBODY, FALSE, COMMAND_RUN },
	{ PRIV_SMTP_OUT, "Pipe", CONFIG_ROUTE,
	  "Pipe", "Command", "User", NOBODY, FALSE, COMMAND_RUN },
	{ PRIV_ONLINE, "Online", CONFIG_MAIN,
	  "Online", "Command", "User", NOBODY, FALSE, COMMAND_RUN },
	{ PRIV_LOCAL, "Mda", CONFIG_MAIN,
	  LOCAL_GROUP, "Mda", NULL, NULL, TRUE, COMMAND_RUN },
};

/* The commands of aliases, which are written in a file of another kind. */
#define ALIAS_KEY "Alias"

/*
 * The commands of a user's own .forward, which only that user may read and
 * nobody else runs: our program does both.
 */
#define FORWARD_KEY "Forward"
#define FORWARD_PROGRAM "forward-run"

/* What a worker may tell a command of the message, and nothing else. */
static const char *const value_names[] = {
	"DOMAIN", "EXTENSION", "HOST", "LOCAL", "MESSAGE_ID",
	"ORIGINAL_RECIPIENT", "PORT", "RECIPIENT", "REFUSED", "ROUTE", "SENDER",
	"SIZE", NULL
};

void
command_rule_free(CommandRule *rule)
{
	if (rule == NULL)
		return;
	g_strfreev(rule->argv);
	g_free(rule->user);
	g_free(rule->path);
	agent_request_free(rule->request);
	g_free(rule);
}

/* --- values --------------------------------------------------------------- */

static gboolean
is_clean(const char *text)
{
	const char *at;

	for (at = text; *at != '\0'; at++)
		if (g_ascii_iscntrl(*at))
			return FALSE;
	return g_utf8_validate(text, -1, NULL);
}

static gboolean
value_is_good(const char *value)
{
	const char *equals = strchr(value, '=');
	g_autofree char *name = NULL;

	if (equals == NULL)
		return FALSE;
	name = g_strndup(value, equals - value);
	return g_strv_contains(value_names, name) && is_clean(value);
}

char **
command_values(const PrivAsk *ask, GError **error)
{
	g_autoptr(GPtrArray) values =
		g_ptr_array_new_with_free_func(g_free);
	const char *at;

	for (at = ask->values; *at != '\0'; at += strlen(at) + 1) {
		if (!value_is_good(at)) {
			g_set_error(error, COMMAND_ERROR, COMMAND_ERROR_VALUE,
				    "what this mail says of itself cannot be "
				    "told to a command");
			return NULL;
		}
		g_ptr_array_add(values, g_strdup(at));
	}
	g_ptr_array_add(values, NULL);
	return (char **)g_ptr_array_steal(values, NULL);
}

/* --- words ---------------------------------------------------------------- */

/*
 * A value at the beginning of a word must not be taken for an option: an
 * address is whatever a stranger wrote.
 */
static gboolean
add_value(GString *word, const char *name, char **values, GError **error)
{
	const char *value = g_environ_getenv(values, name);

	if (value == NULL) {
		g_set_error(error, COMMAND_ERROR, COMMAND_ERROR_REFUSED,
			    "the command has ${%s}, which is not known here",
			    name);
		return FALSE;
	}
	if (word->len == 0 && *value == '-') {
		g_set_error(error, COMMAND_ERROR, COMMAND_ERROR_VALUE,
			    "${%s} begins with a hyphen and would be taken "
			    "for an option", name);
		return FALSE;
	}
	g_string_append(word, value);
	return TRUE;
}

/* (transfer full), or NULL. */
static char *
expand(const char *text, char **values, GError **error)
{
	g_autoptr(GString) word = g_string_new(NULL);

	while (*text != '\0') {
		const char *end = g_str_has_prefix(text, "${")
					  ? strchr(text, '}') : NULL;
		g_autofree char *name = NULL;

		if (end == NULL) {
			g_string_append_c(word, *text++);
			continue;
		}
		name = g_strndup(text + 2, end - text - 2);
		if (!add_value(word, name, values, error))
			return NULL;
		text = end + 1;
	}
	return g_strdup(word->str);
}

static gboolean
set_words(CommandRule *rule, const char *line, char **values, GError **error)
{
	int n, i;

	if (!g_shell_parse_argv(line, &n, &rule->argv, error))
		return FALSE;
	for (i = 0; i < n && n <= WORDS_MAX; i++) {
		char *word = expand(rule->argv[i], values, error);

		if (word == NULL)
			return FALSE;
		g_free(rule->argv[i]);
		rule->argv[i] = word;
	}
	if (n <= WORDS_MAX)
		return TRUE;
	g_set_error(error, COMMAND_ERROR, COMMAND_ERROR_REFUSED,
		    "the command has more than %d words", WORDS_MAX);
	return FALSE;
}

/* --- files ---------------------------------------------------------------- */

/* Who can write the file says what runs as others: root, or ourselves. */
static gboolean
is_ours(int fd, const char *name, GError **error)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return error_set_errno(error, "%s", name);
	if (S_ISREG(status.st_mode) && status.st_uid == geteuid() &&
	    (status.st_mode & 022) == 0)
		return TRUE;
	g_set_error(error, COMMAND_ERROR, COMMAND_ERROR_REFUSED,
		    "%s names a command, so it must belong to the daemon's "
		    "owner and be writable by nobody else", name);
	return FALSE;
}

/* -1 with @error. */
static int
open_ours(const char *path, const char *name, GError **error)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0) {
		error_set_errno(error, "%s", name);
		return -1;
	}
	if (is_ours(fd, name, error))
		return fd;
	close(fd);
	return -1;
}

/* (transfer full), or NULL. @ret_name is what people call the file. */
static Config *
read_config(const CommandAsker *asker, ConfigKind kind, char **ret_name,
	    GError **error)
{
	g_autofree char *path = NULL;
	g_autoptr(GError) mine = NULL;
	Config *config;
	int fd;

	*ret_name = kind == CONFIG_ROUTE
			    ? g_strdup_printf("routes/%s.conf", asker->name)
			    : g_strdup("masqmail.conf");
	path = g_build_filename(asker->paths->config, *ret_name, NULL);
	fd = open_ours(path, *ret_name, &mine);
	if (fd < 0 && kind == CONFIG_MAIN && error_is_missing(mine))
		return config_new(kind);
	if (fd < 0) {
		g_propagate_error(error, g_steal_pointer(&mine));
		return NULL;
	}
	config = config_load_fd(kind, fd, *ret_name, error);
	close(fd);
	return config;
}

/* In user mode all is the owner's, unless the file says somebody else's. */
static gboolean
set_user(CommandRule *rule, const Row *row, const CommandAsker *asker,
	 const Config *config, const char *name, GError **error)
{
	if (row->recipient)
		rule->user = g_strdup(asker->name);
	else
		rule->user = config_string(config, row->group, row->user);
	if (rule->user != NULL || asker->paths->user)
		return TRUE;
	rule->user = g_strdup(row->fallback);
	if (rule->user != NULL)
		return TRUE;
	g_set_error(error, COMMAND_ERROR, COMMAND_ERROR_REFUSED,
		    "%s has %s= but no %s=, so nobody knows as whom to run it",
		    name, row->command, row->user);
	return FALSE;
}

/* A route without Key= has the key behind its certificate. */
static void
set_path(CommandRule *rule, const CommandAsker *asker, const char *path)
{
	if (g_path_is_absolute(path))
		rule->path = g_strdup(path);
	else
		rule->path = g_build_filename(asker->paths->config, path,
					      NULL);
}

static void
set_request(CommandRule *rule, const CommandAsker *asker,
	    const Config *config, char **values)
{
	rule->request = g_new0(AgentRequest, 1);
	rule->request->route = g_strdup(asker->name);
	rule->request->host = config_string(config, "Relay", "Host");
	rule->request->user = config_string(config, "Relay", "User");
	rule->request->refused = g_environ_getenv(values, "REFUSED") != NULL;
	if (rule->request->host == NULL)
		rule->request->host = g_strdup("");
}

static gboolean
read_way(CommandRule *rule, const Row *row, const CommandAsker *asker,
	 const Config *config, const char *line, char **values,
	 GError **error)
{
	rule->way = row->way;
	switch (row->way) {
	case COMMAND_RUN:
		return set_words(rule, line, values, error);
	case COMMAND_FILE:
		set_path(rule, asker, line);
		return TRUE;
	case COMMAND_AGENT:
		set_request(rule, asker, config, values);
		return TRUE;
	}
	g_assert_not_reached();
}

static gboolean
read_row(CommandRule *rule, const Row *row, const CommandAsker *asker,
	 char **values, GError **error)
{
	g_autofree char *name = NULL;
	g_autoptr(Config) config = read_config(asker, row->file, &name,
					       error);
	g_autofree char *line = NULL;

	if (config == NULL)
		return FALSE;
	line = row->recipient
		? local_string(config, asker->name, row->command)
		: config_string(config, row->group, row->command);
	if (line == NULL && strcmp(row->key, "Key") == 0)
		line = config_string(config, row->group, "Certificate");
	if (line == NULL || *line == '\0') {
		g_set_error(error, COMMAND_ERROR, COMMAND_ERROR_NONE,
			    "%s has no %s=", name, row->command);
		return FALSE;
	}
	rule->sandbox = config_boolean(config, row->group, "Sandbox");
	if (row->way != COMMAND_FILE &&
	    !set_user(rule, row, asker, config, name, error))
		return FALSE;
	return read_way(rule, row, asker, config, line, values, error);
}

/* --- aliases -------------------------------------------------------------- */

/* (transfer full) (nullable). */
static char *
read_text(const char *path, GError **error)
{
	g_autofree char *text = g_malloc(ALIASES_FILE_MAX + 1);
	int fd = open_ours(path, path, error);
	gsize size = 0;
	ssize_t n = 1;

	if (fd < 0)
		return NULL;
	while (n > 0 && size < ALIASES_FILE_MAX) {
		n = read(fd, text + size, ALIASES_FILE_MAX - size);
		size += (gsize)MAX(n, 0);
	}
	close(fd);
	text[size] = '\0';
	return n == 0 ? g_steal_pointer(&text)
		      : error_null_errno(error, "%s", path);
}

/* (transfer none) (nullable): the @number-th command of the alias. */
static const char *
find_command(const Alias *alias, guint number)
{
	guint i;

	if (alias == NULL || alias->fault != NULL)
		return NULL;
	for (i = 0; i < alias->targets->len; i++) {
		const AliasTarget *target = alias->targets->pdata[i];

		if (target->kind == ALIAS_COMMAND && number-- == 0)
			return target->text + 1;
	}
	return NULL;
}

static gboolean
read_alias(CommandRule *rule, const CommandAsker *asker, const PrivAsk *ask,
	   char **values, GError **error)
{
	g_autofree char *name = NULL, *path = NULL, *text = NULL;
	g_autoptr(Config) config = read_config(asker, CONFIG_MAIN, &name,
					       error);
	g_autoptr(Aliases) aliases = NULL;
	const char *command;

	if (config == NULL)
		return FALSE;
	path = config_string(config, "General", "Aliases");
	text = read_text(path, error);
	if (text == NULL)
		return FALSE;
	aliases = aliases_parse(text);
	command = find_command(aliases_find(aliases, ask->argument),
			       ask->number);
	if (command == NULL) {
		g_set_error(error, COMMAND_ERROR, COMMAND_ERROR_NONE,
			    "%s has no such command", path);
		return FALSE;
	}
	rule->sandbox = config_boolean(config, "Local", "Sandbox");
	if (!asker->paths->user)
		rule->user = config_string(config, "Local", "PipeUser");
	return set_words(rule, command, values, error);
}

static CommandRule *
forward_rule(const CommandAsker *asker, const PrivAsk *ask)
{
	CommandRule *rule = g_new0(CommandRule, 1);

	rule->argv = g_new0(char *, 3);
	rule->argv[0] = g_build_filename(asker->paths->libexec,
					 FORWARD_PROGRAM, NULL);
	rule->argv[1] = g_strdup_printf("%u", (guint)ask->number);
	rule->user = g_strdup(asker->name);
	return rule;
}

CommandRule *
command_rule_read(const CommandAsker *asker, const PrivAsk *ask,
		  char **values, GError **error)
{
	g_autoptr(CommandRule) rule = g_new0(CommandRule, 1);
	gboolean good = FALSE;
	gsize i;

	if (asker->kind == PRIV_LOCAL && strcmp(ask->key, FORWARD_KEY) == 0)
		return forward_rule(asker, ask);
	if (asker->kind == PRIV_ALIAS && strcmp(ask->key, ALIAS_KEY) == 0) {
		good = read_alias(rule, asker, ask, values, error);
		return good ? g_steal_pointer(&rule) : NULL;
	}
	for (i = 0; i < G_N_ELEMENTS(rows); i++)
		if (rows[i].kind == asker->kind &&
		    strcmp(rows[i].key, ask->key) == 0)
			break;
	if (i < G_N_ELEMENTS(rows))
		good = read_row(rule, &rows[i], asker, values, error);
	else
		g_set_error(error, COMMAND_ERROR, COMMAND_ERROR_NONE,
			    "nothing is known of such a command");
	return good ? g_steal_pointer(&rule) : NULL;
}
