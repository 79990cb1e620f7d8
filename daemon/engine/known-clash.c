// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a fresh network could be confused with. Two questions: what else
 * fits here, and at which known place would the fresh one fit as well.
 */
#include "daemon/engine/known.h"

#include <string.h>

#include "daemon/engine/profile-match.h"

#define WEAK_SCORE 12 /* up to here it could be any network */
#define MAX_CLASHES 10

static G_GNUC_PRINTF(2, 3) void
say(GPtrArray *sentences, const char *format, ...)
{
	va_list arguments;

	if (sentences->len == MAX_CLASHES)
		return;
	va_start(arguments, format);
	g_ptr_array_add(sentences, g_strdup_vprintf(format, arguments));
	va_end(arguments);
}

/* 'Home [dock]', or the learned network's own name. (transfer full) */
static char *
name_of(const Candidate *candidate)
{
	if (candidate->learned)
		return g_strdup_printf("\"%s\" (profile %s)",
				       candidate->fingerprint,
				       candidate->profile->name);
	if (!*candidate->fingerprint)
		return g_strdup_printf("profile %s", candidate->profile->name);
	return g_strdup_printf("profile %s [%s]", candidate->profile->name,
			       candidate->fingerprint);
}

static gboolean
is_itself(const KnownNetwork *fresh, const Candidate *candidate)
{
	return candidate->learned &&
	       g_str_equal(candidate->fingerprint, fresh->name);
}

/* What fits here beside it, and who would win. */
static void
say_rivals(GPtrArray *sentences, const KnownNetwork *fresh, guint score,
	   const ProfileInput *input)
{
	ProfileInput by_network = *input;
	g_autoptr(ProfileChoice) choice = NULL;

	by_network.pin = by_network.said = NULL;
	choice = profile_choose(&by_network);
	for (guint i = 0; i < choice->candidates->len; i++) {
		const Candidate *other = choice->candidates->pdata[i];
		g_autofree char *name = name_of(other);

		if (!other->matched || other->fallback ||
		    is_itself(fresh, other) ||
		    g_str_equal(other->profile->name, fresh->profile))
			continue;
		if (other->score >= score)
			say(sentences, "Here %s fits too, with score %u "
			    "against %u: it would win.", name, other->score,
			    score);
		else
			say(sentences, "Here %s fits too, with score %u "
			    "against %u.", name, other->score, score);
	}
}

static gboolean
values_meet(const Condition *one, const Condition *other)
{
	for (guint i = 0; i < one->values->len; i++) {
		const ConditionValue *value = one->values->pdata[i];

		for (guint j = 0; j < other->values->len; j++) {
			const ConditionValue *there = other->values->pdata[j];

			if (g_ascii_strcasecmp(value->text, there->text) == 0)
				return TRUE;
		}
	}
	return FALSE;
}

/* Whether every sign of @fresh is one of @other's place too. */
static gboolean
fits_at(const Fingerprint *fresh, const Fingerprint *other)
{
	for (guint i = 0; i < fresh->conditions->len; i++) {
		const Condition *condition = fresh->conditions->pdata[i];
		gboolean met = FALSE;

		for (guint j = 0; !met && j < other->conditions->len; j++) {
			const Condition *there = other->conditions->pdata[j];

			met = there->kind == condition->kind &&
			      values_meet(condition, there);
		}
		if (!met)
			return FALSE;
	}
	return TRUE;
}

static void
say_elsewhere(GPtrArray *sentences, const KnownNetwork *fresh,
	      const Fingerprint *other, const char *profile, const char *name)
{
	if (other == fresh->fingerprint ||
	    g_str_equal(profile, fresh->profile) ||
	    !fits_at(fresh->fingerprint, other))
		return;
	say(sentences, "These signs are also those of %s, profile %s: take "
	    "one more that tells the two apart.", name, profile);
}

static void
say_other_places(GPtrArray *sentences, const KnownNetwork *fresh,
		 const ProfileInput *input)
{
	for (guint i = 0; i < input->profiles->len; i++) {
		const Profile *profile = input->profiles->pdata[i];

		for (guint j = 0; j < profile->fingerprints->len; j++) {
			const Fingerprint *other =
				profile->fingerprints->pdata[j];

			say_elsewhere(sentences, fresh, other, profile->name,
				      *other->name ? other->name
						   : profile->name);
		}
	}
	for (guint i = 0; input->known && i < input->known->len; i++) {
		const KnownNetwork *known = input->known->pdata[i];

		if (!g_str_equal(known->name, fresh->name))
			say_elsewhere(sentences, fresh, known->fingerprint,
				      known->profile, known->name);
	}
}

GPtrArray *
known_clashes(const KnownNetwork *fresh, const ProfileInput *input)
{
	GPtrArray *sentences = g_ptr_array_new_with_free_func(g_free);
	const Profile *profile = profile_find(input->profiles, fresh->profile);
	g_autoptr(Profile) nobody = profile_new(fresh->profile);
	Candidate *own = profile_match(profile ? profile : nobody,
				       fresh->fingerprint, input->network);

	say_rivals(sentences, fresh, own->score, input);
	say_other_places(sentences, fresh, input);
	if (!own->matched)
		say(sentences, "These signs do not fit here.");
	else if (own->score <= WEAK_SCORE)
		say(sentences, "These signs say little (score %u): other "
		    "networks may look the same.", own->score);
	candidate_free(own);
	return sentences;
}
