// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is ours in a handshake: the certificate we show, and the session that
 * is taken up again. Belongs to tls.c, its only caller.
 */
#ifndef MASQMAIL_WORKER_TLS_OWN_H
#define MASQMAIL_WORKER_TLS_OWN_H

#include <openssl/ssl.h>

#include "daemon/worker/tls.h"

/* @rules' certificate and key, if any. FALSE with TLS_ERROR_SETUP. */
gboolean tls_own_install(SSL_CTX *context, const TlsRules *rules,
			 GError **error);

/*
 * Keep what the server gives to take the session up again in *@kept, which
 * must outlive @context; for SSL_SESSION_free.
 */
void tls_own_keep_session(SSL_CTX *context, SSL_SESSION **kept);

/* (transfer full) (nullable), and back; what is no session is not used. */
GBytes *tls_own_write_session(SSL_SESSION *session);
void tls_own_resume(SSL *ssl, GBytes *bytes);

#endif
