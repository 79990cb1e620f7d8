// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * TLS on a connected, non-blocking socket: the only OpenSSL user. It knows
 * which certificates are to be trusted for which name, and can say in a
 * plain sentence why one is not. It never waits: stream.c polls, and owns
 * the Tls from the handshake on.
 */
#ifndef MASQMAIL_WORKER_TLS_H
#define MASQMAIL_WORKER_TLS_H

#include <glib.h>

#include "daemon/worker/stream.h"

#define TLS_ERROR (tls_error_quark())

GQuark tls_error_quark(void);

typedef enum {
	TLS_ERROR_SETUP,       /* our configuration: CaFile, Fingerprint */
	TLS_ERROR_CERTIFICATE, /* not trusted; the message is a sentence */
	TLS_ERROR_PROTOCOL,    /* the handshake or a record went wrong */
	TLS_ERROR_CLEAR,       /* what came was no TLS at all */
} TlsError;

typedef struct {
	const char *host;    /* what was asked for: a name or an address */
	/* (nullable) names of which one must be proved in place of host */
	const char *const *names;
	/*
	 * (nullable) of DnsRecord, TLSA: if one of them is of use they alone
	 * decide (RFC 7672), for the name at which they stand or one of
	 * names. If none is, the rest of the rules does.
	 */
	GPtrArray *tlsa;
	const char *tlsa_base;
	const char *ca_file; /* (nullable) PEM; NULL: the system's CAs */
	/*
	 * (nullable) SHA-256 of the certificate in hex, colons allowed, or
	 * several with blanks between. It takes the place of CA and name.
	 */
	const char *fingerprint;
	gboolean optional;   /* go on with a certificate that is not trusted */
	gboolean newest_only; /* TLS 1.3, not 1.2 */
	/* (nullable) PEM, for a server that asks; without a passphrase */
	const char *certificate;
	const char *key;
	/* (nullable) of tls_session, of the same host and rules */
	GBytes *resume;
} TlsRules;

/* RFC 5929 tls-unique, RFC 9266 tls-exporter. */
typedef enum {
	TLS_BINDING_NONE,
	TLS_BINDING_UNIQUE,
	TLS_BINDING_EXPORTER,
} TlsBinding;

typedef struct Tls Tls;

/*
 * The client side on @fd (transfer none), which must outlive it. @rules are
 * copied. NULL with TLS_ERROR_SETUP.
 */
Tls *tls_client_new(int fd, const TlsRules *rules, GError **error);

/* Says goodbye when the handshake was done. */
void tls_free(Tls *tls);

/*
 * For stream_start_layer, which takes the Tls over. A certificate that is
 * not trusted fails the handshake with TLS_ERROR_CERTIFICATE.
 */
extern const StreamLayer tls_layer;

/* Whether chain and name, or the fingerprint, were found good. */
gboolean tls_is_verified(const Tls *tls);

/*
 * What takes this session up again in another connection (transfer full),
 * or NULL: not verified, or the server has none to give. It is a secret.
 */
GBytes *tls_session(const Tls *tls);

/* Whether it did so. */
gboolean tls_is_resumed(const Tls *tls);

/* (transfer full). "TLSv1.3 verified", "TLSv1.2 not verified". */
char *tls_describe(const Tls *tls);

/* (transfer full) (nullable). Base64 of what binds SASL to this channel. */
char *tls_channel_binding(const Tls *tls, TlsBinding *ret_kind);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Tls, tls_free)

#endif
