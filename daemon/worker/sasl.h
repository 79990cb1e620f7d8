// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Logging in to a server: the only libgsasl user. It knows which mechanisms
 * there are, which is to be preferred, and wipes the password when it is
 * done with it. It sees no socket: smtp-out carries the lines.
 */
#ifndef MASQMAIL_WORKER_SASL_H
#define MASQMAIL_WORKER_SASL_H

#include <glib.h>

#define SASL_ERROR (sasl_error_quark())

GQuark sasl_error_quark(void);

typedef enum {
	SASL_ERROR_SETUP,  /* the library, or a login it cannot use */
	SASL_ERROR_SERVER, /* the server's side of the exchange is wrong */
} SaslError;

/* What a mechanism logs in with. */
typedef enum {
	SASL_NEEDS_NOTHING, /* the certificate, or a ticket, is known already */
	SASL_NEEDS_PASSWORD,
	SASL_NEEDS_TOKEN,   /* of OAuth */
} SaslNeed;

/* What there is to log in with, and over what. */
typedef struct {
	gboolean clear;       /* nothing but the mechanism hides a password */
	gboolean binding;     /* the channel can be bound */
	gboolean token;       /* an access token is to be had, no password */
	gboolean certificate; /* TLS was made with one of ours */
} SaslMeans;

typedef struct {
	const char *mechanism; /* from sasl_choose */
	const char *user;      /* "" where the server knows it already */
	const char *secret;    /* (nullable) where none is needed */
	const char *host;      /* of the server, and its port */
	guint16 port;
	/*
	 * Base64 of RFC 5929 tls-unique or RFC 9266 tls-exporter; at most
	 * one is not NULL. Only the -PLUS mechanisms look at them.
	 */
	const char *tls_unique;
	const char *tls_exporter;
} SaslLogin;

typedef struct Sasl Sasl;

/*
 * The mechanism to use (transfer none), or NULL when none will do. @offered
 * are the server's; @wanted (nullable: our own order) the configured ones,
 * the best first, in any case. DIGEST-MD5 and GSSAPI are used only where
 * they are wanted.
 */
const char *sasl_choose(char **offered, char **wanted,
			const SaslMeans *means);

/* @mechanism is one that sasl_choose gave. */
SaslNeed sasl_needs(const char *mechanism);

/* @login is copied as far as needed. */
Sasl *sasl_new(const SaslLogin *login, GError **error);
void sasl_free(Sasl *sasl);

/* Whether the first step is ours, and may stand in the AUTH command. */
gboolean sasl_speaks_first(const Sasl *sasl);

/*
 * Our next line in base64, "" for an empty one; (transfer full), to be
 * given to sasl_line_free. @challenge is the server's, in base64; NULL for
 * a first step that is ours.
 */
char *sasl_step(Sasl *sasl, const char *challenge, GError **error);

/* Whether the server has shown all that it must (SCRAM: its signature). */
gboolean sasl_is_complete(const Sasl *sasl);

/*
 * Whether a refusal has come as a challenge (OAuth): the next step says
 * that we heard it, and the server then refuses by its reply.
 */
gboolean sasl_is_refused(const Sasl *sasl);

/* Wipes the line. */
void sasl_line_free(char *line);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Sasl, sasl_free)

#endif
