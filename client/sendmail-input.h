// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a program writes to sendmail, made canonical: any mixture of LF and
 * CRLF becomes CRLF, a lone dot ends it or not. The one place that decides
 * where a hand-fed message ends. Pure, and fed in any pieces: a message is
 * never held as a whole.
 */
#ifndef MASQMAIL_CLIENT_SENDMAIL_INPUT_H
#define MASQMAIL_CLIENT_SENDMAIL_INPUT_H

#include <glib.h>

/* Zeroed memory, dots_are_text aside, is the beginning. */
typedef struct {
	gboolean dots_are_text; /* -i */
	guint state;            /* private */
	guint returns;          /* private: CRs not handed out yet */
	gboolean ended;   /* a lone dot was met; more bytes are ignored */
	gboolean has_nul; /* the message must be refused */
	gboolean is_8bit;
	gboolean unfinished; /* by input_finish: the last line had no end */
	guint64 size;        /* bytes handed out so far */
	guint64 bare_return; /* where the first lone CR stood, plus 1; 0 */
} Input;

/*
 * Append @size @bytes to @out as canonical CRLF lines. CRs before a LF are
 * part of the line end; any other becomes a blank, for no mail may carry it
 * (RFC 5321 2.3.8): see bare_return.
 */
void input_convert(Input *input, const char *bytes, gsize size,
		   GByteArray *out);

/* At the end of the input: adds the last line end when it is missing. */
void input_finish(Input *input, GByteArray *out);

#endif
