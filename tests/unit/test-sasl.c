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

	ck_assert_uint_eq(size, length);
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

static const struct {
	const char *offered;
	const char *wanted;
	gboolean clear, binding;
	const char *choice;
} choices[] = {
	{ "LOGIN PLAIN CRAM-MD5 SCRAM-SHA-1", "", FALSE, FALSE,
	  "SCRAM-SHA-1" },
	{ "SCRAM-SHA-1 SCRAM-SHA-256", "", FALSE, TRUE, "SCRAM-SHA-256" },
	{ "SCRAM-SHA-1-PLUS SCRAM-SHA-256", "", FALSE, TRUE,
	  "SCRAM-SHA-1-PLUS" },
	{ "SCRAM-SHA-1-PLUS SCRAM-SHA-256", "", FALSE, FALSE,
	  "SCRAM-SHA-256" },
	{ "SCRAM-SHA-256-PLUS", "", FALSE, FALSE, NULL },
	{ "LOGIN PLAIN CRAM-MD5", "", FALSE, FALSE, "PLAIN" },
	{ "LOGIN PLAIN CRAM-MD5", "", TRUE, FALSE, "CRAM-MD5" },
	{ "LOGIN PLAIN", "", TRUE, FALSE, "PLAIN" },
	{ "LOGIN", "", FALSE, FALSE, "LOGIN" },
	{ "login", "", FALSE, FALSE, "LOGIN" },
	{ "LOGIN PLAIN SCRAM-SHA-256", "plain", FALSE, FALSE, "PLAIN" },
	{ "LOGIN PLAIN", "scram-sha-256 login", FALSE, FALSE, "LOGIN" },
	{ "PLAIN", "scram-sha-256", FALSE, FALSE, NULL },
	{ "PLAIN", "scram-sha-1-plus plain", FALSE, FALSE, "PLAIN" },
	{ "GSSAPI NTLM DIGEST-MD5 XOAUTH2", "", FALSE, FALSE, NULL },
	{ "", "", FALSE, FALSE, NULL },
};

START_TEST(the_best_that_both_know_is_chosen)
{
	g_auto(GStrv) offered = g_strsplit(choices[_i].offered, " ", -1);
	g_auto(GStrv) wanted = g_strsplit(choices[_i].wanted, " ", -1);
	const char *choice = sasl_choose(offered, wanted, choices[_i].clear,
					 choices[_i].binding);

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
