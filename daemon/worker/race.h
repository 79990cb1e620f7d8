// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Connecting to a host that has several addresses: one after the other, a
 * moment apart, and the first connection that stands is taken (RFC 8305).
 * A family that this network carries nowhere costs a moment, not a minute.
 */
#ifndef MASQMAIL_WORKER_RACE_H
#define MASQMAIL_WORKER_RACE_H

#include "daemon/worker/dns-packet.h"
#include "daemon/worker/stream.h"

#define RACE_STAGGER_MS 250
#define RACE_MAX 16 /* addresses that take part */

typedef struct {
	guint16 port;
	guint seconds;         /* for all of it */
	int watched;           /* hangs up when we are to stop; -1: nothing */
	/* (nullable) of DnsAddress: families without one are left out. */
	const GArray *sources;
} RaceRules;

/*
 * Connect to one of @addresses (of DnsAddress, in order). NULL with
 * STREAM_ERROR_STOPPED, STREAM_ERROR_TIMEOUT, or the system error of the
 * first address that did not fail for the lack of a network, if there is
 * one.
 */
Stream *race_connect(const GArray *addresses, const RaceRules *rules,
		     DnsAddress *ret_winner, GError **error);

/* Whether a system error says that this network carries nothing there. */
gboolean race_is_no_network(int code);

#endif
