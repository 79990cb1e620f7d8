// SPDX-License-Identifier: GPL-2.0-or-later
#include "client/sendmail-input.h"

#include <string.h>

enum {
	AT_LINE_START,
	IN_LINE,
	AFTER_DOT, /* a dot at line start that may be the end */
};

static void
hand_out(Input *input, GByteArray *out, const char *bytes, gsize size)
{
	g_byte_array_append(out, (const guint8 *)bytes, size);
	input->size += size;
}

/* The dot and the CRs that were kept back turn out to be text. */
static void
release(Input *input, GByteArray *out)
{
	if (input->state == AFTER_DOT)
		hand_out(input, out, ".", 1);
	if (input->returns > 0 && !input->bare_return)
		input->bare_return = input->size + 1;
	for (; input->returns > 0; input->returns--)
		hand_out(input, out, " ", 1);
	input->state = IN_LINE;
}

static void
end_line(Input *input, GByteArray *out)
{
	input->returns = 0;
	if (input->state == AFTER_DOT) {
		input->ended = TRUE;
		return;
	}
	hand_out(input, out, "\r\n", 2);
	input->state = AT_LINE_START;
}

static void
take_byte(Input *input, char c, GByteArray *out)
{
	if (c == '\n') {
		end_line(input, out);
	} else if (c == '\r') {
		if (input->state == AT_LINE_START)
			input->state = IN_LINE;
		input->returns++;
	} else if (c == '.' && input->state == AT_LINE_START &&
		   !input->dots_are_text) {
		input->state = AFTER_DOT;
	} else {
		release(input, out);
		if (c == '\0')
			input->has_nul = TRUE;
		if (c & 0x80)
			input->is_8bit = TRUE;
		hand_out(input, out, &c, 1);
	}
}

/* How many bytes from @at on are text that needs no look. */
static gsize
plain_run(const Input *input, const char *at, gsize size)
{
	gsize n = 0;

	if (input->state != IN_LINE || input->returns > 0)
		return 0;
	while (n < size && at[n] != '\0' && !(at[n] & 0x80) &&
	       at[n] != '\r' && at[n] != '\n')
		n++;
	return n;
}

void
input_convert(Input *input, const char *bytes, gsize size, GByteArray *out)
{
	gsize at = 0;

	while (at < size && !input->ended) {
		gsize run = plain_run(input, bytes + at, size - at);

		if (run > 0)
			hand_out(input, out, bytes + at, run);
		else
			take_byte(input, bytes[at++], out);
		at += run;
	}
}

void
input_finish(Input *input, GByteArray *out)
{
	if (input->ended || input->state == AT_LINE_START)
		return;
	input->unfinished = TRUE;
	end_line(input, out);
}
