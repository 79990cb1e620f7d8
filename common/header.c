// SPDX-License-Identifier: GPL-2.0-or-later
#include "common/header.h"

#include <string.h>

#include "common/address.h"
#include "common/text.h"

G_DEFINE_QUARK(masqmail-header-error, header_error)

#define RESENT "Resent-"

static void
field_free(gpointer data)
{
	HeaderField *field = data;

	g_free(field->text);
	g_free(field);
}

void
header_free(Header *header)
{
	if (!header)
		return;
	g_ptr_array_unref(header->fields);
	g_free(header);
}

static gboolean
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The bytes of a line with its line end. */
static gsize
line_size(const char *bytes, gsize size)
{
	const char *end = memchr(bytes, '\n', size);

	return end ? (gsize)(end - bytes) + 1 : size;
}

/*
 * RFC 5322 3.6.8: a name is printable ASCII without the colon; blanks
 * before the colon are obsolete but met.
 */
static gsize
scan_name(const char *bytes, gsize size, gsize *ret_value)
{
	gsize name = 0, at;

	while (name < size && bytes[name] > ' ' && bytes[name] < 0x7f &&
	       bytes[name] != ':')
		name++;
	for (at = name; at < size && is_blank(bytes[at]);)
		at++;
	if (name == 0 || at == size || bytes[at] != ':')
		return 0;
	*ret_value = at + 1;
	return name;
}

/* A field at the start of @bytes with its folded lines; NULL if none. */
static HeaderField *
scan_field(const char *bytes, gsize size)
{
	gsize end = line_size(bytes, size), value;
	gsize name = scan_name(bytes, end, &value);
	HeaderField *field;

	if (name == 0)
		return NULL;
	while (end < size && is_blank(bytes[end]))
		end += line_size(bytes + end, size - end);
	field = g_new0(HeaderField, 1);
	field->text = g_malloc(end + 1);
	memcpy(field->text, bytes, end);
	field->text[end] = '\0';
	field->size = end;
	field->name_size = name;
	field->value_start = value;
	return field;
}

Header *
header_parse(const char *bytes, gsize size, gsize *ret_end, GError **error)
{
	g_autoptr(Header) header = g_new0(Header, 1);
	HeaderField *field;
	gsize at = 0;

	header->fields = g_ptr_array_new_with_free_func(field_free);
	while (at < size && (field = scan_field(bytes + at, size - at))) {
		at += field->size;
		g_ptr_array_add(header->fields, field);
		if (header->fields->len > HEADER_FIELDS_MAX) {
			g_set_error(error, HEADER_ERROR,
				    HEADER_ERROR_TOO_LARGE,
				    "the header has more than %d fields",
				    HEADER_FIELDS_MAX);
			return NULL;
		}
	}
	*ret_end = at;
	return g_steal_pointer(&header);
}

static gboolean
begins_with(const char *bytes, gsize size, const char *word)
{
	return size >= strlen(word) && memcmp(bytes, word, strlen(word)) == 0;
}

gsize
header_mbox_line(const char *bytes, gsize size)
{
	if (!begins_with(bytes, size, "From ") &&
	    !begins_with(bytes, size, ">From "))
		return 0;
	return line_size(bytes, size);
}

gboolean
header_field_is(const HeaderField *field, const char *name)
{
	return strlen(name) == field->name_size &&
	       g_ascii_strncasecmp(field->text, name, field->name_size) == 0;
}

const HeaderField *
header_find(const Header *header, const char *name)
{
	for (guint i = 0; i < header->fields->len; i++) {
		const HeaderField *field =
			g_ptr_array_index(header->fields, i);

		if (header_field_is(field, name))
			return field;
	}
	return NULL;
}

static GString *
unfold(const HeaderField *field)
{
	GString *value = g_string_sized_new(field->size);

	for (gsize i = field->value_start; i < field->size; i++)
		if (field->text[i] != '\r' && field->text[i] != '\n')
			g_string_append_c(value, field->text[i]);
	return value;
}

char *
header_value(const HeaderField *field)
{
	return g_strstrip(g_string_free(unfold(field), FALSE));
}

char *
header_display(const Header *header, const char *name)
{
	const HeaderField *field = header_find(header, name);
	g_autoptr(GString) raw = NULL;
	g_autofree char *line = NULL;

	if (!field)
		return g_strdup("");
	raw = unfold(field);
	line = g_strstrip(text_harmless_bytes(raw->str, raw->len));
	return text_harmless_clipped(line, HEADER_DISPLAY_MAX);
}

gboolean
header_is_8bit(const Header *header)
{
	for (guint i = 0; i < header->fields->len; i++) {
		const HeaderField *field =
			g_ptr_array_index(header->fields, i);

		for (gsize n = 0; n < field->size; n++)
			if (field->text[n] & 0x80)
				return TRUE;
	}
	return FALSE;
}

void
header_remove(Header *header, const char *name)
{
	for (guint i = header->fields->len; i > 0; i--) {
		const HeaderField *field =
			g_ptr_array_index(header->fields, i - 1);

		if (header_field_is(field, name))
			g_ptr_array_remove_index(header->fields, i - 1);
	}
}

/* A value is one logical line: only a true folding may break it. */
static char *
make_line(const char *value)
{
	char *line = g_strdup(value);

	for (char *at = line; *at; at++) {
		if (at[0] == '\r' && at[1] == '\n' && is_blank(at[2]))
			at += 2;
		else if ((*at > 0 && *at < ' ') || *at == 0x7f)
			*at = ' ';
	}
	return line;
}

void
header_insert(Header *header, gint position, const char *name,
	      const char *value)
{
	g_autofree char *line = make_line(value);
	HeaderField *field = g_new0(HeaderField, 1);

	field->text = g_strdup_printf("%s: %s\r\n", name, line);
	field->size = strlen(field->text);
	field->name_size = strlen(name);
	field->value_start = field->name_size + 1;
	g_ptr_array_insert(header->fields, position, field);
}

void
header_append(const Header *header, GByteArray *bytes)
{
	for (guint i = 0; i < header->fields->len; i++) {
		const HeaderField *field =
			g_ptr_array_index(header->fields, i);

		g_byte_array_append(bytes, (const guint8 *)field->text,
				    field->size);
	}
}

static gboolean
is_resent(const HeaderField *field)
{
	return field->name_size > strlen(RESENT) &&
	       g_ascii_strncasecmp(field->text, RESENT, strlen(RESENT)) == 0;
}

static gboolean
add_recipients(const HeaderField *field, GPtrArray *recipients,
	       GError **error)
{
	const char *value = field->text + field->value_start;
	g_autoptr(GError) why = NULL;
	g_autoptr(GPtrArray) list = address_list_parse(
		value, field->size - field->value_start, &why);

	if (!list) {
		g_set_error(error, HEADER_ERROR, HEADER_ERROR_ADDRESS,
			    "%.*s: %s", (int)field->name_size, field->text,
			    why->message);
		return FALSE;
	}
	for (guint i = 0; i < list->len; i++) {
		const Mailbox *mailbox = g_ptr_array_index(list, i);

		if (*mailbox->address)
			g_ptr_array_add(recipients,
					g_strdup(mailbox->address));
	}
	return TRUE;
}

static gboolean
is_recipient_field(const HeaderField *field, gboolean resent)
{
	static const char *const names[][2] = { { "To", "Resent-To" },
						{ "Cc", "Resent-Cc" },
						{ "Bcc", "Resent-Bcc" } };

	for (guint i = 0; i < G_N_ELEMENTS(names); i++)
		if (header_field_is(field, names[i][resent]))
			return TRUE;
	return FALSE;
}

static gint
first_resent(const Header *header)
{
	for (guint i = 0; i < header->fields->len; i++)
		if (is_resent(g_ptr_array_index(header->fields, i)))
			return i;
	return -1;
}

/*
 * The end of the block of Resent fields at @first (RFC 5322 3.6.6). Each
 * resending puts its block before the older ones: a second date, author or
 * id belongs to an older one.
 */
static gint
resent_end(const Header *header, gint first)
{
	static const char *const once[] = { "Resent-Date", "Resent-From",
					    "Resent-Message-ID" };
	gboolean seen[G_N_ELEMENTS(once)] = { FALSE };
	gint at;

	for (at = first; at < (gint)header->fields->len; at++) {
		const HeaderField *field =
			g_ptr_array_index(header->fields, at);

		if (!is_resent(field))
			return at;
		for (guint i = 0; i < G_N_ELEMENTS(once); i++) {
			if (!header_field_is(field, once[i]))
				continue;
			if (seen[i])
				return at;
			seen[i] = TRUE;
		}
	}
	return at;
}

gboolean
header_recipients(const Header *header, GPtrArray *recipients, GError **error)
{
	gint first = first_resent(header), at = MAX(first, 0);
	gint end = first < 0 ? (gint)header->fields->len :
			       resent_end(header, first);

	for (; at < end; at++) {
		const HeaderField *field =
			g_ptr_array_index(header->fields, at);

		if (is_recipient_field(field, first >= 0) &&
		    !add_recipients(field, recipients, error))
			return FALSE;
	}
	return TRUE;
}

/* Whether @name stands in [@start, @end) of the fields. */
static gboolean
stands_in(const Header *header, gint start, gint end, const char *name)
{
	for (; start < end; start++)
		if (header_field_is(
			    g_ptr_array_index(header->fields, start), name))
			return TRUE;
	return FALSE;
}

static char *
make_from(const HeaderFacts *facts)
{
	g_autofree char *phrase = NULL;

	if (!facts->name || !*facts->name)
		return g_strdup(facts->author);
	phrase = header_phrase(facts->name);
	return g_strdup_printf("%s <%s>", phrase, facts->author);
}

/* No user name, no host name, no process number: only time and chance. */
static char *
make_message_id(const HeaderFacts *facts)
{
	char time_part[TEXT_ID_SIZE], chance_part[TEXT_ID_SIZE];

	return g_strdup_printf("<%s.%s@%s>",
			       text_id(facts->now, time_part),
			       text_id(facts->chance, chance_part),
			       facts->domain);
}

void
header_complete(Header *header, const HeaderFacts *facts)
{
	static const char *const never[] = { "Bcc", "Resent-Bcc",
					     "Return-Path",
					     "Content-Length" };
	gint first = first_resent(header), start = MAX(first, 0), end;
	gboolean resent = first >= 0;
	g_autofree char *date = header_date(facts->now, facts->zone);
	g_autofree char *id = make_message_id(facts);
	g_autofree char *from = make_from(facts);
	const struct {
		const char *name, *value;
	} added[] = {
		{ resent ? "Resent-Date" : "Date", date },
		{ resent ? "Resent-Message-ID" : "Message-ID", id },
		{ resent ? "Resent-From" : "From", from },
	};

	end = resent ? resent_end(header, first) : (gint)header->fields->len;
	for (guint i = 0; i < G_N_ELEMENTS(added); i++)
		if (!stands_in(header, start, end, added[i].name))
			header_insert(header, end++, added[i].name,
				      added[i].value);
	for (guint i = 0; i < G_N_ELEMENTS(never); i++)
		header_remove(header, never[i]);
	if (!resent && !header_find(header, "To") &&
	    !header_find(header, "Cc"))
		header_insert(header, -1, "To", "undisclosed-recipients:;");
}
