// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker/dns.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <resolv.h>
#include <string.h>
#include <unistd.h>

#include <idn2.h>

#define MAX_NAME 253
/* Two rounds of this over at most three servers stay below DNS_SECONDS. */
#define SERVER_SECONDS 5
#define SERVER_ROUNDS 2

G_DEFINE_QUARK(masqmail-dns-error, dns_error)

static gboolean
is_address(const char *host)
{
	struct in6_addr address;

	return inet_pton(AF_INET, host, &address) == 1 ||
	       inet_pton(AF_INET6, host, &address) == 1;
}

/* Letters, digits, hyphens and underscores between dots. */
static gboolean
is_plain_name(const char *name)
{
	gsize length = strlen(name), label = 0;

	if (length == 0 || length > MAX_NAME)
		return FALSE;
	for (; *name; name++) {
		if (*name == '.' ? label == 0
				 : !g_ascii_isalnum(*name) &&
					   !strchr("-_", *name))
			return FALSE;
		label = *name == '.' ? 0 : label + 1;
	}
	return label > 0;
}

static char *
set_bad_name(const char *host, GError **error)
{
	g_set_error(error, DNS_ERROR, DNS_ERROR_NAME,
		    "%s is not the name of a host", host);
	return NULL;
}

static char *
unbracket(const char *host)
{
	gsize length = strlen(host);
	g_autofree char *inner = NULL;

	if (length < 2 || host[0] != '[' || host[length - 1] != ']')
		return NULL;
	inner = g_strndup(host + 1, length - 2);
	return is_address(inner) ? g_steal_pointer(&inner) : NULL;
}

char *
dns_host_name(const char *host, GError **error)
{
	g_autofree char *name = unbracket(host);
	char *encoded = NULL;

	if (name)
		return g_steal_pointer(&name);
	if (is_address(host))
		return g_strdup(host);
	if (g_str_is_ascii(host)) {
		name = g_ascii_strdown(host, -1);
	} else {
		if (idn2_lookup_u8((const guint8 *)host, (guint8 **)&encoded,
				   IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) !=
		    IDN2_OK)
			return set_bad_name(host, error);
		name = g_strdup(encoded);
		idn2_free(encoded);
	}
	if (g_str_has_suffix(name, "."))
		name[strlen(name) - 1] = '\0';
	if (!is_plain_name(name))
		return set_bad_name(host, error);
	return g_steal_pointer(&name);
}

/*
 * The resolver's own patience, for one process that has no threads. A name
 * with a dot is a whole one: the network's search list must not lead it
 * astray.
 */
static void
bound_resolver(const char *host)
{
	res_init();
	_res.retrans = SERVER_SECONDS;
	_res.retry = SERVER_ROUNDS;
	if (strchr(host, '.'))
		_res.options &= ~(RES_DNSRCH | RES_DEFNAMES);
}

/*
 * Other name services than DNS (nsswitch.conf) keep no such limits. Nothing
 * can be told from a signal handler; the engine sees a worker that ended
 * before it began, and that costs no try.
 */
static int
look_up(const char *host, const char *port, const struct addrinfo *hints,
	struct addrinfo **ret_found)
{
	int result;

	bound_resolver(host);
	alarm(DNS_SECONDS);
	result = getaddrinfo(host, port, hints, ret_found);
	alarm(0);
	return result;
}

static void
set_lookup_error(GError **error, int result, const char *host)
{
	gboolean missing = result == EAI_NONAME || result == EAI_NODATA ||
			   result == EAI_ADDRFAMILY;

	g_set_error(error, DNS_ERROR,
		    missing ? DNS_ERROR_MISSING : DNS_ERROR_TEMPORARY,
		    "%s: %s", host, gai_strerror(result));
}

static void
append_address(GArray *addresses, const struct addrinfo *found)
{
	DnsAddress address = { .size = found->ai_addrlen };

	if (found->ai_addrlen > sizeof(address.socket))
		return;
	memcpy(&address.socket, found->ai_addr, found->ai_addrlen);
	getnameinfo(found->ai_addr, found->ai_addrlen, address.text,
		    sizeof(address.text), NULL, 0, NI_NUMERICHOST);
	g_array_append_val(addresses, address);
}

GArray *
dns_addresses(const char *host, guint16 port, GError **error)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_NUMERICSERV };
	struct addrinfo *found = NULL;
	g_autofree char *service = g_strdup_printf("%u", port);
	GArray *addresses;
	int result;

	hints.ai_flags |= is_address(host) ? AI_NUMERICHOST : AI_ADDRCONFIG;
	result = look_up(host, service, &hints, &found);
	if (result != 0) {
		set_lookup_error(error, result, host);
		return NULL;
	}
	addresses = g_array_new(FALSE, TRUE, sizeof(DnsAddress));
	for (struct addrinfo *at = found;
	     at && addresses->len < DNS_MAX_ADDRESSES; at = at->ai_next)
		append_address(addresses, at);
	freeaddrinfo(found);
	return addresses;
}

gboolean
dns_is_loopback(const DnsAddress *address)
{
	if (address->socket.any.sa_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(&address->socket.in6.sin6_addr);
	return ntohl(address->socket.in.sin_addr.s_addr) >> 24 ==
	       IN_LOOPBACKNET;
}
