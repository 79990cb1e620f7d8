// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Places and profiles as small texts, for the tests of what is decided by
 * them.
 */
#ifndef MASQMAIL_TESTS_PLACE_FIXTURE_H
#define MASQMAIL_TESTS_PLACE_FIXTURE_H

#include "daemon/engine/profile.h"

/*
 * (transfer full). "wlan0 wifi home psk 10.1.0.2/24 10.1.0.1 MAC 600": name,
 * type, SSID, security, address, gateway, its MAC, metric; "-" for none,
 * "?" for a MAC that is not known yet. Links are separated by "; ".
 */
NetworkState *place(const char *text);

/* The names of files, each before its text; NULL at the end. */
typedef const char *Files[9];

/* (transfer full) */
GPtrArray *profiles_of(const char *const *files);

#endif
