// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/later.h"

gint64
later_time(const Message *message, const char *option)
{
	const char *text = message_option(message, option);

	return text ? g_ascii_strtoll(text, NULL, 10) : 0;
}

/* A clock set back behind its arrival would keep it for ever. */
static gint64
undo_until(const Message *message, gint64 now)
{
	gint64 until = later_time(message, LATER_UNDO);

	return until > now && now >= message->arrived ? until : 0;
}

gint64
later_not_before(const Message *message, gint64 now)
{
	gint64 later = later_time(message, LATER_OPTION);
	gint64 undo = undo_until(message, now);

	return MAX(later > now ? later : 0, undo);
}

gboolean
later_is_undoable(const Message *message, gint64 now)
{
	return undo_until(message, now) > 0 && !message->held &&
	       !message->trashed &&
	       message_count(message, RECIPIENT_WAITING) ==
		       message->recipients->len;
}

gboolean
later_is_ripe(const Message *message, gint64 now)
{
	gint64 later = later_time(message, LATER_OPTION);
	gint64 held = later_time(message, LATER_HELD);

	return (later && later <= now) ||
	       (message->held && held && held <= now);
}

gint64
later_began(const Message *message)
{
	return MAX(message->arrived, later_time(message, LATER_FRESH));
}
