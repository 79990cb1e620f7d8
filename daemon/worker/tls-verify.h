// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which certificate is good, and the plain sentence for one that is not.
 * Belongs to tls.c, its only caller: it installs a verdict in an SSL_CTX
 * before the handshake and is asked for the sentence after it.
 */
#ifndef MASQMAIL_WORKER_TLS_VERIFY_H
#define MASQMAIL_WORKER_TLS_VERIFY_H

#include <openssl/ssl.h>

#include "daemon/worker/tls.h"

typedef struct {
	char *host;         /* copies of TlsRules */
	char **names;       /* (nullable) */
	char *ca_file;
	gboolean optional;
	gboolean dane;      /* TLSA records decide (tls-dane.h) */
	GPtrArray *pins;    /* of GBytes; empty: CA and name decide */
	gboolean failed;    /* the chain, the name or the pin was not good */
	char *why;          /* the sentence for it; NULL before */
} TlsVerify;

/* (transfer full), or NULL with TLS_ERROR_SETUP. */
TlsVerify *tls_verify_new(const TlsRules *rules, GError **error);
void tls_verify_free(TlsVerify *verify);

/*
 * Make connections of @context be judged by @verify, which must outlive
 * them; call once, before SSL_new.
 */
gboolean tls_verify_install(TlsVerify *verify, SSL_CTX *context,
			    GError **error);

/*
 * Have the host, or one of the names, proved where @param is in force.
 * FALSE with TLS_ERROR_SETUP.
 */
gboolean tls_verify_set_names(const TlsVerify *verify,
			      X509_VERIFY_PARAM *param, GError **error);

/* The name to ask for (SNI); NULL for an address. (transfer none) */
const char *tls_verify_server_name(const TlsVerify *verify);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(TlsVerify, tls_verify_free)

#endif
