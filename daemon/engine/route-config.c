// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Routes of their configuration. What only the worker needs (CaFile,
 * Fingerprint, Helo, ...) it reads itself; here is what decides.
 */
#include "daemon/engine/route.h"

#include <string.h>

#define PORT_SMTP 25
#define PORT_SUBMISSION 587
#define PORT_SUBMISSIONS 465 /* implicit TLS, RFC 8314 */

static char **
lower_list(const Config *config, const char *key)
{
	char **words = config_list(config, "Match", key);

	for (char **word = words; *word; word++) {
		char *lower = g_ascii_strdown(*word, -1);

		g_free(*word);
		*word = lower;
	}
	return words;
}

static RouteTls
get_tls(const Config *config)
{
	g_autofree char *word = config_string(config, "Relay", "Tls");

	for (RouteTls tls = ROUTE_TLS_NEVER; tls <= ROUTE_TLS_IMPLICIT; tls++)
		if (g_str_equal(word, route_tls_name(tls)))
			return tls;
	return ROUTE_TLS_REQUIRED;
}

static void
replace(char **string, char *with)
{
	g_free(*string);
	*string = with ? with : g_strdup("");
}

static void
replace_list(char ***list, char **with)
{
	g_strfreev(*list);
	*list = with;
}

/* No smart host, or none but the DNS: each domain's own hosts. */
static void
read_host(Route *route, const Config *config)
{
	g_autofree char *proxy = config_string(config, "Relay", "Proxy");

	replace(&route->host, config_string(config, "Relay", "Host"));
	if (g_ascii_strcasecmp(route->host, "mx") == 0)
		replace(&route->host, NULL);
	route->kind = *route->host ? ROUTE_SMARTHOST : ROUTE_DIRECT;
	route->proxied = proxy && *proxy;
}

static guint
default_port(const Route *route)
{
	if (route->kind == ROUTE_DIRECT)
		return PORT_SMTP;
	if (g_str_has_prefix(route->host, ROUTE_SRV))
		return 0;
	return route->tls == ROUTE_TLS_IMPLICIT ? PORT_SUBMISSIONS
						: PORT_SUBMISSION;
}

static void
read_relay(Route *route, const Config *config)
{
	read_host(route, config);
	replace(&route->user, config_string(config, "Relay", "User"));
	replace(&route->owner, config_string(config, "Relay", "Owner"));
	replace_list(&route->auth, config_list(config, "Relay", "Auth"));
	route->tls = get_tls(config);
	/* Of hosts that nobody chose few could prove their name. */
	if (route->kind == ROUTE_DIRECT && !config_has(config, "Relay", "Tls"))
		route->tls = ROUTE_TLS_IF_POSSIBLE;
	route->insecure = config_boolean(config, "Relay", "Insecure");
	route->connections =
		CLAMP(config_number(config, "Relay", "Connections"), 1,
		      ROUTE_MAX_CONNECTIONS);
	route->port = config_has(config, "Relay", "Port")
			      ? config_number(config, "Relay", "Port")
			      : default_port(route);
	route->secret = *route->user &&
			!(route->auth[0] &&
			  g_str_equal(route->auth[0], "none"));
}

/* What does not go with hosts that the DNS names, or NULL. */
static const char *
complaint_of_dns(const Route *route, const Config *config)
{
	if (route->proxied)
		return "[Relay] Proxy needs the name of a Host: it cannot be "
		       "asked for MX or SRV";
	if (route->kind == ROUTE_SMARTHOST)
		return config_has(config, "Relay", "Port")
			       ? "[Relay] Port does not go with Host=srv: the "
				 "DNS says it"
			       : NULL;
	if (*route->user)
		return "[Relay] User needs a Host: to the mail servers of "
		       "other domains nobody logs in";
	if (route->tls == ROUTE_TLS_IMPLICIT)
		return "[Relay] Tls=implicit needs a Host: the mail servers "
		       "of other domains do not offer it";
	return NULL;
}

/* What is wrong with the values together, or NULL. */
static const char *
complaint(const Route *route, const Config *config)
{
	const char *wrong = NULL;

	if (route->kind == ROUTE_DIRECT || !default_port(route))
		wrong = complaint_of_dns(route, config);
	if (wrong)
		return wrong;
	if ((route->port == 0 && default_port(route)) ||
	    route->port > G_MAXUINT16)
		return "[Relay] Port should be a number from 1 to 65535";
	if (route->tls == ROUTE_TLS_NEVER && !route->insecure &&
	    !route_is_loopback(route))
		return "[Relay] Tls=never needs Insecure=yes: everybody on "
		       "the way could read the mail";
	return NULL;
}

Route *
route_from_config(const Config *config, const char *name, GError **error)
{
	g_autoptr(Route) route = route_new(name);
	const char *wrong;

	read_relay(route, config);
	replace_list(&route->senders, lower_list(config, "Senders"));
	replace_list(&route->recipients, lower_list(config, "Recipients"));
	replace_list(&route->users, config_list(config, "Match", "Users"));
	wrong = complaint(route, config);
	if (g_str_equal(name, ROUTE_LOCAL))
		wrong = "the name \"" ROUTE_LOCAL "\" means this machine's "
			"mailboxes; choose another";
	if (!wrong)
		return g_steal_pointer(&route);
	g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_VALUE, "%s", wrong);
	return NULL;
}

static void
add_words(GPtrArray *lines, const char *what, char **words)
{
	g_autofree char *list = NULL;

	if (!*words)
		return;
	list = g_strjoinv(", ", words);
	g_ptr_array_add(lines, g_strdup_printf("%s %s", what, list));
}

char **
route_match_words(const Route *route)
{
	GPtrArray *lines = g_ptr_array_new();
	char *owner[] = { *route->owner ? route->owner : NULL, NULL };

	add_words(lines, "from", route->senders);
	add_words(lines, "to", route->recipients);
	add_words(lines, "handed in by",
		  *route->users ? route->users : owner);
	g_ptr_array_add(lines, NULL);
	return (char **)g_ptr_array_free(lines, FALSE);
}
