// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Logging in with an OAuth access token: OAUTHBEARER (RFC 7628) and
 * Google's XOAUTH2, two plain strings that libgsasl does not know. Belongs
 * to sasl.c, its only caller. Pure.
 */
#ifndef MASQMAIL_WORKER_SASL_OAUTH_H
#define MASQMAIL_WORKER_SASL_OAUTH_H

#include "daemon/worker/sasl.h"

/* Base64 of the one line that logs in. To be given to sasl_line_free. */
char *sasl_oauth_bearer(const SaslLogin *login);
char *sasl_oauth_xoauth2(const SaslLogin *login);

/*
 * What a server that refused wants to hear before it says so: base64, for
 * sasl_line_free.
 */
char *sasl_oauth_bearer_yield(void);

#endif
