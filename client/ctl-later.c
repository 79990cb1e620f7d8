// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * When a message leaves: now, later, or not yet; and taking it back. Times
 * are read here, in the time zone of who types them.
 */
#include <stdio.h>
#include <string.h>

#include "client/ctl.h"
#include "common/text.h"
#include "common/when.h"

/* The option @name as a time, as @key of Act; FALSE: a slip. */
static gboolean
put_time(Ctl *ctl, GVariantDict *options, const char *name, const char *key,
	 GError **error)
{
	const char *text = ctl_option(ctl, name);
	gint64 when;

	if (!text)
		return TRUE;
	if (!when_parse(text, ctl->now, &when))
		return ctl_fail(error, EX_USAGE,
				_("“%s” is no time such as %s"), text,
				WHEN_EXAMPLES);
	g_variant_dict_insert(options, key, "x", when);
	return TRUE;
}

gboolean
ctl_hold(Ctl *ctl, GError **error)
{
	g_auto(GVariantDict) options = G_VARIANT_DICT_INIT(NULL);

	if (ctl_option(ctl, "for") && ctl_option(ctl, "until"))
		return ctl_fail(error, EX_USAGE,
				_("only one of --for and --until"));
	if (!put_time(ctl, &options, "for", "until", error) ||
	    !put_time(ctl, &options, "until", "until", error))
		return FALSE;
	if (ctl_option(ctl, "reason"))
		g_variant_dict_insert(&options, "reason", "s",
				      ctl_option(ctl, "reason"));
	return ctl_act_on(ctl, "hold", ctl->arguments, &options, _("held"),
			  error);
}

gboolean
ctl_later(Ctl *ctl, GError **error)
{
	g_auto(GVariantDict) options = G_VARIANT_DICT_INIT(NULL);

	if (!ctl_option(ctl, "at"))
		return ctl_fail(error, EX_USAGE, _("say when: --at TIME"));
	if (!put_time(ctl, &options, "at", "at", error))
		return FALSE;
	return ctl_act_on(ctl, "later", ctl->arguments, &options,
			  _("to be sent later"), error);
}

gboolean
ctl_undo(Ctl *ctl, GError **error)
{
	g_auto(GVariantDict) options = G_VARIANT_DICT_INIT(NULL);

	return ctl_act_on(ctl, "undo", ctl->arguments, &options,
			  _("taken back and held"), error);
}

/* to:"TEXT" of the filter language, whose quotes have no escapes. */
static gboolean
add_word(Ctl *ctl, GString *filter, const char *option, const char *key,
	 GError **error)
{
	const char *text = ctl_option(ctl, option);

	if (!text)
		return TRUE;
	if (strchr(text, '"'))
		return ctl_fail(error, EX_USAGE,
				_("“%s” must not hold double quotes"), text);
	g_string_append_printf(filter, "%s%s:\"%s\"", filter->len ? " " : "",
			       key, text);
	return TRUE;
}

gboolean
ctl_flush(Ctl *ctl, GError **error)
{
	g_auto(GVariantDict) options = G_VARIANT_DICT_INIT(NULL);
	g_autoptr(GString) filter = g_string_new(NULL);

	if (!add_word(ctl, filter, "to", "to", error) ||
	    !add_word(ctl, filter, "sender", "from", error))
		return FALSE;
	if (filter->len)
		g_variant_dict_insert(&options, "filter", "s", filter->str);
	if (ctl_option(ctl, "route"))
		g_variant_dict_insert(&options, "route", "s",
				      ctl_option(ctl, "route"));
	return ctl_act_on(ctl, "retry", ctl->arguments, &options,
			  _("marked to go now"), error);
}

static void
print_window(GVariant *window)
{
	gint64 seconds = ctl_number(window, "seconds");
	g_autofree char *span = text_age(seconds);

	if (!seconds)
		puts(_("Your mail leaves at once."));
	else
		printf(_("Your mail waits %s, in which masqctl undo takes it "
			 "back.\n"),
		       span);
	if (ctl_boolean(window, "own"))
		puts(_("You chose so; “default” follows the machine again."));
}

gboolean
ctl_undo_window(Ctl *ctl, GError **error)
{
	g_auto(GVariantDict) options = G_VARIANT_DICT_INIT(NULL);
	const char *text = ctl->arguments[0];
	g_autoptr(GVariant) window = NULL;
	gint64 seconds = 0;

	if (text && g_str_equal(text, "default"))
		seconds = -1;
	else if (text && !g_str_equal(text, "off") &&
		 !text_parse_duration(text, &seconds))
		return ctl_fail(error, EX_USAGE,
				_("“%s” is no duration such as 10s or 2m, nor "
				  "off or default"),
				text);
	if (text)
		g_variant_dict_insert(&options, "seconds", "x", seconds);
	window = ctl_call(ctl, "UndoWindow",
			  g_variant_new("(@a{sv})",
					g_variant_dict_end(&options)),
			  error);
	if (!window)
		return FALSE;
	if (ctl->json)
		ctl_print_json(window);
	else
		print_window(window);
	return TRUE;
}
