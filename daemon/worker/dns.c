// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker/dns.h"

#include <netdb.h>
#include <string.h>
#include <unistd.h>

#include <idn2.h>

#include "daemon/worker/dns-order.h"

#define HOSTS_FILE "/etc/hosts"

G_DEFINE_QUARK(masqmail-dns-error, dns_error)

static char *
set_bad_name(const char *host, GError **error)
{
	g_set_error(error, DNS_ERROR, DNS_ERROR_NAME,
		    "%s is not the name of a host", host);
	return NULL;
}

/* "[192.0.2.1]", "[2001:db8::1]", "[IPv6:2001:db8::1]". (nullable) */
static char *
unbracket(const char *host)
{
	gsize length = strlen(host);
	g_autofree char *inner = NULL;
	DnsAddress address;
	const char *bare;

	if (length < 2 || host[0] != '[' || host[length - 1] != ']')
		return NULL;
	inner = g_strndup(host + 1, length - 2);
	bare = inner;
	if (g_ascii_strncasecmp(bare, "IPv6:", strlen("IPv6:")) == 0)
		bare += strlen("IPv6:");
	return dns_address_parse(bare, &address) ? g_strdup(bare) : NULL;
}

char *
dns_host_name(const char *host, GError **error)
{
	g_autofree char *name = unbracket(host);
	char *encoded = NULL;
	DnsAddress address;

	if (name)
		return g_steal_pointer(&name);
	if (dns_address_parse(host, &address))
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
	if (!dns_is_plain_name(name))
		return set_bad_name(host, error);
	return g_steal_pointer(&name);
}

gboolean
dns_is_loopback(const DnsAddress *address)
{
	const struct in6_addr *six = &address->socket.in6.sin6_addr;

	if (address->socket.any.sa_family != AF_INET6)
		return ntohl(address->socket.in.sin_addr.s_addr) >> 24 ==
		       IN_LOOPBACKNET;
	return IN6_IS_ADDR_LOOPBACK(six) ||
	       (IN6_IS_ADDR_V4MAPPED(six) &&
		six->s6_addr[12] == IN_LOOPBACKNET);
}

DnsLookup *
dns_lookup_new(const char *const *order, int watched, GError **error)
{
	static const char *const words[] = { "hosts", "dns", "system", NULL };
	DnsLookup *lookup;

	for (guint i = 0; order && order[i]; i++)
		if (!g_strv_contains(words, order[i])) {
			g_set_error(error, DNS_ERROR, DNS_ERROR_ORDER,
				    "Resolver= knows hosts, dns and system, "
				    "not %s", order[i]);
			return NULL;
		}
	lookup = g_new0(DnsLookup, 1);
	lookup->order = g_strdupv((char **)order);
	lookup->servers = dns_servers_load();
	lookup->watched = watched;
	return lookup;
}

void
dns_lookup_free(DnsLookup *lookup)
{
	if (!lookup)
		return;
	g_strfreev(lookup->order);
	dns_servers_free(lookup->servers);
	g_free(lookup);
}

gboolean
dns_lookup_asks_dns(const DnsLookup *lookup)
{
	return !lookup->order || !*lookup->order ||
	       g_strv_contains((const char *const *)lookup->order, "dns");
}

DnsHost *
dns_host_new(const char *name)
{
	DnsHost *host = g_new0(DnsHost, 1);

	host->name = g_strdup(name);
	host->canonical = g_strdup(name);
	host->result = DNS_NONE; /* until anybody else is asked */
	host->addresses = g_array_new(FALSE, FALSE, sizeof(DnsAddress));
	return host;
}

void
dns_host_free(DnsHost *host)
{
	if (!host)
		return;
	g_free(host->name);
	g_free(host->canonical);
	g_array_unref(host->addresses);
	g_free(host);
}

/* --- the ways ------------------------------------------------------------- */

/*
 * Names without a dot are of the search list or of this house, those in
 * .local of mDNS (RFC 6762): the DNS of the whole world knows neither. What
 * others name leads nobody to them.
 */
static const char *const *
order_for(const DnsLookup *lookup, const DnsHost *host)
{
	static const char *const far[] = { "hosts", "dns", NULL };
	static const char *const near[] = { "system", NULL };

	if (lookup->order && *lookup->order)
		return (const char *const *)lookup->order;
	if (host->foreign || (strchr(host->name, '.') &&
			      !g_str_has_suffix(host->name, ".local")))
		return far;
	return near;
}

static void
find_in_file(DnsHost *host)
{
	g_autofree char *text = NULL;

	if (!g_file_get_contents(HOSTS_FILE, &text, NULL, NULL) ||
	    !dns_hosts_find(text, host->name, host->addresses))
		return;
	host->result = DNS_FOUND;
	host->secure = TRUE; /* it is our own word */
}

static void
append_found(GArray *addresses, const struct addrinfo *found)
{
	for (; found; found = found->ai_next) {
		DnsAddress address = { .size = found->ai_addrlen };

		if (found->ai_addrlen > sizeof(address.socket))
			continue;
		memcpy(&address.socket, found->ai_addr, found->ai_addrlen);
		getnameinfo(found->ai_addr, found->ai_addrlen, address.text,
			    sizeof(address.text), NULL, 0, NI_NUMERICHOST);
		g_array_append_val(addresses, address);
	}
}

/*
 * Name services of the system (nsswitch.conf) keep no limits of ours.
 * Nothing can be told from a signal handler; the engine sees a worker that
 * ended before it began, and that costs no try.
 */
static void
find_by_system(DnsHost *host)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
					.ai_flags = AI_ADDRCONFIG };
	struct addrinfo *found = NULL;
	int result;

	alarm(DNS_SECONDS);
	result = getaddrinfo(host->name, NULL, &hints, &found);
	alarm(0);
	if (result == 0) {
		append_found(host->addresses, found);
		freeaddrinfo(found);
		host->result = DNS_FOUND;
	} else if (result == EAI_NONAME || result == EAI_NODATA ||
		   result == EAI_ADDRFAMILY) {
		if (host->result == DNS_NONE)
			host->result = DNS_NO_NAME;
	} else {
		host->result = DNS_AWAY;
	}
}

static void
take_addresses(DnsHost *host, const DnsAnswer *answer)
{
	for (guint i = 0; i < answer->records->len; i++) {
		const DnsRecord *record = answer->records->pdata[i];

		g_array_append_val(host->addresses, record->address);
	}
}

/*
 * Of A and AAAA. There is no address only when both say so; what could not
 * be learnt may be there. The order of DnsResult is that of knowing more.
 */
static void
take_answers(DnsHost *host, const DnsAnswer *six, const DnsAnswer *four)
{
	const DnsAnswer *better = six->result > four->result ? six : four;
	const DnsAnswer *worse = better == six ? four : six;

	take_addresses(host, six);
	take_addresses(host, four);
	host->result = better->result == DNS_FOUND ? DNS_FOUND
						   : worse->result;
	host->secure = better->secure &&
		       (worse->secure || worse->result <= DNS_FAILED);
	if (better->canonical) {
		g_free(host->canonical);
		host->canonical = g_strdup(better->canonical);
	}
}

/* Those of @hosts that are not found yet and have @word at @place. */
static GPtrArray *
hosts_at(const DnsLookup *lookup, GPtrArray *hosts, guint place,
	 const char *word)
{
	GPtrArray *chosen = g_ptr_array_new();

	for (guint i = 0; i < hosts->len; i++) {
		DnsHost *host = hosts->pdata[i];
		const char *const *order = order_for(lookup, host);

		if (host->result != DNS_FOUND &&
		    place < g_strv_length((char **)order) &&
		    g_str_equal(order[place], word))
			g_ptr_array_add(chosen, host);
	}
	return chosen;
}

static gboolean
find_by_dns(const DnsLookup *lookup, GPtrArray *hosts)
{
	g_autoptr(GPtrArray) answers = g_ptr_array_new_with_free_func(
		(GDestroyNotify)dns_answer_free);

	if (hosts->len == 0)
		return TRUE;
	for (guint i = 0; i < hosts->len; i++) {
		const DnsHost *host = hosts->pdata[i];

		g_ptr_array_add(answers,
				dns_answer_new(host->name, DNS_TYPE_AAAA));
		g_ptr_array_add(answers,
				dns_answer_new(host->name, DNS_TYPE_A));
	}
	if (!dns_ask(lookup->servers, answers, lookup->watched))
		return FALSE;
	for (guint i = 0; i < hosts->len; i++)
		take_answers(hosts->pdata[i], answers->pdata[2 * i],
			     answers->pdata[2 * i + 1]);
	return TRUE;
}

/* The n-th way of each. */
static gboolean
find_at(const DnsLookup *lookup, GPtrArray *hosts, guint place)
{
	g_autoptr(GPtrArray) file = hosts_at(lookup, hosts, place, "hosts");
	g_autoptr(GPtrArray) dns = hosts_at(lookup, hosts, place, "dns");
	g_autoptr(GPtrArray) rest = hosts_at(lookup, hosts, place, "system");

	for (guint i = 0; i < file->len; i++)
		find_in_file(file->pdata[i]);
	for (guint i = 0; i < rest->len; i++)
		find_by_system(rest->pdata[i]);
	return find_by_dns(lookup, dns);
}

/* Whether the kernel knows a way there: this sends nothing. */
static gboolean
is_reachable(const DnsAddress *address)
{
	DnsAddress there = *address;
	int fd = socket(address->socket.any.sa_family,
			SOCK_DGRAM | SOCK_CLOEXEC, 0);
	gboolean reachable;

	if (fd < 0)
		return FALSE;
	/* The port stands at the same place in both families. */
	there.socket.in.sin_port = htons(1);
	reachable = connect(fd, &there.socket.any, there.size) == 0;
	close(fd);
	return reachable;
}

static void
put_in_order(DnsHost *host)
{
	g_autofree gboolean *reachable =
		g_new(gboolean, host->addresses->len + 1);

	for (guint i = 0; i < host->addresses->len; i++)
		reachable[i] = is_reachable(
			&g_array_index(host->addresses, DnsAddress, i));
	dns_order_addresses(host->addresses, reachable);
	if (host->addresses->len > DNS_MAX_ADDRESSES)
		g_array_set_size(host->addresses, DNS_MAX_ADDRESSES);
}

/* An address is found without any question. */
static void
find_by_itself(DnsHost *host)
{
	DnsAddress address;

	if (!dns_address_parse(host->name, &address))
		return;
	g_array_append_val(host->addresses, address);
	host->result = DNS_FOUND;
	host->secure = TRUE;
}

gboolean
dns_find_hosts(const DnsLookup *lookup, GPtrArray *hosts)
{
	guint ways = lookup->order ? g_strv_length(lookup->order) : 0;

	for (guint i = 0; i < hosts->len; i++)
		find_by_itself(hosts->pdata[i]);
	for (guint place = 0; place < MAX(ways, 2); place++)
		if (!find_at(lookup, hosts, place))
			return FALSE;
	for (guint i = 0; i < hosts->len; i++)
		put_in_order(hosts->pdata[i]);
	return TRUE;
}
