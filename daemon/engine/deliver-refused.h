// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fall-through after an attempt: mail that the server of one route will not
 * take because of who we are goes by the next that serves it, and only when
 * there is none does the refusal count. OnConnectError=bounce, too. Part of
 * deliver.c.
 */
#ifndef MASQMAIL_ENGINE_DELIVER_REFUSED_H
#define MASQMAIL_ENGINE_DELIVER_REFUSED_H

#include "daemon/engine/deliver-private.h"

/*
 * Whether another route takes recipient @number of @message after the one
 * of @job said @status; it is then to wait for its turn there. The route is
 * remembered as one that refused.
 */
gboolean deliver_passes_on(Job *job, Message *message, guint number,
			   const Status *status);

/*
 * No connection could be made, as @status says: return what no other route
 * takes, if this one is configured so.
 */
void deliver_bounce_unreachable(Job *job, const Status *status);

#endif
