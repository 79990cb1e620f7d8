// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reads what strangers wrote about the network: the information elements
 * of an access point, and resolv.conf. Pure, so that it can be tested and
 * fuzzed without a kernel; netwatch calls it.
 */
#ifndef MASQMAIL_ENGINE_NETWORK_READ_H
#define MASQMAIL_ENGINE_NETWORK_READ_H

#include "daemon/engine/network.h"

/*
 * Read SSID and security of a beacon's or probe response's @elements (IEEE
 * 802.11, 9.4.2) and of its @capability field into @wifi. An SSID that is
 * empty or all zero is a hidden one and changes nothing. Broken elements
 * end the reading; what was read before them counts.
 */
void network_read_elements(const guint8 *elements, gsize size,
			   guint16 capability, NetWifi *wifi);

/*
 * Add the search domains and name servers of resolv.conf's @text. The last
 * of "search" and "domain" lines wins, as in resolv.conf(5).
 */
void network_read_resolv(const char *text, NetworkState *state);

#endif
