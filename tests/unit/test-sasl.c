// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker/sasl.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* The nonce of RFC 5802's example; takes the place of the library's. */
int gsasl_nonce(char *data, size_t size);

int
gsasl_nonce(char *data, size_t size)
{
	gsize length;
	g_autofree guchar *nonce =
		g_base64_decode("fyko+d2lbbFgONRv9qkxdawL", &length);

	ck_assert_uint_le(size, length);
	memcpy(data, nonce, size);
	return 0;
}

static char *
encode(const char *text)
{
	return g_base64_encode((const guchar *)text, strlen(text));
}

static Sasl *
begin(const char *mechanism, const char *user, const char *secret)
{
	SaslLogin login = {
		.mechanism = mechanism,
		.user = user,
		.secret = secret,
		.host = "mail.example",
		.port = 587,
	};
	Sasl *sasl = sasl_new(&login, NULL);

	ck_assert_ptr_nonnull(sasl);
	return sasl;
}

static void
assert_step(Sasl *sasl, const char *challenge, const char *want)
{
	g_autofree char *encoded = challenge ? encode(challenge) : NULL;
	g_autofree char *wanted = encode(want);
	char *line = sasl_step(sasl, encoded, NULL);

	ck_assert_ptr_nonnull(line);
	ck_assert_str_eq(line, wanted);
	sasl_line_free(line);
}

/* RFC 4616 section 4, without an authorisation identity. */
START_TEST(plain_is_rfc_4616)
{
	g_autoptr(Sasl) sasl = begin("PLAIN", "tim", "tanstaaftanstaaf");
	char *line = sasl_step(sasl, NULL, NULL);

	ck_assert(sasl_speaks_first(sasl));
	ck_assert_str_eq(line, "AHRpbQB0YW5zdGFhZnRhbnN0YWFm");
	ck_assert(sasl_is_complete(sasl));
	sasl_line_free(line);
}
END_TEST

START_TEST(login_answers_twice)
{
	g_autoptr(Sasl) sasl = begin("LOGIN", "tim", "tanstaaftanstaaf");

	ck_assert(!sasl_speaks_first(sasl));
	assert_step(sasl, "Username:", "tim");
	assert_step(sasl, "Password:", "tanstaaftanstaaf");
	ck_assert(sasl_is_complete(sasl));
}
END_TEST

/* RFC 2195 section 2. */
START_TEST(cram_md5_is_rfc_2195)
{
	g_autoptr(Sasl) sasl = begin("CRAM-MD5", "tim", "tanstaaftanstaaf");

	assert_step(sasl, "<1896.697170952@postoffice.reston.mci.net>",
		    "tim b913a602c7eda7a495b4e6e7334d3890");
	ck_assert(sasl_is_complete(sasl));
}
END_TEST

#define SCRAM_FIRST "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL"
#define SCRAM_NONCE \
	"r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j"
#define SCRAM_SALT ",s=QSXCR+Q6sek8bf92,i=4096"
#define SCRAM_FINAL \
	"c=biws," SCRAM_NONCE ",p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts="

/* RFC 5802 section 5. */
START_TEST(scram_sha_1_is_rfc_5802)
{
	g_autoptr(Sasl) sasl = begin("SCRAM-SHA-1", "user", "pencil");

	assert_step(sasl, NULL, SCRAM_FIRST);
	assert_step(sasl, SCRAM_NONCE SCRAM_SALT, SCRAM_FINAL);
	ck_assert(!sasl_is_complete(sasl));
	assert_step(sasl, "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=", "");
	ck_assert(sasl_is_complete(sasl));
}
END_TEST

static const char *const lies[] = {
	"v=rmF9pqV8S7suAoZWja4dJRkFsKR=", /* another signature */
	"v=", "e=other-error", "",
};

START_TEST(a_server_without_the_password_is_found_out)
{
	g_autoptr(Sasl) sasl = begin("SCRAM-SHA-1", "user", "pencil");
	g_autofree char *lie = encode(lies[_i]);
	g_autoptr(GError) error = NULL;

	assert_step(sasl, NULL, SCRAM_FIRST);
	assert_step(sasl, SCRAM_NONCE SCRAM_SALT, SCRAM_FINAL);
	ck_assert_ptr_null(sasl_step(sasl, lie, &error));
	ck_assert(g_error_matches(error, SASL_ERROR, SASL_ERROR_SERVER));
	ck_assert(!sasl_is_complete(sasl));
}
END_TEST

START_TEST(a_nonce_of_somebody_else_is_refused)
{
	g_autoptr(Sasl) sasl = begin("SCRAM-SHA-1", "user", "pencil");
	g_autofree char *other = encode("r=other" SCRAM_SALT);
	g_autoptr(GError) error = NULL;

	assert_step(sasl, NULL, SCRAM_FIRST);
	ck_assert_ptr_null(sasl_step(sasl, other, &error));
	ck_assert(g_error_matches(error, SASL_ERROR, SASL_ERROR_SERVER));
}
END_TEST

START_TEST(a_bound_login_names_its_binding)
{
	SaslLogin login = {
		.mechanism = "SCRAM-SHA-256-PLUS",
		.user = "user",
		.secret = "pencil",
		.tls_exporter = "AAAA",
	};
	g_autoptr(Sasl) sasl = sasl_new(&login, NULL);

	assert_step(sasl, NULL,
		    "p=tls-exporter,,n=user,r=fyko+d2lbbFgONRv9qkxdawL");
}
END_TEST

/* Google's own example of XOAUTH2. */
START_TEST(xoauth2_is_googles)
{
	g_autoptr(Sasl) sasl = begin("XOAUTH2", "someuser@example.com",
				     "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEu"
				     "Y29tCg");

	ck_assert(sasl_speaks_first(sasl));
	assert_step(sasl, NULL, "user=someuser@example.com\001auth=Bearer "
		    "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg\001\001");
	ck_assert(!sasl_is_refused(sasl));
	assert_step(sasl, "{\"status\":\"401\"}", "");
	ck_assert(sasl_is_refused(sasl));
}
END_TEST

/* RFC 7628 section 4.1 and 4.3, with a name that needs quoting. */
START_TEST(oauthbearer_is_rfc_7628)
{
	g_autoptr(Sasl) sasl = begin("OAUTHBEARER", "a=b,c", "vF9dft4qmTc2");

	assert_step(sasl, NULL, "n,a=a=3Db=2Cc,\001host=mail.example\001"
		    "port=587\001auth=Bearer vF9dft4qmTc2\001\001");
	ck_assert(sasl_is_complete(sasl));
	assert_step(sasl, "{\"status\":\"invalid_token\"}", "\001");
	ck_assert(sasl_is_refused(sasl));
}
END_TEST

START_TEST(external_says_who_we_are)
{
	g_autoptr(Sasl) sasl = begin("EXTERNAL", "ada", NULL);
	g_autoptr(Sasl) silent = begin("EXTERNAL", "", NULL);

	assert_step(sasl, NULL, "ada");
	assert_step(silent, NULL, "");
	ck_assert(sasl_is_complete(sasl));
	ck_assert_int_eq(sasl_needs("EXTERNAL"), SASL_NEEDS_NOTHING);
}
END_TEST

/* RFC 2831 section 4, which is why the nonce is not ours to choose. */
START_TEST(digest_md5_names_host_and_user)
{
	g_autoptr(Sasl) sasl = begin("DIGEST-MD5", "chris", "secret");
	g_autofree char *challenge = encode(
		"realm=\"elwood.innosoft.com\",nonce=\"OA6MG9tEQGm2hh\","
		"qop=\"auth\",algorithm=md5-sess,charset=utf-8");
	char *line = sasl_step(sasl, challenge, NULL);
	g_autofree char *text = NULL;
	gsize size;

	ck_assert_ptr_nonnull(line);
	text = (char *)g_base64_decode(line, &size);
	ck_assert(g_strstr_len(text, size, "username=\"chris\""));
	ck_assert(g_strstr_len(text, size,
			       "digest-uri=\"smtp/mail.example\""));
	ck_assert(!sasl_is_complete(sasl));
	sasl_line_free(line);
}
END_TEST

static const struct {
	const char *offered;
	const char *wanted;
	SaslMeans means;
	const char *choice;
} choices[] = {
	{ "LOGIN PLAIN CRAM-MD5 SCRAM-SHA-1", "", { 0 },
	  "SCRAM-SHA-1" },
	{ "SCRAM-SHA-1 SCRAM-SHA-256", "", { .binding = TRUE },
	  "SCRAM-SHA-256" },
	{ "SCRAM-SHA-1-PLUS SCRAM-SHA-256", "", { .binding = TRUE },
	  "SCRAM-SHA-1-PLUS" },
	{ "SCRAM-SHA-1-PLUS SCRAM-SHA-256", "", { 0 },
	  "SCRAM-SHA-256" },
	{ "SCRAM-SHA-256-PLUS", "", { 0 }, NULL },
	{ "LOGIN PLAIN CRAM-MD5", "", { 0 }, "PLAIN" },
	{ "LOGIN PLAIN CRAM-MD5", "", { .clear = TRUE }, "CRAM-MD5" },
	{ "LOGIN PLAIN", "", { .clear = TRUE }, "PLAIN" },
	{ "LOGIN", "", { 0 }, "LOGIN" },
	{ "login", "", { 0 }, "LOGIN" },
	{ "LOGIN PLAIN SCRAM-SHA-256", "plain", { 0 }, "PLAIN" },
	{ "LOGIN PLAIN", "scram-sha-256 login", { 0 }, "LOGIN" },
	{ "PLAIN", "scram-sha-256", { 0 }, NULL },
	{ "PLAIN", "scram-sha-1-plus plain", { 0 }, "PLAIN" },
	{ "GSSAPI NTLM DIGEST-MD5 XOAUTH2", "", { 0 }, NULL },
	{ "", "", { 0 }, NULL },
	{ "PLAIN DIGEST-MD5", "digest-md5", { 0 }, "DIGEST-MD5" },
	{ "PLAIN GSSAPI", "gssapi", { 0 }, "GSSAPI" },
	{ "EXTERNAL PLAIN", "", { 0 }, "PLAIN" },
	{ "PLAIN EXTERNAL", "", { .certificate = TRUE }, "EXTERNAL" },
	{ "PLAIN EXTERNAL", "external", { 0 }, "EXTERNAL" },
	{ "PLAIN XOAUTH2", "", { 0 }, "PLAIN" },
	{ "PLAIN XOAUTH2", "", { .token = TRUE }, "XOAUTH2" },
	{ "XOAUTH2 OAUTHBEARER", "", { .token = TRUE }, "OAUTHBEARER" },
	{ "XOAUTH2 OAUTHBEARER", "xoauth2", { .token = TRUE }, "XOAUTH2" },
	{ "PLAIN LOGIN", "", { .token = TRUE }, NULL },
	{ "PLAIN XOAUTH2", "plain", { .token = TRUE }, NULL },
};

START_TEST(the_best_that_both_know_is_chosen)
{
	g_auto(GStrv) offered = g_strsplit(choices[_i].offered, " ", -1);
	g_auto(GStrv) wanted = g_strsplit(choices[_i].wanted, " ", -1);
	const char *choice = sasl_choose(offered, wanted,
					 &choices[_i].means);

	ck_assert_pstr_eq(choice, choices[_i].choice);
}
END_TEST

static Suite *
make_sasl_suite(void)
{
	Suite *suite = suite_create("sasl");
	TCase *tc = tcase_create("sasl");

	tcase_add_test(tc, plain_is_rfc_4616);
	tcase_add_test(tc, login_answers_twice);
	tcase_add_test(tc, cram_md5_is_rfc_2195);
	tcase_add_test(tc, scram_sha_1_is_rfc_5802);
	tcase_add_loop_test(tc, a_server_without_the_password_is_found_out, 0,
			    G_N_ELEMENTS(lies));
	tcase_add_test(tc, a_nonce_of_somebody_else_is_refused);
	tcase_add_test(tc, xoauth2_is_googles);
	tcase_add_test(tc, oauthbearer_is_rfc_7628);
	tcase_add_test(tc, external_says_who_we_are);
	tcase_add_test(tc, digest_md5_names_host_and_user);
	tcase_add_test(tc, a_bound_login_names_its_binding);
	tcase_add_loop_test(tc, the_best_that_both_know_is_chosen, 0,
			    G_N_ELEMENTS(choices));
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_sasl_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
