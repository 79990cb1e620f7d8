// SPDX-License-Identifier: GPL-2.0-or-later
#include "common/own.h"

#include "common/address.h"

/* A domain may be written in its own letters or as xn--. */
static gboolean
same_domain(const char *one, const char *other)
{
	g_autofree char *ascii_one = NULL;
	g_autofree char *ascii_other = NULL;

	if (g_ascii_strcasecmp(one, other) == 0)
		return TRUE;
	if (g_str_is_ascii(one) == g_str_is_ascii(other) &&
	    g_str_is_ascii(one))
		return FALSE;
	ascii_one = g_hostname_to_ascii(one);
	ascii_other = g_hostname_to_ascii(other);
	return ascii_one && ascii_other &&
	       g_ascii_strcasecmp(ascii_one, ascii_other) == 0;
}

gboolean
own_has_domain(const char *const *names, const char *domain)
{
	for (; names && *names; names++)
		if (same_domain(domain, *names))
			return TRUE;
	return FALSE;
}

gboolean
own_matches(const char *const *globs, const char *address)
{
	for (; globs && *globs; globs++)
		if (address_matches(address, *globs))
			return TRUE;
	return FALSE;
}

gboolean
own_has(const OwnAddresses *own, const char *address)
{
	const char *domain = address_domain(address);

	if (!*domain)
		return TRUE;
	if (own_matches(own->except, address))
		return FALSE;
	return own_has_domain(own->names, domain) ||
	       own_matches(own->also, address);
}
