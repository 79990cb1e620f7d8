// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is kept of a learned network. Its file reads as a profile's:
 *
 *	[Network]
 *	Profile=Home
 *	Learned=1763846400
 *	[Match]
 *	Gateway=10.1.0.1 3c:a6:2f:01:51:0c
 */
#include "daemon/engine/known.h"

#include <string.h>

void
known_free(KnownNetwork *known)
{
	if (!known)
		return;
	g_free(known->name);
	g_free(known->profile);
	fingerprint_free(known->fingerprint);
	g_free(known);
}

KnownNetwork *
known_find(GPtrArray *networks, const char *name)
{
	for (guint i = 0; i < networks->len; i++) {
		KnownNetwork *known = networks->pdata[i];

		if (g_str_equal(known->name, name))
			return known;
	}
	return NULL;
}

/* As GKeyFile reads it back. */
static void
append_value(GString *text, const char *value)
{
	for (; *value; value++) {
		if (*value == '\\')
			g_string_append_c(text, '\\');
		g_string_append_c(text, *value);
	}
}

static void
append_condition(GString *text, const Condition *condition)
{
	g_string_append_printf(text, "%s=", condition_key(condition->kind));
	for (guint i = 0; i < condition->values->len; i++) {
		const ConditionValue *value = condition->values->pdata[i];

		if (i)
			g_string_append_c(text, ';');
		append_value(text, value->text);
	}
	g_string_append_c(text, '\n');
}

char *
known_to_text(const KnownNetwork *known)
{
	const Fingerprint *fingerprint = known->fingerprint;
	GString *text = g_string_new(NULL);

	g_string_append_printf(text,
			       "[Network]\nProfile=%s\nLearned=%"
			       G_GINT64_FORMAT "\n[Match]\n",
			       known->profile, known->learned);
	if (fingerprint->any)
		g_string_append(text, "Mode=any\n");
	for (guint i = 0; i < fingerprint->conditions->len; i++)
		append_condition(text, fingerprint->conditions->pdata[i]);
	return g_string_free(text, FALSE);
}

KnownNetwork *
known_from_config(const Config *config, const char *name, GError **error)
{
	g_autoptr(KnownNetwork) known = g_new0(KnownNetwork, 1);
	g_autofree char *mode = config_string(config, "Match", "Mode");
	g_autofree char *learned = config_string(config, "Network", "Learned");

	known->name = g_strdup(name);
	known->profile = config_string(config, "Network", "Profile");
	known->learned = learned ? g_ascii_strtoll(learned, NULL, 10) : 0;
	known->fingerprint = fingerprint_new(name, g_str_equal(mode, "any"));
	if (!known->profile || !config_name_is_valid(known->profile)) {
		g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_VALUE,
			    "networks/%s.conf names no profile", name);
		return NULL;
	}
	if (!fingerprint_read(known->fingerprint, config, "Match", error))
		return NULL;
	if (known->fingerprint->conditions->len == 0) {
		g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_VALUE,
			    "networks/%s.conf has no sign", name);
		return NULL;
	}
	return g_steal_pointer(&known);
}
