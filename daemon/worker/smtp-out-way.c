// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a route's file says of the way to its host: direct or not, resolver,
 * proxy, source addresses. The DNS itself is smtp-out-where.c's.
 */
#include <string.h>

#include "daemon/worker/dns-order.h"
#include "daemon/worker/smtp-out.h"

#define SRV "srv:"
#define LMTP_PORT 24
#define COMMAND_HOST "a command" /* of a pipe, as the engine says it */
#define MAX_SOURCES 2 /* one of each family */

static gboolean
complain(GError **error, const char *what)
{
	g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_VALUE, "[Relay] %s",
		    what);
	return FALSE;
}

/* (transfer full). This machine's mail names, for the MX that is us. */
static char **
own_names(const Config *main)
{
	g_auto(GStrv) others = config_list(main, "General", "LocalHosts");
	GPtrArray *names = g_ptr_array_new();

	g_ptr_array_add(names, worker_host_name(main));
	g_ptr_array_add(names, g_strdup("localhost"));
	for (char **other = others; *other; other++)
		g_ptr_array_add(names, g_strdup(*other));
	g_ptr_array_add(names, NULL);
	return (char **)g_ptr_array_free(names, FALSE);
}

static gboolean
take_sources(SmtpRoute *route, const Config *config, GError **error)
{
	g_auto(GStrv) words = config_list(config, "Relay", "SourceAddress");

	route->sources = g_array_new(FALSE, FALSE, sizeof(DnsAddress));
	for (char **word = words; *word; word++) {
		DnsAddress address;

		if (route->sources->len == MAX_SOURCES ||
		    !dns_address_parse(*word, &address))
			return complain(error,
					"SourceAddress= should be an IPv4 or "
					"an IPv6 address, or one of each");
		g_array_append_val(route->sources, address);
	}
	return TRUE;
}

static gboolean
take_proxy(SmtpRoute *route, const Config *config, GError **error)
{
	g_autofree char *proxy = config_string(config, "Relay", "Proxy");

	if (!proxy || !*proxy)
		return TRUE;
	if (!route->host)
		return complain(error, "Proxy= needs the name of a Host=");
	route->proxy = socks_proxy_parse(proxy, error);
	return route->proxy != NULL;
}

/* What is asked for by the names of other people's hosts. */
static void
take_host(SmtpRoute *route)
{
	if (route->host && g_ascii_strcasecmp(route->host, "mx") == 0)
		g_clear_pointer(&route->host, g_free);
	if (route->host && g_str_has_prefix(route->host, SRV)) {
		route->service = g_strdup(route->host + strlen(SRV));
		g_clear_pointer(&route->host, g_free);
	}
	route->direct = !route->host && !route->service;
}

static char *
take_text(const Config *config, const char *group, const char *key)
{
	char *text = config_string(config, group, key);

	if (text && *text)
		return text;
	g_free(text);
	return NULL;
}

/* What there is in the place of a connection and of SMTP. */
static void
take_protocol(SmtpRoute *route, const Config *config)
{
	g_autofree char *word = config_string(config, "Relay", "Protocol");
	g_autofree char *wrapper = take_text(config, "Relay", "Wrapper");
	g_autofree char *pipe = take_text(config, "Pipe", "Command");

	if (g_str_equal(word, "lmtp"))
		route->protocol = SMTP_LMTP;
	if (pipe) {
		route->protocol = SMTP_PIPE;
		g_free(route->host);
		route->host = g_strdup(COMMAND_HOST);
	}
	route->wrapper = wrapper != NULL;
	route->from_line = config_boolean(config, "Pipe", "FromLine");
	route->pipe_seconds = config_number(config, "Pipe", "Timeout");
	if (route->protocol == SMTP_LMTP &&
	    !config_has(config, "Relay", "Port"))
		route->port = LMTP_PORT;
	if (!pipe && !(route->host && *route->host == '/'))
		return;
	/* No line, no port; nothing to protect. */
	route->port = 0;
	if (!config_has(config, "Relay", "Tls"))
		route->tls = SMTP_TLS_NEVER;
}

gboolean
smtp_route_take_way(SmtpRoute *route, const Config *config,
		    const Config *main, GError **error)
{
	take_protocol(route, config);
	take_host(route);
	if (route->direct) {
		/* No password ever goes where the DNS points. */
		g_clear_pointer(&route->user, g_free);
		if (!config_has(config, "Relay", "Tls"))
			route->tls = SMTP_TLS_IF_POSSIBLE;
		if (!config_has(config, "Relay", "Port"))
			route->port = SMTP_PORT;
	}
	route->resolver = config_list(config, "Relay", "Resolver");
	route->own_names = own_names(main);
	return take_sources(route, config, error) &&
	       take_proxy(route, config, error);
}

void
smtp_route_clear_way(SmtpRoute *route)
{
	g_free(route->service);
	g_strfreev(route->resolver);
	g_strfreev(route->own_names);
	socks_proxy_free(route->proxy);
	g_clear_pointer(&route->sources, g_array_unref);
}
