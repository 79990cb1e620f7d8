// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Watches the kernel's links, addresses, default routes, the gateways' MAC
 * addresses, Wi-Fi associations and resolv.conf, and keeps one NetworkState
 * of them. The only user of libnl; it only listens and reads, it configures
 * nothing and never scans. It decides nothing either: it calls back when
 * the state is another, and the caller settles. Nothing wakes when nothing
 * changes. Lives on the default main context, one per engine.
 */
#ifndef MASQMAIL_ENGINE_NETWATCH_H
#define MASQMAIL_ENGINE_NETWATCH_H

#include <glib.h>

#include "daemon/engine/network.h"

typedef struct Netwatch Netwatch;

/*
 * The state is another than at the last call; @change says how much lies
 * between. Bursts of events come as one call. @state (transfer none) is
 * valid during the call; netwatch_state() is the same afterwards.
 */
typedef void (*NetwatchChanged)(const NetworkState *state,
				NetworkChange change, gpointer user_data);

/*
 * Open the sockets, read everything once, watch. The first state is there
 * when this returns; @changed is not called for it. NULL with @error when
 * the kernel gives no rtnetlink socket; missing nl80211 is no error.
 */
Netwatch *netwatch_new(NetwatchChanged changed, gpointer user_data,
		       GError **error);
void netwatch_free(Netwatch *netwatch);

/* (transfer none): valid until the main loop runs again. */
const NetworkState *netwatch_state(const Netwatch *netwatch);

/*
 * Forget what was learnt and read everything again, as after resume; calls
 * back like any event, from the main loop.
 */
void netwatch_refresh(Netwatch *netwatch);

/*
 * Search domains that others than resolv.conf know of: copied. Calls back
 * like any event.
 */
void netwatch_set_domains(Netwatch *netwatch, const char *const *domains);

/*
 * How many bytes of events may queue unread; beyond that everything is read
 * anew. For tests of just that.
 */
void netwatch_set_buffer(Netwatch *netwatch, int bytes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Netwatch, netwatch_free)

#endif
