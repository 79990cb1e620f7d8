// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Hands one message over: to the engine, or to the drop directory while no
 * engine answers. When it says TRUE the message is on the disk, with all
 * its recipients; else nothing was queued.
 */
#ifndef MASQMAIL_CLIENT_SENDMAIL_SUBMIT_H
#define MASQMAIL_CLIENT_SENDMAIL_SUBMIT_H

#include "client/sendmail-envelope.h"
#include "client/sendmail-letter.h"

/* Recipients asked for before their answers are read. */
#define SUBMIT_PIPELINED 50
#define SUBMIT_ANSWER_MS 300000 /* a disk may be slow */

/*
 * The engine, asked for early: it says Hello while the envelope is made.
 * @client is NULL when nobody is there, and @away says why.
 */
typedef struct {
	Client *client;
	GError *away;
} SubmitLink;

void submit_link_open(SubmitLink *link, const Paths *paths);
void submit_link_close(SubmitLink *link);

/*
 * *@ret_id (transfer full) is the message's id, NULL when it was dropped.
 */
gboolean submit_letter(const SendmailOptions *options, const Paths *paths,
		       const Envelope *envelope, Letter *letter,
		       SubmitLink *link, char **ret_id, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SubmitLink, submit_link_close)

#endif
