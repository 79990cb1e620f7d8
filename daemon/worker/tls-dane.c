// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker/tls-dane.h"

#include <openssl/err.h>

#include "daemon/worker/dns-packet.h"

static gboolean
set_failed(GError **error)
{
	const char *reason = ERR_reason_error_string(ERR_peek_error());

	ERR_clear_error();
	g_set_error(error, TLS_ERROR, TLS_ERROR_SETUP, "DANE: %s",
		    reason ? reason : "no reason given");
	return FALSE;
}

/* How many OpenSSL can use; kinds that it does not know count for nothing. */
static guint
add_records(SSL *ssl, GPtrArray *records)
{
	guint usable = 0;

	for (guint i = 0; i < records->len; i++) {
		const DnsRecord *record = records->pdata[i];
		gsize size;
		const guint8 *data = g_bytes_get_data(record->data, &size);

		usable += SSL_dane_tlsa_add(ssl, record->usage,
					    record->selector,
					    record->matching, data,
					    size) > 0;
	}
	ERR_clear_error();
	return usable;
}

/* The names to prove, beside that at which the records stand. */
static gboolean
add_names(SSL *ssl, const TlsRules *rules)
{
	for (const char *const *name = rules->names; name && *name; name++)
		if (!SSL_add1_host(ssl, *name))
			return FALSE;
	return TRUE;
}

gboolean
tls_dane_start(SSL_CTX *context, SSL *ssl, TlsVerify *verify,
	       const TlsRules *rules, GError **error)
{
	if (!rules->tlsa || verify->pins->len > 0)
		return TRUE;
	if (SSL_CTX_dane_enable(context) <= 0 ||
	    SSL_dane_enable(ssl, rules->tlsa_base) <= 0)
		return set_failed(error);
	if (add_records(ssl, rules->tlsa) == 0)
		return tls_verify_set_names(verify, SSL_get0_param(ssl),
					    error);
	/* A certificate named by the zone itself needs no other name. */
	SSL_dane_set_flags(ssl, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
	if (!add_names(ssl, rules))
		return set_failed(error);
	verify->optional = FALSE;
	verify->dane = TRUE;
	return TRUE;
}
