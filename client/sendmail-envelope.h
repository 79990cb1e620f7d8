// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who sends a message, and to whom: from options, arguments, the header and
 * the account that runs the program. The place that knows how an address
 * without a domain is completed.
 */
#ifndef MASQMAIL_CLIENT_SENDMAIL_ENVELOPE_H
#define MASQMAIL_CLIENT_SENDMAIL_ENVELOPE_H

#include "client/sendmail-options.h"
#include "common/config.h"
#include "common/header.h"

typedef struct {
	char *domain;          /* completes addresses */
	char *sender;          /* "" for the null sender */
	char *author;          /* for a From that must be added */
	char *name;            /* for the same; "" for none */
	GPtrArray *recipients; /* of char *, each once, with a domain */
} Envelope;

/*
 * (transfer full). The envelope of a message with @header. NULL with
 * EX_USAGE when there is no recipient, with EX_DATAERR naming every address
 * that is none. @mbox_line (nullable) names rmail's sender.
 */
Envelope *envelope_find(const SendmailOptions *options, const Paths *paths,
			const Header *header, const char *mbox_line,
			GError **error);
void envelope_free(Envelope *envelope);

/*
 * (transfer full). The addresses of the arguments alone, completed, each
 * once. NULL as above; without any it is empty.
 */
GPtrArray *envelope_addresses(const SendmailOptions *options,
			      const Paths *paths, GError **error);

/*
 * (transfer full). masqmail.conf, or the file of -C; defaults when there is
 * none or, without -C, when it cannot be read: mail is not lost for that.
 */
Config *envelope_config(const SendmailOptions *options, const Paths *paths,
			GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Envelope, envelope_free)

#endif
