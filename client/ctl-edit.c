// SPDX-License-Identifier: GPL-2.0-or-later
/* edit and reroute: where a message that waits shall go instead. */
#include "client/ctl.h"

#include <string.h>

#define USUAL "auto"

/* "a@b, c@d" as the strings of @name. */
static void
put_addresses(Ctl *ctl, GVariantDict *options, const char *name)
{
	const char *text = ctl_option(ctl, name);
	g_auto(GStrv) words = NULL;

	if (!text)
		return;
	words = g_strsplit(text, ",", -1);
	for (char **word = words; *word; word++)
		g_strstrip(*word);
	g_variant_dict_insert(options, name, "^as", words);
}

gboolean
ctl_edit(Ctl *ctl, GError **error)
{
	g_auto(GVariantDict) options = G_VARIANT_DICT_INIT(NULL);
	const char *sender = ctl_option(ctl, "sender");

	if (!sender && !ctl_option(ctl, "add") && !ctl_option(ctl, "remove"))
		return ctl_fail(error, EX_USAGE,
				_("say what to change: --add, --remove or "
				  "--sender"));
	put_addresses(ctl, &options, "add");
	put_addresses(ctl, &options, "remove");
	if (sender)
		g_variant_dict_insert(&options, "sender", "s",
				      g_str_equal(sender, "<>") ? ""
								: sender);
	return ctl_act_on(ctl, "edit", ctl->arguments, &options, _("edited"),
			  error);
}

/* The first word is the route; all the others are ids. */
gboolean
ctl_reroute(Ctl *ctl, GError **error)
{
	g_auto(GVariantDict) options = G_VARIANT_DICT_INIT(NULL);
	const char *to = ctl->arguments[0];
	gboolean usual = g_str_equal(to, USUAL);

	g_variant_dict_insert(&options, "to", "s", usual ? "" : to);
	return ctl_act_on(ctl, "reroute", ctl->arguments + 1, &options,
			  usual ? _("on the usual way again")
				: _("on the other route"),
			  error);
}
