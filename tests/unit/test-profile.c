// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Places and profiles as small texts, so that a row reads as a story: at
 * this place, with these profiles, that one is chosen, for that reason.
 */
#include "daemon/engine/profile.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/place-fixture.h"

#define HOME_MAC "3c:a6:2f:01:51:0c"
#define CAFE_MAC "f4:92:bf:00:77:01"
#define WORK_MAC "00:11:22:33:44:55"
#define VRRP_MAC "00:00:5e:00:01:07"

#define WIFI_HOME "wlan0 wifi home psk 192.168.178.23/24 192.168.178.1 "
#define AT_HOME WIFI_HOME HOME_MAC " 600"
#define AT_CAFE "wlan0 wifi cafe open 192.168.1.7/24 192.168.1.1 " \
		CAFE_MAC " 600"
#define DOCKED "eth0 wired - - 10.1.0.7/16 10.1.0.1 " WORK_MAC " 100"
#define VPN "tun0 vpn - - 10.99.0.2/32 - - -"

#define HOME "[Match]\nSsid=home\nGateway=" HOME_MAC "\n"
#define CAFE "[Match]\nSsid=cafe\n"
#define WORK "[Match]\nGateway=10.1.0.1 " WORK_MAC "\n"
#define ANYWHERE "[Use]\nRoutes=isp\n"

static const struct {
	const char *place;
	Files files;
	const char *chosen;
	ChosenBy by;
	guint score;
	gboolean complete;
} choice_rows[] = {
	/* No network, nobody's network, anybody's network. */
	{ "", { "home", HOME }, "offline", CHOSEN_OFFLINE, 0, FALSE },
	{ "", { "default", ANYWHERE }, "offline", CHOSEN_OFFLINE, 0, FALSE },
	{ AT_CAFE, { "home", HOME }, "offline", CHOSEN_OFFLINE, 0, FALSE },
	{ AT_CAFE, { "home", HOME, "default", ANYWHERE }, "default",
	  CHOSEN_FALLBACK, 0, FALSE },
	{ AT_HOME, { "home", HOME, "default", ANYWHERE }, "home",
	  CHOSEN_ONLY, 48, TRUE },
	{ AT_CAFE, { "cafe", CAFE }, "cafe", CHOSEN_ONLY, 12, TRUE },

	/* Each sign, and its weight. */
	{ AT_HOME, { "x", "[Match]\nSsid=home\n" }, "x", CHOSEN_ONLY, 16,
	  TRUE },
	{ AT_HOME, { "x", "[Match]\nSsid=Home\n" }, "offline",
	  CHOSEN_OFFLINE, 0, FALSE },
	{ AT_HOME, { "x", "[Match]\nGateway=" HOME_MAC "\n" }, "x",
	  CHOSEN_ONLY, 32, TRUE },
	{ AT_HOME, { "x", "[Match]\nGateway=192.168.178.1\n" }, "x",
	  CHOSEN_ONLY, 6, TRUE },
	{ AT_HOME, { "x", "[Match]\nGateway=192.168.178.1 " HOME_MAC "\n" },
	  "x", CHOSEN_ONLY, 32, TRUE },
	{ AT_HOME, { "x", "[Match]\nGateway=" HOME_MAC " 192.168.178.1\n" },
	  "x", CHOSEN_ONLY, 32, TRUE },
	{ AT_HOME, { "x", "[Match]\nGateway=192.168.178.2 " HOME_MAC "\n" },
	  "offline", CHOSEN_OFFLINE, 0, FALSE },
	{ AT_HOME, { "x", "[Match]\nGateway=192.168.178.1 " CAFE_MAC "\n" },
	  "offline", CHOSEN_OFFLINE, 0, FALSE },
	{ AT_HOME, { "x", "[Match]\nGateway=" CAFE_MAC ";" HOME_MAC "\n" },
	  "x", CHOSEN_ONLY, 32, TRUE },
	{ "eth0 wired - - 10.1.0.7/16 10.1.0.1 " VRRP_MAC " 100",
	  { "x", "[Match]\nGateway=" VRRP_MAC "\n" }, "x", CHOSEN_ONLY, 12,
	  TRUE },
	{ AT_HOME, { "x", "[Match]\nSubnet=192.168.0.0/16\n" }, "x",
	  CHOSEN_ONLY, 4, TRUE },
	{ AT_HOME, { "x", "[Match]\nSubnet=10.0.0.0/8\n" }, "offline",
	  CHOSEN_OFFLINE, 0, FALSE },
	{ AT_HOME, { "x", "[Match]\nType=wifi\n" }, "x", CHOSEN_ONLY, 2,
	  TRUE },
	{ AT_HOME, { "x", "[Match]\nType=wired\n" }, "offline",
	  CHOSEN_OFFLINE, 0, FALSE },
	{ AT_HOME, { "x", "[Match]\nInterface=eth0;wl*\n" }, "x",
	  CHOSEN_ONLY, 2, TRUE },
	{ AT_HOME "; " VPN, { "x", "[Match]\nVpn=tun*\n" }, "x", CHOSEN_ONLY,
	  64, TRUE },
	{ AT_HOME, { "x", "[Match]\nVpn=wl*\n" }, "offline", CHOSEN_OFFLINE,
	  0, FALSE },
	{ AT_HOME, { "x", "[Match]\nBssid=02:00:00:00:00:01\n" }, "x",
	  CHOSEN_ONLY, 8, TRUE },
	{ AT_HOME, { "x", "[Match]\nBssid=02:00:00:00:00:02\n" }, "offline",
	  CHOSEN_OFFLINE, 0, FALSE },
	{ AT_HOME, { "x", "[Match]\nSsid=home\nBssid=02:00:00:00:00:01\n" },
	  "x", CHOSEN_ONLY, 24, TRUE },
	{ AT_HOME, { "x", "[Match]\nSsid=home\nBssid=02:00:00:00:00:02\n" },
	  "x", CHOSEN_ONLY, 16, TRUE },
	{ AT_HOME, { "x", "[Match]\nSsid=home\nSecurity=psk\n" }, "x",
	  CHOSEN_ONLY, 16, TRUE },
	{ AT_HOME, { "x", "[Match]\nSsid=home\nSecurity=sae\n" }, "offline",
	  CHOSEN_OFFLINE, 0, FALSE },

	/* The same name with another gateway is another place. */
	{ WIFI_HOME CAFE_MAC " 600", { "home", HOME }, "offline",
	  CHOSEN_OFFLINE, 0, FALSE },
	/* Not known yet, or nobody answered: no match, and no hurry. */
	{ WIFI_HOME "? 600", { "home", HOME, "x", CAFE }, "offline",
	  CHOSEN_OFFLINE, 0, FALSE },
	{ WIFI_HOME "? 600",
	  { "home", HOME, "any", "[Match]\nSsid=home\n" }, "any",
	  CHOSEN_ONLY, 16, FALSE },
	{ WIFI_HOME "x 600",
	  { "home", HOME, "any", "[Match]\nSsid=home\n" }, "any",
	  CHOSEN_ONLY, 16, TRUE },

	/* Any or all; several fingerprints. */
	{ AT_HOME, { "x", "[Match]\nMode=any\nSsid=home\nVpn=tun0\n" }, "x",
	  CHOSEN_ONLY, 16, TRUE },
	{ AT_HOME "; " VPN,
	  { "x", "[Match]\nMode=any\nSsid=home\nVpn=tun0\n" }, "x",
	  CHOSEN_ONLY, 64, TRUE },
	{ AT_HOME, { "x", "[Match]\nMode=any\nSsid=y\nVpn=tun0\n" },
	  "offline", CHOSEN_OFFLINE, 0, FALSE },
	{ AT_CAFE, { "x", HOME "[Match b]\nSsid=cafe\n" }, "x", CHOSEN_ONLY,
	  12, TRUE },
	{ AT_CAFE, { "x", "[Match]\n" }, "offline", CHOSEN_OFFLINE, 0,
	  FALSE },
	/* Signs of two links are no place. */
	{ AT_CAFE "; " DOCKED,
	  { "x", "[Match]\nSsid=cafe\nGateway=" WORK_MAC "\n" }, "offline",
	  CHOSEN_OFFLINE, 0, FALSE },
	/* A VPN belongs to the machine, whatever the link. */
	{ AT_CAFE "; " VPN, { "x", "[Match]\nSsid=cafe\nVpn=tun0\n" }, "x",
	  CHOSEN_ONLY, 76, TRUE },

	/* Ties, from top to bottom. */
	{ AT_HOME "; " DOCKED, { "home", HOME, "work", WORK }, "home",
	  CHOSEN_SCORE, 48, TRUE },
	{ AT_HOME "; " DOCKED,
	  { "home", HOME, "work", WORK "[Use]\nPriority=1\n" }, "work",
	  CHOSEN_PRIORITY, 32, TRUE },
	{ AT_HOME "; " DOCKED,
	  { "home", "[Match]\nGateway=" HOME_MAC "\n", "work", WORK },
	  "work", CHOSEN_METRIC, 32, TRUE },
	{ AT_HOME, { "b", "[Match]\nSsid=home\n", "a", "[Match]\nSsid=home\n" },
	  "a", CHOSEN_NAME, 16, TRUE },
	{ AT_HOME,
	  { "b", "[Match]\nSsid=home\n", "last", "[Match]\nSsid=home\n" },
	  "last", CHOSEN_LAST, 16, TRUE },
	{ AT_HOME,
	  { "home", HOME, "default", ANYWHERE "Priority=9\n" }, "home",
	  CHOSEN_ONLY, 48, TRUE },
	/* The default can have places of its own. */
	{ AT_HOME, { "default", HOME ANYWHERE }, "default", CHOSEN_ONLY, 48,
	  TRUE },
	{ AT_CAFE, { "default", HOME ANYWHERE }, "default", CHOSEN_FALLBACK,
	  0, FALSE },

	/* No way out: only a place known by its signs is one. */
	{ "eth0 wired - - 10.1.0.7/16 - - -", { "default", ANYWHERE },
	  "offline", CHOSEN_OFFLINE, 0, FALSE },
	{ "eth0 wired - - 10.1.0.7/16 - - -",
	  { "lab", "[Match]\nSubnet=10.1.0.0/16\n" }, "lab", CHOSEN_ONLY, 4,
	  FALSE },
	/* A link with no address is no network. */
	{ "wlan0 wifi home psk - - - -", { "x", "[Match]\nSsid=home\n" },
	  "offline", CHOSEN_OFFLINE, 0, FALSE },
};

START_TEST(a_place_has_its_profile)
{
	g_autoptr(NetworkState) state = place(choice_rows[_i].place);
	g_autoptr(GPtrArray) profiles = profiles_of(choice_rows[_i].files);
	ProfileInput input = { state, profiles, NULL, "last" };
	g_autoptr(ProfileChoice) choice = profile_choose(&input);

	ck_assert_str_eq(choice->profile, choice_rows[_i].chosen);
	ck_assert_int_eq(choice->by, choice_rows[_i].by);
	ck_assert_uint_eq(choice->score, choice_rows[_i].score);
	ck_assert_int_eq(choice->complete, choice_rows[_i].complete);
	ck_assert_int_eq(choice->awaited,
			 strstr(choice_rows[_i].place, " ? ") != NULL);
	ck_assert_str_eq(choice->seen, choice->profile);
	ck_assert_uint_ge(choice->why->len, 1);
	ck_assert_int_eq(choice->active != NULL,
			 !g_str_equal(choice->profile, "offline"));
}
END_TEST

/* Somebody's word goes before any sign, and after a pin. */
static const struct {
	const char *place, *said, *pin, *chosen;
	ChosenBy by;
	gboolean usable, trusted;
} said_rows[] = {
	{ AT_HOME, "cafe", NULL, "cafe", CHOSEN_SAID, TRUE, FALSE },
	{ AT_HOME, "home", NULL, "home", CHOSEN_SAID, TRUE, TRUE },
	{ AT_HOME, "offline", NULL, "offline", CHOSEN_SAID, TRUE, TRUE },
	{ AT_HOME, "nobody", NULL, "home", CHOSEN_ONLY, TRUE, TRUE },
	{ AT_HOME, "offline", "cafe", "cafe", CHOSEN_PIN, TRUE, FALSE },
	{ AT_HOME, "cafe", "offline", "offline", CHOSEN_PIN, TRUE, TRUE },
	/* Who says so knows of ways that we do not see; but not without any. */
	{ "eth0 wired - - 10.1.0.7/16 - - -", "cafe", NULL, "cafe",
	  CHOSEN_SAID, TRUE, FALSE },
	{ "", "cafe", NULL, "cafe", CHOSEN_SAID, FALSE, FALSE },
};

START_TEST(a_word_is_believed_before_signs)
{
	g_autoptr(NetworkState) state = place(said_rows[_i].place);
	static const char *const files[] = {
		"home", HOME "[Use]\nTrust=yes\n", "cafe", CAFE, NULL,
	};
	g_autoptr(GPtrArray) profiles = profiles_of(files);
	ProfileInput input = {
		.network = state,
		.profiles = profiles,
		.pin = said_rows[_i].pin,
		.said = said_rows[_i].said,
		.said_by = "a test",
	};
	g_autoptr(ProfileChoice) choice = profile_choose(&input);

	ck_assert_str_eq(choice->profile, said_rows[_i].chosen);
	ck_assert_int_eq(choice->by, said_rows[_i].by);
	ck_assert_int_eq(choice->usable, said_rows[_i].usable);
	ck_assert_int_eq(choice->trusted, said_rows[_i].trusted);
}
END_TEST

static const struct {
	const char *place;
	Files files;
	const char *pin;
	const char *chosen;
	gboolean usable;
	gboolean trusted;
	guint strength;
} pin_rows[] = {
	{ AT_HOME, { "home", HOME, "cafe", CAFE }, "cafe", "cafe", TRUE,
	  FALSE, 0 },
	{ AT_HOME, { "home", HOME }, "offline", "offline", TRUE, FALSE, 0 },
	{ "", { "home", HOME }, "home", "home", FALSE, FALSE, 0 },
	{ AT_HOME, { "home", HOME }, "gone", "home", TRUE, FALSE, 32 },
	{ AT_HOME, { "home", HOME "[Use]\nTrust=yes\n" }, NULL, "home", TRUE,
	  TRUE, 32 },
	/* An open Wi-Fi deserves no trust, nor does a pin make any. */
	{ AT_CAFE, { "cafe", CAFE "[Use]\nTrust=yes\n" }, NULL, "cafe", TRUE,
	  FALSE, 12 },
	{ DOCKED, { "home", HOME "[Use]\nTrust=yes\n" }, "home", "home",
	  TRUE, FALSE, 0 },
	{ AT_HOME, { "home", HOME "[Use]\nTrust=yes\n" }, "home", "home",
	  TRUE, TRUE, 32 },
	/* A profile for everywhere may be trusted on a wire. */
	{ DOCKED, { "default", ANYWHERE "Trust=yes\n" }, NULL, "default",
	  TRUE, TRUE, 0 },
	{ AT_CAFE, { "default", ANYWHERE "Trust=yes\n" }, NULL, "default",
	  TRUE, FALSE, 0 },
	{ "eth0 wired - - 10.1.0.7/16 - - -",
	  { "lab", "[Match]\nSubnet=10.1.0.0/16\n" }, NULL, "lab", TRUE,
	  FALSE, 4 },
};

START_TEST(pins_and_trust_are_kept_apart)
{
	g_autoptr(NetworkState) state = place(pin_rows[_i].place);
	g_autoptr(GPtrArray) profiles = profiles_of(pin_rows[_i].files);
	ProfileInput input = { state, profiles, pin_rows[_i].pin, NULL };
	g_autoptr(ProfileChoice) choice = profile_choose(&input);

	ck_assert_str_eq(choice->profile, pin_rows[_i].chosen);
	ck_assert_int_eq(choice->usable, pin_rows[_i].usable);
	ck_assert_int_eq(choice->trusted, pin_rows[_i].trusted);
	ck_assert_uint_eq(choice->strength, pin_rows[_i].strength);
}
END_TEST

START_TEST(a_broken_profile_is_never_chosen)
{
	Files files = { "home", HOME };
	g_autoptr(NetworkState) state = place(AT_HOME);
	g_autoptr(GPtrArray) profiles = profiles_of(files);
	ProfileInput input = { state, profiles, "home", NULL };
	g_autoptr(ProfileChoice) choice = NULL;
	Profile *home = profiles->pdata[0];

	home->error = g_strdup("a slip");
	choice = profile_choose(&input);
	ck_assert_str_eq(choice->profile, "offline");
	ck_assert_ptr_nonnull(
		strstr(choice->why->pdata[choice->why->len - 1],
		       "its file is broken"));
}
END_TEST

START_TEST(a_domain_is_a_sign)
{
	Files files = { "x", "[Match]\nDomain=corp.example;Fritz.BOX\n" };
	g_autoptr(NetworkState) state = place(AT_HOME);
	g_autoptr(GPtrArray) profiles = profiles_of(files);
	ProfileInput input = { state, profiles, NULL, NULL };
	g_autoptr(ProfileChoice) before = profile_choose(&input);
	g_autoptr(ProfileChoice) after = NULL;

	network_state_add_domain(state, "fritz.box.");
	after = profile_choose(&input);
	ck_assert_str_eq(before->profile, "offline");
	ck_assert_str_eq(after->profile, "x");
	ck_assert_uint_eq(after->score, 8);
}
END_TEST

static const struct {
	const char *text;
	const char *complaint;
} wrong_rows[] = {
	{ "[Match]\nGateway=10.1\n", "[Match] Gateway=10.1: this should be" },
	{ "[Match b]\nGateway=10.0.0.1/8\n", "[Match b] Gateway" },
	{ "[Match]\nGateway=10.0.0.1 10.0.0.2\n", "Gateway" },
	{ "[Match]\nBssid=00:11\n", "Bssid" },
	{ "[Match]\nSubnet=10.0.0.0/64\n", "Subnet" },
	{ "[Match]\nSsid=123456789012345678901234567890123\n", "32 bytes" },
	{ "[Match]\nSsid=\n", "32 bytes" },
};

START_TEST(a_wrong_value_is_named)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Config) config = config_parse(
		CONFIG_PROFILE, wrong_rows[_i].text, "x", &error);
	g_autoptr(Profile) profile = NULL;

	ck_assert_ptr_nonnull(config);
	profile = profile_from_config(config, "x", &error);
	ck_assert_ptr_null(profile);
	ck_assert(g_error_matches(error, CONFIG_ERROR, CONFIG_ERROR_VALUE));
	ck_assert_ptr_nonnull(
		strstr(error->message, wrong_rows[_i].complaint));
}
END_TEST

START_TEST(offline_is_nobodys_name)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Config) config = config_new(CONFIG_PROFILE);

	ck_assert_ptr_null(profile_from_config(config, "offline", &error));
	ck_assert_ptr_nonnull(error);
}
END_TEST

START_TEST(an_ssid_of_bytes_can_be_named)
{
	Files files = { "x", "[Match]\nSsid=a\\\\xffb\n" };
	g_autoptr(NetworkState) state = place(AT_HOME);
	g_autoptr(GPtrArray) profiles = profiles_of(files);
	ProfileInput input = { state, profiles, NULL, NULL };
	g_autoptr(ProfileChoice) choice = NULL;
	NetLink *link = (NetLink *)network_state_link(state, 2);

	memcpy(link->wifi.ssid, "a\xff" "b\0", 4);
	link->wifi.ssid_length = 3;
	choice = profile_choose(&input);
	ck_assert_str_eq(choice->profile, "x");
}
END_TEST

START_TEST(fingerprints_are_bounded)
{
	g_autoptr(Profile) profile = profile_new("x");
	const char *const values[] = { "eth0", NULL };
	Fingerprint *fingerprint = NULL;

	for (guint i = 0; i < PROFILE_MAX_FINGERPRINTS; i++)
		fingerprint = profile_add_fingerprint(profile, "", FALSE);
	ck_assert_ptr_null(profile_add_fingerprint(profile, "", FALSE));
	for (guint i = 0; i < PROFILE_MAX_CONDITIONS; i++)
		ck_assert(fingerprint_add(fingerprint, "Interface", values,
					  NULL));
	ck_assert(!fingerprint_add(fingerprint, "Interface", values, NULL));
	ck_assert(!fingerprint_add(fingerprint, "Colour", values, NULL));
}
END_TEST

START_TEST(the_wire_hears_why)
{
	Files files = { "home", HOME, "cafe", CAFE };
	g_autoptr(NetworkState) state = place(AT_HOME);
	g_autoptr(GPtrArray) profiles = profiles_of(files);
	ProfileInput input = { state, profiles, NULL, NULL };
	g_autoptr(ProfileChoice) choice = profile_choose(&input);
	GVariantDict dict;
	g_autoptr(GVariant) all = NULL;
	g_autofree char *text = NULL;

	g_variant_dict_init(&dict, NULL);
	profile_choice_add_to(choice, &dict);
	all = g_variant_ref_sink(g_variant_dict_end(&dict));
	text = g_variant_print(all, FALSE);
	ck_assert_ptr_nonnull(strstr(
		text, "('Wi-Fi name \"home\"', true, 16)"));
	ck_assert_ptr_nonnull(strstr(
		text, "('gateway MAC " HOME_MAC "', true, 32)"));
	ck_assert_ptr_nonnull(strstr(
		text, "('Wi-Fi name \"cafe\"', false, 16)"));
	ck_assert_ptr_nonnull(strstr(text, "'chosen': <'home'>"));
	ck_assert_ptr_nonnull(strstr(
		text, "Only \"home\" matches here, score 48."));
}
END_TEST

START_TEST(a_summary_names_the_signs)
{
	Files files = { "x", HOME "[Match b]\nVpn=a;b\n", "y", "[Use]\n",
			"default", "[Use]\n" };
	g_autoptr(GPtrArray) profiles = profiles_of(files);
	g_autofree char *x = profile_summary(profiles->pdata[0]);
	g_autofree char *y = profile_summary(profiles->pdata[1]);
	g_autofree char *z = profile_summary(profiles->pdata[2]);

	ck_assert_str_eq(x, "Ssid home, Gateway " HOME_MAC "; or Vpn a...");
	ck_assert_str_eq(y, "only when chosen by hand");
	ck_assert_str_eq(z, "wherever no other profile matches");
}
END_TEST

static Suite *
make_profile_suite(void)
{
	Suite *suite = suite_create("profile");
	TCase *core = tcase_create("core");

	tcase_add_loop_test(core, a_place_has_its_profile, 0,
			    G_N_ELEMENTS(choice_rows));
	tcase_add_loop_test(core, a_word_is_believed_before_signs, 0,
			    G_N_ELEMENTS(said_rows));
	tcase_add_loop_test(core, pins_and_trust_are_kept_apart, 0,
			    G_N_ELEMENTS(pin_rows));
	tcase_add_loop_test(core, a_wrong_value_is_named, 0,
			    G_N_ELEMENTS(wrong_rows));
	tcase_add_test(core, a_broken_profile_is_never_chosen);
	tcase_add_test(core, a_domain_is_a_sign);
	tcase_add_test(core, offline_is_nobodys_name);
	tcase_add_test(core, an_ssid_of_bytes_can_be_named);
	tcase_add_test(core, fingerprints_are_bounded);
	tcase_add_test(core, the_wire_hears_why);
	tcase_add_test(core, a_summary_names_the_signs);
	suite_add_tcase(suite, core);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_profile_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
