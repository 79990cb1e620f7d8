// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * RFC 5322 address lists. Two steps for each member: find the byte that says
 * what it is ('<', '@', ':', ';', ',' outside quotes, comments and literals),
 * then read the words before and behind it. Comments nest by a counter, so
 * no input can exhaust the stack, and every step only moves forward.
 */
#include "common/address.h"

#include <string.h>

#include "common/text.h"

typedef struct {
	const char *text;
	gsize size;
	gsize at;
	gboolean in_group;
	GPtrArray *members;
} Parser;

void
mailbox_free(Mailbox *mailbox)
{
	if (!mailbox)
		return;
	g_free(mailbox->address);
	g_free(mailbox);
}

static gboolean
malformed(const Parser *parser, gsize start, const char *why, GError **error)
{
	gsize end = MIN(parser->at + 1, parser->size);
	gsize size = end > start ? end - start : 0;
	g_autofree char *raw = g_strndup(parser->text + start,
					 MIN(size, ADDRESS_DOMAIN_MAX));
	g_autofree char *shown = text_harmless_clipped(raw, 60);

	g_set_error(error, ADDRESS_ERROR, ADDRESS_ERROR_MALFORMED,
		    "\"%s\" is not a mail address: %s", shown, why);
	return FALSE;
}

/* Behind the token at @at: a quoted string, comment or literal as a whole.
 * Past the end when it is never closed. */
static gsize
skip_token(const Parser *parser, gsize at)
{
	const char *text = parser->text;
	char open = text[at], close = open == '[' ? ']' : open;
	guint depth = 1;

	if (open != '"' && open != '(' && open != '[')
		return at + 1;
	for (at++; at < parser->size; at++) {
		if (text[at] == '\\') {
			at++;
		} else if (open == '(') {
			if (text[at] == '(')
				depth++;
			else if (text[at] == ')' && --depth == 0)
				return at + 1;
		} else if (text[at] == close) {
			return at + 1;
		}
	}
	return parser->size + 1;
}

static gboolean
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Over blanks, folding and comments, up to @end. */
static gsize
skip_cfws(const Parser *parser, gsize at, gsize end)
{
	while (at < end) {
		if (parser->text[at] == '(')
			at = skip_token(parser, at);
		else if (is_blank(parser->text[at]))
			at++;
		else
			break;
	}
	return MIN(at, end);
}

/* The next byte of @stops outside tokens, or where the text ends. */
static gboolean
find_special(const Parser *parser, gsize *at, const char *stops)
{
	while (*at < parser->size) {
		char c = parser->text[*at];

		if (c && strchr(stops, c))
			return TRUE;
		*at = skip_token(parser, *at);
	}
	return *at == parser->size;
}

/* An atom: whatever is no special (RFC 5322 3.2.3); the rest is checked
 * when the address is whole. */
static gsize
skip_atom(const Parser *parser, gsize at, gsize end)
{
	while (at < end && !is_blank(parser->text[at]) && parser->text[at] &&
	       !strchr("()<>[]:;@\\,.\"", parser->text[at]))
		at++;
	return at;
}

/* The content of the word at [@at, @end): bare, or unquoted. */
static void
append_word(const Parser *parser, gsize at, gsize end, GString *local)
{
	gboolean quoted = parser->text[at] == '"';

	for (at += quoted, end -= quoted; at < end; at++) {
		char c = parser->text[at];

		if (quoted && c == '\\' && at + 1 < end)
			c = parser->text[++at];
		if (quoted && (c == '\r' || c == '\n'))
			continue;
		g_string_append_c(local, c);
	}
}

/*
 * Words joined by dots, blanks and comments between them, as the plain text
 * of a local part (obs-local-part). FALSE when two words stand together.
 */
static gboolean
read_dotted(const Parser *parser, gsize start, gsize end, GString *local)
{
	gsize at = skip_cfws(parser, start, end);
	gboolean want_word = TRUE;

	while (at < end) {
		gsize word_end;

		if (!want_word) {
			if (parser->text[at] != '.')
				return FALSE;
			g_string_append_c(local, '.');
			at = skip_cfws(parser, at + 1, end);
			want_word = TRUE;
			continue;
		}
		word_end = parser->text[at] == '"' ?
				   skip_token(parser, at) :
				   skip_atom(parser, at, end);
		if (word_end == at || word_end > end)
			return FALSE;
		append_word(parser, at, word_end, local);
		at = skip_cfws(parser, word_end, end);
		want_word = FALSE;
	}
	return !want_word;
}

static gboolean
has_nul(const GString *text)
{
	return strlen(text->str) != text->len;
}

static void
trim_span(const Parser *parser, gsize *start, gsize *end)
{
	while (*start < *end && is_blank(parser->text[*start]))
		++*start;
	while (*end > *start && is_blank(parser->text[*end - 1]))
		--*end;
}

/*
 * [@start, @end) as an addr-spec with its '@' at @sign (or at @end when it
 * has none): the envelope address, NULL when it is none.
 */
static char *
read_addr_spec(const Parser *parser, gsize start, gsize sign, gsize end)
{
	g_autoptr(GString) local = g_string_new(NULL);
	g_autoptr(GString) domain = g_string_new(NULL);
	g_autofree char *address = NULL;
	gsize at;

	if (!read_dotted(parser, start, sign, local) || has_nul(local))
		return NULL;
	if (sign < end) {
		at = skip_cfws(parser, sign + 1, end);
		if (at < end && parser->text[at] == '[')
			g_string_append_len(domain, parser->text + at,
					    end - at);
		else if (!read_dotted(parser, at, end, domain))
			return NULL;
		if (*domain->str == '\0' || has_nul(domain))
			return NULL;
	}
	address = address_join(local->str, domain->str);
	if (!address_is_valid_or_local(address))
		return NULL;
	return g_steal_pointer(&address);
}

static void
add_member(Parser *parser, Mailbox *mailbox, gsize start, gsize end)
{
	trim_span(parser, &start, &end);
	mailbox->start = start;
	mailbox->size = end - start;
	g_ptr_array_add(parser->members, mailbox);
}

/* A comment behind an address without a display name is its old-style
 * name. */
static void
take_comment_name(const Parser *parser, Mailbox *mailbox, gsize start,
		  gsize end)
{
	gsize close;

	while (start < end && parser->text[start] != '(')
		start++;
	if (start >= end)
		return;
	close = skip_token(parser, start);
	if (close > end)
		return;
	mailbox->name_start = start + 1;
	mailbox->name_size = close - start - 2;
}

/* "local@domain" or "local", from @start to the stop at parser->at. */
static gboolean
parse_bare(Parser *parser, gsize start, gsize sign, GError **error)
{
	gsize end = parser->at, addr_start, addr_end, last;
	Mailbox *mailbox;
	char *address;

	addr_start = skip_cfws(parser, start, end);
	if (addr_start == end && sign == end)
		return TRUE; /* an empty place in the list */
	last = addr_start;
	/* The addr-spec ends where only comments and blanks follow. */
	for (gsize at = addr_start; at < end;) {
		gsize next = skip_cfws(parser, at, end);

		if (next == at)
			last = next = skip_token(parser, at);
		at = next;
	}
	addr_end = MIN(last, end);
	address = read_addr_spec(parser, addr_start, MIN(sign, addr_end),
				 addr_end);
	if (!address)
		return malformed(parser, start,
				 sign < end ? "the part before or after @ "
					      "has characters that may not "
					      "stand there" :
					      "several words need "
					      "Name <address>",
				 error);
	mailbox = g_new0(Mailbox, 1);
	mailbox->address = address;
	mailbox->addr_start = addr_start;
	mailbox->addr_size = addr_end - addr_start;
	take_comment_name(parser, mailbox, addr_end, end);
	add_member(parser, mailbox, start, end);
	return TRUE;
}

/* An obsolete route, "@a,@b:", is accepted and ignored. */
static gboolean
skip_route(Parser *parser)
{
	parser->at = skip_cfws(parser, parser->at, parser->size);
	if (parser->at >= parser->size || parser->text[parser->at] != '@')
		return TRUE;
	if (!find_special(parser, &parser->at, ":>") ||
	    parser->at >= parser->size || parser->text[parser->at] != ':')
		return FALSE;
	parser->at = skip_cfws(parser, parser->at + 1, parser->size);
	return TRUE;
}

/* Inside < >: sets parser->at behind '>'. (transfer full) (nullable) */
static char *
parse_angle(Parser *parser, gsize *ret_start, gsize *ret_end)
{
	gsize start, sign, end;

	parser->at++;
	if (!skip_route(parser))
		return NULL;
	start = sign = parser->at;
	if (!find_special(parser, &sign, "@><,;"))
		return NULL;
	end = sign;
	if (sign < parser->size && parser->text[sign] == '@') {
		end = sign + 1;
		if (!find_special(parser, &end, "@><,;"))
			return NULL;
	}
	if (end >= parser->size || parser->text[end] != '>')
		return NULL;
	parser->at = end + 1;
	trim_span(parser, &start, &end);
	*ret_start = start;
	*ret_end = end;
	if (start == end)
		return g_strdup("");
	return read_addr_spec(parser, start, MIN(sign, end), end);
}

/* "Name <addr>": parser->at is the '<'. */
static gboolean
parse_named(Parser *parser, gsize start, GError **error)
{
	gsize name_start = start, name_end = parser->at, end;
	g_autoptr(Mailbox) mailbox = g_new0(Mailbox, 1);

	mailbox->address = parse_angle(parser, &mailbox->addr_start, &end);
	if (!mailbox->address)
		return malformed(parser, start,
				 "no address stands inside < >", error);
	mailbox->addr_size = end - mailbox->addr_start;
	end = parser->at;
	parser->at = skip_cfws(parser, parser->at, parser->size);
	if (parser->at < parser->size &&
	    !strchr(",;", parser->text[parser->at]))
		return malformed(parser, start,
				 "something follows the address that is no "
				 "comma",
				 error);
	trim_span(parser, &name_start, &name_end);
	mailbox->name_start = name_start;
	mailbox->name_size = name_end - name_start;
	if (name_end == name_start)
		take_comment_name(parser, mailbox, end, parser->at);
	add_member(parser, g_steal_pointer(&mailbox), start, parser->at);
	return TRUE;
}

/* "a@b", or a name with an unquoted '@': "a@b <a@b>" is often written. */
static gboolean
parse_behind_sign(Parser *parser, gsize start, gsize sign, GError **error)
{
	char stop;

	if (!find_special(parser, &parser->at, "<>:;,"))
		return malformed(parser, start, "a quote, ( or [ is not closed",
				 error);
	stop = parser->at < parser->size ? parser->text[parser->at] : ',';
	if (stop == '<')
		return parse_named(parser, start, error);
	if (stop == '>' || stop == ':')
		return malformed(parser, start, "> or : behind the domain",
				 error);
	return parse_bare(parser, start, sign, error);
}

static gboolean
parse_member(Parser *parser, GError **error)
{
	gsize start = parser->at, sign;
	char stop;

	if (!find_special(parser, &parser->at, "<>@:;,"))
		return malformed(parser, start, "a quote, ( or [ is not closed",
				 error);
	stop = parser->at < parser->size ? parser->text[parser->at] : ',';
	switch (stop) {
	case '<':
		return parse_named(parser, start, error);
	case '@':
		sign = parser->at++;
		return parse_behind_sign(parser, start, sign, error);
	case ':':
		if (parser->in_group)
			return malformed(parser, start, "a group inside a "
					 "group", error);
		parser->in_group = TRUE;
		parser->at++;
		return TRUE;
	case '>':
		return malformed(parser, start, "> without <", error);
	default: /* ',' ';' or the end */
		return parse_bare(parser, start, parser->at, error);
	}
}

/* Over the ',' or ';' that ended a member. */
static gboolean
parse_separator(Parser *parser, GError **error)
{
	gsize at = parser->at;

	if (at >= parser->size)
		return TRUE;
	if (parser->text[at] == ';') {
		if (!parser->in_group)
			return malformed(parser, at, "; without a group",
					 error);
		parser->in_group = FALSE;
		parser->at++;
	} else if (parser->text[at] == ',') {
		parser->at++;
	}
	return TRUE;
}

GPtrArray *
address_list_parse(const char *text, gsize size, GError **error)
{
	g_autoptr(GPtrArray) members =
		g_ptr_array_new_with_free_func((GDestroyNotify)mailbox_free);
	Parser parser = { .text = text, .size = size, .members = members };

	while (parser.at < size) {
		if (!parse_member(&parser, error) ||
		    !parse_separator(&parser, error))
			return NULL;
		if (members->len > ADDRESS_LIST_MAX) {
			g_set_error(error, ADDRESS_ERROR,
				    ADDRESS_ERROR_TOO_MANY,
				    "more than %d addresses",
				    ADDRESS_LIST_MAX);
			return NULL;
		}
	}
	return g_steal_pointer(&members);
}

char *
mailbox_name(const Mailbox *mailbox, const char *text)
{
	g_autoptr(GString) plain = g_string_new(NULL);
	const char *at = text + mailbox->name_start;
	const char *end = at + mailbox->name_size;

	for (; at < end; at++) {
		if (*at == '"' || *at == '\r' || *at == '\n')
			continue;
		if (*at == '\\' && at + 1 < end)
			at++;
		g_string_append_c(plain, *at);
	}
	return text_harmless_bytes(plain->str, plain->len);
}
