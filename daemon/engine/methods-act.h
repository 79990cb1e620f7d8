// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The verbs of Act that need more than a line. Each does its deed upon one
 * message of the caller's and returns NULL, or a sentence why not.
 */
#ifndef MASQMAIL_ENGINE_METHODS_ACT_H
#define MASQMAIL_ENGINE_METHODS_ACT_H

#include "daemon/engine/server.h"

/* One call of Act. All borrowed. */
typedef struct {
	Connection *connection;
	GVariant *options;  /* a{sv}, for the verbs that take more */
	const char *reason;
	const char *route; /* of "all": only what goes by this; "" for any */
	char *said; /* a sentence made for one message; freed by the caller */
} Acting;

/* NULL when done, else why not: a constant, or acting->said. */
typedef const char *(*ActVerb)(Acting *acting, Message *message);

/* Whether @message is in a worker's hands. */
gboolean act_is_busy(const Acting *acting, const Message *message);

/*
 * methods-later.c. "hold": option until x. "later": option at x. "undo":
 * within the window in which a message can be taken back.
 */
const char *act_hold(Acting *acting, Message *message);
const char *act_release(Acting *acting, Message *message);
const char *act_retry(Acting *acting, Message *message);
const char *act_undo(Acting *acting, Message *message);
const char *act_later(Acting *acting, Message *message);

/*
 * "edit": options add as, remove as, sender s. "reroute": option to s, ""
 * for the usual choice.
 */
const char *act_edit(Acting *acting, Message *message);
const char *act_reroute(Acting *acting, Message *message);

#endif
