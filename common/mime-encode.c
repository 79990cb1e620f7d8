// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * base64 is GLib's. For quoted-printable the libraries at hand bring a whole
 * mail program with them into the process that talks to the network; it is
 * these few lines instead.
 */
#include "common/mime.h"

#include <string.h>

#define COLUMNS 75 /* and one for the '=' of a soft line break */

static void
append(GByteArray *out, const char *bytes, gsize size)
{
	g_byte_array_append(out, (const guint8 *)bytes, size);
}

/* @text is one character of the result: it is not torn apart. */
static void
put(MimeEncoder *encoder, const char *text, gsize size, GByteArray *out)
{
	if (encoder->column + size > COLUMNS) {
		append(out, "=\r\n", 3);
		encoder->column = 0;
	}
	append(out, text, size);
	encoder->column += size;
}

static void
put_escaped(MimeEncoder *encoder, guchar c, GByteArray *out)
{
	char text[4];

	g_snprintf(text, sizeof(text), "=%02X", c);
	put(encoder, text, 3, out);
}

static void
end_line(MimeEncoder *encoder, const char *end, GByteArray *out)
{
	append(out, end, strlen(end));
	encoder->column = 0;
}

/* What waits for the next byte: a blank, a CR, or a blank and a CR. */
static void
put_held(MimeEncoder *encoder, gboolean at_end, GByteArray *out)
{
	for (gsize i = 0; i < encoder->n_held; i++) {
		guchar c = encoder->held[i];

		if (c == '\r')
			end_line(encoder, "\r", out);
		else if (at_end)
			put_escaped(encoder, c, out);
		else
			put(encoder, (const char *)&c, 1, out);
	}
	encoder->n_held = 0;
}

static void
quote_byte(MimeEncoder *encoder, guchar c, GByteArray *out)
{
	gsize held = encoder->n_held;
	gboolean after_cr = held > 0 && encoder->held[held - 1] == '\r';

	if (c == '\r' && !after_cr) {
		encoder->held[encoder->n_held++] = c;
		return;
	}
	/* A blank at the end of a line may be lost on the way. */
	if (c == '\n' && after_cr)
		encoder->n_held--;
	put_held(encoder, c == '\n' || after_cr, out);
	if (c == '\n')
		end_line(encoder, after_cr ? "\r\n" : "\n", out);
	else if (c == ' ' || c == '\t' || c == '\r')
		encoder->held[encoder->n_held++] = c;
	else if (c > ' ' && c < 0x7f && c != '=')
		put(encoder, (const char *)&c, 1, out);
	else
		put_escaped(encoder, c, out);
}

void
mime_quote(MimeEncoder *encoder, const char *bytes, gsize size,
	   GByteArray *out)
{
	for (gsize i = 0; i < size; i++)
		quote_byte(encoder, bytes[i], out);
}

void
mime_quote_end(MimeEncoder *encoder, GByteArray *out)
{
	put_held(encoder, TRUE, out);
	*encoder = (MimeEncoder){ 0 };
}

/* A line end stands before every line but the first, none behind. */
static void
put_base64(MimeEncoder *encoder, GByteArray *out)
{
	g_autofree char *text = g_base64_encode(encoder->held,
						encoder->n_held);

	if (encoder->column > 0)
		append(out, "\r\n", 2);
	append(out, text, strlen(text));
	encoder->column = strlen(text);
	encoder->n_held = 0;
}

void
mime_base64(MimeEncoder *encoder, const char *bytes, gsize size,
	    GByteArray *out)
{
	while (size > 0) {
		gsize room = sizeof(encoder->held) - encoder->n_held;
		gsize part = MIN(room, size);

		memcpy(encoder->held + encoder->n_held, bytes, part);
		encoder->n_held += part;
		bytes += part;
		size -= part;
		if (encoder->n_held == sizeof(encoder->held))
			put_base64(encoder, out);
	}
}

void
mime_base64_end(MimeEncoder *encoder, GByteArray *out)
{
	if (encoder->n_held > 0)
		put_base64(encoder, out);
	*encoder = (MimeEncoder){ 0 };
}
