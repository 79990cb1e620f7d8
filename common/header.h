// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The header section of a message: where its fields are, byte for byte, and
 * what a submission agent adds and takes away (RFC 6409 8). The only place
 * that knows where a header ends and what makes one complete. Fields keep
 * their order, folding and spelling; what nobody asked to change comes out
 * as it went in. Pure: time, zone and chance are parameters.
 *
 * header_parse, look-ups, changes, header_append, header_free.
 */
#ifndef MASQMAIL_COMMON_HEADER_H
#define MASQMAIL_COMMON_HEADER_H

#include <glib.h>

#define HEADER_ERROR (header_error_quark())

typedef enum {
	HEADER_ERROR_TOO_LARGE, /* more than HEADER_FIELDS_MAX fields */
	HEADER_ERROR_ADDRESS,   /* a recipient field that cannot be read */
} HeaderError;

GQuark header_error_quark(void);

#define HEADER_FIELDS_MAX 10000
#define HEADER_SIZE_MAX (1024 * 1024) /* what callers gather at most */
#define HEADER_DISPLAY_MAX 200        /* characters of a display field */
#define HEADER_AUTHORS_MAX 480        /* bytes: an option holds them */

typedef struct {
	char *text; /* name, colon, value, folded lines, final line end */
	gsize size;
	gsize name_size;   /* without the blanks RFC 5322 4.5 allowed */
	gsize value_start; /* behind the colon */
} HeaderField;

typedef struct {
	GPtrArray *fields; /* of HeaderField, in order */
} Header;

/*
 * (transfer full). The fields at the start of @size @bytes, whose lines end
 * in CRLF (or LF). *@ret_end is where the first line begins that is no
 * field: the empty line, the body of a message without header or without
 * empty line, or the end of the bytes.
 */
Header *header_parse(const char *bytes, gsize size, gsize *ret_end,
		     GError **error);
void header_free(Header *header);

/*
 * How many bytes of an mbox "From " or ">From " line stand before the
 * header; 0 for none.
 */
gsize header_mbox_line(const char *bytes, gsize size);

/* The first field @name, without case. (transfer none) (nullable) */
const HeaderField *header_find(const Header *header, const char *name);
gboolean header_field_is(const HeaderField *field, const char *name);

/*
 * (transfer full). The value on one line: line ends taken out, the blanks
 * around it too, bytes else as they are.
 */
char *header_value(const HeaderField *field);

/*
 * (transfer full). The first field @name for people: one harmless line of
 * at most HEADER_DISPLAY_MAX characters, "" when there is none. Encoded
 * words stay encoded.
 */
char *header_display(const Header *header, const char *name);

/*
 * (transfer full). The addresses of all From fields, ", " between, as many
 * as HEADER_AUTHORS_MAX bytes hold; "" when none can be read.
 */
char *header_authors(const Header *header);

/* Whether any field has a byte outside ASCII. */
gboolean header_is_8bit(const Header *header);

/* Take out every field @name, in whatever case and folding. */
void header_remove(Header *header, const char *name);

/*
 * Put "@name: @value" at @position (-1: at the end). Controls in @value
 * become blanks, except the folding "\r\n " of header_encode_words.
 */
void header_insert(Header *header, gint position, const char *name,
		   const char *value);

/* All fields, as bytes, to the end of @bytes; no empty line. */
void header_append(const Header *header, GByteArray *bytes);

/*
 * For -t: add every address of To, Cc and Bcc to @recipients (of char *,
 * unqualified ones without domain, <> left out); when there is a Resent
 * field, only of Resent-To, -Cc and -Bcc in the first block of them. FALSE
 * with HEADER_ERROR_ADDRESS naming the field.
 */
gboolean header_recipients(const Header *header, GPtrArray *recipients,
			   GError **error);

/* What completion needs to know. */
typedef struct {
	const char *author; /* address for From */
	const char *name;   /* display name for From; NULL for none */
	const char *domain; /* right side of Message-ID */
	gint64 now;         /* Unix seconds */
	gint zone;          /* seconds east of UTC */
	guint64 chance;     /* for Message-ID */
} HeaderFacts;

/*
 * Make an own submission whole: takes out Bcc, Resent-Bcc, Return-Path and
 * Content-Length; adds Date, Message-ID and From where they are missing (in
 * a resent message the Resent- ones, to its first block) and, without To
 * and Cc, "To: undisclosed-recipients:;".
 */
void header_complete(Header *header, const HeaderFacts *facts);

/* (transfer full). RFC 5322 date: "Thu, 29 Feb 2024 13:37:00 +0100". */
char *header_date(gint64 unix_seconds, gint zone);

/*
 * (transfer full). A display name as it may stand before <address>: as it
 * is, quoted, or as RFC 2047 encoded words (UTF-8, Q), folded.
 */
char *header_phrase(const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Header, header_free)

#endif
