// SPDX-License-Identifier: GPL-2.0-or-later
#include "common/session-submit.h"

static gboolean
call(void *user, const char *method, GVariant *body, GError **error)
{
	SessionSubmit *submit = user;
	g_autoptr(GVariant) reply =
		client_call(submit->client, method, body, error);

	return reply != NULL;
}

gboolean
session_submit_begin(void *user, const char *sender, GVariant *options,
		     GError **error)
{
	return call(user, "Submit", g_variant_new("(s@a{sv})", sender, options),
		    error);
}

gboolean
session_submit_recipient(void *user, const char *address, GVariant *options,
			 GError **error)
{
	return call(user, "Recipient",
		    g_variant_new("(s@a{sv})", address, options), error);
}

gboolean
session_submit_data(void *user, const void *bytes, gsize size, GError **error)
{
	SessionSubmit *submit = user;

	return client_send_data(submit->client, bytes, size, error);
}

char *
session_submit_commit(void *user, guint64 size, GVariant *late, GError **error)
{
	SessionSubmit *submit = user;
	g_autoptr(GVariant) told = g_variant_ref_sink(late), reply = NULL;
	char *id;

	if (g_variant_n_children(told) > 0 &&
	    !call(user, "Describe", g_variant_new("(@a{sv})", told), error))
		return NULL;
	reply = client_call(submit->client, "Commit",
			    g_variant_new("(t)", size), error);
	if (!reply)
		return NULL;
	g_variant_get(reply, "(s)", &id);
	return id;
}

gboolean
session_submit_reset(void *user, GError **error)
{
	return call(user, "Reset", g_variant_new("()"), error);
}
