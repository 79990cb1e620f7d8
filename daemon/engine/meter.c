// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/meter.h"

#include <string.h>

typedef struct {
	gint64 seconds; /* before .since */
	gint64 since;   /* valid while running */
	gboolean running;
} Reading;

struct Meter {
	GHashTable *routes; /* name -> Reading */
};

Meter *
meter_new(void)
{
	Meter *meter = g_new0(Meter, 1);

	meter->routes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
					      g_free);
	return meter;
}

void
meter_free(Meter *meter)
{
	if (!meter)
		return;
	g_hash_table_unref(meter->routes);
	g_free(meter);
}

static Reading *
reading_of(Meter *meter, const char *route)
{
	Reading *reading = g_hash_table_lookup(meter->routes, route);

	if (reading || g_hash_table_size(meter->routes) == METER_MAX_ROUTES)
		return reading;
	reading = g_new0(Reading, 1);
	g_hash_table_insert(meter->routes, g_strdup(route), reading);
	return reading;
}

static gint64
seconds_of(const Reading *reading, gint64 now)
{
	return reading->seconds +
	       (reading->running ? MAX(now - reading->since, 0) : 0);
}

static void
turn(Reading *reading, gboolean running, gint64 now)
{
	if (reading->running == running)
		return;
	reading->seconds = seconds_of(reading, now);
	reading->since = now;
	reading->running = running;
}

void
meter_run(Meter *meter, const char *route, gboolean running, gint64 now)
{
	Reading *reading = reading_of(meter, route);

	if (reading)
		turn(reading, running, now);
}

void
meter_run_only(Meter *meter, const char *const *names, gint64 now)
{
	GHashTableIter iter;
	gpointer name;
	gpointer reading;

	g_hash_table_iter_init(&iter, meter->routes);
	while (g_hash_table_iter_next(&iter, &name, &reading))
		if (!g_strv_contains(names, name))
			turn(reading, FALSE, now);
	for (; *names; names++)
		meter_run(meter, *names, TRUE, now);
}

void
meter_clear(Meter *meter, const char *route, gint64 now)
{
	Reading *reading = g_hash_table_lookup(meter->routes, route);

	if (!reading)
		return;
	reading->seconds = 0;
	reading->since = now;
}

gint64
meter_read(const Meter *meter, const char *route, gint64 now)
{
	const Reading *reading = g_hash_table_lookup(meter->routes, route);

	return reading ? seconds_of(reading, now) : 0;
}

char *
meter_snapshot(const Meter *meter, gint64 now)
{
	GString *text = g_string_new(NULL);
	g_autoptr(GList) names = g_list_sort(
		g_hash_table_get_keys(meter->routes), (GCompareFunc)strcmp);

	for (const GList *each = names; each; each = each->next)
		g_string_append_printf(text, "%s%s=%" G_GINT64_FORMAT,
				       text->len ? " " : "",
				       (const char *)each->data,
				       meter_read(meter, each->data, now));
	return g_string_free(text, FALSE);
}

/* "isp=1234"; FALSE if it is not that. */
static gboolean
parse_reading(char *word, const char **ret_name, gint64 *ret_seconds)
{
	char *equals = strrchr(word, '=');

	if (!equals || equals == word ||
	    !g_ascii_string_to_signed(equals + 1, 10, 0, G_MAXINT64 / 2,
				      ret_seconds, NULL))
		return FALSE;
	*equals = '\0';
	*ret_name = word;
	return TRUE;
}

void
meter_load(Meter *meter, const char *text)
{
	g_auto(GStrv) words = g_strsplit_set(text, " \n", -1);

	for (char **word = words; *word; word++) {
		const char *name;
		gint64 seconds;
		Reading *reading;

		if (!parse_reading(*word, &name, &seconds))
			continue;
		reading = reading_of(meter, name);
		if (reading)
			reading->seconds = seconds;
	}
}

/* What @snapshot says of @route: 0 when it did not exist then. */
static gint64
snapshot_of(const char *snapshot, const char *route)
{
	g_auto(GStrv) words = g_strsplit(snapshot, " ", -1);

	for (char **word = words; *word; word++) {
		const char *name;
		gint64 seconds;

		if (parse_reading(*word, &name, &seconds) &&
		    g_str_equal(name, route))
			return seconds;
	}
	return 0;
}

gint64
meter_age(const Meter *meter, const char *snapshot,
	  const char *const *routes, gint64 now)
{
	GHashTableIter iter;
	gpointer name;
	gpointer reading;
	gint64 age = 0;

	if (!snapshot)
		return 0;
	g_hash_table_iter_init(&iter, meter->routes);
	while (g_hash_table_iter_next(&iter, &name, &reading)) {
		if (routes && !g_strv_contains(routes, name))
			continue;
		age = MAX(age, seconds_of(reading, now) -
				       snapshot_of(snapshot, name));
	}
	return age;
}

gboolean
meter_runs(const Meter *meter, const char *const *routes)
{
	for (; *routes; routes++) {
		const Reading *reading =
			g_hash_table_lookup(meter->routes, *routes);

		if (reading && reading->running)
			return TRUE;
	}
	return FALSE;
}
