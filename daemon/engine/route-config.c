// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Routes of their configuration. What only the worker needs (CaFile,
 * Fingerprint, Helo, ...) it reads itself; here is what decides.
 */
#include "daemon/engine/route.h"

#include <string.h>

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

static void
read_relay(Route *route, const Config *config)
{
	gint64 port = config_number(config, "Relay", "Port");

	replace(&route->host, config_string(config, "Relay", "Host"));
	replace(&route->user, config_string(config, "Relay", "User"));
	replace(&route->owner, config_string(config, "Relay", "Owner"));
	replace_list(&route->auth, config_list(config, "Relay", "Auth"));
	route->tls = get_tls(config);
	route->insecure = config_boolean(config, "Relay", "Insecure");
	route->connections =
		CLAMP(config_number(config, "Relay", "Connections"), 1,
		      ROUTE_MAX_CONNECTIONS);
	route->port = port ? port :
		      route->tls == ROUTE_TLS_IMPLICIT ? PORT_SUBMISSIONS :
							 PORT_SUBMISSION;
	route->secret = *route->user &&
			!(route->auth[0] &&
			  g_str_equal(route->auth[0], "none"));
}

/* What is wrong with the values together, or NULL. */
static const char *
complaint(const Route *route)
{
	if (!*route->host)
		return "[Relay] Host is missing: the smart host's name or "
		       "address";
	if (route->port == 0 || route->port > G_MAXUINT16)
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
	wrong = complaint(route);
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
