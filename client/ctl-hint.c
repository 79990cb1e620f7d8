// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hint, online and offline: what a script knows of the network, for the
 * daemon.
 */
#include <stdio.h>

#include "client/ctl.h"

/* What each word says. */
static const struct {
	const char *word;
	const char *connectivity; /* NULL: it is of the meter */
	gboolean metered;
} hints[] = {
	{"portal", "portal", FALSE},
	{"internet", "full", FALSE},
	{"metered", NULL, TRUE},
	{"unmetered", NULL, FALSE},
};

static gboolean
add_hint(const char *word, GVariantDict *dict)
{
	for (guint i = 0; i < G_N_ELEMENTS(hints); i++) {
		if (!g_str_equal(hints[i].word, word))
			continue;
		if (hints[i].connectivity)
			g_variant_dict_insert(dict, "connectivity", "s",
					      hints[i].connectivity);
		else
			g_variant_dict_insert(dict, "metered", "b",
					      hints[i].metered);
		return TRUE;
	}
	return FALSE;
}

gboolean
ctl_hint(Ctl *ctl, GError **error)
{
	g_auto(GVariantDict) dict = G_VARIANT_DICT_INIT(NULL);
	g_autoptr(GVariant) reply = NULL;

	if (!add_hint(ctl->arguments[0], &dict))
		return ctl_fail(error, EX_USAGE,
				_("“%s” is no hint; there are portal, "
				  "internet, metered and unmetered"),
				ctl->arguments[0]);
	if (ctl->n_arguments > 1)
		g_variant_dict_insert(&dict, "portal-at", "s",
				      ctl->arguments[1]);
	reply = ctl_call(ctl, "Hint",
			 g_variant_new("(@a{sv})",
				       g_variant_dict_end(&dict)),
			 error);
	return reply != NULL;
}

static gboolean
say_online(Ctl *ctl, const char *word, GError **error)
{
	g_autoptr(GVariant) reply = ctl_call(
		ctl, "Online", g_variant_new("(s)", word), error);

	return reply != NULL;
}

gboolean
ctl_online(Ctl *ctl, GError **error)
{
	const char *word = ctl->arguments[0];

	return say_online(ctl, g_str_equal(word, "auto") ? "" : word, error);
}

gboolean
ctl_offline(Ctl *ctl, GError **error)
{
	return say_online(ctl, "offline", error);
}
