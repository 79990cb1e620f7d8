// SPDX-License-Identifier: GPL-2.0-or-later
#include "common/text.h"

#include <string.h>

#define REPLACEMENT 0xfffd
#define ID_DIGITS_MIN 5
#define ID_DIGITS_MAX 13
#define ID_TAIL 4
#define NEAREST_LENGTH_MAX 64
#define NEAREST_DISTANCE_MAX 2

static const char id_digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/*
 * A bidirectional override can make "evil.exe" of "exe.live", an isolate
 * can carry it past the end of the field: neither has a use in one line
 * that we show. Plain direction marks only help real right-to-left names.
 */
static gboolean
is_harmful(gunichar c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 ||
	       c == 0x2029 || (c >= 0x202a && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069);
}

static gunichar
made_harmless(gunichar c)
{
	if (c == '\t' || c == '\r' || c == '\n')
		return ' ';
	return is_harmful(c) ? REPLACEMENT : c;
}

char *
text_harmless_bytes(const void *bytes, gsize size)
{
	const char *at = bytes, *end = at + size;
	GString *line = g_string_sized_new(size);

	while (at < end) {
		gunichar c = '\0';

		/* The validating reader takes NUL for the end of its text. */
		if (*at)
			c = g_utf8_get_char_validated(at, end - at);
		if (!c || c >= (gunichar)-2) {
			g_string_append_unichar(line, REPLACEMENT);
			at++;
			continue;
		}
		g_string_append_unichar(line, made_harmless(c));
		at = g_utf8_next_char(at);
	}
	return g_string_free(line, FALSE);
}

char *
text_harmless(const char *text)
{
	return text_harmless_bytes(text, strlen(text));
}

char *
text_harmless_clipped(const char *text, guint characters)
{
	g_autofree char *line = text_harmless(text);
	GString *clipped;

	if (g_utf8_strlen(line, -1) <= (glong)characters)
		return g_steal_pointer(&line);
	clipped = g_string_new_len(
		line, g_utf8_offset_to_pointer(line, characters) - line);
	g_string_append(clipped, "…");
	return g_string_free(clipped, FALSE);
}

const char *
text_id(guint64 id, char buffer[TEXT_ID_SIZE])
{
	char *at = buffer + TEXT_ID_SIZE - 1;
	guint digits = 0;

	*at = '\0';
	while (id || digits < ID_DIGITS_MIN) {
		if (digits++ == ID_TAIL)
			*--at = '-';
		*--at = id_digits[id & 31];
		id >>= 5;
	}
	memmove(buffer, at, strlen(at) + 1);
	return buffer;
}

static int
id_digit_value(char c)
{
	const char *found;

	c = g_ascii_toupper(c);
	if (c == 'I' || c == 'L')
		c = '1';
	if (c == 'O')
		c = '0';
	found = c ? strchr(id_digits, c) : NULL;
	return found ? (int)(found - id_digits) : -1;
}

gboolean
text_parse_id(const char *text, guint64 *ret_id)
{
	gsize length = strlen(text);
	guint64 id = 0;

	if (length == 0 || length > ID_DIGITS_MAX + 1)
		return FALSE;
	for (gsize i = 0; i < length; i++) {
		int value = id_digit_value(text[i]);

		if (text[i] == '-' && i > 0 && length - i == ID_TAIL + 1)
			continue;
		if (value < 0 || id > G_MAXUINT64 >> 5)
			return FALSE;
		id = id << 5 | value;
	}
	*ret_id = id;
	return TRUE;
}

char *
text_size(guint64 bytes)
{
	static const char units[] = "KMGTPE";
	guint shift = 0, tenths;

	if (bytes < 1024)
		return g_strdup_printf("%u", (guint)bytes);
	while (bytes >> shift >= 1024)
		shift += 10;
	tenths = (bytes >> (shift - 10) & 1023) * 10 / 1024;
	if (bytes >> shift < 10 && tenths > 0)
		return g_strdup_printf("%u.%u%c", (guint)(bytes >> shift),
				       tenths, units[shift / 10 - 1]);
	return g_strdup_printf("%u%c", (guint)(bytes >> shift),
			       units[shift / 10 - 1]);
}

char *
text_age(gint64 seconds)
{
	static const struct {
		gint64 length;
		char letter;
	} units[] = { { 86400, 'd' }, { 3600, 'h' }, { 60, 'm' } };

	for (guint i = 0; i < G_N_ELEMENTS(units); i++)
		if (seconds >= units[i].length)
			return g_strdup_printf(
				"%" G_GINT64_FORMAT "%c",
				seconds / units[i].length, units[i].letter);
	return g_strdup_printf("%ds", (int)MAX(seconds, 0));
}

/* Digits, then at most one letter of @letters: number times its factor. */
static gboolean
parse_scaled(const char *text, const char *letters, const guint64 *factors,
	     guint64 limit, guint64 *ret_value)
{
	guint64 value = 0, factor = 1;
	const char *at = text, *letter;

	for (; g_ascii_isdigit(*at); at++) {
		if (value > (limit - (*at - '0')) / 10)
			return FALSE;
		value = value * 10 + (*at - '0');
	}
	if (at == text)
		return FALSE;
	if (*at) {
		letter = strchr(letters, g_ascii_toupper(*at));
		if (!letter || at[1])
			return FALSE;
		factor = factors[letter - letters];
	}
	if (value > limit / factor)
		return FALSE;
	*ret_value = value * factor;
	return TRUE;
}

gboolean
text_parse_duration(const char *text, gint64 *ret_seconds)
{
	static const guint64 factors[] = { 1, 60, 3600, 86400, 7 * 86400 };
	guint64 value;

	if (!parse_scaled(text, "SMHDW", factors, G_MAXINT64, &value))
		return FALSE;
	*ret_seconds = value;
	return TRUE;
}

gboolean
text_parse_size(const char *text, guint64 *ret_bytes)
{
	static const guint64 factors[] = { G_GUINT64_CONSTANT(1) << 10,
					   G_GUINT64_CONSTANT(1) << 20,
					   G_GUINT64_CONSTANT(1) << 30,
					   G_GUINT64_CONSTANT(1) << 40 };

	return parse_scaled(text, "KMGT", factors, G_MAXUINT64, ret_bytes);
}

/*
 * Edit distance with neighbours swapped counting as one slip, letters
 * compared without case. Both words fit NEAREST_LENGTH_MAX.
 */
static guint
edit_distance(const char *a, const char *b)
{
	guint rows[3][NEAREST_LENGTH_MAX + 1];
	gsize length_a = strlen(a), length_b = strlen(b);

	for (gsize j = 0; j <= length_b; j++)
		rows[0][j] = j;
	for (gsize i = 1; i <= length_a; i++) {
		guint *row = rows[i % 3], *above = rows[(i - 1) % 3];

		row[0] = i;
		for (gsize j = 1; j <= length_b; j++) {
			char x = g_ascii_tolower(a[i - 1]);
			char y = g_ascii_tolower(b[j - 1]);
			guint best = above[j - 1] + (x != y);

			best = MIN(best, MIN(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 &&
			    x == g_ascii_tolower(b[j - 2]) &&
			    y == g_ascii_tolower(a[i - 2]))
				best = MIN(best,
					   rows[(i - 2) % 3][j - 2] + 1);
			row[j] = best;
		}
	}
	return rows[length_a % 3][length_b];
}

const char *
text_nearest(const char *word, const char *const *words)
{
	guint best = MIN(NEAREST_DISTANCE_MAX, strlen(word) / 2) + 1;
	const char *nearest = NULL;

	if (strlen(word) > NEAREST_LENGTH_MAX)
		return NULL;
	for (; *words; words++) {
		guint distance;

		if (strlen(*words) > NEAREST_LENGTH_MAX)
			continue;
		distance = edit_distance(word, *words);
		if (distance < best) {
			best = distance;
			nearest = *words;
		}
	}
	return nearest;
}
