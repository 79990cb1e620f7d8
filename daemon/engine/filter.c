// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/filter.h"

#include <string.h>

#include "common/config.h"
#include "common/text.h"

typedef struct Term Term;

typedef gboolean (*Test)(const Term *term, const Row *row, gint64 now);

struct Term {
	gboolean negated;
	Test test;
	const char *column;
	char *text;     /* folded */
	gboolean above; /* '>' of age and size */
	gint64 number;
};

struct Filter {
	GPtrArray *terms;
};

static void
term_free(gpointer data)
{
	Term *term = data;

	g_free(term->text);
	g_free(term);
}

void
filter_free(Filter *filter)
{
	if (!filter)
		return;
	g_ptr_array_unref(filter->terms);
	g_free(filter);
}

/* --- tests ---------------------------------------------------------------- */

static gboolean
contains(const char *text, const Term *term)
{
	g_autofree char *folded = NULL;

	if (!text)
		return *term->text == '\0';
	folded = g_utf8_casefold(text, -1);
	return strstr(folded, term->text) != NULL;
}

static gboolean
column_contains(const Term *term, const Row *row, gint64 now)
{
	g_autoptr(GVariant) value =
		g_variant_ref_sink(row_column(row, term->column));

	(void)now;
	return contains(g_variant_get_string(value, NULL), term);
}

static gboolean
any_recipient(const Term *term, const Row *row, gint64 now)
{
	const GPtrArray *recipients = row->message->recipients;

	(void)now;
	for (guint i = 0; i < recipients->len; i++) {
		const Recipient *recipient = recipients->pdata[i];

		if (contains(recipient->address, term))
			return TRUE;
	}
	return FALSE;
}

static gboolean
sender_or_from(const Term *term, const Row *row, gint64 now)
{
	(void)now;
	return contains(row->message->sender, term) ||
	       contains(message_option(row->message, "from"), term);
}

static gboolean
state_is(const Term *term, const Row *row, gint64 now)
{
	(void)now;
	return g_str_equal(row_state(row), term->text);
}

static gboolean
anywhere(const Term *term, const Row *row, gint64 now)
{
	return sender_or_from(term, row, now) ||
	       any_recipient(term, row, now) ||
	       contains(message_option(row->message, "subject"), term);
}

static gboolean
age_is(const Term *term, const Row *row, gint64 now)
{
	gint64 age = now - row->message->arrived;

	return term->above ? age > term->number : age < term->number;
}

static gboolean
size_is(const Term *term, const Row *row, gint64 now)
{
	gint64 size = row->message->size;

	(void)now;
	return term->above ? size > term->number : size < term->number;
}

/* --- parsing -------------------------------------------------------------- */

static const struct {
	const char *prefix;
	Test test;
	const char *column;
} words[] = {
	{ "to:", any_recipient, NULL },
	{ "from:", sender_or_from, NULL },
	{ "subject:", column_contains, "subject" },
	{ "why:", column_contains, "why" },
	{ "route:", column_contains, "route" },
	{ "id:", column_contains, "id" },
	{ "is:", state_is, NULL },
};

static gboolean
parse_measure(Term *term, const char *word)
{
	guint64 bytes;

	if (g_str_has_prefix(word, "age") && (word[3] == '<' ||
					      word[3] == '>')) {
		term->test = age_is;
		term->above = word[3] == '>';
		return text_parse_duration(word + 4, &term->number);
	}
	if (!g_str_has_prefix(word, "size") || (word[4] != '<' &&
						word[4] != '>') ||
	    !text_parse_size(word + 5, &bytes))
		return FALSE;
	term->test = size_is;
	term->above = word[4] == '>';
	term->number = bytes;
	return TRUE;
}

static void
parse_text(Term *term, const char *word)
{
	term->test = anywhere;
	for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
		if (!g_str_has_prefix(word, words[i].prefix))
			continue;
		term->test = words[i].test;
		term->column = words[i].column;
		word += strlen(words[i].prefix);
		break;
	}
	term->text = g_utf8_casefold(word, -1);
}

static gboolean
add_term(Filter *filter, const char *word, GError **error)
{
	Term *term = g_new0(Term, 1);

	g_ptr_array_add(filter->terms, term);
	if (filter->terms->len > FILTER_MAX_TERMS) {
		g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_VALUE,
			    "A filter has at most %d words.",
			    FILTER_MAX_TERMS);
		return FALSE;
	}
	if (word[0] == '-' && word[1]) {
		term->negated = TRUE;
		word++;
	}
	if (!strpbrk(word, "<>") || strchr(word, ':')) {
		parse_text(term, word);
		return TRUE;
	}
	if (parse_measure(term, word))
		return TRUE;
	g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_VALUE,
		    "The filter does not understand \"%s\"; age>2h and "
		    "size<1M are measures.", word);
	return FALSE;
}

Filter *
filter_parse(const char *text, GError **error)
{
	g_autoptr(Filter) filter = g_new0(Filter, 1);
	GString *word = g_string_new(NULL);
	gboolean quoted = FALSE, good = TRUE;

	filter->terms = g_ptr_array_new_with_free_func(term_free);
	for (const char *c = text; good; c++) {
		if (*c && (quoted || *c != ' ') && *c != '"') {
			g_string_append_c(word, *c);
			continue;
		}
		if (*c == '"') {
			quoted = !quoted;
			continue;
		}
		if (word->len)
			good = add_term(filter, word->str, error);
		g_string_truncate(word, 0);
		if (!*c)
			break;
	}
	g_string_free(word, TRUE);
	return good ? g_steal_pointer(&filter) : NULL;
}

gboolean
filter_is_empty(const Filter *filter)
{
	return filter->terms->len == 0;
}

gboolean
filter_passes(const Filter *filter, const Row *row, gint64 now)
{
	for (guint i = 0; i < filter->terms->len; i++) {
		const Term *term = filter->terms->pdata[i];

		if (term->test(term, row, now) == term->negated)
			return FALSE;
	}
	return TRUE;
}
