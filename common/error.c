// SPDX-License-Identifier: GPL-2.0-or-later
#include "common/error.h"

#include <errno.h>

G_DEFINE_QUARK(masqmail-system-error, error_system)

static void
set_errno(GError **error, int code, const char *format, va_list arguments)
{
	g_autofree char *what = g_strdup_vprintf(format, arguments);

	g_set_error(error, SYSTEM_ERROR, code, "%s: %s", what,
		    g_strerror(code));
}

gboolean
error_set_errno(GError **error, const char *format, ...)
{
	int code = errno;
	va_list arguments;

	va_start(arguments, format);
	set_errno(error, code, format, arguments);
	va_end(arguments);
	return FALSE;
}

void *
error_null_errno(GError **error, const char *format, ...)
{
	int code = errno;
	va_list arguments;

	va_start(arguments, format);
	set_errno(error, code, format, arguments);
	va_end(arguments);
	return NULL;
}

gboolean
error_is_missing(const GError *error)
{
	return g_error_matches(error, SYSTEM_ERROR, ENOENT);
}
