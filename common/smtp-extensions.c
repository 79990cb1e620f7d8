// SPDX-License-Identifier: GPL-2.0-or-later
#include "common/smtp.h"

#include <string.h>

typedef void TakeExtension(SmtpExtensions *extensions, GPtrArray *mechanisms,
			   char **words);

static void
take_size(SmtpExtensions *extensions, GPtrArray *mechanisms G_GNUC_UNUSED,
	  char **words)
{
	guint64 limit;

	extensions->size = TRUE;
	if (*words && g_ascii_string_to_unsigned(*words, 10, 0, G_MAXUINT64,
						 &limit, NULL))
		extensions->size_limit = limit;
}

static gboolean
is_mechanism(const char *word)
{
	gsize size = strlen(word);

	return size > 0 && size <= 20 &&
	       strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == size;
}

static void
take_auth(SmtpExtensions *extensions G_GNUC_UNUSED, GPtrArray *mechanisms,
	  char **words)
{
	for (; *words; words++) {
		g_autofree char *name = g_ascii_strup(*words, -1);

		if (is_mechanism(name) &&
		    mechanisms->len < SMTP_MECHANISMS_MAX &&
		    !g_ptr_array_find_with_equal_func(mechanisms, name,
						      g_str_equal, NULL))
			g_ptr_array_add(mechanisms, g_steal_pointer(&name));
	}
}

static void
take_limit(const char *word, const char *name, guint *limit)
{
	guint64 number;

	if (g_str_has_prefix(word, name) &&
	    g_ascii_string_to_unsigned(word + strlen(name), 10, 1, G_MAXUINT,
				       &number, NULL))
		*limit = number;
}

static void
take_limits(SmtpExtensions *extensions, GPtrArray *mechanisms G_GNUC_UNUSED,
	    char **words)
{
	for (; *words; words++) {
		take_limit(*words, "MAILMAX=", &extensions->mail_max);
		take_limit(*words, "RCPTMAX=", &extensions->recipient_max);
	}
}

/* A keyword either sets a flag or has words to read. */
static const struct {
	const char *keyword;
	gsize flag; /* offset of a gboolean; 0 when there is none */
	TakeExtension *take;
} known[] = {
#define FLAG(keyword, member) \
	{ keyword, G_STRUCT_OFFSET(SmtpExtensions, member), NULL }
	{ "SIZE", 0, take_size },
	{ "AUTH", 0, take_auth },
	{ "LIMITS", 0, take_limits },
	FLAG("PIPELINING", pipelining),
	FLAG("8BITMIME", eightbitmime),
	FLAG("STARTTLS", starttls),
	FLAG("ENHANCEDSTATUSCODES", enhanced_codes),
	FLAG("DSN", dsn),
	FLAG("SMTPUTF8", smtputf8),
	FLAG("CHUNKING", chunking),
	FLAG("REQUIRETLS", requiretls),
	FLAG("BURL", burl),
#undef FLAG
};

static void
take_line(SmtpExtensions *extensions, GPtrArray *mechanisms, char *line)
{
	g_auto(GStrv) words = NULL;

	/* "AUTH=PLAIN" is how servers spoke before RFC 2554. */
	if (g_ascii_strncasecmp(line, "AUTH=", 5) == 0)
		line[4] = ' ';
	words = g_strsplit(line, " ", -1);
	for (guint i = 0; words[0] && i < G_N_ELEMENTS(known); i++) {
		if (g_ascii_strcasecmp(words[0], known[i].keyword) != 0)
			continue;
		if (known[i].take)
			known[i].take(extensions, mechanisms, words + 1);
		else
			G_STRUCT_MEMBER(gboolean, extensions,
					known[i].flag) = TRUE;
	}
}

SmtpExtensions *
smtp_extensions_parse(const SmtpReply *reply)
{
	SmtpExtensions *extensions = g_new0(SmtpExtensions, 1);
	GPtrArray *mechanisms = g_ptr_array_new();

	/* The first line is the server's name and greeting. */
	for (char **line = reply->lines; *line && *++line;) {
		g_autofree char *copy = g_strdup(*line);

		take_line(extensions, mechanisms, copy);
	}
	g_ptr_array_add(mechanisms, NULL);
	extensions->mechanisms = (char **)g_ptr_array_free(mechanisms, FALSE);
	return extensions;
}

void
smtp_extensions_free(SmtpExtensions *extensions)
{
	if (!extensions)
		return;
	g_strfreev(extensions->mechanisms);
	g_free(extensions);
}

gboolean
smtp_extensions_has_mechanism(const SmtpExtensions *extensions,
			      const char *name)
{
	for (char **known_name = extensions->mechanisms; *known_name;
	     known_name++)
		if (g_ascii_strcasecmp(*known_name, name) == 0)
			return TRUE;
	return FALSE;
}

char *
smtp_extensions_describe(const SmtpExtensions *extensions)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < G_N_ELEMENTS(known); i++)
		if (!known[i].take &&
		    G_STRUCT_MEMBER(gboolean, extensions, known[i].flag))
			g_string_append_printf(text, "%s ",
					       known[i].keyword);
	if (extensions->size)
		g_string_append_printf(text, "SIZE=%" G_GUINT64_FORMAT " ",
				       extensions->size_limit);
	if (*extensions->mechanisms) {
		g_autofree char *names =
			g_strjoinv(",", extensions->mechanisms);

		g_string_append_printf(text, "AUTH=%s ", names);
	}
	if (text->len > 0)
		g_string_truncate(text, text->len - 1);
	return g_string_free(text, FALSE);
}
