// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/profile.h"

#include <string.h>

#include "daemon/engine/profile-match.h"

const Profile *
profile_find(GPtrArray *profiles, const char *name)
{
	for (guint i = 0; i < profiles->len; i++) {
		const Profile *profile = profiles->pdata[i];

		if (g_str_equal(profile->name, name))
			return profile;
	}
	return NULL;
}

/* One step of the rule: positive when @one goes before @other. */
typedef struct {
	int order;
	ChosenBy by;
} Verdict;

static int
order_of(gint64 one, gint64 other)
{
	return (one > other) - (one < other);
}

static int
last_order(const Candidate *one, const Candidate *other, const char *last)
{
	if (!last)
		return 0;
	return (int)g_str_equal(one->profile->name, last) -
	       (int)g_str_equal(other->profile->name, last);
}

/* The rule for ties, from top to bottom. */
static Verdict
compare(const Candidate *one, const Candidate *other, const char *last)
{
	const Verdict steps[] = {
		{ one->matched - other->matched, CHOSEN_ONLY },
		{ other->fallback - one->fallback, CHOSEN_ONLY },
		{ order_of(one->profile->priority, other->profile->priority),
		  CHOSEN_PRIORITY },
		{ order_of(one->score, other->score), CHOSEN_SCORE },
		{ order_of(other->metric, one->metric), CHOSEN_METRIC },
		{ last_order(one, other, last), CHOSEN_LAST },
		{ -strcmp(one->profile->name, other->profile->name),
		  CHOSEN_NAME },
	};

	for (guint i = 0; i < G_N_ELEMENTS(steps); i++)
		if (steps[i].order != 0)
			return steps[i];
	return (Verdict){ 0, CHOSEN_NAME };
}

static int
compare_for_sort(gconstpointer a, gconstpointer b, gpointer last)
{
	const Candidate *const *one = a;
	const Candidate *const *other = b;

	return -compare(*one, *other, last).order;
}

/* A learned network of a profile that is not there any more fits nobody. */
static void
add_known(GPtrArray *candidates, const ProfileInput *input)
{
	for (guint i = 0; input->known && i < input->known->len; i++) {
		const KnownNetwork *known = input->known->pdata[i];
		const Profile *profile =
			profile_find(input->profiles, known->profile);
		Candidate *candidate;

		if (!profile || profile->error)
			continue;
		candidate = profile_match(profile, known->fingerprint,
					  input->network);
		candidate->learned = TRUE;
		g_ptr_array_add(candidates, candidate);
	}
}

static GPtrArray *
find_candidates(const ProfileInput *input)
{
	GPtrArray *candidates = g_ptr_array_new_with_free_func(
		(GDestroyNotify)candidate_free);

	for (guint i = 0; i < input->profiles->len; i++) {
		const Profile *profile = input->profiles->pdata[i];

		if (profile->error)
			continue;
		for (guint j = 0; j < profile->fingerprints->len; j++)
			g_ptr_array_add(
				candidates,
				profile_match(profile,
					      profile->fingerprints->pdata[j],
					      input->network));
		if (g_str_equal(profile->name, PROFILE_DEFAULT))
			g_ptr_array_add(candidates,
					profile_match_fallback(
						profile, input->network));
	}
	add_known(candidates, input);
	g_ptr_array_sort_with_data(candidates, compare_for_sort,
				   (gpointer)input->last_chosen);
	return candidates;
}

const Candidate *
profile_choice_candidate(const ProfileChoice *choice, const char *profile)
{
	for (guint i = 0; i < choice->candidates->len; i++) {
		const Candidate *candidate = choice->candidates->pdata[i];

		if (g_str_equal(candidate->profile->name, profile))
			return candidate;
	}
	return NULL;
}

/* The best candidate of another profile that matches too. */
static const Candidate *
find_rival(const ProfileChoice *choice, const Candidate *winner)
{
	for (guint i = 0; i < choice->candidates->len; i++) {
		const Candidate *candidate = choice->candidates->pdata[i];

		if (candidate->profile != winner->profile)
			return candidate->matched && !candidate->fallback ?
				candidate : NULL;
	}
	return NULL;
}

static G_GNUC_PRINTF(2, 3) void
say(ProfileChoice *choice, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_ptr_array_add(choice->why, g_strdup_vprintf(format, arguments));
	va_end(arguments);
}

static void
say_tie(ProfileChoice *choice, const Candidate *winner,
	const Candidate *rival, ChosenBy by)
{
	const char *name = winner->profile->name;
	const char *other = rival->profile->name;

	if (by == CHOSEN_PRIORITY)
		say(choice, "\"%s\" and \"%s\" both match; \"%s\" has the "
		    "higher Priority, %d against %d.", name, other, name,
		    winner->profile->priority, rival->profile->priority);
	else if (by == CHOSEN_SCORE)
		say(choice, "\"%s\" and \"%s\" both match; \"%s\" fits "
		    "better, score %u against %u.", name, other, name,
		    winner->score, rival->score);
	else if (by == CHOSEN_METRIC)
		say(choice, "\"%s\" and \"%s\" fit equally well (score %u); "
		    "the link of \"%s\" is the preferred way out.", name,
		    other, winner->score, name);
	else if (by == CHOSEN_LAST)
		say(choice, "\"%s\" and \"%s\" fit equally well (score %u); "
		    "\"%s\" was the last one chosen by hand.", name, other,
		    winner->score, name);
	else
		say(choice, "\"%s\" and \"%s\" fit equally well (score %u); "
		    "\"%s\" comes first by name.", name, other,
		    winner->score, name);
}

/* Take what the network says, no pin considered. */
static void
choose_by_network(ProfileChoice *choice, const ProfileInput *input)
{
	const Candidate *winner =
		choice->candidates->len ? choice->candidates->pdata[0] : NULL;
	const Candidate *rival;

	if (!network_state_has_address(input->network) || !winner ||
	    !winner->matched) {
		choice->by = CHOSEN_OFFLINE;
		return;
	}
	choice->active = winner->profile;
	if (winner->fallback) {
		choice->by = CHOSEN_FALLBACK;
		return;
	}
	rival = find_rival(choice, winner);
	choice->by = rival ? compare(winner, rival, input->last_chosen).by :
			     CHOSEN_ONLY;
	if (rival)
		say_tie(choice, winner, rival, choice->by);
	else
		say(choice, "Only \"%s\" matches here, score %u.",
		    winner->profile->name, winner->score);
}

static void
say_offline(ProfileChoice *choice, const ProfileInput *input)
{
	if (choice->by == CHOSEN_FALLBACK)
		say(choice, "No known network matches here, so the profile "
		    "\"" PROFILE_DEFAULT "\" applies.");
	else if (choice->by != CHOSEN_OFFLINE)
		return;
	else if (!network_state_has_address(input->network))
		say(choice, "There is no network; mail for elsewhere waits.");
	else if (!network_state_usable(input->network))
		say(choice, "There is a network, but no way beyond it; mail "
		    "for elsewhere waits.");
	else
		say(choice, "There is a network, but no profile matches it "
		    "and there is no profile \"" PROFILE_DEFAULT "\"; mail "
		    "for elsewhere waits.");
}

/*
 * The profile @name, which @who named; FALSE, and it is said, when there is
 * none to take.
 */
static gboolean
find_named(ProfileChoice *choice, const ProfileInput *input,
	   const char *name, const char *who, const Profile **ret_profile)
{
	const Profile *named = profile_find(input->profiles, name);

	*ret_profile = NULL;
	if (g_str_equal(name, PROFILE_OFFLINE))
		return TRUE;
	if (named && !named->error) {
		*ret_profile = named;
		return TRUE;
	}
	say(choice, "The profile \"%s\" was chosen by %s, but %s.", name, who,
	    named ? "its file is broken" : "there is no such profile");
	return FALSE;
}

/* What a script, a file, a command or an mserver says, before any sign. */
static void
apply_word(ProfileChoice *choice, const ProfileInput *input)
{
	const Profile *named;

	if (!input->said ||
	    !find_named(choice, input, input->said, input->said_by, &named))
		return;
	g_ptr_array_set_size(choice->why, 0);
	if (named)
		say(choice, "\"%s\" applies because %s says so; the network "
		    "here looks like \"%s\".", named->name, input->said_by,
		    choice->seen);
	else
		say(choice, "This machine is offline because %s says so; mail "
		    "for elsewhere waits.", input->said_by);
	choice->active = named;
	choice->by = CHOSEN_SAID;
}

static void
apply_pin(ProfileChoice *choice, const ProfileInput *input)
{
	const Profile *pinned;

	if (!input->pin ||
	    !find_named(choice, input, input->pin, "hand", &pinned))
		return;
	g_ptr_array_set_size(choice->why, 0);
	say(choice, "\"%s\" was chosen by hand; the network here looks like "
	    "\"%s\".", input->pin, choice->seen);
	choice->active = pinned;
	choice->by = CHOSEN_PIN;
}

/* Whether what is said on this link stays between us and its owner. */
static gboolean
link_deserves_trust(const NetLink *link)
{
	switch (link->type) {
	case LINK_WIRED:
	case LINK_VPN:
		return TRUE;
	case LINK_WIFI:
		return wifi_security_has_key(link->wifi.security);
	case LINK_OTHER:
	case LINK_TUNNEL:
	case LINK_LOOPBACK:
		return FALSE;
	}
	return FALSE;
}

/* The link by which the active profile's mail leaves. */
static const NetLink *
way_out(const ProfileInput *input, const Candidate *candidate)
{
	const NetRoute *route = network_state_default(input->network);

	if (!route)
		return candidate ? network_state_link(input->network,
						      candidate->link) : NULL;
	return network_state_link(input->network, route->link);
}

/* Whether there is a place that is meant to be recognised as @profile's. */
static gboolean
has_signs(const ProfileChoice *choice, const Profile *profile)
{
	for (guint i = 0; i < choice->candidates->len; i++) {
		const Candidate *candidate = choice->candidates->pdata[i];

		if (candidate->profile == profile && !candidate->fallback)
			return TRUE;
	}
	return FALSE;
}

/*
 * Trust=yes is believed where the place itself was recognised, or when the
 * profile is meant for everywhere; a pin alone makes no place trustworthy.
 */
static void
judge_trust(ProfileChoice *choice, const ProfileInput *input,
	    const Candidate *candidate)
{
	const NetLink *link = way_out(input, candidate);

	if (!choice->active->trust)
		return;
	if (!link || !link_deserves_trust(link))
		say(choice, "Trust=yes of \"%s\" does not count on this "
		    "link: it is neither a wire nor a Wi-Fi with a key.",
		    choice->profile);
	else if (has_signs(choice, choice->active) &&
		 !(candidate && candidate->matched && !candidate->fallback))
		say(choice, "Trust=yes of \"%s\" does not count here: the "
		    "place was not recognised.", choice->profile);
	else
		choice->trusted = TRUE;
}

/* By hand or by somebody's word: no sign changes it. */
static gboolean
is_given(const ProfileChoice *choice)
{
	return choice->by == CHOSEN_PIN || choice->by == CHOSEN_SAID;
}

/* Something that is still unknown could change the choice. */
static gboolean
is_awaited(const ProfileChoice *choice, const ProfileInput *input)
{
	if (is_given(choice) ||
	    !network_state_usable(input->network))
		return FALSE;
	for (guint i = 0; i < choice->candidates->len; i++) {
		const Candidate *candidate = choice->candidates->pdata[i];

		if (candidate->possible)
			return TRUE;
	}
	return FALSE;
}

static gboolean
is_complete(const ProfileChoice *choice, const ProfileInput *input)
{
	if (!network_state_usable(input->network) || !choice->active)
		return FALSE;
	return is_given(choice) ||
	       (choice->by != CHOSEN_FALLBACK && !choice->awaited);
}

static void
judge_active(ProfileChoice *choice, const ProfileInput *input)
{
	const Candidate *candidate =
		profile_choice_candidate(choice, choice->active->name);
	gboolean recognised =
		candidate && candidate->matched && !candidate->fallback;

	if (recognised) {
		choice->usable = network_state_has_address(input->network);
		choice->score = candidate->score;
		choice->strength = candidate->strength;
		choice->fingerprint = g_strdup(candidate->fingerprint);
	}
	judge_trust(choice, input, candidate);
}

/*
 * Who keeps everything here by hand does not make the place another: its
 * LAN is as trusted as before.
 */
static void
judge_seen(ProfileChoice *choice, const ProfileInput *input)
{
	const Profile *seen = profile_find(input->profiles, choice->seen);
	const Candidate *candidate =
		profile_choice_candidate(choice, choice->seen);
	const NetLink *link = way_out(input, candidate);

	if (!seen || !seen->trust || !candidate || !candidate->matched ||
	    candidate->fallback || !link || !link_deserves_trust(link))
		return;
	choice->trusted = TRUE;
	choice->strength = candidate->strength;
}

ProfileChoice *
profile_choose(const ProfileInput *input)
{
	ProfileChoice *choice = g_new0(ProfileChoice, 1);

	choice->why = g_ptr_array_new_with_free_func(g_free);
	choice->candidates = find_candidates(input);
	choose_by_network(choice, input);
	say_offline(choice, input);
	choice->seen = g_strdup(choice->active ? choice->active->name :
						 PROFILE_OFFLINE);
	apply_word(choice, input);
	apply_pin(choice, input);
	choice->profile = g_strdup(choice->active ? choice->active->name :
						    PROFILE_OFFLINE);
	choice->usable = network_state_usable(input->network);
	/* Who says that we are online knows of ways that we do not see. */
	if (choice->by == CHOSEN_SAID && choice->active)
		choice->usable = network_state_has_address(input->network);
	if (choice->active)
		judge_active(choice, input);
	else
		judge_seen(choice, input);
	if (!choice->fingerprint)
		choice->fingerprint = g_strdup("");
	choice->awaited = is_awaited(choice, input);
	choice->complete = is_complete(choice, input);
	return choice;
}

void
profile_choice_free(ProfileChoice *choice)
{
	if (!choice)
		return;
	g_free(choice->profile);
	g_free(choice->fingerprint);
	g_free(choice->seen);
	g_ptr_array_unref(choice->candidates);
	g_ptr_array_unref(choice->why);
	g_free(choice);
}
