// SPDX-License-Identifier: GPL-2.0-or-later
#include "common/config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/error.h"
#include "common/text.h"

G_DEFINE_QUARK(masqmail-config-error, config_error)

#define MAX_NAME 64

struct Config {
	ConfigKind kind;
	GKeyFile *file;
};

/* Whether a group of a file is one of a row of the table. */
static gboolean
group_matches(const char *pattern, const char *group)
{
	gsize length = strlen(pattern);

	if (pattern[length - 1] != '*')
		return g_str_equal(pattern, group);
	length--;
	return strncmp(pattern, group, length) == 0 &&
	       (group[length] == '\0' || group[length] == ' ');
}

/* The signs of a learned network are those of a profile. */
static gboolean
row_is_of(const ConfigKey *row, ConfigKind kind)
{
	if (kind == CONFIG_NETWORK && row->kind == CONFIG_PROFILE)
		return g_str_has_suffix(row->group, "*");
	return row->kind == kind;
}

static const ConfigKey *
find_key(ConfigKind kind, const char *group, const char *key)
{
	for (const ConfigKey *row = config_keys; row->key; row++)
		if (row_is_of(row, kind) && group_matches(row->group, group) &&
		    g_str_equal(row->key, key))
			return row;
	return NULL;
}

static gboolean
has_group(ConfigKind kind, const char *group)
{
	for (const ConfigKey *row = config_keys; row->key; row++)
		if (row_is_of(row, kind) && group_matches(row->group, group))
			return TRUE;
	return FALSE;
}

/* ", did you mean X?" of the known words, or "". (transfer full) */
static char *
suggestion(ConfigKind kind, const char *group, const char *word)
{
	g_autoptr(GPtrArray) known = g_ptr_array_new();
	const char *nearest;

	for (const ConfigKey *row = config_keys; row->key; row++) {
		if (!row_is_of(row, kind))
			continue;
		if (!group)
			g_ptr_array_add(known, (gpointer)row->group);
		else if (group_matches(row->group, group))
			g_ptr_array_add(known, (gpointer)row->key);
	}
	g_ptr_array_add(known, NULL);
	nearest = text_nearest(word, (const char *const *)known->pdata);
	if (!nearest)
		return g_strdup("");
	if (!group && nearest[strlen(nearest) - 1] == '*')
		return g_strdup_printf("; did you mean [%.*s]?",
				       (int)strlen(nearest) - 1, nearest);
	return g_strdup_printf(group ? "; did you mean %s?"
				     : "; did you mean [%s]?", nearest);
}

static gboolean
is_boolean(const char *value, gboolean *ret_truth)
{
	static const char *const words[] = { "no",  "yes", "false", "true",
					     "off", "on",  "0",     "1" };

	for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
		if (g_ascii_strcasecmp(value, words[i]) != 0)
			continue;
		*ret_truth = i & 1;
		return TRUE;
	}
	return FALSE;
}

static gboolean
is_choice(const char *value, const char *choices)
{
	g_auto(GStrv) words = g_strsplit(choices, " ", -1);

	return g_strv_contains((const char *const *)words, value);
}

/* NULL if @value is of the row's type, else what it should be. */
static const char *
type_complaint(const ConfigKey *row, const char *value)
{
	gboolean truth;
	gint64 number;
	guint64 size;

	switch (row->type) {
	case CONFIG_STRING:
	case CONFIG_LIST:
		return NULL;
	case CONFIG_BOOLEAN:
		return is_boolean(value, &truth) ? NULL : "yes or no";
	case CONFIG_NUMBER:
		return g_ascii_string_to_signed(value, 10, 0, G_MAXINT32,
						&number, NULL)
			? NULL : "a whole number";
	case CONFIG_SIGNED:
		return g_ascii_string_to_signed(value, 10, G_MININT32,
						G_MAXINT32, &number, NULL)
			? NULL : "a whole number";
	case CONFIG_DURATION:
		return text_parse_duration(value, &number)
			? NULL : "a duration such as 90s, 15m, 2h or 5d";
	case CONFIG_SIZE:
		return text_parse_size(value, &size)
			? NULL : "a size such as 640K or 25M";
	case CONFIG_CHOICE:
		return is_choice(value, row->choices) ? NULL : row->choices;
	}
	g_assert_not_reached();
}

static gboolean
check_value(const Config *config, const char *name, const char *group,
	    const char *key, GError **error)
{
	const ConfigKey *row = find_key(config->kind, group, key);
	g_autofree char *value = NULL;
	const char *complaint;

	if (!row) {
		g_autofree char *hint = suggestion(config->kind, group, key);

		g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_UNKNOWN,
			    "%s: [%s] has no key %s%s", name, group, key,
			    hint);
		return FALSE;
	}
	value = g_key_file_get_string(config->file, group, key, error);
	if (!value) {
		g_prefix_error(error, "%s: [%s] %s: ", name, group, key);
		return FALSE;
	}
	complaint = type_complaint(row, g_strstrip(value));
	if (!complaint)
		return TRUE;
	g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_VALUE,
		    "%s: [%s] %s=%s: this should be %s%s", name, group, key,
		    value, row->type == CONFIG_CHOICE ? "one of: " : "",
		    complaint);
	return FALSE;
}

static gboolean
check_group(const Config *config, const char *name, const char *group,
	    GError **error)
{
	g_auto(GStrv) keys = NULL;

	if (!has_group(config->kind, group)) {
		g_autofree char *hint = suggestion(config->kind, NULL, group);

		g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_UNKNOWN,
			    "%s: there is no group [%s] in such a file%s",
			    name, group, hint);
		return FALSE;
	}
	keys = g_key_file_get_keys(config->file, group, NULL, NULL);
	for (char **key = keys; key && *key; key++)
		if (!check_value(config, name, group, *key, error))
			return FALSE;
	return TRUE;
}

Config *
config_new(ConfigKind kind)
{
	Config *config = g_new0(Config, 1);

	config->kind = kind;
	config->file = g_key_file_new();
	return config;
}

void
config_free(Config *config)
{
	if (!config)
		return;
	g_key_file_unref(config->file);
	g_free(config);
}

static Config *
parse_bytes(ConfigKind kind, const char *text, gsize size, const char *name,
	    GError **error)
{
	g_autoptr(Config) config = config_new(kind);
	g_autoptr(GError) cause = NULL;
	g_auto(GStrv) groups = NULL;

	if (!g_utf8_validate(text, size, NULL)) {
		g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_SYNTAX,
			    "%s: this is not UTF-8 text", name);
		return NULL;
	}
	if (size > 0 && !g_key_file_load_from_data(config->file, text, size,
						   G_KEY_FILE_NONE, &cause)) {
		g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_SYNTAX,
			    "%s: %s", name, cause->message);
		return NULL;
	}
	groups = g_key_file_get_groups(config->file, NULL);
	for (char **group = groups; *group; group++)
		if (!check_group(config, name, *group, error))
			return NULL;
	return g_steal_pointer(&config);
}

Config *
config_parse(ConfigKind kind, const char *text, const char *name,
	     GError **error)
{
	return parse_bytes(kind, text, strlen(text), name, error);
}

Config *
config_load_fd(ConfigKind kind, int fd, const char *name, GError **error)
{
	g_autoptr(GByteArray) text = g_byte_array_new();
	guint8 part[4096];
	ssize_t got;

	while ((got = pread(fd, part, sizeof(part), text->len)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_null_errno(error, "read %s", name);
		g_byte_array_append(text, part, got);
		if (text->len > CONFIG_MAX_FILE) {
			errno = EFBIG;
			return error_null_errno(error, "read %s", name);
		}
	}
	return parse_bytes(kind, (const char *)text->data, text->len, name,
			   error);
}

Config *
config_load(ConfigKind kind, const char *path, GError **error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	Config *config;

	if (fd < 0)
		return error_null_errno(error, "open %s", path);
	config = config_load_fd(kind, fd, path, error);
	close(fd);
	return config;
}

/* The value as text, or the fallback; NULL if neither. (transfer full) */
static char *
get_text(const Config *config, const char *group, const char *key,
	 ConfigType type)
{
	const ConfigKey *row = find_key(config->kind, group, key);
	char *value;

	g_assert(row && (row->type == type || type == CONFIG_STRING));
	value = g_key_file_get_string(config->file, group, key, NULL);
	return value ? g_strstrip(value) : g_strdup(row->fallback);
}

char *
config_string(const Config *config, const char *group, const char *key)
{
	return get_text(config, group, key, CONFIG_STRING);
}

char **
config_list(const Config *config, const char *group, const char *key)
{
	g_autofree char *text = get_text(config, group, key, CONFIG_LIST);
	g_auto(GStrv) parts = g_strsplit(text ? text : "", ";", -1);
	GPtrArray *words = g_ptr_array_new();

	for (char **part = parts; *part; part++)
		if (*g_strstrip(*part))
			g_ptr_array_add(words, g_strdup(*part));
	g_ptr_array_add(words, NULL);
	return (char **)g_ptr_array_free(words, FALSE);
}

gboolean
config_boolean(const Config *config, const char *group, const char *key)
{
	g_autofree char *text = get_text(config, group, key, CONFIG_BOOLEAN);
	gboolean truth = FALSE;

	if (text)
		is_boolean(text, &truth);
	return truth;
}

gint64
config_number(const Config *config, const char *group, const char *key)
{
	const ConfigKey *row = find_key(config->kind, group, key);
	g_autofree char *text = config_string(config, group, key);
	gint64 number = 0;
	guint64 size = 0;

	if (!text)
		return 0;
	if (row->type == CONFIG_SIZE)
		text_parse_size(text, &size);
	else if (row->type == CONFIG_DURATION)
		text_parse_duration(text, &number);
	else
		number = g_ascii_strtoll(text, NULL, 10);
	return row->type == CONFIG_SIZE ? (gint64)size : number;
}

gboolean
config_has(const Config *config, const char *group, const char *key)
{
	return g_key_file_has_key(config->file, group, key, NULL);
}

char **
config_groups(const Config *config)
{
	return g_key_file_get_groups(config->file, NULL);
}

gboolean
config_name_is_valid(const char *name)
{
	gsize length = strlen(name);

	if (length == 0 || length > MAX_NAME || strchr(".-", name[0]))
		return FALSE;
	for (const char *c = name; *c; c++)
		if (!g_ascii_isalnum(*c) && !strchr("-_.", *c))
			return FALSE;
	return TRUE;
}
