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

typedef struct {
	const char *mechanism; /* from sasl_choose */
	const char *user;
	const char *secret;
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
 * the best first, in any case; @clear when nothing but the mechanism itself
 * hides the password; @binding when the channel can be bound.
 */
const char *sasl_choose(char **offered, char **wanted, gboolean clear,
			gboolean binding);

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

/* Wipes the line. */
void sasl_line_free(char *line);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Sasl, sasl_free)

#endif
