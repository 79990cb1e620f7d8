// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * DANE (RFC 6698, RFC 7671, RFC 7672) by OpenSSL's own hands. Belongs to
 * tls.c, its only caller.
 */
#ifndef MASQMAIL_WORKER_TLS_DANE_H
#define MASQMAIL_WORKER_TLS_DANE_H

#include "daemon/worker/tls-verify.h"

/*
 * Let the TLSA records of @rules alone decide about the peer of @ssl, whose
 * context @verify was installed in. Where none is of use nothing changes.
 * FALSE with TLS_ERROR_SETUP when OpenSSL cannot.
 */
gboolean tls_dane_start(SSL_CTX *context, SSL *ssl, TlsVerify *verify,
			const TlsRules *rules, GError **error);

#endif
