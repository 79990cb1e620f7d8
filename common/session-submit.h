// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The half of a SessionDriver that speaks to the engine: Submit, Recipient,
 * data, Commit and Reset over a Client. Whoever drives a session takes
 * these functions into its table and lets its user data begin with a
 * SessionSubmit.
 */
#ifndef MASQMAIL_COMMON_SESSION_SUBMIT_H
#define MASQMAIL_COMMON_SESSION_SUBMIT_H

#include "common/client.h"
#include "common/session.h"

typedef struct {
	Client *client; /* (transfer none) */
} SessionSubmit;

gboolean session_submit_begin(void *user, const char *sender, GVariant *options,
			      GError **error);
gboolean session_submit_recipient(void *user, const char *address,
				  GVariant *options, GError **error);
gboolean
session_submit_data(void *user, const void *bytes, gsize size, GError **error);
char *
session_submit_commit(void *user, guint64 size, GVariant *late, GError **error);
gboolean session_submit_reset(void *user, GError **error);

#endif
