// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Routes of their configuration. What only the worker needs (CaFile,
 * Fingerprint, Helo, ...) it reads itself; here is what decides.
 */
#include "daemon/engine/route.h"

#include <string.h>

#include "common/rewrite.h"

#define PORT_SMTP 25
#define PORT_LMTP 24
#define COMMAND_HOST "a command" /* what people see of a pipe */
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

static gboolean
has_text(const Config *config, const char *group, const char *key)
{
	g_autofree char *text = config_string(config, group, key);

	return text && *text;
}

static gboolean
is_lmtp(const Config *config)
{
	g_autofree char *word = config_string(config, "Relay", "Protocol");

	return g_str_equal(word, "lmtp");
}

/* A socket of this machine, or no dialogue at all: nothing to protect. */
static gboolean
has_no_line(const Route *route)
{
	return *route->host == '/' ||
	       g_str_equal(route->host, COMMAND_HOST);
}

/* No smart host, or none but the DNS: each domain's own hosts. */
static void
read_host(Route *route, const Config *config)
{
	g_autofree char *proxy = config_string(config, "Relay", "Proxy");

	replace(&route->host, config_string(config, "Relay", "Host"));
	route->command = has_text(config, "Relay", "Wrapper") ||
			 has_text(config, "Pipe", "Command");
	if (has_text(config, "Pipe", "Command"))
		replace(&route->host, g_strdup(COMMAND_HOST));
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
	if (g_str_has_prefix(route->host, ROUTE_SRV) || has_no_line(route))
		return 0;
	if (route->lmtp)
		return PORT_LMTP;
	return route->tls == ROUTE_TLS_IMPLICIT ? PORT_SUBMISSIONS
						: PORT_SUBMISSION;
}

static void
read_match(Route *route, const Config *config)
{
	replace_list(&route->senders, lower_list(config, "Senders"));
	replace_list(&route->not_senders, lower_list(config, "NotSenders"));
	replace_list(&route->from, lower_list(config, "From"));
	replace_list(&route->not_from, lower_list(config, "NotFrom"));
	replace_list(&route->recipients, lower_list(config, "Recipients"));
	replace_list(&route->not_recipients,
		     lower_list(config, "NotRecipients"));
	replace_list(&route->users, config_list(config, "Match", "Users"));
	replace_list(&route->not_users,
		     config_list(config, "Match", "NotUsers"));
	replace_list(&route->vpns, config_list(config, "Match", "Vpn"));
	replace_list(&route->needs, config_list(config, "Match", "Needs"));
	replace_list(&route->profiles,
		     config_list(config, "Match", "Profiles"));
	route->min_size = config_number(config, "Match", "MinSize");
	route->max_size = config_number(config, "Match", "MaxSize");
	route->last = config_boolean(config, "Match", "LastRoute");
}

static gboolean
is_bounce(const Config *config)
{
	g_autofree char *word =
		config_string(config, "Relay", "OnConnectError");

	return g_str_equal(word, "bounce");
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
	if (has_no_line(route) && !config_has(config, "Relay", "Tls"))
		route->tls = ROUTE_TLS_NEVER;
	route->lmtp = is_lmtp(config);
	route->insecure = config_boolean(config, "Relay", "Insecure");
	route->bounce = is_bounce(config);
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

static gboolean
may_ask_dns(const Config *config)
{
	g_auto(GStrv) words = config_list(config, "Relay", "Resolver");

	return !*words || g_strv_contains((const char *const *)words, "dns");
}

/* What does not go with hosts that the DNS names, or NULL. */
static const char *
complaint_of_dns(const Route *route, const Config *config)
{
	if (route->proxied)
		return "[Relay] Proxy needs the name of a Host: it cannot be "
		       "asked for MX or SRV";
	if (route->kind == ROUTE_SMARTHOST && !may_ask_dns(config))
		return "[Relay] Host=srv needs dns in Resolver";
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

/* What does not go with a command, a socket or LMTP, or NULL. */
static const char *
complaint_of_command(const Route *route, const Config *config)
{
	if (has_text(config, "Pipe", "Command"))
		return has_text(config, "Relay", "Host") ||
				       has_text(config, "Relay", "Wrapper")
			       ? "[Pipe] Command does not go with Host or "
				 "Wrapper: there is no dialogue"
			       : NULL;
	if (route->command && route->kind == ROUTE_DIRECT)
		return "[Relay] Wrapper needs a Host: the name of the server "
		       "that the command leads to";
	if (route->lmtp && route->kind == ROUTE_DIRECT)
		return "[Relay] Protocol=lmtp needs a Host";
	if (route->proxied && (route->command || has_no_line(route)))
		return "[Relay] Proxy does not go with a command or a socket";
	return NULL;
}

/* What is wrong with the way to the host, or NULL. */
static const char *
complaint_of_way(const Config *config)
{
	static const char *const ways[] = { "hosts", "dns", "system", NULL };
	g_autofree char *proxy = config_string(config, "Relay", "Proxy");
	g_auto(GStrv) resolver = config_list(config, "Relay", "Resolver");
	g_auto(GStrv) sources = config_list(config, "Relay", "SourceAddress");
	NetAddress address;

	if (proxy && *proxy && !g_str_has_prefix(proxy, "socks5://"))
		return "[Relay] Proxy should be socks5://[USER@]HOST[:PORT]";
	for (char **word = resolver; *word; word++)
		if (!g_strv_contains(ways, *word))
			return "[Relay] Resolver knows the words hosts, dns "
			       "and system";
	for (char **word = sources; *word; word++)
		if (!net_address_parse(*word, &address) || strchr(*word, '/'))
			return "[Relay] SourceAddress should be an IPv4 or "
			       "an IPv6 address, or one of each";
	return NULL;
}

/* What is wrong with the values together, or NULL. */
static const char *
complaint(const Route *route, const Config *config)
{
	const char *wrong = complaint_of_way(config);

	if (wrong)
		return wrong;
	wrong = complaint_of_command(route, config);
	if (wrong)
		return wrong;
	if (route->kind == ROUTE_DIRECT ||
	    g_str_has_prefix(route->host, ROUTE_SRV))
		wrong = complaint_of_dns(route, config);
	if (wrong)
		return wrong;
	if ((route->port == 0 && default_port(route)) ||
	    route->port > G_MAXUINT16)
		return "[Relay] Port should be a number from 1 to 65535";
	for (char **need = route->needs; *need; need++)
		if (!route_need_is_valid(*need))
			return "[Match] Needs should be vpn:INTERFACE or "
			       "network:NAME";
	if (route->max_size && route->min_size > route->max_size)
		return "[Match] MinSize is above MaxSize: no mail would fit";
	if (route->tls == ROUTE_TLS_NEVER && !route->insecure &&
	    !route_is_vouched(route))
		return "[Relay] Tls=never needs Insecure=yes: everybody on "
		       "the way could read the mail";
	return NULL;
}

Route *
route_from_config(const Config *config, const char *name, GError **error)
{
	g_autoptr(Route) route = route_new(name);
	g_autoptr(Rewrite) rewrite = NULL;
	g_autoptr(GError) broken = NULL;
	const char *wrong;

	read_relay(route, config);
	read_match(route, config);
	wrong = complaint(route, config);
	if (g_str_equal(name, ROUTE_LOCAL))
		wrong = "the name \"" ROUTE_LOCAL "\" means this machine's "
			"mailboxes; choose another";
	rewrite = rewrite_from_config(config, &broken);
	route->rewrites = rewrite != NULL;
	if (!wrong && broken)
		wrong = broken->message;
	if (!wrong)
		return g_steal_pointer(&route);
	g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_VALUE, "%s", wrong);
	return NULL;
}
