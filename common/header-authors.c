// SPDX-License-Identifier: GPL-2.0-or-later
#include "common/header.h"

#include <string.h>

#include "common/address.h"

#define FROM "From"

static void
add_field(const HeaderField *field, GString *authors)
{
	const char *value = field->text + field->value_start;
	g_autoptr(GPtrArray) list = address_list_parse(
		value, field->size - field->value_start, NULL);

	for (guint i = 0; list && i < list->len; i++) {
		const Mailbox *mailbox = list->pdata[i];

		if (authors->len + strlen(mailbox->address) + 2 >
		    HEADER_AUTHORS_MAX)
			return;
		if (authors->len)
			g_string_append(authors, ", ");
		g_string_append(authors, mailbox->address);
	}
}

char *
header_authors(const Header *header)
{
	GString *authors = g_string_new(NULL);

	for (guint i = 0; i < header->fields->len; i++) {
		const HeaderField *field = header->fields->pdata[i];

		if (header_field_is(field, FROM))
			add_field(field, authors);
	}
	return g_string_free(authors, FALSE);
}
