// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker/sasl-oauth.h"

#include <string.h>

/* RFC 5801: in the name of an authorisation identity. */
static void
append_saslname(GString *text, const char *name)
{
	for (; *name; name++)
		if (*name == ',')
			g_string_append(text, "=2C");
		else if (*name == '=')
			g_string_append(text, "=3D");
		else
			g_string_append_c(text, *name);
}

static char *
encode_and_wipe(GString *text)
{
	char *line = g_base64_encode((const guchar *)text->str, text->len);

	explicit_bzero(text->str, text->len);
	g_string_free(text, TRUE);
	return line;
}

char *
sasl_oauth_bearer(const SaslLogin *login)
{
	GString *text = g_string_sized_new(strlen(login->secret) + 512);

	g_string_append(text, "n,a=");
	append_saslname(text, login->user);
	g_string_append_printf(text, ",\001host=%s\001port=%u\001auth=Bearer ",
			       login->host, login->port);
	g_string_append(text, login->secret);
	g_string_append(text, "\001\001");
	return encode_and_wipe(text);
}

char *
sasl_oauth_xoauth2(const SaslLogin *login)
{
	GString *text = g_string_sized_new(strlen(login->secret) + 512);

	g_string_append_printf(text, "user=%s\001auth=Bearer ", login->user);
	g_string_append(text, login->secret);
	g_string_append(text, "\001\001");
	return encode_and_wipe(text);
}

char *
sasl_oauth_bearer_yield(void)
{
	return g_base64_encode((const guchar *)"\001", 1);
}
