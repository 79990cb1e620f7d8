// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Says how our parsers read what stands on standard input, for the test that
 * compares them with Python's: "addresses", a list a line; "fields", one
 * header; "data", what follows the 354.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/address.h"
#include "common/header.h"
#include "common/smtp.h"

static void
say_addresses(const char *line)
{
	g_autoptr(GPtrArray) list =
		address_list_parse(line, strlen(line), NULL);

	if (!list)
		printf("malformed");
	for (guint i = 0; list && i < list->len; i++) {
		const Mailbox *mailbox = g_ptr_array_index(list, i);

		printf("%s%s", i ? "\t" : "", mailbox->address);
	}
	printf("\n");
}

static void
say_fields(const char *text, gsize size)
{
	gsize end;
	g_autoptr(Header) header = header_parse(text, size, &end, NULL);

	for (guint i = 0; header && i < header->fields->len; i++) {
		const HeaderField *field =
			g_ptr_array_index(header->fields, i);

		printf("%.*s|%u\n", (int)field->name_size, field->text,
		       (guint)field->size);
	}
	printf("%u\n", (guint)end);
}

static void
say_data(const char *text, gsize size)
{
	g_autoptr(GByteArray) out = g_byte_array_new();
	SmtpDotReader reader = { 0 };
	gsize used;

	smtp_dot_reader_feed(&reader, text, size, out, &used);
	fwrite(out->data, 1, out->len, stdout);
}

int
main(int argc, char **argv)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_auto(GStrv) lines = NULL;
	char piece[4096];
	ssize_t n;

	while ((n = read(STDIN_FILENO, piece, sizeof(piece))) > 0)
		g_string_append_len(text, piece, n);
	if (argc == 2 && g_str_equal(argv[1], "fields")) {
		say_fields(text->str, text->len);
	} else if (argc == 2 && g_str_equal(argv[1], "data")) {
		say_data(text->str, text->len);
	} else {
		lines = g_strsplit(text->str, "\n", -1);
		for (char **line = lines; *line; line++)
			say_addresses(*line);
	}
	return 0;
}
