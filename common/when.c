// SPDX-License-Identifier: GPL-2.0-or-later
#include "common/when.h"

#include <stdio.h>
#include <string.h>

#include "common/text.h"

#define MORNING 8 /* o'clock, when a day is named without a time */

static const char *const days[] = { "mon", "tue", "wed", "thu",
				    "fri", "sat", "sun" };
static const char *const months[] = { "jan", "feb", "mar", "apr",
				      "may", "jun", "jul", "aug",
				      "sep", "oct", "nov", "dec" };

/* From 1; 0: none of them. Longer spellings begin alike. */
static int
word_number(const char *word, const char *const *words, guint n)
{
	for (guint i = 0; i < n; i++)
		if (g_ascii_strncasecmp(word, words[i], 3) == 0)
			return (int)i + 1;
	return 0;
}

/* "8:00", "14:30:05" */
static gboolean
parse_time(const char *text, int *hour, int *minute, int *second)
{
	int end = 0;

	*second = 0;
	if (sscanf(text, "%2d:%2d%n:%2d%n", hour, minute, &end, second,
		   &end) < 2 || text[end])
		return FALSE;
	return *hour >= 0 && *hour < 24 && *minute >= 0 && *minute < 60 &&
	       *second >= 0 && *second < 61;
}

static gboolean
take(GDateTime *date, gint64 *ret_when)
{
	if (!date)
		return FALSE;
	*ret_when = g_date_time_to_unix(date);
	g_date_time_unref(date);
	return TRUE;
}

/* "+0100", "GMT"; (transfer full) (nullable) */
static GTimeZone *
parse_zone(const char *text)
{
	int hours, minutes;
	char sign;

	if (g_str_equal(text, "GMT") || g_str_equal(text, "UT") ||
	    g_str_equal(text, "UTC") || g_str_equal(text, "Z"))
		return g_time_zone_new_utc();
	if (strlen(text) != 5 ||
	    sscanf(text, "%c%2d%2d", &sign, &hours, &minutes) != 3 ||
	    (sign != '+' && sign != '-') || hours > 14 || minutes > 59 ||
	    hours < 0 || minutes < 0)
		return NULL;
	minutes += hours * 60;
	return g_time_zone_new_offset((sign == '-' ? -60 : 60) * minutes);
}

/* "23 Nov 2026 08:00:00 +0100", the day's name and comments left out. */
static gboolean
parse_mail_date(const char *text, gint64 *ret_when)
{
	const char *comma = strchr(text, ',');
	char month[16] = "", clock[16] = "", zone[8] = "";
	int day, year, hour, minute, second;
	g_autoptr(GTimeZone) tz = NULL;

	if (sscanf(comma ? comma + 1 : text, " %2d %15s %4d %15s %7s", &day,
		   month, &year, clock, zone) != 5 ||
	    !parse_time(clock, &hour, &minute, &second) ||
	    !word_number(month, months, G_N_ELEMENTS(months)) ||
	    !(tz = parse_zone(zone)))
		return FALSE;
	return take(g_date_time_new(tz, year,
				    word_number(month, months,
						G_N_ELEMENTS(months)),
				    day, hour, minute, second),
		    ret_when);
}

/* "2026-12-24", with a time behind a blank or a T, with or without a zone. */
static gboolean
parse_iso(const char *text, gint64 *ret_when)
{
	g_autoptr(GTimeZone) local = g_time_zone_new_local();
	g_autofree char *whole = g_strdup(text);
	int year, month, day, hour = MORNING, minute = 0, second = 0, end = 0;

	if (sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &end) != 3 ||
	    end != 10)
		return FALSE;
	if (text[end] == ' ')
		whole[end] = 'T';
	if (text[end] && take(g_date_time_new_from_iso8601(whole, local),
			      ret_when))
		return TRUE;
	if (text[end] && !parse_time(text + end + 1, &hour, &minute, &second))
		return FALSE;
	return take(g_date_time_new(local, year, month, day, hour, minute,
				    second),
		    ret_when);
}

gboolean
when_parse_date(const char *text, gint64 *ret_when)
{
	return parse_iso(text, ret_when) || parse_mail_date(text, ret_when);
}

/* @ahead days after @today, at a time of day. */
static gboolean
on_day(GDateTime *today, int ahead, int hour, int minute, gint64 *ret_when)
{
	g_autoptr(GTimeZone) local = g_time_zone_new_local();
	g_autoptr(GDateTime) day = g_date_time_add_days(today, ahead);

	return take(g_date_time_new(local, g_date_time_get_year(day),
				    g_date_time_get_month(day),
				    g_date_time_get_day_of_month(day), hour,
				    minute, 0),
		    ret_when);
}

/* Days from @today to the one that @word names; -1: it names none. */
static int
days_ahead(const char *word, GDateTime *today)
{
	int day = word_number(word, days, G_N_ELEMENTS(days));

	if (g_ascii_strcasecmp(word, "today") == 0)
		return 0;
	if (g_ascii_strcasecmp(word, "tomorrow") == 0)
		return 1;
	if (!day || strlen(word) < 3)
		return -1;
	day -= g_date_time_get_day_of_week(today);
	return day > 0 ? day : day + 7;
}

/* "14:30", "tomorrow", "monday 9:00" */
static gboolean
parse_day(const char *text, gint64 now, gint64 *ret_when)
{
	g_autoptr(GDateTime) today = g_date_time_new_from_unix_local(now);
	g_auto(GStrv) words = g_strsplit(text, " ", 2);
	int hour = MORNING, minute = 0, second, ahead;
	gint64 when;

	if (!today || !words[0])
		return FALSE;
	if (!words[1] && parse_time(words[0], &hour, &minute, &second)) {
		if (!on_day(today, 0, hour, minute, &when))
			return FALSE;
		if (when <= now && !on_day(today, 1, hour, minute, &when))
			return FALSE;
		*ret_when = when;
		return TRUE;
	}
	ahead = days_ahead(words[0], today);
	if (ahead < 0 ||
	    (words[1] && !parse_time(words[1], &hour, &minute, &second)))
		return FALSE;
	return on_day(today, ahead, hour, minute, ret_when);
}

gboolean
when_parse(const char *text, gint64 now, gint64 *ret_when)
{
	gint64 seconds;

	if (text_parse_duration(text[0] == '+' ? text + 1 : text, &seconds)) {
		*ret_when = now + seconds;
		return TRUE;
	}
	return parse_day(text, now, ret_when) ||
	       when_parse_date(text, ret_when);
}
