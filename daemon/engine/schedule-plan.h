// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A plan as a value: how it begins, and how its parts end. Only schedule.c
 * calls what is declared here.
 */
#ifndef MASQMAIL_ENGINE_SCHEDULE_PLAN_H
#define MASQMAIL_ENGINE_SCHEDULE_PLAN_H

#include "daemon/engine/schedule.h"

/* An empty one. (transfer full) */
SchedulePlan *schedule_plan_new(void);

void batch_item_free(gpointer data); /* takes NULL */

#endif
