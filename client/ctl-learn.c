// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * learn, forget and rename: the networks that were shown to the daemon.
 */
#include <stdio.h>

#include "client/ctl-table.h"
#include "client/ctl.h"

static void
print_paragraph(Ctl *ctl, const char *text, guint indent)
{
	g_autoptr(GString) out = g_string_new(NULL);

	table_wrap(out, text, indent, ctl->width);
	fputs(out->str, stdout);
}

/* "Ssid,Gateway": as people type a list. */
static GVariant *
sign_keys(const char *text)
{
	g_auto(GStrv) keys = g_strsplit_set(text, ",; ", -1);
	GVariantBuilder builder;

	g_variant_builder_init(&builder, G_VARIANT_TYPE_STRING_ARRAY);
	for (char **key = keys; *key; key++)
		if (**key)
			g_variant_builder_add(&builder, "s", *key);
	return g_variant_builder_end(&builder);
}

static GVariant *
learn_options(Ctl *ctl)
{
	g_auto(GVariantDict) options = G_VARIANT_DICT_INIT(NULL);

	if (ctl->arguments[0])
		g_variant_dict_insert(&options, "profile", "s",
				      ctl->arguments[0]);
	if (ctl_option(ctl, "signs"))
		g_variant_dict_insert_value(
			&options, "signs",
			sign_keys(ctl_option(ctl, "signs")));
	if (ctl_option(ctl, "any"))
		g_variant_dict_insert(&options, "any", "b", TRUE);
	if (ctl_option(ctl, "try"))
		g_variant_dict_insert(&options, "try", "b", TRUE);
	return g_variant_dict_end(&options);
}

static void
print_signs(Ctl *ctl, GVariant *reply)
{
	g_autoptr(GVariant) signs = g_variant_lookup_value(
		reply, "signs", G_VARIANT_TYPE("a(ssbus)"));

	for (gsize i = 0; signs && i < g_variant_n_children(signs); i++) {
		const char *key, *value, *note;
		g_autofree char *line = NULL;
		gboolean taken;
		guint32 weight;

		g_variant_get_child(signs, i, "(&s&sbu&s)", &key, &value,
				    &taken, &weight, &note);
		line = g_strdup_printf("%s %s=%s (%u; %s)", taken ? "+" : "-",
				       key, value, weight, note);
		print_paragraph(ctl, line, 2);
	}
}

static void
print_clashes(Ctl *ctl, GVariant *reply)
{
	g_autoptr(GVariant) clashes = g_variant_lookup_value(
		reply, "clashes", G_VARIANT_TYPE("as"));

	for (gsize i = 0; clashes && i < g_variant_n_children(clashes); i++) {
		const char *sentence;
		g_autofree char *line = NULL;

		g_variant_get_child(clashes, i, "&s", &sentence);
		line = g_strdup_printf(_("Careful: %s"), sentence);
		print_paragraph(ctl, line, 0);
	}
}

gboolean
ctl_learn(Ctl *ctl, GError **error)
{
	const char *as = ctl_option(ctl, "as");
	g_autoptr(GVariant) reply =
		ctl_call(ctl, "Learn",
			 g_variant_new("(s@a{sv})", as ? as : "",
				       learn_options(ctl)),
			 error);

	if (!reply)
		return FALSE;
	if (ctl->json) {
		ctl_print_json(reply);
		return TRUE;
	}
	printf(ctl_option(ctl, "try")
		       ? _("This network would be known as %s, profile %s, "
			   "score %d:\n")
		       : _("This network is known as %s now, profile %s, "
			   "score %d:\n"),
	       ctl_string(reply, "name"), ctl_string(reply, "profile"),
	       (int)ctl_number(reply, "score"));
	print_signs(ctl, reply);
	print_clashes(ctl, reply);
	return TRUE;
}

gboolean
ctl_forget(Ctl *ctl, GError **error)
{
	g_autoptr(GVariant) reply =
		ctl_call(ctl, "Forget", g_variant_new("(s)", ctl->arguments[0]),
			 error);

	if (reply && !ctl->json)
		printf(_("The network %s is forgotten.\n"), ctl->arguments[0]);
	return reply != NULL;
}

gboolean
ctl_rename(Ctl *ctl, GError **error)
{
	g_autoptr(GVariant) reply =
		ctl_call(ctl, "Rename",
			 g_variant_new("(ss)", ctl->arguments[0],
				       ctl->arguments[1]),
			 error);

	if (reply && !ctl->json)
		printf(_("The network %s is called %s now.\n"),
		       ctl->arguments[0], ctl->arguments[1]);
	return reply != NULL;
}
