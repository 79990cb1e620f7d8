// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Times and ages of one message: the half of schedule.c that looks at no
 * other. Only schedule.c calls what is declared here.
 */
#ifndef MASQMAIL_ENGINE_SCHEDULE_WAIT_H
#define MASQMAIL_ENGINE_SCHEDULE_WAIT_H

#include "daemon/engine/schedule.h"

/*
 * Whether the recipient had its lifetime of usable seconds. Never while
 * somebody holds it back by hand, and not before its first try here.
 */
gboolean schedule_is_expired(const ScheduleInput *input,
			     const Message *message, guint recipient,
			     const Waiting *waiting);

/*
 * Which of the warnings is due for the recipient (usable seconds); 0 for
 * none. Never for time that did not count, nor before its first try here.
 * @ret_next: when to look for the next one (Unix seconds), 0 for never.
 */
gint64 schedule_warning(const ScheduleInput *input, const Message *message,
			guint recipient, const Waiting *waiting,
			gint64 *ret_next);

/*
 * (transfer full) (nullable). By whom and what a fault of a route is told
 * of once, "1000 isp"; NULL when the recipient waits for something else.
 */
char *schedule_fault_key(const Message *message, const Recipient *recipient,
			 const Waiting *waiting);

/* (transfer full): 5.4.7, with the last answer. */
Status *schedule_expiry_status(const ScheduleInput *input,
			       const Recipient *recipient);

/* Whether it is so old by the wall clock that a human must look. */
gboolean schedule_is_stale(const ScheduleInput *input,
			   const Message *message);

#endif
