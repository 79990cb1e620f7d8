// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Configuration files: one file for each thing, GKeyFile syntax, every key
 * known. The one place that knows which keys there are, of which type and
 * with which default; the table feeds the reader, `masqctl config --help`
 * and the test of the man pages. A Config that was loaded is valid: every
 * value in it has its type, so that the getters below cannot fail.
 */
#ifndef MASQMAIL_COMMON_CONFIG_H
#define MASQMAIL_COMMON_CONFIG_H

#include <glib.h>

#define CONFIG_MAX_FILE (1024 * 1024) /* bytes; a larger file is refused */

#define CONFIG_ERROR (config_error_quark())

typedef enum {
	CONFIG_ERROR_SYNTAX,  /* not a key file */
	CONFIG_ERROR_UNKNOWN, /* a group or key nobody knows */
	CONFIG_ERROR_VALUE,   /* a value that is not of its type */
} ConfigError;

GQuark config_error_quark(void);

typedef enum {
	CONFIG_MAIN,    /* masqmail.conf */
	CONFIG_ROUTE,   /* routes/NAME.conf */
	CONFIG_PROFILE, /* profiles/NAME.conf */
	CONFIG_NETWORK, /* networks/NAME.conf, which the daemon writes */
} ConfigKind;

typedef enum {
	CONFIG_STRING,
	CONFIG_LIST,     /* strings with ';' between */
	CONFIG_BOOLEAN,  /* yes no true false on off 1 0 */
	CONFIG_NUMBER,   /* a whole number, not negative unless SIGNED */
	CONFIG_SIGNED,
	CONFIG_DURATION, /* seconds, or with s m h d w */
	CONFIG_SIZE,     /* bytes, or with K M G */
	CONFIG_CHOICE,   /* one of `choices` */
} ConfigType;

typedef struct {
	ConfigKind kind;
	/*
	 * A group named with a final '*' may stand in the file any number
	 * of times as "Match" or "Match anything".
	 */
	const char *group;
	const char *key;
	ConfigType type;
	const char *fallback; /* what an absent key means; NULL: unset */
	const char *choices;  /* "a b c" for CONFIG_CHOICE */
	const char *help;     /* one line */
} ConfigKey;

/* Ends with a row whose key is NULL. */
extern const ConfigKey config_keys[];

typedef struct Config Config;

/*
 * Read and check a file (transfer full). Errors name file, group and key,
 * and the nearest known one. A file that does not exist gives an error for
 * which error_is_missing() holds. @fd is read from its start and stays
 * open; @name is what errors call it.
 */
Config *config_load(ConfigKind kind, const char *path, GError **error);
Config *config_load_fd(ConfigKind kind, int fd, const char *name,
		       GError **error);
/* A Config of defaults only, as of an empty file. */
Config *config_new(ConfigKind kind);
Config *config_parse(ConfigKind kind, const char *text, const char *name,
		     GError **error);
void config_free(Config *config);

/*
 * Values. The key must be in the table with the matching type. Absent keys
 * give the table's fallback; without one: NULL, an empty list, FALSE, 0.
 * Durations are seconds, sizes bytes. Strings and lists (transfer full).
 */
char *config_string(const Config *config, const char *group,
		    const char *key);
char **config_list(const Config *config, const char *group,
		   const char *key);
gboolean config_boolean(const Config *config, const char *group,
			const char *key);
gint64 config_number(const Config *config, const char *group,
		     const char *key);
gboolean config_has(const Config *config, const char *group,
		    const char *key);

/* The groups that stand in the file, in order. (transfer full) */
char **config_groups(const Config *config);

/*
 * Whether @name can name a route, profile or secret: letters, digits, '-',
 * '_', '.', not beginning with '.' or '-', 1 to 64 bytes.
 */
gboolean config_name_is_valid(const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Config, config_free)

#endif
