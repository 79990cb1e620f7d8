// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where the mail of one recipient goes: their mailbox, a command, a file,
 * or by their .forward to somebody else. Knows alone what masqmail.conf,
 * the engine's options and a .forward have to say in that, and in which
 * order.
 */
#ifndef MASQMAIL_WORKER_LOCAL_CHOICE_H
#define MASQMAIL_WORKER_LOCAL_CHOICE_H

#include <glib.h>

#include "common/aliases.h"
#include "common/config.h"
#include "common/status.h"
#include "daemon/worker/local-box.h"
#include "daemon/worker/worker.h"

/* What holds for all mail of one user. */
typedef struct {
	char *user, *home;
	const BoxKind *kind; /* of the mailbox */
	char *path;          /* of the mailbox */
	char *separators;    /* of sub-addresses */
	char *host;          /* this machine's mail name */
	gboolean mda;        /* a command takes it instead of the mailbox */
	char *mda_name;      /* its first word, for people */
	gboolean envelope_to; /* write Envelope-To */
	char *sent_copy;     /* Maildir of sent mail; (nullable) */
} LocalSettings;

/* (transfer full). @own_agent: of one user's own daemon. */
LocalSettings *local_settings_new(const Config *config, const char *user,
				  const char *home, gboolean own_agent);
void local_settings_free(LocalSettings *settings);

/* One of .kind, .forward and .status is set. */
typedef struct {
	const BoxKind *kind; /* deliver there */
	char *path;
	CommandCall call;    /* for box_command; .values is not set */
	char *argument;      /* call.argument */
	char *extension;     /* of user+x; never NULL */
	gboolean sent;       /* the sender's own copy: read, without trace */
	Alias *forward;      /* tell the engine who gets it instead */
	Status *status;      /* it cannot go, for this reason */
} LocalChoice;

/* (transfer full) */
LocalChoice *local_choose(const LocalSettings *settings,
			  const JobRecipient *recipient);
void local_choice_free(LocalChoice *choice);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(LocalSettings, local_settings_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LocalChoice, local_choice_free)

#endif
