// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker/tls-verify.h"

#include <arpa/inet.h>
#include <string.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "common/text.h"

#define MAX_NAMES_SHOWN 3
#define MAX_NAME_SHOWN 80
#define SHA256_SIZE 32

static gboolean
is_address(const char *host)
{
	struct in6_addr address;

	return inet_pton(AF_INET, host, &address) == 1 ||
	       inet_pton(AF_INET6, host, &address) == 1;
}

/* 64 hex digits, colons between them allowed. (nullable) */
static GBytes *
parse_pin(const char *text)
{
	guint8 digest[SHA256_SIZE];
	gsize digits = 0;

	for (; *text; text++) {
		int value = g_ascii_xdigit_value(*text);

		if (*text == ':')
			continue;
		if (value < 0 || digits == 2 * SHA256_SIZE)
			return NULL;
		if (digits % 2 == 0)
			digest[digits / 2] = value << 4;
		else
			digest[digits / 2] |= value;
		digits++;
	}
	if (digits != 2 * SHA256_SIZE)
		return NULL;
	return g_bytes_new(digest, SHA256_SIZE);
}

static gboolean
parse_pins(GPtrArray *pins, const char *text, GError **error)
{
	g_auto(GStrv) words = g_strsplit_set(text, " ,;", -1);

	for (char **word = words; *word; word++) {
		GBytes *pin;

		if (!**word)
			continue;
		pin = parse_pin(*word);
		if (!pin) {
			g_set_error(error, TLS_ERROR, TLS_ERROR_SETUP,
				    "Fingerprint= is not the 64 hex digits "
				    "of a SHA-256 sum");
			return FALSE;
		}
		g_ptr_array_add(pins, pin);
	}
	return TRUE;
}

TlsVerify *
tls_verify_new(const TlsRules *rules, GError **error)
{
	g_autoptr(TlsVerify) verify = g_new0(TlsVerify, 1);

	verify->host = g_strdup(rules->host);
	verify->names = g_strdupv((char **)rules->names);
	verify->ca_file = g_strdup(rules->ca_file);
	verify->optional = rules->optional;
	verify->pins = g_ptr_array_new_with_free_func(
		(GDestroyNotify)g_bytes_unref);
	if (rules->fingerprint &&
	    !parse_pins(verify->pins, rules->fingerprint, error))
		return NULL;
	return g_steal_pointer(&verify);
}

void
tls_verify_free(TlsVerify *verify)
{
	if (!verify)
		return;
	g_free(verify->host);
	g_strfreev(verify->names);
	g_free(verify->ca_file);
	g_ptr_array_unref(verify->pins);
	g_free(verify->why);
	g_free(verify);
}

const char *
tls_verify_server_name(const TlsVerify *verify)
{
	return is_address(verify->host) ? NULL : verify->host;
}

static char *
name_text(const GENERAL_NAME *name)
{
	char text[INET6_ADDRSTRLEN];
	const ASN1_STRING *value;
	int family;

	if (name->type == GEN_DNS) {
		value = name->d.dNSName;
		return text_harmless_bytes(ASN1_STRING_get0_data(value),
					   ASN1_STRING_length(value));
	}
	if (name->type != GEN_IPADD)
		return NULL;
	value = name->d.iPAddress;
	family = ASN1_STRING_length(value) == 4 ? AF_INET : AF_INET6;
	if (ASN1_STRING_length(value) != (family == AF_INET ? 4 : 16))
		return NULL;
	inet_ntop(family, ASN1_STRING_get0_data(value), text, sizeof(text));
	return g_strdup(text);
}

/* The names a certificate carries, as people may read them. */
static char *
describe_names(X509 *certificate)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(
		certificate, NID_subject_alt_name, NULL, NULL);
	GString *text = g_string_new(NULL);
	guint shown = 0;

	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		g_autofree char *name =
			name_text(sk_GENERAL_NAME_value(names, i));
		g_autofree char *clipped = NULL;

		if (!name)
			continue;
		if (shown++ == MAX_NAMES_SHOWN) {
			g_string_append(text, " and others");
			break;
		}
		clipped = text_harmless_clipped(name, MAX_NAME_SHOWN);
		g_string_append_printf(text, "%s%s", shown > 1 ? ", " : "",
				       clipped);
	}
	GENERAL_NAMES_free(names);
	if (!text->len)
		g_string_append(text, "no name at all");
	return g_string_free(text, FALSE);
}

static char *
day_text(const ASN1_TIME *at)
{
	char text[] = "an unknown day";
	struct tm day;

	if (ASN1_TIME_to_tm(at, &day))
		strftime(text, sizeof(text), "%Y-%m-%d", &day);
	return g_strdup(text);
}

static char *
describe_validity(X509 *certificate, const char *host, gboolean expired)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_local();
	g_autofree char *clock = g_date_time_format(now, "%Y-%m-%d %H:%M");
	g_autofree char *day =
		day_text(expired ? X509_get0_notAfter(certificate)
				 : X509_get0_notBefore(certificate));

	return g_strdup_printf(
		"The certificate of %s %s %s, and this computer's clock says "
		"%s. If the clock is wrong, set it; else the provider has to "
		"renew the certificate. The mail waits.",
		host, expired ? "expired on" : "is valid only from", day,
		clock);
}

static char *
describe_wrong_name(X509 *certificate, const TlsVerify *verify)
{
	g_autofree char *names = describe_names(certificate);
	const char *host = verify->host;

	/* The DNS named the host: that it is the right one is to be proved. */
	if (verify->names && *verify->names)
		return g_strdup_printf(
			"The name service says that %s is the server for %s, "
			"but its certificate is for %s, and the name service "
			"of this network could be lying. Nothing was sent "
			"and the mail waits.",
			host, verify->names[0], names);
	return g_strdup_printf(
		"The server that answered for %s has a certificate for %s: "
		"perhaps the log-in page of this network answers in its "
		"place. Nothing was sent and the mail waits. If the server "
		"has a new name, put it in Host= of the route.",
		host, names);
}

static char *
describe_unknown_issuer(X509 *certificate, const char *host)
{
	g_autofree char *names = describe_names(certificate);

	return g_strdup_printf(
		"The certificate of %s (it names %s) was made by nobody this "
		"computer trusts. Nothing was sent and the mail waits. If "
		"this is your own server, set CaFile= or Fingerprint= in the "
		"route.",
		host, names);
}

static char *
describe_failure(int code, X509 *certificate, const TlsVerify *verify)
{
	const char *host = verify->host;

	switch (code) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return describe_validity(certificate, host, TRUE);
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return describe_validity(certificate, host, FALSE);
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		return describe_wrong_name(certificate, verify);
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_CERT_UNTRUSTED:
		return describe_unknown_issuer(certificate, host);
	case X509_V_ERR_DANE_NO_MATCH:
		return g_strdup_printf(
			"The certificate of %s is not the one that its TLSA "
			"records name (DANE). Nothing was sent and the mail "
			"waits.", host);
	default:
		return g_strdup_printf(
			"The certificate of %s cannot be trusted (%s). "
			"Nothing was sent and the mail waits.",
			host, X509_verify_cert_error_string(code));
	}
}

/*
 * The certificate to name: the server's own, though a fault of time can be
 * one of those above it.
 */
static X509 *
certificate_at_fault(X509_STORE_CTX *store, int code)
{
	X509 *current = X509_STORE_CTX_get_current_cert(store);

	if (current && (code == X509_V_ERR_CERT_HAS_EXPIRED ||
			code == X509_V_ERR_CERT_NOT_YET_VALID))
		return current;
	return X509_STORE_CTX_get0_cert(store);
}

static TlsVerify *
verify_of(X509_STORE_CTX *store)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(
		store, SSL_get_ex_data_X509_STORE_CTX_idx());

	return SSL_get_app_data(ssl);
}

/*
 * Called for each fault of a chain. The first one found is the one told;
 * going on is allowed only where the route says so.
 */
static int
judge_chain(int good, X509_STORE_CTX *store)
{
	TlsVerify *verify = verify_of(store);
	int code = X509_STORE_CTX_get_error(store);

	if (good)
		return 1;
	if (!verify->failed)
		verify->why = describe_failure(
			code, certificate_at_fault(store, code), verify);
	verify->failed = TRUE;
	return verify->optional;
}

static char *
hex_text(const guint8 *digest)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < SHA256_SIZE; i++)
		g_string_append_printf(text, "%02x", digest[i]);
	return g_string_free(text, FALSE);
}

/* With Fingerprint= only the pin decides: not CA, name or date. */
static int
judge_pin(X509_STORE_CTX *store, void *data)
{
	TlsVerify *verify = data;
	X509 *certificate = X509_STORE_CTX_get0_cert(store);
	guint8 digest[EVP_MAX_MD_SIZE] = { 0 };
	g_autofree char *hex = NULL;

	X509_digest(certificate, EVP_sha256(), digest, NULL);
	for (guint i = 0; i < verify->pins->len; i++)
		if (!memcmp(g_bytes_get_data(verify->pins->pdata[i], NULL),
			    digest, SHA256_SIZE))
			return 1;
	hex = hex_text(digest);
	verify->failed = TRUE;
	g_free(verify->why);
	verify->why = g_strdup_printf(
		"The certificate of %s is not the one that Fingerprint= of "
		"the route names. Nothing was sent and the mail waits. If "
		"the server's certificate was renewed, the new fingerprint "
		"is %s.",
		verify->host, hex);
	X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
	return verify->optional;
}

static gboolean
load_authorities(const TlsVerify *verify, SSL_CTX *context, GError **error)
{
	if (!verify->ca_file) {
		/* On Debian a directory: OpenSSL then reads only what it
		 * needs, which is 5 MB less than all authorities. */
		SSL_CTX_set_default_verify_paths(context);
		return TRUE;
	}
	if (SSL_CTX_load_verify_locations(context, verify->ca_file, NULL))
		return TRUE;
	ERR_clear_error();
	g_set_error(error, TLS_ERROR, TLS_ERROR_SETUP,
		    "CaFile=%s cannot be read or holds no certificate",
		    verify->ca_file);
	return FALSE;
}

static gboolean
set_name(X509_VERIFY_PARAM *param, const char *name, GError **error)
{
	if (is_address(name) ? X509_VERIFY_PARAM_set1_ip_asc(param, name)
			     : X509_VERIFY_PARAM_set1_host(param, name, 0))
		return TRUE;
	g_set_error(error, TLS_ERROR, TLS_ERROR_SETUP,
		    "no certificate can carry the name %s", name);
	return FALSE;
}

gboolean
tls_verify_set_names(const TlsVerify *verify, X509_VERIFY_PARAM *param,
		     GError **error)
{
	/* A name in the subject alone is no name (RFC 9525). */
	X509_VERIFY_PARAM_set_hostflags(
		param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
			       X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
	if (!verify->names || !*verify->names)
		return set_name(param, verify->host, error);
	if (!set_name(param, verify->names[0], error))
		return FALSE;
	for (char **name = verify->names + 1; *name; name++)
		X509_VERIFY_PARAM_add1_host(param, *name, 0);
	return TRUE;
}

gboolean
tls_verify_install(TlsVerify *verify, SSL_CTX *context, GError **error)
{
	X509_VERIFY_PARAM *rules = SSL_CTX_get0_param(context);

	if (verify->pins->len > 0) {
		SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
		SSL_CTX_set_cert_verify_callback(context, judge_pin, verify);
		return TRUE;
	}
	if (!tls_verify_set_names(verify, rules, error))
		return FALSE;
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, judge_chain);
	return load_authorities(verify, context, error);
}
