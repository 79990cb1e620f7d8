// SPDX-License-Identifier: GPL-2.0-or-later
/* What the header of a part says of its body. */
#include "common/mime.h"

#include <string.h>

#include "common/header.h"

/* RFC 2045 5.1 token, and what programs write without quotes. */
static gsize
token_size(const char *text)
{
	return strcspn(text, " \t()<>@,;:\\\"/[]?=");
}

static const char *
skip_blanks(const char *text)
{
	int depth = 0;

	for (; *text; text++) {
		if (*text == '(')
			depth++;
		else if (*text == ')' && depth > 0)
			depth--;
		else if (depth == 0 && !strchr(" \t", *text))
			break;
	}
	return text;
}

/* (transfer full). A token or quoted string at *@text, which moves on. */
static char *
take_value(const char **text)
{
	const char *at = skip_blanks(*text);
	GString *value = g_string_new(NULL);

	if (*at != '"') {
		/* Here '=', '?' and ':' occur, as mailers forget quotes. */
		gsize size = strcspn(at, " \t;\"");

		g_string_append_len(value, at, size);
		*text = at + size;
		return g_string_free(value, FALSE);
	}
	for (at++; *at && *at != '"'; at++) {
		if (*at == '\\' && at[1])
			at++;
		g_string_append_c(value, *at);
	}
	*text = *at ? at + 1 : at;
	return g_string_free(value, FALSE);
}

/* "; name=value": FALSE at the end. */
static gboolean
next_parameter(const char **text, char **ret_name, char **ret_value)
{
	const char *at = skip_blanks(*text);
	gsize size;

	while (*at == ';')
		at = skip_blanks(at + 1);
	size = token_size(at);
	if (size == 0)
		return FALSE;
	*ret_name = g_ascii_strdown(at, size);
	at = skip_blanks(at + size);
	if (*at != '=') {
		g_clear_pointer(ret_name, g_free);
		return FALSE;
	}
	at++;
	*ret_value = take_value(&at);
	*text = at;
	return TRUE;
}

/* (transfer full) (nullable). "--" and the value of boundary=. */
static char *
find_boundary(const char *parameters)
{
	char *name, *value, *found = NULL;

	while (!found && next_parameter(&parameters, &name, &value)) {
		if (g_str_equal(name, "boundary")) {
			g_strchomp(value);
			if (*value && strlen(value) <= MIME_BOUNDARY_MAX)
				found = g_strconcat("--", value, NULL);
		}
		g_free(name);
		g_free(value);
	}
	return found;
}

/* (transfer full). "text/plain"; "" when it cannot be read. */
static char *
take_type(const char **text)
{
	const char *at = skip_blanks(*text);
	gsize major = token_size(at), minor;
	char *type;

	if (major == 0 || at[major] != '/')
		return g_strdup("");
	minor = token_size(at + major + 1);
	type = g_ascii_strdown(at, major + 1 + minor);
	*text = at + major + 1 + minor;
	return type;
}

/*
 * RFC 2046 5.2 lets nobody encode a message/anything; RFC 6532 3.7 and 6533
 * allow it of those with UTF-8 in their headers.
 */
static void
know_type(MimePart *part, const char *type)
{
	part->text = g_str_has_prefix(type, "text/");
	if (g_str_has_prefix(type, "message/global")) {
		part->text = TRUE;
	} else if (g_str_equal(type, "message/rfc822")) {
		part->kind = MIME_MESSAGE;
	} else if (g_str_has_prefix(type, "message/")) {
		part->sealed = TRUE;
	} else if (g_str_has_prefix(type, "multipart/")) {
		part->kind = MIME_MULTIPART;
		part->digest = g_str_equal(type, "multipart/digest");
		part->freezes = g_str_equal(type, "multipart/signed") ||
				g_str_equal(type, "multipart/encrypted");
	}
}

static void
read_type(MimePart *part, const Header *header, gboolean in_digest,
	  char **ret_boundary)
{
	const HeaderField *field = header_find(header, "Content-Type");
	g_autofree char *value = NULL, *type = NULL;
	const char *at;

	if (!field) {
		part->text = !in_digest;
		part->kind = in_digest ? MIME_MESSAGE : MIME_LEAF;
		return;
	}
	part->typed = TRUE;
	at = value = header_value(field);
	type = take_type(&at);
	know_type(part, type);
	if (part->kind == MIME_MULTIPART)
		*ret_boundary = find_boundary(at);
	/* Where its parts are nobody can say. */
	if (part->kind == MIME_MULTIPART && !*ret_boundary)
		part->sealed = TRUE;
}

static void
read_encoding(MimePart *part, const Header *header)
{
	static const char *const words[] = {
		[MIME_ENCODING_7BIT] = "7bit",
		[MIME_ENCODING_8BIT] = "8bit",
		[MIME_ENCODING_BINARY] = "binary",
	};
	const HeaderField *field =
		header_find(header, "Content-Transfer-Encoding");
	g_autofree char *value = NULL;
	const char *at;

	if (!field)
		return;
	value = header_value(field);
	at = skip_blanks(value);
	part->encoding = MIME_ENCODING_OTHER;
	for (guint i = 0; i < G_N_ELEMENTS(words); i++)
		if (token_size(at) == strlen(words[i]) &&
		    g_ascii_strncasecmp(at, words[i], strlen(words[i])) == 0)
			part->encoding = i;
}

static guint
count_fields(const Header *header, const char *name)
{
	guint count = 0;

	for (guint i = 0; i < header->fields->len; i++)
		count += header_field_is(header->fields->pdata[i], name);
	return count;
}

/* Two programs may read it in two ways: then nothing is done to it. */
static gboolean
is_doubtful(const Header *header, const char *rest, gsize size)
{
	return count_fields(header, "Content-Type") > 1 ||
	       count_fields(header, "Content-Transfer-Encoding") > 1 ||
	       (size > 0 && *rest != '\r' && *rest != '\n');
}

void
mime_part_read(MimePart *part, const char *bytes, gsize size,
	       gboolean in_digest, char **ret_boundary)
{
	gsize end = 0;
	g_autoptr(Header) header = header_parse(bytes, size, &end, NULL);

	*ret_boundary = NULL;
	if (!header) {
		part->sealed = TRUE;
		return;
	}
	read_type(part, header, in_digest, ret_boundary);
	read_encoding(part, header);
	if (is_doubtful(header, bytes + end, size - end))
		part->sealed = TRUE;
	/* Encoded parts in parts are not allowed, and not looked into. */
	if (part->kind != MIME_LEAF && part->encoding == MIME_ENCODING_OTHER)
		part->sealed = TRUE;
	if (part->sealed && (part->kind == MIME_MULTIPART ||
			     part->kind == MIME_MESSAGE)) {
		part->kind = MIME_LEAF;
		g_clear_pointer(ret_boundary, g_free);
	}
}
