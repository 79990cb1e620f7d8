// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker/report-template.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/log.h"
#include "common/text.h"

#define SUBJECT "Subject:"
#define RECIPIENTS "${recipients}"
#define MAX_NAME 40 /* bytes of a variable's name */

struct Templates {
	GHashTable *texts; /* "bounce.de" -> text */
};

/* --- the files ------------------------------------------------------------ */

static gboolean
is_template_name(const char *name)
{
	gsize letters = strspn(name, "abcdefghijklmnopqrstuvwxyz");

	if (letters == 0)
		return FALSE;
	return !name[letters] ||
	       (name[letters] == '.' && g_ascii_islower(name[letters + 1]) &&
		g_ascii_islower(name[letters + 2]) && !name[letters + 3]);
}

/* (nullable) (transfer full) */
static char *
read_text(int directory, const char *name)
{
	g_autofree char *text = g_malloc0(TEMPLATES_MAX_BYTES + 1);
	int fd = openat(directory, name,
			O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat status;
	ssize_t got = -1;

	if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
		got = read(fd, text, TEMPLATES_MAX_BYTES + 1);
	if (got < 0 || got > TEMPLATES_MAX_BYTES ||
	    !g_utf8_validate(text, got, NULL)) {
		log_problem("report", 0,
			    "templates/%s is left out: it has to be a text "
			    "in UTF-8, not longer than %d bytes, that the "
			    "mail system can read",
			    name, TEMPLATES_MAX_BYTES);
		g_clear_pointer(&text, g_free);
	}
	if (fd >= 0)
		close(fd);
	return g_steal_pointer(&text);
}

static void
take_entries(Templates *templates, int directory, DIR *stream)
{
	const struct dirent *entry;

	while ((entry = readdir(stream)) &&
	       g_hash_table_size(templates->texts) < TEMPLATES_MAX_FILES) {
		char *text;

		if (!is_template_name(entry->d_name))
			continue;
		text = read_text(directory, entry->d_name);
		if (text)
			g_hash_table_insert(templates->texts,
					    g_strdup(entry->d_name), text);
	}
}

Templates *
templates_read(int directory)
{
	Templates *templates = g_new0(Templates, 1);
	int copy = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = copy >= 0 ? fdopendir(copy) : NULL;

	templates->texts = g_hash_table_new_full(g_str_hash, g_str_equal,
						 g_free, g_free);
	if (stream) {
		take_entries(templates, directory, stream);
		closedir(stream);
	} else if (copy >= 0) {
		close(copy);
	}
	return templates;
}

void
templates_free(Templates *templates)
{
	if (!templates)
		return;
	g_hash_table_unref(templates->texts);
	g_free(templates);
}

const char *
templates_find(const Templates *templates, ReportKind kind,
	       const char *language)
{
	const char *name = report_kind_name(kind);
	g_autofree char *both = g_strdup_printf("%s.%.2s", name, language);
	const char *text = g_hash_table_lookup(templates->texts, both);

	return text ? text : g_hash_table_lookup(templates->texts, name);
}

/* --- filling in ----------------------------------------------------------- */

/* "${name}" at @at: what it stands for, and its end. NULL: it is text. */
static const char *
variable_at(const char *at, TemplateValue value, gconstpointer data,
	    const char **ret_end)
{
	char name[MAX_NAME + 1] = "";
	const char *end;

	if (at[0] != '$' || at[1] != '{' || !(end = strchr(at, '}')) ||
	    end - at - 2 > MAX_NAME)
		return NULL;
	memcpy(name, at + 2, end - at - 2);
	*ret_end = end + 1;
	return value(name, data);
}

/* One pass: what a value holds is text, whatever it looks like. */
static char *
fill_in(const char *text, TemplateValue value, gconstpointer data)
{
	GString *out = g_string_new(NULL);

	while (*text) {
		const char *end, *known = variable_at(text, value, data, &end);

		if (known) {
			g_string_append(out, known);
			text = end;
		} else {
			g_string_append_c(out, *text++);
		}
	}
	return g_string_free(out, FALSE);
}

void
template_wrap(GString *out, const char *indent, const char *text)
{
	g_autofree char *plain = text_harmless(text);
	g_auto(GStrv) words = g_strsplit(plain, " ", -1);
	glong column = 0;

	for (char **word = words; *word; word++) {
		glong width = g_utf8_strlen(*word, -1);

		if (!width)
			continue;
		if (column && column + 1 + width > TEMPLATE_WIDTH) {
			g_string_append_c(out, '\n');
			column = 0;
		}
		g_string_append(out, column ? " " : indent);
		column = column ? column + 1 : (glong)strlen(indent);
		g_string_append(out, *word);
		column += width;
	}
	g_string_append_c(out, '\n');
}

/* Where the text behind the subject line begins. */
static const char *
body_of(const char *template)
{
	const char *end;

	if (g_ascii_strncasecmp(template, SUBJECT, strlen(SUBJECT)) != 0)
		return template;
	end = strchr(template, '\n');
	return end ? end + 1 : "";
}

char *
template_subject(const char *template, TemplateValue value,
		 gconstpointer data)
{
	const char *body = body_of(template);
	g_autofree char *line = NULL;

	if (body == template)
		return g_strdup("");
	line = g_strndup(template + strlen(SUBJECT),
			 strcspn(template + strlen(SUBJECT), "\r\n"));
	return fill_in(g_strstrip(line), value, data);
}

typedef struct {
	TemplateValue value;
	gconstpointer data;
	const char *block;
	GString *out, *paragraph; /* the paragraph: its lines so far */
	gboolean block_done, literal;
} Filling;

static void
end_paragraph(Filling *filling)
{
	g_autofree char *text = NULL;

	if (!filling->paragraph->len)
		return;
	text = fill_in(filling->paragraph->str, filling->value, filling->data);
	template_wrap(filling->out, "", text);
	g_string_truncate(filling->paragraph, 0);
}

static void
add_literal(Filling *filling, const char *line)
{
	g_autofree char *text = fill_in(line, filling->value, filling->data);
	g_autofree char *plain = text_harmless(text);

	end_paragraph(filling);
	g_string_append_printf(filling->out, "%s\n", plain);
}

static void
add_block(Filling *filling)
{
	end_paragraph(filling);
	g_string_append(filling->out, filling->block);
	filling->block_done = TRUE;
}

static void
add_line(Filling *filling, const char *line)
{
	if (g_str_equal(line, RECIPIENTS)) {
		add_block(filling);
		return;
	}
	filling->literal = filling->literal || g_str_equal(line, "-- ");
	if (!*line || *line == ' ' || *line == '\t' || filling->literal) {
		add_literal(filling, line);
		return;
	}
	if (filling->paragraph->len)
		g_string_append_c(filling->paragraph, ' ');
	g_string_append(filling->paragraph, line);
}

/* The empty line behind the subject's is not the text's. */
static const char *
skip_empty(const char *text)
{
	while (*text == '\n' || *text == '\r')
		text++;
	return text;
}

char *
template_text(const char *template, TemplateValue value, gconstpointer data,
	      const char *block)
{
	g_autofree char *body = g_strdup(skip_empty(body_of(template)));
	g_auto(GStrv) lines = g_strsplit(g_strchomp(body), "\n", -1);
	Filling filling = { .value = value, .data = data, .block = block,
			    .out = g_string_new(NULL),
			    .paragraph = g_string_new(NULL) };

	for (char **line = lines; *line; line++) {
		gsize length = strlen(*line);

		if (length && (*line)[length - 1] == '\r')
			(*line)[length - 1] = '\0';
		add_line(&filling, *line);
	}
	end_paragraph(&filling);
	if (!filling.block_done) {
		g_string_append_c(filling.out, '\n');
		g_string_append(filling.out, block);
	}
	g_string_free(filling.paragraph, TRUE);
	return g_string_free(filling.out, FALSE);
}
