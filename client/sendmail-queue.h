// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The queue as sendmail's other names show and move it: mailq's listing in
 * the form that scripts have parsed for thirty years, queue runs, single
 * messages, and where an address would go.
 */
#ifndef MASQMAIL_CLIENT_SENDMAIL_QUEUE_H
#define MASQMAIL_CLIENT_SENDMAIL_QUEUE_H

#include "client/sendmail-options.h"

/* -bp: write the messages one may see to standard output. */
gboolean queue_list(const Paths *paths, GError **error);

/* -q and -M: call Act with the options' verb on what they name. */
gboolean queue_act(const SendmailOptions *options, const Paths *paths,
		   GError **error);

/* -bv: say for each argument which way it would go, and why. */
gboolean queue_explain(const SendmailOptions *options, const Paths *paths,
		       GError **error);

/*
 * (transfer full). One message as mailq shows it. @row is of the columns of
 * queue_columns, @zone seconds east of UTC; @recipients (nullable) replaces
 * the one recipient the row has.
 */
char *queue_format(GVariant *row, const char *const *recipients, gint zone);
extern const char *const queue_columns[];

#endif
