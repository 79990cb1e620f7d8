// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which addresses are this machine's own: those without a domain, those of
 * its mail names, and the exceptions both ways. The one place that knows;
 * the engine asks it where mail goes, the smtp-out worker which addresses
 * of a header it may rewrite. Pure: the lists come from the configuration
 * (LocalHosts, LocalAddresses, NotLocalAddresses).
 */
#ifndef MASQMAIL_COMMON_OWN_H
#define MASQMAIL_COMMON_OWN_H

#include <glib.h>

/* All borrowed and (nullable): then the list is empty. */
typedef struct {
	const char *const *names;  /* domains; the first is the host's */
	const char *const *also;   /* globs: elsewhere by name, yet ours */
	const char *const *except; /* globs: ours by name, yet elsewhere */
} OwnAddresses;

/*
 * Whether mail to @address stays here. An exception decides before the
 * names do, and "elsewhere" before "ours".
 */
gboolean own_has(const OwnAddresses *own, const char *address);

/* Whether @domain is one of @names, in whatever case and spelling (IDN). */
gboolean own_has_domain(const char *const *names, const char *domain);

/* Whether @address fits one of @globs; FALSE for none. */
gboolean own_matches(const char *const *globs, const char *address);

#endif
