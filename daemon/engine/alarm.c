// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/alarm.h"

#include <errno.h>
#include <glib-unix.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "common/error.h"

/*
 * Armed for never, the timer is still cancelled by a jump of the clock. A
 * year ahead of the year 2100 is never enough, and fits 32 bits of days.
 */
#define NEVER G_GINT64_CONSTANT(4133980800)

struct Alarm {
	int fd;
	guint source;
	gint64 when;
	AlarmRang rang;
	gpointer data;
};

static void
arm(Alarm *alarm, gint64 when)
{
	const struct itimerspec time = { .it_value.tv_sec = when };

	/*
	 * ECANCELED: the clock jumped since the last read; it is armed all
	 * the same, and the read will say so.
	 */
	timerfd_settime(alarm->fd, TFD_TIMER_ABSTIME |
			TFD_TIMER_CANCEL_ON_SET, &time, NULL);
}

static gboolean
on_readable(int fd, GIOCondition condition, gpointer data)
{
	Alarm *alarm = data;
	guint64 times;
	gboolean jumped;

	(void)condition;
	jumped = read(fd, &times, sizeof(times)) < 0 && errno == ECANCELED;
	if (!jumped)
		alarm->when = 0;
	arm(alarm, alarm->when ? alarm->when : NEVER);
	alarm->rang(alarm->data, jumped);
	return G_SOURCE_CONTINUE;
}

Alarm *
alarm_new(AlarmRang rang, gpointer data, GError **error)
{
	int fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	Alarm *alarm;

	if (fd < 0)
		return error_null_errno(error, "timerfd_create");
	alarm = g_new0(Alarm, 1);
	alarm->fd = fd;
	alarm->rang = rang;
	alarm->data = data;
	alarm->source = g_unix_fd_add(fd, G_IO_IN, on_readable, alarm);
	arm(alarm, NEVER);
	return alarm;
}

void
alarm_free(Alarm *alarm)
{
	if (!alarm)
		return;
	g_source_remove(alarm->source);
	close(alarm->fd);
	g_free(alarm);
}

void
alarm_set(Alarm *alarm, gint64 when)
{
	if (alarm->when == when)
		return;
	alarm->when = when;
	arm(alarm, when ? when : NEVER);
}
