// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The one schedule timer: an absolute time of the wall clock, and the news
 * that this clock jumped, which is also how a resume from sleep shows. A
 * timerfd that wakes for nothing else.
 */
#ifndef MASQMAIL_ENGINE_ALARM_H
#define MASQMAIL_ENGINE_ALARM_H

#include <glib.h>

typedef struct Alarm Alarm;

/* @jumped: the clock was set or the machine slept, the time may not be. */
typedef void (*AlarmRang)(gpointer data, gboolean jumped);

Alarm *alarm_new(AlarmRang rang, gpointer data, GError **error);
void alarm_free(Alarm *alarm);

/* Ring at @when (Unix seconds), or 0: only tell of jumps. */
void alarm_set(Alarm *alarm, gint64 when);

#endif
