// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Profiles, fingerprints and choices as values: made, freed, told.
 */
#include "daemon/engine/profile.h"

#include <string.h>

static void
condition_free(gpointer data)
{
	Condition *condition = data;

	g_ptr_array_unref(condition->values);
	g_free(condition);
}

void
fingerprint_free(Fingerprint *fingerprint)
{
	if (!fingerprint)
		return;
	g_free(fingerprint->name);
	g_ptr_array_unref(fingerprint->conditions);
	g_free(fingerprint);
}

gboolean
fingerprint_has(const Fingerprint *fingerprint, ConditionKind kind)
{
	for (guint i = 0; i < fingerprint->conditions->len; i++) {
		const Condition *condition =
			fingerprint->conditions->pdata[i];

		if (condition->kind == kind)
			return TRUE;
	}
	return FALSE;
}

Profile *
profile_new(const char *name)
{
	Profile *profile = g_new0(Profile, 1);

	profile->name = g_strdup(name);
	profile->routes = g_new0(char *, 1);
	profile->fingerprints =
		g_ptr_array_new_with_free_func(
			(GDestroyNotify)fingerprint_free);
	return profile;
}

void
profile_free(Profile *profile)
{
	if (!profile)
		return;
	g_free(profile->name);
	g_strfreev(profile->routes);
	g_ptr_array_unref(profile->fingerprints);
	g_free(profile->error);
	g_free(profile);
}

Fingerprint *
fingerprint_new(const char *name, gboolean any)
{
	Fingerprint *fingerprint = g_new0(Fingerprint, 1);

	fingerprint->name = g_strdup(name);
	fingerprint->any = any;
	fingerprint->conditions =
		g_ptr_array_new_with_free_func(condition_free);
	return fingerprint;
}

Fingerprint *
profile_add_fingerprint(Profile *profile, const char *name, gboolean any)
{
	Fingerprint *fingerprint;

	if (profile->fingerprints->len == PROFILE_MAX_FINGERPRINTS)
		return NULL;
	fingerprint = fingerprint_new(name, any);
	g_ptr_array_add(profile->fingerprints, fingerprint);
	return fingerprint;
}

const Candidate *
profile_choice_fingerprint(const ProfileChoice *choice, const char *profile,
			   const char *fingerprint, gboolean learned)
{
	for (guint i = 0; i < choice->candidates->len; i++) {
		const Candidate *candidate = choice->candidates->pdata[i];

		if (candidate->learned == learned && !candidate->fallback &&
		    g_str_equal(candidate->profile->name, profile) &&
		    g_str_equal(candidate->fingerprint, fingerprint))
			return candidate;
	}
	return NULL;
}

static GVariant *
candidate_to_variant(const Candidate *candidate)
{
	GVariantBuilder conditions;
	GVariantDict dict;

	g_variant_builder_init(&conditions, G_VARIANT_TYPE("a(sbi)"));
	for (guint i = 0; i < candidate->conditions->len; i++) {
		const ConditionResult *each = candidate->conditions->pdata[i];

		g_variant_builder_add(&conditions, "(sbi)", each->words,
				      each->matched, (int)each->weight);
	}
	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "profile", "s",
			      candidate->profile->name);
	g_variant_dict_insert(&dict, "fingerprint", "s",
			      candidate->fingerprint);
	g_variant_dict_insert(&dict, "learned", "b", candidate->learned);
	g_variant_dict_insert(&dict, "matched", "b", candidate->matched);
	g_variant_dict_insert(&dict, "score", "i", (int)candidate->score);
	g_variant_dict_insert_value(&dict, "conditions",
				    g_variant_builder_end(&conditions));
	return g_variant_dict_end(&dict);
}

void
profile_choice_add_to(const ProfileChoice *choice, GVariantDict *dict)
{
	GVariantBuilder candidates;
	gsize bytes = 0;

	g_variant_builder_init(&candidates, G_VARIANT_TYPE("aa{sv}"));
	for (guint i = 0; i < choice->candidates->len; i++) {
		g_autoptr(GVariant) row =
			g_variant_ref_sink(candidate_to_variant(
				choice->candidates->pdata[i]));

		bytes += g_variant_get_size(row);
		if (bytes > PROFILE_TOLD_BYTES)
			break;
		g_variant_builder_add_value(&candidates, row);
	}
	g_variant_dict_insert_value(dict, "candidates",
				    g_variant_builder_end(&candidates));
	g_variant_dict_insert(dict, "chosen", "s", choice->profile);
	g_variant_dict_insert_value(
		dict, "why",
		g_variant_new_strv((const char *const *)choice->why->pdata,
				   choice->why->len));
}
