// SPDX-License-Identifier: GPL-2.0-or-later
#include "common/address.h"

#include <arpa/inet.h>
#include <string.h>

G_DEFINE_QUARK(masqmail-address-error, address_error)

#define LITERAL_MAX 64
#define IPV6_TAG "IPv6:"

static gboolean
is_atext(char c)
{
	return g_ascii_isalnum(c) ||
	       (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

/*
 * Bytes of one character allowed beyond ASCII: valid UTF-8 that is no
 * control (U+0080..U+009F), so that no address can steer a terminal.
 */
static gsize
scan_utf8(const char *text)
{
	gunichar c;

	if (!(*text & 0x80))
		return 0;
	c = g_utf8_get_char_validated(text, -1);
	if (c >= (gunichar)-2 || c < 0xa0)
		return 0;
	return g_utf8_next_char(text) - text;
}

static gsize
scan_atom(const char *text)
{
	gsize n = 0, more;

	while ((more = is_atext(text[n]) ? 1 : scan_utf8(text + n)))
		n += more;
	return n;
}

static gsize
scan_quoted(const char *text)
{
	gsize n = 1, more;

	if (text[0] != '"')
		return 0;
	while (text[n] != '"') {
		if (text[n] == '\\' && text[n + 1] >= ' ' &&
		    text[n + 1] < 0x7f)
			more = 2;
		else if (text[n] >= ' ' && text[n] < 0x7f &&
			 text[n] != '\\')
			more = 1;
		else
			more = scan_utf8(text + n);
		if (!more)
			return 0;
		n += more;
	}
	return n + 1;
}

gsize
address_scan_local(const char *text)
{
	gsize n = scan_quoted(text), more;

	if (n == 0) {
		n = scan_atom(text);
		while (n > 0 && text[n] == '.') {
			more = scan_atom(text + n + 1);
			if (more == 0)
				return 0;
			n += 1 + more;
		}
	}
	return n <= ADDRESS_LOCAL_MAX ? n : 0;
}

static gsize
scan_literal(const char *text)
{
	char inside[LITERAL_MAX];
	gsize n = strcspn(text, "]");
	guint8 address[sizeof(struct in6_addr)];

	if (text[n] != ']' || n > sizeof(inside))
		return 0;
	memcpy(inside, text + 1, n - 1);
	inside[n - 1] = '\0';
	if (inet_pton(AF_INET, inside, address) == 1)
		return n + 1;
	if (g_ascii_strncasecmp(inside, IPV6_TAG, strlen(IPV6_TAG)) != 0 ||
	    inet_pton(AF_INET6, inside + strlen(IPV6_TAG), address) != 1)
		return 0;
	return n + 1;
}

/* The underscore is no host name by RFC 1123, but laptops are so named. */
static gsize
scan_label(const char *text)
{
	gsize n = 0, more;

	if (*text == '-')
		return 0;
	while ((more = g_ascii_isalnum(text[n]) || text[n] == '-' ||
				       text[n] == '_' ?
			       1 :
			       scan_utf8(text + n)))
		n += more;
	if (n == 0 || text[n - 1] == '-' || n > ADDRESS_LABEL_MAX)
		return 0;
	return n;
}

gsize
address_scan_domain(const char *text)
{
	gsize n, more;

	if (*text == '[')
		return scan_literal(text);
	n = scan_label(text);
	while (n > 0 && text[n] == '.') {
		more = scan_label(text + n + 1);
		if (more == 0)
			return 0;
		n += 1 + more;
	}
	return n <= ADDRESS_DOMAIN_MAX ? n : 0;
}

gboolean
address_is_valid(const char *address)
{
	gsize local = address_scan_local(address), domain;

	if (local == 0 || address[local] != '@')
		return FALSE;
	domain = address_scan_domain(address + local + 1);
	return domain > 0 && address[local + 1 + domain] == '\0';
}

gboolean
address_is_valid_or_local(const char *address)
{
	gsize local = address_scan_local(address);

	return (local > 0 && address[local] == '\0') ||
	       address_is_valid(address);
}

/*
 * A domain has no '@' and no quote, not even as an address literal, so the
 * last '@' is the one: unless the whole is one quoted local part.
 */
const char *
address_domain(const char *address)
{
	const char *at = strrchr(address, '@');

	if (!at || strchr(at, '"'))
		return address + strlen(address);
	return at + 1;
}

static gsize
local_size(const char *address)
{
	const char *domain = address_domain(address);

	return *domain ? (gsize)(domain - 1 - address) : strlen(address);
}

char *
address_local(const char *address)
{
	gsize size = local_size(address);
	GString *local;

	if (size < 2 || address[0] != '"' || address[size - 1] != '"')
		return g_strndup(address, size);
	local = g_string_sized_new(size);
	for (gsize i = 1; i + 1 < size; i++) {
		if (address[i] == '\\' && i + 2 < size)
			i++;
		g_string_append_c(local, address[i]);
	}
	return g_string_free(local, FALSE);
}

static gboolean
needs_quotes(const char *local)
{
	gsize size = *local == '"' ? 0 : address_scan_local(local);

	return size == 0 || local[size] != '\0';
}

char *
address_join(const char *local, const char *domain)
{
	GString *address = g_string_new(NULL);

	if (!needs_quotes(local)) {
		g_string_append(address, local);
	} else {
		g_string_append_c(address, '"');
		for (; *local; local++) {
			if (*local == '"' || *local == '\\')
				g_string_append_c(address, '\\');
			g_string_append_c(address, *local);
		}
		g_string_append_c(address, '"');
	}
	if (*domain)
		g_string_append_printf(address, "@%s", domain);
	return g_string_free(address, FALSE);
}

char *
address_simplest(const char *address)
{
	g_autofree char *local = address_local(address);

	if (*address == '\0')
		return g_strdup("");
	return address_join(local, address_domain(address));
}

char *
address_qualify(const char *address, const char *domain)
{
	if (*address == '\0' || *domain == '\0' || *address_domain(address))
		return g_strdup(address);
	return g_strdup_printf("%s@%s", address, domain);
}

static gboolean
domains_equal(const char *a, const char *b)
{
	return g_ascii_strcasecmp(address_domain(a), address_domain(b)) == 0;
}

gboolean
address_equal(const char *a, const char *b)
{
	g_autofree char *local_a = address_local(a);
	g_autofree char *local_b = address_local(b);

	return domains_equal(a, b) && g_str_equal(local_a, local_b);
}

gboolean
address_equal_locally(const char *a, const char *b)
{
	g_autofree char *local_a = address_local(a);
	g_autofree char *local_b = address_local(b);

	return domains_equal(a, b) &&
	       g_ascii_strcasecmp(local_a, local_b) == 0;
}

gboolean
address_domain_in(const char *domain, const char *const *domains)
{
	for (; domains && *domains; domains++)
		if (g_ascii_strcasecmp(domain, *domains) == 0)
			return TRUE;
	return FALSE;
}

static gsize
character_size(const char *text)
{
	gsize n = scan_utf8(text);

	return n > 0 ? n : 1;
}

/*
 * Only the last '*' can ever need another try: what stood before it fits
 * already, and an earlier one could only take away from it.
 */
gboolean
address_matches(const char *address, const char *pattern)
{
	const char *star = NULL, *resume = NULL;

	while (*address) {
		if (*pattern == '*') {
			star = ++pattern;
			resume = address;
		} else if (*pattern == '?') {
			pattern++;
			address += character_size(address);
		} else if (g_ascii_tolower(*pattern) ==
			   g_ascii_tolower(*address)) {
			pattern++;
			address++;
		} else if (star) {
			pattern = star;
			resume += character_size(resume);
			address = resume;
		} else {
			return FALSE;
		}
	}
	return pattern[strspn(pattern, "*")] == '\0';
}

gboolean
address_needs_utf8(const char *address)
{
	return !g_str_is_ascii(address);
}
