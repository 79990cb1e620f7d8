// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/network-read.h"

#include <string.h>

#define ELEMENT_SSID 0
#define ELEMENT_RSN 48
#define ELEMENT_VENDOR 221
#define CAPABILITY_PRIVACY 0x10
#define SUITE_SIZE 4

static const guint8 wpa_vendor[] = { 0x00, 0x50, 0xf2, 0x01 };

/* The AKM suites we can tell apart; the rest is unknown. */
static WifiSecurity
suite_security(const guint8 *suite)
{
	/* WPA 1 numbers its two as RSN does. */
	switch (suite[SUITE_SIZE - 1]) {
	case 1: /* 802.1X */
	case 3: /* FT 802.1X */
	case 5: /* 802.1X SHA-256 */
	case 11: /* Suite B */
	case 12:
	case 13:
		return WIFI_ENTERPRISE;
	case 2: /* PSK */
	case 4: /* FT PSK */
	case 6: /* PSK SHA-256 */
		return WIFI_PSK;
	case 8: /* SAE */
	case 9: /* FT SAE */
	case 24:
	case 25:
		return WIFI_SAE;
	case 18:
		return WIFI_OWE;
	}
	return WIFI_UNKNOWN;
}

static guint16
little_endian(const guint8 *bytes)
{
	return bytes[0] | bytes[1] << 8;
}

/*
 * An RSN element's body after its version: group suite, pairwise suites,
 * AKM suites. Where several AKMs are offered nobody tells which was used:
 * take the one that promises least.
 */
static WifiSecurity
read_suites(const guint8 *body, gsize size)
{
	WifiSecurity weakest = WIFI_UNKNOWN;
	gsize at = SUITE_SIZE;
	guint count;

	if (size < at + 2)
		return WIFI_UNKNOWN;
	at += 2 + SUITE_SIZE * little_endian(body + at);
	if (size < at + 2)
		return WIFI_UNKNOWN;
	count = little_endian(body + at);
	at += 2;
	for (; count > 0 && size >= at + SUITE_SIZE;
	     count--, at += SUITE_SIZE) {
		WifiSecurity each = suite_security(body + at);

		if (each != WIFI_UNKNOWN &&
		    (weakest == WIFI_UNKNOWN || each < weakest))
			weakest = each;
	}
	return weakest;
}

static void
read_ssid(const guint8 *body, gsize size, NetWifi *wifi)
{
	gboolean hidden = TRUE;

	for (gsize i = 0; i < size; i++)
		hidden = hidden && body[i] == 0;
	if (hidden || size > NETWORK_SSID_SIZE)
		return;
	memset(wifi->ssid, 0, sizeof(wifi->ssid));
	memcpy(wifi->ssid, body, size);
	wifi->ssid_length = size;
}

void
network_read_elements(const guint8 *elements, gsize size,
		      guint16 capability, NetWifi *wifi)
{
	gboolean rsn = FALSE;

	wifi->security = capability & CAPABILITY_PRIVACY ? WIFI_WEP :
							   WIFI_OPEN;
	while (size >= 2 && size - 2 >= elements[1]) {
		const guint8 *body = elements + 2;
		gsize length = elements[1];

		if (elements[0] == ELEMENT_SSID)
			read_ssid(body, length, wifi);
		if (elements[0] == ELEMENT_RSN && length > 2) {
			wifi->security = read_suites(body + 2, length - 2);
			rsn = TRUE;
		}
		if (elements[0] == ELEMENT_VENDOR && !rsn &&
		    length > sizeof(wpa_vendor) + 2 &&
		    memcmp(body, wpa_vendor, sizeof(wpa_vendor)) == 0)
			wifi->security = read_suites(
				body + sizeof(wpa_vendor) + 2,
				length - sizeof(wpa_vendor) - 2);
		elements += 2 + length;
		size -= 2 + length;
	}
}

static void
set_domains(char **words, NetworkState *state)
{
	g_ptr_array_set_size(state->domains, 0);
	for (; *words; words++)
		if (**words && !g_str_equal(*words, "."))
			network_state_add_domain(state, *words);
}

void
network_read_resolv(const char *text, NetworkState *state)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (char **line = lines; *line; line++) {
		g_auto(GStrv) words = NULL;

		g_strdelimit(*line, "\t\r", ' ');
		words = g_strsplit(g_strstrip(*line), " ", -1);
		if (!words[0] || !words[1])
			continue;
		if (g_str_equal(words[0], "search") ||
		    g_str_equal(words[0], "domain"))
			set_domains(words + 1, state);
		else if (g_str_equal(words[0], "nameserver"))
			network_state_add_server(
				state, words[g_strv_length(words) - 1]);
	}
}
