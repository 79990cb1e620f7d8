// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Networks that are shown to the daemon: what is taken of a place, what it
 * is confused with, and that the file gives it back.
 */
#include "daemon/engine/known-store.h"

#include <check.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/place-fixture.h"

#define MAC "3c:a6:2f:01:51:0c"
#define WIFI "wlan0 wifi home psk 192.168.178.23/24 192.168.178.1 " MAC " 600"
#define CAFE "wlan0 wifi cafe open 192.168.1.7/24 192.168.1.1 ? 600"
#define WIRE "eth0 wired - - 10.1.0.7/16 10.1.0.1 00:00:5e:00:01:07 100"
#define ALONE "eth0 wired - - 10.1.0.7/16 - - -"

static KnownNetwork *
learn(const NetworkState *state, const char *name, const char *profile,
      const char *keys)
{
	g_autoptr(GPtrArray) signs = known_signs(state);
	g_auto(GStrv) words = keys ? g_strsplit(keys, ",", -1) : NULL;
	g_autoptr(GError) error = NULL;
	KnownNetwork *known =
		known_learn(name, profile, 1000, signs,
			    (const char *const *)words, FALSE, &error);

	if (!known)
		ck_abort_msg("%s", error->message);
	return known;
}

/* A place, and the file of it with the signs that are advised. */
static const struct {
	const char *place, *domain, *text;
} advised_rows[] = {
	{ WIFI, "fritz.box",
	  "Ssid=home\nSecurity=psk\nGateway=192.168.178.1 " MAC "\n" },
	{ WIFI, "corp.example",
	  "Ssid=home\nSecurity=psk\nGateway=192.168.178.1 " MAC "\n"
	  "Domain=corp.example\n" },
	{ CAFE, "lan",
	  "Ssid=cafe\nGateway=192.168.1.1\nSubnet=192.168.1.0/24\n"
	  "Type=wifi\n" },
	{ WIRE, "bad;domain",
	  "Gateway=10.1.0.1 00:00:5e:00:01:07\nSubnet=10.1.0.0/16\n"
	  "Type=wired\n" },
	{ ALONE, NULL, "Subnet=10.1.0.0/16\nType=wired\n" },
};

START_TEST(what_tells_a_place_is_taken)
{
	g_autoptr(NetworkState) state = place(advised_rows[_i].place);
	g_autoptr(KnownNetwork) known = NULL;
	g_autofree char *text = NULL;
	g_autofree char *wanted =
		g_strconcat("[Network]\nProfile=Home\nLearned=1000\n[Match]\n",
			    advised_rows[_i].text, NULL);

	if (advised_rows[_i].domain)
		network_state_add_domain(state, advised_rows[_i].domain);
	known = learn(state, "here", "Home", NULL);
	text = known_to_text(known);
	ck_assert_str_eq(text, wanted);
}
END_TEST

/* What was learned here fits here, and its file says the same. */
START_TEST(what_was_learned_fits)
{
	g_autoptr(NetworkState) state = place(advised_rows[_i].place);
	static const char *const files[] = { "Home", "", NULL };
	g_autoptr(GPtrArray) profiles = profiles_of(files);
	g_autoptr(GPtrArray) networks =
		g_ptr_array_new_with_free_func((GDestroyNotify)known_free);
	g_autoptr(KnownNetwork) first = learn(state, "here", "Home", NULL);
	g_autofree char *text = known_to_text(first);
	g_autoptr(Config) config =
		config_parse(CONFIG_NETWORK, text, "here", NULL);
	KnownNetwork *known = known_from_config(config, "here", NULL);
	ProfileInput input = { state, profiles, NULL, NULL, networks, NULL,
			       NULL };
	g_autoptr(ProfileChoice) choice = NULL;

	g_ptr_array_add(networks, known);
	ck_assert_uint_eq(known->fingerprint->conditions->len,
			  first->fingerprint->conditions->len);
	choice = profile_choose(&input);
	ck_assert_str_eq(choice->profile, "Home");
	ck_assert_str_eq(choice->fingerprint, "here");
	ck_assert(profile_choice_candidate(choice, "Home")->learned);
}
END_TEST

/* Names are bytes: whatever they are, the file gives them back. */
START_TEST(any_name_survives_its_file)
{
	static const char *const names[] = {
		"\\x20two blanks\\x20", "semi;colon", "back\\x5cslash",
		"#hash", "[group]", "k=v", "\\xff\\x00", "K\xc3\xa4se",
	};
	g_autoptr(NetworkState) state = place(WIFI);
	NetLink *link = &g_array_index(state->links, NetLink, 1);
	g_autoptr(KnownNetwork) known = NULL;
	g_autoptr(KnownNetwork) back = NULL;
	g_autoptr(Config) config = NULL;
	g_autofree char *text = NULL;
	const Condition *condition;
	const ConditionValue *value;

	ck_assert(net_ssid_parse(names[_i], link->wifi.ssid,
				 &link->wifi.ssid_length));
	known = learn(state, "here", "Home", "Ssid");
	text = known_to_text(known);
	config = config_parse(CONFIG_NETWORK, text, "here", NULL);
	ck_assert_ptr_nonnull(config);
	back = known_from_config(config, "here", NULL);
	ck_assert_ptr_nonnull(back);
	condition = back->fingerprint->conditions->pdata[0];
	value = condition->values->pdata[0];
	ck_assert_uint_eq(value->ssid_length, link->wifi.ssid_length);
	ck_assert_mem_eq(value->ssid, link->wifi.ssid, value->ssid_length);
}
END_TEST

START_TEST(a_learned_place_may_name_a_profile_only)
{
	static const char *const texts[] = {
		"[Network]\nProfile=Home\nTrust=yes\n[Match]\nSsid=x\n",
		"[Network]\nProfile=Home\n[Use]\nRoutes=x\n[Match]\nSsid=x\n",
		"[Network]\n[Match]\nSsid=x\n",
		"[Network]\nProfile=../x\n[Match]\nSsid=x\n",
		"[Network]\nProfile=Home\n[Match]\n",
		"[Network]\nProfile=Home\n[Match]\nGateway=x\n",
	};
	g_autoptr(GError) error = NULL;
	g_autoptr(Config) config =
		config_parse(CONFIG_NETWORK, texts[_i], "here", &error);

	if (config)
		ck_assert_ptr_null(known_from_config(config, "here", &error));
	ck_assert_ptr_nonnull(error);
}
END_TEST

START_TEST(a_sign_that_is_not_here_cannot_be_learned)
{
	g_autoptr(NetworkState) state = place(ALONE);
	g_autoptr(NetworkState) nowhere = place("");
	g_autoptr(GPtrArray) signs = known_signs(state);
	g_autoptr(GPtrArray) none = known_signs(nowhere);
	static const char *const keys[] = { "Ssid", NULL };
	static const char *const no_keys[] = { NULL };
	g_autoptr(GError) first = NULL, second = NULL, third = NULL;

	ck_assert_ptr_null(known_learn("x", "y", 0, signs, keys, FALSE,
				       &first));
	ck_assert_ptr_null(known_learn("x", "y", 0, signs, no_keys, FALSE,
				       &second));
	ck_assert_uint_eq(none->len, 0);
	ck_assert_ptr_null(known_learn("x", "y", 0, none, NULL, FALSE,
				       &third));
	ck_assert(first && second && third);
}
END_TEST

/* At this place with these profiles, signs to learn: what is warned of. */
static const struct {
	const char *place;
	Files files;
	const char *keys; /* NULL: as advised */
	const char *warning; /* NULL: none */
} clash_rows[] = {
	{ WIFI, { "Home", "" }, NULL, NULL },
	{ WIFI, { "Home", "", "Other", "[Match]\nSsid=home\n" }, NULL,
	  "profile Other fits too, with score 16 against 48." },
	{ WIFI, { "Home", "", "Other", "[Match]\nGateway=" MAC "\n" }, "Ssid",
	  "with score 32 against 16: it would win" },
	{ WIFI, { "Home", "[Match]\nSsid=home\n" }, NULL, NULL },
	{ WIFI,
	  { "Home", "", "Away", "[Match]\nSsid=home\nGateway=10.0.0.1\n" },
	  "Ssid", "also those of Away" },
	{ CAFE, { "Home", "" }, "Subnet", "say little (score 4)" },
};

START_TEST(a_clash_is_warned_of)
{
	g_autoptr(NetworkState) state = place(clash_rows[_i].place);
	g_autoptr(GPtrArray) profiles = profiles_of(clash_rows[_i].files);
	ProfileInput input = { state, profiles, NULL, NULL, NULL, NULL,
			       NULL };
	g_autoptr(KnownNetwork) known =
		learn(state, "here", "Home", clash_rows[_i].keys);
	g_autoptr(GPtrArray) clashes = known_clashes(known, &input);

	if (!clash_rows[_i].warning) {
		ck_assert_uint_eq(clashes->len, 0);
		return;
	}
	ck_assert_uint_ge(clashes->len, 1);
	if (!strstr(clashes->pdata[0], clash_rows[_i].warning))
		ck_abort_msg("%s", (char *)clashes->pdata[0]);
}
END_TEST

START_TEST(a_name_is_suggested)
{
	static const struct {
		const char *place, *domain, *name;
	} rows[] = {
		{ WIFI, NULL, "home" },
		{ WIRE, "corp.example", "corp-example" },
		{ WIRE, NULL, "wire-eth0" },
		{ "", NULL, "" },
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(NetworkState) state = place(rows[i].place);
		g_autofree char *name = NULL;

		if (rows[i].domain)
			network_state_add_domain(state, rows[i].domain);
		name = known_suggest_name(state);
		ck_assert_str_eq(name, rows[i].name);
	}
}
END_TEST

/* --- the store ------------------------------------------------------------ */

static char *state_directory;

static void
make_directory(void)
{
	state_directory = g_dir_make_tmp("test-known-XXXXXX", NULL);
	ck_assert_ptr_nonnull(state_directory);
}

static void
remove_directory(void)
{
	g_autofree char *networks =
		g_build_filename(state_directory, "networks", NULL);
	g_autoptr(GDir) dir = g_dir_open(networks, 0, NULL);
	const char *entry;

	while (dir && (entry = g_dir_read_name(dir))) {
		g_autofree char *path =
			g_build_filename(networks, entry, NULL);

		g_unlink(path);
	}
	g_rmdir(networks);
	g_rmdir(state_directory);
	g_free(state_directory);
}

START_TEST(networks_and_visits_are_kept)
{
	g_autoptr(NetworkState) state = place(WIFI);
	KnownStore *store = known_store_new(state_directory);
	g_autofree char *old = known_visit_key("Home", "first", TRUE);
	g_autofree char *key = known_visit_key("Home", "other", TRUE);
	g_autofree char *file = known_visit_key("Home", "", FALSE);

	ck_assert(known_store_add(store, learn(state, "first", "Home", NULL),
				  NULL));
	known_store_visit(store, old, TRUE, 100);
	known_store_visit(store, old, FALSE, 200);
	known_store_visit(store, file, TRUE, 300);
	ck_assert(known_store_rename(store, "first", "other", NULL));
	known_store_visit(store, key, TRUE, 400);
	known_store_free(store);
	store = known_store_new(state_directory);
	ck_assert_uint_eq(known_store_networks(store)->len, 1);
	ck_assert_ptr_nonnull(known_find(known_store_networks(store),
					 "other"));
	ck_assert_uint_eq(known_store_visits(store, key).count, 2);
	ck_assert_int_eq(known_store_visits(store, key).last, 400);
	ck_assert_uint_eq(known_store_visits(store, old).count, 0);
	ck_assert_uint_eq(known_store_visits(store, file).count, 1);
	ck_assert(known_store_forget(store, "other", NULL));
	known_store_free(store);
	store = known_store_new(state_directory);
	ck_assert_uint_eq(known_store_networks(store)->len, 0);
	ck_assert_uint_eq(known_store_visits(store, key).count, 0);
	known_store_free(store);
}
END_TEST

START_TEST(bad_names_and_too_many_are_refused)
{
	g_autoptr(NetworkState) state = place(WIFI);
	KnownStore *store = known_store_new(state_directory);
	g_autoptr(GError) slash = NULL, many = NULL, gone = NULL, twice = NULL;

	ck_assert(!known_store_add(store,
				   learn(state, "../x", "Home", NULL),
				   &slash));
	for (guint i = 0; i < KNOWN_MAX; i++) {
		g_autofree char *name = g_strdup_printf("n%u", i);

		ck_assert(known_store_add(
			store, learn(state, name, "Home", NULL), NULL));
	}
	ck_assert(!known_store_add(store, learn(state, "x", "Home", NULL),
				   &many));
	ck_assert(known_store_add(store, learn(state, "n7", "Home", NULL),
				  NULL));
	ck_assert(!known_store_forget(store, "x", &gone));
	ck_assert(!known_store_rename(store, "n1", "n2", &twice));
	ck_assert(slash && many && gone && twice);
	known_store_free(store);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("known");
	TCase *tcase = tcase_create("core");
	TCase *kept = tcase_create("kept");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tcase, what_tells_a_place_is_taken, 0,
			    G_N_ELEMENTS(advised_rows));
	tcase_add_loop_test(tcase, what_was_learned_fits, 0,
			    G_N_ELEMENTS(advised_rows));
	tcase_add_loop_test(tcase, any_name_survives_its_file, 0, 8);
	tcase_add_loop_test(tcase, a_learned_place_may_name_a_profile_only, 0,
			    6);
	tcase_add_test(tcase, a_sign_that_is_not_here_cannot_be_learned);
	tcase_add_loop_test(tcase, a_clash_is_warned_of, 0,
			    G_N_ELEMENTS(clash_rows));
	tcase_add_test(tcase, a_name_is_suggested);
	tcase_add_checked_fixture(kept, make_directory, remove_directory);
	tcase_add_test(kept, networks_and_visits_are_kept);
	tcase_add_test(kept, bad_names_and_too_many_are_refused);
	tcase_set_timeout(kept, 60);
	suite_add_tcase(suite, tcase);
	suite_add_tcase(suite, kept);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
