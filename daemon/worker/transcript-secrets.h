// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What was said during a login, so that a server that quotes it is not
 * heard. Only transcript.c calls this. All copies are wiped.
 */
#ifndef MASQMAIL_WORKER_TRANSCRIPT_SECRETS_H
#define MASQMAIL_WORKER_TRANSCRIPT_SECRETS_H

#include <glib.h>

#define SECRETS_MAX 64 /* pieces; of more the first are forgotten */

typedef struct Secrets Secrets;

Secrets *secrets_new(void);
void secrets_free(Secrets *secrets);

/*
 * Remember @answer, a word in base64, and the password, token or proof that
 * it carries.
 */
void secrets_add(Secrets *secrets, const char *answer);

/* (transfer full). @text with each of them blanked. */
char *secrets_blank(const Secrets *secrets, const char *text,
		    const char *blank);

#endif
