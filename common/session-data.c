// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The data of a message: read by smtp.h's dot reader, handed on to the
 * engine in pieces, and given up as soon as something is wrong with it. A
 * message that was given up is still read to its true end, so that none of
 * its lines can be taken for a command.
 */
#include <string.h>

#include "common/session-private.h"

/* How much of a message that was given up is read, before we hang up. */
#define MAX_IGNORED (16 * 1024 * 1024)

void
session_clear_data(Session *session)
{
	g_clear_pointer(&session->head, g_byte_array_unref);
	g_clear_pointer(&session->late, g_variant_dict_unref);
	session->in_data = FALSE;
	session->fault = NULL;
	session->raw = session->passed = 0;
}

void
session_on_data(Session *session, const char *argument)
{
	if (*argument) {
		session_answer(session, 501, "5.5.4", "DATA stands alone");
		return;
	}
	memset(&session->dots, 0, sizeof(session->dots));
	session->in_data = TRUE;
	session->head = g_byte_array_new();
	session->after_cr = FALSE;
	g_string_append(session->out,
			"354 Send the message, end with a line \".\"\r\n");
	session_flush(session);
}

void
session_give_up(Session *session, guint code, const char *enhanced,
		const char *fault)
{
	if (session->fault)
		return;
	session->fault_code = code;
	session->fault_enhanced = enhanced;
	session->fault = fault;
}

static void
pass_on(Session *session, const GByteArray *bytes)
{
	g_autoptr(GError) error = NULL;

	session->passed += bytes->len;
	if (session->config.size_limit &&
	    session->passed > session->config.size_limit)
		session_give_up(session, 552, "5.3.4",
				"The message is larger than is taken here");
	if (session->fault || session->over || !bytes->len)
		return;
	if (!session->driver->data(session->user, bytes->data, bytes->len,
				   &error))
		session_answer_error(session, error, 554);
}

static void
pass_head(Session *session)
{
	g_autoptr(GByteArray) head = session_end_head(session);

	pass_on(session, head);
}

static GVariant *
what_data_told(Session *session)
{
	if (session->dots.flags & SMTP_DATA_8BIT)
		g_variant_dict_insert(session->late, "body", "s", "8bitmime");
	return g_variant_dict_end(session->late);
}

static void
commit(Session *session)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *id = NULL, *text = NULL;

	id = session->driver->commit(session->user, session->passed,
				     what_data_told(session), &error);
	if (!id) {
		session_answer_error(session, error, 554);
		return;
	}
	session->accepted++;
	session->idle = 0;
	/* Nothing is begun any more: there is nothing to forget. */
	session->state = STATE_READY;
	text = g_strdup_printf("Ok: queued as %s", id);
	session_answer(session, 250, "2.0.0", text);
}

/*
 * RFC 2920 3.1 lets whoever was offered PIPELINING go on right behind the
 * dot, and real clients do; nobody else has a reason to.
 */
static void
end_data(Session *session)
{
	if (session->head && !session->fault)
		pass_head(session);
	if (session->over)
		return;
	if (!session->esmtp && session_is_ahead(session))
		session_refuse(session, 503, "5.5.0", "Wait for the answer");
	else if (session->fault)
		session_answer(session, session->fault_code,
			       session->fault_enhanced, session->fault);
	else
		commit(session);
	session_forget(session);
}

/* TRUE when @size bytes hold the end; then *@ret_used of them were data. */
static gboolean
take(Session *session, const char *bytes, gsize size, gsize *ret_used)
{
	g_autoptr(GByteArray) text = g_byte_array_sized_new(size + 2);
	gboolean ended = smtp_dot_reader_feed(&session->dots, bytes, size, text,
					      ret_used);

	session->raw += *ret_used;
	if (session->dots.flags & SMTP_DATA_REFUSED)
		session_give_up(session, 554, "5.6.0",
				smtp_data_fault(session->dots.flags));
	if (!session->head)
		pass_on(session, text);
	else if (session_take_head(session, text->data, text->len))
		pass_head(session);
	if (!ended && session->raw > session->config.size_limit + MAX_IGNORED &&
	    session->fault)
		session_refuse(session, session->fault_code,
			       session->fault_enhanced, session->fault);
	return ended;
}

/* A line that ends in LF alone gets its CR; the end is a line's end too. */
static gsize
take_piped(Session *session, const char *bytes, gsize size)
{
	const char *newline = memchr(bytes, '\n', size);
	gsize used, length = newline ? (gsize)(newline - bytes) : size;
	gboolean has_cr =
		length ? bytes[length - 1] == '\r' : session->after_cr;

	if (length > 0)
		take(session, bytes, length, &used);
	session->after_cr = !newline && has_cr;
	if (!newline)
		return size;
	if (take(session, has_cr ? "\n" : "\r\n", has_cr ? 1 : 2, &used))
		end_data(session);
	return length + 1;
}

gsize
session_feed_data(Session *session, const char *bytes, gsize size)
{
	gsize used;

	if (session->config.piped)
		return take_piped(session, bytes, size);
	if (take(session, bytes, size, &used)) {
		session->unread = size - used;
		end_data(session);
	}
	return used;
}
