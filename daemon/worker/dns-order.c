// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker/dns-order.h"

#include <arpa/inet.h>
#include <string.h>

static void
swap(GPtrArray *records, guint one, guint other)
{
	gpointer record = records->pdata[one];

	records->pdata[one] = records->pdata[other];
	records->pdata[other] = record;
}

static gint
compare_priority(gconstpointer a, gconstpointer b)
{
	const DnsRecord *one = *(DnsRecord *const *)a;
	const DnsRecord *other = *(DnsRecord *const *)b;

	return one->priority - other->priority;
}

/* The sort is stable, so what was shuffled stays so among equals. */
void
dns_order_mx(GPtrArray *records, GRand *random)
{
	for (guint i = records->len; i > 1; i--)
		swap(records, i - 1, g_rand_int_range(random, 0, i));
	g_ptr_array_sort(records, compare_priority);
}

/* Those of one priority that are not placed yet, and their weight. */
static guint
weigh(const GPtrArray *records, guint from, guint *ret_count)
{
	const DnsRecord *first = records->pdata[from];
	guint sum = 0, at = from;

	for (; at < records->len; at++) {
		const DnsRecord *record = records->pdata[at];

		if (record->priority != first->priority)
			break;
		sum += record->weight;
	}
	*ret_count = at - from;
	return sum;
}

/* RFC 2782, "Weight": those of weight 0 stand first, and may be drawn. */
static guint
draw(const GPtrArray *records, guint from, GRand *random)
{
	guint count, sum = weigh(records, from, &count), running = 0;
	guint drawn = sum > 0 ? g_rand_int_range(random, 0, sum + 1) : 0;

	if (sum == 0)
		return from + g_rand_int_range(random, 0, count);
	for (guint i = from; i < from + count; i++) {
		const DnsRecord *record = records->pdata[i];

		running += record->weight;
		if (running >= drawn)
			return i;
	}
	return from;
}

static gint
compare_srv(gconstpointer a, gconstpointer b)
{
	const DnsRecord *one = *(DnsRecord *const *)a;
	const DnsRecord *other = *(DnsRecord *const *)b;

	if (one->priority != other->priority)
		return one->priority - other->priority;
	return (one->weight > 0) - (other->weight > 0);
}

void
dns_order_srv(GPtrArray *records, GRand *random)
{
	g_ptr_array_sort(records, compare_srv);
	for (guint i = 0; i < records->len; i++) {
		guint drawn = draw(records, i, random);
		gpointer record = records->pdata[drawn];

		/* The rest keeps its order: weight 0 stays in front. */
		memmove(records->pdata + i + 1, records->pdata + i,
			(drawn - i) * sizeof(gpointer));
		records->pdata[i] = record;
	}
}

/* The first from *@at on that is of @family and as @reachable. (nullable) */
static const DnsAddress *
next_of(const GArray *from, const gboolean *reachable, int family,
	gboolean wanted, guint *at)
{
	while (*at < from->len) {
		const DnsAddress *address =
			&g_array_index(from, DnsAddress, *at);
		gboolean is = !reachable || reachable[*at];

		(*at)++;
		if (address->socket.any.sa_family == family && is == wanted)
			return address;
	}
	return NULL;
}

static void
append_in_turns(GArray *to, const GArray *from, const gboolean *reachable,
		gboolean wanted)
{
	guint six = 0, four = 0;
	const DnsAddress *address;

	do {
		address = next_of(from, reachable, AF_INET6, wanted, &six);
		if (address)
			g_array_append_val(to, *address);
		address = next_of(from, reachable, AF_INET, wanted, &four);
		if (address)
			g_array_append_val(to, *address);
	} while (six < from->len || four < from->len);
}

void
dns_order_addresses(GArray *addresses, const gboolean *reachable)
{
	g_autoptr(GArray) sorted =
		g_array_sized_new(FALSE, FALSE, sizeof(DnsAddress),
				  addresses->len);

	append_in_turns(sorted, addresses, reachable, TRUE);
	append_in_turns(sorted, addresses, reachable, FALSE);
	g_array_set_size(addresses, 0);
	if (sorted->len > 0)
		g_array_append_vals(addresses, sorted->data, sorted->len);
}

gboolean
dns_address_parse(const char *text, DnsAddress *ret_address)
{
	DnsAddress address = { 0 };

	if (inet_pton(AF_INET, text, &address.socket.in.sin_addr) == 1) {
		address.socket.in.sin_family = AF_INET;
		address.size = sizeof(address.socket.in);
	} else if (inet_pton(AF_INET6, text,
			     &address.socket.in6.sin6_addr) == 1) {
		address.socket.in6.sin6_family = AF_INET6;
		address.size = sizeof(address.socket.in6);
	} else {
		return FALSE;
	}
	g_strlcpy(address.text, text, sizeof(address.text));
	*ret_address = address;
	return TRUE;
}

/* "ADDRESS NAME ALIAS ... # remark" */
static gboolean
line_has(const char *line, const char *name, DnsAddress *ret_address)
{
	g_autofree char *bare = g_strndup(line, strcspn(line, "#"));
	g_auto(GStrv) words = g_strsplit_set(bare, " \t\r", -1);
	const char *address = NULL;

	for (char **word = words; *word; word++) {
		if (!**word)
			continue;
		if (!address)
			address = *word;
		else if (g_ascii_strcasecmp(*word, name) == 0)
			return dns_address_parse(address, ret_address);
	}
	return FALSE;
}

gboolean
dns_hosts_find(const char *text, const char *name, GArray *addresses)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	guint before = addresses->len;

	for (char **line = lines; *line; line++) {
		DnsAddress address;

		if (line_has(*line, name, &address))
			g_array_append_val(addresses, address);
	}
	return addresses->len > before;
}
