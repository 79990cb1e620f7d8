// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The message on standard input: its header whole, its body in pieces. The
 * only place that reads it. letter_gather fetches the header and as much of
 * the body as memory is allowed for; what is left comes by letter_read, so
 * that a message of any size needs the same little memory.
 */
#ifndef MASQMAIL_CLIENT_SENDMAIL_LETTER_H
#define MASQMAIL_CLIENT_SENDMAIL_LETTER_H

#include "client/sendmail-input.h"
#include "client/sendmail.h"
#include "common/header.h"

/* Smaller messages are held whole until the engine has taken them. */
#define LETTER_GATHERED (256 * 1024)
#define LETTER_PIECE (64 * 1024)

typedef struct {
	int fd;
	Input input;
	Header *header;    /* after letter_gather */
	gint64 not_before; /* Unix seconds; 0: at once. See later_find */
	char *mbox_line;   /* the "From " line that stood before it; NULL */
	GByteArray *bytes; /* canonical; the body from @body on */
	gsize body;
	gboolean at_end; /* nothing more is to be read */
} Letter;

Letter *letter_new(int fd, gboolean dots_are_text);
void letter_free(Letter *letter);

/*
 * Read the header and the body's begin. FALSE with EX_DATAERR for a message
 * that may not be sent as mail (NUL, CR in the header, a header without
 * end) and for input that cannot be read.
 */
gboolean letter_gather(Letter *letter, GError **error);

/* Replace @bytes with the next piece of the body (@body is then 0). */
gboolean letter_read(Letter *letter, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Letter, letter_free)

#endif
