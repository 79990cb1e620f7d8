// SPDX-License-Identifier: GPL-2.0-or-later
#include "common/listen.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>

#define LOOPBACK "loopback"

char **
listen_entries(const Config *config, gboolean user)
{
	if (config != NULL && config_has(config, "General", "Listen")) {
		char **entries = config_list(config, "General", "Listen");

		if (g_strv_length(entries) == 1 &&
		    strcmp(entries[0], "none") == 0)
			g_clear_pointer(&entries[0], g_free);
		return entries;
	}
	return g_strsplit(user ? "" : LOOPBACK ":25", ";", -1);
}

/* "HOST:PORT" or "[HOST]:PORT": (transfer full) the host. */
static char *
split(const char *entry, guint16 *ret_port)
{
	const char *colon = strrchr(entry, ':');
	guint64 port;
	gsize length;

	if (colon == NULL ||
	    !g_ascii_string_to_unsigned(colon + 1, 10, 1, G_MAXUINT16, &port,
					NULL))
		return NULL;
	*ret_port = (guint16)port;
	length = (gsize)(colon - entry);
	if (length >= 2 && entry[0] == '[' && colon[-1] == ']')
		return g_strndup(entry + 1, length - 2);
	return g_strndup(entry, length);
}

static gboolean
parse(const char *host, guint16 port, ListenAddress *address)
{
	struct sockaddr_in *in = (struct sockaddr_in *)&address->storage;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&address->storage;

	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET, host, &in->sin_addr) == 1) {
		in->sin_family = AF_INET;
		in->sin_port = htons(port);
		address->size = sizeof(*in);
	} else if (inet_pton(AF_INET6, host, &in6->sin6_addr) == 1) {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(port);
		address->size = sizeof(*in6);
	}
	return address->size != 0;
}

char **
listen_addresses(const char *entry)
{
	guint16 port;
	g_autofree char *host = split(entry, &port);
	ListenAddress address;

	if (host == NULL)
		return NULL;
	if (strcmp(host, LOOPBACK) == 0)
		return g_strsplit("127.0.0.1 ::1", " ", -1);
	if (strcmp(host, LISTEN_LAN) == 0)
		return g_new0(char *, 1);
	return parse(host, port, &address) ? g_strsplit(host, " ", -1) : NULL;
}

static gboolean
is_unicast(const ListenAddress *address)
{
	const struct sockaddr_in *in = (const void *)&address->storage;
	const struct sockaddr_in6 *in6 = (const void *)&address->storage;

	if (in->sin_family == AF_INET) {
		guint32 host = ntohl(in->sin_addr.s_addr);

		return host != INADDR_ANY && host != INADDR_BROADCAST &&
		       !IN_MULTICAST(host);
	}
	/* A mapped address would slip past the checks of the other kind. */
	return !IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr) &&
	       !IN6_IS_ADDR_MULTICAST(&in6->sin6_addr) &&
	       !IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr);
}

/* RFC 1918 and RFC 4193. */
static gboolean
is_private(const ListenAddress *address)
{
	const struct sockaddr_in *in = (const void *)&address->storage;
	const struct sockaddr_in6 *in6 = (const void *)&address->storage;
	guint32 host = ntohl(in->sin_addr.s_addr);

	if (in->sin_family == AF_INET)
		return host >> 24 == 10 || host >> 20 == 0xac1 ||
		       host >> 16 == 0xc0a8;
	return (in6->sin6_addr.s6_addr[0] & 0xfe) == 0xfc;
}

gboolean
listen_resolve(const char *entry, const char *text,
	       ListenAddress *ret_address)
{
	g_auto(GStrv) known = listen_addresses(entry);
	guint16 port = 0;
	g_autofree char *host = split(entry, &port);
	ListenAddress address;

	if (known == NULL ||
	    (strcmp(host, LISTEN_LAN) != 0 &&
	     !g_strv_contains((const char *const *)known, text)))
		return FALSE;
	if (!parse(text, port, &address) || !is_unicast(&address))
		return FALSE;
	if (strcmp(host, LISTEN_LAN) == 0 && !is_private(&address))
		return FALSE;
	*ret_address = address;
	return TRUE;
}

static gboolean
same_host(const struct sockaddr *a, const struct sockaddr *b)
{
	const struct sockaddr_in *a4 = (const void *)a, *b4 = (const void *)b;
	const struct sockaddr_in6 *a6 = (const void *)a,
				  *b6 = (const void *)b;

	if (a->sa_family != b->sa_family)
		return FALSE;
	if (a->sa_family == AF_INET)
		return a4->sin_addr.s_addr == b4->sin_addr.s_addr;
	return a->sa_family == AF_INET6 &&
	       IN6_ARE_ADDR_EQUAL(&a6->sin6_addr, &b6->sin6_addr);
}

static gboolean
is_loopback(const ListenAddress *address)
{
	const struct sockaddr_in *in = (const void *)&address->storage;
	const struct sockaddr_in6 *in6 = (const void *)&address->storage;

	if (in->sin_family == AF_INET)
		return ntohl(in->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	return IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
}

gboolean
listen_is_ours(const ListenAddress *address)
{
	const struct sockaddr *wanted = (const void *)&address->storage;
	struct ifaddrs *all = NULL, *one;
	gboolean found = is_loopback(address);

	if (!found && getifaddrs(&all) < 0)
		return FALSE;
	for (one = all; one != NULL && !found; one = one->ifa_next)
		found = one->ifa_addr != NULL &&
			same_host(one->ifa_addr, wanted);
	freeifaddrs(all);
	return found;
}

gboolean
listen_equal(const ListenAddress *a, const ListenAddress *b)
{
	const struct sockaddr_in *a4 = (const void *)&a->storage;
	const struct sockaddr_in *b4 = (const void *)&b->storage;

	/* The port is at the same place in both families. */
	return same_host((const void *)a4, (const void *)b4) &&
	       a4->sin_port == b4->sin_port;
}
