// SPDX-License-Identifier: GPL-2.0-or-later
#include "common/log.h"

#include <stdio.h>
#include <unistd.h>

#include "common/text.h"

static void
write_line(GLogLevelFlags level, const char *priority, const char *event,
	   const char *id, const char *text)
{
	const char *program = g_get_prgname();
	g_autofree char *line = g_strdup_printf(
		"%s: %s%s%s%s%s", program, event, *id ? " id=" : "", id,
		*text ? " " : "", text);
	const GLogField fields[] = {
		{ "MESSAGE", line, -1 },
		{ "PRIORITY", priority, -1 },
		{ "SYSLOG_IDENTIFIER", program, -1 },
		{ "MASQMAIL_EVENT", event, -1 },
		{ "MASQMAIL_QID", id, -1 },
	};

	if (g_log_writer_is_journald(STDERR_FILENO) &&
	    g_log_writer_journald(level, fields, G_N_ELEMENTS(fields),
				  NULL) == G_LOG_WRITER_HANDLED)
		return;
	fprintf(stderr, "%s\n", line);
}

static void
log_line(GLogLevelFlags level, const char *priority, const char *event,
	 guint64 id, const char *format, va_list arguments)
{
	g_autofree char *raw = g_strdup_vprintf(format, arguments);
	g_autofree char *text = text_harmless(raw);
	char buffer[TEXT_ID_SIZE];

	write_line(level, priority, event, id ? text_id(id, buffer) : "",
		   text);
}

void
log_event(const char *event, guint64 id, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_line(G_LOG_LEVEL_MESSAGE, "6", event, id, format, arguments);
	va_end(arguments);
}

void
log_problem(const char *event, guint64 id, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_line(G_LOG_LEVEL_WARNING, "4", event, id, format, arguments);
	va_end(arguments);
}
