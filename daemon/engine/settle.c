// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/settle.h"

#include <string.h>

#include "daemon/engine/network.h"

void
settle_init(Settle *settle)
{
	*settle = (Settle){ 0 };
}

void
settle_note(Settle *settle, gint64 now_ms)
{
	if (!settle->pending)
		settle->first_change = now_ms;
	settle->pending = TRUE;
	settle->last_change = now_ms;
}

gint64
settle_due(const Settle *settle, gboolean complete, gboolean awaited)
{
	gint64 quiet = complete ? SETTLE_QUIET_KNOWN_MS : SETTLE_QUIET_MS;

	if (!settle->pending)
		return -1;
	if (settle->switched && settle->last_change - settle->last_switch <
					SETTLE_FLAPPING_MS)
		quiet = SETTLE_QUIET_FLAPPING_MS;
	/* The first moments after joining lose packets, the ARP one too. */
	if (awaited)
		quiet = SETTLE_AWAITED_MS;
	return MIN(settle->last_change + quiet,
		   settle->first_change + SETTLE_CHURN_MS);
}

void
settle_done(Settle *settle, gboolean switched, gint64 now_ms)
{
	settle->pending = FALSE;
	if (!switched)
		return;
	settle->switched = TRUE;
	settle->last_switch = now_ms;
}

Pin *
pin_new(PinKind kind, const char *profile, gint64 until, const char *place)
{
	Pin *pin = g_new0(Pin, 1);

	pin->kind = kind;
	pin->profile = g_strdup(kind == PIN_NONE ? "" : profile);
	pin->until = kind == PIN_UNTIL_TIME ? until : 0;
	pin->place = g_strdup(place);
	return pin;
}

void
pin_free(Pin *pin)
{
	if (!pin)
		return;
	g_free(pin->profile);
	g_free(pin->place);
	g_free(pin);
}

gboolean
pin_holds(const Pin *pin, const char *place, gint64 now)
{
	if (!pin)
		return FALSE;
	switch (pin->kind) {
	case PIN_NONE:
		return FALSE;
	case PIN_UNTIL_NETWORK:
		return !*place || network_place_same(pin->place, place);
	case PIN_UNTIL_TIME:
		return now < pin->until;
	case PIN_UNTIL_CHANGED:
		return TRUE;
	}
	return FALSE;
}

gint64
pin_ends(const Pin *pin)
{
	return pin && pin->kind == PIN_UNTIL_TIME ? pin->until : 0;
}

char *
pin_describe(const Pin *pin)
{
	g_autoptr(GDateTime) end = NULL;

	switch (pin->kind) {
	case PIN_NONE:
		return g_strdup("");
	case PIN_UNTIL_NETWORK:
		return g_strdup("until the network changes");
	case PIN_UNTIL_CHANGED:
		return g_strdup("until changed by hand");
	case PIN_UNTIL_TIME:
		end = g_date_time_new_from_unix_local(pin->until);
		if (!end)
			return g_strdup("for a time");
		return g_date_time_format(end, "until %Y-%m-%d %H:%M");
	}
	return NULL;
}

static const char *const kinds[] = {
	[PIN_NONE] = "none",
	[PIN_UNTIL_NETWORK] = "network",
	[PIN_UNTIL_TIME] = "time",
	[PIN_UNTIL_CHANGED] = "changed",
};

const char *
pin_kind_name(PinKind kind)
{
	return kinds[kind];
}

gboolean
pin_kind_from_name(const char *name, PinKind *ret_kind)
{
	for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
		if (!g_str_equal(name, kinds[i]))
			continue;
		*ret_kind = i;
		return TRUE;
	}
	return FALSE;
}

/* The place comes last: it may hold blanks, but never a line's end. */
char *
pin_to_text(const Pin *pin)
{
	return g_strdup_printf("profile %s\nuntil %s %" G_GINT64_FORMAT
			       "\nplace %s\n",
			       pin->profile, pin_kind_name(pin->kind),
			       pin->until, pin->place);
}

/* The rest of @line after @word and a blank, or NULL. */
static const char *
after(const char *line, const char *word)
{
	gsize length = strlen(word);

	if (!line || strncmp(line, word, length) != 0 || line[length] != ' ')
		return NULL;
	return line + length + 1;
}

Pin *
pin_from_text(const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	g_auto(GStrv) until = NULL;
	const char *values[3] = { NULL };
	static const char *const words[] = { "profile", "until", "place" };
	PinKind kind;
	gint64 time;

	for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
		if (g_strv_length(lines) <= i)
			return NULL;
		values[i] = after(lines[i], words[i]);
		if (!values[i])
			return NULL;
	}
	until = g_strsplit(values[1], " ", -1);
	if (g_strv_length(until) != 2 ||
	    !pin_kind_from_name(until[0], &kind) ||
	    !g_ascii_string_to_signed(until[1], 10, 0, G_MAXINT64, &time,
				      NULL))
		return NULL;
	return pin_new(kind, values[0], time, values[2]);
}
