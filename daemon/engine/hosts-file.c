// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The file: a first line with its version, then a line of fields behind tabs
 * for each next hop. Every field was made harmless when it was learnt, so
 * none has a tab or a newline:
 *
 *	name used last-ok last-error sent faults until connect speed host
 *	session extensions hosts answer why
 *
 * extensions have commas between; hosts are "host=1@seconds" (1: its
 * certificate was verified) with blanks between.
 */
#include <string.h>

#include "daemon/engine/hosts.h"

#define MAGIC "masqmail hosts 1"
#define FIELDS 15

static void
write_hosts(GString *text, const HostRecord *record)
{
	for (guint i = 0; i < record->seen->len; i++) {
		const HostSeen *host = record->seen->pdata[i];

		g_string_append_printf(text, "%s%s=%d@%" G_GINT64_FORMAT,
				       i ? " " : "", host->host,
				       host->verified, host->when);
	}
}

static void
write_hop(GString *text, const HostRecord *record)
{
	g_autofree char *extensions = g_strjoinv(",", record->extensions);

	g_string_append_printf(text,
			       "%s\t%" G_GINT64_FORMAT "\t%" G_GINT64_FORMAT
			       "\t%" G_GINT64_FORMAT "\t%" G_GUINT64_FORMAT
			       "\t%u\t%" G_GINT64_FORMAT
			       "\t%u\t%" G_GUINT64_FORMAT "\t%s\t%s\t%s\t",
			       record->name, record->used, record->last_ok,
			       record->last_error, record->sent, record->faults,
			       record->until, record->connect_ms, record->speed,
			       record->host, record->session, extensions);
	write_hosts(text, record);
	g_string_append_printf(text, "\t%s\t%s\n", record->answer, record->why);
}

char *
hosts_write(const Hosts *hosts)
{
	g_autoptr(GPtrArray) list = hosts_list(hosts);
	GString *text = g_string_new(MAGIC "\n");

	for (guint i = 0; i < list->len; i++)
		write_hop(text, list->pdata[i]);
	return g_string_free(text, FALSE);
}

static gint64
number(const char *field)
{
	gint64 value = 0;

	g_ascii_string_to_signed(field, 10, 0, G_MAXINT64, &value, NULL);
	return value;
}

static void
read_hosts(HostRecord *record, const char *field)
{
	g_auto(GStrv) words = g_strsplit(field, " ", -1);

	for (char **word = words; *word; word++) {
		char *equals = strrchr(*word, '=');

		if (!equals || equals == *word ||
		    (equals[1] != '0' && equals[1] != '1') ||
		    equals[2] != '@')
			continue;
		*equals = '\0';
		host_record_add(record, *word, equals[1] == '1',
			     number(equals + 3));
	}
}

static void
replace(char **string, const char *field)
{
	g_free(*string);
	*string = g_strdup(field);
}

static void
read_hop(Hosts *hosts, const char *line)
{
	g_auto(GStrv) fields = g_strsplit(line, "\t", FIELDS);
	HostRecord *record;

	if (g_strv_length(fields) != FIELDS || !*fields[0])
		return;
	record = host_record_new(fields[0]);
	record->used = number(fields[1]);
	record->last_ok = number(fields[2]);
	record->last_error = number(fields[3]);
	record->sent = number(fields[4]);
	record->faults = number(fields[5]);
	record->until = number(fields[6]);
	record->connect_ms = number(fields[7]);
	record->speed = number(fields[8]);
	replace(&record->host, fields[9]);
	replace(&record->session, fields[10]);
	if (*fields[11]) {
		g_strfreev(record->extensions);
		record->extensions =
			g_strsplit(fields[11], ",", HOSTS_WORDS_MAX);
	}
	read_hosts(record, fields[12]);
	replace(&record->answer, fields[13]);
	replace(&record->why, fields[14]);
	hosts_add(hosts, record);
}

void
hosts_read(Hosts *hosts, const char *text)
{
	g_auto(GStrv) lines = NULL;

	if (!g_utf8_validate(text, -1, NULL))
		return;
	lines = g_strsplit(text, "\n", HOSTS_MAX + 2);
	if (!*lines || !g_str_equal(*lines, MAGIC))
		return;
	for (char **line = lines + 1; *line; line++)
		read_hop(hosts, *line);
}
