// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker/tls-own.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>

static gboolean
fail(const char *what, GError **error)
{
	ERR_clear_error();
	g_set_error_literal(error, TLS_ERROR, TLS_ERROR_SETUP, what);
	return FALSE;
}

/* A passphrase is never asked for: nobody is there to type it. */
static int
no_passphrase(char *buffer, int size, int writing, void *data)
{
	(void)buffer;
	(void)size;
	(void)writing;
	(void)data;
	return -1;
}

/* The first is ours, the others lead to who signed it. */
static gboolean
add_certificates(SSL_CTX *context, const char *pem)
{
	BIO *text = BIO_new_mem_buf(pem, -1);
	X509 *certificate;
	gboolean good = FALSE, first = TRUE;

	while ((certificate = PEM_read_bio_X509(text, NULL, no_passphrase,
						NULL))) {
		good = first ? SSL_CTX_use_certificate(context, certificate)
			     : good && SSL_CTX_add1_chain_cert(context,
							       certificate);
		X509_free(certificate);
		first = FALSE;
	}
	BIO_free(text);
	ERR_clear_error();
	return good;
}

static gboolean
add_key(SSL_CTX *context, const char *pem)
{
	BIO *text = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(text, NULL, no_passphrase,
						NULL);
	gboolean good = key && SSL_CTX_use_PrivateKey(context, key);

	EVP_PKEY_free(key);
	BIO_free(text);
	return good;
}

gboolean
tls_own_install(SSL_CTX *context, const TlsRules *rules, GError **error)
{
	if (!rules->certificate)
		return TRUE;
	if (!add_certificates(context, rules->certificate))
		return fail("Certificate= holds no certificate in PEM form",
			    error);
	if (!add_key(context, rules->key))
		return fail("Key= holds no key in PEM form, or one with a "
			    "passphrase", error);
	return SSL_CTX_check_private_key(context) ||
	       fail("Key= is not the key of Certificate=", error);
}

static int
keep(SSL *ssl, SSL_SESSION *session)
{
	SSL_SESSION **kept = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

	SSL_SESSION_free(*kept);
	*kept = session;
	return 1;
}

/* In TLS 1.3 it comes after the handshake, with what is read then. */
void
tls_own_keep_session(SSL_CTX *context, SSL_SESSION **kept)
{
	SSL_CTX_set_app_data(context, kept);
	SSL_CTX_set_session_cache_mode(context,
				       SSL_SESS_CACHE_CLIENT |
				       SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(context, keep);
}

GBytes *
tls_own_write_session(SSL_SESSION *session)
{
	unsigned char *bytes = NULL;
	int size = session && SSL_SESSION_is_resumable(session)
			   ? i2d_SSL_SESSION(session, &bytes) : 0;
	GBytes *all = size > 0 ? g_bytes_new(bytes, size) : NULL;

	OPENSSL_clear_free(bytes, MAX(size, 0));
	return all;
}

void
tls_own_resume(SSL *ssl, GBytes *bytes)
{
	gsize size;
	const unsigned char *data = g_bytes_get_data(bytes, &size);
	SSL_SESSION *session = d2i_SSL_SESSION(NULL, &data, size);

	if (session)
		SSL_set_session(ssl, session);
	SSL_SESSION_free(session);
	ERR_clear_error();
}
