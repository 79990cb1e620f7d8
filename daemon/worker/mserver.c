// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker/mserver.h"

#include <errno.h>
#include <string.h>

#include "common/error.h"
#include "daemon/worker/dns.h"
#include "daemon/worker/race.h"

gboolean
mserver_parse(const char *text, char **ret_host, guint16 *ret_port)
{
	const char *colon = strrchr(text, ':');
	guint64 port = MSERVER_PORT;
	gsize length = strlen(text);

	/* An IPv6 address has colons of its own. */
	if (colon && *text != '[' && strchr(text, ':') != colon)
		colon = NULL;
	if (colon && *text == '[' && colon[-1] != ']')
		colon = NULL;
	if (colon && !g_ascii_string_to_unsigned(colon + 1, 10, 1, G_MAXUINT16,
						 &port, NULL))
		return FALSE;
	if (colon)
		length = colon - text;
	if (length > 2 && text[0] == '[' && text[length - 1] == ']') {
		text++;
		length -= 2;
	}
	if (length == 0)
		return FALSE;
	*ret_host = g_strndup(text, length);
	*ret_port = (guint16)port;
	return TRUE;
}

static char *
complain(GError **error, const char *line)
{
	g_set_error(error, SYSTEM_ERROR, EPROTO, "it said \"%s\"", line);
	return NULL;
}

static gboolean
await_ready(Stream *stream, GError **error)
{
	for (guint i = 0; i < MSERVER_GREETING_MAX; i++) {
		g_autofree char *line =
			stream_read_line(stream, MSERVER_LINE_MAX, error);

		if (!line)
			return FALSE;
		if (g_str_has_prefix(line, "READY"))
			return TRUE;
	}
	g_set_error(error, SYSTEM_ERROR, EPROTO, "it is never READY");
	return FALSE;
}

/* "UP name:seconds", or "UP name" of old ones. */
static char *
take_up(const char *line, GError **error)
{
	g_autofree char *name = g_strdup(line + strlen("UP"));

	g_strstrip(name);
	name[strcspn(name, ":")] = '\0';
	return *name ? g_steal_pointer(&name) : complain(error, line);
}

char *
mserver_ask(Stream *stream, GError **error)
{
	g_autofree char *line = NULL;
	char *name = NULL;

	if (!await_ready(stream, error) ||
	    !stream_write(stream, "STAT\n", strlen("STAT\n"), error))
		return NULL;
	line = stream_read_line(stream, MSERVER_LINE_MAX, error);
	if (!line)
		return NULL;
	if (g_str_has_prefix(line, "DOWN"))
		name = g_strdup("");
	else if (g_str_has_prefix(line, "UP "))
		name = take_up(line, error);
	else
		complain(error, line);
	/* A goodbye that fails changes nothing. */
	stream_write(stream, "QUIT\n", strlen("QUIT\n"), NULL);
	return name;
}

static DnsHost *
find_host(const char *host, int watched, GError **error)
{
	g_autoptr(DnsLookup) lookup = dns_lookup_new(NULL, watched, error);
	g_autofree char *name = dns_host_name(host, lookup ? error : NULL);
	g_autoptr(GPtrArray) hosts =
		g_ptr_array_new_with_free_func((GDestroyNotify)dns_host_free);
	DnsHost *found;

	if (!lookup || !name)
		return NULL;
	g_ptr_array_add(hosts, dns_host_new(name));
	if (!dns_find_hosts(lookup, hosts)) {
		g_set_error(error, SYSTEM_ERROR, ECANCELED, "stopped");
		return NULL;
	}
	found = hosts->pdata[0];
	if (found->addresses->len > 0)
		return g_ptr_array_steal_index(hosts, 0);
	g_set_error(error, SYSTEM_ERROR, ENOENT, "no address of %s is known",
		    host);
	return NULL;
}

char *
mserver_detect(const char *host, guint16 port, int watched, GError **error)
{
	const RaceRules rules = { .port = port, .seconds = MSERVER_SECONDS,
				  .watched = watched };
	g_autoptr(DnsHost) found = find_host(host, watched, error);
	DnsAddress winner;
	Stream *stream;
	char *name;

	if (!found)
		return NULL;
	stream = race_connect(found->addresses, &rules, &winner, error);
	if (!stream)
		return NULL;
	if (watched >= 0)
		stream_watch(stream, watched);
	stream_set_deadline(stream, MSERVER_SECONDS);
	name = mserver_ask(stream, error);
	stream_free(stream);
	return name;
}
